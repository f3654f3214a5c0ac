"""Times and dates: what a driver or a text shows becomes an instant, a day, nothing, or a cell nobody can read."""

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dacompliance.localtime import happens_twice
from dacompliance.records.contract import Finding, Kind
from dacompliance.records.table import MISSING
from tests.helpers import LONDON, micros, when
from tests.records.given import objects, read, shown
from tests.worlds import UNREADABLE

UTC = ZoneInfo("UTC")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


def wall(text: str, zone: ZoneInfo = LONDON) -> dt.datetime:
    """Return a wall time, its weekday checked, as a driver makes it of a column without a zone."""
    return when(text, zone).astimezone(zone).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        pytest.param("2026-11-02 21:10", "Mon 2026-11-02 21:10", id="to the minute"),
        pytest.param("2026-11-02 21:10:00", "Mon 2026-11-02 21:10", id="to the second"),
        pytest.param("2026-11-02T21:10:00", "Mon 2026-11-02 21:10", id="with a T"),
        pytest.param(" 2026-11-02 21:10 ", "Mon 2026-11-02 21:10", id="stripped"),
        pytest.param("2026-07-02 21:10", "Thu 2026-07-02 21:10", id="in summer"),
        pytest.param("2026-07-02 21:10Z", "Thu 2026-07-02 22:10", id="in UTC"),
        pytest.param("2026-07-02T21:10:00+02:00", "Thu 2026-07-02 20:10", id="with an offset"),
        pytest.param("2026-07-02 21:10:00 +0200", "Thu 2026-07-02 20:10", id="with an offset set apart"),
        pytest.param("2026-07-02 21:10:00+02", "Thu 2026-07-02 20:10", id="with an offset of hours"),
        pytest.param("2026-11-02", "Mon 2026-11-02", id="a date"),
        pytest.param("2026-11-02 00:00", "Mon 2026-11-02 00:00", id="midnight is a time"),
        pytest.param(dt.date(2026, 11, 2), "Mon 2026-11-02", id="a date by its type"),
        pytest.param(wall("Mon 2026-11-02 21:10"), "Mon 2026-11-02 21:10", id="a time by its type"),
        pytest.param(when("Thu 2026-07-02 21:10"), "Thu 2026-07-02 21:10", id="an instant by its type"),
        pytest.param(pd.Timestamp("2026-07-02 20:10", tz="UTC"), "Thu 2026-07-02 21:10", id="pandas' own"),
        pytest.param(pd.NaT, None, id="no time is missing"),
        pytest.param("", None, id="empty is missing"),
        pytest.param(None, None, id="NULL is missing"),
        pytest.param("2026-02-31 10:00", UNREADABLE, id="a day that is not in the calendar"),
        pytest.param("2026-02-31", UNREADABLE, id="a date that is not in the calendar"),
        pytest.param("2026-11-02 25:00", UNREADABLE, id="an hour that no day has"),
        pytest.param("2026-11-02 24:00", UNREADABLE, id="twenty-four hundred"),
        pytest.param("2026-11-02 21:10:60", UNREADABLE, id="a leap second"),
        pytest.param("02/11/2026 21:10", UNREADABLE, id="a format that nobody stated"),
        pytest.param("03/04/2026", UNREADABLE, id="a date that could be two"),
        pytest.param("2026-11", UNREADABLE, id="a month"),
        pytest.param("20261102", UNREADABLE, id="digits alone"),
        pytest.param("yesterday", UNREADABLE, id="a word"),
        pytest.param("infinity", UNREADABLE, id="never"),
        pytest.param("2026-07-02 21:10 BST", UNREADABLE, id="a zone by its letters"),
        pytest.param("0001-01-01 00:00:00", UNREADABLE, id="the first day of all, a program's word for none"),
        pytest.param(dt.date.min, UNREADABLE, id="the same by its type"),
        pytest.param(20261102, UNREADABLE, id="a number"),
        pytest.param(True, UNREADABLE, id="a true"),
    ],
)
def test_a_time_is_read(cell, told):
    assert shown(read(Kind.INSTANT, cell).column) == [told]


