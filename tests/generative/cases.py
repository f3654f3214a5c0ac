"""A whole case for both judges: records, rules and holidays, judged at an instant placed on and around the edges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from dacompliance.policy.model import Holiday, Rule, Version
from tests.generative.choices import Pick, by_dice, by_hypothesis
from tests.generative.records import records
from tests.generative.rules import holidays, rule
from tests.generative.times import NUDGES, times
from tests.plain import judge as plain
from tests.plain.cells import DAY, earliest, is_time
from tests.plain.facts import Records, items

AFTER_ALL: Final = dt.datetime(2040, 1, 1, tzinfo=dt.UTC)
WHOSE: Final = {"incident": "incidents", "assessment": "assessments", "referral": "referrals"}


@dataclass(frozen=True, slots=True)
class Case:
    """What a judge is given."""

    records: Records
    rules: tuple[Rule, ...]
    holidays: tuple[Holiday, ...]
    now: dt.datetime
    known: dt.datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Size:
    """How much a case holds."""

    incidents: int
    rules: int
    instants: int


SMALL: Final = Size(incidents=4, rules=4, instants=6)
LARGE: Final = Size(incidents=60, rules=12, instants=24)


@st.composite
def small_cases(draw: st.DrawFn) -> Case:
    """Draw a small case."""
    return case(by_hypothesis(draw), SMALL)


def large_case(seed: int) -> Case:
    """Throw the dice of a large case."""
    return case(by_dice(seed), LARGE)


def case(pick: Pick, size: Size) -> Case:
    """Pick a case. Some finishes are moved to the edge of their deadline or of `early`, and the as-at to any edge."""
    around = times(pick, size.instants)
    whole = Case(
        records(pick, around, size.incidents),
        tuple(rule(pick, around, f"R-{number:02d}") for number in range(size.rules)),
        holidays(pick, around),
        AFTER_ALL,
        AFTER_ALL,
        around.zone,
    )
    edges = list(_finish_edges(whole))
    for _ in range(pick(range(size.incidents)) if edges else 0):
        who, column, instant = pick(edges)
        who[column] = instant + pick(NUDGES)
    instants = sorted({*around.instants, *_edges(whole), *(row.due_at for row in judged(whole) if row.due_at)})
    now = pick((*instants[len(instants) // 2 :], *instants)) + pick(NUDGES)
    return replace(whole, now=now, known=now + pick((0, 0, 0, -3, 5)) * DAY)


def judged(case: Case) -> list[plain.Verdict]:
    """Return the plain judge's verdicts of a case."""
    return plain.judge(case.records, case.rules, case.holidays, case.now, case.known, case.zone)


def rule_and_version(case: Case, verdict: plain.Verdict) -> tuple[Rule, Version | None]:
    """Return the rule of a verdict and the version of it that judged."""
    rule = next(rule for rule in case.rules if rule.id == verdict.rule_id)
    return rule, next((each for each in rule.versions if each.in_force_from.isoformat() == verdict.version), None)


def _edges(case: Case) -> Iterator[dt.datetime]:
    """Yield every instant at which something in the records happens."""
    for name in WHOSE.values():
        for row in getattr(case.records, name):
            yield from (earliest(cell, case.zone) for cell in row.values() if is_time(cell))


def _finish_edges(case: Case) -> Iterator[tuple[dict[str, Any], str, dt.datetime]]:
    """Yield the rows and columns that say when something was done, with the instants at which that matters most."""
    there = {(item.about, item.ref): item for item in items(case.records, case.now, case.zone)}
    for row in judged(case):
        _, version = rule_and_version(case, row)
        if version is None or version.deadline is None or version.done is None or row.due_at is None:
            continue
        item = there[row.about, row.item_ref]
        start = earliest(item.cells[version.deadline.start], case.zone)
        before = dt.timedelta(hours=version.early) if isinstance(version.early, int) else dt.timedelta(0)
        for who, column in _finishers(case.records, item.incident["incident_ref"], row, version.done):
            yield who, column, row.due_at
            yield who, column, start - before


def _finishers(records: Records, incident: str, row: plain.Verdict, done: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the rows of the records, and their columns, in which a milestone of an item is written."""
    if done.endswith(("_referred_at", "_received_at")):
        stem, time = done.rsplit("_", 2)[0], "_".join(done.rsplit("_", 2)[1:])
        for each in records.referrals:
            if each["incident_ref"] == incident and (each["destination"] or "").lower().startswith(stem[:4]):
                yield each, time
        return
    own = {"incident": "incident_ref", "assessment": "assessment_ref", "referral": "referral_ref"}[row.about]
    for each in getattr(records, WHOSE[row.about]):
        if each[own] == row.item_ref and done in each:
            yield each, done
