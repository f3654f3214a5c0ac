"""Writing history: closing rows that no longer hold, and adding rows that hold from a run on."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

import numpy as np
import sqlalchemy as sa

from dacompliance.judging.verdicts import Cells
from dacompliance.ledger import bulk, tables
from dacompliance.ledger.beside import VERDICT_COLUMNS, digest_of
from dacompliance.ledger.bodies import Bodies
from dacompliance.records.table import MISSING, BoolArray, IntArray

_SALT_BYTES: Final = 16
_TIMES: Final = ("due_at", "done_at")


def close(connection: sa.Connection, table: sa.Table, gone: Iterable[IntArray], last_run: int | None) -> int:
    """Close rows by their ids, as having held for the last time in `last_run`; return how many."""
    ids = [each for each in gone if len(each)]
    bulk.close(connection, table, (number for each in ids for number in each.tolist()), last_run)
    return sum(map(len, ids))


def add_records(connection: sa.Connection, run_id: int, bodies: Bodies, new: BoolArray) -> int:
    """Add the new rows of a record set; return how many."""
    rows = np.flatnonzero(new)
    for block in bulk.split(rows):
        texts, salts = bodies.texts(block), new_salts(len(block))
        bulk.insert(
            connection,
            tables.record_history,
            {
                "record_set": [bodies.record_set] * len(block),
                "key": bodies.keys[block].tolist(),
                "incident_ref": bodies.incident_refs(block),
                "first_run": [run_id] * len(block),
                "body": texts,
                "salt": salts,
                "digest": [digest_of(salt, text) for salt, text in zip(salts, texts, strict=True)],
            },
        )
    return len(rows)


def new_salts(count: int) -> list[str]:
    """Return salts nobody can guess: once salt and body are deleted, a digest says nothing about what was there."""
    text = os.urandom(_SALT_BYTES * count).hex()
    return [text[start : start + 2 * _SALT_BYTES] for start in range(0, len(text), 2 * _SALT_BYTES)]


def add_verdicts(connection: sa.Connection, run_id: int, rule_id: str, said: Cells, new: BoolArray) -> int:
    """Add the new verdicts of a rule; return how many."""
    rows = np.flatnonzero(new)
    for block in bulk.split(rows):
        cells = {name: said[name][block] for name in VERDICT_COLUMNS if name != "rule_id"}
        bulk.insert(
            connection,
            tables.verdict_history,
            {
                "rule_id": [rule_id] * len(block),
                "first_run": [run_id] * len(block),
                **{name: _optional(each) if name in _TIMES else each.tolist() for name, each in cells.items()},
            },
        )
    return len(rows)


def _optional(values: IntArray) -> list[int | None]:
    return [None if value == MISSING else value for value in values.tolist()]
