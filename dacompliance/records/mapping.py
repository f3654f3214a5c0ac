"""How each column of a query's result is to be read. Pure: names of columns in, readings out; it sees no cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dacompliance.errors import SourceError
from dacompliance.records.contract import DERIVED, RECORD_SETS, Kind
from dacompliance.records.queries import ANSWERS, did_you_mean, words_of

if TYPE_CHECKING:
    from dacompliance.config.source import Query


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cells of one column are read.

    `words` is the value map. `zone` is that of times without an offset; `home` the force's, whose days dates are.
    `time_format` is for times kept as text, ISO 8601 where None. `is_date`: listed under `dates`.
    """

    name: str
    kind: Kind
    zone: ZoneInfo
    home: ZoneInfo
    words: Mapping[str, str] = field(default_factory=dict)
    time_format: str | None = None
    is_date: bool = False

    @property
    def in_days(self) -> bool:
        """True where every time of the column stands for its day."""
        return self.is_date or self.kind is Kind.DATE


def query_zone(query: Query, home: ZoneInfo) -> ZoneInfo:
    """Return the zone of a query's times without an offset."""
    return ZoneInfo(query.time_zone) if query.time_zone else home


def readings(record_set: str, query: Query, returned: Sequence[str], home: ZoneInfo) -> tuple[Reading, ...]:
    """Return how to read each column the query returned, in that order; `home` is the force's zone.

    Raises SourceError with a line for each column that is unknown, stands twice, or is wanted and not there.
    """
    kinds = {**query.columns, **{spec.name: spec.kind for spec in RECORD_SETS[record_set].columns}}
    if wrong := list(_faults(record_set, query, returned, kinds)):
        raise SourceError("\n".join(f"records.{record_set}.query: {fault}." for fault in wrong))
    zone = query_zone(query, home)
    return tuple(
        Reading(
            name,
            kinds[name],
            zone,
            home,
            words_of(query, name),
            query.time_format,
            is_date=name in query.dates,
        )
        for name in returned
    )


def _faults(record_set: str, query: Query, returned: Sequence[str], kinds: Mapping[str, Kind]) -> Iterator[str]:
    for name, times in Counter(returned).items():
        if times > 1:
            yield f'returns {times} columns named "{name}", and only one can be it. Rename the others, or drop them'
        if name in DERIVED[record_set] and name not in kinds:
            yield f'returns "{name}", which the monitor makes itself. Drop it'
        elif name not in kinds:
            hint = did_you_mean(name, set(kinds).difference(returned))
            yield (
                f'returns a column "{name}", which neither the contract nor records.{record_set}.columns knows{hint}. '
                "Name it with AS, declare it there, or drop it"
            )
    required = {spec.name for spec in RECORD_SETS[record_set].columns if spec.required}
    for name in sorted(required.difference(returned)):
        yield f'returns no column "{name}", and no record can be judged without it. Add it, with AS {name}'
    for key, names in (("columns", query.columns), ("values", query.values), ("dates", query.dates)):
        for name in sorted(set(names).difference(returned, required, {ANSWERS})):
            yield f'returns no column "{name}", for which there is an entry in {key}. Add it, or remove the entry'
