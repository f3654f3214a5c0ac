"""DASH completion: which incidents have a complete assessment, and what the others have (semantics §7). Pure.

One row an incident, and counts made from those rows only, so that every figure opens to exactly its incidents. What is
missing or cannot be read is never complete.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.judging import measures
from dacompliance.judging.conditions import Truth, both, either
from dacompliance.judging.deadlines import due_times
from dacompliance.judging.groups import incident_groups
from dacompliance.judging.items import Items, World
from dacompliance.judging.measures import Counting, Share, count
from dacompliance.judging.outcomes import PlaceArray
from dacompliance.judging.verdicts import versions_in_force
from dacompliance.localtime import HOUR
from dacompliance.policy.model import Holiday, Rule
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray, TextArray


class Category(StrEnum):
    """Where an incident stands in the measure of completion: exactly one of these."""

    COMPLETE = "complete"
    DECLINED = "submitted, declined"
    INCOMPLETE = "submitted, not complete"
    REASON = "none submitted, reason recorded"
    SILENT = "none submitted, no reason"
    NOT_YET_DUE = "not yet due"
    EXCLUDED = "excluded"
    NO_VERSION = "no rule version in force"
    NO_DEADLINE = "no deadline"


NOT_COMPLETE: Final = (Category.DECLINED, Category.INCOMPLETE, Category.REASON, Category.SILENT)
COUNTED: Final = (Category.COMPLETE, *NOT_COMPLETE)
LEFT_OUT: Final = (Category.EXCLUDED, Category.NO_VERSION, Category.NO_DEADLINE, Category.NOT_YET_DUE)
_ORDER: Final = (*LEFT_OUT, *COUNTED)
"""The first that fits decides; what is counted comes after what is left out."""

SOON: Final = (8, 24, 72)
"""Hours from report to submission that are told apart: a shift, a day, three days."""

HOW_SOON: Final = (
    "within 8 hours",
    "8 to 24 hours",
    "24 to 72 hours",
    "after 72 hours",
    "at a date without a time",
    "not submitted",
)
"""How long after its report an incident's first assessment was submitted, in words."""

COMPLETION: Final = Counting("complete", "counted", (Category.COMPLETE,), NOT_COMPLETE, LEFT_OUT)
"""How the frame of `completion` is counted."""


