"""When jobs run under APScheduler: each local day once, in the force's zone, ended in order; a relay delays nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
import threading
import time
from pathlib import Path

import pytest

from dacompliance.config import Job, Settings, load_settings
from dacompliance.schedule import jobs, scheduler
from dacompliance.schedule.scheduler import Service, make_scheduler, trigger
from tests.acceptance.force import build
from tests.acceptance.test_one_true_morning import REPORTED, ledger_rows
from tests.helpers import LONDON, when
from tests.notices.relay import Handler, relay


def settings(*jobs: Job, **schedule: object) -> Settings:
    return Settings.model_validate(
        {
            "folder": Path("/nowhere"),
            "force": {"name": "Test force"},
            "source": {"url": "sqlite:///source.db", "records_from": dt.date(2026, 1, 1)},
            "records": {"incidents": {"query": "SELECT 1 WHERE :since"}},
            "readers": {"unit": "unit@force.example", "fallback": "fallback@force.example"},
            "mail": {"sender": "monitor@force.example"},
            "schedule": {"jobs": [job.model_dump() for job in jobs], **schedule},
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


def test_a_weekly_job_fires_on_its_day():
    job = Job(name="weekly", at="07:30", kind="report", on="mon")
    fired = trigger(job, settings(Job(name="m", at="06:30"), job)).get_next_fire_time(
        None, when("Tue 2026-11-03 00:00")
    )
    assert fired == when("Mon 2026-11-09 07:30")


def test_the_scheduler_keeps_the_forces_zone_and_its_jobs_in_memory():
    made = make_scheduler(
        Service(
            settings(Job(name="morning", at="06:30"), Job(name="afternoon", at="14:00")),
            lambda: when("Mon 2026-11-02 05:00"),
        )
    )
    assert str(made.timezone) == "Europe/London"
    assert sorted(job.id for job in made.get_jobs()) == ["_heartbeat", "_look", "_send", "afternoon", "morning"]
    assert {str(job.trigger.timezone) for job in made.get_jobs()} == {"Europe/London"}


@pytest.mark.parametrize("at", ["01:00", "01:30", "01:59"])
def test_the_hour_that_repeats_is_refused(at):
    with pytest.raises(ValueError, match="missing in March and happens twice in October"):
        Job(name="morning", at=at)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        pytest.param(
            (Job(name="morning", at="06:30"), Job(name="morning", at="14:00")),
            "two jobs of one name",
            id="two of one name",
        ),
        pytest.param((), "has no job", id="none"),
        pytest.param(
            (Job(name="look", at="14:00", rules="critical"),), "no job that checks by every rule", id="no whole"
        ),
    ],
)
def test_a_schedule_that_could_not_run_is_refused(made, says):
    with pytest.raises(ValueError, match=says):
        settings(*made)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param({"name": "send"}, "is the job that hands over notices", id="the sender's name"),
        pytest.param(
            {"kind": "report", "rules": "critical"}, "a report is of the last whole check", id="rules of a report"
        ),
        pytest.param({"on": ["monday"]}, "mon", id="a day by no name of ours"),
        pytest.param({"rules": "urgent"}, "critical", id="no severity"),
    ],
)
def test_a_job_that_means_nothing_is_refused(given, says):
    with pytest.raises(ValueError, match=says):
        Job(**{"name": "job", "at": "06:30", **given})


def test_a_signal_while_a_job_is_at_work_ends_in_order(monkeypatch):
    """The job at work is finished, and the next one that is due is not begun."""
    made = settings(Job(name="morning", at="06:30"), Job(name="afternoon", at="06:31"))
    now, ran = when("Mon 2026-11-02 07:00"), []
    monkeypatch.setattr(jobs, "due_now", lambda *_: [(job, now.date()) for job in made.schedule.jobs])
    monkeypatch.setattr(scheduler, "send_all", lambda *_: {})

    def work(_settings, job, _day, _now, _told):
        ran.append(job.name)
        signal.raise_signal(signal.SIGTERM)
        time.sleep(0.2)
        ran.append(f"{job.name} finished")
        return jobs.Came(job.name, now.date(), "left_alone", "")

    monkeypatch.setattr(jobs, "run_job", work)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        scheduler.serve(made, lambda: now)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert ran == ["morning", "morning finished"]


@pytest.mark.slow
def test_a_relay_that_takes_two_seconds_a_message_delays_no_run(tmp_path, capsys):
    """Twelve messages wait: 24 seconds of sending. A run that comes due meanwhile is done while the first are on their way."""
    force = build(tmp_path / "force", capsys)
    force.put("incidents", [{**REPORTED, "incident_ref": f"I{n}", "supervisor_id": f"{n}"} for n in range(12)])
    force.put("staff", [{"staff_id": f"{n}", "email": f"s{n}@force.example"} for n in range(12)])

    async def slow(server, envelope):
        await asyncio.sleep(2)
        handler.taken.append(envelope)
        return "250 2.0.0 queued"

    handler = Handler(at_data=slow)
    with relay(handler) as port:
        mail = f'mode = "on"\nallowed_domains = ["force.example"]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"'
        jobs_ = (
            '[schedule]\njobs = [{name = "morning", at = "06:30"}, {name = "look", at = "06:45", rules = "critical"}]'
        )
        force.edit("[mail]", f"{jobs_}\n[mail]\n{mail}")
        made = load_settings(force.config, {})
        begun, start = time.monotonic(), when("Tue 2026-11-03 06:44:56")

        def clock() -> dt.datetime:
            return start + dt.timedelta(seconds=time.monotonic() - begun)

        jobs.run_job(made, made.schedule.jobs[0], start.date(), start)
        service = Service(made, clock)
        running = make_scheduler(service)
        running.reschedule_job("_look", trigger="interval", seconds=1)
        thread = threading.Thread(target=running.start)
        thread.start()
        while len(ledger_rows(force, "SELECT 1 FROM run")) < 2 and time.monotonic() - begun < 60:
            time.sleep(0.1)
        sent, seconds = len(handler.taken), clock() - start
        service.stopped.set()
        running.shutdown()
        thread.join()
    assert len(ledger_rows(force, "SELECT 1 FROM run")) == 2
    waited = ledger_rows(force, "SELECT count(*) FROM notice_recipient WHERE state = 'pending'")[0][0]
    assert sent < 12
    assert waited > 0
    assert seconds < dt.timedelta(seconds=20)
