"""The spells in which records are asked for, and how a query is told of them. Pure: instants in, parameters out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

# The last slice has no end of its own: an incident reported in 2062 must come too, to be set aside.
_NEVER: Final = dt.datetime(9999, 12, 31)  # noqa: DTZ001 - the same in every zone
_PLAIN: Final = "%Y-%m-%d %H:%M:%S"
_SAMPLES: Final = tuple(  # each later than the one before, and smaller in what comes after
    dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
    for text in ("2025-10-28T21:45", "2025-10-29T10:30", "2025-11-01T09:15", "2026-02-01T00:00", "2026-02-01T13:00")
)

Bound = str | dt.datetime | int


@dataclass(frozen=True, slots=True)
class Slice:
    """Incidents reported from `since` until before `until` (None: whenever), and the undated ones with the first."""

    since: dt.datetime
    until: dt.datetime | None
    undated: bool


def whole(records_from: dt.date, zone: ZoneInfo) -> Slice:
    """Return everything since a local day began, as one slice."""
    return Slice(_midnight(records_from, zone), None, undated=True)


def slices(records_from: dt.date, days: int, now: dt.datetime, zone: ZoneInfo) -> Iterator[Slice]:
    """Yield slices of `days` local days that follow one on the other from `records_from`, the last without an end."""
    first = day = records_from
    length = dt.timedelta(days=days)
    today = now.astimezone(zone).date()
    while day + length <= today:
        yield Slice(_midnight(day, zone), _midnight(day + length, zone), undated=day == first)
        day += length
    yield Slice(_midnight(day, zone), None, undated=day == first)


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone)


def bound(part: Slice, zone: ZoneInfo, time_format: str | None, *, as_text: bool) -> dict[str, Bound]:
    """Return the parameters of a slice, its times in the zone of the query: as text, or as the database's own.

    Text is in the query's own format where that sorts as time does, else `YYYY-MM-DD HH:MM:SS`.
    """
    text_format = time_format if time_format is not None and sorts_as_time(time_format) else _PLAIN

    def shown(instant: dt.datetime | None) -> Bound:
        local = _NEVER.replace(tzinfo=zone) if instant is None else instant.astimezone(zone)
        return local.strftime(text_format) if as_text or time_format is not None else local.replace(tzinfo=None)

    return {"since": shown(part.since), "until": shown(part.until), "undated": int(part.undated)}


def sorts_as_time(time_format: str) -> bool:
    """Say whether texts of a format stand in order of time when they stand in order of text."""
    texts = [each.strftime(time_format) for each in _SAMPLES]
    return texts == sorted(texts)
