"""Records as canonical JSON, and back again, cell for cell. Pure: no database, no clock.

A record's body is one JSON object: sorted keys, no blanks, ASCII, so that the same content is the same text on any
database. A missing cell is left out; an unreadable one is null; an instant is "2026-11-02T21:10:00Z" (microseconds only
when there are any), a date without a time "2026-11-02" in the force's zone; a number is a number, a word a string.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dacompliance.ledger.arrows import columns_of
from dacompliance.localtime import DAY, day_start, local_day
from dacompliance.records.contract import RECORD_SETS, Kind
from dacompliance.records.table import (
    FINDING_COLUMNS,
    MISSING,
    BoolArray,
    Column,
    IntArray,
    Records,
    Table,
    TextArray,
    words_column,
)

FINDINGS: Final = "findings"

Cells = dict[str, Any]
"""A record's body, read: the cells it has."""

Shape = Mapping[str, Mapping[str, Kind]]
"""Which columns of each record set are kept, and their kinds."""

_TIMES: Final = "times"
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """The rows of one record set. A body is made when its row is asked for: never all of a set at once."""

    record_set: str
    table: Table
    columns: Sequence[str]
    zone: ZoneInfo

    def __len__(self) -> int:
        return len(self.table)

    @property
    def keys(self) -> TextArray:
        """The key of each row."""
        return self.table.keys

    def texts(self, rows: IntArray) -> list[str]:
        """Return the bodies of some rows."""
        cells = [_cells(name, self.table.columns[name].take(rows), self.zone) for name in sorted(self.columns)]
        lines = zip(*cells, strict=True) if cells else [()] * len(rows)
        return ["{" + ",".join(filter(None, line)) + "}" for line in lines]

    def incident_refs(self, rows: IntArray) -> list[str | None]:
        """Return the incident that each of some rows belongs to; None for staff and findings."""
        if self.record_set == "incidents":
            return list(self.keys[rows])
        if self.record_set in ("staff", FINDINGS):
            return [None] * len(rows)
        column = self.table.get("incident_ref")
        return [None if code == MISSING else column.words[code] for code in column.values[rows].tolist()]


def shape_of(records: Records, columns: Mapping[str, Collection[str]]) -> Shape:
    """Return the kinds of those columns in use that the records have; columns that must be mapped are always in use."""
    found: dict[str, dict[str, Kind]] = {}
    for name, record_set in RECORD_SETS.items():
        used = {*columns.get(name, ()), *(spec.name for spec in record_set.columns if spec.required)}
        table = records.table(name)
        found[name] = {each: table.columns[each].kind for each in sorted(used & table.columns.keys())}
    return found


def shape_json(shape: Shape, zone: ZoneInfo) -> str:
    """Return a shape, and the zone its dates are in, as the JSON kept with a run."""
    content = {"zone": zone.key, "columns": {name: dict(columns) for name, columns in shape.items()}}
    return json.dumps(content, sort_keys=True, indent=1)


def read_shape(text: str) -> tuple[Shape, ZoneInfo]:
    """Return the shape and zone kept with a run."""
    content = json.loads(text)
    kinds = {
        name: {column: Kind(kind) for column, kind in columns.items()} for name, columns in content["columns"].items()
    }
    return kinds, ZoneInfo(content["zone"])


def encode(records: Records, shape: Shape, zone: ZoneInfo, leave: Collection[str] = ()) -> Iterator[Bodies]:
    """Yield the record sets, every record a body with the columns of `shape`; findings are a set of their own.

    Those of `leave` are left out.
    """
    for name in RECORD_SETS:
        if name not in leave:
            yield Bodies(name, records.table(name), tuple(shape[name]), zone)
    if FINDINGS not in leave:
        yield Bodies(FINDINGS, _counted(records.findings), (_TIMES,), zone)


def decode(
    rows: Mapping[str, tuple[Sequence[str], Sequence[str]]], shape: Shape, zone: ZoneInfo
) -> Mapping[str, Table]:
    """Return the tables of keys and bodies, in order of key, with exactly the columns of `shape`."""
    return {name: _decode_table(*rows.get(name, ((), ())), shape[name], zone) for name in RECORD_SETS}


def decode_findings(keys: Sequence[str], bodies: Sequence[str]) -> pd.DataFrame:
    """Return findings in order, each as often as it was found."""
    lines = [
        tuple(json.loads(key))
        for key, body in zip(keys, bodies, strict=True)
        for _ in range(json.loads(body).get(_TIMES, 1))
    ]
    return pd.DataFrame(sorted(lines), columns=list(FINDING_COLUMNS), dtype=object)


