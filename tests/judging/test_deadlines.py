"""The four clocks, at every edge we know of. The tables are the reference a person can read."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dacompliance.judging.deadlines import closed_days, due_times, open_days, opening_time
from dacompliance.localtime import HOUR, to_instant, to_wall
from dacompliance.policy.model import Calendar, Clock, Deadline, Holiday
from dacompliance.records.contract import Kind
from dacompliance.records.table import Column
from tests.helpers import LONDON, micros
from tests.worlds import column, told

EASTER = tuple(
    Holiday(dt.date.fromisoformat(day), "england-and-wales", name, dt.date(2024, 1, 1))
    for day, name in (
        ("2025-04-18", "Good Friday"),
        ("2025-04-21", "Easter Monday"),
        ("2025-12-25", "Christmas Day"),
        ("2025-12-26", "Boxing Day"),
        ("2026-01-01", "New Year's Day"),
    )
)
OFFICE = Calendar("office", (0, 1, 2, 3, 4), ((540, 1020),), "england-and-wales", 1020, 1440, 0)
STRICT = Calendar("strict", (0, 1, 2, 3, 4), ((540, 1020),), "england-and-wales", 1440, 16 * 60, 1)
SPLIT = Calendar("split", (0, 1, 2, 3, 4, 5), ((480, 720), (780, 1020)), None, 1020, 1440, 0)
ROUND_THE_CLOCK = Calendar("always", (0, 1, 2, 3, 4, 5, 6), ((0, 1440),), None, 1440, 1440, 0)
NIGHT = Calendar("night", (0, 1, 2, 3, 4, 5, 6), ((75, 105), (120, 180)), None, 1440, 90, 0)  # a cut-off at 01:30
MONDAYS = Calendar("mondays", (0,), ((540, 1020),), "england-and-wales", 1020, 1440, 0)
EVENINGS = Calendar("evenings", (0, 1, 2, 3, 4), ((1080, 1320),), None, 1320, 1440, 0)
KNOWN = 20_600  # in 2026


def due(start: str, amount: int, clock: Clock, calendar: Calendar | None = None, holidays=EASTER) -> object:
    cells = column(Kind.INSTANT, [start])
    found = due_times(Deadline("start", amount, clock, calendar), cells, LONDON, holidays, KNOWN)
    return told(Column(Kind.INSTANT, found))


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        pytest.param("Mon 2026-11-02 23:40", 24, "Tue 2026-11-03 23:40", id="a day later by the clock"),
        pytest.param("Sat 2026-10-24 12:00", 24, "Sun 2026-10-25 11:00", id="autumn: the night is an hour longer"),
        pytest.param("Sat 2026-03-28 12:00", 24, "Sun 2026-03-29 13:00", id="spring: the night is an hour shorter"),
        pytest.param("Mon 2026-11-02", 24, "Wed 2026-11-04 00:00", id="a date counts from 24:00 of its day"),
        pytest.param("Sat 2026-10-24", 24, "Sun 2026-10-25 23:00", id="a date before the autumn night"),
    ],
)
def test_elapsed_hours_are_real_time(start, hours, expected):
    assert due(start, hours, Clock.HOURS) == expected


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        pytest.param("Mon 2026-11-02 00:00", 1, "Wed 2026-11-04 00:00", id="24:00 of the day after"),
        pytest.param("Mon 2026-11-02 23:59", 1, "Wed 2026-11-04 00:00", id="the same for a late start of that day"),
        pytest.param("Mon 2026-11-02", 1, "Wed 2026-11-04 00:00", id="a date is its own day"),
        pytest.param("Sun 2026-10-25 00:30", 1, "Tue 2026-10-27 00:00", id="across the autumn change"),
        pytest.param("Tue 2026-06-30 23:30", 1, "Thu 2026-07-02 00:00", id="the local day, not the UTC one"),
    ],
)
def test_calendar_days_end_at_local_midnight(start, days, expected):
    assert due(start, days, Clock.DAYS) == expected


@pytest.mark.parametrize(
    ("start", "amount", "calendar", "expected"),
    [
        pytest.param("Thu 2025-04-17 16:00", 1, OFFICE, "Tue 2025-04-22 17:00", id="Easter does not count"),
        pytest.param("Sat 2026-11-07 10:00", 1, OFFICE, "Tue 2026-11-10 17:00", id="from a Saturday: Tuesday"),
        pytest.param("Sat 2026-11-07 10:00", 1, STRICT, "Tue 2026-11-10 00:00", id="closed_start day 1: Monday, 24:00"),
        pytest.param("Fri 2026-11-06 16:00", 1, STRICT, "Tue 2026-11-10 00:00", id="at the cut-off is not after it"),
        pytest.param("Thu 2026-11-05 16:01", 1, STRICT, "Tue 2026-11-10 00:00", id="after the cut-off counts as Friday"),
        pytest.param("Fri 2026-11-06 16:01", 1, STRICT, "Tue 2026-11-10 00:00", id="after the cut-off on Friday: Saturday, so Monday is day 1"),
        pytest.param("Thu 2026-11-05", 1, OFFICE, "Fri 2026-11-06 17:00", id="a date is its own day"),
        pytest.param("Thu 2026-11-05", 1, STRICT, "Tue 2026-11-10 00:00", id="a date is after any earlier cut-off"),
        pytest.param("Wed 2025-12-24 12:00", 2, OFFICE, "Tue 2025-12-30 17:00", id="Christmas and its weekend"),
        pytest.param("Wed 2025-12-31 12:00", 1, OFFICE, "Fri 2026-01-02 17:00", id="New Year"),
        pytest.param("Tue 2026-06-02 00:30", 1, OFFICE, "Wed 2026-06-03 17:00", id="the local day, not the UTC one"),
        pytest.param("Mon 2026-11-02 10:00", 5, MONDAYS, "Mon 2026-12-07 17:00", id="five Mondays after a Monday"),
        pytest.param("Tue 2026-11-03 10:00", 3, MONDAYS, "Mon 2026-11-30 17:00", id="three Mondays after the next one"),
        pytest.param("Sun 2026-10-25 01:30", 1, NIGHT, "Tue 2026-10-27 00:00", id="at a cut-off that happens twice: the first is it"),
        pytest.param("Sun 2026-10-25 01:31", 1, NIGHT, "Wed 2026-10-28 00:00", id="a minute after it"),
        pytest.param("Sun 2026-03-29 02:30", 1, NIGHT, "Tue 2026-03-31 00:00", id="at a cut-off that never happens: it has moved on by the gap"),
        pytest.param("Sun 2026-03-29 02:31", 1, NIGHT, "Wed 2026-04-01 00:00", id="a minute after that"),
    ],
)  # fmt: skip
def test_working_days_follow_every_convention_of_the_calendar(start, amount, calendar, expected):
    assert due(start, amount, Clock.WORKING_DAYS, calendar) == expected


@pytest.mark.parametrize(
    ("start", "amount", "calendar", "expected"),
    [
        pytest.param("Mon 2026-11-02 09:00", 8, OFFICE, "Mon 2026-11-02 17:00", id="ends at closing time, not at the next opening"),
        pytest.param("Mon 2026-11-02 09:01", 8, OFFICE, "Tue 2026-11-03 09:01", id="a minute later: the next morning"),
        pytest.param("Mon 2026-11-02 17:00", 1, OFFICE, "Tue 2026-11-03 10:00", id="a start at closing time"),
        pytest.param("Sun 2026-11-01 03:00", 1, OFFICE, "Mon 2026-11-02 10:00", id="a start on a closed day"),
        pytest.param("Mon 2026-11-02 11:00", 2, SPLIT, "Mon 2026-11-02 14:00", id="lunch does not count"),
        pytest.param("Mon 2026-11-02 12:30", 4, SPLIT, "Mon 2026-11-02 17:00", id="a start at lunch"),
        pytest.param("Thu 2025-04-17 16:00", 2, OFFICE, "Tue 2025-04-22 10:00", id="over Easter"),
        pytest.param("Sat 2026-10-24 12:00", 24, ROUND_THE_CLOCK, "Sun 2026-10-25 11:00", id="opening time is real time"),
        pytest.param("Mon 2026-11-02", 1, OFFICE, "Tue 2026-11-03 10:00", id="a date counts from 24:00"),
        pytest.param("Mon 2026-11-02 09:00", 400, OFFICE, "Fri 2027-01-08 17:00", id="fifty days ahead"),
        pytest.param("Sat 2026-03-28 04:00", 1, NIGHT, "Sun 2026-03-29 03:00", id="spring: a spell moved on into the next counts no instant twice"),
        pytest.param("Sat 2026-03-28 04:00", 2, NIGHT, "Mon 2026-03-30 02:30", id="spring: nor in the night after"),
        pytest.param("Mon 2026-06-01", 1, OFFICE, "Tue 2026-06-02 10:00", id="a date in summer counts from its own 24:00"),
        pytest.param("Tue 2025-04-15 10:00", 2, MONDAYS, "Mon 2025-04-28 11:00", id="one opening in a fortnight"),
        pytest.param("Sat 2026-10-24 04:00", 1, NIGHT, "Sun 2026-10-25 02:30", id="autumn: a spell of the hour that happens twice is its first"),
    ],
)  # fmt: skip
def test_working_hours_are_opening_time(start, amount, calendar, expected):
    assert due(start, amount, Clock.WORKING_HOURS, calendar) == expected


def test_an_evening_west_of_greenwich_is_of_its_own_day_though_it_is_the_next_in_utc():
    new_york = ZoneInfo("America/New_York")
    starts = np.array([micros("Mon 2026-11-02 20:00", new_york)], dtype=np.int64)
    deadline = Deadline("x", 1, Clock.WORKING_HOURS, EVENINGS)
    found = due_times(deadline, Column(Kind.INSTANT, starts), new_york, (), KNOWN)
    assert found.tolist() == [micros("Mon 2026-11-02 21:00", new_york)]


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        pytest.param([], [0, 0, 0, 0, 0], id="never open"),
        pytest.param([(10, 20)], [0, 5, 10, 10, 10], id="open once"),
        pytest.param([(10, 20), (25, 40)], [0, 5, 10, 15, 25], id="open twice"),
    ],
)
def test_opening_time_is_counted_in_whole_microseconds_and_stands_still_outside_of_it(spells, expected):
    opens, closes = (np.array([each[side] for each in spells], dtype=np.int64) for side in (0, 1))
    before = np.cumsum(closes - opens) - (closes - opens)
    found = opening_time(np.array([5, 15, 20, 30, 50], dtype=np.int64), opens, closes, before)
    assert (found.tolist(), found.dtype) == (expected, np.int64)


def test_a_start_in_the_hour_that_came_again_is_after_a_cut_off_in_the_first():
    """A later start is never due earlier: by the wall, 01:15 comes after 01:45 that night."""
    starts = np.array([micros("Sun 2026-10-25 01:45"), micros("Sun 2026-10-25 01:15") + HOUR], dtype=np.int64)
    deadline = Deadline("x", 1, Clock.WORKING_DAYS, NIGHT)
    found = due_times(deadline, Column(Kind.INSTANT, starts), LONDON, EASTER, KNOWN)
    assert found.tolist() == [micros("Wed 2026-10-28 00:00")] * 2


def test_a_missing_or_unreadable_start_has_no_due_time():
    cells = column(Kind.INSTANT, [None, "unreadable!", "Mon 2026-11-02 09:00"])
    for clock, calendar in (
        (Clock.HOURS, None),
        (Clock.DAYS, None),
        (Clock.WORKING_DAYS, OFFICE),
        (Clock.WORKING_HOURS, OFFICE),
    ):
        found = Column(Kind.INSTANT, due_times(Deadline("x", 1, clock, calendar), cells, LONDON, EASTER, KNOWN))
        assert found.present.tolist() == [False, False, True]


def test_a_holiday_counts_from_its_announcement_until_it_is_withdrawn():
    moved = Holiday(dt.date(2020, 5, 4), "england-and-wales", "Early May", dt.date(2018, 1, 1), dt.date(2019, 6, 7))
    days = [closed_days(OFFICE, [moved], (dt.date.fromisoformat(day) - dt.date(1970, 1, 1)).days).tolist()
            for day in ("2017-12-31", "2018-01-01", "2019-06-06", "2019-06-07")]  # fmt: skip
    assert [bool(each) for each in days] == [False, True, True, False]


@given(
    st.lists(st.integers(1_600_000_000, 1_900_000_000), min_size=1, max_size=20),
    st.integers(1, 60),
    st.sampled_from([OFFICE, SPLIT, ROUND_THE_CLOCK]),
)
def test_forward_and_backward_agree(seconds, amount, calendar):
    """The opening time between start and due is exactly N hours, counted minute by minute from the calendar."""
    starts = np.array(seconds, dtype=np.int64) * 1_000_000
    dues = due_times(
        Deadline("x", amount, Clock.WORKING_HOURS, calendar), Column(Kind.INSTANT, starts), LONDON, EASTER, KNOWN
    )
    closed = set(closed_days(calendar, EASTER, KNOWN).tolist())
    for start, end in zip(starts.tolist(), dues.tolist(), strict=True):
        first, last = (int(each // (24 * HOUR)) for each in to_wall(np.array([start, end]), LONDON))
        open_time = 0
        for day in range(first, last + 1):
            if (day + 3) % 7 not in calendar.weekdays or day in closed:
                continue
            for opens, closes in calendar.hours:
                spell = to_instant(np.array([opens, closes], dtype=np.int64) * 60_000_000 + day * 24 * HOUR, LONDON)
                open_time += max(0, min(int(spell[1]), end) - max(int(spell[0]), start))
        assert open_time == amount * HOUR


@given(
    st.lists(st.integers(1_600_000_000, 1_900_000_000), min_size=2, max_size=5),
    st.integers(1, 30),
    st.sampled_from([Clock.WORKING_DAYS, Clock.WORKING_HOURS]),
    st.sampled_from([OFFICE, STRICT, MONDAYS, NIGHT]),
)
@example([1_777_630_000, 1_778_234_800], 5, Clock.WORKING_DAYS, MONDAYS)
def test_a_start_is_due_when_it_would_be_alone(seconds, amount, clock, calendar):
    starts, deadline = np.array(seconds, dtype=np.int64) * 1_000_000, Deadline("x", amount, clock, calendar)

    def dues(some: np.ndarray) -> list[int]:
        return due_times(deadline, Column(Kind.INSTANT, some), LONDON, EASTER, KNOWN).tolist()

    assert dues(starts) == [due for start in starts for due in dues(np.array([start]))]


@given(st.integers(1_600_000_000, 1_900_000_000), st.integers(1, 30))
def test_a_later_start_is_never_due_earlier(second, amount):
    starts = Column(Kind.INSTANT, np.array([second, second + 3_601], dtype=np.int64) * 1_000_000)
    for clock in Clock:
        calendar = OFFICE if clock in (Clock.WORKING_DAYS, Clock.WORKING_HOURS) else None
        early, late = due_times(Deadline("x", amount, clock, calendar), starts, LONDON, EASTER, KNOWN)
        assert early <= late


def test_open_days_leave_out_weekends_and_closed_days():
    first = (dt.date(2025, 4, 17) - dt.date(1970, 1, 1)).days
    assert (open_days(OFFICE, closed_days(OFFICE, EASTER, KNOWN), first, first + 6) - first).tolist() == [0, 5, 6]


def test_a_wall_time_that_never_happens_moves_forward_by_the_gap():
    assert (
        told(
            Column(Kind.INSTANT, to_instant(to_wall(np.array([micros("Sun 2026-03-29 00:30")]), LONDON) + HOUR, LONDON))
        )
        == "Sun 2026-03-29 02:30"
    )


def test_a_wall_time_that_happens_twice_is_the_first():
    wall = to_wall(np.array([micros("Sun 2026-10-25 00:30")]), LONDON) + HOUR
    assert to_instant(wall, LONDON)[0] == micros("Sun 2026-10-25 00:30") + HOUR
