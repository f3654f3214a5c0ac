"""The operator's notices, rendered and ready to be queued, each under a fixed Message-ID. Decides nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from dacompliance.config import Settings
from dacompliance.exceptions import routing
from dacompliance.exceptions.model import Reader, Task
from dacompliance.ledger.mailroom import Undelivered
from dacompliance.ledger.outbox import Notice
from dacompliance.notices import operating
from dacompliance.notices.model import Digest, RunFacts
from dacompliance.notices.render import environment, house
from dacompliance.notices.writing import notice_of

SENDING: Final = "send"
"""What the sender is called where a job is named."""


def write_unseen(
    tasks: Sequence[Task], since: Mapping[str, dt.datetime], facts: RunFacts, settings: Settings
) -> list[Notice]:
    """Return the operator's notice of rules not checked `since` so long, and of what falls due unseen.

    Where there is no such rule: of those that this run did not check, if any. Without an operator the fallback hears.
    """
    who = operator(settings)
    if since:
        return [_notice(operating.compose_unseen(who, tasks, since, facts, house(settings)), who, facts, settings)]
    if facts.not_checked:
        return [_notice(operating.compose_not_checked(who, facts, house(settings)), who, facts, settings)]
    return []


def write_failed(
    job: str, day: dt.date, why: str, so: Sequence[str], tasks: Sequence[Task], now: dt.datetime, settings: Settings
) -> Notice:
    """Return the operator's notice of a job that failed on a local date: the same one however often it fails.

    `so` says what became of its run.
    """
    who, facts = operator(settings), _facts(job, day, now, settings)
    return _notice(operating.compose_failed(who, why, so, tasks, facts, house(settings)), who, facts, settings)


def write_missed(
    job: str, dates: Sequence[dt.date], tasks: Sequence[Task], now: dt.datetime, settings: Settings
) -> Notice:
    """Return the operator's notice of a job's missed slots, dated as the last of them."""
    who, facts = operator(settings), _facts(job, dates[-1], now, settings)
    return _notice(operating.compose_missed(who, dates, tasks, facts, house(settings)), who, facts, settings)


def write_undelivered(lost: Sequence[Undelivered], now: dt.datetime, settings: Settings) -> Notice:
    """Return the operator's notice of lost messages, told apart from another of the day by the last of them."""
    who, facts = operator(settings), _facts(SENDING, now.astimezone(settings.zone).date(), now, settings)
    digest = operating.compose_undelivered(who, lost, facts, house(settings))
    return _notice(digest, who, facts, settings, about=f" {lost[-1].recipient_id}")


def operator(settings: Settings) -> Reader:
    """Return the operator's mailbox; without one, the fallback's."""
    readers = settings.readers
    boxes = routing.Mailboxes(None, readers.fallback, operator=readers.operator)
    return routing.reader(routing.Directory(boxes, {}, {}), routing.OPERATOR)


def _notice(digest: Digest, who: Reader, facts: RunFacts, settings: Settings, about: str = "") -> Notice:
    return notice_of(digest, who, facts, settings, environment(settings.reports.templates), about=about)


def _facts(job: str, day: dt.date, now: dt.datetime, settings: Settings) -> RunFacts:
    """Return the facts of something that is no run."""
    return RunFacts(
        run="",
        job=job,
        as_at=now,
        checked_at=now,
        local_date=day,
        zone=settings.zone,
        incidents_checked=0,
        rules_checked=0,
        freshness=(),
    )
