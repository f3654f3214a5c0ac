"""The facts of items: what its assessments and referrals say of an incident, and its fellows of an assessment. Pure.

No fact is a grade of ours: the grade is the timeline of what assessors and supervisors recorded. A fact one of whose
cells cannot be read is unreadable.
"""

from __future__ import annotations

import numpy as np

from dacompliance.judging.order import earliest, in_order
from dacompliance.judging.timeline import Timeline, grade_codes
from dacompliance.policy.columns import destination_fact
from dacompliance.records.contract import Kind
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray, Table, words_column

MINUTE = 60_000_000


def facts_from_assessments(table: Table, rows: IntArray, order: Timeline, size: int) -> dict[str, Column]:
    """Return what its submitted assessments say of each of `size` incidents; `rows` is each one's incident."""
    return {
        "assessment_count": Column(Kind.NUMBER, np.bincount(rows, minlength=size).astype(np.int64)),
        "first_submitted_at": earliest(rows, table.get("submitted_at", Kind.INSTANT), size),
        **order.incident_facts(),
    }


def _stem(destination: str) -> str:
    """Return the part of a destination's fact names that stands for the destination."""
    return destination_fact(destination, "referred_at").removesuffix("_referred_at")


def facts_from_referrals(table: Table, rows: IntArray, size: int) -> dict[str, Column]:
    """Return, for each destination anyone has used, the earliest times it was referred to and received."""
    stems = sorted({_stem(word) for word in table.get("destination").words})
    times = [time for time in ("referred_at", "received_at") if time in table]
    return {f"{stem}_{time}": earliest_referral(table, rows, stem, time, size) for stem in stems for time in times}


def earliest_referral(
    table: Table, rows: IntArray, stem: str, time: str, size: int, not_counted: BoolArray | None = None
) -> Column:
    """Return a destination's earliest `time` for each of `size` incidents, leaving out the referrals `not_counted`.

    Unreadable where one of the incident's cells for that destination is.
    """
    destination, times = table.get("destination"), table.get(time, Kind.INSTANT)
    named = np.array([*(_stem(word) == stem for word in destination.words), False])
    here = named[np.where(destination.present, destination.values, len(destination.words))]
    there = np.flatnonzero(here if not_counted is None else here & ~not_counted)
    found = earliest(rows[there], times.take(there), size)
    unreadable = np.zeros(size, dtype=bool)
    unreadable[rows[here & times.unread]] = True
    if not unreadable.any():
        return found
    values, days = np.where(unreadable, MISSING, found.values), found.days & ~unreadable
    return Column(Kind.INSTANT, values, (), unreadable, days)


def facts_of_assessments(table: Table, rows: IntArray, order: Timeline, staff: Table) -> dict[str, Column]:
    """Return what its place among the others of its incident, its two grades and the staff list say of each one."""
    return {
        "previous_grade": order.previous,
        "lowered": _lowered(table, order.previous),
        "superseded": _superseded(table, rows),
        "signed_off_role": _role(table, staff),
        "minutes_to_sign_off": _minutes(table),
    }


def _yes_no(yes: BoolArray, known: BoolArray, unreadable: BoolArray | None) -> Column:
    codes = np.where(known if unreadable is None else known & ~unreadable, yes.astype(np.int64), MISSING)
    return Column(Kind.YES_NO, codes, ("no", "yes"), unreadable)


def _lowered(table: Table, previous: Column) -> Column:
    """Return whether an assessment's grade, or the one set at its sign-off, is below what stood before it."""
    risk, final = table.get("risk_grade", Kind.GRADE), table.get("final_grade", Kind.GRADE)
    before, given, after = grade_codes(previous), grade_codes(risk), grade_codes(final)
    first, second = (before >= 0) & (given >= 0), (given >= 0) & (after >= 0)
    yes = (first & (given < before)) | (second & (after < given))
    return _yes_no(yes, first | second, risk.unread | final.unread | previous.unread)


def _superseded(table: Table, rows: IntArray) -> Column:
    """Return whether a later one of the same instrument was submitted; no stated instrument is like no other."""
    submitted, instrument = table.get("submitted_at", Kind.INSTANT), table.get("instrument")
    known = np.flatnonzero(instrument.present)
    kinds = rows[known] * len(instrument.words) + instrument.values[known]
    order = in_order(kinds, submitted.values[known], ~submitted.days[known], table.key_ranks()[known])
    yes = np.zeros(len(table), dtype=bool)
    yes[known[order[:-1]]] = kinds[order[1:]] == kinds[order[:-1]]
    return _yes_no(yes, np.ones(len(table), dtype=bool), None)


def _role(table: Table, staff: Table) -> Column:
    """Return the role of whoever signed off; missing when they are not known."""
    signer, role = table.get("signed_off_by", Kind.ID), staff.get("role").text()
    role_of = dict(zip(staff.keys, role, strict=True))
    roles = words_column([*(role_of.get(word) for word in signer.words), None])
    return roles.take(np.where(signer.present, signer.values, len(signer.words)))


def _minutes(table: Table) -> Column:
    """Return whole minutes from submission to sign-off, rounded down; missing when either is a date without a time."""
    submitted, signed = table.get("submitted_at", Kind.INSTANT), table.get("signed_off_at", Kind.INSTANT)
    known = submitted.present & signed.present & ~submitted.days & ~signed.days
    minutes = np.full(len(table), MISSING, dtype=np.int64)
    minutes[known] = (signed.values[known] - submitted.values[known]) // MINUTE
    return Column(Kind.NUMBER, minutes, (), signed.unreadable)
