"""The grade of an incident as a timeline of its submitted assessments (semantics §3). Pure; never computes a grade.

An assessment has two places: its `risk_grade` at `submitted_at` and its `final_grade` at `signed_off_at`, in order of
time, then of key, then submission before sign-off. A date without a time stands at the start of its day, before an
instant of that moment. A missing grade has no place.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from dacompliance.localtime import local_day
from dacompliance.records.contract import GRADES, Kind
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray, Table

NONE, UNREADABLE = -1, -2


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
        starts = _starts(self.incident)
        last = np.flatnonzero(np.append(starts[1:], True)) if len(starts) else np.array([], dtype=np.int64)
        spell = starts.copy()
        spell[1:] |= self.grade[1:] != self.grade[:-1]
        spell_start = np.maximum.accumulate(np.where(spell, np.arange(len(spell)), 0)) if len(spell) else last
        high = np.flatnonzero(self.grade == GRADES.index("high"))
        first_high = high[_starts(self.incident[high])]
        highest = np.maximum.reduceat(self.grade, np.flatnonzero(starts)) if len(starts) else self.grade
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


def _starts(groups: IntArray) -> BoolArray:
    """Return True at the first row of each run of alike groups."""
    starts = np.ones(len(groups), dtype=bool)
    starts[1:] = groups[1:] != groups[:-1]
    return starts


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
    count, keys = len(table), table.key_ranks()
    order, sign_time, sign_dated = _sign_off_order(submitted, signed, zone)
    step = np.repeat([0, 1], count)
    who = np.concatenate([incidents, incidents])
    grade = np.concatenate(
        [grade_codes(table.get("risk_grade", Kind.GRADE)), grade_codes(table.get("final_grade", Kind.GRADE))]
    )
    time = np.concatenate([submitted.values, sign_time])
    dated = np.concatenate([submitted.days, sign_dated])
    sort_time = np.concatenate([submitted.values, order.time])
    sort_instant = np.concatenate([~submitted.days, order.is_instant])
    ranked = np.lexsort((step, np.concatenate([keys, keys]), sort_instant, sort_time, who))
    unreadable = np.zeros(size, dtype=bool)
    unreadable[who[grade == UNREADABLE]] = True
    placed = ranked[grade[ranked] >= 0]
    return Timeline(
        size, who[placed], grade[placed], time[placed], dated[placed], unreadable,
        _previous(ranked, who, grade, count),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """Where a sign-off stands: a time, and whether it is a true instant (after a date of that moment)."""

    time: IntArray
    is_instant: BoolArray


def _sign_off_order(submitted: Column, signed: Column, zone: ZoneInfo) -> tuple[_Order, IntArray, BoolArray]:
    """Return where each sign-off stands, and the time it carries there and whether that is a date without a time.

    Standing at the submission's own time and kind, with the later step of the same key, is *directly after it*.
    """
    on_the_day = signed.days & (local_day(submitted.values, zone) == local_day(signed.values, zone))
    earlier = signed.present & (signed.values < submitted.values) & ~on_the_day
    beside = earlier | on_the_day | ~signed.present
    order = _Order(np.where(beside, submitted.values, signed.values), np.where(beside, ~submitted.days, ~signed.days))
    return order, np.where(earlier, submitted.values, signed.values), np.where(earlier, submitted.days, signed.days)


def _previous(ranked: IntArray, who: IntArray, grade: IntArray, count: int) -> Column:
    """Return the grade of the place before each assessment's own submission, in the same incident."""
    has_place = grade[ranked] != NONE
    position = np.arange(len(ranked))
    last_placed = np.maximum.accumulate(np.where(has_place, position, -1)) if len(ranked) else position
    before = np.concatenate([[-1], last_placed[:-1]]) if len(ranked) else position
    same = (before >= 0) & (who[ranked[before]] == who[ranked])
    grades = np.where(same, grade[ranked[before]], NONE)
    found = np.full(2 * count, NONE, dtype=np.int64)
    found[ranked] = grades
    own = found[:count]
    values = np.where(own >= 0, own, MISSING)
    return Column(Kind.GRADE, values, GRADES, own == UNREADABLE)
