"""Cells that hold times → instants in UTC and days (semantics §2). Pure: reads no clock and no machine's zone."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from dacompliance.localtime import DAY, happens_twice, to_instant, to_wall
from dacompliance.records.cells import Cells, Sort, by_sort, mask_or_none, objects, rows_of, texts_of
from dacompliance.records.contract import Finding, Kind
from dacompliance.records.mapping import Reading
from dacompliance.records.table import MISSING, Column, IntArray, TextArray

_NOTHING, _UNREADABLE, _WALL, _INSTANT, _DAY = range(5)
_Forms = npt.NDArray[np.int8]

_ISO_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_ISO_WALL: Final = _ISO_DAY + r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
_ISO_INSTANT: Final = _ISO_WALL + r" ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
_TIME_PART: Final = re.compile(r"%[HIMSfpzXc]")
_DATE_PART: Final = re.compile(r"%[YymdjbBaAxc]")

# A zone's arithmetic ends with the calendar. Its last day (9999-12-31, "never") has the offset of the day before;
# the year 1 (0001-01-01, "none") is no time at all.
_FIRST: Final = int(np.datetime64("0002-01-01", "us").astype(np.int64))
_LAST: Final = int(np.datetime64("9999-12-30", "us").astype(np.int64))


def cast_times(raw: TextArray, reading: Reading) -> Cells:
    """Read times and days: text in the stated format, else ISO 8601; or whatever time or date the driver made.

    A time with an offset is that instant; one without is a wall time of `reading.zone`, the first of two in October
    and moved forward by the gap in March, both noted. A date stays a date, noted unless the column is one of dates.
    """
    forms = np.full(len(raw), _NOTHING, dtype=np.int8)
    values = np.full(len(raw), MISSING, dtype=np.int64)
    sorts = {Sort.TEXT, Sort.MOMENT, Sort.DAY}
    if reading.time_format is not None:
        sorts.add(Sort.WHOLE)  # 20261102 is a time where a format says so
    fitting, misfits, odd = 0, 0, None
    for sort, rows in by_sort(raw):
        if sort in sorts:
            fitting += len(rows)
            forms[rows], values[rows] = _read(raw[rows], sort, reading.time_format)
        else:
            misfits += len(rows)
            forms[rows], odd = _UNREADABLE, sort
    notes = _settle(forms, values, reading)
    column = Column(reading.kind, values, (), mask_or_none(forms == _UNREADABLE), mask_or_none(forms == _DAY))
    return Cells(column, notes, fitting, misfits, odd)


def _settle(forms: _Forms, values: IntArray, reading: Reading) -> dict[Finding, IntArray]:
    """Turn walls and days into instants, in place, and return what is to be noted."""
    twice, never = np.zeros((2, len(forms)), dtype=bool)
    walls = np.flatnonzero(forms == _WALL)
    shown = np.clip(values[walls], _FIRST, _LAST)
    instants = to_instant(shown, reading.zone)
    values[walls] += instants - shown
    if reading.in_days:
        moments = np.flatnonzero((forms == _WALL) | (forms == _INSTANT))
        values[moments] = _near(to_wall, values[moments], reading.home) // DAY * DAY
        forms[moments] = _DAY
    else:
        twice[walls] = happens_twice(shown, reading.zone)
        never[walls] = to_wall(instants, reading.zone) != shown
    days = np.flatnonzero(forms == _DAY)
    values[days] = _near(to_instant, values[days], reading.home)
    forms[(forms > _UNREADABLE) & (values < _FIRST)] = _UNREADABLE
    values[forms == _UNREADABLE] = MISSING
    noted = (forms == _DAY) & (reading.kind is Kind.INSTANT)
    return rows_of(
        {
            Finding.UNREADABLE: forms == _UNREADABLE,
            Finding.DATE_ONLY: noted,
            Finding.AMBIGUOUS_TIME: twice,
            Finding.IMPOSSIBLE_TIME: never,
        }
    )


def _near(convert: Callable[[IntArray, ZoneInfo], IntArray], values: IntArray, zone: ZoneInfo) -> IntArray:
    """Convert between walls and instants, near the calendar's ends by the offset of the nearest time that has one."""
    clipped = np.clip(values, _FIRST, _LAST)
    return convert(clipped, zone) + (values - clipped)


