"""Records → items with their facts, as at one instant (semantics §§1–3). Pure.

Whatever is dated after the as-at has not happened: an incident reported later does not exist, a later milestone is
missing. No fact is a grade of ours: the grade is the timeline of what assessors and supervisors recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dacompliance.judging.order import earliest, in_order
from dacompliance.judging.timeline import Timeline, build_timeline, grade_codes
from dacompliance.localtime import local_day
from dacompliance.policy.columns import destination_fact
from dacompliance.policy.model import About
from dacompliance.records.contract import Kind
from dacompliance.records.table import (
    MISSING,
    BoolArray,
    Column,
    IntArray,
    Records,
    Table,
    TextArray,
    empty_column,
    words_column,
)

SIGN_OFF = ("signed_off_by", "final_grade", "final_rationale_recorded")
MINUTE = 60_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """The items of one kind: their own columns and facts and, through `parent`, their incident's.

    `rows` says which row of `parent` is each item's incident. A column nobody mapped is missing everywhere.
    """

    about: About
    table: Table
    reported_day: IntArray
    excluded: BoolArray
    incident_refs: TextArray
    parent: Items | None = None
    rows: IntArray = field(default_factory=lambda: np.array([], dtype=np.int64))
    taken: dict[str, Column] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def keys(self) -> TextArray:
        """The reference of each item."""
        return self.table.keys

    def column(self, name: str) -> Column:
        """Return a column of the items: their own, a fact, or their incident's."""
        if name in self.table:
            return self.table.columns[name]
        if self.parent is not None:
            if name not in self.taken:
                self.taken[name] = self.parent.column(name).take(self.rows)
            return self.taken[name]
        kind = Kind.INSTANT if name.endswith(("_referred_at", "_received_at")) else Kind.TEXT
        return empty_column(kind, len(self))


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """Everything that had happened by the as-at (microseconds UTC), as items."""

    incidents: Items
    assessments: Items
    referrals: Items
    as_at: int
    zone: ZoneInfo

    def items(self, about: About) -> Items:
        """Return the items of one kind."""
        return {"incident": self.incidents, "assessment": self.assessments, "referral": self.referrals}[about]


def build(records: Records, as_at: int, zone: ZoneInfo) -> World:
    """Return the items that existed at `as_at`, with their facts; excluded incidents are among them."""
    incidents = _reported(records.incidents, as_at)
    parents = _parents(incidents.keys, records.assessments, records.referrals)
    assessments, assessed = _submitted(records.assessments, parents[0], as_at)
    referrals, referred = _referred(records.referrals, parents[1], as_at)
    order = build_timeline(assessments, assessed, len(incidents), zone)
    incidents = incidents.with_columns(
        {
            **_assessment_facts(assessments, assessed, order, len(incidents)),
            **_referral_facts(referrals, referred, len(incidents)),
        }
    )
    days = local_day(incidents.get("reported_at", Kind.INSTANT).values, zone)
    excluded = incidents.get("excluded_reason").present
    parent = Items("incident", incidents, days, excluded, incidents.keys)
    assessments = assessments.with_columns(_own_facts(assessments, assessed, order, records.staff))
    assessment_items = _children("assessment", assessments, assessed, parent)
    return World(parent, assessment_items, _children("referral", referrals, referred, parent), as_at, zone)


def _children(about: About, table: Table, rows: IntArray, parent: Items) -> Items:
    return Items(about, table, parent.reported_day[rows], parent.excluded[rows], parent.keys[rows], parent, rows)


def _happened(table: Table, as_at: int) -> Table:
    """Return the table with every time after the as-at missing."""
    changed = {
        name: _until(column, as_at)
        for name, column in table.columns.items()
        if column.kind.is_time and len(column) and column.values.max() > as_at
    }
    return table.with_columns(changed) if changed else table


def _until(column: Column, as_at: int) -> Column:
    return column.only(column.values <= as_at)  # an unreadable time is MISSING, the smallest, and stays unreadable


def _reported(table: Table, as_at: int) -> Table:
    reported = table.get("reported_at", Kind.INSTANT)
    return _happened(table, as_at).where(reported.present & (reported.values <= as_at))


def _parents(keys: TextArray, *children: Table) -> list[IntArray]:
    """Return, for each set of children, the row of each record's incident, -1 where it does not exist.

    Every text is looked at once: the keys are each others' unlike, so the number of a key is its row.
    """
    refs = [table.get("incident_ref") for table in children]
    texts = [keys, *(np.array(column.words, dtype=object) for column in refs)]
    numbers = pd.factorize(np.concatenate(texts))[0]
    places = np.split(np.where(numbers < len(keys), numbers, -1), np.cumsum([len(each) for each in texts]))[1:-1]
    return [
        np.append(place, -1)[np.where(column.present, column.values, len(place))]
        for place, column in zip(places, refs, strict=True)
    ]


def _submitted(table: Table, parents: IntArray, as_at: int) -> tuple[Table, IntArray]:
    """Return the assessments submitted by the as-at, and the row of each one's incident."""
    submitted, signed = table.get("submitted_at", Kind.INSTANT), table.get("signed_off_at", Kind.INSTANT)
    exists = submitted.present & (submitted.values <= as_at) & (parents >= 0)
    not_yet = signed.present & (signed.values > as_at)
    if not_yet.any():
        hidden = {name: table.columns[name].only(~not_yet) for name in SIGN_OFF if name in table}
        table = table.with_columns(hidden)
    return _happened(table, as_at).where(exists), parents[exists]


def _referred(table: Table, parents: IntArray, as_at: int) -> tuple[Table, IntArray]:
    """Return the referrals made by the as-at and not cancelled, and the row of each one's incident."""
    referred, cancelled = table.get("referred_at", Kind.INSTANT), table.get("cancelled", Kind.YES_NO)
    counts = cancelled.values != cancelled.code("yes")
    exists = referred.present & (referred.values <= as_at) & (parents >= 0) & counts
    return _happened(table, as_at).where(exists), parents[exists]


def _assessment_facts(table: Table, rows: IntArray, order: Timeline, size: int) -> dict[str, Column]:
    return {
        "assessment_count": Column(Kind.NUMBER, np.bincount(rows, minlength=size).astype(np.int64)),
        "first_submitted_at": earliest(rows, table.get("submitted_at", Kind.INSTANT), size),
        **order.incident_facts(),
    }


def _stem(destination: str) -> str:
    """Return the part of a destination's fact names that stands for the destination."""
    return destination_fact(destination, "referred_at").removesuffix("_referred_at")


def _referral_facts(table: Table, rows: IntArray, size: int) -> dict[str, Column]:
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


def _own_facts(table: Table, rows: IntArray, order: Timeline, staff: Table) -> dict[str, Column]:
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
