"""Many rows at once, in and out, by the driver's own means and in the caller's transaction.

Many times quicker than SQLAlchemy's own way: `executemany` on SQLite, COPY on PostgreSQL. Types are not converted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

_BLOCK: Final = 10_000
"""Rows written at once: enough to be quick, and few beside the records themselves."""
_READ: Final = 2_000
"""Rows compared at once with what is found: few enough to be held, enough for arrays to be worth their making."""
_READ_AT_ONCE: Final = 500
"""Rows fetched at once. Python looks through what it has made the more often, the more of it is still held."""
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

Cell = str | int | None
_Item = TypeVar("_Item")


def insert(connection: sa.Connection, table: sa.Table, columns: Mapping[str, Sequence[Cell]]) -> None:
    """Add rows given as columns of one length, of Python's own text and whole numbers; None is NULL."""
    if not any(len(cells) for cells in columns.values()):
        return
    rows = zip(*columns.values(), strict=True)
    names = ", ".join(f'"{name}"' for name in columns)
    raw: Any = connection.connection.driver_connection
    if isinstance(raw, sqlite3.Connection):
        places = ", ".join("?" * len(columns))
        raw.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({places})', rows)  # noqa: S608  (our own names)
        return
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for block in blocks(rows):
            copy.write("".join("\t".join(map(_copied, row)) + "\n" for row in block))


def close(connection: sa.Connection, table: sa.Table, ids: Iterable[int], last_run: int | None) -> None:
    """Mark rows of a history as having held for the last time in `last_run`."""
    for block in blocks(ids):
        connection.execute(sa.update(table).where(table.c.id.in_(block)).values(last_run=last_run))


def columns(result: sa.CursorResult[Any], width: int) -> list[tuple[Any, ...]]:
    """Return all rows of a query as `width` columns, of what the driver itself gives."""
    found: list[list[Any]] = [[] for _ in range(width)]
    for block in blocks_of(result):
        for column, cells in zip(found, block, strict=True):
            column.extend(cells)
    return [tuple(column) for column in found]


def blocks_of(result: sa.CursorResult[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of a query as columns of what the driver itself gives, some hundred rows at a time."""
    assert result.cursor is not None
    while rows := result.cursor.fetchmany(_READ_AT_ONCE):
        yield list(zip(*rows, strict=True))


def streamed(connection: sa.Connection, query: sa.Select[Any]) -> Generator[list[tuple[Any, ...]], None, None]:
    """Yield the rows of a query in blocks of columns, never all at once; write nothing before the last has come."""
    with connection.execute(query, execution_options={"yield_per": _READ}) as result:
        for rows in result.partitions():
            yield list(zip(*rows, strict=True))


def split(rows: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
    """Yield row numbers in arrays of as many as are sent at once."""
    for start in range(0, len(rows), _BLOCK):
        yield rows[start : start + _BLOCK]


def blocks(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield what there is in lists of as many as are sent at once; the last may be shorter, and none is empty."""
    left = iter(items)
    while block := list(islice(left, _BLOCK)):
        yield block


def _copied(cell: Cell) -> str:
    if cell is None:
        return r"\N"
    return cell.translate(_ESCAPES) if isinstance(cell, str) else str(cell)
