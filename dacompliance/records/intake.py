"""From raw rows to Records, chunk by chunk. Pure: the same for a database, a file and a test.

`take_in` is called for each chunk as it comes, so that raw rows need not be kept; `finished` when a set is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import pandas as pd

from dacompliance.errors import SourceError
from dacompliance.records.answers import count_answers
from dacompliance.records.batch import NO_WORDS, Batch, cast_rows, join
from dacompliance.records.cleaning import Cleaned, clean, records
from dacompliance.records.contract import RECORD_SETS, Kind
from dacompliance.records.mapping import Reading, readings
from dacompliance.records.table import Records, TextArray

if TYPE_CHECKING:
    from dacompliance.config import RecordQueries


_TIME: Final = "a time: it wants a date or time of the database's own, or text. CAST"
_AS: Final[Mapping[Kind, str]] = {
    **dict.fromkeys(Kind, "text. CAST"),
    Kind.INSTANT: _TIME,
    Kind.DATE: _TIME,
    Kind.NUMBER: "a number. CAST",
}


Watch = Callable[[str, int], None]
"""Told how far a pull has come: the record set, and the rows read since last told."""


def unwatched(_record_set: str, _rows: int) -> None:
    """Watch nothing."""


def take_in(
    record_set: str,
    raw: Mapping[str, TextArray],
    how: Sequence[Reading],
    instruments: Mapping[str, int],
    keep: AbstractSet[str],
) -> Batch:
    """Return a chunk cast to the contract, with counts in place of answers, those in `keep` apart."""
    batch = cast_rows(raw, how)
    return count_answers(batch, instruments, keep) if record_set == "assessments" else batch


def finished(
    record_set: str,
    chunks: Iterable[Batch],
    earlier: Mapping[str, Cleaned],
    *,
    told: int | None,
    now: int,
    typed: bool | None = None,
    torn: AbstractSet[str] = frozenset(),
) -> Cleaned:
    """Return a record set of its chunks, at least one, as it is kept; `earlier` holds those before it, incidents first.

    `told` says to when it is known, None: to its newest time; `now` is the instant of the pull; `typed` is as of
    `insist_fit`, None where that was seen to; `torn` are keys as of `sift`. One set is done with before the next is
    asked for, so that what it takes to do so is never needed beside all of them.
    """
    parents = earlier["incidents"].parents if "incidents" in earlier else None
    refs = NO_WORDS if parents is None else parents.words
    return clean(record_set, _joined(record_set, chunks, refs, typed), told, now, parents, torn)  # held by no name here


def _joined(record_set: str, chunks: Iterable[Batch], refs: TextArray, typed: bool | None) -> Batch:
    batch = join(chunks, RECORD_SETS[record_set].key, refs)
    if typed is not None:
        insist_fit(record_set, batch, typed=typed)
    return batch


def insist_fit(record_set: str, counted: Batch, *, typed: bool) -> None:
    """Raise SourceError where every cell of a column is of a type that can never be of its kind: the query is wrong.

    A stray cell is only unreadable. Where the source's columns are not `typed` (SQLite keeps a type by the cell), a few
    odd cells in a column else empty are strays too: at least half the rows must have one.
    """
    if unfit := counted.unfit(least=1 if typed else (counted.size + 1) // 2):
        raise SourceError(
            "\n".join(
                f'records.{record_set}.query: returns column "{name}" as {sort}, which cannot be read as '
                f"{_AS[counted.kinds[name]]} it in the query."
                for name, sort in sorted(unfit.items())
            )
        )


def records_from_frames(
    frames: Mapping[str, pd.DataFrame],
    queries: RecordQueries,
    zone: ZoneInfo,
    known_to: Mapping[str, int],
    instruments: Mapping[str, int],
    keep: AbstractSet[str] = frozenset(),
) -> Records:
    """Return the records that raw frames hold, as a pull would from a database that gave these rows.

    `queries` says how each set is read, whatever its SQL; a set without a frame is not mapped. `zone` is the force's;
    `known_to` is for each frame, in microseconds UTC.
    """
    sets: dict[str, Cleaned] = {}
    now = max(known_to.values())
    for name, query in queries.mapped():
        if name in frames:
            frame = frames[name]
            how = readings(name, query, list(frame.columns), zone)
            raw = {column: frame[column].astype(object).to_numpy() for column in frame.columns}
            chunk = take_in(name, raw, how, instruments, keep)
            sets[name] = finished(name, [chunk], sets, told=known_to[name], now=now, typed=False)
    return records(sets)