def completion(
    world: World, rule: Rule, holidays: Sequence[Holiday], known_day: int, groups: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return one row for every incident that exists at the as-at, excluded ones too, with its category of completion.

    The deadline is `reported_at` and the limit of the rule's version in force, whatever that version applies to or
    starts from. `groups` are those of `groups.incident_groups`, made here when left out. Columns, all text but three:
    `groups.HEADS` (sorted by `incident_ref`), `category`; `complete` and `counted` (in the denominator); `cannot_tell`:
    counted, not complete, and an unreadable cell or an assessment set aside leaves that open; `submitted`, how long
    after the report the first form was; `version` whose limit was used, and `excluded_reason`.
    """
    incidents = world.incidents
    version = versions_in_force(rule, incidents.reported_day, known_day)
    due = _due(world, rule, version, holidays, known_day)
    found = _of_assessments(world)
    category = np.select(
        [
            incidents.excluded,
            version < 0,
            due == MISSING,
            world.as_at <= due,
            found.complete.true,
            found.declined,
            found.submitted,
            incidents.column("no_assessment_reason").present,
        ],
        [place for place, _ in enumerate(_ORDER[:-1])],
        len(_ORDER) - 1,
    )
    complete = category == _ORDER.index(Category.COMPLETE)
    counted = category >= _ORDER.index(Category.COMPLETE)
    open_question = found.complete.unknown | _is(incidents.column("assessments_set_aside"), "yes")
    excluded = incidents.column("excluded_reason")
    frame = (incident_groups(world) if groups is None else groups).assign(
        category=np.array([str(each) for each in _ORDER], dtype=object)[category],
        complete=complete,
        counted=counted,
        cannot_tell=counted & ~complete & open_question,
        submitted=_how_soon(incidents),
        version=np.array(rule.dates, dtype=object)[version],
        excluded_reason=np.where(excluded.present, excluded.text(), ""),
    )
    return frame.sort_values("incident_ref", kind="stable", ignore_index=True)


def _how_soon(incidents: Items) -> TextArray:
    """Return in words how long after each report the first assessment was submitted."""
    reported, first = incidents.column("reported_at"), incidents.column("first_submitted_at")
    hours = (first.values - reported.values) / HOUR
    known = first.present & reported.present & ~first.days & ~reported.days
    within = [known & (hours <= limit) for limit in SOON]
    return np.select(
        [*within, known, first.present],
        HOW_SOON[:-1],
        HOW_SOON[-1],
    ).astype(object)


def _due(world: World, rule: Rule, version: PlaceArray, holidays: Sequence[Holiday], known_day: int) -> IntArray:
    """Return when each incident's assessment is due by its version's limit, missing where it has none."""
    reported = world.incidents.column("reported_at")
    due = np.full(len(reported), MISSING, dtype=np.int64)
    for place, each in enumerate(rule.versions):
        rows = np.flatnonzero(version == place)
        if each.deadline is not None and len(rows):
            due[rows] = due_times(each.deadline, reported.take(rows), world.zone, holidays, known_day)
    return due


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What each incident's submitted assessments come to. `complete` is unknown where the records leave it open."""

    submitted: BoolArray
    declined: BoolArray
    complete: Truth


def _of_assessments(world: World) -> _Found:
    items = world.assessments  # submitted ones only: a draft is no item
    answered, asked = items.column("answered_count"), items.column("question_count")
    counts = answered.present & asked.present
    all_answered = Truth(counts & np.equal(answered.values, asked.values), ~counts)
    signed_off = both(_present(items.column("final_grade")), _present(items.column("signed_off_at")))
    complete = both(all_answered, either(_present(items.column("risk_grade")), signed_off))

    def any_of(each: BoolArray) -> BoolArray:
        return np.bincount(items.rows[each], minlength=len(world.incidents)).astype(bool)

    some, unknown = any_of(complete.true), any_of(complete.unknown)
    return _Found(
        any_of(np.ones(len(items), dtype=bool)),
        any_of(_is(items.column("declined"), "yes")),
        Truth(some, unknown & ~some),
    )


def _present(cells: Column) -> Truth:
    return Truth(cells.present, cells.unread)


def _is(cells: Column, word: str) -> BoolArray:
    return np.equal(cells.values, cells.code(word)) & cells.present


def not_mapped(assessments: Container[str]) -> tuple[str, ...]:
    """Return the columns completion rests on that are not among those mapped; where there are any, it is not measured.

    A grade may come from `risk_grade`, or from `final_grade` with `signed_off_at`.
    """
    needed = [name for name in ("submitted_at", "answered_count", "question_count") if name not in assessments]
    signed_off = "final_grade" in assessments and "signed_off_at" in assessments
    return (*needed, *(() if "risk_grade" in assessments or signed_off else ("risk_grade",)))


def tabulate(cases: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Count a frame of `completion` by the columns of `by`, with a short name for each category."""
    table = count(cases, COMPLETION, by)
    unknown = cases["cannot_tell"]
    cannot = unknown.groupby([cases[name] for name in by], sort=True).sum() if by else [unknown.sum()]
    names = {str(each): each.name.lower() for each in Category}
    return table.rename(columns=names).drop(columns=["x"]).rename(columns={"n": "due"}).assign(cannot_tell=list(cannot))


def last_28_days(cases: pd.DataFrame, as_at_day: int) -> tuple[Share, Share]:
    """Return completion of the last 28 days and of the 28 before."""
    return measures.last_28_days(cases, COMPLETION, as_at_day)
