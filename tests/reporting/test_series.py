"""Months with their limits: frozen, trial, and set anew by a decision that keeps the old ones."""

import datetime as dt
from dataclasses import dataclass

import pytest

from dacompliance.judging.measures import Share
from dacompliance.reporting import prose
from dacompliance.reporting.series import Rebase, chart


@dataclass(frozen=True)
class Counts:
    x: int
    n: int

    @property
    def share(self) -> Share:
        return Share(self.x, self.n)


def months(pairs, first=(2024, 1)):
    start = first[0] * 12 + first[1] - 1
    return [(f"{(start + i) // 12}-{(start + i) % 12 + 1:02d}", Counts(*pair)) for i, pair in enumerate(pairs)]


REBASED = Rebase("RA-01", dt.date(2025, 1, 1), "The new form", "Head of Performance")


def test_a_baseline_of_twelve_is_frozen_and_later_months_do_not_move_it():
    before = chart(months([(70, 100)] * 12), "2030-01")
    after = chart(months([(70, 100)] * 12 + [(95, 100)] * 12), "2030-01")
    assert after.centre == before.centre == pytest.approx(0.7)
    assert len(after.baseline) == 12
    assert not after.trial


def test_fewer_than_twelve_are_trial_and_move():
    few = chart(months([(70, 100)] * 11), "2030-01")
    assert few.trial
    assert chart(months([(70, 100)] * 10 + [(20, 100)]), "2030-01").centre != few.centre
    assert "Trial limits" in prose.limits_method(few)


def test_limits_are_set_anew_from_the_date_of_a_decision_and_the_old_ones_stay():
    found = chart(months([(60, 100)] * 12 + [(80, 100)] * 12), "2030-01", [REBASED])
    assert [part.centre for part in found.parts] == pytest.approx([0.6, 0.8])
    assert [month.centre for month in found.months] == pytest.approx([0.6] * 12 + [0.8] * 12)
    assert not any(month.mark for month in found.months), "no signal reaches across"
    without = chart(months([(60, 100)] * 12 + [(80, 100)] * 12), "2030-01")
    assert all(month.mark for month in without.months[12:])
    assert prose.limits_method(found).endswith(
        "Set anew from January 2025 by Head of Performance (1 January 2025): The new form"
    )


@pytest.mark.parametrize(
    ("date", "month"),
    [(dt.date(2025, 1, 1), "2025-01"), (dt.date(2025, 1, 2), "2025-02"), (dt.date(2025, 12, 31), "2026-01")],
)
def test_a_decision_in_the_middle_of_a_month_begins_with_the_first_whole_one(date, month):
    assert Rebase("RA-01", date, "why", "who").month == month


def test_a_part_with_one_month_has_no_limits_yet():
    found = chart(months([(60, 100)] * 12 + [(80, 100)]), "2030-01", [REBASED])
    assert found.months[-1].limits is None
    assert prose.signal(found.months[-1]) == "not tested"


def test_a_month_that_is_not_over_is_drawn_and_not_tested():
    found = chart(months([(60, 100)] * 12 + [(0, 100)]), "2025-01")
    assert found.months[-1].mark is None
    assert found.last.month == "2024-12"
