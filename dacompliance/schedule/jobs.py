"""One job of one slot: what it does, when it is due again, and what the operator hears of it. Knows no scheduler.

`schedule` and `run-once` both come here, so that a slot is a slot whoever asks: claimed before the work, done once.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from dacompliance import monitor
from dacompliance.config import Job, Settings
from dacompliance.errors import LedgerError, MonitorError, TakenOverError, UsageError
from dacompliance.ledger import runs, slots
from dacompliance.ledger.database import open_ledger, reading
from dacompliance.ledger.holding import held
from dacompliance.ledger.slots import Slot, SlotState
from dacompliance.publishing import publish
from dacompliance.run.due import DAY, between, newest_day, newest_due
from dacompliance.run.outcome import RunResult
from dacompliance.schedule.alarming import record_missed, tell_failed

log = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]
State = Literal["done", "left_alone", "not_checked"]


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a job: its slot, and whether it was done, left alone (done before, another's) or could not check."""

    job: str
    day: dt.date
    state: State
    words: str
    result: RunResult | None = None


def named(settings: Settings, name: str) -> Job:
    """Return a job of the settings. Raises UsageError for one that is not there."""
    for job in settings.schedule.jobs:
        if job.name == name:
            return job
    names = ", ".join(job.name for job in settings.schedule.jobs)
    raise UsageError(f"{name}: no job of the schedule has this name. Name one of: {names}, send.")


def today(job: Job, now: dt.datetime, settings: Settings) -> dt.date:
    """Return the slot a person means who runs a job by hand: today's, or that of the last day it falls on."""
    return newest_day(job, now.astimezone(settings.zone).date())


def due_now(settings: Settings, now: dt.datetime) -> list[tuple[Job, dt.date]]:
    """Return the jobs with a slot that is due and open: never begun, failed long enough ago, or its process died.

    Of each job the newest slot only: earlier ones are missed, and so is a second look that a whole check has overtaken.
    A job that never ran is due on its own day only.
    """
    with closing(open_ledger(settings.ledger.url.get_secret_value())) as ledger, ledger.read() as connection:
        last = {job.name: slots.newest(connection, job.name) for job in settings.schedule.jobs}
    due = _newest_slots(settings, now)
    overtaken = _overtaken(due)
    return [slot for slot in due if slot not in overtaken and _is_open(last[slot[0].name], slot[1], now, settings)]


def _newest_slots(settings: Settings, now: dt.datetime) -> list[tuple[Job, dt.date]]:
    """Return the newest slot of each job that has come due."""
    return [(job, newest_due(job, now.astimezone(settings.zone))) for job in settings.schedule.jobs]


def _overtaken(newest: Sequence[tuple[Job, dt.date]]) -> list[tuple[Job, dt.date]]:
    """Return the slots of second looks after which a whole check has come due: that looks at all they would.

    All are of the force's wall clock, so that their order is that of their dates and times.
    """
    last_whole = max((day, job.at) for job, day in newest if job.kind == "check" and not job.is_second_look)
    return [(job, day) for job, day in newest if job.is_second_look and (day, job.at) < last_whole]


def _is_open(last: Slot | None, day: dt.date, now: dt.datetime, settings: Settings) -> bool:
    if last is None:
        return day == now.astimezone(settings.zone).date()
    if last.local_date != day:
        return last.local_date < day
    if last.state is SlotState.FAILED:
        return now - last.changed_at >= dt.timedelta(minutes=settings.schedule.retry_minutes)
    return last.state is SlotState.CLAIMED and last.expires is not None and last.expires <= now


