"""Plain records as the fast judge takes them; what it makes of them as plain cells, and its verdicts as lines of a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dacompliance.judging.deadlines import day_number
from dacompliance.judging.items import World, build
from dacompliance.judging.verdicts import frame, judge
from dacompliance.policy.model import Holiday, Rule
from dacompliance.records import contract, table
from dacompliance.records.contract import Kind
from dacompliance.reporting.verdicts_csv import verdicts_table
from tests.generative.records import OWN
from tests.plain.cells import UNREADABLE, Cell, Row, day_of, earliest, is_day, is_time
from tests.plain.facts import Records

EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def micros(instant: dt.datetime) -> int:
    """Return an instant as the fast judge counts it."""
    return (instant - EPOCH) // dt.timedelta(microseconds=1)


def column(kind: Kind, cells: Sequence[Cell], zone: ZoneInfo) -> table.Column:
    """Make a column of the contract from plain cells."""
    bad = np.array([cell is UNREADABLE for cell in cells], dtype=bool)
    unreadable = bad if bad.any() else None
    if kind.is_words:
        words = table.words_column([cell if isinstance(cell, str) else None for cell in cells], kind)
        return table.Column(kind, words.values, words.words, unreadable)
    values = [
        micros(earliest(cell, zone)) if is_time(cell) else cell if isinstance(cell, int) else table.MISSING
        for cell in cells
    ]
    days = np.array([is_day(cell) for cell in cells], dtype=bool)
    return table.Column(kind, np.array(values, dtype=np.int64), (), unreadable, days if days.any() else None)


def record_table(record_set: str, rows: Sequence[Row], zone: ZoneInfo) -> table.Table:
    """Make a record set from plain rows. A column in which no row has anything was not mapped."""
    key = contract.RECORD_SETS[record_set].key
    names = {name for row in rows for name, cell in row.items() if cell is not None}
    columns = {name: column(_kind(record_set, name), [row.get(name) for row in rows], zone) for name in sorted(names)}
    return table.Table(np.array([row[key] for row in rows], dtype=object), columns)


def _kind(record_set: str, name: str) -> Kind:
    derived, spec = contract.DERIVED[record_set].get(name), contract.RECORD_SETS[record_set].spec(name)
    found = derived or (spec.kind if spec else OWN.get(name))
    assert found is not None, name
    return found


def tables(records: Records, zone: ZoneInfo) -> table.Records:
    """Make the records of a pull from plain ones."""
    sets = {name: record_table(name, getattr(records, name), zone) for name in contract.RECORD_SETS}
    nothing = pd.DataFrame(columns=["record_set", "key", "column", "finding"])
    return table.Records(**sets, known_to={}, findings=nothing)


def world(records: Records, now: dt.datetime, zone: ZoneInfo) -> World:
    """Make the fast judge's items of plain records."""
    return build(tables(records, zone), micros(now), zone)


def plain_cells(column: table.Column, zone: ZoneInfo) -> list[Cell]:
    """Return the cells of a column of the fast judge as the plain one has them, instants in UTC."""
    if column.kind.is_words:
        cells: list[Cell] = list(column.text())
    elif column.kind is Kind.NUMBER:
        cells = [value if there else None for value, there in zip(column.values.tolist(), column.present, strict=True)]
    else:
        instants = [
            EPOCH + dt.timedelta(microseconds=value) if there else None
            for value, there in zip(column.values.tolist(), column.present, strict=True)
        ]
        cells = [
            day_of(instant, zone) if instant and on_a_day else instant
            for instant, on_a_day in zip(instants, column.days, strict=True)
        ]
    return [UNREADABLE if bad else cell for cell, bad in zip(cells, column.unread, strict=True)]


def lines(made: World, rules: Sequence[Rule], holidays: Sequence[Holiday], known: dt.datetime) -> list[tuple[str, ...]]:
    """Return the fast judge's verdicts as the lines of the exported file."""
    verdicts = frame(judge(made, rules, holidays, day_number(day_of(known, made.zone))))
    now = EPOCH + dt.timedelta(microseconds=made.as_at)
    columns: list[list[Any]] = [column.tolist() for _, column in verdicts_table(verdicts, now).items()]
    return list(zip(*columns, strict=True))
