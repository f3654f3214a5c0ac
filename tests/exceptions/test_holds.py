"""Holding a rule that would change too much at once: both limits, either direction, and what an operator accepted."""

from __future__ import annotations

import pytest

from dacompliance.exceptions.holds import Limits, Surge, surges
from dacompliance.exceptions.model import Closing, Event, EventKind
from tests.exceptions.situations import RULE, standing, standings

LIMITS = Limits(number=10, share=0.5)


def event(number: int, kind: EventKind = EventKind.OPENED, reason: str = "", rule_id: str = RULE) -> Event:
    return Event(rule_id, f"I{number}", "incident", f"I{number}", kind, reason)


def opening(count: int) -> list[Event]:
    return [event(number) for number in range(count)]


def closing(count: int, how: Closing) -> list[Event]:
    return [event(number, EventKind.CLOSED, how) for number in range(count)]


def found(events: list[Event], open_now: int = 0, accepted: Surge | None = None) -> dict[str, Surge]:
    known = standings(*(standing(item_ref=f"X{number}") for number in range(open_now)))
    return surges(events, known, LIMITS, {} if accepted is None else {RULE: accepted})


@pytest.mark.parametrize(
    ("events", "open_now", "held"),
    [
        pytest.param([], 5, False, id="nothing changes"),
        pytest.param(opening(10), 0, False, id="as many as the number"),
        pytest.param(opening(11), 0, True, id="one more, with none open"),
        pytest.param(opening(11), 21, True, id="one more, and more than half of those open"),
        pytest.param(opening(11), 22, False, id="one more, but no more than half of those open"),
        pytest.param([event(n, EventKind.REOPENED) for n in range(11)], 0, True, id="reopened"),
        pytest.param(closing(11, Closing.WITHDRAWN), 15, True, id="closed other than as done"),
        pytest.param(closing(11, Closing.RULE_REMOVED), 15, True, id="closed because the rule is gone"),
        pytest.param(closing(11, Closing.DONE), 15, False, id="done: no surge of work done is too good to be told"),
        pytest.param([*opening(10), *closing(10, Closing.EXCLUDED)], 0, False, id="each direction by itself"),
        pytest.param([event(n, EventKind.OWNER_CHANGED) for n in range(40)], 40, False, id="a reorganisation of teams"),
        pytest.param([event(n, EventKind.SUSPENDED) for n in range(40)], 40, False, id="switched off says so itself"),
    ],
)
def test_a_rule_is_held_beyond_both_limits(events, open_now, held):
    assert (RULE in found(events, open_now)) is held


def test_only_the_rule_that_surges_is_held():
    events = [*opening(11), event(1, rule_id="SUP-01")]
    assert list(found(events)) == [RULE]


def test_a_surge_says_in_counts_what_it_would_do():
    (surge,) = found([*opening(11), *closing(12, Closing.EXCLUDED)], 4).values()
    assert surge == Surge(RULE, 11, 12, 4)
    assert surge.words == "held: it would open 11 and close 12 other than as done at once, and has 4 open"


@pytest.mark.parametrize(
    ("now", "held"),
    [
        pytest.param(opening(40), False, id="what was accepted"),
        pytest.param(opening(50), False, id="and as many again as any morning may bring"),
        pytest.param(opening(51), True, id="but not another surge"),
        pytest.param([*opening(40), *closing(11, Closing.WITHDRAWN)], True, id="nor one in the other direction"),
    ],
)
def test_what_an_operator_accepted_goes_through_and_nothing_else(now, held):
    assert (RULE in found(now, accepted=Surge(RULE, 40, 0, 0))) is held
