"""From a run's outcome to the notices it queues: who hears, what each is told, and under which fixed Message-ID."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from jinja2 import Environment

from dacompliance.config import Settings
from dacompliance.exceptions.model import Reader, Task
from dacompliance.exceptions.routing import OPERATOR, Directory, LastTold, hears, mailboxes, reader
from dacompliance.exceptions.tasks import ReaderList
from dacompliance.ledger.outbox import Notice
from dacompliance.notices.digest import compose
from dacompliance.notices.mailer import message_id
from dacompliance.notices.model import Aside, Digest, Progress, RunFacts
from dacompliance.notices.render import environment, house, render
from dacompliance.notices.unseen import compose_unseen
from dacompliance.reporting.open_list import OPEN_LIST


def write_notices(
    lists: Mapping[str, ReaderList],
    directory: Directory,
    facts: RunFacts,
    settings: Settings,
    told: Mapping[str, LastTold],
    progress: Progress | None,
) -> list[Notice]:
    """Compose and render one notice for each reader who should hear of this run, in order of reader key.

    Mailboxes hear every day; a person when there is something, once when the list empties, and weekly. `told` says
    when each reader was last told, and of how many rows.
    """
    keys = {each.key for each in mailboxes(directory)} | set(lists) | {key for key in told if key.startswith("staff:")}
    templates = environment(settings.reports.templates)
    set_by = house(settings, full_list=str(settings.reports.folder / OPEN_LIST))
    notices: list[Notice] = []
    for key in sorted(keys):
        who = reader(directory, key)
        listed = lists.get(key, ReaderList(key))
        if not hears(who, len(listed.tasks), told.get(key), facts.local_date):
            continue
        aside = Aside(listed.waived, listed.suspended, listed.with_data_keeper, listed.not_checked)
        since = told[key].as_at if key in told else None
        digest = compose(who, listed.tasks, listed.closed, facts, set_by, since=since, progress=progress, aside=aside)
        notices.append(_notice(replace(digest, reader_key=key), who, facts, settings, templates))
    return notices


def write_unseen(
    tasks: Sequence[Task],
    since: Mapping[str, dt.datetime],
    directory: Directory,
    facts: RunFacts,
    settings: Settings,
) -> list[Notice]:
    """Compose and render the operator's notice of rules not checked `since` so long, and of what falls due unseen.

    Nothing where there is no such rule; without an operator the fallback hears.
    """
    if not since:
        return []
    who = reader(directory, OPERATOR)
    digest = compose_unseen(who, tasks, since, facts, house(settings))
    return [_notice(digest, who, facts, settings, environment(settings.reports.templates))]


def _notice(digest: Digest, who: Reader, facts: RunFacts, settings: Settings, templates: Environment) -> Notice:
    made = render(digest, templates)
    return Notice(
        job=facts.job,
        local_date=facts.local_date,
        reader_key=digest.reader_key,
        kind=digest.kind,
        message_id=message_id(facts.job, facts.local_date, digest.reader_key, digest.kind, settings.mail.sender),
        subject=made.subject,
        text=made.text,
        html=made.html,
        importance=made.importance,
        made_at=facts.checked_at,
        recipients=(who.address,),
        cases=digest.cases,
    )
