"""Waivers as the ledger keeps them: who waived what until when, and what ended it. Decides nothing: `exceptions` does.

A person's word is kept at its moment. The next run notes it and makes it an event, so that no past run is added to.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa

from dacompliance.errors import UsageError
from dacompliance.exceptions.model import Identity
from dacompliance.exceptions.waivers import Ending, Noted, Waiver
from dacompliance.ledger import tables

_waiver: Final = tables.waiver
_exception: Final = tables.exception


def unsettled(connection: sa.Connection) -> tuple[Waiver, ...]:
    """Return the waivers that stand, and those of which a run has not noted the beginning or the end."""
    return _found(
        connection, _waiver.c.ended_at.is_(None) | _waiver.c.noted_run.is_(None) | _waiver.c.ended_run.is_(None)
    )


def of_incident(connection: sa.Connection, incident_ref: str) -> tuple[Waiver, ...]:
    """Return every waiver there ever was of the exceptions of one incident and its children."""
    return _found(connection, _exception.c.incident_ref == incident_ref)


def every(connection: sa.Connection) -> tuple[Waiver, ...]:
    """Return every waiver there ever was, in the order they were made."""
    return _found(connection, sa.true())


def add(
    connection: sa.Connection, identity: Identity, *, author: str, reason: str, made_at: dt.datetime, last_day: dt.date
) -> None:
    """Keep a waiver of an open exception. Raises UsageError when one stands already."""
    if connection.execute(sa.select(_waiver.c.id).where(_stands(identity))).first() is not None:
        raise UsageError("this exception is waived already. End that waiver first: `dacompliance waivers end`.")
    rule_id, item_ref = identity
    connection.execute(
        sa.insert(_waiver).values(
            rule_id=rule_id,
            item_ref=item_ref,
            author=author,
            reason=reason,
            made_at=made_at,
            last_day=last_day,
            ended_by="",
            ending="",
        )
    )


def end(connection: sa.Connection, identity: Identity, *, by: str, at: dt.datetime) -> None:
    """Keep that a person ended a waiver. Raises UsageError when none stands."""
    values = {"ended_at": at, "ended_by": by, "ending": Ending.ENDED}
    if not connection.execute(sa.update(_waiver).where(_stands(identity)).values(**values)).rowcount:
        raise UsageError("this exception is not waived. `dacompliance waivers list` shows those that are.")


def settle(connection: sa.Connection, run_id: int, noted: Noted, at: dt.datetime) -> None:
    """Keep what a run made of the waivers: those it ended at `at`, and that it has noted all the others."""
    for waiver_id, ending in noted.ended.items():
        change = sa.update(_waiver).where(_waiver.c.id == waiver_id)
        connection.execute(change.where(_waiver.c.ended_at.is_(None)).values(ended_at=at, ending=ending))
        connection.execute(change.values(ended_run=run_id))
    if noted.begun:
        connection.execute(sa.update(_waiver).where(_waiver.c.id.in_(noted.begun)).values(noted_run=run_id))


def _stands(identity: Identity) -> sa.ColumnElement[bool]:
    rule_id, item_ref = identity
    return sa.and_(_waiver.c.rule_id == rule_id, _waiver.c.item_ref == item_ref, _waiver.c.ended_at.is_(None))


def _found(connection: sa.Connection, which: sa.ColumnElement[bool]) -> tuple[Waiver, ...]:
    same = (_exception.c.rule_id == _waiver.c.rule_id) & (_exception.c.item_ref == _waiver.c.item_ref)
    query = sa.select(_waiver).join(_exception, same).where(which).order_by(_waiver.c.id)
    return tuple(_read(row) for row in connection.execute(query))


def _read(row: sa.Row[Any]) -> Waiver:
    return Waiver(
        row.id,
        row.rule_id,
        row.item_ref,
        row.author,
        row.reason,
        row.made_at,
        row.last_day,
        noted=row.noted_run is not None,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        ending=Ending(row.ending) if row.ending else None,
        end_noted=row.ended_run is not None,
    )
