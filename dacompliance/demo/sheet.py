"""A table of the force's system through time: each row and each cell has the minute it was recorded. Pure.

A row stands from `since` until just before `until`. A cell is `before` until the minute it became `known`; so a form
that was handed in, a case marked as a duplicate and a sign-off struck out all take effect when they were recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from dacompliance.demo.period import ALWAYS
from dacompliance.records.table import BoolArray, IntArray, TextArray

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One column: its values and, where they came later than the row, when they became known."""

    values: TextArray
    known: IntArray | None = None
    before: object = None

    def as_of(self, rows: IntArray, moment: int) -> list[object]:
        """Return the cells of `rows` as they stood at `moment`."""
        values = self.values[rows]
        if self.known is not None:
            values[self.known[rows] > moment] = self.before  # a copy: rows are numbers
        return list(values.tolist())


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One table. A row's number in the database is its position here and one, whenever it is written."""

    columns: Mapping[str, Cells]
    since: IntArray
    until: IntArray

    def standing(self, moment: int) -> BoolArray:
        """Return which rows stood at `moment`."""
        return np.asarray((self.since <= moment) & (moment < self.until))

    def touched(self, after: int, moment: int) -> BoolArray:
        """Return which rows came, went or changed after `after` and not after `moment`."""
        times = [self.since, self.until, *(each.known for each in self.columns.values() if each.known is not None)]
        return np.asarray(np.logical_or.reduce([(after < time) & (time <= moment) for time in times]), dtype=bool)

    def rows(self, which: IntArray, moment: int) -> Iterator[Row]:
        """Yield rows as they stood at `moment`: the row's number, then its cells."""
        return zip((which + 1).tolist(), *(cells.as_of(which, moment) for cells in self.columns.values()), strict=True)


def always(size: int) -> IntArray:
    """Return `since` for rows that were there before the first day."""
    return np.full(size, ALWAYS, dtype=np.int64)
