"""Rows of a history in order of their incidents, walked beside pieces of records that come in the same order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Generator, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from dacompliance.ledger import bulk

Columns = Sequence[tuple[Any, ...]]


class Walk:
    """The rows of one query, which are taken once each; write nothing before it is closed.

    `query` selects the reference of an incident, never NULL, before anything else; its order is given here.
    """

    def __init__(self, connection: sa.Connection, query: sa.Select[Any]) -> None:
        order = _by_code_point(connection, next(iter(query.selected_columns)))
        self._blocks: Generator[Columns, None, None] = bulk.streamed(connection, query.order_by(order))
        self._left: Columns = ()
        self._at: str | None = None

    def beside(self, incidents: Collection[str]) -> Iterator[Columns]:
        """Yield, in blocks of columns, the rows up to the last of a piece's incidents, without its reference.

        Raises ValueError where the piece has an incident that belonged before the end of one that came earlier.
        """
        if not incidents:
            return
        if self._at is not None and min(incidents) <= self._at:
            raise ValueError("the pieces of a run do not follow each other in order of their incidents")
        self._at = max(incidents)
        while self._left or self._next():
            end = bisect_right(self._left[0], self._at)
            taken, self._left = [each[:end] for each in self._left[1:]], [each[end:] for each in self._left]
            if end:
                yield taken
            if self._left[0]:
                return
            self._left = ()

    def rest(self) -> Iterator[Columns]:
        """Yield all rows not taken yet, in the same form."""
        while self._left or self._next():
            taken, self._left = self._left[1:], ()
            yield taken

    def close(self) -> None:
        """Let go of the query, whatever is left of it."""
        self._blocks.close()

    def _next(self) -> bool:
        self._left = next(self._blocks, ())
        return bool(self._left)


def _by_code_point(connection: sa.Connection, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return what to order by for Python's order of text, that of UTF-8, whatever PostgreSQL's own order."""
    return sa.func.convert_to(column, "UTF8") if connection.dialect.name == "postgresql" else column
