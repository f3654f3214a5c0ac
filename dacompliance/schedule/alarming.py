"""Telling the operator of a job that failed or was missed, with what falls due unseen: by the outbox, else directly.

What is told is queued in the ledger like any notice. Where the ledger itself is what failed it is handed over at once,
and only then: a monitor whose ledger is lost must not be a silent one.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from contextlib import closing

from dacompliance.audit.past import past_pack
from dacompliance.config import Settings
from dacompliance.errors import LedgerError, MailError, MonitorError
from dacompliance.exceptions.lifecycle import RuleState
from dacompliance.exceptions.model import Task
from dacompliance.exceptions.morning import Morning
from dacompliance.exceptions.routing import Directory, Mailboxes
from dacompliance.exceptions.unseen import unseen
from dacompliance.judging.deadlines import day_number
from dacompliance.judging.details import details
from dacompliance.judging.items import build
from dacompliance.ledger import casework, history, outbox, runs, slots, waivers
from dacompliance.ledger.database import open_ledger, reading
from dacompliance.ledger.outbox import Notice
from dacompliance.localtime import micros
from dacompliance.notices import mailer
from dacompliance.notices.alarms import write_failed, write_missed
from dacompliance.run.due import next_list

log = logging.getLogger(__name__)


def tell_failed(
    settings: Settings, job: str, day: dt.date, why: str, now: dt.datetime, *, told: set[str] | None = None
) -> None:
    """Tell the operator, once, that a job of a local date failed, and why, and what became of its run.

    `told` are the Message-IDs of what was told beside the outbox before.
    """
    try:
        with closing(open_ledger(settings.ledger.url.get_secret_value())) as ledger:
            with ledger.read() as connection:
                last = slots.newest(connection, job)
            kept = last is not None and last.local_date == day and last.state is slots.SlotState.DONE
            notice = _failed(settings, job, day, why, now, kept=kept)
            with ledger.begin() as connection:
                outbox.queue(connection, [notice])
    except LedgerError as error:
        log.error("operator not told by way of the ledger", extra={"job": job, "why": str(error)})  # noqa: TRY400
        notice = _failed(settings, job, day, why, now, kept=False)
        if told is None or notice.message_id not in told:
            _tell_directly(notice, settings)
        if told is not None:
            told.add(notice.message_id)


def _failed(settings: Settings, job: str, day: dt.date, why: str, now: dt.datetime, *, kept: bool) -> Notice:
    so: tuple[str, ...]
    if kept:
        so = ("Its run was kept and its notices are handed over; what came after it, such as its pages, was not done.",)
        return write_failed(job, day, why, so, (), now, settings)
    minutes = settings.schedule.retry_minutes
    so = (
        "Nothing of this run was kept, and nobody was told anything by it.",
        f"Under `dacompliance schedule` it is tried again every {minutes} minutes, until the next one is due.",
    )
    return write_failed(job, day, why, so, falling_due(settings, now), now, settings)


def record_missed(settings: Settings, job: str, dates: Sequence[dt.date], now: dt.datetime) -> list[dt.date]:
    """Record slots that no run was made for, and tell the operator of them in the same transaction; return them."""
    if not dates:
        return []
    tasks = falling_due(settings, now)
    with closing(open_ledger(settings.ledger.url.get_secret_value())) as ledger, ledger.begin() as connection:
        missed = slots.miss(connection, job, dates, now=now)
        if missed:
            outbox.queue(connection, [write_missed(job, missed, tasks, now, settings)])
    return missed


def falling_due(settings: Settings, now: dt.datetime) -> list[Task]:
    """Return the cases that were not yet due when they were last judged and will have fallen due by the next list.

    From the ledger alone, as the newest run left it; none where there is no run, or the ledger cannot be read. Only
    those cases are read: a morning that failed for want of room would fail here again.
    """
    last = next_list(now, settings)
    try:
        with reading(settings.ledger.url.get_secret_value()) as connection:
            latest = runs.latest(connection)
            if latest is None:
                return []
            rules = past_pack(connection, latest.id)[0].rules
            verdicts = history.due_by(connection, latest.id, [rule.id for rule in rules], last)
            records = history.records_about(connection, latest.id, verdicts["incident_ref"].unique())
            standings = casework.standings(connection)
            waived = {each.identity for each in waivers.unsettled(connection) if each.ending is None}
    except MonitorError as error:
        log.warning("what falls due cannot be told", extra={"why": str(error)})
        return []
    world = build(records, micros(latest.as_at), settings.zone)
    old = world.incidents.reported_day < day_number(settings.chase_from)
    morning = Morning(
        run=latest.id,
        as_at=latest.as_at,
        due_by=last,
        standings=standings,
        verdicts=verdicts,
        details=details(world, rules).assign(shared=True),  # nobody looked for other victims: their own number tells
        rules=rules,
        states={rule.id: RuleState(rule.chase, "not_checked") for rule in rules},
        owners=lambda _rule, _incident: "",
        directory=Directory(Mailboxes(None, settings.readers.fallback), {}, {}),
        last_told={},
        backlog=frozenset(world.incidents.keys[old]),
        waived=waived,
    )
    return unseen(morning, [rule.id for rule in rules])


def _tell_directly(notice: Notice, settings: Settings) -> None:
    try:
        if settings.mail.mode == "off":
            mailer.write_eml(notice, notice.recipients[0], settings)
            return
        result = mailer.hand_over(notice, notice.recipients[0], settings)
        named = {"message_id": notice.message_id, "reader": notice.reader_key, "outcome": result.words}
        log.info("notice tried beside the outbox", extra=named)
    except MailError as error:
        log.error("operator not told", extra={"why": str(error)})  # noqa: TRY400
