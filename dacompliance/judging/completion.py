"""DASH completion: which incidents have a complete assessment, and what the others have (semantics §7). Pure.

One row an incident, and counts made from those rows only, so that every figure opens to exactly its incidents. What is
missing or cannot be read is never complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.judging.conditions import Truth, both, either
from dacompliance.judging.deadlines import due_times
from dacompliance.judging.items import World
from dacompliance.judging.measures import Share, summed
from dacompliance.judging.verdicts import versions_in_force
from dacompliance.policy.model import Holiday, Rule
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray, Table

NOT_RECORDED: Final = "not recorded"
"""The group of the items whose group is missing."""

CANNOT_BE_READ: Final = "cannot be read"
"""The group of the items whose group is unreadable."""


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

GROUPS: Final = ("area", "team", "grade")


def completion(world: World, rule: Rule, holidays: Sequence[Holiday], known_day: int) -> pd.DataFrame:
    """Return one row for every incident that exists at the as-at, excluded ones too, with its category of completion.

    The deadline is `reported_at` and the limit of the rule's version in force, whatever that version applies to or
    starts from. Columns, all text but three: `incident_ref` (sorted by it), `occurrence_ref`, `reported_on`, `month`,
    `area`, `team`, `grade`, `category`; `complete` and `counted` (in the denominator); `cannot_tell`: counted, not
    complete, and an unreadable cell or an assessment set aside leaves that open; `version` whose limit was used, and
    `excluded_reason`.
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
    occurrences, excluded = incidents.column("occurrence_ref"), incidents.column("excluded_reason")
    days = incidents.reported_day.view("datetime64[D]")
    frame = pd.DataFrame(
        {
            "incident_ref": incidents.keys,
            "occurrence_ref": np.where(occurrences.present, occurrences.text(), incidents.keys),
            "reported_on": np.datetime_as_string(days, unit="D"),
            "month": np.datetime_as_string(days, unit="M"),
            **{name: _group(incidents.column(name)) for name in GROUPS},
            "category": np.array([str(each) for each in _ORDER], dtype=object)[category],
            "complete": complete,
            "counted": counted,
            "cannot_tell": counted & ~complete & open_question,
            "version": np.array([*(str(each.in_force_from) for each in rule.versions), ""], dtype=object)[version],
            "excluded_reason": np.where(excluded.present, excluded.text(), ""),
        }
    )
    return frame.sort_values("incident_ref", kind="stable", ignore_index=True)


def _due(world: World, rule: Rule, version: IntArray, holidays: Sequence[Holiday], known_day: int) -> IntArray:
    """Return when each incident's assessment is due by its version's limit, missing where it has none."""
    reported = world.incidents.column("reported_at")
    due = np.full(len(reported), MISSING, dtype=np.int64)
    for place, each in enumerate(rule.versions):
        rows = np.flatnonzero(version == place)
        if each.deadline is not None and len(rows):
            limit = replace(each.deadline, start="reported_at")
            due[rows] = due_times(limit, reported.take(rows), world.zone, holidays, known_day)
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


def _group(cells: Column) -> np.ndarray:
    return np.where(cells.present, cells.text(), np.where(cells.unread, CANNOT_BE_READ, NOT_RECORDED))


def not_mapped(assessments: Table) -> tuple[str, ...]:
    """Return the columns completion rests on that the force has not mapped; where there are any, it is not measured.

    A grade may come from `risk_grade`, or from `final_grade` with `signed_off_at`.
    """
    needed = [name for name in ("submitted_at", "answered_count", "question_count") if name not in assessments]
    signed_off = "final_grade" in assessments and "signed_off_at" in assessments
    return (*needed, *(() if "risk_grade" in assessments or signed_off else ("risk_grade",)))


def tabulate(cases: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Count a frame of `completion` by the columns of `by`, sorted by them; with none, one row of everything.

    Columns: those of `by`, then `population` = `excluded` + `not_yet_due` + `no_version` + `no_deadline` + `due`, and
    `due` = `complete` + `declined` + `incomplete` + `reason` + `silent`; `cannot_tell` is among the last four. Raises
    ArithmeticError should that ever not hold.
    """
    marks = {each.name.lower(): cases["category"] == str(each) for each in Category}
    names = ("population", *(each.name.lower() for each in LEFT_OUT), "due", *(each.name.lower() for each in COUNTED))
    marks |= {
        "population": pd.Series(True, index=cases.index),
        "due": cases["counted"],
        "cannot_tell": cases["cannot_tell"],
    }
    table = summed(pd.DataFrame({name: marks[name] for name in (*names, "cannot_tell")}), cases, by)
    return _adds_up(table)


def _adds_up(table: pd.DataFrame) -> pd.DataFrame:
    left_out = table[[each.name.lower() for each in LEFT_OUT]].sum(axis=1)
    not_complete = table[[each.name.lower() for each in NOT_COMPLETE]].sum(axis=1)
    whole = (table["due"] + left_out == table["population"]) & (table["complete"] + not_complete == table["due"])
    if not (whole & (table["cannot_tell"] <= not_complete)).all():
        raise ArithmeticError("completion: the categories do not add up to the incidents counted")
    return table


def last_28_days(cases: pd.DataFrame, as_at_day: int) -> tuple[Share, Share]:
    """Return completion of the incidents reported in the 28 local days that end with `as_at_day`, and in the 28 before.

    Incidents not yet due are in neither, so the young end of the period is not flattered by its quick cases.
    """
    return _reported_between(cases, as_at_day - 27, as_at_day), _reported_between(cases, as_at_day - 55, as_at_day - 28)


def _reported_between(cases: pd.DataFrame, first: int, last: int) -> Share:
    days = cases["reported_on"]
    counted = cases["counted"] & (days >= str(np.datetime64(first, "D"))) & (days <= str(np.datetime64(last, "D")))
    return Share(int((counted & cases["complete"]).sum()), int(counted.sum()))
