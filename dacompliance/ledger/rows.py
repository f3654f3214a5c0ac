"""The rows of record history that held at a run, read once for all that is asked of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from dacompliance.ledger import bulk, tables

_records: Final = tables.record_history
_CELLS: Final = ("record_set", "key", "incident_ref", "body", "salt", "digest")


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of one record set, as columns. Body and salt are None where they were lawfully deleted."""

    keys: list[str] = field(default_factory=list)
    incident_refs: list[str | None] = field(default_factory=list)
    bodies: list[str | None] = field(default_factory=list)
    salts: list[str | None] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)

    def kept(self) -> tuple[list[str], list[str]]:
        """Return key and body of the rows that were not lawfully deleted."""
        bodies = [body for body in self.bodies if body is not None]
        if len(bodies) == len(self.keys):
            return self.keys, bodies
        return [key for key, body in zip(self.keys, self.bodies, strict=True) if body is not None], bodies

    def and_more(self, more: Rows) -> Rows:
        """Return these rows and more, in no order."""
        return Rows(*(one + other for one, other in zip(self.columns(), more.columns(), strict=True)))

    def columns(self) -> tuple[list[Any], ...]:
        """Return the columns, in the order in which they are declared."""
        return self.keys, self.incident_refs, self.bodies, self.salts, self.digests


def record_rows(connection: sa.Connection, run_id: int, *those: sa.ColumnElement[bool]) -> dict[str, Rows]:
    """Return the rows that held at a run by record set, all or `those` of them."""
    query = sa.select(*(_records.c[name] for name in _CELLS)).where(*held(_records, run_id), *those)
    found: dict[str, Rows] = defaultdict(Rows)
    for sets, *cells in bulk.blocks_of(connection.execute(query)):
        for record_set, part in _stretches(sets):
            for column, more in zip(found[record_set].columns(), cells, strict=True):
                column.extend(more[part])
    return dict(found)


def _stretches(names: tuple[str, ...]) -> Iterator[tuple[str, slice]]:
    """Yield each name with the places at which it stands, as long as it is the same."""
    start = 0
    for name, same in groupby(names):
        end = start + sum(1 for _ in same)
        yield name, slice(start, end)
        start = end


def held(table: sa.Table, run_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the test for rows that held at a run."""
    return table.c.first_run <= run_id, table.c.last_run.is_(None) | (table.c.last_run >= run_id)
