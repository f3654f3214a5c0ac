"""What the operator's e-mails mark as important: a critical case that has fallen due unseen, and nothing less."""

from __future__ import annotations

import pytest

from dacompliance.notices.operating import compose_failed, compose_missed, compose_unseen
from tests.notices.samples import AS_AT, BESIDE, FACTS, HOUSE, OPERATOR, task

TELL = {
    "unseen": lambda cases: compose_unseen(OPERATOR, cases, {"REF-01": AS_AT}, FACTS, HOUSE),
    "failed": lambda cases: compose_failed(OPERATOR, "the database cannot be reached", ["Tried again."], cases, BESIDE, HOUSE),
    "missed": lambda cases: compose_missed(OPERATOR, [FACTS.local_date], cases, BESIDE, HOUSE),
}  # fmt: skip


@pytest.mark.parametrize("kind", TELL)
@pytest.mark.parametrize(
    ("rule", "due", "important"),
    [
        pytest.param("REF-01", "Tue 2026-03-10 06:30", True, id="critical, and due before it is told at 06:31"),
        pytest.param("REF-01", "Tue 2026-03-10 06:31", False, id="critical, and due at the very moment"),
        pytest.param("REF-01", "Tue 2026-03-10 17:00", False, id="critical, and due later today"),
        pytest.param("REF-01", None, False, id="critical, with no time it is due"),
        pytest.param("RA-01", "Tue 2026-03-10 06:30", False, id="overdue, and not critical"),
    ],
)
def test_only_a_critical_case_that_has_fallen_due_unseen_is_important(kind, rule, due, important):
    assert TELL[kind]([task(rule=rule, section="due_soon", due=due, opened=None)]).important is important


@pytest.mark.parametrize("kind", TELL)
def test_nothing_falling_due_is_not_important(kind):
    assert not TELL[kind]([]).important
