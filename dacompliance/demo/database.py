"""The force as an SQLite file, as it stood at any load: written whole, or brought forward from one load to the next."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path

import numpy as np

from dacompliance.demo import period
from dacompliance.demo.force import Force
from dacompliance.demo.sheet import Row, Sheet

Progress = Callable[[str, int], None]
"""Told each table's name and how many rows were written."""


def write_source(path: Path, as_of: dt.datetime, force: Force, progress: Progress | None = None) -> None:
    """Write the force's copy as the last load not after `as_of` left it, in place of whatever `path` held.

    Raises ValueError for a moment before the first load.
    """
    moment = last_load(as_of)
    path.unlink(missing_ok=True)
    with _open(path) as connection:
        connection.executescript(_sql("schema.sql"))
        for name, sheet in force.sheets.items():
            rows = np.flatnonzero(sheet.standing(moment))
            _insert(connection, name, sheet, sheet.rows(rows, moment))
            if progress is not None:
                progress(name, len(rows))
        connection.executescript(_sql("indexes.sql"))


def advance(path: Path, since: dt.datetime, as_of: dt.datetime, force: Force) -> None:
    """Bring a copy written as of `since` forward to `as_of`; the rows are those `write_source` would have written."""
    before, moment = last_load(since), last_load(as_of)
    with _open(path) as connection:
        for name, sheet in force.sheets.items():
            touched = sheet.touched(before, moment)
            gone = np.flatnonzero(touched & sheet.standing(before))
            here = np.flatnonzero(touched & sheet.standing(moment))
            _delete(connection, name, ((row,) for row in (gone + 1).tolist()))
            _insert(connection, name, sheet, sheet.rows(here, moment))


def last_load(as_of: dt.datetime) -> int:
    """Return the minute of the last load not after `as_of`. The copy holds what had been recorded by then."""
    local = as_of.astimezone(period.ZONE)
    day = local.date() if local >= period.load_of(local.date()) else local.date() - dt.timedelta(days=1)
    if not period.FIRST_DAY < day <= period.MORNINGS[-1]:
        raise ValueError(f"the demonstration's loads run to {period.MORNINGS[-1]}: there is none for {day}")
    return period.minutes(period.load_of(day))


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file for one transaction, without waiting for the disc: it is invented, and can be made again."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA synchronous = OFF")
        with connection:
            yield connection


def _insert(connection: sqlite3.Connection, table: str, sheet: Sheet, rows: Iterable[Row]) -> None:
    names = ", ".join(["rowid", *sheet.columns])
    places = ", ".join("?" * (len(sheet.columns) + 1))
    connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608 - our own names


def _delete(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[int]]) -> None:
    connection.executemany(f"DELETE FROM {table} WHERE rowid = ?", rows)  # noqa: S608 - our own names


def _sql(name: str) -> str:
    return (resources.files("dacompliance.demo") / name).read_text(encoding="utf-8")
