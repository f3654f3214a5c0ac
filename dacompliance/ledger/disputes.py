"""Disputes as the ledger keeps them: who said what against which exception, when and why. They change nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from dacompliance.exceptions.disputes import Claim, Dispute
from dacompliance.exceptions.model import Identity
from dacompliance.ledger import tables

_dispute: Final = tables.dispute
_exception: Final = tables.exception


def every(connection: sa.Connection) -> tuple[Dispute, ...]:
    """Return every dispute there ever was, in the order they were made."""
    return _found(connection, sa.true())


def of_incident(connection: sa.Connection, incident_ref: str) -> tuple[Dispute, ...]:
    """Return the disputes of the exceptions of one incident and its children."""
    return _found(connection, _exception.c.incident_ref == incident_ref)


def of_interest(connection: sa.Connection) -> tuple[Dispute, ...]:
    """Return the disputes that no run has noted yet, and those of exceptions that are open."""
    return _found(connection, _dispute.c.noted_run.is_(None) | (_exception.c.state == "open"))


def add(
    connection: sa.Connection, identity: Identity, claim: Claim, *, author: str, reason: str, made_at: dt.datetime
) -> None:
    """Keep what someone says against an exception."""
    rule_id, item_ref = identity
    connection.execute(
        sa.insert(_dispute).values(
            rule_id=rule_id, item_ref=item_ref, claim=claim, author=author, reason=reason, made_at=made_at
        )
    )


def settle(connection: sa.Connection, run_id: int, noted: Collection[int]) -> None:
    """Keep that a run has made these disputes events."""
    if noted:
        connection.execute(sa.update(_dispute).where(_dispute.c.id.in_(noted)).values(noted_run=run_id))


def became(connection: sa.Connection) -> dict[Identity, str]:
    """Return what became of each exception that was ever disputed: "" while it is open, else why it closed."""
    same = (_exception.c.rule_id == _dispute.c.rule_id) & (_exception.c.item_ref == _dispute.c.item_ref)
    query = sa.select(_exception.c.rule_id, _exception.c.item_ref, _exception.c.closing).join(_dispute, same)
    return {(row.rule_id, row.item_ref): row.closing for row in connection.execute(query)}


def _found(connection: sa.Connection, which: sa.ColumnElement[bool]) -> tuple[Dispute, ...]:
    same = (_exception.c.rule_id == _dispute.c.rule_id) & (_exception.c.item_ref == _dispute.c.item_ref)
    query = sa.select(_dispute).join(_exception, same).where(which).order_by(_dispute.c.id)
    return tuple(
        Dispute(
            row.id,
            row.rule_id,
            row.item_ref,
            Claim(row.claim),
            row.author,
            row.reason,
            row.made_at,
            noted=row.noted_run is not None,
        )
        for row in connection.execute(query)
    )
