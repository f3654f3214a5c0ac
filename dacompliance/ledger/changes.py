"""What a run changes in record history and verdict history: one row for as long as something stayed the same.

Compares with the rows that hold now and touches only what changed: the same records twice add nothing. A row that no
longer holds is closed, never rewritten.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import sqlalchemy as sa

from dacompliance.ledger import bulk, tables
from dacompliance.ledger.bodies import Bodies
from dacompliance.records.table import MISSING, BoolArray, IntArray, TextArray

_records: Final = tables.record_history
_verdicts: Final = tables.verdict_history

NOT_APPLICABLE: Final = "not_applicable"
_TEXTS: Final = ("item_ref", "about", "incident_ref", "version", "outcome", "reason")
_TIMES: Final = ("due_at", "done_at")
_SALT_BYTES: Final = 16
_NONE: Final[IntArray] = np.zeros(0, dtype=np.int64)


def write_records(
    connection: sa.Connection, run_id: int, previous: int | None, found: Iterable[tuple[str, Bodies]]
) -> tuple[int, int]:
    """Write what changed since `previous`, the run before; return how many rows were closed and how many added.

    `found` gives record sets by name, one at a time; one that is not in it stays as it was. A row withheld by a lawful
    deletion stays withheld for as long as its key is there: nothing of it is kept again.
    """
    closed = added = 0
    for record_set, bodies in found:
        ids, rows = _record_changes(connection, record_set, bodies)
        bulk.close(connection, _records, ids, previous)
        _add_records(connection, run_id, record_set, bodies, rows)
        closed, added = closed + len(ids), added + len(rows)
    return closed, added


def _record_changes(connection: sa.Connection, record_set: str, bodies: Bodies) -> tuple[list[int], list[int]]:
    """Return the ids of rows that no longer hold, and the places of bodies that are new."""
    query = sa.select(_records.c.id, _records.c.key, _records.c.salt, _records.c.digest)
    standing = connection.execute(query.where(_records.c.record_set == record_set, _records.c.last_run.is_(None)))
    places = {key: place for place, key in enumerate(bodies.keys)}
    same = np.zeros(len(bodies.keys), dtype=bool)
    gone: list[int] = []
    for row_id, key, salt, digest in zip(*bulk.columns(standing, 4), strict=True):
        place = places.get(key)
        if place is not None and (salt is None or digest_of(salt, bodies.bodies[place]) == digest):
            same[place] = True
        else:
            gone.append(row_id)
    return gone, np.flatnonzero(~same).tolist()


def _add_records(connection: sa.Connection, run_id: int, record_set: str, bodies: Bodies, rows: list[int]) -> None:
    for block in bulk.blocks(rows):
        texts = [bodies.bodies[row] for row in block]
        salts = new_salts(len(block))
        bulk.insert(
            connection,
            _records,
            {
                "record_set": [record_set] * len(block),
                "key": [bodies.keys[row] for row in block],
                "incident_ref": [bodies.incident_refs[row] for row in block],
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
    verdicts: pd.DataFrame,
    keep: Collection[str] = (),
    only: Collection[str] | None = None,
) -> tuple[int, int]:
    """Write what changed since `previous`, the run before; return how many rows were closed and how many added.

    `not_applicable` is implied by there being no row, and its reason is not kept. Rows of a rule in `keep`, one not
    checked in this run, stay as they were; rows of any other rule without verdicts are closed. With `only`, those of
    every rule that is not in it stay as they were, though it be gone from the pack.
    """
    found = _rows_that_apply(verdicts)
    standing = connection.execute(sa.select(_verdicts.c.rule_id).where(_verdicts.c.last_run.is_(None)).distinct())
    closed = added = 0
    rules = {*standing.scalars(), *found} - set(keep)
    for rule_id in sorted(rules if only is None else rules & set(only)):
        new = _Lines.of_frame(verdicts.iloc[found.get(rule_id, _NONE)])  # a copy of one rule's rows, never of all
        ids, old = _standing_verdicts(connection, rule_id)
        same_old, same_new = _matches(old, new)
        bulk.close(connection, _verdicts, ids[~same_old].tolist(), previous)
        _add_verdicts(connection, run_id, rule_id, new, np.flatnonzero(~same_new))
        closed, added = closed + int((~same_old).sum()), added + int((~same_new).sum())
    return closed, added


def _rows_that_apply(verdicts: pd.DataFrame) -> dict[str, IntArray]:
    """Return by rule the rows of its verdicts that apply."""
    codes, rule_ids = pd.factorize(verdicts["rule_id"])
    applies = verdicts["outcome"].to_numpy() != NOT_APPLICABLE
    return {str(rule_id): np.flatnonzero(applies & (codes == code)) for code, rule_id in enumerate(rule_ids)}


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Verdicts of one rule as arrays: what is compared and kept."""

    texts: Mapping[str, TextArray]
    times: Mapping[str, IntArray]

    def __len__(self) -> int:
        return len(self.texts["item_ref"])

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> _Lines:
        texts = {name: frame[name].to_numpy(dtype=object) for name in _TEXTS}
        times = {name: frame[name].to_numpy(dtype="datetime64[us]").view(np.int64) for name in _TIMES}
        return cls(texts, times)


def _standing_verdicts(connection: sa.Connection, rule_id: str) -> tuple[IntArray, _Lines]:
    columns = [_verdicts.c[name] for name in ("id", *_TEXTS, *_TIMES)]
    query = sa.select(*columns).where(_verdicts.c.rule_id == rule_id, _verdicts.c.last_run.is_(None))
    cells = bulk.columns(connection.execute(query), len(columns))
    texts = {name: np.array(cells[place], dtype=object) for place, name in enumerate(_TEXTS, start=1)}
    times = {name: _whole(cells[place]) for place, name in enumerate(_TIMES, start=1 + len(_TEXTS))}
    return np.array(cells[0], dtype=np.int64), _Lines(texts, times)


def _matches(old: _Lines, new: _Lines) -> tuple[BoolArray, BoolArray]:
    """Return which old rows still hold and which new ones say nothing new."""
    place = pd.Index(old.texts["item_ref"], dtype=object).get_indexer(pd.Index(new.texts["item_ref"], dtype=object))
    rows = np.flatnonzero(place >= 0)
    there = place[rows]
    equal = np.ones(len(rows), dtype=bool)
    for name in _TEXTS:
        equal &= np.asarray(old.texts[name][there] == new.texts[name][rows], dtype=bool)
    for name in _TIMES:
        equal &= old.times[name][there] == new.times[name][rows]
    same_old, same_new = np.zeros(len(old), dtype=bool), np.zeros(len(new), dtype=bool)
    same_old[there[equal]] = True
    same_new[rows[equal]] = True
    return same_old, same_new


def _add_verdicts(connection: sa.Connection, run_id: int, rule_id: str, lines: _Lines, rows: IntArray) -> None:
    for block in bulk.blocks(rows.tolist()):
        bulk.insert(
            connection,
            _verdicts,
            {
                "rule_id": [rule_id] * len(block),
                "first_run": [run_id] * len(block),
                **{name: lines.texts[name][block].tolist() for name in _TEXTS},
                **{name: _optional(lines.times[name][block]) for name in _TIMES},
            },
        )


def _whole(cells: tuple[int | None, ...]) -> IntArray:
    return np.array([MISSING if cell is None else cell for cell in cells], dtype=np.int64)


def _optional(values: IntArray) -> list[int | None]:
    return [None if value == MISSING else value for value in values.tolist()]
