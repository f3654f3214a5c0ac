"""A cell as the plain judge reads it, and how times stand to each other. Every instant it hands on is in UTC.

A cell is None (missing), `UNREADABLE`, a word, a whole number, an instant (an aware datetime) or a date without a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final, TypeAlias, TypeGuard
from zoneinfo import ZoneInfo

DAY: Final = dt.timedelta(days=1)


class Unreadable(Enum):
    """The one value of a cell that could not be read."""

    UNREADABLE = "unreadable"


UNREADABLE: Final = Unreadable.UNREADABLE
Cell: TypeAlias = Unreadable | str | int | dt.datetime | dt.date | None
Row: TypeAlias = Mapping[str, Any]
"""One record, or one item: its cells by name. A column that is not there is missing."""


def is_day(cell: Cell) -> bool:
    """Say whether a cell is a date without a time."""
    return isinstance(cell, dt.date) and not isinstance(cell, dt.datetime)


def is_time(cell: Cell) -> TypeGuard[dt.date]:
    """Say whether a cell is a readable time, date-only or not."""
    return isinstance(cell, dt.date)


def is_known(cell: Cell) -> bool:
    """Say whether there is a readable value."""
    return cell is not None and cell is not UNREADABLE


def wall(day: dt.date, minute: int, zone: ZoneInfo) -> dt.datetime:
    """Return the instant of a wall time, `minute` 1440 being 24:00: the first of two; one that never happens moves on by the gap."""
    midnight = dt.datetime(day.year, day.month, day.day, tzinfo=zone)
    return (midnight + dt.timedelta(minutes=minute)).astimezone(dt.UTC)  # one zone throughout: Python adds wall time


def day_of(time: dt.date, zone: ZoneInfo) -> dt.date:
    """Return the local day of a time."""
    return time.astimezone(zone).date() if isinstance(time, dt.datetime) else time


def earliest(time: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the first instant a time may stand for: itself, or the start of its day."""
    return time.astimezone(dt.UTC) if isinstance(time, dt.datetime) else wall(time, 0, zone)


def surely_before(time: dt.date, limit: dt.datetime, zone: ZoneInfo) -> bool:
    """Say whether a time is before an instant on every reading: a day is when it has ended by then."""
    return earliest(time, zone) < limit if isinstance(time, dt.datetime) else wall(time, 1440, zone) <= limit


def standing(time: dt.date, zone: ZoneInfo) -> tuple[dt.datetime, bool]:
    """Return where a time stands in order of time: a day at its start, before an instant of that same moment."""
    return earliest(time, zone), not is_day(time)


def first(times: Iterable[Cell], zone: ZoneInfo) -> Cell:
    """Return the earliest of the readable times, None when there is none."""
    return min(filter(is_time, times), key=lambda time: standing(time, zone), default=None)


def as_at(row: Row, now: dt.datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Return a record as it stood: a time dated after `now` has not happened yet, so it is missing."""
    return {name: None if is_time(cell) and earliest(cell, zone) > now else cell for name, cell in row.items()}
