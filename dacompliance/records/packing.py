"""Chunks and parts of records as a heading and arrays, for `scratch` to lay by, and back again cell for cell. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dacompliance.records.batch import Batch
from dacompliance.records.contract import OF_INCIDENTS, RECORD_SETS, Finding, Kind
from dacompliance.records.table import Column, Records, Table, empty_table, no_findings

Array = npt.NDArray[Any]
Packed = tuple[Any, list[Array]]


def pack_batch(batch: Batch) -> Packed:
    """Return a chunk without what was counted of it."""
    columns, arrays = _pack(batch.columns)
    noted = [(name, finding.value) for name, finding in batch.noted]
    return {"size": batch.size, "columns": columns, "noted": noted}, [*arrays, *batch.noted.values()]


def unpack_batch(heading: Any, arrays: Sequence[Array]) -> Batch:
    """Return a chunk as it was packed."""
    left = iter(arrays)
    columns = _unpack(heading["columns"], left)
    return Batch(heading["size"], columns, {(name, Finding(word)): next(left) for name, word in heading["noted"]})


def pack_part(part: Records) -> Packed:
    """Return incidents, assessments and referrals, each in order of key."""
    packed = {name: _pack(part.table(name).columns) for name in OF_INCIDENTS}
    return {name: each for name, (each, _) in packed.items()}, [
        each for _, arrays in packed.values() for each in arrays
    ]


def unpack_part(heading: Any, arrays: Sequence[Array], staff: Table, known_to: Mapping[str, int]) -> Records:
    """Return a part as it was packed, with the staff of all."""
    left = iter(arrays)
    incidents, assessments, referrals = (_table(name, _unpack(heading[name], left)) for name in OF_INCIDENTS)
    return Records(incidents, assessments, referrals, staff, known_to, no_findings())


def _table(name: str, columns: dict[str, Column]) -> Table:
    if not columns:
        return empty_table()  # a set that was not read
    return Table(np.array(columns[RECORD_SETS[name].key].words, dtype=object), columns)  # each key once, and in order


def _pack(columns: Mapping[str, Column]) -> tuple[list[Any], list[Array]]:
    headings, arrays = [], list[Array]()
    for name, column in columns.items():
        masks = [column.unreadable, column.day_only]
        headings.append([name, column.kind.value, column.words, [mask is not None for mask in masks]])
        arrays += [column.values, *(mask for mask in masks if mask is not None)]
    return headings, arrays


def _unpack(headings: Sequence[Any], arrays: Iterator[Array]) -> dict[str, Column]:
    columns = {}
    for name, kind, words, there in headings:
        values, unreadable, day_only = next(arrays), *(next(arrays) if each else None for each in there)
        columns[name] = Column(Kind(kind), values, tuple(words), unreadable, day_only)
    return columns
