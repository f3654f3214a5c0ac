"""Records → items, as at one instant (semantics §§1–3). Pure; their facts are made in `facts`.

Whatever is dated after the as-at has not happened: an incident reported later does not exist, a later milestone is
missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dacompliance.judging.facts import facts_from_assessments, facts_from_referrals, facts_of_assessments
from dacompliance.judging.timeline import build_timeline
from dacompliance.localtime import local_day
from dacompliance.policy.model import About
from dacompliance.records.contract import Kind
from dacompliance.records.table import BoolArray, Column, IntArray, Records, Table, TextArray, empty_column

SIGN_OFF = ("signed_off_by", "final_grade", "final_rationale_recorded")
"""What is not known of a sign-off that has not happened yet."""


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
            **facts_from_assessments(assessments, assessed, order, len(incidents)),
            **facts_from_referrals(referrals, referred, len(incidents)),
        }
    )
    days = local_day(incidents.get("reported_at", Kind.INSTANT).values, zone)
    excluded = incidents.get("excluded_reason").present
    parent = Items("incident", incidents, days, excluded, incidents.keys)
    assessments = assessments.with_columns(facts_of_assessments(assessments, assessed, order, records.staff))
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
