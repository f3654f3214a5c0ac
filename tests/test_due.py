"""Which slot of a job is due: local dates, whatever the clocks do. Pure; nothing here waits."""

from __future__ import annotations

import datetime as dt

import pytest

from dacompliance.config import Job
from dacompliance.run.due import between, falls_on, newest_day, newest_due
from tests.helpers import LONDON, when

MORNING = Job(name="morning", at="06:30")
MONDAYS = Job(name="weekly", at="07:30", kind="report", on="mon")


@pytest.mark.parametrize(
    ("job", "now", "due"),
    [
        pytest.param(MORNING, "Mon 2026-11-02 06:29", "2026-11-01", id="a minute before its time: yesterday's"),
        pytest.param(MORNING, "Mon 2026-11-02 06:30", "2026-11-02", id="at its time"),
        pytest.param(MORNING, "Mon 2026-11-02 23:59", "2026-11-02", id="all the rest of the day"),
        pytest.param(MORNING, "Mon 2026-06-01 06:29", "2026-05-31", id="in summer, by the force's clock"),
        pytest.param(MONDAYS, "Mon 2026-11-02 07:29", "2026-10-26", id="weekly: last week's until its time"),
        pytest.param(MONDAYS, "Mon 2026-11-02 07:30", "2026-11-02", id="weekly: at its time"),
        pytest.param(MONDAYS, "Sun 2026-11-08 23:00", "2026-11-02", id="weekly: all week"),
    ],
)
def test_the_newest_slot_that_is_due(job, now, due):
    assert newest_due(job, when(now).astimezone(LONDON)) == dt.date.fromisoformat(due)


def test_the_slots_between_two_are_the_days_the_job_falls_on():
    first, last = dt.date(2026, 10, 26), dt.date(2026, 11, 9)
    assert between(MONDAYS, first, last) == [dt.date(2026, 11, 2)]
    assert between(MORNING, first, dt.date(2026, 10, 29)) == [dt.date(2026, 10, 27), dt.date(2026, 10, 28)]
    assert between(MORNING, first, first) == between(MORNING, last, first) == []
    twice = Job(name="twice", at="07:00", on=("mon", "thu"))
    assert [falls_on(twice, first + dt.timedelta(days=n)) for n in range(7)] == [True, False, False, True, *[False] * 3]
    assert newest_day(twice, dt.date(2026, 11, 1)) == dt.date(2026, 10, 29)


CHANGES = [
    dt.date(2026, 3, 29),
    dt.date(2026, 10, 25),
]


@pytest.mark.parametrize("change", CHANGES, ids=["spring", "autumn"])
def test_through_the_night_of_a_change_each_local_day_comes_due_exactly_once(change):
    """Every minute of real time from noon to noon, for a job at every allowed minute of the night."""
    times = [f"{hour:02}:{minute:02}" for hour in (0, 2, 3) for minute in range(60)]
    begun = dt.datetime.combine(change - dt.timedelta(days=1), dt.time(12), LONDON).astimezone(dt.UTC)
    minutes = [(begun + dt.timedelta(minutes=n)).astimezone(LONDON) for n in range(24 * 60 + 1)]
    for at in times:
        job = Job(name="morning", at=at)
        seen = [newest_due(job, local) for local in minutes]
        assert seen == sorted(seen), "a slot never comes due again"
        assert set(seen) == {change - dt.timedelta(days=1), change}
