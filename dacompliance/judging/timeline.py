"""The grade of an incident as a timeline of its submitted assessments (semantics §3). Pure; never computes a grade.

An assessment has two places: its `risk_grade` at `submitted_at` and its `final_grade` at `signed_off_at`, in order of
time, then of key, then submission before sign-off. A date without a time stands at the start of its day, before an
instant of that moment. A missing grade has no place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from dacompliance.judging.order import in_order, starts
from dacompliance.localtime import local_day
from dacompliance.records.contract import GRADES, Kind
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray, Table

NONE, UNREADABLE = -1, -2
AnyArray = np.ndarray[tuple[int], np.dtype[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """The places of all incidents in order, and the grade before each assessment's own submission."""

    size: int
    incident: IntArray
    grade: IntArray
    time: IntArray
    dated: BoolArray
    unreadable: BoolArray
    previous: Column

    def incident_facts(self) -> dict[str, Column]:
        """Return `grade`, `grade_since`, `highest_grade` and `first_high_at` of each incident.

        An unreadable grade anywhere makes all four unreadable. A place without a time leaves a fact that would
        fall on it missing.
        """
        begins = starts(self.incident)
        last = np.flatnonzero(np.append(begins[1:], True)) if len(begins) else np.array([], dtype=np.int64)
        spell = begins.copy()
        spell[1:] |= self.grade[1:] != self.grade[:-1]
        spell_start = np.maximum.accumulate(np.where(spell, np.arange(len(spell)), 0)) if len(spell) else last
        high = np.flatnonzero(self.grade == GRADES.index("high"))
        first_high = high[starts(self.incident[high])]
        highest = np.maximum.reduceat(self.grade, np.flatnonzero(begins)) if len(begins) else self.grade
        return {
            "grade": self._grades(self.incident[last], self.grade[last]),
            "grade_since": self._times(spell_start[last]),
            "highest_grade": self._grades(self.incident[last], highest),
            "first_high_at": self._times(first_high),
        }

    def _grades(self, incidents: IntArray, grades: IntArray) -> Column:
        values = np.full(self.size, MISSING, dtype=np.int64)
        values[incidents] = grades
        return Column(Kind.GRADE, np.where(self.unreadable, MISSING, values), GRADES, self.unreadable)

    def _times(self, places: IntArray) -> Column:
        values, dated = np.full(self.size, MISSING, dtype=np.int64), np.zeros(self.size, dtype=bool)
        values[self.incident[places]] = self.time[places]
        dated[self.incident[places]] = self.dated[places]
        keep = ~self.unreadable
        return Column(Kind.INSTANT, np.where(keep, values, MISSING), (), self.unreadable, dated & keep)


def grade_codes(column: Column) -> IntArray:
    """Return each grade's rank (standard 0 … high 2), NONE where missing, UNREADABLE where it cannot be read."""
    ranks = np.array([*(GRADES.index(word) for word in column.words), NONE], dtype=np.int64)
    codes = ranks[np.where(column.present, column.values, len(column.words))]
    return np.where(column.unread, UNREADABLE, codes)


def build_timeline(table: Table, incidents: IntArray, size: int, zone: ZoneInfo) -> Timeline:
    """Return the timeline of submitted assessments (`table`), each of the incident in row `incidents[i]` of `size`.

    A sign-off never stands before its own submission: dated earlier, it takes the submission's time; a date on that
    day, or no readable time, stands directly after it and keeps the time it has or lacks.
    """
    submitted, signed = table.get("submitted_at", Kind.INSTANT), table.get("signed_off_at", Kind.INSTANT)
    given, after = grade_codes(table.get("risk_grade", Kind.GRADE)), grade_codes(table.get("final_grade", Kind.GRADE))
    keys, stands = table.key_ranks(), _sign_off_places(submitted, signed, zone)
    regraded = np.flatnonzero(after != NONE)  # a sign-off that states no grade has no place, and is left out at once

    def both(own: AnyArray, at_sign_off: AnyArray) -> AnyArray:
        return np.concatenate([own, at_sign_off[regraded]])

    who, grade = both(incidents, incidents), both(given, after)
    time, dated = both(submitted.values, stands.time), both(submitted.days, stands.dated)
    step = np.repeat([0, 1], [len(table), len(regraded)])
    ranked = in_order(
        who, both(submitted.values, stands.at), both(~submitted.days, stands.is_instant), both(keys, keys), step
    )
    unreadable = np.zeros(size, dtype=bool)
    unreadable[who[grade == UNREADABLE]] = True
    placed = ranked[grade[ranked] >= 0]
    previous = _previous(ranked, who, grade, len(table))
    return Timeline(size, who[placed], grade[placed], time[placed], dated[placed], unreadable, previous)


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Where sign-offs stand: `at` a time, as an instant or before one of that moment; and the time each carries."""

    at: IntArray
    is_instant: BoolArray
    time: IntArray
    dated: BoolArray


def _sign_off_places(submitted: Column, signed: Column, zone: ZoneInfo) -> _Places:
    """Return where each sign-off stands, and the time it carries there and whether that is a date without a time.

    Standing at the submission's own time and kind, with the later step of the same key, is *directly after it*.
    """
    on_the_day = np.zeros(len(signed), dtype=bool)
    if signed.day_only is not None:
        on_the_day = signed.days & (local_day(submitted.values, zone) == local_day(signed.values, zone))
    earlier = signed.present & (signed.values < submitted.values) & ~on_the_day
    beside = earlier | on_the_day | ~signed.present
    return _Places(
        np.where(beside, submitted.values, signed.values),
        np.where(beside, ~submitted.days, ~signed.days),
        np.where(earlier, submitted.values, signed.values),
        np.where(earlier, submitted.days, signed.days),
    )


def _previous(ranked: IntArray, who: IntArray, grade: IntArray, count: int) -> Column:
    """Return the grade of the place before each assessment's own submission, in the same incident."""
    found = np.full(len(ranked), NONE, dtype=np.int64)
    if len(ranked):
        sorted_grade, position = grade[ranked], np.arange(len(ranked))
        last_placed = np.maximum.accumulate(np.where(sorted_grade != NONE, position, -1))
        begins = np.maximum.accumulate(np.where(starts(who[ranked]), position, 0))
        before = np.concatenate([[-1], last_placed[:-1]])
        found[ranked] = np.where(before >= begins, sorted_grade[before], NONE)
    own = found[:count]
    return Column(Kind.GRADE, np.where(own >= 0, own, MISSING), GRADES, own == UNREADABLE)
