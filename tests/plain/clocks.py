"""When a deadline falls due, counted as a clerk would: day by day, opening by opening."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import assert_never
from zoneinfo import ZoneInfo

from dacompliance.policy.model import Calendar, Clock, Deadline, Holiday
from tests.plain.cells import DAY, day_of, earliest, is_day, wall


@dataclass(frozen=True, slots=True)
class Diary:
    """A working calendar with the bank holidays known on one day."""

    calendar: Calendar
    closed: frozenset[dt.date]
    zone: ZoneInfo

    def works(self, day: dt.date) -> bool:
        """Say whether a day is a working day."""
        return day.weekday() in self.calendar.weekdays and day not in self.closed

    def working_days(self, first: dt.date) -> Iterator[dt.date]:
        """Yield the working days from `first` on, itself among them."""
        return (day for day in (first + n * DAY for n in count()) if self.works(day))

    def openings(self, first: dt.date) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """Yield each opening from `first` on as real instants, in their order: one in an hour that never happens moves on."""
        for day in self.working_days(first):
            yield from sorted(
                (wall(day, opens, self.zone), wall(day, closes, self.zone)) for opens, closes in self.calendar.hours
            )


def diary(calendar: Calendar, holidays: Iterable[Holiday], known: dt.date, zone: ZoneInfo) -> Diary:
    """Return a calendar with its nation's bank holidays, announced by `known` and not withdrawn by it."""
    closed = (
        holiday.date
        for holiday in holidays
        if holiday.nation == calendar.holidays
        and holiday.announced <= known
        and not (holiday.withdrawn is not None and holiday.withdrawn <= known)
    )
    return Diary(calendar, frozenset(closed), zone)


def due(start: dt.date, deadline: Deadline, holidays: Iterable[Holiday], known: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the instant a deadline falls due. A start that is a day counts from its 24:00, and its day is still that day."""
    day = day_of(start, zone)
    instant = wall(day, 1440, zone) if is_day(start) else earliest(start, zone)
    match deadline.clock:
        case Clock.HOURS:
            return instant + dt.timedelta(hours=deadline.amount)
        case Clock.DAYS:
            return wall(day + deadline.amount * DAY, 1440, zone)
    assert deadline.calendar is not None
    book = diary(deadline.calendar, holidays, known, zone)
    match deadline.clock:
        case Clock.WORKING_HOURS:
            return working_hours_after(instant, day, deadline.amount, book)
        case Clock.WORKING_DAYS:
            cut_off = deadline.calendar.cut_off
            after_cut_off = cut_off < 1440 if is_day(start) else instant > wall(day, cut_off, zone)
            return working_days_after(day + DAY if after_cut_off else day, deadline.amount, book)
    assert_never(deadline.clock)


def working_hours_after(start: dt.datetime, day: dt.date, hours: int, book: Diary) -> dt.datetime:
    """Return the instant at which so many hours of opening time have passed: at a closing time, that closing time."""
    left = dt.timedelta(hours=hours)
    reached = start
    for opens, closes in book.openings(day):
        begins = max(opens, reached)
        if begins + left <= closes:
            return begins + left
        if closes > begins:
            left -= closes - begins
            reached = closes
    raise AssertionError("a calendar never ends")


def working_days_after(day: dt.date, days: int, book: Diary) -> dt.datetime:
    """Return `day_ends` on the so-manieth working day after day 0, which is `day` or, on a day off, by `closed_start`."""
    ahead = book.working_days(day)
    first_is_day_one = not book.works(day) and book.calendar.closed_start == 1
    for number, working in enumerate(ahead, start=1 if first_is_day_one else 0):
        if number == days:
            return wall(working, book.calendar.day_ends, book.zone)
    raise AssertionError("a calendar never ends")