# --- to JSON


def _cells(name: str, column: Column, zone: ZoneInfo) -> TextArray:
    """Return `"name":value` for each cell, "" where it is missing."""
    label = json.dumps(name) + ":"
    cells = np.full(len(column), "", dtype=object)
    present = column.present
    values = column.values[present]
    if column.kind.is_words:
        used, places = np.unique(values, return_inverse=True)  # few rows of a column may have a million words
        cells[present] = np.array([label + json.dumps(column.words[code]) for code in used], dtype=object)[places]
    elif column.kind is Kind.NUMBER:
        cells[present] = [f"{label}{number}" for number in values.tolist()]
    else:
        cells[present] = [f'{label}"{text}"' for text in _time_texts(values, column.days[present], zone)]
    cells[column.unread] = label + "null"
    return cells


def _time_texts(values: IntArray, dated: BoolArray, zone: ZoneInfo) -> list[str]:
    seconds = np.datetime_as_string((values // _SECOND).view("datetime64[s]"))
    fractions = values % _SECOND
    texts = [
        f"{text}.{fraction:06d}Z" if fraction else f"{text}Z"
        for text, fraction in zip(seconds.tolist(), fractions.tolist(), strict=True)
    ]
    if dated.any():
        days = np.datetime_as_string(local_day(values[dated], zone).view("datetime64[D]")).tolist()
        for row, day in zip(np.flatnonzero(dated).tolist(), days, strict=True):
            texts[row] = day
    return texts


def _counted(findings: pd.DataFrame) -> Table:
    """Return one row for each different finding; what was found several times alike says how often."""
    lines = zip(*(findings[name].tolist() for name in FINDING_COLUMNS), strict=True)
    times = Counter(json.dumps(["" if pd.isna(part) else str(part) for part in line]) for line in lines)
    counts = np.array(list(times.values()), dtype=np.int64)
    often = Column(Kind.NUMBER, np.where(counts > 1, counts, MISSING))
    return Table(np.array(list(times), dtype=object), {_TIMES: often})


# --- from JSON


def _decode_table(keys: Sequence[str], bodies: Sequence[str], columns: Mapping[str, Kind], zone: ZoneInfo) -> Table:
    ordered = np.array(keys, dtype=object)
    texts = bodies
    if np.any(ordered[1:] < ordered[:-1]):
        order = sorted(range(len(keys)), key=keys.__getitem__)
        ordered, texts = ordered[order], [bodies[place] for place in order]
    found = columns_of(texts, columns, zone) or _by_python(texts, columns, zone)
    nulls = {place: json.loads(text) for place, text in enumerate(texts) if ":null" in text}  # or a word that looks so
    return Table(ordered, {name: _marked(name, column, nulls) for name, column in found.items()})


def _by_python(texts: Sequence[str], columns: Mapping[str, Kind], zone: ZoneInfo) -> dict[str, Column]:
    rows: list[Cells] = json.loads("[" + ",".join(texts) + "]")
    return {name: _READERS[kind]([row.get(name) for row in rows], kind, zone) for name, kind in columns.items()}


def _marked(name: str, column: Column, nulls: Mapping[int, Cells]) -> Column:
    """Return the column with the cells that are null marked unreadable."""
    unread = [place for place, cells in nulls.items() if name in cells and cells[name] is None]
    if not unread:
        return column
    unreadable = np.zeros(len(column), dtype=bool)
    unreadable[unread] = True
    return replace(column, unreadable=unreadable)


def _words(cells: list[Any], kind: Kind, _zone: ZoneInfo) -> Column:
    return words_column(cells, kind)


def _numbers(cells: list[Any], kind: Kind, _zone: ZoneInfo) -> Column:
    return Column(kind, np.array([MISSING if cell is None else cell for cell in cells], dtype=np.int64))


def _times(cells: list[Any], kind: Kind, zone: ZoneInfo) -> Column:
    texts = [("NaT" if cell is None else cell.removesuffix("Z")) for cell in cells]
    values = np.array(texts, dtype="datetime64[us]").view(np.int64).copy()
    dated = np.fromiter((cell is not None and not cell.endswith("Z") for cell in cells), dtype=bool, count=len(cells))
    if not dated.any():
        return Column(kind, values)
    values[dated] = day_start(values[dated] // DAY, zone)
    return Column(kind, values, day_only=dated)


_READERS: Final[Mapping[Kind, Callable[[list[Any], Kind, ZoneInfo], Column]]] = {
    kind: _times if kind.is_time else _numbers if kind is Kind.NUMBER else _words for kind in Kind
}
