"""Records for tests, written as a person would: a dict a row, times as `Mon 2026-11-02 21:10`.

A time without a clock time is a date without a time; `UNREADABLE` is a cell that could not be read; a column not
given is missing. Nothing here goes through a database: `tests/records` holds the door itself to account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.judging.items import World, build
from dacompliance.records.contract import DERIVED, RECORD_SETS, Kind
from dacompliance.records.table import MISSING, Column, Records, Table, words_column
from tests.helpers import LONDON, micros

UNREADABLE: Final = "unreadable!"
Row = Mapping[str, object]


def column(kind: Kind, cells: Sequence[object]) -> Column:
    """Make a column of the contract from cells as a test writes them."""
    bad = np.array([cell == UNREADABLE for cell in cells], dtype=bool)
    unreadable = bad if bad.any() else None
    plain = [None if cell == UNREADABLE else cell for cell in cells]
    if kind.is_words:
        words = words_column([None if cell is None else str(cell) for cell in plain], kind)
        return Column(kind, words.values, words.words, unreadable)
    if kind is Kind.NUMBER:
        return Column(
            kind, np.array([MISSING if c is None else int(str(c)) for c in plain], dtype=np.int64), (), unreadable
        )
    days = np.array([isinstance(cell, str) and ":" not in cell for cell in plain], dtype=bool)
    values = [micros(f"{cell} 00:00" if day else cell) for cell, day in zip(plain, days, strict=True)]  # type: ignore[arg-type]
    return Column(kind, np.array(values, dtype=np.int64), (), unreadable, days if days.any() else None)


def table(record_set: str, rows: Iterable[Row], own: Mapping[str, Kind] | None = None) -> Table:
    """Make a record set from rows; the columns mapped are those any row names."""
    rows, contract = list(rows), RECORD_SETS[record_set]
    kinds = {spec.name: spec.kind for spec in contract.columns} | dict(DERIVED[record_set]) | dict(own or {})
    names = sorted({name for row in rows for name in row} - {contract.key})
    keys = np.array([str(row[contract.key]) for row in rows], dtype=object)
    return Table(keys, {name: column(kinds[name], [row.get(name) for row in rows]) for name in names})


def records(
    incidents: Iterable[Row] = (),
    assessments: Iterable[Row] = (),
    referrals: Iterable[Row] = (),
    staff: Iterable[Row] = (),
    own: Mapping[str, Kind] | None = None,
) -> Records:
    """Make records from rows of each set; `own` are a force's own columns of incidents."""
    return Records(
        table("incidents", incidents, own),
        table("assessments", assessments),
        table("referrals", referrals),
        table("staff", staff),
        {},
        pd.DataFrame(columns=["record_set", "key", "column", "finding"]),
    )


def world(as_at: str, **sets: Iterable[Row]) -> World:
    """Make the world as at a local London time, from rows as `records` takes them."""
    return build(records(**sets), micros(as_at), LONDON)  # type: ignore[arg-type]


def told(cells: Column, row: int = 0) -> object:
    """Return one cell as a test reads it: None for missing, UNREADABLE, a word, a number or local wall time."""
    if cells.unread[row]:
        assert not cells.present[row], "what cannot be read has no value"
        return UNREADABLE
    if not cells.present[row]:
        return None
    if cells.kind.is_words:
        return cells.words[int(cells.values[row])]
    if cells.kind is Kind.NUMBER:
        return int(cells.values[row])
    local = pd.Timestamp(int(cells.values[row]), unit="us", tz="UTC").tz_convert(LONDON)
    return local.strftime("%a %Y-%m-%d" if cells.days[row] else "%a %Y-%m-%d %H:%M")
