"""The helpers that every test table leans on."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from dacompliance.records.table import MISSING
from tests.helpers import micros, when


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        pytest.param("Thu 2025-04-17 16:00", "2025-04-17T15:00:00Z", id="summer time"),
        pytest.param("Fri 2025-01-17 16:00", "2025-01-17T16:00:00Z", id="winter time"),
        pytest.param("Thu 2025-04-17 16:00:59.000001", "2025-04-17T15:00:59.000001Z", id="to the microsecond"),
        pytest.param("Thu 2025-04-17", "2025-04-16T23:00:00Z", id="a day alone is its start"),
        pytest.param("Sun 2025-10-26 01:30", "2025-10-26T00:30:00Z", id="a time that happens twice is the first"),
    ],
)
def test_a_wall_time_is_read_into_utc(text, instant):
    assert when(text) == dt.datetime.fromisoformat(instant)
    assert when(text).utcoffset() == dt.timedelta(0)


def test_another_zone_may_be_named():
    assert when("Thu 2025-04-17 16:00", ZoneInfo("Europe/Paris")) == dt.datetime(2025, 4, 17, 14, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("Wed 2025-04-17 16:00", "is a Thu", id="wrong weekday"),
        pytest.param("2025-04-17 16:00", "Invalid isoformat|is a Thu", id="no weekday"),
        pytest.param("Sun 2025-03-30 01:30", "never happened", id="the hour the clocks skip"),
    ],
)
def test_a_table_cannot_lie_about_the_calendar(text, message):
    with pytest.raises(ValueError, match=message):
        when(text)


def test_micros_counts_from_1970_and_knows_missing():
    assert micros("Thu 1970-01-01 01:00:00.000007") == 7  # London kept summer time all that winter
    assert micros(None) == MISSING
