"""What was reported: occurrences and their victims, by hour, weekday and season. Knows nothing of forms."""

from __future__ import annotations

from typing import Final

import numpy as np

from dacompliance.demo import period
from dacompliance.demo.dice import Dice, FloatArray
from dacompliance.demo.draft import Occurrences, Victims, never, none, texts
from dacompliance.demo.people import AREAS, CONSTABLES, SERGEANTS, SHIFTS, Roster
from dacompliance.records.table import IntArray, TextArray

OCCURRENCES: Final = 19_000
"""In two years and two days; with their victims about 20,000 incidents, 27 a day."""

NON_CRIME: Final = 0.40
REPEAT: Final = 0.42
ATTENDED: Final = 0.88
CHILDREN: Final = 0.38
TWO_VICTIMS: Final = 0.044
THREE_VICTIMS: Final = 0.006
AREA_SHARE: Final = (0.34, 0.27, 0.23, 0.16)

# Heavier on Friday to Sunday, in the evening and at night; a peak round Christmas, a trough in August.
_HOUR: Final = (12, 11, 9, 6, 4, 3, 3, 4, 5, 7, 8, 8, 9, 9, 9, 10, 11, 13, 15, 17, 18, 18, 17, 15)
_WEEKDAY: Final = (0.94, 0.90, 0.90, 0.92, 1.04, 1.14, 1.16)
_MONTH: Final = (1.05, 0.98, 0.98, 0.99, 1.01, 1.02, 1.01, 0.92, 0.97, 0.99, 1.01, 1.13)


def make_occurrences(dice: Dice, roster: Roster) -> Occurrences:
    """Return occurrences in order of report, from the first local midnight to the last load."""
    size = OCCURRENCES
    reported = period.clear_of_repeated_hour(_reported(dice, size))
    area = np.searchsorted(np.cumsum(AREA_SHARE)[:-1], dice.uniform(size), side="right")
    team = area * len(SHIFTS) + dice.below(np.full(size, len(SHIFTS)))
    attended = reported + dice.delay(55, 1.8, size)
    gone = dice.chance(np.full(size, ATTENDED))
    return Occurrences(
        number=_numbers(dice, reported),
        reported=reported,
        flagged=period.clear_of_repeated_hour(reported + dice.delay(20, 2.5, size)),
        attended=np.where(gone, period.clear_of_repeated_hour(attended), period.NONE),
        station=np.array([f"{AREAS[a]}{s}" for a, s in zip(area, dice.between(1, 2, size), strict=True)], dtype=object),
        team=np.array([f"{AREAS[t // len(SHIFTS)]}-{SHIFTS[t % len(SHIFTS)]}" for t in team.tolist()], dtype=object),
        officer=roster.constable(team, dice.below(np.full(size, CONSTABLES))),
        supervisor=roster.sergeant(team, dice.below(np.full(size, SERGEANTS))),
        crime=np.where(dice.uniform(size) < NON_CRIME, "NC", "C").astype(object),
        children=np.where(dice.uniform(size) < CHILDREN, "Y", "N").astype(object),
        status=texts("CLS", size),
        status_known=reported + dice.delay(21 * period.DAY, 3, size),
        since=reported + dice.between(2, 20, size),
        until=never(size),
    )


def make_victims(dice: Dice, occurrences: Occurrences) -> Victims:
    """Return one victim an occurrence, and for a few a second or third."""
    chance = dice.uniform(len(occurrences.number))
    each = 1 + (chance < TWO_VICTIMS + THREE_VICTIMS).astype(np.int64) + (chance < THREE_VICTIMS)
    occurrence = np.repeat(np.arange(len(each)), each)
    size = len(occurrence)
    starts = np.repeat(np.cumsum(each) - each, each)
    return Victims(
        occurrence=occurrence,
        number=np.arange(size) - starts + 1,
        repeat=np.where(dice.uniform(size) < REPEAT, "Y", "N").astype(object),
        no_form=texts(None, size),
        no_form_known=none(size),
        since=occurrences.since[occurrence],
        until=never(size),
    )


def _reported(dice: Dice, size: int) -> IntArray:
    """Spread the reports over every hour of the period by the weight of its hour, weekday and month."""
    hours = np.arange(period.FIRST, period.LAST, period.HOUR)
    local = period.local(hours)
    weight: FloatArray = (
        np.array(_HOUR, dtype=float)[local.hour]
        * np.array(_WEEKDAY)[_evening_weekday(local.hour.to_numpy(), local.day_of_week.to_numpy())]
        * np.array(_MONTH)[local.month - 1]
    )
    reached = np.concatenate([[0.0], np.cumsum(weight)])
    edges = np.append(hours, period.LAST)
    drawn = np.sort(dice.uniform(size)) * reached[-1]
    return np.asarray(np.interp(drawn, reached, edges), dtype=np.int64)


def _evening_weekday(hour: IntArray, weekday: IntArray) -> IntArray:
    """Count the small hours to the evening before."""
    return np.asarray(np.where(hour < 5, (weekday - 1) % 7, weekday), dtype=np.int64)


def _numbers(dice: Dice, reported: IntArray) -> TextArray:
    """Return numbers that rise within each year, with gaps: most of what a force records is something else."""
    years = period.local(reported).year.to_numpy()
    steps = dice.between(3, 11, len(reported))
    count = np.cumsum(steps)
    first = np.searchsorted(years, years, side="left")
    within = count - count[first] + steps[first]
    return np.array([f"WM{y % 100}-{n:06d}" for y, n in zip(years, within, strict=True)], dtype=object)


def progress(reported: IntArray) -> FloatArray:
    """Return how far through the two years each report is, from 0 to 1."""
    return np.asarray((reported - period.FIRST) / (period.LAST - period.FIRST), dtype=np.float64)
