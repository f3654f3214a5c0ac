"""A pull in parts that stand for themselves: each all there is of some incidents, and one of them in memory at a time.

Rows are laid by as they come. When all have, they are dealt out by the incident they belong to, whatever slice or chunk
brought them, and each part is cleaned as a pull of its rows alone would be, but for what it must know of the others: to
when each set is known, and which keys stand in two parts. So the parts say together what one piece would say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import compress
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dacompliance.records.batch import Batch, recoded
from dacompliance.records.cleaning import CHILDREN, Cleaned, newest, records
from dacompliance.records.contract import OF_INCIDENTS, RECORD_SETS
from dacompliance.records.gates import Brought, brought_by
from dacompliance.records.intake import finished
from dacompliance.records.packing import pack_batch, pack_part, unpack_batch, unpack_part
from dacompliance.records.scratch import Scratch
from dacompliance.records.table import (
    FINDING_COLUMNS,
    Column,
    IntArray,
    Records,
    Table,
    TextArray,
    empty_table,
    mapped_columns,
    no_findings,
)

PART: Final = 150_000
"""Rows of a part, of all record sets together and as near as can be: what is in memory at once."""

_EACH: Final = 50
"""Of every so many rows one has a say in where parts begin."""


@dataclass(frozen=True, slots=True, eq=False)
class Pulled:
    """Everything one pull brought; the records themselves in `parts`.

    `findings` are those of all parts. `brought` counts each set that was read, `columns` are those it brought, and none
    of a set that was not read. `known_to` is in microseconds UTC.
    """

    findings: pd.DataFrame
    brought: Mapping[str, Brought]
    columns: Mapping[str, AbstractSet[str]]
    known_to: Mapping[str, int]
    staff: Table
    held: tuple[Records, ...] = ()
    laid_by: tuple[int, ...] = ()
    scratch: Scratch | None = None

    def __len__(self) -> int:
        return len(self.held) + len(self.laid_by)

    def parts(self) -> Iterator[Records]:
        """Yield the records a part at a time, as often as this is asked for.

        A part has all there is of its incidents, all staff, and no findings. Its incidents' references are greater, by
        code point, than those of the part before.
        """
        yield from self.held
        for place in self.laid_by:
            assert self.scratch is not None, "what is laid by is on it"
            yield unpack_part(*self.scratch.get(place), self.staff, self.known_to)  # named nowhere, to be let go of


def in_one(found: Records) -> Pulled:
    """Return records that are all in memory as a pull of one part."""
    part = replace(found, findings=no_findings())
    return Pulled(found.findings, brought_by(found), mapped_columns(found), found.known_to, found.staff, (part,))


class Laid:
    """The rows of a pull as they come, set by set, incidents first: in memory while they are few, else on a file.

    `counted` says what was counted of each set.
    """

    def __init__(self, now: int, most: int = PART, folder: Path | None = None) -> None:
        """Begin a pull of the instant `now`, in microseconds UTC, whose parts have `most` rows, about.

        `folder` is where a file would be made.
        """
        self.counted: dict[str, Batch] = {}
        self._now, self._most, self._folder = now, most, folder
        self._newest: dict[str, int | None] = {}
        self._waiting: dict[str, list[Batch]] = defaultdict(list)
        self._laid_by: dict[str, list[int]] = defaultdict(list)
        self._refs: list[str] = []
        self._scratch: Scratch | None = None

    def take(self, name: str, chunk: Batch) -> None:
        """Take a chunk of a record set; each set that is read has at least one, if only of no rows.

        Raises SourceError where there is no room for what must be laid by.
        """
        self.counted[name] = self.counted.get(name, Batch(0, {})).counted_with(chunk)
        times = [each for each in (self._newest.get(name), newest(chunk, self._now)) if each is not None]
        self._newest[name] = max(times, default=None)
        self._waiting[name].append(chunk)
        if name in OF_INCIDENTS:
            self._refs += _some_texts(chunk.columns["incident_ref"])
            if sum(each.size for chunks in self._waiting.values() for each in chunks) > self._most:
                self._lay_by()

    def _lay_by(self) -> None:
        if self._scratch is None:
            self._scratch = Scratch(self._folder)
        for name in [name for name in self._waiting if name in OF_INCIDENTS]:
            self._laid_by[name] += [self._scratch.put(*pack_batch(each)) for each in self._waiting.pop(name)]

    def pulled(self, told: Mapping[str, int | None]) -> Pulled:
        """Return all of it, cleaned. `told` says to when each set is known, None: to its newest time."""
        known = {name: self._newest[name] if told[name] is None else told[name] for name in self.counted}
        if self._scratch is None:
            return in_one(_cleaned(self._waiting, known, self._now, {}))
        self._lay_by()
        bounds = self._bounds()
        dealt = {name: _Dealt.of(name, each, bounds, self._folder) for name, each in self._laid()}
        self._scratch = None  # every row is in a piece now
        return self._in_parts(dealt, len(bounds) + 1, known)

    def _laid(self) -> Iterator[tuple[str, Iterator[Batch]]]:
        """Yield the chunks of each record set that was laid by."""
        assert self._scratch is not None, "something was laid by"
        for name, places in self._laid_by.items():
            yield name, (unpack_batch(*self._scratch.get(place)) for place in places)

    def _in_parts(self, dealt: Mapping[str, _Dealt], number_of: int, known: Mapping[str, int | None]) -> Pulled:
        torn = {name: each.torn() for name, each in dealt.items()}
        known_to = {name: value for name, value in known.items() if value is not None}
        kept, places = Scratch(self._folder), list[int]()
        found, brought, columns, staff = list[pd.DataFrame](), dict[str, Brought](), {}, empty_table()
        for number in range(number_of):
            first = {"staff": self._waiting["staff"]} if not number and "staff" in self.counted else {}
            chunks = {name: each.chunks(number) for name, each in dealt.items()}
            part = _cleaned({**chunks, **first}, known, self._now, torn)
            if not number:
                columns, staff = mapped_columns(part), part.staff
            for name, each in brought_by(part).items():
                brought[name] = brought[name] + each if name in brought else each
            found.append(part.findings)
            places.append(kept.put(*pack_part(part)))
        return Pulled(
            pd.concat(found).sort_values(list(FINDING_COLUMNS), kind="stable", ignore_index=True),
            brought,
            columns,
            known_to,
            staff,
            laid_by=tuple(places),
            scratch=kept,
        )

    def _bounds(self) -> TextArray:
        """Return the last reference of each part but the last: parts are about as large as they may be."""
        rows = sum(each.size for name, each in self.counted.items() if name in OF_INCIDENTS)
        sample, parts = np.array(sorted(self._refs), dtype=object), -(-rows // self._most)
        return np.unique(sample[np.arange(1, parts) * len(sample) // parts]) if len(sample) else sample


def _cleaned(
    chunks: Mapping[str, Iterable[Batch]],
    known: Mapping[str, int | None],
    now: int,
    torn: Mapping[str, AbstractSet[str]],
) -> Records:
    """Return record sets as they are kept, each of chunks, at least one, incidents first."""
    sets: dict[str, Cleaned] = {}
    for name, given in chunks.items():
        sets[name] = finished(name, given, sets, told=known[name], now=now, torn=torn.get(name, frozenset()))
    return records(sets)


@dataclass(frozen=True, slots=True, eq=False)
class _Dealt:
    """A record set dealt out: where the pieces of each part are, and a piece of no rows.

    Of children `hashes` are those of their keys, and `parts` the part each stands in: ten bytes a row.
    """

    key: str
    scratch: Scratch
    pieces: Mapping[int, Sequence[int]]
    blank: Batch
    hashes: IntArray
    parts: npt.NDArray[np.int16]

    @classmethod
    def of(cls, name: str, laid_by: Iterable[Batch], bounds: TextArray, folder: Path | None) -> _Dealt:
        """Deal out the chunks of a set, at least one, each row to the part that its incident belongs to."""
        key, scratch, blank = RECORD_SETS[name].key, Scratch(folder), Batch(0, {})
        pieces: dict[int, list[int]] = defaultdict(list)
        hashes, parts = [np.array([], dtype=np.int64)], [np.array([], dtype=np.int16)]
        for chunk in laid_by:
            blank = chunk.some(np.array([], dtype=np.int64))
            refs, keys = chunk.columns["incident_ref"], chunk.columns[key]
            places = np.searchsorted(bounds, np.array(refs.words, dtype=object)).astype(np.int64)
            part = np.maximum(recoded(refs, places), 0).astype(np.int16)  # who has no incident is with the first
            for each in np.unique(part).tolist():
                pieces[each].append(scratch.put(*pack_batch(chunk.some(np.flatnonzero(part == each)))))
            if name in CHILDREN:
                hashes.append(recoded(keys, _hashes(keys.words))[keys.present])
                parts.append(part[keys.present])
        return cls(key, scratch, pieces, blank, np.concatenate(hashes), np.concatenate(parts))

    def chunks(self, part: int) -> Iterator[Batch]:
        """Yield the pieces of a part, the first of no rows: a set has its columns where it has nothing else."""
        yield self.blank
        yield from map(self._piece, self.pieces.get(part, ()))

    def _piece(self, place: int) -> Batch:
        return unpack_batch(*self.scratch.get(place))

    def torn(self) -> frozenset[str]:
        """Return the keys that stand in more than one part: with other incidents, and so with other content."""
        order = np.argsort(self.hashes, kind="stable")
        hashes, parts = self.hashes[order], self.parts[order]
        suspects = np.unique(hashes[1:][(hashes[1:] == hashes[:-1]) & (parts[1:] != parts[:-1])])
        stands: dict[str, set[int]] = defaultdict(set)
        for part, places in self.pieces.items() if len(suspects) else ():
            for keys in (self._piece(place).columns[self.key] for place in places):
                for word in compress(keys.words, np.isin(_hashes(keys.words), suspects)):
                    stands[word].add(part)  # two keys may have one hash: they themselves decide
        return frozenset(word for word, each in stands.items() if len(each) > 1)


def _hashes(words: Sequence[str]) -> IntArray:
    return np.fromiter(map(hash, words), dtype=np.int64, count=len(words))


def _some_texts(column: Column) -> list[str]:
    """Return one in so many of a column's texts."""
    return [text for text in column.take(np.arange(0, len(column), _EACH)).text() if text is not None]
