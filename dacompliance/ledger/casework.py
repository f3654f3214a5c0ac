"""Exceptions and what happened to them: standings, events, and the sum of both. Decides nothing: `exceptions` does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from dacompliance.exceptions.model import Event, EventKind, Identity, Standing
from dacompliance.exceptions.morning import Came
from dacompliance.ledger import bulk, tables

_exception: Final = tables.exception
_event: Final = tables.event
_run: Final = tables.run

_ARRIVALS: Final = (EventKind.OPENED, EventKind.REOPENED, EventKind.WAIVER_ENDED, EventKind.OWNER_CHANGED)
"""What brings an exception to a list anew."""

_IS: Final = (_exception.c.rule_id == sa.bindparam("of_rule")) & (_exception.c.item_ref == sa.bindparam("of_item"))


@dataclass(frozen=True, slots=True)
class PastEvent:
    """Something that happened to an exception, in which run, and as at when."""

    event: Event
    run_id: int
    as_at: dt.datetime


def standings(connection: sa.Connection) -> dict[Identity, Standing]:
    """Return every exception there ever was, open or closed, as it stands; by rule, then item, by code point."""
    query = sa.select(_exception, _run.c.as_at).join(_run, _run.c.id == _exception.c.opened_run)
    found = [
        Standing(
            row.rule_id,
            row.item_ref,
            row.about,
            row.incident_ref,
            is_open=row.state == "open",
            suspended=row.suspended,
            times_reopened=row.times_reopened,
            opened_at=row.as_at,
            owner_then=row.owner_then,
            owner_now=row.owner_now,
        )
        for row in connection.execute(query)
    ]
    return {each.identity: each for each in sorted(found, key=lambda each: each.identity)}


def judged_by(connection: sa.Connection) -> dict[Identity, str]:
    """Return what each open exception was last judged by: the digest of rule version and calendar."""
    query = sa.select(_exception.c.rule_id, _exception.c.item_ref, _exception.c.judged_by).where(_is_open())
    return {(row.rule_id, row.item_ref): row.judged_by for row in connection.execute(query)}


def apply(
    connection: sa.Connection,
    run_id: int,
    events: Sequence[Event],
    judged: Mapping[Identity, str],
    checked: Collection[str] = (),
) -> None:
    """Add a run's events, and change the exceptions accordingly.

    `judged` is what open exceptions are judged by from now on; one that is not in it keeps what it had. A rule in
    `checked` is no longer suspended. Raises ValueError for an event of an exception that was never opened.
    """
    _append(connection, run_id, events)
    opened = [each for each in events if each.kind is EventKind.OPENED]
    if opened:
        connection.execute(sa.insert(_exception), [_opening(each, run_id) for each in opened])
    for kind, change in _CHANGES.items():
        _update(connection, [{**_of(each), **change(each, run_id)} for each in events if each.kind is kind])
    _lift_suspensions(connection, checked)
    before = judged_by(connection)
    moved = {identity: digest for identity, digest in judged.items() if before.get(identity, digest) != digest}
    _update(connection, [{"of_rule": rule, "of_item": item, "judged_by": by} for (rule, item), by in moved.items()])


def events_of(connection: sa.Connection, incident_ref: str) -> tuple[PastEvent, ...]:
    """Return what happened to the exceptions of one incident and its children, in order."""
    return _past(connection, _event.c.incident_ref == incident_ref)


def events_since(connection: sa.Connection, run_id: int) -> tuple[PastEvent, ...]:
    """Return what happened in the runs after `run_id` (0 for all), in order."""
    return _past(connection, _event.c.run_id > run_id)


def events_in(connection: sa.Connection, run_id: int) -> tuple[PastEvent, ...]:
    """Return what happened in one run, in order."""
    return _past(connection, _event.c.run_id == run_id)


def open_counts(connection: sa.Connection) -> dict[tuple[str, str], int]:
    """Return how many exceptions are open, under (rule_id, reader key of the owner now)."""
    columns = (_exception.c.rule_id, _exception.c.owner_now)
    query = sa.select(*columns, sa.func.count().label("open")).where(_is_open()).group_by(*columns)
    counts = {(row.rule_id, row.owner_now): row.open for row in connection.execute(query)}
    return dict(sorted(counts.items()))


def came(connection: sa.Connection) -> dict[Identity, Came]:
    """Return, for each open exception, the runs in which it last came to be chased, and last came to its owner."""
    same = (_event.c.rule_id == _exception.c.rule_id) & (_event.c.item_ref == _exception.c.item_ref)
    columns = (_event.c.rule_id, _event.c.item_ref, _event.c.kind)
    query = sa.select(*columns, sa.func.max(_event.c.run_id).label("run_id")).join(_exception, same)
    chased: dict[Identity, int] = {}
    owned: dict[Identity, int] = {}
    for row in connection.execute(query.where(_is_open(), _event.c.kind.in_(_ARRIVALS)).group_by(*columns)):
        identity = row.rule_id, row.item_ref
        owned[identity] = max(row.run_id, owned.get(identity, 0))
        if row.kind != EventKind.OWNER_CHANGED:
            chased[identity] = max(row.run_id, chased.get(identity, 0))
    return {identity: Came(chased[identity], owned[identity]) for identity in sorted(owned)}


def find_open(connection: sa.Connection, rule_id: str, number: str) -> tuple[Standing, ...]:
    """Return the open exceptions of a rule about the item of that reference, else of the incident of that reference."""
    found = [each for each in standings(connection).values() if each.is_open and each.rule_id == rule_id]
    exact = tuple(each for each in found if each.item_ref == number)
    return exact or tuple(each for each in found if each.incident_ref == number)


def _is_open() -> sa.ColumnElement[bool]:
    return _exception.c.state == "open"


def _append(connection: sa.Connection, run_id: int, events: Sequence[Event]) -> None:
    texts = ("rule_id", "item_ref", "about", "incident_ref", "kind", "reason", "owner")
    columns: dict[str, list[Any]] = {name: [str(getattr(each, name)) for each in events] for name in texts}
    columns["run_id"] = [run_id] * len(events)
    columns["count"] = [each.count for each in events]
    bulk.insert(connection, _event, columns)


def _lift_suspensions(connection: sa.Connection, checked: Collection[str]) -> None:
    lifted = _exception.c.suspended & _exception.c.rule_id.in_(sorted(checked))
    connection.execute(sa.update(_exception).where(lifted).values(suspended=False))


def _of(event: Event) -> dict[str, Any]:
    return {"of_rule": event.rule_id, "of_item": event.item_ref}


def _opening(event: Event, run_id: int) -> dict[str, Any]:
    return {"rule_id": event.rule_id, "item_ref": event.item_ref, "judged_by": "", **_reopened(event, run_id)}


def _reopened(event: Event, run_id: int) -> dict[str, Any]:
    return {
        "about": event.about,
        "incident_ref": event.incident_ref,
        "state": "open",
        "suspended": False,
        "closing": "",
        "owner_then": event.owner,
        "owner_now": event.owner,
        "times_reopened": event.count,
        "opened_run": run_id,
        "closed_run": None,
    }


def _closed(event: Event, run_id: int) -> dict[str, Any]:
    return {"state": "closed", "suspended": False, "closing": str(event.reason), "closed_run": run_id}


def _suspended(_event: Event, _run_id: int) -> dict[str, Any]:
    return {"suspended": True}


def _handed_on(event: Event, _run_id: int) -> dict[str, Any]:
    return {"owner_now": event.owner, "incident_ref": event.incident_ref}


_CHANGES: Final = {
    EventKind.REOPENED: _reopened,
    EventKind.CLOSED: _closed,
    EventKind.SUSPENDED: _suspended,
    EventKind.OWNER_CHANGED: _handed_on,
}


def _update(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    if rows and connection.execute(sa.update(_exception).where(_IS), rows).rowcount != len(rows):
        raise ValueError("an event of an exception that was never opened")


def _past(connection: sa.Connection, which: sa.ColumnElement[bool]) -> tuple[PastEvent, ...]:
    query = sa.select(_event, _run.c.as_at).join(_run, _run.c.id == _event.c.run_id).where(which)
    return tuple(
        PastEvent(
            Event(
                row.rule_id,
                row.item_ref,
                row.about,
                row.incident_ref,
                EventKind(row.kind),
                row.reason,
                row._mapping["count"],  # noqa: SLF001  (a row's own method has the column's name)
                row.owner,
            ),
            row.run_id,
            row.as_at,
        )
        for row in connection.execute(query.order_by(_event.c.id))
    )
