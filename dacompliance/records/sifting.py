"""Which rows of one record set take part (semantics §2, bad rows). Pure; it looks at no other record set.

Nothing is dropped silently and nothing guessed: each row that does not take part, and each cell that could not be
read, is noted. The order of rows changes nothing.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np

from dacompliance.localtime import DAY
from dacompliance.records.batch import Batch, Noted, recoded
from dacompliance.records.contract import Finding, Kind, RecordSet
from dacompliance.records.table import BoolArray, Column, IntArray, empty_column


@dataclass(frozen=True, slots=True, eq=False)
class Sifted:
    """A record set's rows: the `kept`, and those set `aside` for a fault of their own. Repeats are neither."""

    record_set: RecordSet
    batch: Batch
    kept: BoolArray
    aside: BoolArray

    @property
    def key(self) -> Column:
        """The column of keys."""
        return self.batch.columns[self.record_set.key]

    def column(self, name: str, kind: Kind = Kind.TEXT) -> Column:
        """Return a column of every row; one that is not mapped is missing throughout."""
        return self.batch.columns.get(name) or empty_column(kind, self.batch.size)

    def dropping(self, noted: Noted) -> Sifted:
        """Return the rows with those noted no longer kept."""
        kept = self.kept.copy()
        for rows in noted.values():
            kept[rows] = False
        return replace(self, kept=kept, batch=with_notes(self.batch, noted))


def sift(record_set: RecordSet, batch: Batch, known_to: int, torn: AbstractSet[str] = frozenset()) -> Sifted:
    """Return a record set's rows without repeats, and with those set aside that their own cells condemn.

    A row is set aside for one reason, the first that fits: no key, a key with different content, a deciding cell.
    `torn` are keys that stand with different content among rows that are not in the batch.
    """
    batch = not_far_future(batch, known_to + DAY)
    key = batch.columns[record_set.key]
    original, conflicting = repeats(batch, key)
    if torn:
        conflicting |= recoded(key, np.array([word in torn for word in key.words], dtype=np.int64)) == 1
    repeated = ~conflicting & (original != np.arange(batch.size))
    if repeated.any():
        batch = replace(batch, noted=_folded(batch.noted, original, conflicting))
    noted: dict[tuple[str, Finding], IntArray] = {}
    aside = repeated.copy()
    for column, finding, mask in (
        (record_set.key, Finding.MISSING_KEY, ~key.present),
        (record_set.key, Finding.CONFLICTING_KEY, conflicting),
        *((name, Finding.DECIDING_CELL, mask) for name, mask in undecided(record_set.name, batch).items()),
    ):
        rows = np.flatnonzero(mask & ~aside)
        if len(rows):
            noted[column, finding] = rows
            aside[rows] = True
    if repeated.any():
        noted[record_set.key, Finding.REPEATED_ROW] = np.flatnonzero(repeated)
    return Sifted(record_set, with_notes(batch, noted), ~aside, aside & ~repeated)


def not_far_future(batch: Batch, limit: int) -> Batch:
    """Return the batch with every time after `limit`, the day someone left apart, unreadable and noted."""
    late = {
        name: column.values > limit
        for name, column in batch.columns.items()
        if column.kind.is_time and name != "left_on" and len(column) and column.values.max() > limit
    }
    columns = {
        name: replace(batch.columns[name].only(~mask), unreadable=batch.columns[name].unread | mask)
        for name, mask in late.items()
    }
    earlier = {
        (name, finding): rows[~late[name][rows]] if name in late else rows
        for (name, finding), rows in batch.noted.items()
    }
    noted = {(name, Finding.FAR_FUTURE): np.flatnonzero(mask) for name, mask in late.items()}
    return replace(batch, columns={**batch.columns, **columns}, noted={**earlier, **noted})


def repeats(batch: Batch, key: Column) -> tuple[IntArray, BoolArray]:
    """Return the row that each row repeats (itself where none), and which rows share a key with different content."""
    if np.count_nonzero(key.present) == len(key.words):
        return np.arange(batch.size), np.zeros(batch.size, dtype=bool)  # as many words as cells: none stands twice
    order = np.argsort(key.values, kind="stable")
    opens = np.append(True, key.values[order][1:] != key.values[order][:-1])[: batch.size]
    original = np.empty(batch.size, dtype=np.int64)
    original[order] = order[np.maximum.accumulate(np.where(opens, np.arange(batch.size), 0))]
    original = np.where(key.present, original, np.arange(batch.size))
    later = np.flatnonzero(original != np.arange(batch.size))
    differs = np.zeros(len(later), dtype=bool)
    for column in batch.columns.values():
        for part in (column.values, column.unreadable, column.day_only):
            if part is not None:
                differs |= part[later] != part[original[later]]
    conflicting = np.zeros(batch.size, dtype=bool)
    conflicting[original[later[differs]]] = True
    return original, conflicting[original]


def _folded(noted: Noted, original: IntArray, conflicting: BoolArray) -> Noted:
    """Return the notes with those of repeated rows told of the row they repeat, once."""
    row = np.where(conflicting, np.arange(len(original)), original)
    return {note: np.unique(row[rows]) for note, rows in noted.items()}


def undecided(record_set: str, batch: Batch) -> dict[str, BoolArray]:
    """Return, by the column at fault, the rows of which nobody can say whether they count."""

    def column(name: str) -> Column:
        return batch.columns.get(name) or empty_column(Kind.INSTANT, batch.size)

    if record_set == "incidents":
        return {"reported_at": ~column("reported_at").present}
    if record_set == "assessments":
        return {"submitted_at": column("submitted_at").unread}
    if record_set == "referrals":
        referred, received = column("referred_at"), column("received_at")
        neither = ~referred.present & ~received.present
        return {
            "cancelled": column("cancelled").unread,
            "referred_at": neither & referred.unread,
            "received_at": neither & received.unread,
        }
    return {}


def with_notes(batch: Batch, noted: Noted) -> Batch:
    """Return the batch with more noted."""
    return replace(batch, noted={**batch.noted, **noted})
