"""Whether what a run kept still has the digest it was kept by. Reads the ledger; names keys and files, never a cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from dacompliance.ledger import bulk, history, runs, tables
from dacompliance.ledger.changes import digest_of
from dacompliance.program import PROGRAM_KIND, program_text

_records: Final = tables.record_history


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a run is no longer what was kept, and whether this program is the one that judged it.

    `records` are set, key and incident of altered rows; `withheld` the same of rows lawfully deleted since; `documents`
    kind and name of altered texts; `rows` the record sets with more or fewer rows than the run counted, with both
    numbers: a row added, taken out or given to other runs has no digest to fail. `same_program` is None where the run,
    of an older version, did not keep its program.
    """

    records: frozenset[tuple[str, str, str | None]] = frozenset()
    withheld: frozenset[tuple[str, str, str | None]] = frozenset()
    documents: frozenset[tuple[str, str]] = frozenset()
    rows: tuple[tuple[str, int, int], ...] = ()
    same_program: bool | None = True


def what_is_kept(connection: sa.Connection, run_id: int) -> Kept:
    """Hold every record and text that a run kept to its digest."""
    papers = runs.documents(connection, run_id)
    digests = runs.digests(connection, run_id)
    program = [each.body for each in papers if each.kind == PROGRAM_KIND]
    altered = frozenset((each.kind, each.name) for each in papers if each.digest != digests[each.kind, each.name])
    return Kept(
        records=frozenset(_altered(connection, run_id)),
        withheld=frozenset(_withheld(connection, run_id)),
        documents=altered,
        rows=tuple(_miscounted(connection, run_id)),
        same_program=program[0] == program_text() if program else None,
    )


def _altered(connection: sa.Connection, run_id: int) -> list[tuple[str, str, str | None]]:
    names = ("record_set", "key", "incident_ref", "body", "salt", "digest")
    query = sa.select(*(_records.c[name] for name in names))
    rows = connection.execute(query.where(*history.held(_records, run_id), _records.c.body.is_not(None)))
    return [
        (record_set, key, incident)
        for record_set, key, incident, body, salt, digest in zip(*bulk.columns(rows, len(names)), strict=True)
        if not _is_digest(salt, body, digest)
    ]


def _is_digest(salt: str | None, body: str, digest: str) -> bool:
    return salt is not None and body.isascii() and digest_of(salt, body) == digest


def _miscounted(connection: sa.Connection, run_id: int) -> Iterator[tuple[str, int, int]]:
    """Yield each record set the run trusted that has not the rows it counted: name, how many then, how many now."""
    numbers = sa.select(_records.c.record_set, sa.func.count()).where(*history.held(_records, run_id))
    there = {str(name): int(number) for name, number in connection.execute(numbers.group_by(_records.c.record_set))}
    for name, gate in sorted(runs.run(connection, run_id).gates.items()):
        counted = (gate.get("extent") or {}).get("usable")
        if gate["passed"] and counted is not None and counted != there.get(name, 0):
            yield name, int(counted), there.get(name, 0)


def _withheld(connection: sa.Connection, run_id: int) -> list[Any]:
    query = sa.select(_records.c.record_set, _records.c.key, _records.c.incident_ref)
    rows = connection.execute(query.where(*history.held(_records, run_id), _records.c.body.is_(None)))
    return [tuple(row) for row in rows]
