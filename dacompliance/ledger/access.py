"""Who replayed or exported what, when and why: entries that are only ever added."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from dacompliance.ledger import tables

_access = tables.access


@dataclass(frozen=True, slots=True)
class Access:
    """One act: when, by whom (an account of the machine), what was asked for, and why, in their own words."""

    at: dt.datetime
    who: str
    what: str
    why: str


def note(connection: sa.Connection, entry: Access) -> None:
    """Add an entry."""
    connection.execute(sa.insert(_access).values(at=entry.at, who=entry.who, what=entry.what, why=entry.why))


def entries(connection: sa.Connection, limit: int | None = None) -> tuple[Access, ...]:
    """Return the entries, newest first."""
    rows = connection.execute(sa.select(_access).order_by(_access.c.id.desc()).limit(limit))
    return tuple(Access(row.at, row.who, row.what, row.why) for row in rows)
