"""The force's database, read and never written: the configured queries → Records, all as of one instant.

The one module that asks it anything. Rows are cast chunk by chunk as they come: as the driver gave them, no more than a
chunk is in memory. No error and no progress report holds a value of theirs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa

from dacompliance.config import Query, Settings
from dacompliance.errors import SourceError
from dacompliance.localtime import micros
from dacompliance.records import complaints
from dacompliance.records.batch import Batch
from dacompliance.records.cast import cast
from dacompliance.records.cleaning import Cleaned, records
from dacompliance.records.contract import Kind
from dacompliance.records.dialects import ask, driver_errors, open_engine, snapshot, stopped_by_hand, use_zone
from dacompliance.records.intake import Watch, finished, insist_fit, take_in, unwatched
from dacompliance.records.mapping import Reading, query_zone, readings
from dacompliance.records.parts import PART, Laid, Pulled
from dacompliance.records.queries import escaped, parameters
from dacompliance.records.slices import Slice, bound, slices, whole
from dacompliance.records.table import Records, TextArray

CHUNK: Final = 20_000


def pull(
    settings: Settings,
    *,
    now: dt.datetime,
    instruments: Mapping[str, int],
    keep: AbstractSet[str] = frozenset(),
    progress: Watch | None = None,
) -> Records:
    """Read every record set the configuration maps, as of one instant where the database can.

    `now` is the instant of the pull. `instruments` says how many questions each has; `keep` names the answers that a
    rule uses, the others go no further than their counts. `progress` is told the record set and how many rows more were
    read. Raises SourceError, or ConfigError for an address that is none; then nothing has been read.
    """
    with _pulling(settings, now, instruments, keep, progress) as pulled:
        told = pulled.all_told()
        sets: dict[str, Cleaned] = {}
        for name, query in settings.records.mapped():
            chunks = pulled.chunks(name, query)
            sets[name] = finished(name, chunks, sets, told=told[name], now=micros(now), typed=pulled.typed)
    return records(sets)


def pull_in_parts(
    settings: Settings,
    *,
    now: dt.datetime,
    instruments: Mapping[str, int],
    keep: AbstractSet[str] = frozenset(),
    progress: Watch | None = None,
    most: int = PART,
) -> Pulled:
    """Read as `pull` does, and return the same records in parts of about `most` rows: never more is held in memory.

    What is more is laid by on a file without a name in `source.scratch_folder`; SourceError where there is no room.
    """
    with _pulling(settings, now, instruments, keep, progress) as pulled:
        told = pulled.all_told()
        laid = Laid(micros(now), most, settings.source.scratch_folder)
        for name, query in settings.records.mapped():
            for chunk in pulled.chunks(name, query):
                laid.take(name, chunk)
            insist_fit(name, laid.counted[name], typed=pulled.typed)
    return laid.pulled(told)


def query_faults(settings: Settings, *, now: dt.datetime) -> list[SourceError]:
    """Ask each query of the configuration by itself, and return what is wrong with those that cannot be read."""
    found = []
    for name, query in settings.records.mapped():
        try:
            with _pulling(settings, now, {}) as pulled:
                pulled.told(name, query)
                counted = Batch(0, {})
                for chunk in pulled.chunks(name, query):
                    counted = counted.counted_with(chunk)
                insist_fit(name, counted, typed=pulled.typed)
        except SourceError as error:
            found.append(error)
    return found


@contextmanager
def _pulling(
    settings: Settings,
    now: dt.datetime,
    instruments: Mapping[str, int],
    keep: AbstractSet[str] = frozenset(),
    progress: Watch | None = None,
) -> Iterator[_Pull]:
    engine = open_engine(settings.secrets["source_url"].get_secret_value())
    with snapshot(engine, settings.source.statement_timeout_seconds) as connection:
        yield _Pull(connection, settings, now, instruments, keep, progress or unwatched)


@dataclass(frozen=True, slots=True)
class _Pull:
    """One connection, and what is asked through it."""

    connection: sa.Connection
    settings: Settings
    now: dt.datetime
    instruments: Mapping[str, int]
    keep: AbstractSet[str]
    progress: Watch

    @property
    def typed(self) -> bool:
        """Whether a column has a type, and not each cell."""
        return self.connection.dialect.name != "sqlite"

    def chunks(self, name: str, query: Query) -> Iterator[Batch]:
        """Yield all rows of a record set, cast, slice by slice and chunk by chunk."""
        zone = query_zone(query, self.settings.zone)
        for part in self._slices(query):
            given = bound(part, zone, query.time_format, as_text=not self.typed)
            asked = {parameter: given[parameter] for parameter in parameters(query.query)}
            for columns, rows in self.rows(f"records.{name}.query", query.query, asked, zone):
                how = readings(name, query, columns, self.settings.zone)
                yield take_in(name, raw_columns(columns, rows), how, self.instruments, self.keep)
                self.progress(name, len(rows))

    def _slices(self, query: Query) -> Iterator[Slice]:
        source, zone = self.settings.source, self.settings.zone
        if "until" in parameters(query.query):
            return slices(source.records_from, source.slice_days, self.now, zone)
        return iter([whole(source.records_from, zone)])

    def rows(
        self, where: str, query: str, given: Mapping[str, object], zone: ZoneInfo
    ) -> Iterator[tuple[list[str], Sequence[Sequence[Any]]]]:
        """Yield the names of the columns with each chunk of rows; at least one chunk, even of none."""
        try:
            use_zone(self.connection, zone)
            with ask(self.connection, escaped(query), given) as answer:
                columns, rows = answer.columns, answer.fetch(CHUNK)
                yield columns, rows
                while rows := answer.fetch(CHUNK):
                    yield columns, rows
        except driver_errors(self.connection) as error:
            if stopped_by_hand(self.connection, error):
                raise KeyboardInterrupt from None
            raise SourceError(f"{where}: {complaints.of_query(error)}.") from None

    def told(self, name: str, query: Query) -> int | None:
        """Return the instant a record set is said to be known to, never later than the pull; None: its newest time."""
        if query.known_to == "newest":
            return None
        now = micros(self.now)
        return now if query.known_to_query is None else min(now, self._asked(name, query, query.known_to_query))

    def all_told(self) -> dict[str, int | None]:
        """Return what `told` says of every record set."""
        return {name: self.told(name, query) for name, query in self.settings.records.mapped()}

    def _asked(self, name: str, query: Query, text: str) -> int:
        """Return the instant that `known_to_query` tells."""
        where = f"records.{name}.known_to_query"
        zone = query_zone(query, self.settings.zone)
        found = [row for _, rows in self.rows(where, text, {}, zone) for row in rows]
        if len(found) != 1 or len(found[0]) != 1:
            raise SourceError(f"{where}: returns {len(found)} rows. Return one row of one column, a time, as MAX does.")
        reading = Reading("known_to", Kind.INSTANT, zone, self.settings.zone, time_format=query.time_format)
        cells = cast(raw_columns(["known_to"], found)["known_to"], reading).column
        if not cells.present[0]:
            raise SourceError(
                f"{where}: returns no time that can be read. Return a time of the database's own, or text as the times "
                f"of records.{name} are; and look into the log of loads, if it is empty."
            )
        return int(cells.values[0])


def raw_columns(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, TextArray]:
    """Return rows as an array of objects a column."""
    cells = zip(*rows, strict=True) if rows else iter([()] * len(columns))
    return {name: np.fromiter(each, dtype=object, count=len(rows)) for name, each in zip(columns, cells, strict=True)}
