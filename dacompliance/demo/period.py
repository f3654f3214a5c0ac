"""The demonstration's fixed days, and its times as whole minutes since 1970 in UTC. Reads no clock.

The force writes local wall times as text. Minutes become text here, and nowhere else.
"""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dacompliance.records.table import BoolArray, IntArray, TextArray

ZONE: Final = ZoneInfo("Europe/London")
FIRST_DAY: Final = dt.date(2024, 11, 1)
MORNINGS: Final = tuple(dt.date(2026, 10, 29) + dt.timedelta(days=each) for each in range(6))
"""Thursday to Tuesday: a weekend inside, and the clocks went back on the Sunday before."""

LOADED_AT: Final = dt.time(5, 30)
RUN_AT: Final = dt.time(6, 30)
NEW_FORM_FROM: Final = dt.datetime(2025, 6, 3, 13, 0, tzinfo=ZONE)
"""When the 27-question form took the place of the 24-question one: in the middle of a day, as in a real force."""

NONE: Final = int(np.iinfo(np.int64).min)
"""A time that was never recorded."""
ALWAYS: Final = NONE + 1
NEVER: Final = int(np.iinfo(np.int64).max)

HOUR: Final = 60
DAY: Final = 24 * HOUR

_CLOCKS_GO_BACK: Final = (dt.date(2025, 10, 26), dt.date(2026, 10, 25))


def minutes(moment: dt.datetime) -> int:
    """Return an instant as whole minutes, seconds cut off."""
    return int(moment.timestamp()) // 60


def at(day: dt.date, hour: int, minute: int = 0) -> int:
    """Return a local wall time as minutes."""
    return minutes(dt.datetime.combine(day, dt.time(hour, minute), ZONE))


def load_of(day: dt.date) -> dt.datetime:
    """Return when the copy of that morning was loaded."""
    return dt.datetime.combine(day, LOADED_AT, ZONE)


def run_of(day: dt.date) -> dt.datetime:
    """Return when the monitor runs that morning."""
    return dt.datetime.combine(day, RUN_AT, ZONE)


def after_months(number: int) -> tuple[dt.date, ...]:
    """Return the first days of so many months, the last of them that of the demonstration's own mornings."""
    last = MORNINGS[0].year * 12 + MORNINGS[0].month - 1
    return tuple(dt.date(each // 12, each % 12 + 1, 1) for each in range(last - number + 1, last + 1))


FIRST: Final = at(FIRST_DAY, 0)
LAST: Final = minutes(load_of(MORNINGS[-1]))


def local(times: IntArray) -> pd.DatetimeIndex:
    """Return local wall times without a zone; a time that was never recorded is NaT."""
    stamps = np.where(times == NONE, NONE, times).view("datetime64[m]").astype("datetime64[s]")
    return pd.DatetimeIndex(stamps).tz_localize("UTC").tz_convert(ZONE).tz_localize(None)


def wall_text(times: IntArray) -> TextArray:
    """Return wall times as the force writes them, `02/11/2026 21:10`; None for one that was never recorded."""
    stamps = local(times).to_numpy().astype("datetime64[m]")
    iso = np.datetime_as_string(np.where(np.isnat(stamps), np.datetime64(0, "m"), stamps), unit="m")
    letters = iso.astype("U16").view("U1").reshape(len(iso), 16)
    order = [8, 9, 4, 5, 6, 4, 0, 1, 2, 3, 10, 11, 12, 13, 14, 15]
    written = letters[:, order]
    written[:, [2, 5]] = "/"
    written[:, 10] = " "
    texts = np.ascontiguousarray(written).view("U16").reshape(len(iso)).astype(object)
    texts[np.isnat(stamps)] = None
    return np.asarray(texts, dtype=object)


def clear_of_repeated_hour(times: IntArray) -> IntArray:
    """Move whatever falls in the two hours that share one wall hour in October, keeping the order of times.

    So a wall time that happened twice stands only where it was sown, and can be counted.
    """
    moved = times.copy()
    for day in _CLOCKS_GO_BACK:
        first = at(day, 0) + HOUR  # 01:00 summer time, the start of both
        inside = (times >= first) & (times < first + 4 * HOUR)
        moved = np.where(inside, first + 2 * HOUR + (times - first) // 2, moved)
    return moved


def within(times: IntArray, first: dt.date, last: dt.date) -> BoolArray:
    """Return where a time lies on the local days `first` to `last`, both included."""
    return np.asarray((times >= at(first, 0)) & (times < at(last + dt.timedelta(days=1), 0)))