def _read(cells: TextArray, sort: Sort, time_format: str | None) -> tuple[_Forms, IntArray]:
    """Return each cell's form and its microseconds since 1970: in UTC, or as the wall clock or calendar shows."""
    if sort is Sort.DAY:
        return np.full(len(cells), _DAY, dtype=np.int8), cells.astype("datetime64[us]").astype(np.int64)
    if sort is Sort.MOMENT:
        aware = pd.notna(objects(map(operator.attrgetter("tzinfo"), cells)))
        # No cache: it takes the two 01:30s of an October night for one.
        moments = pd.to_datetime(pd.Series(cells, dtype="object"), utc=True, cache=False)
        return np.where(aware, _INSTANT, _WALL).astype(np.int8), _micros(pd.DatetimeIndex(moments))
    texts = pd.Series(cells if sort is Sort.TEXT else texts_of(cells, sort), dtype="str").str.strip()
    forms, values = _read_iso(texts) if time_format is None else _read_format(texts, time_format)
    forms[np.asarray(texts == "", dtype=bool)] = _NOTHING
    return forms, values


def _read_iso(texts: pd.Series[str]) -> tuple[_Forms, IntArray]:
    """Read ISO 8601: a day, or a day and a time, with an offset or without. Beyond the microsecond is cut off."""
    forms = np.full(len(texts), _UNREADABLE, dtype=np.int8)
    values = np.full(len(texts), MISSING, dtype=np.int64)
    for form, pattern in ((_WALL, _ISO_WALL), (_INSTANT, _ISO_INSTANT), (_DAY, _ISO_DAY)):
        rows = np.flatnonzero((forms == _UNREADABLE) & np.asarray(texts.str.fullmatch(pattern), dtype=bool))
        if len(rows):
            short = texts.iloc[rows].str.replace(r"(\.[0-9]{6})[0-9]+", r"\1", regex=True)
            values[rows] = _parsed(short, "ISO8601")
            forms[rows] = form
    forms[values == MISSING] = _UNREADABLE  # the 31st of February
    return forms, values


def _read_format(texts: pd.Series[str], time_format: str) -> tuple[_Forms, IntArray]:
    """Read texts in a stated format. One that ends where the format's time of day begins is a day."""
    forms = np.full(len(texts), _UNREADABLE, dtype=np.int8)
    values = np.full(len(texts), MISSING, dtype=np.int64)
    form = _INSTANT if "%z" in time_format else _WALL if _TIME_PART.search(time_format) else _DAY
    for each, pattern in ((form, time_format), (_DAY, _day_part(time_format))):
        rows = np.flatnonzero(forms == _UNREADABLE)
        if pattern and len(rows):
            values[rows] = _parsed(texts.iloc[rows], pattern)
            forms[rows] = np.where(values[rows] == MISSING, _UNREADABLE, each)
    return forms, values


def _day_part(time_format: str) -> str:
    """Return a format as far as its time of day, or nothing where the day does not come first."""
    time = _TIME_PART.search(time_format)
    if time is None or _DATE_PART.search(time_format, time.start()):
        return ""
    return time_format[: time.start()].rstrip(" T,-")


def _parsed(texts: pd.Series[str], time_format: str) -> IntArray:
    return _micros(pd.DatetimeIndex(pd.to_datetime(texts, format=time_format, errors="coerce", utc=True)))


def _micros(index: pd.DatetimeIndex) -> IntArray:
    return np.array(index.as_unit("us").asi8, dtype=np.int64)
