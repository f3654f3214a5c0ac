"""Is it changing, where, and why: the sentence a reader in a hurry takes away."""

from __future__ import annotations

import pandas as pd
import pytest

from dacompliance.judging.groups import BREAKDOWNS
from dacompliance.judging.measures import RULE
from dacompliance.reporting import brief
from dacompliance.reporting.funnel import Band
from dacompliance.reporting.groupfacts import GroupRow
from dacompliance.reporting.rates import Rates, Tallies, rates
from dacompliance.reporting.wording import Wording

OTHERWISE = dict.fromkeys((*BREAKDOWNS, "week"), "x")


def of(*groups: tuple[str, str, int]) -> Rates:
    """Count cases of one full month: team, category, how many."""
    rows = [
        {**OTHERWISE, "month": "2026-10", "team": team, "category": category, "judged": True, "met": category == "met"}
        for team, category, number in groups
        for _ in range(number)
    ]
    cases = pd.DataFrame(rows, columns=[*OTHERWISE, "month", "category", "judged", "met"])
    return rates("RA-01", Tallies(cases, RULE), cases, "2026-11")


def test_one_month_says_nothing_about_change():
    assert brief.changing(of(("A", "met", 30))) == "Too few full months to say whether it is changing."


@pytest.mark.parametrize(
    ("teams", "said"),
    [
        pytest.param({"A": (80, 20), "B": (79, 21)}, "No area or team stands apart from all together in the last 12 full months.", id="nobody"),
        pytest.param({"A": (95, 5), "B": (40, 60), "C": (90, 10)},
                     "In the last 12 full months: team B below the others by more than chance; "
                     "teams A and C above the others by more than chance.", id="the lowest first"),
        pytest.param({"A": (80, 20), "B": (0, 3)}, "No area or team stands apart from all together in the last 12 full months.",
                     id="three cases accuse nobody"),
        pytest.param({}, "Too few cases to compare areas and teams.", id="nothing judged"),
    ],
)  # fmt: skip
def test_where_names_the_teams_that_stand_apart(teams, said):
    found = of(
        *((team, name, n) for team, both in teams.items() for name, n in zip(("met", "not met"), both, strict=True))
    )
    assert brief.where(found) == said


def test_many_teams_are_counted_and_not_listed():
    low = [(f"L{n}", "not met", 40) for n in range(7)]
    assert "teams 7 below" not in (said := brief.where(of(*low, *((f"H{n}", "met", 40) for n in range(2)))))
    assert said.startswith(
        "In the last 12 full months: 7 teams below the others by more than chance; teams H0 and H1 above"
    )


def test_why_counts_what_counts_against_it_the_most_common_first():
    found = of(("A", "met", 50), ("A", "late", 10), ("A", "not met", 30))
    said = "Of the 40 that count against it in the last 12 full months: 30 not met (75%); 10 late (25%)."
    assert brief.why(found.of_year, RULE) == said
    assert brief.why(of(("A", "met", 50)).of_year, RULE) == "Nothing counts against it in the last 12 full months."


def row(key: str, band: Band) -> GroupRow:
    counts = of(("A", "met", 50)).of_year
    words = Wording(
        f"{key} in time", f"{key}: a title that is much too long for a sentence", "In time", "incidents", "were"
    )
    return GroupRow(key, words, counts, counts.share, band, "page", "file", "judged")


def test_a_team_is_told_in_which_measures_it_stands_apart():
    rows = [
        row("RA-01", Band.HIGH_LOOK),
        row("REF-01", Band.LOW_ACT),
        row("SUP-01", Band.LOW_ACT),
        row("SUP-02", Band.USUAL),
    ]
    assert brief.beside(rows) == (
        "REF-01 in time and SUP-01 in time below the others by more than chance; RA-01 in time high, perhaps by chance."
    )
    assert brief.beside(rows[-1:]) == "In no measure does it stand apart from all together."
