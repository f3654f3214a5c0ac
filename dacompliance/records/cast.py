"""Raw cells → columns of the contract (semantics §2). Pure: one result column in; one column, and what was noted, out.

A cell is read by itself: neither its neighbours, nor their order, nor the size of a chunk can change how it is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.records.cells import Cells, Sort, by_sort, looked_up, mask_or_none, rows_of, texts_of
from dacompliance.records.contract import WORDS, Finding, Kind
from dacompliance.records.mapping import Reading
from dacompliance.records.table import MISSING, Column, IntArray, TextArray
from dacompliance.records.times import cast_times

_WORDS: Final = frozenset({Sort.TEXT, Sort.NAME, Sort.TRUTH, Sort.WHOLE, Sort.FRACTION})
_NUMBERS: Final = frozenset({Sort.TEXT, Sort.WHOLE, Sort.FRACTION})
_UNKNOWN: Final[Mapping[Finding, int]] = {
    finding: MISSING + 1 + number for number, finding in enumerate(each for each in Finding if each.is_unknown)
}
"""The place of a word that is neither mapped nor the contract's own, by its class."""


def cast(raw: TextArray, reading: Reading) -> Cells:
    """Read one column's cells, whatever objects the database's driver made of them.

    A cell that cannot be read as the column's kind is unreadable, and so is one of a type that never could be.
    """
    if reading.kind.is_words:
        return _cast_words(raw, reading)
    if reading.words:
        raw = looked_up(raw, reading.words)
    return _cast_numbers(raw, reading) if reading.kind is Kind.NUMBER else cast_times(raw, reading)


def _cast_words(raw: TextArray, reading: Reading) -> Cells:
    """Read words: strip, put identifiers in capitals, look up, and hold them to the contract's where it has its own."""
    places: dict[str, int] = {}
    values = np.full(len(raw), MISSING, dtype=np.int64)
    misfit = np.zeros(len(raw), dtype=bool)
    fitting, odd = 0, None
    for sort, rows in by_sort(raw):
        if sort not in _WORDS:
            misfit[rows], odd = True, sort
            continue
        fitting += len(rows)
        codes, cells = pd.factorize(raw[rows])
        words = _words(texts_of(cells, sort), sort, reading)
        values[rows] = _places(words, WORDS.get(reading.kind), places)[codes]
    unknown = (values < 0) & (values != MISSING)
    masks = {finding: values == place for finding, place in _UNKNOWN.items()} if unknown.any() else {}
    values[unknown] = MISSING
    column = Column(reading.kind, values, tuple(places), mask_or_none(unknown | misfit))
    notes = rows_of({**masks, Finding.UNREADABLE: misfit})
    return Cells(column, notes, fitting, int(misfit.sum()), odd)


def _words(texts: list[str], sort: Sort, reading: Reading) -> list[str]:
    """Return the word each text stands for, empty for missing.

    A database's own true or false is a yes or no unless mapped; a text "true" or a number 1 has to be mapped.
    """
    if reading.kind is Kind.ID:
        texts = list(map(str.upper, texts))
    words = reading.words
    if sort is Sort.TRUTH and reading.kind in (Kind.YES_NO, Kind.ANSWER):
        words = {"true": "yes", "false": "no", **words}
    return [words.get(text, text) for text in texts] if words else texts


def _places(words: list[str], allowed: tuple[str, ...] | None, places: dict[str, int]) -> IntArray:
    """Return the place of each word in `places`, adding those not met before."""

    def place(word: str) -> int:
        if not word:
            return MISSING
        if allowed is not None and word not in allowed:
            return _UNKNOWN[Finding.unknown(word)]
        return places.setdefault(word, len(places))

    return np.fromiter(map(place, words), dtype=np.int64, count=len(words))


def _cast_numbers(raw: TextArray, reading: Reading) -> Cells:
    values = np.full(len(raw), MISSING, dtype=np.int64)
    unreadable = np.zeros(len(raw), dtype=bool)
    fitting, misfits, odd = 0, 0, None
    for sort, rows in by_sort(raw):
        if sort not in _NUMBERS:
            unreadable[rows], odd = True, sort
            misfits += len(rows)
            continue
        fitting += len(rows)
        codes, cells = pd.factorize(raw[rows])
        texts = texts_of(cells, sort)
        values[rows] = np.fromiter(map(_whole, texts), dtype=np.int64, count=len(texts))[codes]
        unreadable[rows] = (values[rows] == MISSING) & np.array([bool(text) for text in texts], dtype=bool)[codes]
    column = Column(reading.kind, values, (), mask_or_none(unreadable))
    return Cells(column, rows_of({Finding.UNREADABLE: unreadable}), fitting, misfits, odd)


def _whole(text: str) -> int:
    """Return the whole number a text shows, MISSING where it shows none of at most eighteen digits."""
    return int(text.partition(".")[0]) if re.fullmatch(r"[+-]?[0-9]{1,18}(\.0+)?", text) else MISSING
