"""When jobs run: each local day once, whatever the clocks do. Time is simulated; nothing here waits."""

from __future__ import annotations

import datetime as dt
import signal
from pathlib import Path

import pytest

from dacompliance import monitor, scheduler
from dacompliance.config import Job, Settings, load_settings
from dacompliance.scheduler import is_overdue, make_scheduler, newest_run, run_job, trigger
from tests.acceptance.force import build
from tests.acceptance.test_one_true_morning import REPORTED
from tests.helpers import LONDON, when


def settings(*jobs: Job) -> Settings:
    return Settings.model_validate(
        {
            "folder": Path("/nowhere"),
            "force": {"name": "Test force"},
            "source": {"url": "sqlite:///source.db", "records_from": dt.date(2026, 1, 1)},
            "records": {"incidents": {"query": "SELECT 1 WHERE :since"}},
            "readers": {"unit": "unit@force.example", "fallback": "fallback@force.example"},
            "mail": {"sender": "monitor@force.example"},
            "schedule": {"jobs": [job.model_dump() for job in jobs]},
        }
    )


@pytest.mark.parametrize("at", ["00:00", "00:59", "02:00", "02:30", "06:30", "23:59"])
@pytest.mark.parametrize(
    "day", [pytest.param(dt.date(2026, 3, 29), id="spring"), pytest.param(dt.date(2026, 10, 25), id="autumn")]
)
def test_each_local_day_has_one_time_across_the_clock_changes(at, day):
    job = Job(name="morning", at=at)
    due = trigger(job, settings(job))
    fired, last = [], None
    instant = dt.datetime.combine(day - dt.timedelta(days=2), dt.time(23, 59, 30), LONDON)
    while True:
        last = due.get_next_fire_time(last, instant if last is None else last)
        if last.date() > day + dt.timedelta(days=2):
            break
        fired.append(last.date())
    assert fired == [day + dt.timedelta(days=offset) for offset in (-1, 0, 1, 2)]


@pytest.mark.parametrize(
    ("now", "overdue"),
    [
        pytest.param("Mon 2026-11-02 06:29", False, id="a minute before its time"),
        pytest.param("Mon 2026-11-02 06:30", True, id="at its time"),
        pytest.param("Mon 2026-11-02 23:59", True, id="all the rest of the day"),
        pytest.param("Mon 2026-06-01 06:29", False, id="in summer, by the force's clock"),
    ],
)
def test_a_job_is_made_up_for_on_the_day_it_was_missed(now, overdue):
    job = Job(name="morning", at="06:30")
    assert is_overdue(job, when(now), settings(job)) is overdue


def test_the_scheduler_keeps_the_forces_zone_and_its_jobs_in_memory():
    made = make_scheduler(
        settings(Job(name="morning", at="06:30"), Job(name="afternoon", at="14:00")),
        lambda: when("Mon 2026-11-02 05:00"),
    )
    assert str(made.timezone) == "Europe/London"
    assert sorted(job.id for job in made.get_jobs()) == ["afternoon", "morning"]
    assert {str(job.trigger.timezone) for job in made.get_jobs()} == {"Europe/London"}


@pytest.mark.parametrize("at", ["01:00", "01:30", "01:59"])
def test_the_hour_that_repeats_is_refused(at):
    with pytest.raises(ValueError, match="missing in March and happens twice in October"):
        Job(name="morning", at=at)


def test_what_a_job_that_died_left_unsaid_is_said_when_it_is_started_again(tmp_path, capsys):
    force = build(tmp_path / "force", capsys)
    force.put("incidents", [REPORTED])
    made, now = load_settings(force.config, {}), when("Tue 2026-11-03 06:30")
    kept = monitor.run(made, now=now, job="morning", slot=dt.date(2026, 11, 3), tell=True)
    assert not (force.folder / "outbox").exists()
    run_job(made, "morning", lambda: now + dt.timedelta(minutes=5))
    assert len(list((force.folder / "outbox").glob("*.eml"))) == kept.notices > 0
    assert (force.folder / "reports-out" / "completion.html").exists()
    assert newest_run(made) == kept.run_id


@pytest.mark.parametrize(
    ("jobs", "says"),
    [
        pytest.param(
            (Job(name="morning", at="06:30"), Job(name="morning", at="14:00")),
            "two jobs of one name",
            id="two of one name",
        ),
        pytest.param((), "has no job", id="none"),
    ],
)
def test_a_schedule_that_could_not_run_is_refused(jobs, says):
    with pytest.raises(ValueError, match=says):
        settings(*jobs)


def test_a_signal_while_a_missed_job_is_made_up_for_ends_in_order(monkeypatch):
    """The job at work is finished, and nothing is scheduled after it."""
    job, ran = Job(name="morning", at="06:30"), []

    def work(_settings, name, _clock):
        ran.append(name)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(scheduler, "run_job", work)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        scheduler.serve(settings(job), lambda: when("Mon 2026-11-02 07:00"))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert ran == ["morning"]