def run_job(settings: Settings, job: Job, day: dt.date, now: dt.datetime, told: set[str] | None = None) -> Came:
    """Do one job for one local date, in its slot. What was missed before it is recorded, and the operator told.

    Where the slot is done already, pages that its process left unwritten are written. Whatever fails leaves the slot
    failed, tells the operator once, and is raised. `told` remembers, while a process lives, what was told beside a
    ledger that cannot be written.
    """
    try:
        note_missed(settings, job, day, now)
        if not job.is_second_look:
            for look, missed in _overtaken(_newest_slots(settings, now)):
                note_missed(settings, look, missed + DAY, now)
        came = _check(settings, job, day, now) if job.kind == "check" else _report(settings, job, day, now)
    except TakenOverError:
        came = Came(job.name, day, "left_alone", "taken over meanwhile by another process")
    except MonitorError as error:
        tell_failed(settings, job.name, day, str(error), now, told=told)
        raise
    except Exception as error:
        why = f"A fault of the monitor itself ({type(error).__name__}): its log has the traceback."
        tell_failed(settings, job.name, day, why, now, told=told)
        raise
    done = "job left alone" if came.state == "left_alone" else "job done"
    run_id = None if came.result is None else came.result.run_id
    log.info(done, extra={"run": run_id, "job": came.job, "day": came.day.isoformat(), "note": came.words})
    return came


def note_missed(settings: Settings, job: Job, day: dt.date, now: dt.datetime) -> list[dt.date]:
    """Record the slots of a job, since the newest one known, that no run was made for; return those that are new."""
    with closing(open_ledger(settings.ledger.url.get_secret_value())) as ledger, ledger.read() as connection:
        last = slots.newest(connection, job.name)
        died = slots.open_dates(connection, job.name, day)
    missed = record_missed(settings, job.name, [*died, *(between(job, last.local_date, day) if last else ())], now)
    if missed:
        log.warning("slots missed", extra={"job": job.name, "slots": len(missed), "last": missed[-1].isoformat()})
    return missed


def _check(settings: Settings, job: Job, day: dt.date, now: dt.datetime) -> Came:
    result = monitor.run(settings, now=now, job=job.name, slot=day, tell=True, rules=job.rules)
    left_alone = bool(result.note) and not result.status
    run_id = None if job.is_second_look else result.run_id or _newest_run(settings)
    if run_id is not None or not left_alone:
        _publish(settings, run_id)
    if left_alone:
        return Came(job.name, day, "left_alone", result.note, result)
    words = f"run {result.run_id}, {result.notices} notices queued"
    return Came(job.name, day, "done" if result.checked else "not_checked", words, result)


def _newest_run(settings: Settings) -> int | None:
    with reading(settings.ledger.url.get_secret_value()) as connection:
        newest = runs.latest(connection)
        whole = newest if newest is None or not newest.second_look else runs.last_whole(connection)
    return None if whole is None else whole.id


def _publish(settings: Settings, run_id: int | None) -> None:
    """Write the pages of a run, or of the last whole one, where there is one."""
    if run_id is None:
        run_id = _newest_run(settings)
    if run_id is not None:
        publish(settings, run_id=run_id)


def _report(settings: Settings, job: Job, day: dt.date, now: dt.datetime) -> Came:
    """Write the pages of the last whole checked run into a folder of the slot's date, beside those of each day."""
    with closing(open_ledger(settings.ledger.url.get_secret_value())) as ledger:
        claim = slots.claim(ledger, job.name, day, now=now)
        if claim is None:
            return Came(job.name, day, "left_alone", "done already, or another process has it")
        try:
            with ledger.read() as connection:
                last = runs.last_whole(connection)
            if last is None:
                raise LedgerError("ledger: nothing has been checked yet, so there is nothing to report.")  # noqa: TRY301
            with held(ledger, claim, now):
                written = publish(settings, run_id=last.id, folder=settings.reports.folder / day.isoformat())
        except Exception as error:
            slots.fail(ledger, claim, now=now, why=type(error).__name__)
            raise
        with ledger.begin() as connection:
            slots.finish(connection, claim, last.id, now)
    return Came(job.name, day, "done", f"{len(written)} files of run {last.id} written")
