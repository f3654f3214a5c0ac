"""Both nights of a clock change for ten years, minute by minute of real time, the scheduler started anew now and then:
each local day runs exactly once, whatever the minute of the job."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from contextlib import closing
from functools import partial

import pytest

from dacompliance import jobs
from dacompliance.config import Job, load_settings
from dacompliance.due import newest_due
from dacompliance.ledger import slots
from dacompliance.ledger.database import open_ledger
from dacompliance.scheduler import Service, trigger
from tests.acceptance.force import build
from tests.helpers import LONDON
from tests.test_scheduler import settings

UTC, MINUTE, DAY = dt.UTC, dt.timedelta(minutes=1), dt.timedelta(days=1)
ALLOWED = [f"{hour:02}:{minute:02}" for hour in range(24) if hour != 1 for minute in range(60)]


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
        for at in ALLOWED:
            job = Job(name="morning", at=at)
            found = [newest_due(job, each) for each in local]
            looked += len(found)
            assert found == sorted(found), (night, at)
            came = [day for day, before in zip(found[1:], found, strict=False) if day != before]
            times = [f"{each:%H:%M}" for each in local]
            assert Counter(came) == Counter(
                [night - DAY for _ in [0] if "22:00" < at <= "23:59"]
                + [night for _ in [0] if at <= "06:00" and at in times]
            ), (night, at)
    record_property("Clocks: a job at each of 1,380 minutes, 20 nights", f"{looked:,} looks, each local day due once")


@pytest.mark.long
def test_apscheduler_fires_once_a_local_day_at_any_allowed_minute(record_property):
    fired = 0
    for at in ALLOWED:
        job = Job(name="morning", at=at)
        due = trigger(job, settings(job))
        for night in NIGHTS:
            last = due.get_next_fire_time(None, dt.datetime.combine(night - DAY, dt.time(0), LONDON) - MINUTE)
            days = []
            while last.date() <= night + DAY:
                days.append(last.date())
                last = due.get_next_fire_time(last, last)
            assert days in ([night - DAY, night, night + DAY], [night - 2 * DAY, night - DAY, night, night + DAY]), at
            fired += len(days)
    record_property("Clocks: APScheduler at each of 1,380 minutes, 20 nights", f"{fired:,} firings, one a local day")


@pytest.mark.long
def test_looking_every_minute_claims_each_local_day_once(tmp_path, capsys, monkeypatch, record_property):
    """The slots are real, in a ledger; the work is left out. The scheduler is started anew every 37 minutes."""
    force = build(tmp_path / "force", capsys)
    times = ("00:30", "02:00", "05:45")
    listed = ", ".join(f'{{name = "at-{at.replace(":", "")}", at = "{at}"}}' for at in times)
    force.edit("[readers]", f"[schedule]\njobs = [{listed}]\n[readers]")
    made = load_settings(force.config, {})
    ran: Counter[tuple[str, dt.date]] = Counter()

    def work(made, job, day, now, told=None):
        jobs.note_missed(made, job, day, now)
        with closing(open_ledger(made.ledger.url.get_secret_value())) as ledger:
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
