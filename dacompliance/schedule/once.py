"""The schedule without a scheduler: one job, or whatever is due, then the notices, then an end with an exit code."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator

from dacompliance.config import Job, Settings
from dacompliance.config.schedule import SENDER
from dacompliance.errors import MailError, MonitorError, NotCheckedError
from dacompliance.notices.sending import send_all
from dacompliance.schedule import jobs
from dacompliance.schedule.heartbeat import beat, ping

log = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]


def run_once(settings: Settings, name: str | None, clock: Clock) -> Iterator[str]:
    """Do the job of a name for today, or every job that is due, hand over what waits, and yield a line of each.

    Every job is tried, and the notices of those that went well are handed over, before the first error is raised; then
    NotCheckedError where a run could check nothing, and MailError where notices were not handed over.
    """
    now = clock()
    if name == SENDER:
        due: list[tuple[Job, dt.date]] = []
    elif name is not None:
        job = jobs.named(settings, name)
        due = [(job, jobs.today(job, now, settings))]
    else:
        due = jobs.due_now(settings, now)
    errors: list[MonitorError] = []
    for job, day in due:
        yield from _lines(settings, job, day, clock, errors)
    if not due and name is None:
        yield "Nothing is due."
    sent = list(_send(settings, clock, errors))
    yield from sent or (["No notice is waiting."] if name == SENDER and not errors else [])
    beat(settings, clock())
    for error in errors[1:]:
        log.error("job failed", extra={"why": str(error), "error": type(error).__name__})
    if errors:
        raise errors[0]


def _lines(settings: Settings, job: Job, day: dt.date, clock: Clock, errors: list[MonitorError]) -> Iterator[str]:
    try:
        came = jobs.run_job(settings, job, day, clock())
    except MonitorError as error:
        errors.append(error)
        yield f"{job.name} of {day}: failed."
        return
    yield f"{came.job} of {came.day}: {came.words}."
    if came.state == "not_checked":
        errors.append(NotCheckedError(f"{job.name} of {day}: nothing could be checked; the operator is told why."))
    elif came.state == "done" and job.kind == "check":
        ping(settings)


def _send(settings: Settings, clock: Clock, errors: list[MonitorError]) -> Iterator[str]:
    try:
        outcomes = send_all(settings, clock)
    except MonitorError as error:
        errors.append(error)
        return
    for outcome, number in sorted(outcomes.items()):
        yield f"Notices {outcome}: {number}."
    stayed = sum(number for outcome, number in outcomes.items() if outcome not in ("written", "handed over"))
    if stayed:
        errors.append(MailError(f"{stayed} notices were not handed over; `dacompliance notices list` says why."))
