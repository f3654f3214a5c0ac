"""When to run: the daily jobs under APScheduler, the force's zone always given, one slot one run.

APScheduler only says when. What has been done is in the ledger's slots, so that two schedulers, a restart or an hour
that happens twice can never run a local day's job twice.
"""

from __future__ import annotations

import datetime as dt
import logging
import signal
import threading
from collections.abc import Callable
from functools import partial

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, JobExecutionEvent
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger

from dacompliance import monitor
from dacompliance.config import Job, Settings
from dacompliance.errors import MonitorError
from dacompliance.ledger import runs
from dacompliance.ledger.database import reading
from dacompliance.notices.sending import send_all
from dacompliance.publishing import publish

log = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]


def serve(settings: Settings, clock: Clock) -> None:
    """Run the jobs of the settings until SIGTERM or SIGINT; a job at work is finished first.

    A job whose time went by while nothing ran is made up for at once, once: the day's slot in the ledger says whether
    it was done.
    """
    scheduler, stopped = make_scheduler(settings, clock), threading.Event()

    def stop(*_: object) -> None:
        stopped.set()
        if scheduler.running:
            threading.Thread(target=scheduler.shutdown).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    for job in settings.schedule.jobs:
        if not stopped.is_set() and is_overdue(job, clock(), settings):
            run_job(settings, job.name, clock)
    if stopped.is_set():
        return
    log.info("scheduled", extra={"jobs": {job.name: job.at for job in settings.schedule.jobs}})
    scheduler.start()


def make_scheduler(settings: Settings, clock: Clock) -> BlockingScheduler:
    """Return a scheduler with the jobs of the settings in the force's zone, kept in memory only."""
    scheduler = BlockingScheduler(
        timezone=settings.zone,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in settings.schedule.jobs:
        scheduler.add_job(partial(run_job, settings, job.name, clock), trigger(job, settings), id=job.name)
    scheduler.add_listener(_say, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
    return scheduler


def trigger(job: Job, settings: Settings) -> CronTrigger:
    """Return when a job runs: once each local day, at its local time."""
    hour, minute = (int(part) for part in job.at.split(":"))
    return CronTrigger(hour=hour, minute=minute, timezone=settings.zone)


def is_overdue(job: Job, now: dt.datetime, settings: Settings) -> bool:
    """Say whether today's time for a job has gone by. Whether it was done is the ledger's to say."""
    return now.astimezone(settings.zone).strftime("%H:%M") >= job.at


def run_job(settings: Settings, name: str, clock: Clock) -> None:
    """Run one job for the local day of now: check, hand over its notices, write its report.

    Where the day's slot is done, what its run left undone is done: a process may have died after its run was kept and
    before everybody was told. An error raised on purpose is logged in its own words and leaves the slot failed, to be
    taken up again.
    """
    now = clock()
    try:
        result = monitor.run(settings, now=now, job=name, slot=now.astimezone(settings.zone).date(), tell=True)
        if result.note:
            log.info("job left alone", extra={"job": name, "note": result.note})
        run_id = newest_run(settings) if result.run_id is None else result.run_id
        log.info("job done", extra={"job": name, "run": run_id, "notices": dict(send_all(settings, clock))})
        if run_id is not None:
            publish(settings, run_id=run_id)
    except MonitorError as error:
        # Its words are for the operator; the traceback is not.
        log.error("job failed", extra={"job": name, "why": str(error), "error": type(error).__name__})  # noqa: TRY400


def newest_run(settings: Settings) -> int | None:
    """Return the number of the newest run of the ledger, None before the first."""
    with reading(settings.ledger.url.get_secret_value()) as connection:
        newest = runs.latest(connection)
    return None if newest is None else newest.id


def _say(event: JobExecutionEvent) -> None:
    if event.code == EVENT_JOB_MAX_INSTANCES:
        log.warning("job still at work: this time was left out", extra={"job": event.job_id})
    else:
        log.error("job failed", extra={"job": event.job_id, "error": type(event.exception).__name__})
