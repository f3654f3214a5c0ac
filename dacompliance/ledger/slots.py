"""Slots: one job on one local date is one run, however many schedulers there are. Knows claims; never when to run."""

from __future__ import annotations

import datetime as dt
import os
import socket
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from dacompliance.errors import TakenOverError
from dacompliance.ledger import tables
from dacompliance.ledger.database import Ledger

LEASE: Final = dt.timedelta(minutes=10)
"""How long a claim holds unless it is renewed (`holding.held` does): after that, its process is taken to be dead."""

_slot: Final = tables.slot


class SlotState(StrEnum):
    """What became of a slot."""

    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Claim:
    """A slot that is ours until `expires`."""

    job: str
    local_date: dt.date
    owner: str
    expires: dt.datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot as it stands. `why` is a code or an error's class for a failed one, never a value."""

    job: str
    local_date: dt.date
    state: SlotState
    owner: str
    expires: dt.datetime | None
    run_id: int | None
    why: str
    changed_at: dt.datetime


def this_process() -> str:
    """Return a name for this process that no other has, on this machine or another."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def claim(
    ledger: Ledger,
    job: str,
    local_date: dt.date,
    *,
    now: dt.datetime,
    lease: dt.timedelta = LEASE,
    owner: str | None = None,
) -> Claim | None:
    """Claim a slot; None when it is done, missed, or somebody else's whose claim has not expired.

    A failed slot, and one whose claim has expired, is taken over.
    """
    ours = Claim(job, local_date, owner or this_process(), now + lease)
    free = (_slot.c.state == SlotState.FAILED) | ((_slot.c.state == SlotState.CLAIMED) & (_slot.c.claim_expires <= now))
    values = {
        "state": SlotState.CLAIMED,
        "owner": ours.owner,
        "claim_expires": ours.expires,
        "why": "",
        "changed_at": now,
    }
    with ledger.begin() as connection:
        if connection.execute(sa.update(_slot).where(*_is(ours), free).values(values)).rowcount:
            return ours
        if connection.execute(sa.select(_slot.c.state).where(*_is(ours))).first() is not None:
            return None
        connection.execute(sa.insert(_slot).values(job=job, local_date=local_date, **values))
    return ours


def renew(ledger: Ledger, claim: Claim, *, now: dt.datetime, lease: dt.timedelta = LEASE) -> Claim:
    """Hold a claim for longer. Raises TakenOverError when it was taken over in the meantime."""
    longer = replace(claim, expires=now + lease)
    with ledger.begin() as connection:
        _change(connection, claim, claim_expires=longer.expires, changed_at=now)
    return longer


def fail(ledger: Ledger, claim: Claim, *, now: dt.datetime, why: str) -> None:
    """Record that the slot's run failed, and let it be claimed again. `why` is a code or an error's class."""
    with ledger.begin() as connection:
        _change(connection, claim, state=SlotState.FAILED, claim_expires=None, why=why, changed_at=now)


def finish(connection: sa.Connection, claim: Claim, run_id: int | None, now: dt.datetime) -> None:
    """Record, within the run's own transaction, that the slot is done."""
    _change(connection, claim, state=SlotState.DONE, claim_expires=None, run_id=run_id, changed_at=now)


def miss(connection: sa.Connection, job: str, dates: Iterable[dt.date], *, now: dt.datetime) -> list[dt.date]:
    """Record slots that no run was made for, and return which were new, in order.

    One that exists stays as it is; but one whose process died at work, its claim long expired, is missed too.
    """
    wanted = sorted(set(dates))
    of_job = (_slot.c.job == job) & _slot.c.local_date.in_(wanted)
    there = {day for (day,) in connection.execute(sa.select(_slot.c.local_date).where(of_job))}
    dead = of_job & (_slot.c.state == SlotState.CLAIMED) & (_slot.c.claim_expires <= now)
    died = set(connection.execute(sa.select(_slot.c.local_date).where(dead)).scalars())
    if died:
        gone = {"state": SlotState.MISSED, "claim_expires": None, "why": "died", "changed_at": now}
        connection.execute(sa.update(_slot).where(dead).values(gone))
    new = [day for day in wanted if day not in there]
    if new:
        row = {"job": job, "state": SlotState.MISSED, "owner": "", "why": "", "changed_at": now}
        connection.execute(sa.insert(_slot), [{**row, "local_date": day} for day in new])
    return sorted({*new, *died})


def newest(connection: sa.Connection, job: str) -> Slot | None:
    """Return a job's slot of the newest date, None before the first."""
    return next(iter(slots(connection, job=job, limit=1)), None)


def open_dates(connection: sa.Connection, job: str, before: dt.date) -> list[dt.date]:
    """Return the dates before one whose slot is still claimed."""
    query = sa.select(_slot.c.local_date).where(
        _slot.c.job == job, _slot.c.local_date < before, _slot.c.state == SlotState.CLAIMED
    )
    return sorted(connection.execute(query).scalars())


def slots(connection: sa.Connection, *, job: str | None = None, limit: int = 100) -> tuple[Slot, ...]:
    """Return slots, newest date first."""
    query = sa.select(_slot).order_by(_slot.c.local_date.desc(), _slot.c.job).limit(limit)
    if job is not None:
        query = query.where(_slot.c.job == job)
    return tuple(
        Slot(
            row.job,
            row.local_date,
            SlotState(row.state),
            row.owner,
            row.claim_expires,
            row.run_id,
            row.why,
            row.changed_at,
        )
        for row in connection.execute(query)
    )


def _is(claim: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return _slot.c.job == claim.job, _slot.c.local_date == claim.local_date


def _change(connection: sa.Connection, claim: Claim, **values: Any) -> None:
    """Change a slot if it is still ours, whether or not the claim has expired: nobody else has begun."""
    ours = (_slot.c.state == SlotState.CLAIMED, _slot.c.owner == claim.owner)
    if connection.execute(sa.update(_slot).where(*_is(claim), *ours).values(**values)).rowcount != 1:
        raise TakenOverError(
            f"ledger: the slot {claim.job} of {claim.local_date} was taken over by another process. Leave it to that."
        )
