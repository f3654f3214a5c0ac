"""The items a rule judges, each with its facts beside it, as at one instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from dacompliance.policy.model import About
from tests.plain.cells import UNREADABLE, Cell, Row, as_at, day_of, earliest, first, is_day, is_known, standing

GRADES: Final = ("standard", "medium", "high")
HIDDEN_UNTIL_SIGNED: Final = ("signed_off_by", "final_grade", "final_rationale_recorded")
Moment = tuple[dt.datetime, bool]


@dataclass(frozen=True, slots=True)
class Records:
    """What the monitor judges: the rows the door let in, each child's incident among them.

    `assessments_set_aside` and `referrals_set_aside` say `yes` on an incident that lost a child at the door.
    """

    incidents: Sequence[Row] = ()
    assessments: Sequence[Row] = ()
    referrals: Sequence[Row] = ()
    staff: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a rule judges. `times` are every time a destination's fact was chosen from."""

    about: About
    ref: str
    incident: Row
    cells: Row
    times: Mapping[str, Sequence[Cell]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """One place on an incident's timeline of grades. `time` is None where nobody can say when."""

    where: tuple[Moment, str, int]
    grade: Cell
    time: Cell


def items(records: Records, now: dt.datetime, zone: ZoneInfo) -> list[Item]:
    """Return every item there is at `now`. What is dated later has not happened: it is no item, or a missing cell."""
    roles = {row["staff_id"]: row.get("role") for row in records.staff}
    incidents = [row for row in (as_at(row, now, zone) for row in records.incidents) if is_known(row["reported_at"])]
    assessments = [_signed_by(row, now, zone) for row in records.assessments]
    assessments = [row for row in assessments if is_known(row.get("submitted_at"))]
    referrals = [as_at(row, now, zone) for row in records.referrals]
    referrals = [row for row in referrals if is_known(row.get("referred_at")) and row.get("cancelled") != "yes"]
    found: list[Item] = []
    for incident in incidents:
        ref = incident["incident_ref"]
        found += _family(
            incident,
            [row for row in assessments if row["incident_ref"] == ref],
            [row for row in referrals if row["incident_ref"] == ref],
            roles,
            zone,
        )
    return found


def _family(incident: Row, assessments: list[Row], referrals: list[Row], roles: Row, zone: ZoneInfo) -> list[Item]:
    """Return an incident, its submitted assessments and its referrals as items."""
    timeline = sorted((place for row in assessments for place in _places(row, zone)), key=lambda place: place.where)
    times = _destination_times(referrals)
    ours: dict[str, Any] = dict(incident)
    ours["assessment_count"] = len(assessments)
    ours["first_submitted_at"] = first((row["submitted_at"] for row in assessments), zone)
    ours |= _grade_facts(timeline)
    for name, chosen_from in times.items():
        ours[name] = UNREADABLE if UNREADABLE in chosen_from else first(chosen_from, zone)
    return [
        Item("incident", incident["incident_ref"], incident, ours, times),
        *(
            Item(
                "assessment",
                row["assessment_ref"],
                incident,
                {**ours, **row, **_assessment_facts(row, assessments, timeline, roles, zone)},
                times,
            )
            for row in assessments
        ),
        *(Item("referral", row["referral_ref"], incident, {**ours, **row}, times) for row in referrals),
    ]


def _signed_by(row: Row, now: dt.datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Return an assessment as it stood: until it is signed off, nothing of the sign-off is known."""
    then = as_at(row, now, zone)
    if is_known(row.get("signed_off_at")) and then["signed_off_at"] is None:
        then |= dict.fromkeys(HIDDEN_UNTIL_SIGNED)
    return then


def _places(row: Row, zone: ZoneInfo) -> Iterable[Place]:
    """Yield where an assessment's two grades stand on the timeline. A missing grade has no place."""
    submitted, signed, key = row["submitted_at"], row.get("signed_off_at"), row["assessment_ref"]
    if row.get("risk_grade") is not None:
        yield Place((standing(submitted, zone), key, 0), row["risk_grade"], submitted)
    if row.get("final_grade") is None:
        return
    if not is_known(signed):  # directly after its submission, without a time
        yield Place((standing(submitted, zone), key, 1), row["final_grade"], None)
    elif is_day(signed) and signed == day_of(submitted, zone):  # directly after it, with the time it has
        yield Place((standing(submitted, zone), key, 1), row["final_grade"], signed)
    elif standing(signed, zone) < standing(submitted, zone):  # never before it: at its time
        yield Place((standing(submitted, zone), key, 1), row["final_grade"], submitted)
    else:
        yield Place((standing(signed, zone), key, 1), row["final_grade"], signed)


def _grade_facts(timeline: Sequence[Place]) -> dict[str, Cell]:
    """Return what the timeline says of the incident."""
    names = ("grade", "grade_since", "highest_grade", "first_high_at")
    if any(place.grade is UNREADABLE for place in timeline):
        return dict.fromkeys(names, UNREADABLE)
    if not timeline:
        return dict.fromkeys(names)
    grade = timeline[-1].grade
    spell = len(timeline) - 1
    while spell > 0 and timeline[spell - 1].grade == grade:
        spell -= 1
    highs = [place.time for place in timeline if place.grade == "high"]
    highest = max((str(place.grade) for place in timeline), key=GRADES.index)
    return {
        "grade": grade,
        "grade_since": timeline[spell].time,
        "highest_grade": highest,
        "first_high_at": highs[0] if highs else None,
    }


def _destination_times(referrals: Iterable[Row]) -> dict[str, list[Cell]]:
    """Return, for each fact of each destination, the times of its referrals."""
    found: dict[str, list[Cell]] = {}
    for row in referrals:
        if row.get("destination") is not None:
            stem = "".join(letter if letter.isalnum() else "_" for letter in row["destination"].lower())
            for time in ("referred_at", "received_at"):
                found.setdefault(f"{stem}_{time}", []).append(row.get(time))
    return found


def _assessment_facts(
    row: Row, siblings: Iterable[Row], timeline: Iterable[Place], roles: Row, zone: ZoneInfo
) -> dict[str, Cell]:
    """Return what an assessment's siblings, its own two grades and the staff list say of it."""
    own = (standing(row["submitted_at"], zone), row["assessment_ref"], 0)
    before = [place.grade for place in timeline if place.where < own]
    previous = before[-1] if before else None
    superseded = any(
        row.get("instrument") is not None
        and other.get("instrument") == row["instrument"]
        and (standing(other["submitted_at"], zone), other["assessment_ref"]) > own[:2]
        for other in siblings
    )
    return {
        "previous_grade": previous,
        "lowered": _lowered(previous, row.get("risk_grade"), row.get("final_grade")),
        "superseded": "yes" if superseded else "no",
        "signed_off_role": roles.get(row.get("signed_off_by")),
        "minutes_to_sign_off": _minutes(row["submitted_at"], row.get("signed_off_at"), zone),
    }


def _lowered(previous: Cell, risk: Cell, final: Cell) -> Cell:
    """Say whether a grade is below the one before it; None when there is nothing to compare."""
    if UNREADABLE in (previous, risk, final):
        return UNREADABLE
    steps = [(later, earlier) for later, earlier in ((risk, previous), (final, risk)) if None not in (later, earlier)]
    if not steps:
        return None
    return "yes" if any(GRADES.index(str(later)) < GRADES.index(str(earlier)) for later, earlier in steps) else "no"


def _minutes(submitted: dt.date, signed: Cell, zone: ZoneInfo) -> Cell:
    """Return the whole minutes from submission to sign-off, rounded down; a day has no minutes."""
    if is_day(submitted) or not isinstance(signed, dt.datetime):
        return UNREADABLE if signed is UNREADABLE else None
    return (earliest(signed, zone) - earliest(submitted, zone)) // dt.timedelta(minutes=1)
