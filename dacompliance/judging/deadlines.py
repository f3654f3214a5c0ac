"""The clocks a rule may name (semantics §4). Pure: instants in, instants out, over whole columns.

The limits are the force's to set; this module only counts. Elapsed hours are real time across clock changes; days
end at local midnight; working time comes from a calendar, every convention of which is named in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from dacompliance.localtime import DAY, HOUR, day_start, local_day, to_instant
from dacompliance.policy.model import Calendar, Clock, Deadline, Holiday
from dacompliance.records.table import MISSING, Column, IntArray

MINUTE = HOUR // 60
EPOCH = dt.date(1970, 1, 1)


def day_number(date: dt.date) -> int:
    """Return a date as days since 1970."""
    return (date - EPOCH).days


def due_times(
    deadline: Deadline, start: Column, zone: ZoneInfo, holidays: Sequence[Holiday], known_day: int
) -> IntArray:
    """Return the instant each deadline falls due; missing where the start is missing or unreadable.

    A date without a time counts from 24:00 of its day, and its day is still that day. Working clocks use the bank
    holidays announced by `known_day` and not withdrawn by it.
    """
    if deadline.clock is Clock.HOURS and start.day_only is None:
        return np.where(start.present, start.values + deadline.amount * HOUR, MISSING)
    due = np.full(len(start), MISSING, dtype=np.int64)
    rows = np.flatnonzero(start.present)
    if len(rows) == 0:
        return due
    instants, dated = start.values[rows], start.days[rows]
    if deadline.clock is Clock.DAYS:
        due[rows] = day_start(local_day(instants, zone) + deadline.amount + 1, zone)
    elif deadline.clock is Clock.HOURS:
        due[rows] = _from_midnight(instants, dated, zone) + deadline.amount * HOUR
    else:
        calendar = deadline.calendar
        assert calendar is not None, "policy.files gives every working clock its calendar"
        closed = closed_days(calendar, holidays, known_day)
        count = _working_days_after if deadline.clock is Clock.WORKING_DAYS else _working_hours_after
        due[rows] = count(instants, dated, deadline.amount, calendar, closed, zone)
    return due


def closed_days(calendar: Calendar, holidays: Sequence[Holiday], known_day: int) -> IntArray:
    """Return the days of the calendar's nation that were bank holidays as known on `known_day`, in order."""
    days = {
        day_number(holiday.date)
        for holiday in holidays
        if holiday.nation == calendar.holidays
        and day_number(holiday.announced) <= known_day
        and not (holiday.withdrawn is not None and day_number(holiday.withdrawn) <= known_day)
    }
    return np.array(sorted(days), dtype=np.int64)


def open_days(calendar: Calendar, closed: IntArray, first: int, last: int) -> IntArray:
    """Return the calendar's working days from `first` to `last`, in order."""
    days = np.arange(first, last + 1, dtype=np.int64)
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    return np.asarray(days[np.isin(weekday, calendar.weekdays) & ~np.isin(days, closed)])


def _from_midnight(instants: IntArray, dated: np.ndarray, zone: ZoneInfo) -> IntArray:
    """Move each date without a time to 24:00 of its day."""
    if not dated.any():
        return instants
    return np.where(dated, day_start(local_day(instants, zone) + 1, zone), instants)


def _working_days_after(
    instants: IntArray, dated: np.ndarray, amount: int, calendar: Calendar, closed: IntArray, zone: ZoneInfo
) -> IntArray:
    """Return `day_ends` on the `amount`-th working day after day 0.

    Day 0 is the local day of the start, or the day after for a start after `cut_off`. If that is a closed day, the
    next working day is day 0 or day 1, as `closed_start` says; so one working day from a Saturday is due on Tuesday.
    The cut-off is an instant of its day, so that a later start is never due earlier, even when the clocks go back.
    """
    day = local_day(instants, zone)
    if calendar.cut_off < 1440:
        day = day + (dated | (instants > to_instant(day * DAY + calendar.cut_off * MINUTE, zone)))
    working = _enough_days(calendar, closed, int(day.min()), int(day.max()), amount)
    place = np.searchsorted(working, day)
    on_closed_day = working[place] != day
    place = place + amount - (on_closed_day & (calendar.closed_start == 1))
    return to_instant(working[place] * DAY + calendar.day_ends * MINUTE, zone)


def _enough_days(calendar: Calendar, closed: IntArray, first: int, last: int, amount: int) -> IntArray:
    """Return working days from `first` until more than `amount` of them lie on `last` or after it."""
    ahead = 14 + 3 * amount
    while True:
        working = open_days(calendar, closed, first, last + ahead)
        if len(working) - int(np.searchsorted(working, last)) > amount:
            return working
        ahead *= 2


@dataclass(frozen=True, slots=True, eq=False)
class _Spells:
    """Opening spells in order: when each opens, and the opening time gone by before it and at its end."""

    opens: IntArray
    closes: IntArray
    before: IntArray
    after: IntArray


def _spells(calendar: Calendar, working: IntArray, zone: ZoneInfo) -> _Spells:
    """Return the spells of working days; on a night that the clocks go forward, no instant counts twice.

    An opening in the hour that never happens moves forward, so it may reach into the next spell.
    """
    minutes = np.array(calendar.hours, dtype=np.int64)
    walls = working[:, None, None] * DAY + minutes[None, :, :] * MINUTE
    bounds = to_instant(walls.reshape(-1), zone).reshape(-1, 2)
    bounds = bounds[np.argsort(bounds[:, 0], kind="stable")]
    closes = np.maximum.accumulate(bounds.max(axis=1))
    opens = bounds[:, 0].copy()
    opens[1:] = np.maximum(opens[1:], closes[:-1])
    lengths = closes - opens
    after = np.cumsum(lengths)
    return _Spells(opens, closes, after - lengths, after)


def _working_hours_after(
    instants: IntArray, dated: np.ndarray, amount: int, calendar: Calendar, closed: IntArray, zone: ZoneInfo
) -> IntArray:
    """Return the instant at which `amount` hours of opening time have passed since the start.

    Opening time is real time, so a spell across a clock change is an hour longer or shorter. When the hours run out
    at a closing time, that closing time is the answer, not the next opening.
    """
    starts = _from_midnight(instants, dated, zone)
    days = local_day(starts, zone)
    first, last = int(days.min()), int(days.max())
    ahead = 14
    while True:
        spells = _spells(calendar, open_days(calendar, closed, first, last + ahead), zone)
        target = opening_time(starts, spells.opens, spells.closes, spells.before) + amount * HOUR
        if len(spells.after) and spells.after[-1] >= target.max():
            break
        ahead *= 2
    place = np.searchsorted(spells.after, target, side="left")
    return np.asarray(spells.opens[place] + target - spells.before[place], dtype=np.int64)


def opening_time(instants: IntArray, opens: IntArray, closes: IntArray, before: IntArray) -> IntArray:
    """Return the opening time that has gone by at each instant, counted from the first spell."""
    place = np.searchsorted(closes, instants, side="right")
    if len(opens) == 0:
        return np.zeros(len(instants), dtype=np.int64)
    inside = np.minimum(place, len(opens) - 1)
    gone = before[inside] + np.clip(instants - opens[inside], 0, closes[inside] - opens[inside])
    return np.asarray(gone, dtype=np.int64)
