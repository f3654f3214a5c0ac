"""What a database's driver hands over, cell by cell: types, and their text. Pure; knows no column of the contract."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.records.contract import Finding
from dacompliance.records.table import BoolArray, Column, IntArray, TextArray


class Sort(StrEnum):
    """What a cell may be, in words for the person who writes the query."""

    TEXT = "text"
    NAME = "identifiers"
    TRUTH = "true or false"
    WHOLE = "whole numbers"
    FRACTION = "numbers"
    MOMENT = "times"
    DAY = "dates"
    OTHER = "a type of the database's own"


# The first that fits: a bool is an int, and a datetime a date.
_SORTS: Final[tuple[tuple[tuple[type, ...], Sort], ...]] = (
    ((str,), Sort.TEXT),
    ((bool, np.bool_), Sort.TRUTH),
    ((int, np.integer), Sort.WHOLE),
    ((float, np.floating, Decimal), Sort.FRACTION),
    ((dt.datetime,), Sort.MOMENT),
    ((dt.date,), Sort.DAY),
    ((uuid.UUID,), Sort.NAME),
)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One column as it was read, and the rows of each finding.

    `fitting` counts the cells of a type that can be of the column's kind, `misfits` the others; `odd` is one such type.
    """

    column: Column
    notes: Mapping[Finding, IntArray] = field(default_factory=dict)
    fitting: int = 0
    misfits: int = 0
    odd: Sort | None = None


def by_sort(raw: TextArray) -> Iterator[tuple[Sort, IntArray]]:
    """Yield each sort of cell with its rows. None, NaN and NaT are missing, and of no sort."""
    rows = np.flatnonzero(~pd.isna(raw))
    types = list(map(type, raw[rows]))
    sorts = {each: _sort(each) for each in set(types)}
    distinct = sorted(set(sorts.values()))
    if len(distinct) == 1:
        yield distinct[0], rows
        return
    for sort in distinct:
        of_sort = (sorts[each] is sort for each in types)  # a column of several sorts is rare: SQLite's only
        yield sort, rows[np.fromiter(of_sort, dtype=bool, count=len(types))]


def _sort(of: type) -> Sort:
    return next((sort for types, sort in _SORTS if issubclass(of, types)), Sort.OTHER)


def text_of(cell: object) -> str:
    """Return a cell as text, stripped at both ends; a whole number has no point. Equal cells of a sort, equal text."""
    if isinstance(cell, (bool, np.bool_)):
        return "true" if cell else "false"
    if isinstance(cell, (float, np.floating, Decimal)):
        number = cell if isinstance(cell, Decimal) else Decimal(repr(float(cell)))
        whole = number.is_finite() and number == number.to_integral_value()
        return str(int(number)) if whole else format(number.normalize(), "f")
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    return str(cell).strip()


def texts_of(cells: TextArray, sort: Sort) -> list[str]:
    """Return the texts of cells of one sort, the commonest sorts quickly."""
    if sort is Sort.TEXT:
        return list(map(str.strip, cells))
    return list(map(str if sort is Sort.WHOLE else text_of, cells))


def looked_up(raw: TextArray, words: Mapping[str, str]) -> TextArray:
    """Return the cells with those whose text a value map names replaced by its words."""
    found = raw.copy()
    for sort, rows in by_sort(raw):
        if sort is Sort.OTHER:
            continue
        codes, cells = pd.factorize(raw[rows])
        changed = (words.get(text, cell) for text, cell in zip(texts_of(cells, sort), cells, strict=True))
        found[rows] = objects(changed)[codes]
    return found


def objects(cells: Iterator[object]) -> TextArray:
    """Return cells as an array of objects, even where each is itself a list."""
    listed = list(cells)
    return np.fromiter(listed, dtype=object, count=len(listed))


def rows_of(masks: Mapping[Finding, BoolArray]) -> dict[Finding, IntArray]:
    """Return the rows of each finding that has any."""
    return {finding: np.flatnonzero(mask) for finding, mask in masks.items() if mask.any()}


def mask_or_none(mask: BoolArray) -> BoolArray | None:
    """Return a mask as a column keeps it: None where no cell is so."""
    return mask if mask.any() else None
