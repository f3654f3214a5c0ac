"""When the next list comes: what is due by then is due soon."""

from __future__ import annotations

from pathlib import Path

import pytest

from dacompliance.config import Job, Schedule
from dacompliance.run.due import next_list
from tests.helpers import when
from tests.notices.samples import settings

MORNING = (Job(name="morning", at="06:30"),)
LOOKED = (*MORNING, Job(name="look", at="14:00", rules="critical"), Job(name="pages", at="07:30", kind="report"))
WEEKDAYS = (Job(name="morning", at="06:30", on=("mon", "tue", "wed", "thu", "fri")),)
TWICE = (*MORNING, Job(name="evening", at="18:00"))


@pytest.mark.parametrize(
    ("jobs", "now", "expected"),
    [
        pytest.param(MORNING, "Tue 2026-11-03 06:30", "Wed 2026-11-04 06:30", id="the morning's own time is past"),
        pytest.param(MORNING, "Tue 2026-11-03 06:29", "Tue 2026-11-03 06:30", id="a minute before it"),
        pytest.param(MORNING, "Tue 2026-11-03 09:00", "Wed 2026-11-04 06:30", id="run by hand later"),
        pytest.param(MORNING, "Sat 2026-10-24 06:30", "Sun 2026-10-25 06:30", id="the clocks go back: 25 hours"),
        pytest.param(MORNING, "Sat 2026-03-28 06:30", "Sun 2026-03-29 06:30", id="the clocks go forward: 23 hours"),
        pytest.param(TWICE, "Tue 2026-11-03 06:30", "Tue 2026-11-03 18:00", id="another job is next"),
        pytest.param(TWICE, "Tue 2026-11-03 18:00", "Wed 2026-11-04 06:30", id="the first job of the next day"),
        pytest.param(LOOKED, "Tue 2026-11-03 06:30", "Wed 2026-11-04 06:30", id="a second look or a report is no list"),
        pytest.param(WEEKDAYS, "Fri 2026-11-06 06:30", "Mon 2026-11-09 06:30", id="over a weekend without lists"),
    ],
)
def test_the_next_list_comes_at_the_next_local_time_of_a_check_by_every_rule(jobs, now, expected):
    made = settings(Path()).model_copy(update={"schedule": Schedule(jobs=jobs)})
    assert next_list(when(now), made) == when(expected)
