"""Rules as a force could write them: every form of condition, milestone, clock, calendar, `early` and version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from dacompliance.policy.columns import kind_of
from dacompliance.policy.model import (
    About,
    Calendar,
    Clock,
    Condition,
    Deadline,
    EarlyKind,
    Holiday,
    Rule,
    Test,
    TestKind,
    Version,
)
from dacompliance.records.contract import WORDS, Kind
from tests.generative.choices import Pick, maybe, one_in, several
from tests.generative.records import OWN
from tests.generative.times import Times
from tests.plain.cells import DAY

ABOUTS: Final[tuple[About, ...]] = ("incident", "assessment", "referral")
NATION: Final = "england-and-wales"

INCIDENT_TIMES: Final = (
    *("reported_at", "reported_at", "attended_at", "checks_completed_at", "own_at", "own_day", "flagged_at"),
    *("first_submitted_at", "grade_since", "first_high_at"),
    *("mash_referred_at", "mash_received_at") * 2,
    *("marac_referred_at", "idva_1_referred_at", "encompass_received_at"),
)
TIMES: Final[dict[About, tuple[str, ...]]] = {
    "incident": INCIDENT_TIMES,
    "assessment": (*INCIDENT_TIMES, *("submitted_at", "signed_off_at") * 4),
    "referral": (*INCIDENT_TIMES, *("referred_at", "received_at") * 4),
}
INCIDENT_COLUMNS: Final = (
    *("crime", "area", "no_assessment_reason", "supervisor_id", "force_code", "risk_score", "incident_ref", "team"),
    *("assessment_count", "grade", "grade", "highest_grade", *INCIDENT_TIMES[1:]),
)
COLUMNS: Final[dict[About, tuple[str, ...]]] = {
    "incident": INCIDENT_COLUMNS,
    "assessment": (
        *INCIDENT_COLUMNS,
        *("instrument", "assessor_id", "risk_grade", "rationale_recorded", "declined", "q03", "answered_count"),
        *("yes_count", "question_count", "signed_off_by", "final_grade", "final_rationale_recorded", "submitted_at"),
        *("previous_grade", "lowered", "superseded", "signed_off_role", "minutes_to_sign_off", "signed_off_at") * 2,
    ),
    "referral": (*INCIDENT_COLUMNS, *("destination", "cancelled", "referred_at", "received_at", "referral_ref") * 3),
}
VOCABULARY: Final[dict[Kind, tuple[str, ...]]] = {
    **WORDS,
    Kind.TEXT: ("North", "South", "DASH-27", "DARA", "sergeant", "inspector", "IA", "elsewhere"),
    Kind.ID: ("S1", "S2", "MASH", "IDVA 1", "S7"),
    Kind.NUMBER: ("0", "1", "14", "27", "-1"),
}
SETTLED: Final = (TestKind.PRESENT, TestKind.MISSING)
COMPARED: Final = (TestKind.SAME_AS, TestKind.DIFFERS_FROM)
FORMS: Final[dict[bool, tuple[TestKind, ...]]] = {
    False: (TestKind.IN, TestKind.IN, TestKind.NOT_IN, *COMPARED, *SETTLED),
    True: (TestKind.IN, TestKind.NOT_IN, TestKind.AT_LEAST, TestKind.AT_LEAST, TestKind.AT_MOST, *COMPARED, *SETTLED),
}

SPELLS: Final = (
    ((540, 1020),),
    ((540, 1020),),
    ((480, 720), (780, 1020)),
    ((0, 1440),),
    ((0, 90), (90, 150), (1380, 1440)),  # over every clock change
    ((0, 60), (120, 480)),  # shut in the hour that happens twice, or never
    ((60, 120),),  # open in it only
    ((75, 105), (120, 180)),
)
AMOUNTS: Final = {
    Clock.HOURS: (24, 1, 24, 48, 48, 8760),
    Clock.DAYS: (1, 2, 5, 28, 365),
    Clock.WORKING_HOURS: (8, 1, 7, 24, 60),
    Clock.WORKING_DAYS: (1, 2, 5, 1, 2, 60),
}
HOLIDAY_LIFE: Final = ((-400, None), (-1, None), (0, None), (2, None), (-400, -30), (-400, 0), (-1, 2))
"""Days from the anchor to the announcement, and to the withdrawal."""


def kind(about: About, name: str) -> Kind:
    """Return what a column holds, by the contract."""
    found = kind_of(about, name, {"incidents": OWN})
    assert found is not None, name
    return found


def test_of(pick: Pick, about: About) -> Test:
    """Pick one test that the kind of its column allows."""
    column = pick(COLUMNS[about])
    holds = kind(about, column)
    form = pick(SETTLED if holds.is_time else FORMS[holds is Kind.NUMBER])
    if form in SETTLED:
        return Test(column, form)
    if form in COMPARED:
        others = sorted({name for name in COLUMNS[about] if name != column and kind(about, name) is holds})
        if others:
            return Test(column, form, other=pick(others))
        form = TestKind.IN
    if form in (TestKind.AT_LEAST, TestKind.AT_MOST):
        return Test(column, form, number=pick((0, 1, 14, 27)))
    return Test(column, form, words=tuple(several(pick, VOCABULARY[holds], 1, 2)))


def condition(pick: Pick, about: About, depth: int = 2) -> Condition:
    """Pick a condition; `any` stands in at most `depth` tables, one within another."""
    grouped = depth > 0 and one_in(pick, 3)
    tests = tuple(test_of(pick, about) for _ in range(pick((1, 0, 2) if grouped else (1, 1, 2))))
    tables = tuple(condition(pick, about, depth - 1) for _ in range(pick((1, 2, 3)) if grouped else 0))
    return Condition(tests, (tables,) if grouped else ())


def calendar(pick: Pick) -> Calendar:
    """Pick a working calendar, every convention of it."""
    return Calendar(
        name="picked",
        weekdays=pick(((0, 1, 2, 3, 4), (0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5), tuple(range(7)), (6,))),
        hours=pick(SPELLS),
        holidays=pick((NATION, NATION, None)),
        day_ends=pick((1020, 1440, 0, 90)),
        cut_off=pick((1440, 960, 90, 0)),
        closed_start=pick((0, 1)),
    )


def deadline(pick: Pick, about: About) -> Deadline:
    """Pick a deadline by any of the four clocks."""
    clock = pick(tuple(Clock))
    working = clock in (Clock.WORKING_HOURS, Clock.WORKING_DAYS)
    return Deadline(pick(TIMES[about]), pick(AMOUNTS[clock]), clock, calendar(pick) if working else None)


def version(pick: Pick, about: About, from_day: dt.date, until: dt.date | None, anchor: dt.date) -> Version:
    """Pick one version of a rule, in force from a day; if it ends, by `until` at the latest."""
    counted = maybe(pick, 4, lambda: deadline(pick, about))
    ends = None if counted is None else counted.start
    done = maybe(pick, 3, lambda: pick([name for name in TIMES[about] if name != ends]))
    early: EarlyKind | int = "met"
    if done and counted:
        early = pick(("met", "undetermined", "undetermined", 1, 24, 24, 48))
    last = max(from_day, anchor) if one_in(pick, 4) else None
    return Version(
        in_force_from=from_day,
        published=pick((from_day, from_day, anchor - 400 * DAY, anchor, anchor + 2 * DAY)),
        in_force_until=last if last is None or until is None else min(last, until),
        applies=maybe(pick, 3, lambda: condition(pick, about)),
        done=done,
        holds=None if done else condition(pick, about),
        deadline=counted,
        early=early,
    )


def rule(pick: Pick, times: Times, rule_id: str) -> Rule:
    """Pick a rule with up to three versions."""
    about, before = pick(ABOUTS), times.anchor - 900 * DAY
    days = [before] if one_in(pick, 2) else sorted(several(pick, [times.anchor + n * DAY for n in (-1, 0, 1)], 1, 3))
    drawn = [
        version(pick, about, day, later - DAY if later else None, times.anchor)
        for day, later in pairwise([*days, None])
        if day
    ]
    return rule_of(rule_id, about, drawn)


def rule_of(rule_id: str, about: About, versions: Sequence[Version]) -> Rule:
    """Make a rule of its versions; what people read of it is left empty."""
    return Rule(rule_id, "", "", about, "supervisor", "major", "", chase=True, versions=tuple(versions))


def holidays(pick: Pick, times: Times) -> tuple[Holiday, ...]:
    """Pick bank holidays of the days around the anchor: announced in time or late, some withdrawn."""
    found = []
    for day in several(pick, range(-1, 9), 0, 5):
        announced, withdrawn = pick(HOLIDAY_LIFE)
        gone = None if withdrawn is None else times.anchor + withdrawn * DAY
        found.append(Holiday(times.anchor + day * DAY, NATION, "picked", times.anchor + announced * DAY, gone))
    return tuple(found)
