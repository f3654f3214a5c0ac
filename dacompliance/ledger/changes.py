"""What a run changes in record history and verdict history: one row for as long as something stayed the same.

Compares with the rows that hold now and touches only what changed: the same records twice add nothing. A row that no
longer holds is closed, never rewritten. Here a record set, or a rule, is all there at once; what comes in pieces is
`ledger.pieces`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

import numpy as np
import sqlalchemy as sa

from dacompliance.judging.verdicts import Cells
from dacompliance.ledger import bulk, tables
from dacompliance.ledger.adding import add_records, add_verdicts, close
from dacompliance.ledger.beside import RECORD_COLUMNS, VERDICT_COLUMNS, FoundRecords, FoundVerdicts, ended
from dacompliance.ledger.bodies import Bodies
from dacompliance.ledger.pieces import Scope

_records: Final = tables.record_history
_verdicts: Final = tables.verdict_history

_NOTHING: Final[Cells] = {name: np.array([], dtype=object) for name in VERDICT_COLUMNS}


def write_records(
    connection: sa.Connection, run_id: int, previous: int | None, found: Iterable[Bodies]
) -> tuple[int, int]:
    """Write what changed since `previous`, the run before; return how many rows were closed and how many added.

    A record set that is not in `found` stays as it was. A row withheld by a lawful deletion stays withheld for as long
    as its key is there: nothing of it is kept again.
    """
    closed = added = 0
    query = sa.select(*(_records.c[name] for name in ("id", *RECORD_COLUMNS))).where(_records.c.last_run.is_(None))
    for bodies in found:
        here = FoundRecords(bodies)
        standing = bulk.streamed(connection, query.where(_records.c.record_set == bodies.record_set))
        closed += close(connection, _records, list(ended(here, standing)), previous)
        added += add_records(connection, run_id, bodies, here.new)
    return closed, added


def write_verdicts(
    connection: sa.Connection,
    run_id: int,
    previous: int | None,
    verdicts: Iterable[tuple[str, Cells]],
    keep: Collection[str] = (),
    only: Collection[str] | None = None,
) -> tuple[int, int]:
    """Write what changed since `previous`, the run before; return how many rows were closed and how many added.

    `verdicts` gives, a rule at a time, its id and what it says of the items it applies to: `not_applicable` is implied
    by there being no row. Rows of a rule in `keep`, one not checked in this run, stay as they were; rows of any other
    rule without verdicts are closed. With `only`, those of every rule that is not in it stay as they were, though it be
    gone from the pack.
    """
    closed, added, scope = 0, 0, Scope((), judged=True, keep=keep, only=only)
    query = sa.select(*(_verdicts.c[name] for name in ("id", *VERDICT_COLUMNS))).where(_verdicts.c.last_run.is_(None))
    for rule_id, said in _and_ended(connection, verdicts):
        if scope.has(rule_id):
            here = FoundVerdicts([(rule_id, said)])
            standing = bulk.streamed(connection, query.where(_verdicts.c.rule_id == rule_id))
            closed += close(connection, _verdicts, list(ended(here, standing)), previous)
            for new in here.news().values():
                added += add_verdicts(connection, run_id, rule_id, said, new)
    return closed, added


def _and_ended(connection: sa.Connection, verdicts: Iterable[tuple[str, Cells]]) -> Iterator[tuple[str, Cells]]:
    """Yield what each rule says, then nothing for each other rule that has something standing."""
    standing = connection.execute(sa.select(_verdicts.c.rule_id).where(_verdicts.c.last_run.is_(None)).distinct())
    others = set(standing.scalars())
    for rule_id, said in verdicts:
        others.discard(rule_id)
        yield rule_id, said
    for rule_id in sorted(others):
        yield rule_id, _NOTHING
