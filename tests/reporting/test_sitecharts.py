"""The day a rule changed stands on its measure's chart, and only there."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from dacompliance.judging.groups import BREAKDOWNS
from dacompliance.judging.measures import RULE
from dacompliance.policy.files import load_pack
from dacompliance.policy.model import Rule
from dacompliance.reporting import wording
from dacompliance.reporting.rates import Tallies, rates
from dacompliance.reporting.sitecharts import drawn, rule_changes
from dacompliance.reporting.sitefacts import MeasureFacts
from dacompliance.resources import rules_folder

MONTHS = ("2026-08", "2026-09", "2026-10")
SEPTEMBER = dt.date(2026, 9, 16)


def rule_of(*days: dt.date) -> Rule:
    rule = load_pack(rules_folder()).rule("RA-01")
    return replace(rule, versions=tuple(replace(rule.versions[0], in_force_from=day) for day in days))


def measure(key: str, rule: Rule | None) -> MeasureFacts:
    """Twenty cases a month, all met."""
    row = {**dict.fromkeys((*BREAKDOWNS, "week"), "x"), "category": "met", "judged": True, "met": True}
    cases = pd.DataFrame([{**row, "month": month} for month in MONTHS for _ in range(20)])
    tallies = Tallies(cases, RULE)
    return MeasureFacts(key, wording.COMPLETION, RULE, cases, tallies, rates(key, tallies, cases, "2026-11"), rule)


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        pytest.param([dt.date(2014, 1, 1), SEPTEMBER], [SEPTEMBER], id="within the months"),
        pytest.param(
            [dt.date(2014, 1, 1), dt.date(2026, 8, 1)], [], id="with the first month: all of it is of one version"
        ),
        pytest.param([dt.date(2026, 8, 2)], [dt.date(2026, 8, 2)], id="the day after"),
        pytest.param([dt.date(2026, 12, 1)], [], id="not yet in force"),
    ],
)
def test_a_chart_shows_the_days_on_which_its_rule_changed_within_its_months(days, shown):
    other = rule_of(dt.date(2014, 1, 1))
    assert rule_changes(measure("RA-01", rule_of(*days)), other) == shown
    assert rule_changes(measure("completion", None), rule_of(*days)) == shown, "completion goes by its rule's limit"
    assert rule_changes(measure("fully-compliant", None), rule_of(*days)) == []


def test_the_day_is_written_beside_its_line():
    found = measure("RA-01", rule_of(SEPTEMBER))
    assert "Rule of 16 Sep 2026" in drawn(found.rates.chart, found.words, None, [SEPTEMBER])
    assert "Rule of" not in drawn(found.rates.chart, found.words, None)
