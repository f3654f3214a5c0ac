import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.judging.measures import Share
from dacompliance.reporting.funnel import Band, band, funnel_limits
from tests.reporting.references import reference

CASE = reference("funnel_limits_proportion")
LARGE = [row for row in CASE["limits_percent"] if row[0] >= 1000]


@pytest.mark.parametrize("row", LARGE, ids=lambda row: f"{row[0]:.0f} cases")
def test_limits_of_large_groups_are_those_of_public_health_england(row):
    n, lower95, upper95, lower998, upper998 = row
    centre, tolerance = CASE["baseline_percent"] / 100, CASE["tolerance_abs_percentage_points"]
    for level, lower, upper in ((0.95, lower95, upper95), (0.998, lower998, upper998)):
        found = funnel_limits(centre, int(n), level)
        assert 100 * found.lower == pytest.approx(lower, abs=tolerance)
        assert 100 * found.upper == pytest.approx(upper, abs=tolerance)


@pytest.mark.parametrize(
    "row", CASE["derived_small_team_table_at_70_percent"]["rows"], ids=lambda row: f"{row['n']} cases"
)
def test_limits_of_small_groups_are_exact(row):
    lower998, lower95, upper95, upper998 = row["exact_interpolated"]
    found95, found998 = funnel_limits(0.7, row["n"], 0.95), funnel_limits(0.7, row["n"], 0.998)
    found = [found998.lower, found95.lower, found95.upper, found998.upper]
    assert found == pytest.approx([lower998, lower95, upper95, upper998], abs=1e-6)


def test_significance_of_the_published_areas():
    words = {
        "High (0.001)": Band.HIGH_ACT,
        "Low (0.001)": Band.LOW_ACT,
        "High (0.025)": Band.HIGH_LOOK,
        "Low (0.025)": Band.LOW_LOOK,
        "Not significant": Band.USUAL,
    }
    centre = CASE["significance"]["all_areas_baseline"]
    rows = CASE["significance"]["sample_rows"]
    assert {band(Share(round(row["x"]), row["n"]), centre) is words[row["band"]] for row in rows} == {True}
    assert len(rows) > 30


@pytest.mark.parametrize(
    ("share", "word"),
    [
        pytest.param(Share(9, 9), Band.TOO_FEW, id="nine are too few"),
        pytest.param(Share(0, 0), Band.TOO_FEW, id="none at all"),
        pytest.param(Share(70, 100), Band.USUAL, id="on the average"),
        pytest.param(Share(61, 100), Band.USUAL, id="inside"),
        pytest.param(Share(60, 100), Band.LOW_LOOK, id="beyond 95"),
        pytest.param(Share(54, 100), Band.LOW_ACT, id="beyond 99.8"),
        pytest.param(Share(79, 100), Band.HIGH_LOOK, id="above 95"),
        pytest.param(Share(83, 100), Band.HIGH_ACT, id="above 99.8"),
    ],
)
def test_a_group_is_told_whether_to_look_or_to_ask_why(share, word):
    assert band(share, 0.7) is word


@pytest.mark.parametrize(
    ("share", "centre", "word"),
    [
        pytest.param(Share(366, 366), 0.998, Band.USUAL, id="all, as half of such groups are"),
        pytest.param(Share(0, 366), 0.002, Band.USUAL, id="none, as half of such groups are"),
        pytest.param(Share(366, 366), 0.985, Band.HIGH_LOOK, id="all, as 4 in 1,000 are"),
        pytest.param(Share(366, 366), 0.9, Band.HIGH_ACT, id="all, as hardly any is"),
        pytest.param(Share(0, 366), 0.1, Band.LOW_ACT, id="none, as hardly any is"),
    ],
)
def test_all_or_none_of_a_group_stands_out_only_where_chance_seldom_brings_it(share, centre, word):
    assert band(share, centre) is word


@pytest.mark.parametrize("centre", [0.0, 1.0])
def test_where_everyone_is_alike_the_limits_are_the_line(centre):
    found = funnel_limits(centre, 40, 0.95)
    assert (found.lower, found.upper) == (centre, centre)


@given(st.integers(1, 3000), st.floats(0.01, 0.99))
def test_wider_levels_hold_narrower_ones_and_the_centre_of_all_but_the_smallest(n, centre):
    near, far = funnel_limits(centre, n, 0.95), funnel_limits(centre, n, 0.998)
    assert 0 <= far.lower <= near.lower <= near.upper <= far.upper <= 1
    assert n < 50 or near.lower <= centre + 0.02
    assert n < 50 or near.upper >= centre - 0.02
