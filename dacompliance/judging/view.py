"""What a rule version looks at, and the book in which it writes its verdicts. Pure arrays; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dacompliance.judging.items import Items
from dacompliance.judging.outcomes import CodeArray, PlaceArray
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray

Values = np.ndarray[tuple[int], np.dtype[Any]]


def nothing(size: int) -> IntArray:
    """Return so many missing cells, to be read only: they take no memory."""
    return np.broadcast_to(np.int64(MISSING), size)


class View:
    """The rows of the items that are still in question, `here`, with each column taken once.

    As long as they are more than half, all rows are looked at where they stand and nothing is copied: what is computed
    of the others is never written. Fewer are taken out, and stand at `rows`.
    """

    def __init__(self, items: Items, here: BoolArray, rows: IntArray | None = None) -> None:
        self.items, self.here, self.rows = items, here, rows
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return len(self.here)

    def column(self, name: str) -> Column:
        """Return a column of the rows looked at."""
        if self.rows is None:
            return self.items.column(name)
        if name not in self._columns:
            self._columns[name] = self.items.column(name).take(self.rows)
        return self._columns[name]

    def places(self, where: BoolArray) -> IntArray | BoolArray:
        """Return where in the items the rows in question are that are marked."""
        found = self.here & where
        return found if self.rows is None else self.rows[found]

    def narrowed(self, keep: BoolArray) -> tuple[View, IntArray | None]:
        """Return a view of the rows to keep, and which of this view's rows it looks at; None for all of them."""
        here = self.here & keep
        if 2 * np.count_nonzero(here) >= len(here):
            left = View(self.items, here, self.rows)
            left._columns = self._columns
            return left, None
        return self.only(here)

    def only(self, keep: BoolArray) -> tuple[View, IntArray]:
        """Return a view of just the rows to keep, and which of this view's rows they are."""
        picked = np.flatnonzero(keep)
        rows = picked if self.rows is None else self.rows[picked]
        return View(self.items, np.ones(len(picked), dtype=bool), rows), picked

    def put(self, into: Values, values: Values) -> Values:
        """Write the values of the rows in question; into a copy of what nobody has written into yet."""
        into = into if into.flags.writeable else into.copy()
        if self.rows is None:
            np.copyto(into, values, where=self.here)
        else:
            into[self.rows[self.here]] = values[self.here]
        return into


class Book:
    """The verdicts of one rule while they are being written; at first nothing applies, and no row is written."""

    __slots__ = ("done_at", "due_at", "outcome", "reason", "reasons")

    def __init__(self, size: int) -> None:
        self.outcome: CodeArray = np.zeros(size, dtype=np.int8)
        self.due_at: IntArray = nothing(size)
        self.done_at: IntArray = nothing(size)
        self.reason: PlaceArray = np.zeros(size, dtype=np.int16)
        self.reasons = [""]

    def note(self, rows: IntArray | BoolArray, reason: str) -> None:
        """Write down one reason for all of `rows`."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        self.reason[rows] = self.reasons.index(reason)

    def note_columns(self, rows: IntArray, columns: Mapping[str, BoolArray]) -> None:
        """Write down, for each of `rows`, the names of the columns marked for it, sorted and joined."""
        names = sorted(name for name, where in columns.items() if where.any())
        if not names:
            return
        marks = np.stack([columns[name] for name in names], axis=1)
        patterns, which = np.unique(marks, axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            words = "; ".join(name for name, marked in zip(names, pattern, strict=True) if marked)
            self.note(rows[np.reshape(which, -1) == number], words)
