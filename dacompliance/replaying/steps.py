"""The steps of a period: days, weeks or months, each with the instant at which it is over. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from dacompliance.errors import UsageError

ONE_DAY: Final = dt.timedelta(days=1)
WINDOW_DAYS: Final = 28
"""A day's rate is that of the 28 days that end with it: of one day's incidents hardly any is due."""


class Every(StrEnum):
    """How long a step is. A week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, and the local days of report its rates are of, both included. It is over at `ends`.

    A run that is as at `next_ends` or later speaks for a later step.
    """

    name: str
    first: dt.date
    last: dt.date
    ends: dt.datetime
    next_ends: dt.datetime


def steps(first: dt.date, last: dt.date, every: Every, zone: ZoneInfo) -> tuple[Step, ...]:
    """Return the steps from one local day to another, both included; the first and the last may be cut short.

    Raises UsageError for a period that ends before it begins.
    """
    if last < first:
        raise UsageError("--from, --to: the period ends before it begins. Exchange them.")
    return tuple(_steps(first, last, every, zone))


def _steps(first: dt.date, last: dt.date, every: Every, zone: ZoneInfo) -> Iterator[Step]:
    day = first
    while day <= last:
        end = min(_end(day, every), last)
        begin = end - dt.timedelta(days=WINDOW_DAYS - 1) if every is Every.DAY else day
        after = end + ONE_DAY
        yield Step(_name(day, every), begin, end, _midnight(after, zone), _midnight(_end(after, every) + ONE_DAY, zone))
        day = after


def _end(day: dt.date, every: Every) -> dt.date:
    """Return the last day of the step that a day is in."""
    if every is Every.DAY:
        return day
    if every is Every.WEEK:
        return day + dt.timedelta(days=6 - day.weekday())
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - ONE_DAY


def _name(day: dt.date, every: Every) -> str:
    if every is Every.DAY:
        return day.isoformat()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}" if every is Every.WEEK else f"{day:%Y-%m}"


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
