"""The outbox: what is to be said, to whom, and what became of it. Sends nothing itself; `notices.mailer` does.

A notice is queued in the transaction of its run, one recipient a row. A sender claims one recipient by a conditional
update, sends, and records the result; when it dies in between, the claim expires and the same Message-ID goes again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

import sqlalchemy as sa

from dacompliance.errors import LedgerError
from dacompliance.exceptions.model import Listed
from dacompliance.ledger import tables
from dacompliance.ledger.database import Ledger
from dacompliance.ledger.slots import this_process

_notice: Final = tables.notice
_recipient: Final = tables.notice_recipient
_case: Final = tables.notice_case

_CELLS: Final = tuple(column.name for column in _notice.c if column.name not in ("id", "run_id"))

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


TOLD: Final = (State.HANDED_OVER, State.WRITTEN)
"""The states in which a reader has been told, as far as we can know."""

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


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message to one recipient. `code` is the server's code or a word for what failed."""

    address: str = field(repr=False)
    state: State
    attempts: int
    next_try_at: dt.datetime | None
    code: str
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice of the outbox with its recipients."""

    id: int
    run_id: int | None
    notice: Notice
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The run whose notice a reader was last handed, what it was as at, the notice's local date and its kind."""

    run_id: int
    as_at: dt.datetime
    local_date: dt.date
    kind: str


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


def claim(ledger: Ledger, *, now: dt.datetime, lease: dt.timedelta = LEASE) -> Outgoing | None:
    """Claim the message that has waited longest and may be tried now; None when there is none.

    A claim that has expired is taken over: its sender is dead.
    """
    owner, until = this_process(), now + lease
    free = _may_be_claimed(now)
    first = sa.select(_recipient.c.id).where(free).order_by(_recipient.c.next_try_at, _recipient.c.id).limit(1)
    with ledger.begin() as connection:
        found = connection.execute(first).scalar()
        if found is None:
            return None
        values = {"state": State.CLAIMED, "claimed_by": owner, "claimed_until": until, "changed_at": now}
        taken = sa.update(_recipient).where(_recipient.c.id == found, free)
        if not connection.execute(taken.values(**values, attempts=_recipient.c.attempts + 1)).rowcount:
            return None
        query = sa.select(_notice, _recipient.c.address, _recipient.c.attempts)
        row = connection.execute(query.join(_recipient).where(_recipient.c.id == found)).one()
    return Outgoing(found, row.address, _read(row, (row.address,)), row.attempts, owner, until)


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


def last_told(
    connection: sa.Connection, kinds: Collection[str] | None = None, mode: Mode | None = None
) -> dict[str, Told]:
    """Return, by reader key, the newest run whose notice was handed over or written; of these kinds, or of any.

    With `mode` only what left in that way counts: a rehearsal has told its reviewer and nobody else.
    """
    left = [_recipient.c.notice_id == _notice.c.id, _recipient.c.state.in_(TOLD)]
    if mode is not None:
        left.append(_recipient.c.mode == mode)
    told: sa.ColumnElement[bool] = sa.exists().where(*left)
    if kinds is not None:
        told = told & _notice.c.kind.in_(sorted(kinds))
    newest = sa.select(_notice.c.reader_key, sa.func.max(_notice.c.run_id).label("run_id")).where(told)
    by_reader = newest.group_by(_notice.c.reader_key).subquery()
    run = tables.run
    query = (
        sa.select(_notice.c.reader_key, run.c.id, run.c.as_at, _notice.c.local_date, _notice.c.kind)
        .join(by_reader, (by_reader.c.reader_key == _notice.c.reader_key) & (by_reader.c.run_id == _notice.c.run_id))
        .join(run, run.c.id == _notice.c.run_id)
        .where(told)
        .order_by(_notice.c.id)
    )
    return {row.reader_key: Told(row.id, row.as_at, row.local_date, row.kind) for row in connection.execute(query)}


def listing(connection: sa.Connection, *, limit: int = 100) -> tuple[Sent, ...]:
    """Return notices, newest first."""
    return _sent(connection, sa.select(_notice).order_by(_notice.c.id.desc()).limit(limit))


def show(connection: sa.Connection, notice_id: int) -> Sent:
    """Return one notice. Raises LedgerError when there is none of that number."""
    found = _sent(connection, sa.select(_notice).where(_notice.c.id == notice_id))
    if not found:
        raise LedgerError(f"ledger: there is no notice {notice_id}.")
    return found[0]


def retry(ledger: Ledger, notice_id: int, *, now: dt.datetime) -> int:
    """Let a notice's refused and dead messages be tried afresh, and return how many there were."""
    lost = (_recipient.c.notice_id == notice_id) & _recipient.c.state.in_((State.REFUSED, State.DEAD))
    values = {"state": State.PENDING, "attempts": 0, "next_try_at": now, "changed_at": now}
    with ledger.begin() as connection:
        return connection.execute(sa.update(_recipient).where(lost).values(values)).rowcount


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


def _read(row: sa.Row[Any], recipients: Sequence[str]) -> Notice:
    cells = {name: row._mapping[name] for name in _CELLS}  # noqa: SLF001
    return Notice(**cells, recipients=tuple(recipients))


def _sent(connection: sa.Connection, query: sa.Select[Any]) -> tuple[Sent, ...]:
    rows = connection.execute(query).all()
    by_notice = defaultdict(list)
    of_these = _recipient.c.notice_id.in_([row.id for row in rows])
    for each in connection.execute(sa.select(_recipient).where(of_these).order_by(_recipient.c.id)):
        delivery = Delivery(
            each.address, State(each.state), each.attempts, each.next_try_at, each.code, each.changed_at
        )
        by_notice[each.notice_id].append(delivery)
    return tuple(
        Sent(row.id, row.run_id, _read(row, [each.address for each in by_notice[row.id]]), tuple(by_notice[row.id]))
        for row in rows
    )
