"""Answers reduced to counts at the door (semantics §2, assessments). Pure: a batch in, a batch out.

What a victim answered goes no further than this, unless a rule names the question.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from dacompliance.records.batch import Batch, recoded
from dacompliance.records.cells import mask_or_none
from dacompliance.records.contract import COUNTS, QUESTIONS, WORDS, Kind
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray

FINGERPRINT: Final = "q01 to q27"
"""A column of one number for all answers of a row, so that rows that differ in an answer alone still differ. No column
of a force's own can have its name; it goes no further than the search for repeated keys."""

_PLACES: Final = {word: at for at, word in enumerate(WORDS[Kind.ANSWER], start=1)}
_YES, _NOT_KNOWN = _PLACES["yes"], _PLACES["not_known"]
_BLANK, _BAD, _STATES = 0, len(_PLACES) + 1, len(_PLACES) + 2


@dataclass(slots=True, eq=False)
class _Tally:
    """Running counts over the questions. 27 answers of five states fit one 64-bit number."""

    counts: dict[str, IntArray]
    blank: IntArray
    print: IntArray
    bad: BoolArray
    uncounted: BoolArray


def count_answers(batch: Batch, instruments: Mapping[str, int], keep: AbstractSet[str]) -> Batch:
    """Return assessments with counts in place of their answers, those in `keep` apart.

    Counted over the first so many questions as the row's instrument has. Where it is not listed, or has a question
    that is not mapped, the counts are missing; where one of its answers is unreadable, they are unreadable. A source
    that has only counts keeps its own.
    """
    columns = dict(batch.columns)
    instrument = columns.get("instrument")
    if instrument is not None:
        columns["question_count"] = _question_count(instrument, instruments)
    if any(name in columns for name in QUESTIONS):
        for name in COUNTS:
            columns.pop(name, None)  # the answers win
        tally = _tallied(batch.size, columns)
        columns[FINGERPRINT] = Column(Kind.NUMBER, tally.print.copy())  # a view would keep all the counts
        if instrument is not None:
            columns.update(_counted(tally, columns["question_count"]))
    dropped = set(QUESTIONS).difference(keep)
    return replace(batch, columns={name: column for name, column in columns.items() if name not in dropped})


def _question_count(instrument: Column, instruments: Mapping[str, int]) -> Column:
    sizes = np.array([*(instruments.get(word, MISSING) for word in instrument.words), MISSING], dtype=np.int64)
    values = sizes[np.where(instrument.present, instrument.values, len(instrument.words))]
    return Column(Kind.NUMBER, values, (), instrument.unreadable)


def _tallied(size: int, columns: Mapping[str, Column]) -> _Tally:
    asked = columns["question_count"].values if "question_count" in columns else np.zeros(size, dtype=np.int64)
    zeros = np.zeros((len(COUNTS) + 2, size), dtype=np.int64)
    tally = _Tally(dict(zip(COUNTS, zeros, strict=False)), zeros[-2], zeros[-1], *np.zeros((2, size), dtype=bool))
    for number, name in enumerate(QUESTIONS, start=1):
        within = asked >= number
        if name not in columns:
            tally.uncounted |= within
            continue
        state = _state(columns[name])
        tally.print *= _STATES
        tally.print += state
        tally.counts["answered_count"] += within & (state != _BLANK)
        tally.counts["yes_count"] += within & (state == _YES)
        tally.counts["not_known_count"] += within & (state == _NOT_KNOWN)
        tally.bad |= within & (state == _BAD)
        tally.blank |= (within & (state == _BLANK)).astype(np.int64) << (number - 1)
    return tally


def _state(column: Column) -> IntArray:
    """Return each answer as a small number: 0 for blank, its word's, or the last for unreadable."""
    places = recoded(column, np.array([_PLACES[word] for word in column.words], dtype=np.int64))
    return np.where(column.unread, _BAD, np.where(places == MISSING, _BLANK, places))


def _counted(tally: _Tally, question_count: Column) -> dict[str, Column]:
    counted = question_count.present & ~tally.uncounted
    unreadable = mask_or_none((counted & tally.bad) | question_count.unread)
    readable = counted & ~tally.bad
    counts = {
        name: Column(Kind.NUMBER, np.where(readable, values, MISSING), (), unreadable)
        for name, values in tally.counts.items()
    }
    return {**counts, "blank_questions": _blank_questions(tally.blank, readable, unreadable)}


def _blank_questions(blank: IntArray, readable: BoolArray, unreadable: BoolArray | None) -> Column:
    """Return the numbers of the blank questions as a person lists them, `4, 12`; missing where there are none."""
    sets, places = np.unique(blank, return_inverse=True)
    words = tuple(", ".join(str(at + 1) for at in range(len(QUESTIONS)) if each >> at & 1) for each in sets.tolist())
    values = np.where(readable & (blank != 0), places, MISSING)
    return Column(Kind.TEXT, values.astype(np.int64), words, unreadable)
