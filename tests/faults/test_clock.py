"""Both nights of a clock change for ten years, minute by minute of real time, the scheduler started anew now and then:
each local day runs exactly once, whatever the minute of the job."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from functools import partial

import pytest

from dacompliance.config import Job, load_settings
from dacompliance.ledger import slots
from dacompliance.ledger.database import open_ledger
from dacompliance.run.due import newest_due
from dacompliance.schedule import jobs
from dacompliance.schedule.scheduler import Service, trigger
from tests.acceptance.force import build
from tests.helpers import LONDON
from tests.test_scheduler import settings

UTC, MINUTE, DAY = dt.UTC, dt.timedelta(minutes=1), dt.timedelta(days=1)
AT_NIGHT = [f"{hour:02}:{minute:02}" for hour in (22, 23, 0, 2, 3, 4, 5) for minute in range(60)]
"""Every minute of those nights that a job may be at: by day no clock changes, and at 01:00 to 01:59 no job may be."""


def last_sunday(year: int, month: int) -> dt.date:
    day = dt.date(year, month, 31)
    return day - dt.timedelta(days=(day.weekday() + 1) % 7)


NIGHTS = [last_sunday(year, month) for year in range(2026, 2036) for month in (3, 10)]


def minutes(night: dt.date) -> list[dt.datetime]:
    """Return every minute of real time from 22:00 of the evening before to 06:00, seven hours or nine."""
    at = dt.datetime.combine(night - DAY, dt.time(22), LONDON).astimezone(UTC)
    until = dt.datetime.combine(night, dt.time(6), LONDON).astimezone(UTC)
    return [at + number * MINUTE for number in range((until - at) // MINUTE + 1)]


def test_the_nights_are_those_on_which_the_clocks_change():
    assert {len(minutes(night)) for night in NIGHTS if night.month == 3} == {7 * 60 + 1}
    assert {len(minutes(night)) for night in NIGHTS if night.month == 10} == {9 * 60 + 1}


@pytest.mark.long
def test_a_job_at_any_allowed_minute_comes_due_once_a_local_day(record_property):
    looked = 0
    for night in NIGHTS:
        local = [each.astimezone(LONDON) for each in minutes(night)]
        for at in AT_NIGHT:
            job = Job(name="morning", at=at)
            found = [newest_due(job, each) for each in local]
            looked += len(found)
            changes = [day for before, day in itertools.pairwise(found) if day != before]
            before_midnight = at > "22:00"
            assert changes == ([night - DAY] if before_midnight else [] if at == "22:00" else [night]), (night, at)
    record_property(
        f"Clocks: a job at each of {len(AT_NIGHT)} minutes, {len(NIGHTS)} nights",
        f"{looked:,} looks, each local day due once",
    )


@pytest.mark.long
def test_apscheduler_fires_once_a_local_day_at_any_allowed_minute(record_property):
    fired = 0
    for at in AT_NIGHT:
        job = Job(name="morning", at=at)
        due = trigger(job, settings(job))
        for night in NIGHTS:
            last = due.get_next_fire_time(None, dt.datetime.combine(night - DAY, dt.time(0), LONDON))
            days = []
            while last.date() <= night + DAY:
                assert f"{last:%H:%M}" == at, (night, at)
                days.append(last.date())
                last = due.get_next_fire_time(last, last)
            assert days == [night - DAY, night, night + DAY], (night, at)
            fired += len(days)
    record_property(
        f"Clocks: APScheduler at each of {len(AT_NIGHT)} minutes, {len(NIGHTS)} nights",
        f"{fired:,} firings, one a local day",
    )


@pytest.mark.long
def test_looking_every_minute_claims_each_local_day_once(tmp_path, capsys, monkeypatch, record_property):
    """What is due and the slots are real, in a ledger kept open; the work is left out. The scheduler is started anew
    every 37 minutes."""
    force = build(tmp_path / "force", capsys)
    times = ("00:30", "02:00", "05:45")
    listed = ", ".join(f'{{name = "at-{at.replace(":", "")}", at = "{at}"}}' for at in times)
    force.edit("[readers]", f"[schedule]\njobs = [{listed}]\n[readers]")
    made = load_settings(force.config, {})
    ran: Counter[tuple[str, dt.date]] = Counter()
    ledger = open_ledger(made.ledger.url.get_secret_value())
    monkeypatch.setattr(jobs, "open_ledger", lambda _: ledger)  # to open it is most of a look's time, and no clock's

    def work(made, job, day, now, told=None):
        jobs.note_missed(made, job, day, now)
        claim = slots.claim(ledger, job.name, day, now=now)
        assert claim is not None
        with ledger.begin() as connection:
            slots.finish(connection, claim, None, now)
        ran[job.name, day] += 1
        return jobs.Came(job.name, day, "left_alone", "")

    monkeypatch.setattr(jobs, "run_job", work)
    looks = 0
    for night in NIGHTS:
        service = Service(made, partial(dt.datetime.now, UTC))
        for number, now in enumerate(minutes(night)):
            if number % 37 == 0:
                service = Service(made, service.clock)
            service.clock = partial(dt.datetime.fromtimestamp, now.timestamp(), UTC)
            service.look()
            looks += 1
    nights = {(f"at-{at.replace(':', '')}", night) for at in times for night in NIGHTS}
    assert {key: ran[key] for key in nights} == dict.fromkeys(nights, 1)
    assert set(ran.values()) == {1}
    record_property(
        "Clocks: every minute of 20 nights, three jobs", f"{looks:,} looks, {len(nights)} slots, each run once"
    )
