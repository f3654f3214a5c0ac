"""What a rule version looks at, and the book in which it writes its verdicts. Pure arrays; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from dacompliance.judging.items import Items
from dacompliance.judging.outcomes import CodeArray, PlaceArray
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray

Values = np.ndarray[tuple[int], np.dtype[Any]]
Cell = TypeVar("Cell", bound=np.generic)


def nothing(size: int) -> IntArray:
    """Return so many missing cells, to be read only: they take no memory."""
    return np.broadcast_to(np.int64(MISSING), size)


class View:
    """The rows of the items that are looked at, and which of them are still in question: `here`.

    As long as more than half of the rows are in question, all are looked at where they stand and nothing is copied:
    what is computed of the others is never written. Of fewer, only those are looked at, and `rows` says which they are.
    """

    def __init__(
        self, items: Items, here: BoolArray, rows: IntArray | None = None, picked: IntArray | None = None
    ) -> None:
        self.items, self.here = items, here
        self._rows, self._picked = rows, picked
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return len(self.here)

    @property
    def rows(self) -> IntArray:
        """Which rows of the items are looked at."""
        return np.arange(len(self.items)) if self._rows is None else self._rows

    def column(self, name: str) -> Column:
        """Return a column of the rows looked at, each taken once."""
        if self._rows is None:
            return self.items.column(name)
        if name not in self._columns:
            self._columns[name] = self.items.column(name).take(self._rows)
        return self._columns[name]

    def places(self, where: BoolArray) -> IntArray | BoolArray:
        """Return where in the items the rows in question are that are marked."""
        found = self.here & where
        return found if self._rows is None else self._rows[found]

    def narrowed(self, keep: BoolArray) -> View:
        """Return a view of the rows in question that are to be kept."""
        here = self.here & keep
        if 2 * np.count_nonzero(here) < len(here):
            return self.only(keep)
        left = View(self.items, here, self._rows)
        left._columns = self._columns
        return left

    def only(self, keep: BoolArray) -> View:
        """Return a view of the rows in question that are to be kept, and of no other row."""
        picked = np.flatnonzero(self.here & keep)
        rows = picked if self._rows is None else self._rows[picked]
        return View(self.items, np.ones(len(picked), dtype=bool), rows, picked)

    def of(self, values: npt.NDArray[Cell]) -> npt.NDArray[Cell]:
        """Return, for the rows looked at, what was computed for those of the view this one was narrowed from."""
        return values if self._picked is None else values[self._picked]

    def put(self, into: Values, values: Values) -> Values:
        """Write the values of the rows in question; into a copy of what nobody has written into yet."""
        into = into if into.flags.writeable else into.copy()
        if self._rows is None:
            np.copyto(into, values, where=self.here)
        else:
            into[self._rows[self.here]] = values[self.here]
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
