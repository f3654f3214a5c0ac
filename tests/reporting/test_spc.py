import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.judging.measures import Share
from dacompliance.reporting import spc
from dacompliance.reporting.spc import Change, Interval, Limits, Mark, Signal
from tests.reporting.references import reference, shares

WILSON = reference("wilson_intervals")
TRUTH = reference("spc_rule_truth_tables")
COUNTS = st.integers(0, 400).flatmap(lambda n: st.builds(Share, st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("case", WILSON["phe_cases"], ids=lambda case: f"{case['x']} of {case['n']}")
def test_wilson_intervals_are_those_of_public_health_england(case):
    share, tolerance = Share(case["x"], case["n"]), WILSON["tolerance_abs"]["phe_cases"]
    for level, name in ((0.95, "95"), (0.998, "99_8")):
        if f"lower{name}" in case:
            found = spc.wilson(share, level)
            assert found.lower == pytest.approx(case[f"lower{name}"], abs=tolerance)
            assert found.upper == pytest.approx(case[f"upper{name}"], abs=tolerance)


@pytest.mark.parametrize("case", WILSON["r_binom_cases_95"], ids=lambda case: f"{case['x']} of {case['n']}")
def test_wilson_intervals_are_those_of_r_down_to_none_and_all(case):
    found, tolerance = spc.wilson(Share(case["x"], case["n"])), WILSON["tolerance_abs"]["r_binom_cases_95"]
    assert found.lower == pytest.approx(case["lower95"], abs=tolerance)
    assert found.upper == pytest.approx(case["upper95"], abs=tolerance)


def test_nothing_has_no_interval():
    assert spc.wilson(Share(0, 0)) is None
    assert spc.difference(Share(0, 0), Share(3, 4)) is None


@given(COUNTS.filter(lambda share: share.n > 0), st.sampled_from([0.8, 0.95, 0.998]))
def test_an_interval_holds_its_rate_and_stays_between_none_and_all(share, level):
    found = spc.wilson(share, level)
    assert 0 <= found.lower <= share.x / share.n + 1e-12
    assert share.x / share.n - 1e-12 <= found.upper <= 1


# Newcombe, Statistics in Medicine 1998;17:873, table II, method 10.
@pytest.mark.parametrize(
    ("one", "other", "lower", "upper"),
    [
        pytest.param(Share(56, 70), Share(48, 80), 0.0524, 0.3339, id="56/70 less 48/80"),
        pytest.param(Share(9, 10), Share(3, 10), 0.1705, 0.8090, id="9/10 less 3/10"),
        pytest.param(Share(6, 7), Share(2, 7), 0.0582, 0.8062, id="6/7 less 2/7"),
        pytest.param(Share(5, 56), Share(0, 29), -0.0381, 0.1926, id="5/56 less 0/29"),
        pytest.param(Share(0, 10), Share(0, 20), -0.1611, 0.2775, id="0/10 less 0/20"),
        pytest.param(Share(10, 10), Share(0, 20), 0.6791, 1.0, id="10/10 less 0/20"),
    ],
)
def test_differences_of_two_rates_are_newcombes(one, other, lower, upper):
    found = spc.difference(one, other)
    assert found.lower == pytest.approx(lower, abs=5e-5)
    assert found.upper == pytest.approx(upper, abs=5e-5)


@pytest.mark.parametrize(
    ("now", "before", "word"),
    [
        pytest.param(Share(193, 212), Share(187, 212), Change.NONE, id="91 against 88 percent of 212"),
        pytest.param(Share(200, 212), Share(160, 212), Change.BETTER, id="94 against 75 percent"),
        pytest.param(Share(160, 212), Share(200, 212), Change.WORSE, id="75 against 94 percent"),
        pytest.param(Share(9, 9), Share(0, 200), Change.TOO_FEW, id="nine are too few whatever they say"),
        pytest.param(Share(0, 200), Share(0, 0), Change.TOO_FEW, id="nothing before"),
        pytest.param(Share(56, 70), Share(48, 80), Change.NONE, id="real at 95 percent, not at 99.8"),
    ],
)
def test_a_figure_looked_at_daily_changes_only_beyond_998_in_a_thousand(now, before, word):
    assert spc.change(now, before) is word


def test_p_chart_of_montgomery_with_varying_n():
    case = reference("p_chart_montgomery_t7_4_varying_n")
    points = shares(case["inputs"]["numerator"], case["inputs"]["denominator"])
    limits, tolerance = spc.p_limits(points, [True] * len(points)), case["tolerance_abs"]
    assert limits.centre == pytest.approx(case["expected"]["centre"], abs=tolerance)
    assert [limits.at(i).upper for i in range(25)] == pytest.approx(case["expected"]["ucl"], abs=tolerance)
    assert [limits.at(i).lower for i in range(25)] == pytest.approx(case["expected"]["lcl"], abs=tolerance)
    assert outside(points, limits) == case["expected"]["outside_3sigma_points_1based"]


def test_p_chart_of_montgomery_in_two_parts_with_points_left_out_of_the_baseline():
    case = reference("p_chart_montgomery_ex7_1_rebase_exclude")
    each, left_out = case["inputs"]["denominator_each"], case["inputs"]["exclude_samples_from_baseline"]
    for part in case["expected"]["parts"]:
        numbers = range(part["first_sample"], part["last_sample"] + 1)
        points = [Share(case["inputs"]["numerator"][number - 1], each) for number in numbers]
        limits = spc.p_limits(points, [number not in left_out for number in numbers])
        tolerance = case["tolerance_abs"]
        assert limits.centre == pytest.approx(part["centre"], abs=tolerance)
        assert limits.at(0).upper == pytest.approx(part["ucl"], abs=tolerance)
        assert limits.at(0).lower == pytest.approx(part["lcl"], abs=tolerance)
        found = [part["first_sample"] + place - 1 for place in outside(points, limits)]
        assert found == part["outside_3sigma_samples"], "points left out of the baseline are still tested"


def test_p_chart_of_36_small_months_raises_no_alarm():
    case = reference("p_chart_36_months_small_n")
    points = shares(case["inputs"]["numerator"], case["inputs"]["denominator"])
    limits, tolerance = spc.p_limits(points, [True] * len(points)), case["tolerance_abs"]
    for sigmas, name in ((3, "3sigma"), (2, "2sigma")):
        found = [limits.at(place, sigmas) for place in range(len(points))]
        assert [each.upper for each in found] == pytest.approx(case["expected"][f"upper_{name}"], abs=tolerance)
        assert [each.lower for each in found] == pytest.approx(case["expected"][f"lower_{name}"], abs=tolerance)
    assert not any(spc.marks([point.rate for point in points], limits))


def test_laney_limits_of_the_nhs_waiting_times():
    case = reference("p_prime_nhs_ae_4hour")
    points = shares(case["inputs"]["numerator"], case["inputs"]["denominator"])
    every = [True] * len(points)
    limits, tolerance = spc.laney_limits(points, every), case["tolerance_abs"]
    assert limits.centre == pytest.approx(case["expected"]["centre"], abs=case["tolerance_centre_abs"])
    assert spc.sigma_z(points, every) == pytest.approx(case["derived_here"]["sigma_z"], abs=1e-6)
    for sigmas, name in ((3, "3sigma"), (2, "2sigma")):
        found = [limits.at(place, sigmas) for place in range(len(points))]
        assert [each.upper for each in found] == pytest.approx(case["expected"][f"upper_{name}"], abs=tolerance)
        assert [each.lower for each in found] == pytest.approx(case["expected"][f"lower_{name}"], abs=tolerance)
    assert len(outside(points, limits)) == case["derived_here"]["p_prime_points_outside"]
    plain = spc.p_limits(points, every)
    assert len(outside(points, plain)) == case["derived_here"]["ordinary_p_chart_points_outside_of_20"]


def outside(points, limits):
    """Return the points, counted from 1, that are strictly outside 3 sigma."""
    found = spc.marks([point.rate for point in points], limits)
    return [place + 1 for place, mark in enumerate(found) if mark is not None and mark.signal is Signal.OUTSIDE]


def test_a_baseline_of_all_or_nothing_has_no_spread_to_speak_of():
    points = [Share(20, 20)] * 4
    assert spc.sigma_z(points, [True] * 4) == 1.0
    assert not any(spc.marks([1.0] * 4, spc.p_limits(points, [True] * 4)))


@pytest.mark.parametrize("case", TRUTH["shift"]["cases"], ids=str)
def test_a_shift_is_seven_on_one_side_and_marks_all_its_members(case):
    members = spc.shift_members(case["sign"])
    flagged = [place for place, flag in enumerate(case["end_of_run_flag"]) if flag]
    assert all(members[place] for place in flagged)
    assert any(members) == bool(flagged)


def test_all_members_of_a_shift_are_marked():
    case = TRUTH["shift"]["all_members_coloured"]
    assert [abs(side) for side in spc.shift_members([1, 1, 1, 1, 1, 1, 1, -1])] == case["coloured"]


@pytest.mark.parametrize("case", TRUTH["shift"]["powerbi_cases"], ids=str)
def test_a_shift_of_another_length_agrees_with_another_package(case):
    sides = [(value > case["centre"]) - (value < case["centre"]) for value in case["values"]]
    assert named(spc.shift_members(sides, case["n"])) == case["expected"]


@pytest.mark.parametrize("case", TRUTH["trend"]["cases"], ids=str)
def test_a_trend_is_seven_points_and_a_tie_breaks_it(case):
    members = spc.trend_members(case["values"])
    assert any(members) == any(case["end_of_run_flag"])
    for place, flag in enumerate(case["end_of_run_flag"]):
        assert not flag or members[place - 6 : place + 1] == [flag] * 7


@pytest.mark.parametrize("case", TRUTH["trend"]["powerbi_cases"], ids=str)
def test_a_trend_of_another_length_agrees_with_another_package(case):
    assert named(spc.trend_members(case["values"], case["n"])) == case["expected"]


@pytest.mark.parametrize("case", TRUTH["two_of_three"]["cases"], ids=str)
def test_two_of_three_near_a_limit_need_all_three_on_that_side(case):
    near = [flag * side for flag, side in zip(case["near"], case["side"], strict=True)]
    assert [abs(side) for side in spc.near_members(near, case["side"])] == case["coloured"]


@pytest.mark.parametrize("case", TRUTH["single_point"]["cases"], ids=str)
def test_a_point_on_the_limit_is_not_outside_it(case):
    limits = Limits(0.5, (0.5 / 3,) * len(case["values"]))
    tenths = [value / 10 for value in case["values"]]
    found = [mark.side if mark and mark.signal is Signal.OUTSIDE else 0 for mark in spc.marks(tenths, limits)]
    assert named(found) == case["expected"]


def named(sides):
    return [{0: "none", 1: "upper", -1: "lower"}[side] for side in sides]


def test_a_point_that_fits_several_causes_has_the_first_by_precedence():
    order = [Signal.OUTSIDE, Signal.TREND, Signal.NEAR, Signal.SHIFT]
    assert list(Signal) == order
    limits = Limits(0.5, (0.1,) * 7)
    rising = [0.51, 0.55, 0.6, 0.65, 0.71, 0.72, 0.81]
    found = spc.marks(rising, limits)
    assert found[-1] == Mark(Signal.OUTSIDE, 1)
    assert found[:-1] == [Mark(Signal.TREND, 1)] * 6


@pytest.mark.parametrize(
    ("spread", "points", "expected"),
    [(0.46, 12, False), (0.45, 12, True), (0.62, 24, True), (0.63, 24, False), (0.0, 2, False), (0.0, 5, True)],
)
def test_points_too_even_for_chance_are_only_those_that_chance_brings_once_in_a_hundred(spread, points, expected):
    assert spc.too_even(spread, points) is expected


def test_limits_never_leave_what_a_share_can_be():
    assert Limits(0.25, (0.125,)).at(0) == Interval(0.0, 0.625)
    assert Limits(0.75, (0.125,)).at(0) == Interval(0.375, 1.0)


@given(st.lists(COUNTS.filter(lambda share: share.n > 0), min_size=2, max_size=30))
def test_points_turned_upside_down_get_the_same_limits_turned_upside_down(points):
    every = [True] * len(points)
    turned = [Share(point.n - point.x, point.n) for point in points]
    up, down = spc.p_limits(points, every), spc.p_limits(turned, every)
    assert up.centre == pytest.approx(1 - down.centre)
    assert up.sigma == pytest.approx(down.sigma)
    assert math.isclose(spc.sigma_z(points, every), spc.sigma_z(turned, every), rel_tol=1e-6, abs_tol=1e-9)


@pytest.mark.parametrize("case", [c for c in TRUTH["assurance"]["cases"] if c["improvement"] == "increase"], ids=str)
def test_assurance_is_that_of_the_nhs_tools_where_high_is_good(case):
    word = {"consistent_pass": "P", "consistent_fail": "F", "inconsistent": "?"}[case["expected"]]
    assert spc.assurance(TRUTH["assurance"]["target"] / 10, Interval(case["lpl"] / 10, case["upl"] / 10)) == word


def test_a_target_on_a_limit_is_hit_and_miss():
    assert spc.assurance(0.5, Interval(0.5, 0.7)) is spc.Assurance.HIT_AND_MISS
    assert spc.assurance(0.7, Interval(0.5, 0.7)) is spc.Assurance.HIT_AND_MISS
