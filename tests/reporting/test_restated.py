"""A published figure beside what is said now: the first run after the month was over, and what moved since."""

import pandas as pd

from dacompliance.judging.measures import RULE, Share
from dacompliance.reporting import wording
from dacompliance.reporting.restated import Published, restated
from tests.helpers import when

RUNS = (
    Published(1, when("Fri 2026-10-30 06:00"), "2026-10"),
    Published(2, when("Mon 2026-11-02 06:00"), "2026-11"),
    Published(3, when("Tue 2026-11-03 06:00"), "2026-11"),
)


def rows(*given):
    frame = pd.DataFrame(given, columns=["run_id", "period", "category", "count"])
    return frame.sort_values("run_id", kind="stable")


def test_the_first_figure_is_that_of_the_first_run_after_the_month():
    found = rows(
        (1, "2026-10", "met", 50), (1, "2026-10", "not met", 50), (2, "2026-10", "met", 60), (3, "2026-10", "met", 70),
        (3, "2026-10", "not met", 20), (3, "2026-10", "excluded", 10),
    )  # fmt: skip
    (one,) = restated(found, RULE, RUNS)
    assert (one.first.run_id, one.then, one.now) == (2, Share(60, 110), Share(70, 90))
    assert one.moved == (("met", 10), ("not met", -30), ("excluded", 10))
    assert wording.moved(one) == "10 more met; 30 fewer not met; 10 more excluded"


def test_a_figure_that_did_not_move_and_a_month_that_is_not_over_are_not_restated():
    found = rows((1, "2026-10", "met", 50), (2, "2026-11", "met", 5), (3, "2026-11", "met", 9))
    assert restated(found, RULE, RUNS) == ()


def test_a_run_that_did_not_measure_it_published_nothing():
    found = rows((1, "2026-10", "met", 50), (3, "2026-10", "met", 60))
    assert restated(found, RULE, (RUNS[0], *RUNS[2:])) == (), "run 3 was the first to publish it, and that stands"
    (one,) = restated(found, RULE, RUNS)
    assert one.then == Share(50, 50)


def test_excluding_cases_moves_a_figure_in_the_open():
    found = rows(
        (2, "2026-10", "met", 50),
        (2, "2026-10", "not met", 50),
        (3, "2026-10", "not met", 40),
        (3, "2026-10", "excluded", 10),
    )
    (one,) = restated(found, RULE, RUNS)
    assert one.now.rate > one.then.rate
    assert ("excluded", 10) in one.moved
