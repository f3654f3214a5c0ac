"""Rows of one record set as they were cast, chunk by chunk, before any is set aside. Pure; no row has a meaning yet."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, compress, groupby, pairwise, starmap
from typing import Final

import numpy as np

from dacompliance.records.cast import cast
from dacompliance.records.cells import Sort
from dacompliance.records.contract import Finding, Kind
from dacompliance.records.mapping import Reading
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray, TextArray, places_of

_NO_CELLS: Final[IntArray] = np.array([], dtype=np.int64)
NO_WORDS: Final[TextArray] = np.array([], dtype=object)

Noted = Mapping[tuple[str, Finding], IntArray]
"""The rows of each finding of each column."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some rows: their columns, and what was noted of them.

    By column as it came: its kind, how many cells were of a type that fits it, how many were not, and such a type.
    """

    size: int
    columns: Mapping[str, Column]
    noted: Noted = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    fitting: Mapping[str, int] = field(default_factory=dict)
    misfits: Mapping[str, int] = field(default_factory=dict)
    odd: Mapping[str, Sort] = field(default_factory=dict)

    def some(self, rows: IntArray) -> Batch:
        """Return some of the rows and what was noted of them, nothing counted."""
        place = np.full(self.size, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        noted = {note: place[at][place[at] >= 0] for note, at in self.noted.items()}
        columns = {name: compact(column.take(rows)) for name, column in self.columns.items()}
        return Batch(len(rows), columns, {note: at for note, at in noted.items() if len(at)})

    def counted_with(self, more: Batch) -> Batch:
        """Return what was counted of both, without a row."""
        fitting, misfits = self.fitting, self.misfits
        return Batch(
            self.size + more.size,
            {},
            {},
            more.kinds,
            {name: fitting.get(name, 0) + number for name, number in more.fitting.items()},
            {name: misfits.get(name, 0) + number for name, number in more.misfits.items()},
            {**self.odd, **more.odd},
        )

    def unfit(self, least: int) -> dict[str, Sort]:
        """Return the columns whose every cell is of a type that cannot be of their kind, if at least so many are."""
        return {name: sort for name, sort in self.odd.items() if not self.fitting[name] and self.misfits[name] >= least}


def cast_rows(raw: Mapping[str, TextArray], readings: Sequence[Reading]) -> Batch:
    """Cast a chunk: an array of the driver's objects for each reading, all of one length."""
    cells = {reading.name: cast(raw[reading.name], reading) for reading in readings}
    return Batch(
        len(next(iter(raw.values()), ())),
        {name: each.column for name, each in cells.items()},
        {(name, finding): rows for name, each in cells.items() for finding, rows in each.notes.items()},
        {reading.name: reading.kind for reading in readings},
        {name: each.fitting for name, each in cells.items()},
        {name: each.misfits for name, each in cells.items()},
        {name: each.odd for name, each in cells.items() if each.odd is not None},
    )


def join(batches: Iterable[Batch], key: str, refs: TextArray = NO_WORDS) -> Batch:
    """Return the rows of the batches, at least one, in order of `key`, and words in order of code point.

    Each batch is let go of as its columns are taken, and each column's parts as it is joined: what is needed above the
    result is a few columns, and no set stands in memory twice. `refs` are the incidents' references, in order: a
    child's are those very strings.
    """
    parts = _Parts(refs)
    for batch in batches:
        parts.add(batch)
    return parts.joined(key)


@dataclass(slots=True, eq=False)
class _Growing:
    """A column as its parts come: its cells in one piece, which leaves no holes in memory as many small ones would."""

    cells: array[int] = field(default_factory=lambda: array("q"))
    parts: list[tuple[slice, Column]] = field(default_factory=list)

    def add(self, column: Column) -> None:
        """Take the cells of a part, and its words and masks as they are."""
        start = len(self.cells)
        self.cells.frombytes(column.values.tobytes())
        self.parts.append((slice(start, len(self.cells)), replace(column, values=_NO_CELLS)))

    def joined(self) -> Column:
        """Return the whole column; nothing is left here."""
        cells = np.asarray(self.cells)
        parts = [replace(part, values=cells[rows]) for rows, part in self.parts]
        self.cells, self.parts = array("q"), []
        return join_columns(parts)


