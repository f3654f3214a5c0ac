"""The demonstration's days and its way of writing times."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.demo import period
from tests.helpers import when


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        pytest.param(when("Mon 2026-11-02 21:10"), "02/11/2026 21:10", id="winter"),
        pytest.param(when("Mon 2026-07-06 09:05"), "06/07/2026 09:05", id="summer"),
        pytest.param(dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC), "25/10/2026 01:30", id="the first 01:30"),
        pytest.param(dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC), "25/10/2026 01:30", id="the second 01:30"),
    ],
)
def test_a_time_is_written_as_the_wall_clock_showed_it(instant, text):
    assert period.wall_text(np.array([period.minutes(instant)])).tolist() == [text]


def test_a_time_that_was_never_recorded_is_no_text():
    moment = period.minutes(when("Mon 2026-11-02 21:10"))
    assert period.wall_text(np.array([period.NONE, moment])).tolist() == [None, "02/11/2026 21:10"]


night = st.integers(period.at(dt.date(2026, 10, 24), 20), period.at(dt.date(2026, 10, 25), 8))


@given(st.lists(night, min_size=1, max_size=40))
def test_no_time_is_left_in_the_hour_that_repeats_and_none_overtakes_another(times):
    moved = period.clear_of_repeated_hour(np.array(sorted(times), dtype=np.int64))
    assert not any(text.startswith("25/10/2026 01") for text in period.wall_text(moved))
    assert (np.diff(moved) >= 0).all()


def test_other_times_and_missing_ones_are_left_alone():
    times = np.array([period.NONE, period.at(dt.date(2026, 3, 29), 3), period.at(dt.date(2026, 10, 25), 7)])
    assert period.clear_of_repeated_hour(times).tolist() == times.tolist()


def test_the_six_mornings_hold_a_weekend_and_follow_the_end_of_summer_time():
    assert [day.strftime("%a") for day in period.MORNINGS] == ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue"]
    assert period.load_of(dt.date(2026, 10, 24)).utcoffset() == dt.timedelta(hours=1)
    assert period.load_of(period.MORNINGS[0]).utcoffset() == dt.timedelta(0)


def test_each_run_follows_its_load():
    assert all(period.load_of(day) < period.run_of(day) for day in period.MORNINGS)
