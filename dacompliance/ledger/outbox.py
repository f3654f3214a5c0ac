"""The outbox: what is to be said, to whom, and what became of it. Sends nothing itself; `notices.mailer` does.

A notice is queued in the transaction of its run, one recipient a row. A sender claims one recipient by a conditional
update, sends, and records the result; when it dies in between, the claim expires and the same Message-ID goes again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

import sqlalchemy as sa

from dacompliance.exceptions.model import Listed
from dacompliance.ledger import tables
from dacompliance.ledger.database import Ledger
from dacompliance.ledger.slots import this_process

_notice: Final = tables.notice
_recipient: Final = tables.notice_recipient
_case: Final = tables.notice_case
_of_notice: Final = _recipient.c.notice_id == _notice.c.id

_CELLS: Final = tuple(column.name for column in _notice.c if column.name not in ("id", "run_id"))

MINUTE: Final = dt.timedelta(minutes=1)

LEASE: Final = dt.timedelta(minutes=10)
"""How long a sender may take over one message before it is taken to be dead."""

BACKOFF: Final = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 240, 240, 240, 240))
"""How long to wait after each attempt that was refused for now; after the last of them, nothing more is tried."""


class State(StrEnum):
    """Where a message to one recipient stands. Handed over is to the mail relay: nobody can say it was read."""

    PENDING = "pending"
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    WRITTEN = "written"
    REFUSED = "refused"
    DEAD = "dead"


Mode = Literal["off", "shadow", "on"]
"""How a message left: as a file, to the reviewer of a rehearsal, to its reader."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to say to one reader. `message_id` is the same for ever, so that a repeat can be known as one.

    `cases` are those it has rows for; they are kept beside it, and not read back with it.
    """

    job: str
    local_date: dt.date
    reader_key: str
    kind: str
    message_id: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    importance: str
    made_at: dt.datetime
    recipients: tuple[str, ...] = field(repr=False)
    cases: tuple[Listed, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to one recipient that is ours to send until `claimed_until`. `attempts` counts this one."""

    recipient_id: int
    address: str = field(repr=False)
    notice: Notice
    attempts: int
    claimed_by: str
    claimed_until: dt.datetime
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing may be sent before `at`: as many messages as are allowed a minute were tried in the last one."""

    at: dt.datetime


def queue(connection: sa.Connection, notices: Iterable[Notice], *, run_id: int | None = None) -> int:
    """Add notices to be sent, and return how many were new: one whose Message-ID is there already is passed over."""
    by_id = {notice.message_id: notice for notice in notices}
    known = set(connection.execute(sa.select(_notice.c.message_id).where(_notice.c.message_id.in_(by_id))).scalars())
    new = [notice for message_id, notice in by_id.items() if message_id not in known]
    for notice in new:
        added = connection.execute(sa.insert(_notice).values(**_cells(notice), run_id=run_id))
        (notice_id,) = added.inserted_primary_key or (None,)
        addresses = dict.fromkeys(notice.recipients)
        rows = [_waiting(notice.made_at, notice_id=notice_id, address=address) for address in addresses]
        if rows:
            connection.execute(sa.insert(_recipient), rows)
        if notice.cases:
            listed = [{"notice_id": notice_id, **each._asdict()} for each in dict.fromkeys(notice.cases)]
            connection.execute(sa.insert(_case), listed)
    return len(new)


def claim(
    ledger: Ledger, *, now: dt.datetime, lease: dt.timedelta = LEASE, a_minute: int | None = None
) -> Outgoing | Later | None:
    """Claim the message that has waited longest and may be tried now; None when there is none.

    A claim that has expired is taken over: its sender is dead. With `a_minute`, no more than so many are tried within
    a minute, by however many senders there are.
    """
    owner, until = this_process(), now + lease
    free = _may_be_claimed(now)
    first = sa.select(_recipient.c.id).where(free).order_by(_recipient.c.next_try_at, _recipient.c.id).limit(1)
    with ledger.begin() as connection:
        found = connection.execute(first).scalar()
        if found is None:
            return None
        if a_minute is not None and (later := _full_until(connection, now, a_minute)) is not None:
            return later
        values = {"state": State.CLAIMED, "claimed_by": owner, "claimed_until": until, "changed_at": now}
        taken = sa.update(_recipient).where(_recipient.c.id == found, free)
        if not connection.execute(taken.values(**values, attempts=_recipient.c.attempts + 1)).rowcount:
            return None
        query = sa.select(_notice, _recipient.c.address, _recipient.c.attempts)
        row = connection.execute(query.join(_recipient, _of_notice).where(_recipient.c.id == found)).one()
    return Outgoing(found, row.address, read_notice(row, (row.address,)), row.attempts, owner, until, row.run_id)


def handed_over(ledger: Ledger, outgoing: Outgoing, *, now: dt.datetime, code: str = "", mode: Mode = "on") -> bool:
    """Record that the relay took the message, in shadow mode for the reviewer instead of its reader.

    False when the claim had been taken over: it may go a second time.
    """
    return _settle(ledger, outgoing, now, State.HANDED_OVER, code, mode=mode)


def written(ledger: Ledger, outgoing: Outgoing, *, now: dt.datetime) -> bool:
    """Record that the message was written to a file instead. False when the claim had been taken over."""
    return _settle(ledger, outgoing, now, State.WRITTEN, "", mode="off")


def refused(ledger: Ledger, outgoing: Outgoing, *, now: dt.datetime, code: str) -> bool:
    """Record that the message was refused for good. False when the claim had been taken over."""
    return _settle(ledger, outgoing, now, State.REFUSED, code)


def put_off(ledger: Ledger, outgoing: Outgoing, *, now: dt.datetime, code: str) -> State:
    """Record that the message was refused for now: it waits to be tried again, or is dead after the last attempt."""
    if outgoing.attempts > len(BACKOFF):
        _settle(ledger, outgoing, now, State.DEAD, code)
        return State.DEAD
    _settle(ledger, outgoing, now, State.PENDING, code, next_try_at=now + BACKOFF[outgoing.attempts - 1])
    return State.PENDING


def waiting(connection: sa.Connection, now: dt.datetime) -> int:
    """Return how many messages may be tried now."""
    return connection.execute(sa.select(sa.func.count()).where(_may_be_claimed(now))).scalar_one()


def queued_by(connection: sa.Connection, run_id: int) -> int:
    """Return how many notices a run queued: those whose Message-ID was there already are not among them."""
    return connection.execute(sa.select(sa.func.count()).where(_notice.c.run_id == run_id)).scalar_one()


def _full_until(connection: sa.Connection, now: dt.datetime, a_minute: int) -> Later | None:
    """Return when the next message may be tried, if `a_minute` of them changed hands since a minute ago."""
    tried = sa.select(_recipient.c.changed_at).where(_recipient.c.changed_at > now - MINUTE, _recipient.c.attempts > 0)
    newest_first = tried.order_by(_recipient.c.changed_at.desc()).offset(a_minute - 1).limit(1)
    found = connection.execute(newest_first).scalar()
    return None if found is None else Later(found + MINUTE)


def _may_be_claimed(now: dt.datetime) -> sa.ColumnElement[bool]:
    waits = (_recipient.c.state == State.PENDING) & (_recipient.c.next_try_at <= now)
    return waits | ((_recipient.c.state == State.CLAIMED) & (_recipient.c.claimed_until <= now))


def _settle(
    ledger: Ledger,
    outgoing: Outgoing,
    now: dt.datetime,
    state: State,
    code: str,
    next_try_at: dt.datetime | None = None,
    mode: str = "",
) -> bool:
    """Record a result if the claim is still ours, expired or not: what was done was done."""
    ours = (_recipient.c.state == State.CLAIMED, _recipient.c.claimed_by == outgoing.claimed_by)
    change = sa.update(_recipient).where(_recipient.c.id == outgoing.recipient_id, *ours)
    values = {"state": state, "code": code, "mode": mode, "changed_at": now}
    with ledger.begin() as connection:
        done = connection.execute(change.values(**values, claimed_until=None, next_try_at=next_try_at))
        return done.rowcount == 1


def _cells(notice: Notice) -> dict[str, Any]:
    return {name: getattr(notice, name) for name in _CELLS}


def _waiting(since: dt.datetime, **which: Any) -> dict[str, Any]:
    return {
        **which,
        "state": State.PENDING,
        "attempts": 0,
        "next_try_at": since,
        "claimed_by": "",
        "code": "",
        "mode": "",
        "changed_at": since,
    }


def read_notice(row: sa.Row[Any], recipients: Iterable[str]) -> Notice:
    """Return the notice of a row that has its columns; its cases are not read back."""
    cells = {name: row._mapping[name] for name in _CELLS}  # noqa: SLF001
    return Notice(**cells, recipients=tuple(recipients))
