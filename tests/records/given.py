"""What tests of the records start from: settings made of a line or two, and records cast from raw rows."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from pydantic import SecretStr

from dacompliance.config import RecordQueries, Settings
from dacompliance.records.cast import cast
from dacompliance.records.cells import Cells
from dacompliance.records.contract import RECORD_SETS, Kind
from dacompliance.records.intake import records_from_frames
from dacompliance.records.mapping import Reading
from dacompliance.records.table import Column, Records
from tests.helpers import LONDON, micros, when
from tests.worlds import told

NOW: Final = when("Sun 2026-11-22 08:00")
KNOWN_TO: Final = "Sun 2026-11-22 08:00"
INSTRUMENTS: Final = {"DASH-27": 27, "SafeLives-24": 24, "SHORT-3": 3}
EVERYTHING: Final = "SELECT * FROM incidents WHERE reported_at >= :since OR reported_at IS NULL"
Row = Mapping[str, object]


def objects(cells: Sequence[object]) -> np.ndarray:
    """Return cells as the array of objects that a driver's rows become."""
    return np.fromiter(cells, dtype=object, count=len(cells))


def read(kind: Kind, *cells: object, **how: Any) -> Cells:
    """Cast cells as one column of `kind`; `how` is what a Reading takes, London its zones unless it says otherwise."""
    return cast(objects(cells), Reading("column", kind, how.pop("zone", LONDON), how.pop("home", LONDON), **how))


def shown(column: Column) -> list[object]:
    """Return the cells of a column as tests write them."""
    return [told(column, row) for row in range(len(column))]


def queries(**by_set: Mapping[str, Any]) -> RecordQueries:
    """Return queries of the named sets, each with the settings given; their SQL is never asked."""
    given = {name: {"query": EVERYTHING, **by_set.get(name, {})} for name in ("incidents", *by_set)}
    return RecordQueries.model_validate(given)


def cleaned(
    incidents: Sequence[Row] = (),
    assessments: Sequence[Row] | None = None,
    referrals: Sequence[Row] | None = None,
    staff: Sequence[Row] | None = None,
    *,
    how: Mapping[str, Mapping[str, Any]] | None = None,
    keep: frozenset[str] = frozenset(),
    known_to: str = KNOWN_TO,
) -> Records:
    """Return records from raw rows of each set, a column for each that any row names; `how` is their queries' settings."""
    given = {"incidents": incidents, "assessments": assessments, "referrals": referrals, "staff": staff}
    frames = {name: frame(name, rows) for name, rows in given.items() if rows is not None}
    asked = queries(**{name: (how or {}).get(name, {}) for name in frames})
    return records_from_frames(frames, asked, LONDON, dict.fromkeys(frames, micros(known_to)), INSTRUMENTS, keep)


def frame(record_set: str, rows: Sequence[Row]) -> pd.DataFrame:
    """Return raw rows as a frame with the required columns and every column that a row names."""
    required = [spec.name for spec in RECORD_SETS[record_set].columns if spec.required]
    names = list(dict.fromkeys([*required, *(name for row in rows for name in row)]))
    return pd.DataFrame({name: objects([row.get(name) for row in rows]) for name in names}, columns=names)


def found(records: Records) -> list[tuple[str, str, str, str]]:
    """Return the findings as tuples: record set, key, column, finding."""
    return list(records.findings.itertuples(index=False, name=None))


def cells(records: Records, record_set: str, column: str) -> dict[str, object]:
    """Return a column of a record set by key, cells as tests write them."""
    table = records.table(record_set)
    return dict(zip(table.keys, shown(table.columns[column]), strict=True))


def settings(folder: Path, url: str, records: Mapping[str, Any], **source: Any) -> Settings:
    """Return settings for a source at `url`, read by these queries."""
    made = Settings.model_validate(
        {
            "folder": folder,
            "force": {"name": "Westmark Police"},
            "source": {"url": url, "records_from": dt.date(2026, 1, 1), **source},
            "records": records,
            "readers": {"unit": "unit@westmark.example", "fallback": "lead@westmark.example"},
            "mail": {"sender": "monitor@westmark.example"},
        }
    )
    return made.model_copy(update={"secrets": {"source_url": SecretStr(url)}})


def sqlite_file(folder: Path, script: str) -> str:
    """Make a SQLite file by a script and return its address."""
    path = folder / "force.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(script)
    connection.close()
    return f"sqlite:///{path}"
