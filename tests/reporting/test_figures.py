import datetime as dt
import random

import pandas as pd
import pytest

from dacompliance.judging.completion import Category, tabulate
from dacompliance.judging.measures import Share
from dacompliance.policy.model import Clock, Deadline
from dacompliance.reporting import prose, spc
from dacompliance.reporting.figures import figures, monthly
from dacompliance.reporting.funnel import Band
from dacompliance.reporting.series import last_year
from dacompliance.reporting.spc import Change, Signal
from tests.reporting.samples import OFFICE, case, cases, facts


def month_of(month: str, complete: int, due: int, area: str = "Northmoor", start: int = 0) -> list[dict]:
    year, number = (int(part) for part in month.split("-"))
    return [
        case(start + n, dt.date(year, number, 1 + n % 28), area, Category.COMPLETE if n < complete else Category.SILENT)
        for n in range(due)
    ]


def months(counts: list[tuple[int, int]], last: str = "2026-10") -> pd.DataFrame:
    rows: list[dict] = []
    year, number = (int(part) for part in last.split("-"))
    for ago, (complete, due) in zip(range(len(counts) - 1, -1, -1), counts, strict=True):
        at = year * 12 + number - 1 - ago
        rows += month_of(f"{at // 12}-{at % 12 + 1:02d}", complete, due, start=len(rows))
    return pd.DataFrame(rows)


def test_limits_are_fixed_on_the_first_twelve_full_months():
    chart = monthly(months([(70, 100)] * 12 + [(90, 100)] * 3), "2026-11")
    assert not chart.trial
    assert chart.baseline == tuple(month.month for month in chart.months[:12])
    assert chart.centre == pytest.approx(0.7)
    assert [month.mark.signal for month in chart.months[-3:]] == [Signal.OUTSIDE] * 3


def test_with_fewer_than_twelve_limits_are_trial_and_rest_on_all():
    chart = monthly(months([(70, 100)] * 10 + [(80, 100)]), "2026-11")
    assert chart.trial
    assert len(chart.baseline) == 11
    assert "Trial limits" in prose.limits_method(chart)


def test_a_month_that_is_not_over_is_drawn_and_not_tested_and_no_baseline():
    chart = monthly(months([(70, 100)] * 6 + [(0, 100)]), "2026-10")
    newest = chart.months[-1]
    assert (newest.over, newest.mark) == (False, None)
    assert newest.limits is None, "limits of a few incidents are so wide that they would flatten the chart"
    assert chart.centre == pytest.approx(0.7)
    assert prose.signal(newest) == "month not over"


def test_a_month_with_fewer_than_ten_due_is_neither_drawn_nor_tested():
    chart = monthly(months([(70, 100)] * 6 + [(0, 9)] + [(70, 100)]), "2026-11")
    assert (chart.months[6].limits, chart.months[6].mark) == (None, None)
    assert prose.signal(chart.months[6]) == "not tested"
    assert chart.centre == pytest.approx(0.7)


@pytest.mark.parametrize("counts", [[], [(70, 100)], [(5, 9)] * 14])
def test_too_few_months_have_no_limits(counts):
    chart = monthly(months(counts) if counts else cases(months=1).iloc[:0], "2026-11")
    assert chart.centre is None
    assert prose.limits_method(chart).startswith("There are no control limits")
    assert prose.special_months(chart) == "No month can be tested yet."


def test_months_that_vary_more_than_chance_have_laneys_limits():
    wild = monthly(months([(55, 100), (85, 100)] * 6), "2026-11")
    assert wild.overdispersed
    assert prose.limits_method(wild).startswith("Laney")
    even = monthly(months([(70, 100), (71, 100)] * 6), "2026-11")
    assert spc.too_even(even.spread, 12)
    assert "copied" in prose.limits_method(even)


@pytest.mark.parametrize(
    ("counts", "word", "headline"),
    [
        pytest.param([(70, 100)] * 13, Change.NONE, "has not really changed", id="the same"),
        pytest.param([(70, 100)] * 12 + [(88, 100)], Change.BETTER, "is improving: October 2026 is high", id="better"),
        pytest.param([(70, 100)] * 12 + [(40, 100)], Change.WORSE, "is getting worse: October 2026 is low", id="worse"),
        pytest.param([(70, 100)], Change.TOO_FEW, "too few full months", id="one month"),
    ],
)
def test_the_newest_full_month_decides_the_verdict(counts, word, headline):
    chart = monthly(months(counts), "2026-11")
    assert prose.verdict(chart.months[-1]) is word
    assert headline in prose.headline(chart, chart.months[-1])


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        pytest.param(
            [(70, 100)] * 13, "No real change from the 70.0% of October 2025 to September 2026.", id="the same"
        ),
        pytest.param(
            [(70, 100)] * 12 + [(88, 100)],
            "Improving: better than the 70.0% of October 2025 to September 2026 by more than chance.",
            id="better",
        ),
        pytest.param(
            [(70, 100)] * 12 + [(70 - n, 100) for n in range(8)],
            "Getting worse: 7 or more months falling.",
            id="falling",
        ),
        pytest.param([(70, 100)], "Too few full months to say whether it is changing.", id="one month"),
    ],
)
def test_the_newest_full_month_is_held_against_the_months_of_its_limits(counts, words):
    chart = monthly(months(counts), "2026-11")
    assert prose.standing(chart, chart.months[-1]) == words


