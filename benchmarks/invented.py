"""Invented records of any number of incidents, the same for the same number: as our arrays, and as Arrow tables.

The shares are those of a force somewhere between good and bad; they are evidence of nothing. No cell is unreadable and
no time is without its time of day, since the SQL we are held against knows neither.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from dacompliance.records.contract import GRADES, Kind
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray, Records, Table, TextArray, words_column

HOUR: Final = 3_600_000_000
AS_AT: Final = dt.datetime(2026, 11, 3, 5, 30, tzinfo=dt.UTC)
T: Final = int(AS_AT.timestamp()) * 1_000_000
YEARS: Final = 2
QUESTIONS: Final = 27


class Dice:
    """Chance, from a seed. With `duties` True every duty is done within the hour; with False none is, or late."""

    def __init__(self, seed: int, duties: bool | None = None) -> None:
        self.draw = np.random.Generator(np.random.PCG64(seed))
        self.duties = duties

    def chance(self, odds: float, size: int) -> BoolArray:
        """Return True as often as `odds` says."""
        return np.asarray(self.draw.random(size) < odds)

    def done(self, odds: float, size: int) -> BoolArray:
        """Return True where a duty is done, as often as `odds` says if these dice are fair."""
        return self.chance(odds if self.duties is None else float(self.duties), size)

    def duty(self, shares: Sequence[float], size: int) -> Column:
        """Return yes, no and missing in their shares if these dice are fair, else yes or no throughout."""
        return self.pick(
            ["yes", "no", None], shares if self.duties is None else [self.duties, not self.duties, 0], size
        )

    def later(self, start: IntArray, median_hours: float) -> IntArray:
        """Return times after `start` with a long tail, to the minute, none of them after the as-at and a day."""
        if self.duties is None:
            u = np.minimum(self.draw.random(len(start)), 0.999)
            minutes = (median_hours * 60 * (u / (1 - u)) ** 0.6).astype(np.int64) + 1
        else:
            minutes = self.draw.integers(2, 60, len(start)) + (0 if self.duties else 30 * 60)
        return np.asarray(np.minimum(start + minutes * 60_000_000, T + 20 * HOUR))

    def pick(self, words: Sequence[str | None], shares: Sequence[float], size: int) -> Column:
        """Return a column of words in their shares; None is missing."""
        which = np.searchsorted(np.cumsum(shares)[:-1], self.draw.random(size), side="right")
        return words_column(np.array(words, dtype=object)[which])


def invent(incidents: int, duties: bool | None = None, years: int = YEARS) -> Records:
    """Return records of so many incidents of some years up to the as-at, and of nine in ten of them a form.

    With `duties` True every duty is done, with False none; there are as many forms and referrals in both.
    """
    dice = Dice(incidents, duties)
    reported = np.sort(T - (dice.draw.random(incidents) * years * 365 * 24 * 60).astype(np.int64) * 60_000_000)
    everyone = duties is not None
    parent = np.sort(np.concatenate([some(dice, everyone or 0.80, incidents), some(dice, 0.10, incidents)]))
    submitted = dice.later(reported[parent], 5)
    parent = parent[np.argsort(submitted, kind="stable")]  # forms are numbered as they are made
    submitted = np.sort(submitted)
    refs = numbered("I", incidents)
    sent = {name: some(dice, everyone or odds, incidents) for name, odds in DESTINATIONS.items()}
    return Records(
        Table(refs, _incidents(dice, reported)),
        Table(numbered("A", len(parent)), _assessments(dice, refs, parent, submitted)),
        _referrals(dice, refs, sent, reported),
        Table(numbered("S", 400), {"role": dice.pick(["sergeant", "inspector"], [0.9, 0.1], 400)}),
        {"incidents": T, "assessments": T, "referrals": T},
        pd.DataFrame(columns=["record_set", "key", "column", "finding"], dtype=object),
    )


DESTINATIONS: Final = {"MASH": 0.14, "MARAC": 0.09, "IDVA": 0.10, "CHILDREN": 0.27}


def numbered(letter: str, size: int) -> TextArray:
    """Return references in order."""
    return np.array([f"{letter}{number:08d}" for number in range(size)], dtype=object)


def some(dice: Dice, odds: float, size: int) -> IntArray:
    """Return a share of the rows."""
    return np.flatnonzero(dice.chance(odds, size))


def instants(values: IntArray, there: BoolArray) -> Column:
    """Return times where they are there."""
    return Column(Kind.INSTANT, np.where(there, values, MISSING))


def _incidents(dice: Dice, reported: IntArray) -> dict[str, Column]:
    size = len(reported)
    return {
        "reported_at": Column(Kind.INSTANT, reported),
        "area": dice.pick(["North", "East", "South", "West", None], [0.3, 0.3, 0.2, 0.19, 0.01], size),
        "crime": dice.pick(["yes", "no"], [0.6, 0.4], size),
        "children_present": dice.pick(["yes", "no", None], [0.35, 0.6, 0.05], size),
        "excluded_reason": dice.pick([None, "duplicate", "cancelled"], [0.985, 0.01, 0.005], size),
        "no_assessment_reason": dice.pick([None, "refused"], [0.92, 0.08], size),
        "checks_completed_at": instants(dice.later(reported, 14), dice.done(0.85, size)),
        "specialist_required": dice.pick(["yes", "no", None], [0.08, 0.87, 0.05], size),
        "specialist_allocated_at": instants(dice.later(reported, 20), dice.done(0.8, size)),
        "protection_notice_considered_at": instants(dice.later(reported, 15), dice.done(0.6, size)),
        "protection_notice_decision": dice.duty([0.05, 0.5, 0.45], size),
    }


def _references(refs: TextArray, parent: IntArray) -> Column:
    """Return the references of some incidents as a pull brings them: texts of their own, each once."""
    used, codes = np.unique(parent, return_inverse=True)
    return Column(Kind.TEXT, codes.astype(np.int64), tuple(f"{word[:1]}{word[1:]}" for word in refs[used].tolist()))


def _assessments(dice: Dice, refs: TextArray, parent: IntArray, submitted: IntArray) -> dict[str, Column]:
    size = len(parent)
    questions = np.where(dice.chance(0.6, size), QUESTIONS, 24)
    answered = questions - np.where(dice.done(0.82, size), 0, dice.draw.integers(1, 7, size))
    signed = dice.later(submitted, 7) - 2 * HOUR * dice.chance(0.01, size)
    at_once = dice.chance(0.03, size)
    regraded = dice.chance(0.06, size)
    final = np.where(regraded, dice.draw.integers(0, 3, size), MISSING)
    return {
        "incident_ref": _references(refs, parent),
        "instrument": words_column(np.where(questions == QUESTIONS, "DASH-27", "SafeLives-24").astype(object)),
        "submitted_at": instants(submitted, dice.chance(0.97 if dice.duties is None else 1, size)),
        "assessor_id": dice.pick([f"S{n:08d}" for n in range(400)], [1 / 400] * 400, size),
        "question_count": Column(Kind.NUMBER, questions),
        "answered_count": Column(Kind.NUMBER, answered),
        "yes_count": Column(Kind.NUMBER, np.minimum(dice.draw.integers(0, 20, size), answered)),
        "not_known_count": Column(Kind.NUMBER, dice.draw.integers(0, 4, size)),
        "declined": dice.pick(["yes", "no", None], [0.05, 0.9, 0.05], size),
        "risk_grade": dice.pick(["standard", "medium", "high", None], [0.57, 0.3, 0.1, 0.03], size),
        "rationale_recorded": dice.duty([0.93, 0.05, 0.02], size),
        "signed_off_at": instants(np.where(at_once, submitted + 20_000_000, signed), dice.done(0.9, size)),
        "signed_off_by": dice.pick([*(f"S{n:08d}" for n in range(400)), None], [0.98 / 400] * 400 + [0.02], size),
        "final_grade": Column(Kind.GRADE, final, GRADES),
        "final_rationale_recorded": dice.duty([0.05, 0.01, 0.94], size),
    }


def _referrals(dice: Dice, refs: TextArray, sent: dict[str, IntArray], reported: IntArray) -> Table:
    parent = np.concatenate(list(sent.values()))
    where = np.repeat(np.arange(len(sent)), [len(rows) for rows in sent.values()])
    if dice.duties is False:
        where = np.full_like(where, list(sent).index("IDVA"))  # to the one that no rule here asks for
    referred = dice.later(reported[parent], 18)
    order = np.argsort(referred, kind="stable")
    parent, where, referred = parent[order], where[order], referred[order]
    size = len(parent)
    names = sorted(sent)
    place = np.array([names.index(name) for name in sent], dtype=np.int64)
    columns = {
        "incident_ref": _references(refs, parent),
        "destination": Column(Kind.ID, place[where], tuple(names)),
        "referred_at": Column(Kind.INSTANT, referred),
        "received_at": instants(dice.later(referred, 3) - HOUR * dice.chance(0.01, size), dice.done(0.86, size)),
        "cancelled": dice.pick(["no", "yes", None], [0.9, 0.02, 0.08], size),
    }
    return Table(numbered("R", size), columns)


def arrow(table: Table, key: str) -> pa.Table:
    """Return a record set as an Arrow table: text, timestamps in UTC without a zone, and whole numbers."""
    columns = {key: pa.array(table.keys, type=pa.string())}
    for name, column in table.columns.items():
        gone = ~column.present
        if column.kind.is_words:
            codes = pa.array(np.where(gone, 0, column.values), mask=gone)
            columns[name] = pa.DictionaryArray.from_arrays(codes, pa.array(column.words)).cast(pa.string())
        elif column.kind.is_time:
            columns[name] = pa.array(column.values, type=pa.timestamp("us"), mask=gone)
        else:
            columns[name] = pa.array(column.values, mask=gone)
    return pa.table(columns)
