"""Rows of one record set as they were cast, chunk by chunk, before any is set aside. Pure; no row has a meaning yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np

from dacompliance.records.cast import cast
from dacompliance.records.cells import Sort
from dacompliance.records.contract import Finding, Kind
from dacompliance.records.mapping import Reading
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray, TextArray

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


def join(batches: Sequence[Batch]) -> Batch:
    """Return the rows of the batches, at least one, one after the other, words in order of code point."""
    first = batches[0]
    starts = np.cumsum([0, *(batch.size for batch in batches)])
    noted: dict[tuple[str, Finding], list[IntArray]] = {}
    for start, batch in zip(starts, batches, strict=False):
        for note, rows in batch.noted.items():
            noted.setdefault(note, []).append(rows + start)
    return Batch(
        int(starts[-1]),
        {name: join_columns([batch.columns[name] for batch in batches]) for name in first.columns},
        {note: np.concatenate(rows) for note, rows in noted.items()},
        first.kinds,
        {name: sum(batch.fitting[name] for batch in batches) for name in first.kinds},
        {name: sum(batch.misfits[name] for batch in batches) for name in first.kinds},
        {name: sort for batch in batches for name, sort in batch.odd.items()},
    )


def join_columns(columns: Sequence[Column]) -> Column:
    """Return the cells of the columns, one after the other, their words in order of code point."""
    words = sorted(set[str]().union(*(column.words for column in columns)))
    place = {word: at for at, word in enumerate(words)}
    values = [recoded(column, place) for column in columns]
    unreadable = any(column.unreadable is not None for column in columns)
    day_only = any(column.day_only is not None for column in columns)
    return Column(
        columns[0].kind,
        np.concatenate(values),
        tuple(words),
        np.concatenate([column.unread for column in columns]) if unreadable else None,
        np.concatenate([column.days for column in columns]) if day_only else None,
    )


def recoded(column: Column, place: Mapping[str, int]) -> IntArray:
    """Return a column's cells with each word's own place in `place`; numbers and times as they are."""
    if not column.kind.is_words:
        return column.values
    places = np.array([*(place[word] for word in column.words), MISSING], dtype=np.int64)
    return np.asarray(places[np.where(column.present, column.values, len(column.words))])


def compact(column: Column) -> Column:
    """Return a column of sorted words without those that no cell holds."""
    if not column.kind.is_words:
        return column
    used: BoolArray = np.zeros(len(column.words), dtype=bool)
    used[column.values[column.present]] = True
    if used.all():
        return column
    words = tuple(compress(column.words, used))
    places = np.append(np.cumsum(used) - 1, MISSING)
    values = places[np.where(column.present, column.values, len(column.words))]
    return Column(column.kind, values, words, column.unreadable, column.day_only)