def test_months_out_of_control_are_named_in_a_sentence():
    chart = monthly(months([(70, 100)] * 12 + [(40, 100), (90, 100)]), "2026-11")
    assert prose.special_months(chart) == (
        "Months that chance does not explain: October 2026 (high: outside the limits); "
        "September 2026 (low: outside the limits)."
    )
    assert prose.special_months(monthly(months([(70, 100)] * 12), "2026-11")) == "No month stands out."


def test_a_trend_is_rising_or_falling():
    chart = monthly(months([(60, 100)] * 12 + [(60 + n, 100) for n in range(1, 8)]), "2026-11")
    assert prose.signal(chart.months[-1]) == "rising: 7 or more moving one way"


@pytest.mark.parametrize(
    ("month", "first", "expected"),
    [
        ("2026-10", "2024-10", ("2025-11", "2026-10")),
        ("2026-12", "2024-10", ("2026-01", "2026-12")),
        ("2026-01", "2024-10", ("2025-02", "2026-01")),
        ("2026-10", "2026-03", ("2026-03", "2026-10")),
    ],
)
def test_the_last_twelve_full_months_go_back_as_far_as_there_are_any(month, first, expected):
    chart = monthly(months([(7, 10)] * 40, last="2026-12"), "2027-01")
    since = [each.month for each in chart.months if each.month >= first]
    assert last_year(month, since) == expected


def test_an_area_is_held_against_all_areas_of_the_same_months():
    rows = (
        month_of("2026-10", 70, 100) + month_of("2026-10", 40, 100, "Southley") + month_of("2026-10", 9, 9, "Tinyton")
    )
    rows += month_of("2024-10", 0, 300, "Northmoor")
    found = figures(facts(), pd.DataFrame(rows))
    assert [(area.name, area.counts.share) for area in found.areas] == [
        ("Northmoor", Share(70, 100)),
        ("Southley", Share(40, 100)),
        ("Tinyton", Share(9, 9)),
    ]
    assert [area.band for area in found.areas] == [Band.HIGH_LOOK, Band.LOW_ACT, Band.TOO_FEW]
    assert found.of_year.share == Share(119, 209)


def test_the_last_full_month_is_never_the_one_the_as_at_is_in():
    found = figures(facts(), cases())
    assert found.last is not None
    assert found.last.month == "2026-10"
    assert found.chart.months[-1].month == "2026-11"


def test_figures_are_counted_from_the_cases_and_from_nothing_else():
    frame = cases()
    found = figures(facts(), frame)
    assert found.everything.share == Share(int(frame["complete"].sum()), int(frame["counted"].sum()))
    assert sum(month.counts.due for month in found.chart.months) == found.everything.due
    assert sum(number for _, number in found.excluded_reasons) == found.everything.excluded
    assert sum(number for _, number in found.versions) == (frame["version"] != "").sum()
    assert found.everything.population == len(frame) == tabulate(frame).iloc[0]["population"]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        pytest.param(Share(999, 1000), "99.9%", id="plain"),
        pytest.param(Share(9_999, 10_000), "99.9%", id="not quite all is not 100.0%"),
        pytest.param(Share(10_000, 10_000), "100.0%", id="all"),
        pytest.param(Share(1, 10_000), "0.1%", id="not quite none is not 0.0%"),
        pytest.param(Share(0, 10_000), "0.0%", id="none"),
        pytest.param(Share(193, 212), "91.0%", id="rounded"),
        pytest.param(Share(9, 9), "[u] fewer than 10", id="nine are too few for a rate"),
        pytest.param(Share(0, 0), "[z] none due", id="nothing"),
    ],
)
def test_a_rate_never_says_more_than_the_counts(share, words):
    assert prose.percent(share) == words


@pytest.mark.parametrize(
    ("deadline", "words"),
    [
        (None, "no limit"),
        (Deadline("reported_at", 1, Clock.HOURS), "1 hour of real time"),
        (Deadline("reported_at", 24, Clock.HOURS), "24 hours of real time"),
        (Deadline("reported_at", 3, Clock.DAYS), "3 calendar days"),
        (Deadline("reported_at", 1, Clock.WORKING_DAYS, OFFICE), "1 working day of the calendar “office”"),
        (Deadline("reported_at", 16, Clock.WORKING_HOURS, OFFICE), "16 working hours of the calendar “office”"),
    ],
)
def test_a_limit_is_said_in_words(deadline, words):
    assert prose.limit(deadline) == words


def test_months_that_vary_as_chance_has_it_are_said_to():
    dice = random.Random(2)
    chart = monthly(months([(sum(dice.random() < 0.7 for _ in range(100)), 100) for _ in range(40)]), "2026-11")
    assert not chart.overdispersed
    assert "months vary about as chance between cases makes them" in prose.limits_method(chart)


def test_the_last_28_days_are_compared_only_where_both_have_enough():
    few = figures(facts(), pd.DataFrame(month_of("2026-10", 70, 100)))
    assert prose.recent(few).startswith("The last 28 days cannot be compared")
    assert prose.recent(figures(facts(), cases())) == "No real change (the 28 days before: 57.8% of 102)."
