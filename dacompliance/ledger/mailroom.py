"""The outbox as whoever runs the monitor sees it: what was queued, what became of it, and what they may do about it.

An address is never shown: a reader is called by key. Sends nothing; a sender finds what was put back.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from dacompliance.errors import LedgerError
from dacompliance.ledger import tables
from dacompliance.ledger.database import Ledger
from dacompliance.ledger.outbox import Notice, State, queue, read_notice

_notice: Final = tables.notice
_recipient: Final = tables.notice_recipient
_of_notice: Final = _recipient.c.notice_id == _notice.c.id

LOST: Final = (State.REFUSED, State.DEAD)
"""The states in which nothing more is tried, and nothing was handed over."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message to one recipient. `code` is the server's code or a word for what failed."""

    address: str = field(repr=False)
    state: State
    attempts: int
    next_try_at: dt.datetime | None
    code: str
    mode: str
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice of the outbox with its recipients."""

    id: int
    run_id: int | None
    notice: Notice
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message to one recipient that was not handed over and will not be tried again."""

    recipient_id: int
    notice_id: int
    job: str
    local_date: dt.date
    reader_key: str
    kind: str
    state: State
    code: str


def listing(
    connection: sa.Connection,
    *,
    states: Collection[State] = (),
    reader: str | None = None,
    since: dt.date | None = None,
    limit: int = 100,
) -> tuple[Sent, ...]:
    """Return notices, newest first: those with a message in one of `states`, of one reader, of a local date on."""
    query = sa.select(_notice).order_by(_notice.c.id.desc()).limit(limit)
    if states:
        query = query.where(sa.exists().where(_of_notice, _recipient.c.state.in_(sorted(states))))
    if reader is not None:
        query = query.where(_notice.c.reader_key == reader)
    if since is not None:
        query = query.where(_notice.c.local_date >= since)
    return _sent(connection, query)


def show(connection: sa.Connection, notice_id: int) -> Sent:
    """Return one notice. Raises LedgerError when there is none of that number."""
    found = _sent(connection, sa.select(_notice).where(_notice.c.id == notice_id))
    if not found:
        raise LedgerError(f'ledger: there is no notice {notice_id}. "dacompliance notices list" lists them.')
    return found[0]


def counts(connection: sa.Connection) -> dict[State, int]:
    """Return how many messages stand in each state."""
    query = sa.select(_recipient.c.state, sa.func.count()).group_by(_recipient.c.state)
    found = {State(state): number for state, number in connection.execute(query)}
    return {state: found.get(state, 0) for state in State}


def retry(ledger: Ledger, notice_id: int | None, *, now: dt.datetime) -> int:
    """Let the refused and dead messages of a notice, or of all, be tried afresh, and return how many there were."""
    values = {"state": State.PENDING, "attempts": 0, "next_try_at": now, "changed_at": now, "reported_in": None}
    return _change(ledger, notice_id, _recipient.c.state.in_(LOST), values)


def release(ledger: Ledger, notice_id: int | None, *, now: dt.datetime, claimed: bool = False) -> int:
    """Let the messages of a notice, or of all, that wait for a later try be tried now; return how many there were.

    With `claimed` those that a sender has claimed too: for a sender known to be dead. One that is not dead may send the
    message a second time, under the same Message-ID.
    """
    waits = (_recipient.c.state == State.PENDING) & (_recipient.c.next_try_at > now)
    which = waits | (_recipient.c.state == State.CLAIMED) if claimed else waits
    values = {"state": State.PENDING, "next_try_at": now, "claimed_until": None, "claimed_by": ""}
    return _change(ledger, notice_id, which, values)


def undelivered(connection: sa.Connection, but: Collection[str]) -> tuple[Undelivered, ...]:
    """Return the lost messages that no notice has told the operator of yet; notices of the kinds in `but` left out."""
    columns = [_notice.c[name] for name in ("job", "local_date", "reader_key", "kind")]
    query = (
        sa.select(_recipient.c.id, _recipient.c.notice_id, *columns, _recipient.c.state, _recipient.c.code)
        .join(_notice, _of_notice)
        .where(_recipient.c.state.in_(LOST), _recipient.c.reported_in.is_(None), _notice.c.kind.not_in(sorted(but)))
        .order_by(_recipient.c.id)
    )
    return tuple(
        Undelivered(
            row.id, row.notice_id, row.job, row.local_date, row.reader_key, row.kind, State(row.state), row.code
        )
        for row in connection.execute(query)
    )


def report(connection: sa.Connection, notice: Notice, lost: Sequence[Undelivered]) -> None:
    """Queue the operator's notice of lost messages, and note of each that it was told."""
    queue(connection, [notice])
    notice_id = connection.execute(
        sa.select(_notice.c.id).where(_notice.c.message_id == notice.message_id)
    ).scalar_one()
    told = _recipient.c.id.in_([each.recipient_id for each in lost])
    connection.execute(sa.update(_recipient).where(told).values(reported_in=notice_id))


def _change(ledger: Ledger, notice_id: int | None, which: sa.ColumnElement[bool], values: dict[str, Any]) -> int:
    if notice_id is not None:
        which = which & (_recipient.c.notice_id == notice_id)
    with ledger.begin() as connection:
        if notice_id is not None:
            show(connection, notice_id)
        return connection.execute(sa.update(_recipient).where(which).values(values)).rowcount


def _sent(connection: sa.Connection, query: sa.Select[Any]) -> tuple[Sent, ...]:
    rows = connection.execute(query).all()
    by_notice = defaultdict(list)
    of_these = _recipient.c.notice_id.in_([row.id for row in rows])
    for each in connection.execute(sa.select(_recipient).where(of_these).order_by(_recipient.c.id)):
        by_notice[each.notice_id].append(
            Delivery(
                each.address,
                State(each.state),
                each.attempts,
                each.next_try_at,
                each.code,
                each.mode,
                each.changed_at,
            )
        )
    return tuple(
        Sent(
            row.id, row.run_id, read_notice(row, [each.address for each in by_notice[row.id]]), tuple(by_notice[row.id])
        )
        for row in rows
    )
