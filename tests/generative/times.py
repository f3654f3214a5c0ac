"""The instants that cases are made of: around the days and times of day at which clocks go wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from tests.generative.choices import Pick
from tests.plain.cells import DAY, UNREADABLE, Cell, day_of, wall

LONDON: Final = ZoneInfo("Europe/London")
ANCHORS: Final = (
    "2026-11-02",  # a Monday like any other
    "2026-03-28",  # the clocks go forward that night
    "2026-10-24",  # the clocks go back that night
    "2025-10-26",
    "2025-04-17",  # Maundy Thursday
    "2025-12-24",
    "2026-12-24",  # Christmas Day is a Friday
    "2020-05-07",  # the eve of a moved bank holiday
    "2022-09-16",  # before the state funeral
    "2024-02-28",
    "2025-12-31",
)
PLACES: Final = (
    *[(LONDON, ANCHORS)] * 9,
    (ZoneInfo("America/New_York"), ("2026-03-07", "2026-10-31", *ANCHORS)),
    (ZoneInfo("Australia/Lord_Howe"), ("2026-04-04", "2026-10-03")),  # half an hour of summer time
    (ZoneInfo("America/Santiago"), ("2026-09-05", "2026-04-04")),  # no midnight that night; two of them that
)
"""Zones, each with the days worth trying there."""
MINUTES: Final = (
    540,
    0,
    1,
    30,
    60,
    75,
    90,
    105,
    120,
    150,
    480,
    539,
    541,
    720,
    765,
    780,
    960,
    961,
    1020,
    1021,
    1380,
    1439,
)
INSTANT: Final = dt.timedelta(microseconds=1)
NUDGES: Final = (0 * INSTANT, INSTANT, -INSTANT)


@dataclass(frozen=True, slots=True)
class Times:
    """The instants of one case, few enough that ties are common."""

    zone: ZoneInfo
    anchor: dt.date
    instants: tuple[dt.datetime, ...]

    def days(self) -> tuple[dt.date, ...]:
        """Return the local days of the instants."""
        return tuple(day_of(instant, self.zone) for instant in self.instants)

    def cells(self, *, missing: bool = True, unreadable: bool = True) -> tuple[Cell, ...]:
        """Return the cells to pick from for a column of instants: a fifth missing, an instant more often than a day."""
        midnights = (wall(day, 0, self.zone) for day in self.days()[::3])
        all_times = (*self.instants, *self.instants, *self.days(), *midnights)
        fifth = len(all_times) // 4
        return (*[None] * (fifth if missing else 0), *all_times, *[UNREADABLE] * (fifth // 3 if unreadable else 0))


def times(pick: Pick, how_many: int) -> Times:
    """Pick a zone, a day worth trying, and instants of the days around it."""
    zone, days = pick(PLACES)
    anchor = dt.date.fromisoformat(pick(days))
    instants = (wall(anchor + pick(range(-2, 6)) * DAY, pick(MINUTES), zone) + pick(NUDGES) for _ in range(how_many))
    return Times(zone, anchor, tuple(instants))
