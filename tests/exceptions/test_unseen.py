"""What falls due while a rule is not checked: as last judged, first due first, and only after so many hours."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dacompliance.exceptions.lifecycle import RuleState
from dacompliance.exceptions.unseen import too_long, unseen
from tests.exceptions.situations import NEXT, NOW, said
from tests.exceptions.test_tasks import EARLIER, LATE, SOON, morning, shown

UNCHECKED = RuleState(chase=True, status="not_checked")
SECOND = dt.timedelta(seconds=1)


def found(*rows: dict[str, Any], **given: Any) -> list[str]:
    states = {"C-01": UNCHECKED, "M-01": UNCHECKED, "N-01": RuleState(chase=True)}
    made = morning(rows=rows, items=map(shown, "123"), **{"states": states, **given})
    return [f"{each.rule_id} {each.item_ref}: {each.missing}" for each in unseen(made, ["C-01", "M-01"])]


def test_what_was_not_yet_due_and_will_be_by_the_next_list_is_told_first_due_first():
    rows = [
        said("pending", "C-01", "1", due_at=SOON),
        said("pending", "M-01", "2", due_at=LATE),
        said("pending", "C-01", "3", due_at=NEXT + SECOND),
    ]
    assert found(*rows) == ["M-01 2: no sign-off time recorded", "C-01 1: no MASH referral time recorded"]


@pytest.mark.parametrize(
    ("row", "given"),
    [
        pytest.param(said("breached", "C-01", "1", due_at=LATE), {}, id="what was overdue already is in the lists"),
        pytest.param(said("met", "C-01", "1", due_at=SOON), {}, id="what was done"),
        pytest.param(said("pending", "N-01", "1", due_at=SOON), {}, id="a rule that was checked, or not for too long"),
        pytest.param(said("pending", "C-01", "1", due_at=SOON), {"backlog": {"1"}}, id="the backlog"),
        pytest.param(said("pending", "C-01", "1", due_at=SOON), {"waived": {("C-01", "1")}}, id="what is waived"),
        pytest.param(said("pending", "C-01", "1", due_at=SOON, reason="assessments"), {}, id="what may not apply"),
        pytest.param(said("pending", "C-01", "1", due_at=SOON), {"states": {"C-01": RuleState(chase=False, status="not_checked")}}, id="what is not chased"),
        pytest.param(said("pending", "C-01", "1", due_at=SOON), {"states": {}}, id="a rule that is gone"),
    ],
)  # fmt: skip
def test_nothing_else_is(row, given):
    assert found(row, **given) == []


@pytest.mark.parametrize(
    ("as_at", "told"),
    [
        pytest.param(NOW - dt.timedelta(hours=48), True, id="the configured hours to the second"),
        pytest.param(NOW - dt.timedelta(hours=48) + SECOND, False, id="a second less"),
        pytest.param(EARLIER, False, id="yesterday's"),
    ],
)
def test_it_is_told_after_the_configured_hours(as_at, told):
    assert too_long({"C-01": as_at}, NOW, 48) == ({"C-01": as_at} if told else {})
