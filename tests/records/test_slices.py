"""Slices follow one on the other, and a query is told of them in its own zone and form."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from dacompliance.records.slices import Slice, bound, slices, sorts_as_time, whole
from tests.helpers import LONDON, when

NOW = when("Sun 2026-11-22 08:00")
UTC = ZoneInfo("UTC")
SUMMER = Slice(when("Wed 2026-07-01 00:00"), when("Thu 2026-10-01 00:00"), undated=False)


@pytest.mark.parametrize(
    ("records_from", "days", "edges"),
    [
        pytest.param(
            "2026-11-01", 10, ["Sun 2026-11-01", "Wed 2026-11-11", "Sat 2026-11-21", None], id="the last is open"
        ),
        pytest.param("2026-11-12", 10, ["Thu 2026-11-12", "Sun 2026-11-22", None], id="one ends today"),
        pytest.param("2026-11-13", 10, ["Fri 2026-11-13", None], id="today is within the only one"),
        pytest.param("2027-01-01", 10, ["Fri 2027-01-01", None], id="all is yet to come"),
        pytest.param("2026-10-20", 30, ["Tue 2026-10-20", "Thu 2026-11-19", None], id="across a change of clocks"),
    ],
)
def test_slices_follow_one_on_the_other_without_a_gap(records_from, days, edges):
    parts = list(slices(dt.date.fromisoformat(records_from), days, NOW, LONDON))
    assert [part.since for part in parts] == [when(edge) for edge in edges[:-1]]
    assert [part.until for part in parts] == [None if edge is None else when(edge) for edge in edges[1:]]


def test_the_undated_come_with_the_first_slice_only():
    parts = list(slices(dt.date(2026, 1, 1), 92, NOW, LONDON))
    assert [part.undated for part in parts] == [True, *[False] * (len(parts) - 1)]
    assert whole(dt.date(2026, 1, 1), LONDON) == Slice(when("Thu 2026-01-01 00:00"), None, undated=True)


@pytest.mark.parametrize(
    ("zone", "time_format", "as_text", "since", "until"),
    [
        pytest.param(LONDON, None, True, "2026-07-01 00:00:00", "2026-10-01 00:00:00", id="text"),
        pytest.param(UTC, None, True, "2026-06-30 23:00:00", "2026-09-30 23:00:00", id="text in UTC"),
        pytest.param(
            UTC, None, False, dt.datetime.fromisoformat("2026-06-30T23:00"), dt.datetime.fromisoformat("2026-09-30T23:00"),
            id="the database's own times",
        ),
        pytest.param(LONDON, "%Y%m%d%H%M", True, "202607010000", "202610010000", id="a format that sorts"),
        pytest.param(LONDON, "%Y-%m-%dT%H:%M", False, "2026-07-01T00:00", "2026-10-01T00:00", id="text on any server"),
        pytest.param(LONDON, "%d/%m/%Y", False, "2026-07-01 00:00:00", "2026-10-01 00:00:00", id="one that does not sort"),
        pytest.param(LONDON, "%Y-%m-%d %H:%M%z", True, "2026-07-01 00:00+0100", "2026-10-01 00:00+0100", id="an offset"),
    ],
)  # fmt: skip
def test_a_query_is_told_in_its_own_zone_and_form(zone, time_format, as_text, since, until):
    assert bound(SUMMER, zone, time_format, as_text=as_text) == {"since": since, "until": until, "undated": 0}


def test_the_last_slice_ends_where_no_time_is():
    last = Slice(when("Wed 2026-07-01 00:00"), None, undated=True)
    assert bound(last, LONDON, None, as_text=True)["until"] == "9999-12-31 00:00:00"
    assert bound(last, UTC, None, as_text=False)["until"] == dt.datetime.fromisoformat("9999-12-31")
    assert bound(last, LONDON, None, as_text=True)["undated"] == 1


@pytest.mark.parametrize(
    ("time_format", "sorts"),
    [
        ("%Y-%m-%d %H:%M:%S", True),
        ("%Y%m%d", True),
        ("%Y/%m/%d %H:%M", True),
        ("%d/%m/%Y %H:%M", False),
        ("%m/%d/%Y", False),
        ("%Y-%d-%m", False),
        ("%d %b %Y", False),
        ("%Y-%b-%d", False),
        ("%H:%M %Y-%m-%d", False),
        ("%Y-%m-%d %I:%M %p", False),
    ],
)
def test_a_format_sorts_when_its_greatest_part_comes_first(time_format, sorts):
    assert sorts_as_time(time_format) == sorts
