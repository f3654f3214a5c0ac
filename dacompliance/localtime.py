"""Between instants and a zone's wall times, over whole columns. Pure: no clock, no machine's zone.

Instants are microseconds since 1970 in UTC; wall times are microseconds since 1970 read without a zone; days are
days since 1970. `table.MISSING` stays missing throughout (it is numpy's own NaT).
"""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dacompliance.records.table import MISSING, BoolArray, IntArray

HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)


def micros(instant: dt.datetime) -> int:
    """Return an aware instant as microseconds since 1970 in UTC."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(microseconds: int) -> dt.datetime:
    """Return microseconds since 1970 as an instant in UTC."""
    return _EPOCH + microseconds * _MICROSECOND


def to_wall(instants: IntArray, zone: ZoneInfo) -> IntArray:
    """Return the wall time of each instant in `zone`."""
    index = pd.DatetimeIndex(instants.view("datetime64[us]")).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return np.asarray(index.as_unit("us").asi8, dtype=np.int64)


def to_instant(walls: IntArray, zone: ZoneInfo) -> IntArray:
    """Return the instant of each wall time: the first of two, and one that never happens moved forward by the gap."""
    index = pd.DatetimeIndex(walls.view("datetime64[us]"))
    first = np.ones(len(walls), dtype=bool)
    local = index.tz_localize(zone, ambiguous=first, nonexistent="NaT")
    instants = np.array(local.as_unit("us").asi8, dtype=np.int64)
    gone = (instants == MISSING) & (walls != MISSING)
    if gone.any():
        # The offset in force just before the gap carries a wall time inside it forward by exactly the gap.
        before = index[gone].tz_localize(zone, ambiguous=first[gone], nonexistent="shift_backward").as_unit("us")
        offset = np.asarray(before.tz_localize(None).asi8) - np.asarray(before.asi8)
        instants[gone] = walls[gone] - offset
    return instants


def local_day(instants: IntArray, zone: ZoneInfo) -> IntArray:
    """Return the local day of each instant."""
    walls = to_wall(instants, zone)
    return np.where(walls == MISSING, MISSING, walls // DAY)


def day_of(microseconds: int, zone: ZoneInfo) -> int:
    """Return the local day of one instant."""
    return int(local_day(np.array([microseconds], dtype=np.int64), zone)[0])


def day_start(days: IntArray, zone: ZoneInfo) -> IntArray:
    """Return the instant at which each local day begins."""
    return to_instant(np.where(days == MISSING, MISSING, days * DAY), zone)


def happens_twice(walls: IntArray, zone: ZoneInfo) -> BoolArray:
    """Say of each wall time whether the clocks went back over it, so that it could be either of two instants."""
    index = pd.DatetimeIndex(walls.view("datetime64[us]"))
    first, second = (
        index.tz_localize(zone, ambiguous=np.full(len(walls), is_first), nonexistent="NaT").as_unit("us").asi8
        for is_first in (True, False)
    )
    return np.not_equal(first, second)
