"""Which e-mails had a row for a case, and what became of them. For the story of a case; writes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from dacompliance.exceptions.model import Listed
from dacompliance.ledger import tables
from dacompliance.ledger.outbox import State

_notice: Final = tables.notice
_recipient: Final = tables.notice_recipient
_case: Final = tables.notice_case


@dataclass(frozen=True, slots=True)
class Mention:
    """One notice that had a row for a case, as it went to one recipient."""

    listed: Listed
    reader_key: str
    kind: str
    local_date: dt.date
    made_at: dt.datetime
    run_id: int | None
    state: State
    mode: str
    changed_at: dt.datetime


def mentions(connection: sa.Connection, incident_ref: str) -> tuple[Mention, ...]:
    """Return every notice that had a row for an incident or its children, in the order they were made."""
    query = sa.select(_case, _notice, _recipient.c.state, _recipient.c.mode, _recipient.c.changed_at)
    joined = query.join(_notice, _notice.c.id == _case.c.notice_id).join(
        _recipient, _recipient.c.notice_id == _notice.c.id
    )
    rows = connection.execute(
        joined.where(_case.c.incident_ref == incident_ref).order_by(_notice.c.id, _recipient.c.id)
    )
    return tuple(
        Mention(
            Listed(row.rule_id, row.item_ref, row.section, row.incident_ref),
            row.reader_key,
            row.kind,
            row.local_date,
            row.made_at,
            row.run_id,
            State(row.state),
            row.mode,
            row.changed_at,
        )
        for row in rows
    )


def cases_of(connection: sa.Connection, notice_id: int) -> tuple[Listed, ...]:
    """Return the cases a notice had rows for, by section, rule and item."""
    query = sa.select(*(_case.c[name] for name in Listed._fields)).where(_case.c.notice_id == notice_id)
    return tuple(sorted((Listed(*row) for row in connection.execute(query)), key=lambda each: (each.section, each)))