@dataclass(slots=True, eq=False)
class _Parts:
    """The columns of batches as they come. A word that recurs is one string, whichever batches it came with."""

    refs: TextArray
    columns: dict[str, _Growing] = field(default_factory=dict)
    noted: dict[tuple[str, Finding], list[IntArray]] = field(default_factory=dict)
    met: dict[str, dict[str, str]] = field(default_factory=dict)
    counted: Batch = field(default_factory=lambda: Batch(0, {}))

    def add(self, batch: Batch) -> None:
        """Take the columns of a batch, and what was counted of them."""
        size = self.counted.size
        for name, column in batch.columns.items():
            self.columns.setdefault(name, _Growing()).add(self._sharing(name, in_order(column)))
        for note, rows in batch.noted.items():
            self.noted.setdefault(note, []).append(rows + size)
        self.counted = self.counted.counted_with(batch)

    def _sharing(self, name: str, column: Column) -> Column:
        if name == "incident_ref" and len(self.refs):
            return sharing(column, self.refs)
        if 2 * len(column.words) > len(column):
            return column  # keys do not recur
        met = self.met.setdefault(name, {})
        return replace(column, words=tuple(map(met.setdefault, column.words, column.words)))

    def joined(self, key: str) -> Batch:
        """Return everything as one batch in order of key; nothing is left here."""
        keys = self.columns[key].joined()
        order = np.argsort(keys.values, kind="stable")  # words stand in order of code point
        columns = {
            name: (keys if name == key else growing.joined()).take(order) for name, growing in self.columns.items()
        }
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        noted = {note: np.sort(place[np.concatenate(rows)]) for note, rows in self.noted.items()}
        return replace(self.counted, columns=columns, noted=noted)


def join_columns(columns: Sequence[Column]) -> Column:
    """Return the cells of the columns, one after the other, their words in order of code point."""
    if len(columns) == 1:
        return in_order(columns[0])
    words = np.array(_merged(column.words for column in columns), dtype=object)
    values = np.empty(sum(map(len, columns)), dtype=np.int64)
    start = 0
    for column in columns:
        values[start : start + len(column)] = recoded(column, places_of(column.words, words))
        start += len(column)
    unreadable = any(column.unreadable is not None for column in columns)
    day_only = any(column.day_only is not None for column in columns)
    return Column(
        columns[0].kind,
        values,
        tuple(words),
        np.concatenate([column.unread for column in columns]) if unreadable else None,
        np.concatenate([column.days for column in columns]) if day_only else None,
    )


def _merged(words: Iterable[Sequence[str]]) -> list[str]:
    """Return each word once, in order; what came in order is only merged."""
    return [word for word, _ in groupby(sorted(chain.from_iterable(words)))]


def in_order(column: Column) -> Column:
    """Return a column with its words in order of code point."""
    if not column.kind.is_words or all(starmap(operator.lt, pairwise(column.words))):
        return column
    words = sorted(column.words)
    place = {word: at for at, word in enumerate(words)}
    places = np.fromiter(map(place.__getitem__, column.words), dtype=np.int64, count=len(words))
    return replace(column, values=recoded(column, places), words=tuple(words))


def sharing(column: Column, words: TextArray) -> Column:
    """Return a column whose words, where they are among some in order, are those very strings: none is kept twice."""
    places = places_of(column.words, words)
    shared = np.array(column.words, dtype=object)
    shared[places >= 0] = words[places[places >= 0]]
    return replace(column, words=tuple(shared))


def recoded(column: Column, places: IntArray) -> IntArray:
    """Return a column's cells with each word's own of `places`; numbers and times as they are."""
    if not column.kind.is_words:
        return column.values
    return np.append(places, MISSING)[np.where(column.present, column.values, len(column.words))]


def compact(column: Column) -> Column:
    """Return a column of sorted words without those that no cell holds."""
    if not column.kind.is_words:
        return column
    used: BoolArray = np.zeros(len(column.words), dtype=bool)
    used[column.values[column.present]] = True
    if used.all():
        return column
    words = tuple(compress(column.words, used))
    return replace(column, values=recoded(column, np.cumsum(used) - 1), words=words)
