"""What a run changes in record history and verdict history: one row for as long as something stayed the same.

Compares with the rows that hold now and touches only what changed: the same records twice add nothing. A row that no
longer holds is closed, never rewritten.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa

from dacompliance.judging.verdicts import Cells
from dacompliance.ledger import bulk, tables
from dacompliance.ledger.bodies import Bodies
from dacompliance.records.table import MISSING, BoolArray, IntArray

_records: Final = tables.record_history
_verdicts: Final = tables.verdict_history

_TEXTS: Final = ("item_ref", "about", "incident_ref", "version", "outcome", "reason")
_TIMES: Final = ("due_at", "done_at")
_SALT_BYTES: Final = 16
_NOTHING: Final[Cells] = {name: np.array([], dtype=object) for name in (*_TEXTS, *_TIMES)}


def write_records(
    connection: sa.Connection, run_id: int, previous: int | None, found: Iterable[Bodies]
) -> tuple[int, int]:
    """Write what changed since `previous`, the run before; return how many rows were closed and how many added.

    A record set that is not in `found` stays as it was. A row withheld by a lawful deletion stays withheld for as long
    as its key is there: nothing of it is kept again.
    """
    closed = added = 0
    for bodies in found:
        ids, rows = _record_changes(connection, bodies)
        bulk.close(connection, _records, ids, previous)
        _add_records(connection, run_id, bodies, rows)
        closed, added = closed + len(ids), added + len(rows)
    return closed, added


def _record_changes(connection: sa.Connection, bodies: Bodies) -> tuple[list[int], IntArray]:
    """Return the ids of rows that no longer hold, and the places of bodies that are new."""
    query = sa.select(_records.c.id, _records.c.key, _records.c.salt, _records.c.digest)
    standing = query.where(_records.c.record_set == bodies.record_set, _records.c.last_run.is_(None))
    keys = pd.Index(bodies.keys, dtype=object)
    same = np.zeros(len(bodies), dtype=bool)
    gone: list[int] = []
    for ids, kept, salts, digests in bulk.streamed(connection, standing):
        places = keys.get_indexer(pd.Index(kept, dtype=object))
        there = np.flatnonzero(places >= 0)
        holds = np.zeros(len(ids), dtype=bool)
        holds[there] = [
            salts[row] is None or digest_of(salts[row], text) == digests[row]
            for row, text in zip(there.tolist(), bodies.texts(places[there]), strict=True)
        ]
        same[places[holds]] = True
        gone += np.array(ids, dtype=np.int64)[~holds].tolist()
    return gone, np.flatnonzero(~same)


def _add_records(connection: sa.Connection, run_id: int, bodies: Bodies, rows: IntArray) -> None:
    for block in bulk.split(rows):
        texts, salts = bodies.texts(block), new_salts(len(block))
        bulk.insert(
            connection,
            _records,
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


def digest_of(salt: str, body: str) -> str:
    """Return the digest of a record's body: SHA-256 of the salt's text and the body's, one after the other."""
    return hashlib.sha256((salt + body).encode("ascii")).hexdigest()


def new_salts(count: int) -> list[str]:
    """Return salts nobody can guess: once salt and body are deleted, a digest says nothing about what was there."""
    text = os.urandom(_SALT_BYTES * count).hex()
    return [text[start : start + 2 * _SALT_BYTES] for start in range(0, len(text), 2 * _SALT_BYTES)]


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
    closed = added = 0
    for rule_id, said in _and_ended(connection, verdicts):
        if rule_id not in keep and (only is None or rule_id in only):
            ids, rows = _verdict_changes(connection, rule_id, said)
            bulk.close(connection, _verdicts, ids, previous)
            _add_verdicts(connection, run_id, rule_id, said, rows)
            closed, added = closed + len(ids), added + len(rows)
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


def _verdict_changes(connection: sa.Connection, rule_id: str, said: Cells) -> tuple[list[int], IntArray]:
    """Return the ids of rows that no longer hold, and the places of verdicts that say something new."""
    columns = [_verdicts.c[name] for name in ("id", *_TEXTS, *_TIMES)]
    standing = sa.select(*columns).where(_verdicts.c.rule_id == rule_id, _verdicts.c.last_run.is_(None))
    items = pd.Index(said["item_ref"], dtype=object)
    same = np.zeros(len(items), dtype=bool)
    gone: list[int] = []
    for ids, *cells in bulk.streamed(connection, standing):
        old = dict(zip((*_TEXTS, *_TIMES), cells, strict=True))
        places = items.get_indexer(pd.Index(old["item_ref"], dtype=object))
        there = np.flatnonzero(places >= 0)
        equal = there[_equal(old, there, said, places[there])]
        same[places[equal]] = True
        gone += np.delete(np.array(ids, dtype=np.int64), equal).tolist()
    return gone, np.flatnonzero(~same)


def _equal(old: Mapping[str, tuple[Any, ...]], rows: IntArray, said: Cells, places: IntArray) -> BoolArray:
    """Say which rows of `old` say what stands in `said` at these places."""
    equal = np.ones(len(rows), dtype=bool)
    for name in _TEXTS:
        equal &= np.asarray(np.array(old[name], dtype=object)[rows] == said[name][places], dtype=bool)
    for name in _TIMES:
        equal &= _whole(old[name])[rows] == said[name][places]
    return equal


def _add_verdicts(connection: sa.Connection, run_id: int, rule_id: str, said: Cells, rows: IntArray) -> None:
    for block in bulk.split(rows):
        bulk.insert(
            connection,
            _verdicts,
            {
                "rule_id": [rule_id] * len(block),
                "first_run": [run_id] * len(block),
                **{name: said[name][block].tolist() for name in _TEXTS},
                **{name: _optional(said[name][block]) for name in _TIMES},
            },
        )


def _whole(cells: tuple[int | None, ...]) -> IntArray:
    return np.array([MISSING if cell is None else cell for cell in cells], dtype=np.int64)


def _optional(values: IntArray) -> list[int | None]:
    return [None if value == MISSING else value for value in values.tolist()]