@pytest.mark.parametrize(
    ("cell", "zone", "told", "noted"),
    [
        pytest.param("2026-10-25 01:30", LONDON, "2026-10-25T00:30Z", Finding.AMBIGUOUS_TIME, id="October, the first"),
        pytest.param("2026-10-25 01:00", LONDON, "2026-10-25T00:00Z", Finding.AMBIGUOUS_TIME, id="its first instant"),
        pytest.param("2026-10-25 00:59:59", LONDON, "2026-10-24T23:59:59Z", None, id="the second before"),
        pytest.param("2026-10-25 01:59:59", LONDON, "2026-10-25T00:59:59Z", Finding.AMBIGUOUS_TIME, id="its last"),
        pytest.param("2026-10-25 02:00", LONDON, "2026-10-25T02:00Z", None, id="the instant after"),
        pytest.param("2026-10-25 01:30+00:00", LONDON, "2026-10-25T01:30Z", None, id="an offset leaves no doubt"),
        pytest.param("2026-10-25 01:30", UTC, "2026-10-25T01:30Z", None, id="UTC has no October"),
        pytest.param("2026-03-29 01:30", LONDON, "2026-03-29T01:30Z", Finding.IMPOSSIBLE_TIME, id="March, by the gap"),
        pytest.param("2026-03-29 01:00", LONDON, "2026-03-29T01:00Z", Finding.IMPOSSIBLE_TIME, id="the gap's first"),
        pytest.param("2026-03-29 00:59:59", LONDON, "2026-03-29T00:59:59Z", None, id="the second before the gap"),
        pytest.param("2026-03-29 02:00", LONDON, "2026-03-29T01:00Z", None, id="the first after the gap"),
        pytest.param("2026-11-01 01:30", NEW_YORK, "2026-11-01T05:30Z", Finding.AMBIGUOUS_TIME, id="another zone"),
        pytest.param("2026-10-04 02:10", LORD_HOWE, "2026-10-03T15:40Z", Finding.IMPOSSIBLE_TIME, id="half an hour"),
        pytest.param("2062-10-29 01:30", LONDON, "2062-10-29T00:30Z", Finding.AMBIGUOUS_TIME, id="in years to come"),
    ],
)
def test_a_wall_time_that_happened_twice_or_never_is_read_and_noted(cell, zone, told, noted):
    cells = read(Kind.INSTANT, cell, zone=zone)
    assert cells.column.instants()[0] == pd.Timestamp(told)
    assert list(cells.notes) == ([] if noted is None else [noted])


def test_an_instant_of_the_drivers_own_keeps_apart_the_two_half_past_ones():
    """They are equal to Python, which compares their walls."""
    twice = [dt.datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=fold) for fold in (0, 1, 0)]
    assert twice[0] == twice[1]
    cells = read(Kind.INSTANT, *twice)
    assert [each.hour for each in cells.column.instants()] == [0, 1, 0]
    assert not cells.notes


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        pytest.param("2026-11-02 21:10:00.5", 500_000, id="tenths"),
        pytest.param("2026-11-02 21:10:00.123456", 123_456, id="microseconds"),
        pytest.param("2026-11-02 21:10:00.1234567", 123_456, id="beyond them is cut off"),
        pytest.param("2026-11-02 21:10:00.999999999", 999_999, id="and not rounded up"),
        pytest.param("1969-12-31 23:59:59.9999999", 999_999, id="also before 1970"),
        pytest.param("2026-11-02T21:10:00.123456789Z", 123_456, id="also with an offset"),
    ],
)
def test_instants_are_kept_to_the_microsecond(text, microsecond):
    assert read(Kind.INSTANT, text).column.instants()[0].microsecond == microsecond


@pytest.mark.parametrize(
    ("time_format", "cell", "told"),
    [
        pytest.param("%d/%m/%Y %H:%M", "03/04/2026 21:10", "Fri 2026-04-03 21:10", id="day first"),
        pytest.param("%m/%d/%Y %H:%M", "03/04/2026 21:10", "Wed 2026-03-04 21:10", id="month first"),
        pytest.param("%d/%m/%Y %H:%M", "03/04/2026", "Fri 2026-04-03", id="without its time it is a date"),
        pytest.param("%d/%m/%Y", "03/04/2026", "Fri 2026-04-03", id="a format of days"),
        pytest.param("%d/%m/%Y", "03/04/2026 21:10", UNREADABLE, id="more than the format"),
        pytest.param("%d/%m/%Y %H:%M", "2026-04-03 21:10", UNREADABLE, id="the format, and not ISO"),
        pytest.param("%d/%m/%Y %H:%M", "31/02/2026 21:10", UNREADABLE, id="the 31st of February"),
        pytest.param("%Y%m%d", "20260403", "Fri 2026-04-03", id="digits alone"),
        pytest.param("%Y%m%d", 20260403, "Fri 2026-04-03", id="a number that the format reads"),
        pytest.param("%Y%m%d%H%M", 202604032110, "Fri 2026-04-03 21:10", id="a longer one"),
        pytest.param("%d %b %Y %I:%M %p", "3 Apr 2026 9:10 pm", "Fri 2026-04-03 21:10", id="a month's name"),
        pytest.param("%H:%M %d/%m/%Y", "21:10 03/04/2026", "Fri 2026-04-03 21:10", id="the time first"),
        pytest.param("%H:%M %d/%m/%Y", "03/04/2026", UNREADABLE, id="its date alone is not looked for"),
        pytest.param("%d/%m/%Y %H:%M %z", "03/04/2026 21:10 +0000", "Fri 2026-04-03 22:10", id="with an offset"),
        pytest.param("%d/%m/%Y %H:%M", dt.date(2026, 4, 3), "Fri 2026-04-03", id="a date of the driver's own"),
        pytest.param("%d/%m/%Y %H:%M", "", None, id="empty is missing"),
    ],
)
def test_a_text_is_read_in_the_stated_format(time_format, cell, told):
    assert shown(read(Kind.INSTANT, cell, time_format=time_format).column) == [told]


