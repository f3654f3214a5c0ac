"""Rates of a measure: numerator within denominator within population, in every group, from the cases alone."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.judging.groups import BREAKDOWNS
from dacompliance.judging.measures import RULE, Place
from dacompliance.reporting import wording
from dacompliance.reporting.rates import Tallies, rates, with_history

PLACES = [str(each) for each in Place]
JUDGED = {*RULE.hits, *RULE.misses}


def frame(rows):
    """Make cases of (month, area, place)."""
    return pd.DataFrame(
        {
            "item_ref": [f"I{n}" for n in range(len(rows))],
            "incident_ref": [f"I{n}" for n in range(len(rows))],
            "month": [month for month, _, _ in rows],
            "week": [f"{month[:4]}-W01" for month, _, _ in rows],
            **{name: [area for _, area, _ in rows] for name in BREAKDOWNS},
            "category": [place for _, _, place in rows],
            "judged": [place in JUDGED for _, _, place in rows],
            "met": [place == Place.MET for _, _, place in rows],
            "done": [place in (Place.MET, Place.LATE) for _, _, place in rows],
        }
    )


CASES = st.lists(
    st.tuples(
        st.sampled_from(["2026-08", "2026-09", "2026-10"]), st.sampled_from(["N", "S", ""]), st.sampled_from(PLACES)
    ),
    min_size=1,
    max_size=60,
).map(frame)


@given(CASES)
def test_numerator_is_part_of_denominator_is_part_of_population_in_every_group_and_groups_sum_to_all(cases):
    tallies = Tallies(cases, RULE)
    whole = tallies.all()
    for by in (("month",), ("week",), *((name,) for name in BREAKDOWNS), ("month", "area")):
        found = [tally for _, tally in tallies.by(*by)]
        assert all(0 <= each.x <= each.n <= each.population == sum(each.categories.values()) for each in found)
        assert sum(each.population for each in found) == whole.population
        assert sum(each.n for each in found) == whole.n
        assert sum(each.x for each in found) == whole.x


@pytest.mark.parametrize(
    ("column", "place"), [("met", Place.LATE), ("judged", Place.EXCLUDED), ("met", Place.EXCLUDED)]
)
def test_a_case_that_counts_against_its_category_is_refused(column, place):
    cases = frame([("2026-10", "N", str(place)), ("2026-10", "N", "met")]).assign(**{column: True})
    with pytest.raises(ArithmeticError, match="against their category"):
        Tallies(cases, RULE)


def test_a_numerator_beyond_its_denominator_is_refused():
    cases = frame([("2026-10", "N", "met")]).assign(judged=False)
    with pytest.raises(ArithmeticError):
        Tallies(cases, RULE)


def judged(places, earlier, waived=()):
    cases = with_history(frame([("2026-10", "N", place) for place in places]), earlier, waived)
    return rates("R-1", Tallies(cases, RULE), cases, "2026-11"), cases


@pytest.mark.parametrize(
    ("now", "left", "turned"),
    [
        pytest.param(Place.EXCLUDED, 1, 0, id="excluded after a breach"),
        pytest.param(Place.NOT_APPLICABLE, 1, 0, id="regraded after a breach"),
        pytest.param(Place.NOT_YET_DUE, 1, 0, id="its deadline moved"),
        pytest.param(Place.NO_VERSION, 1, 0, id="its date moved out of every version"),
        pytest.param(Place.MET, 0, 1, id="met after all"),
        pytest.param(Place.LATE, 0, 0, id="done late, which is what it is"),
        pytest.param(Place.NOT_MET, 0, 0, id="still not met"),
        pytest.param(Place.UNDETERMINED, 0, 0, id="nobody can tell any more"),
    ],
)
def test_what_raised_the_rate_after_it_was_counted_against_it_is_counted_and_said(now, left, turned):
    found, cases = judged(["met"] * 6 + ["late"] * 4 + [str(now)], {"I10": "not met"})
    counts = found.everything
    assert (counts.flags["left"], counts.flags["turned"]) == (left, turned)
    assert bool(wording.raised(counts)) is bool(left or turned)
    assert list(cases["earlier"]) == [""] * 10 + ["not met" if left or turned else ""]
    stayed = counts.had_they_stayed
    assert (stayed.x, stayed.n) == (6, 11)


def test_a_waived_case_is_counted_and_changes_nothing():
    plain, _ = judged(["met", "not met"], {})
    waived, _ = judged(["met", "not met"], {}, ["I1"])
    assert waived.everything.flags["waived"] == 1
    assert waived.everything.share == plain.everything.share


def test_what_cannot_be_judged_stays_in_the_denominator():
    found, _ = judged(["met", "cannot be judged"], {})
    assert (found.everything.x, found.everything.n) == (1, 2)


def test_a_group_that_is_missing_is_a_group():
    cases = frame([("2026-10", "not recorded", "met"), ("2026-10", "N", "met")])
    assert [name for (name,), _ in Tallies(cases, RULE).by("area")] == ["N", "not recorded"]
