"""When to run, under APScheduler: the force's zone always given, the jobs in memory, the truth in the ledger's slots.

APScheduler only says when. Each job has its own time; every minute whatever is due and open is looked for as well,
which makes up for downtime, tries again what failed and takes over from a process that died. Notices are handed over by
a job of its own: what checks stands in one queue and what sends in another, so a slow relay delays no run.
"""

from __future__ import annotations

import datetime as dt
import logging
import signal
import threading
from collections.abc import Callable
from typing import Final

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from dacompliance.config import Job, Settings
from dacompliance.config.schedule import SENDER
from dacompliance.errors import LedgerError, MonitorError
from dacompliance.notices.sending import send_all
from dacompliance.schedule import jobs
from dacompliance.schedule.alarming import tell_failed
from dacompliance.schedule.heartbeat import beat, ping

log = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]

LOOK_SECONDS: Final = 60
LOOKING: Final = "look"
BEATING: Final = "heartbeat"


class Service:
    """What the scheduler calls. `stopped` ends the sending between two messages, and looking between two jobs."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings, self.clock = settings, clock
        self.stopped = threading.Event()
        self._told: set[str] = set()  # what the operator was told beside a ledger that could not be written
        self._look_again: dt.datetime | None = None  # while it cannot, nothing is looked for before

    def look(self) -> None:
        """Do every job that is due and open, one after the other; an error raised on purpose is only logged."""
        settings, now = self.settings, self.clock()
        if self._look_again is not None and now < self._look_again:
            return
        try:
            due = jobs.due_now(settings, now)
        except MonitorError as error:
            _failed(LOOKING, error)
            first = settings.schedule.jobs[0]
            self._wait_for_the_ledger()
            tell_failed(settings, first.name, jobs.today(first, now, settings), str(error), now, told=self._told)
            return
        for job, day in due:
            if self.stopped.is_set():
                return
            self._do(job, day)

    def beat(self) -> None:
        """Give the sign of life."""
        beat(self.settings, self.clock())

    def send(self) -> None:
        """Hand over what waits."""
        try:
            outcomes = send_all(self.settings, self.clock, self.stopped.wait)
        except MonitorError as error:
            _failed(SENDER, error)
            return
        if outcomes:
            log.info("job done", extra={"job": SENDER, "notices": dict(outcomes)})

    def _do(self, job: Job, day: dt.date) -> None:
        try:
            came = jobs.run_job(self.settings, job, day, self.clock(), self._told)
        except LedgerError as error:
            _failed(job.name, error)
            self._wait_for_the_ledger()
        except MonitorError as error:
            _failed(job.name, error)
        else:
            if came.state == "done" and job.kind == "check":
                ping(self.settings)

    def _wait_for_the_ledger(self) -> None:
        self._look_again = self.clock() + dt.timedelta(minutes=self.settings.schedule.retry_minutes)


def serve(settings: Settings, clock: Clock) -> None:
    """Run the jobs of the settings until SIGTERM or SIGINT; the job at work and the message on its way are finished."""
    service = Service(settings, clock)
    scheduler = make_scheduler(service)
    ending = threading.Thread(target=scheduler.shutdown)

    def stop(*_: object) -> None:
        if scheduler.running and not service.stopped.is_set():
            ending.start()
        service.stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    log.info("scheduled", extra={"jobs": {job.name: job.at for job in settings.schedule.jobs}})
    if not service.stopped.is_set():
        scheduler.start()
    if ending.ident is not None:
        ending.join()
    log.info("stopped")


def make_scheduler(service: Service) -> BlockingScheduler:
    """Return a scheduler with the jobs of the settings in the force's zone, kept in memory only."""
    settings = service.settings
    scheduler = BlockingScheduler(
        timezone=settings.zone,
        executors={name: ThreadPoolExecutor(1) for name in ("default", SENDER, BEATING)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in settings.schedule.jobs:
        scheduler.add_job(service.look, trigger(job, settings), id=job.name)
    for name, work, seconds in (
        (LOOKING, service.look, LOOK_SECONDS),
        (SENDER, service.send, 60 * settings.schedule.send_minutes),
        (BEATING, service.beat, LOOK_SECONDS),
    ):
        every = IntervalTrigger(seconds=seconds, timezone=settings.zone)
        queue = "default" if name == LOOKING else name
        scheduler.add_job(work, every, id=f"_{name}", executor=queue, next_run_time=service.clock())
    scheduler.add_listener(_say, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
    return scheduler


def trigger(job: Job, settings: Settings) -> CronTrigger:
    """Return when a job runs: once each local day it falls on, at its local time."""
    hour, minute = (int(part) for part in job.at.split(":"))
    return CronTrigger(day_of_week=",".join(job.on) or "*", hour=hour, minute=minute, timezone=settings.zone)


def _failed(job: str, error: MonitorError) -> None:
    """Log an error in its own words, which are for the operator; the traceback is not."""
    log.error("job failed", extra={"job": job, "why": str(error), "error": type(error).__name__})


def _say(event: JobExecutionEvent) -> None:
    if event.code == EVENT_JOB_MAX_INSTANCES:
        log.debug("job still at work: this time was left out", extra={"job": event.job_id})
    else:
        log.error("job failed", extra={"job": event.job_id, "error": type(event.exception).__name__})
