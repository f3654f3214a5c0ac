"""Laws of judging that need no second judge, over the same cases as the two."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.generative.agreement import family, fast
from tests.generative.cases import Case, large_case, small_cases
from tests.generative.choices import by_hypothesis
from tests.generative.rules import version
from tests.plain.cells import DAY, day_of
from tests.plain.facts import Records

ROOT: Final = Path(__file__).resolve().parents[2]
FEWER: Final = settings(max_examples=settings.default.max_examples // 4)
Value = TypeVar("Value")


@FEWER
@given(small_cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_of_rules_changes_nothing(case: Case, dice: random.Random):
    def shuffled(rows: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(dice.sample(rows, len(rows)))

    names = ("incidents", "assessments", "referrals", "staff")
    records = Records(*(shuffled(tuple(getattr(case.records, name))) for name in names))
    rules = tuple(replace(rule, versions=shuffled(rule.versions)) for rule in shuffled(case.rules))
    assert fast(replace(case, records=records, rules=rules, holidays=shuffled(case.holidays))) == fast(case)


@FEWER
@given(small_cases())
def test_a_row_is_judged_alone(case: Case):
    """Neither other incidents nor other rules make a difference to it."""
    apart = [
        line
        for rule in case.rules
        for row in case.records.incidents
        for line in fast(replace(case, records=family(case.records, row["incident_ref"]), rules=(rule,)))
    ]
    assert sorted(apart, key=lambda line: (line[0], line[3])) == fast(case)


@st.composite
def cases_with_a_later_version(draw: st.DrawFn) -> tuple[Case, Case, dt.date]:
    """Draw a case, and the same with one more version of each rule, in force from a day after those there are."""
    before = draw(small_cases())
    day = max(each.in_force_from for rule in before.rules for each in rule.versions) + draw(st.integers(1, 4)) * DAY
    pick = by_hypothesis(draw)
    rules = (
        replace(rule, versions=(*rule.versions, version(pick, rule.about, day, None, day))) for rule in before.rules
    )
    return before, replace(before, rules=tuple(rules)), day


@FEWER
@given(cases_with_a_later_version())
def test_a_version_from_a_later_day_changes_no_earlier_verdict(drawn: tuple[Case, Case, dt.date]):
    before, after, day = drawn
    earlier = {row["incident_ref"] for row in before.records.incidents if day_of(row["reported_at"], before.zone) < day}
    assert [line for line in fast(after) if line[4] in earlier] == [line for line in fast(before) if line[4] in earlier]


@FEWER
@given(small_cases())
def test_what_happens_after_the_as_at_changes_nothing(case: Case):
    """An incident reported later, and whatever is written of it, might as well not be there."""
    later = {row["incident_ref"] for row in case.records.incidents} - {line[4] for line in fast(case)}
    ours = [
        tuple(row for row in getattr(case.records, name) if row["incident_ref"] not in later)
        for name in ("incidents", "assessments", "referrals")
    ]
    assert fast(replace(case, records=Records(*ours, staff=case.records.staff))) == fast(case)


def lines_of_large_cases() -> str:
    """Return a digest of what the fast judge says of a few large cases."""
    found = hashlib.sha256()
    for seed in range(4):
        found.update(repr(fast(large_case(seed))).encode())
    return found.hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "Europe/London"])
def test_the_machines_zone_and_its_hashing_change_nothing(zone: str):
    program = "from tests.generative.test_laws import lines_of_large_cases; print(lines_of_large_cases())"
    machine = {**os.environ, "TZ": zone, "PYTHONHASHSEED": str(len(zone))}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=machine, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == lines_of_large_cases()
