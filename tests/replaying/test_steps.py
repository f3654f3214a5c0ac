"""Days, weeks and months of a replay: which days they are of, and when they are over."""

from __future__ import annotations

import datetime as dt

import pytest

from dacompliance.errors import UsageError
from dacompliance.replaying.steps import Every, steps
from tests.helpers import LONDON, when


def told(first: str, last: str, every: Every) -> list[tuple[str, str, str]]:
    found = steps(dt.date.fromisoformat(first), dt.date.fromisoformat(last), every, LONDON)
    return [(step.name, str(step.first), str(step.last)) for step in found]


@pytest.mark.parametrize(
    ("first", "last", "every", "wanted"),
    [
        pytest.param("2026-01-01", "2026-02-28", Every.MONTH, [("2026-01", "2026-01-01", "2026-01-31"), ("2026-02", "2026-02-01", "2026-02-28")], id="whole months"),
        pytest.param("2026-01-15", "2026-02-03", Every.MONTH, [("2026-01", "2026-01-15", "2026-01-31"), ("2026-02", "2026-02-01", "2026-02-03")], id="cut short at both ends"),
        pytest.param("2025-12-29", "2026-01-11", Every.WEEK, [("2026-W01", "2025-12-29", "2026-01-04"), ("2026-W02", "2026-01-05", "2026-01-11")], id="a week over New Year"),
        pytest.param("2026-01-07", "2026-01-07", Every.WEEK, [("2026-W02", "2026-01-07", "2026-01-07")], id="one day of a week"),
        pytest.param("2026-03-28", "2026-03-29", Every.DAY, [("2026-03-28", "2026-03-01", "2026-03-28"), ("2026-03-29", "2026-03-02", "2026-03-29")], id="a day is the 28 days to it"),
    ],
)  # fmt: skip
def test_a_step_is_of_its_days(first, last, every, wanted):
    assert told(first, last, every) == wanted


@pytest.mark.parametrize(
    ("day", "every", "ends", "next_ends"),
    [
        pytest.param(
            "2026-03-29", Every.DAY, "Mon 2026-03-30 00:00", "Tue 2026-03-31 00:00", id="the clocks went forward"
        ),
        pytest.param(
            "2026-10-25", Every.DAY, "Mon 2026-10-26 00:00", "Tue 2026-10-27 00:00", id="the clocks went back"
        ),
        pytest.param(
            "2026-01-31", Every.MONTH, "Sun 2026-02-01 00:00", "Sun 2026-03-01 00:00", id="the month after is shorter"
        ),
        pytest.param(
            "2026-11-01", Every.WEEK, "Mon 2026-11-02 00:00", "Mon 2026-11-09 00:00", id="a week ends on Sunday"
        ),
        pytest.param("2026-12-31", Every.MONTH, "Fri 2027-01-01 00:00", "Mon 2027-02-01 00:00", id="a year ends"),
    ],
)
def test_a_step_is_over_at_local_midnight(day, every, ends, next_ends):
    at = dt.date.fromisoformat(day)
    (step,) = steps(at, at, every, LONDON)
    assert (step.ends, step.next_ends) == (when(ends), when(next_ends))


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(UsageError, match="ends before it begins"):
        steps(dt.date(2026, 1, 2), dt.date(2026, 1, 1), Every.DAY, LONDON)
