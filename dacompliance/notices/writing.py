"""From a run's outcome to the notices it queues: who hears, what each is told, and under which fixed Message-ID."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

import pandas as pd
from jinja2 import Environment

from dacompliance.config import Settings
from dacompliance.exceptions.model import Reader
from dacompliance.exceptions.routing import (
    DATA_QUALITY,
    TITLES,
    Directory,
    LastTold,
    heard_by,
    hears,
    mailboxes,
    reader,
)
from dacompliance.exceptions.tasks import ReaderList
from dacompliance.ledger.outbox import Notice
from dacompliance.notices.digest import compose
from dacompliance.notices.mailer import message_id
from dacompliance.notices.model import Aside, Digest, Progress, RunFacts
from dacompliance.notices.quality import compose_quality
from dacompliance.notices.render import environment, house, render
from dacompliance.reporting.open_list import OPEN_LIST
from dacompliance.reporting.quality import QUALITY_LIST

FORCE: Final = ""
"""Under which key the whole force's completion stands."""


def write_notices(
    lists: Mapping[str, ReaderList],
    directory: Directory,
    facts: RunFacts,
    settings: Settings,
    told: Mapping[str, LastTold],
    going: Mapping[str, Progress],
    second_look: Collection[str] = (),
) -> list[Notice]:
    """Compose and render one notice for each reader who should hear of this run, in order of reader key.

    Mailboxes hear every day; a person when there is something, once when the list empties, and weekly; who can no
    longer be reached hears nothing, nor does anyone in their stead. `told` says when each reader was last told, and of
    how many rows; `going` how completion is going, by reader key, and under `FORCE` for the whole force.
    A `second_look` at some rules tells only those for whom it found something: new to their list, or due before the
    next.
    """
    people = {key for key in told if key.startswith("staff:") and heard_by(directory, key) == key}
    keys = {each.key for each in mailboxes(directory)} | set(lists) | people
    templates = environment(settings.reports.templates)
    set_by = house(settings, full_list=str(settings.reports.folder / OPEN_LIST))
    notices: list[Notice] = []
    for key in sorted(keys):
        who = reader(directory, key)
        listed = lists.get(key, ReaderList(key))
        if second_look and not _is_news(listed):
            continue
        if not second_look and not hears(who, len(listed.tasks), told.get(key), facts.local_date):
            continue
        aside = Aside(listed.waived, listed.suspended, listed.with_data_keeper, listed.not_checked)
        since = told[key].as_at if key in told else None
        progress = [going[whose] for whose in (key, FORCE) if whose in going]
        digest = compose(
            who,
            listed.tasks,
            listed.closed,
            facts,
            set_by,
            since=since,
            progress=progress,
            aside=aside,
            second_look=second_look,
        )
        notices.append(notice_of(replace(digest, reader_key=key), who, facts, settings, templates))
    return notices


def _is_news(listed: ReaderList) -> bool:
    return any(task.is_new or task.section == "due_soon" for task in listed.tasks)


def write_quality(
    findings: pd.DataFrame,
    earlier: pd.DataFrame | None,
    waiting: int,
    directory: Directory,
    facts: RunFacts,
    settings: Settings,
) -> list[Notice]:
    """Compose and render the notice of the data's keeper: each morning to a mailbox of its own.

    Where none is configured the fallback hears, and only of what must be mended.
    """
    who = replace(reader(directory, DATA_QUALITY), key=DATA_QUALITY, title=TITLES[DATA_QUALITY])
    digest = compose_quality(
        who, findings, earlier, waiting, facts, house(settings, full_list=str(settings.reports.folder / QUALITY_LIST))
    )
    if directory.mailboxes.data_quality is None and not digest.faults:
        return []
    return [notice_of(digest, who, facts, settings, environment(settings.reports.templates))]


def notice_of(
    digest: Digest, who: Reader, facts: RunFacts, settings: Settings, templates: Environment, *, about: str = ""
) -> Notice:
    """Render a digest as a notice to be queued. `about` tells apart several of one kind on one day."""
    made = render(digest, templates)
    return Notice(
        job=facts.job,
        local_date=facts.local_date,
        reader_key=digest.reader_key,
        kind=digest.kind,
        message_id=message_id(
            facts.job, facts.local_date, digest.reader_key, digest.kind + about, settings.mail.sender
        ),
        subject=made.subject,
        text=made.text,
        html=made.html,
        importance=made.importance,
        made_at=facts.checked_at,
        recipients=(who.address,),
        cases=digest.cases,
    )