@pytest.mark.parametrize(
    ("cell", "zone", "told"),
    [
        pytest.param("2026-11-02 00:00:00", LONDON, "Mon 2026-11-02", id="midnight"),
        pytest.param("2026-11-02 13:00", LONDON, "Mon 2026-11-02", id="any time of the day"),
        pytest.param(wall("Thu 2026-07-02 00:00"), LONDON, "Thu 2026-07-02", id="a summer's midnight"),
        pytest.param("2026-07-01 23:00:00", UTC, "Thu 2026-07-02", id="a local midnight kept in UTC"),
        pytest.param("2026-07-02 00:00:00", UTC, "Thu 2026-07-02", id="a midnight of UTC"),
        pytest.param("2026-07-01 23:00Z", LONDON, "Thu 2026-07-02", id="a local midnight with an offset"),
        pytest.param("2026-03-29 01:30", LONDON, "Sun 2026-03-29", id="a time that never was is still that day"),
    ],
)
def test_times_of_a_column_listed_as_dates_are_days(cell, zone, told):
    cells = read(Kind.INSTANT, cell, zone=zone, is_date=True)
    assert shown(cells.column) == [told]
    assert list(cells.notes) == [Finding.DATE_ONLY]


def test_a_date_begins_with_its_local_day():
    assert read(Kind.INSTANT, "2026-07-02", zone=UTC).column.values[0] == micros("Thu 2026-07-02 00:00")


def test_a_date_is_noted_among_instants_and_not_where_dates_are_expected():
    assert list(read(Kind.INSTANT, "2026-07-02").notes) == [Finding.DATE_ONLY]
    assert not read(Kind.DATE, "2026-07-02").notes


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        pytest.param("2026-07-02 13:00", "Thu 2026-07-02", id="its time is let go"),
        pytest.param("9999-12-31", "Fri 9999-12-31", id="the last day of all"),
        pytest.param("9999-12-31 23:59:59", "Fri 9999-12-31", id="to its last second"),
    ],
)
def test_a_column_of_dates_holds_days(cell, told):
    assert shown(read(Kind.DATE, cell).column) == [told]


@pytest.mark.parametrize("zone", [LONDON, NEW_YORK, ZoneInfo("Pacific/Auckland")], ids=str)
def test_the_ends_of_the_calendar_stop_nothing(zone):
    first, last = (each.replace(tzinfo=None) for each in (pd.Timestamp(1, 1, 1), pd.Timestamp(9999, 12, 31, 23, 59)))
    cells = read(Kind.INSTANT, "9999-12-31 23:59:59", last, first, "0000-01-01 00:00", zone=zone)
    assert cells.column.present.tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    "cell",
    ["1900-01-01 00:00:00", pd.Timestamp(1900, 1, 1)],
    ids=["text", "a type of the driver's"],
)
def test_a_times_own_word_for_none_can_be_mapped_away(cell):
    assert shown(read(Kind.INSTANT, cell, words={"1900-01-01 00:00:00": ""}).column) == [None]


def test_unreadable_is_missing_too_and_marked():
    column = read(Kind.INSTANT, "31/02/2026").column
    assert column.values[0] == MISSING
    assert column.unread.tolist() == [True]


def test_happens_twice_says_so_of_october_only():
    walls = objects(["2026-10-25T01:30", "2026-10-25T02:30", "2026-03-29T01:30"]).astype("datetime64[us]")
    assert happens_twice(walls.astype("int64"), LONDON).tolist() == [True, False, False]
