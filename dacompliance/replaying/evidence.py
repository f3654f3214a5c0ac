"""What a period is replayed over, a slice of incidents at a time: the ledger's history, or records read just now.

What is held at once is a slice: every spell of its records, whatever the number of runs that are asked for. A slice of
records is all there is of its incidents, and all the staff; no verdict depends on another incident's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
import sqlalchemy as sa

from dacompliance.ledger import bulk, history, runs, tables
from dacompliance.ledger.bodies import decode, read_shape
from dacompliance.records.contract import RECORD_SETS
from dacompliance.records.parts import Pulled
from dacompliance.records.table import IntArray, Records, Table, TextArray, no_findings

SLICE: Final = 10_000
"""Incidents a slice."""

Slice = Callable[[int | None], Records]
"""The records of a slice as a run knew them, by its number; None asks for records that are no run's."""

_records: Final = tables.record_history
_FOREVER: Final = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """Records that were read just now, the same at every step."""

    pulled: Pulled

    def slices(self) -> Iterator[tuple[int, Slice]]:
        """Yield how many incidents each slice has, and the slice."""
        for read in self.pulled.parts():
            for part in sliced(read):
                yield len(part.incidents), partial(_same, part)


def _same(records: Records, _run: int | None) -> Records:
    return records


def sliced(records: Records, size: int = SLICE) -> Iterator[Records]:
    """Yield the records a slice of incidents at a time, each with its children and all staff; at least one slice."""
    keys = records.incidents.keys
    parents = {name: records.table(name).get("incident_ref").text() for name in ("assessments", "referrals")}
    for start in range(0, max(1, len(keys)), size):
        rows = np.arange(start, min(start + size, len(keys)), dtype=np.int64)
        inside = keys[rows]
        yield Records(
            records.incidents.take(rows),
            _of(records.assessments, parents["assessments"], inside),
            _of(records.referrals, parents["referrals"], inside),
            records.staff,
            records.known_to,
            no_findings(),
        )


def _of(table: Table, parents: TextArray, incidents: TextArray) -> Table:
    return table.where(np.asarray(pd.Index(parents).isin(pd.Index(incidents)), dtype=bool))


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """The ledger's record history, as the given runs knew it."""

    connection: sa.Connection
    run_ids: Sequence[int]

    def slices(self) -> Iterator[tuple[int, Slice]]:
        """Yield how many incidents each slice has, and the slice."""
        known = {run_id: dict(runs.run(self.connection, run_id).known_to) for run_id in self.run_ids}
        shapes = {run_id: history.shape_text(self.connection, run_id) for run_id in self.run_ids}
        staff = _Spells.read(self.connection, self.run_ids, _records.c.record_set == "staff")
        keys = self._keys()
        for start in range(0, max(1, len(keys)), SLICE):
            inside = keys[start : start + SLICE]
            which = _records.c.incident_ref.between(inside[0], inside[-1]) if inside else sa.false()
            spells = _Spells.read(self.connection, self.run_ids, which)
            yield len(inside), partial(_as_known, spells, staff, shapes, known)

    def _keys(self) -> list[str]:
        """Return the incidents the runs knew, in the database's own order of text."""
        ref = _records.c.incident_ref
        known = sa.select(ref).distinct().where(_records.c.record_set == "incidents", *_overlapping(self.run_ids))
        return [str(key) for key in self.connection.execute(known.order_by(ref)).scalars()]


def _as_known(
    spells: _Spells, staff: _Spells, shapes: Mapping[int, str], known: Mapping[int, Mapping[str, int]], run: int | None
) -> Records:
    """Return the records of a slice as a run knew them."""
    assert run is not None, "history is of runs"
    found, everybody = spells.at(run, shapes[run]), staff.at(run, shapes[run])
    return Records(
        found["incidents"], found["assessments"], found["referrals"], everybody["staff"], known[run], no_findings()
    )


def _overlapping(run_ids: Sequence[int]) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the test for rows that held at some run between the first and the last of these."""
    last = _records.c.last_run
    return _records.c.first_run <= max(run_ids), last.is_(None) | (last >= min(run_ids))


@dataclass(frozen=True, slots=True, eq=False)
class _Spells:
    """The spells of some records, in order of key: bodies and first and last runs, by record set.

    They are decoded once for each list of columns that a run kept.
    """

    rows: Mapping[str, tuple[list[str], list[str]]]
    first: Mapping[str, IntArray]
    last: Mapping[str, IntArray]
    decoded: dict[str, Mapping[str, Table]] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: sa.Connection, run_ids: Sequence[int], which: sa.ColumnElement[bool]) -> _Spells:
        names = ("record_set", "key", "body", "first_run", "last_run")
        query = sa.select(*(_records.c[name] for name in names)).where(which, _records.c.body.is_not(None))
        result = connection.execute(query.where(*_overlapping(run_ids)))
        frame = pd.DataFrame(dict(zip(names, map(list, bulk.columns(result, len(names))), strict=True)), dtype=object)
        frame = frame.sort_values("key", kind="stable")  # as `decode` puts them, so that places are the tables'
        sets = {name: frame[frame["record_set"] == name] for name in RECORD_SETS}
        return cls(
            {name: (each["key"].tolist(), each["body"].tolist()) for name, each in sets.items()},
            {name: each["first_run"].to_numpy(dtype=np.int64) for name, each in sets.items()},
            {name: each["last_run"].fillna(_FOREVER).to_numpy(dtype=np.int64) for name, each in sets.items()},
        )

    def at(self, run_id: int, shape_text: str) -> dict[str, Table]:
        """Return the tables as a run knew them, with the columns it kept."""
        if shape_text not in self.decoded:
            self.decoded[shape_text] = decode(self.rows, *read_shape(shape_text))
        whole = self.decoded[shape_text]
        return {
            name: whole[name].where((self.first[name] <= run_id) & (self.last[name] >= run_id)) for name in RECORD_SETS
        }
