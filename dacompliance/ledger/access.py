"""Who replayed or exported what, when and why: entries that are only ever added."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

import sqlalchemy as sa

from dacompliance.errors import ReadOnlyError
from dacompliance.ledger import tables
from dacompliance.ledger.database import Ledger

log = logging.getLogger(__name__)

_access = tables.access


@dataclass(frozen=True, slots=True)
class Access:
    """One act: when, by whom (an account of the machine), what was asked for, and why, in their own words."""

    at: dt.datetime
    who: str
    what: str
    why: str


def keep(ledger: Ledger, entry: Access) -> None:
    """Add an entry in a transaction of its own, before anything leaves the ledger.

    Where the ledger can only be read, as an auditor's copy should be, no entry can be kept: that is logged, and the
    look goes on. Whoever made the copy could read all of it anyway.
    """
    try:
        with ledger.begin() as connection:
            note(connection, entry)
    except ReadOnlyError:
        log.warning("not in the access list, since this ledger can only be read", extra={"what": entry.what})


def note(connection: sa.Connection, entry: Access) -> None:
    """Add an entry."""
    connection.execute(sa.insert(_access).values(at=entry.at, who=entry.who, what=entry.what, why=entry.why))


def entries(connection: sa.Connection, limit: int | None = None) -> tuple[Access, ...]:
    """Return the entries, newest first."""
    rows = connection.execute(sa.select(_access).order_by(_access.c.id.desc()).limit(limit))
    return tuple(Access(row.at, row.who, row.what, row.why) for row in rows)
