"""Waivers: when they stand, what ends them, and that each beginning and end is said once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dacompliance.exceptions.model import EventKind
from dacompliance.exceptions.waivers import Ending, Noted, Waiver, expires, note
from tests.exceptions.situations import ITEM, NOW, RULE, standing, standings
from tests.helpers import LONDON, when

LAST_DAY = dt.date(2026, 11, 5)
IDENTITY = (RULE, ITEM)
ENDED = {"ended_at": NOW, "ending": Ending.ENDED}


def waiver(number: int = 1, **given: Any) -> Waiver:
    plain = {"author": "Insp", "reason": "in hospital", "made_at": NOW, "last_day": LAST_DAY, "noted": True}
    return Waiver(number, RULE, ITEM, **{**plain, **given})


def noted(*waivers: Waiver, is_open: bool = True, turned: bool = False, now: str = "Wed 2026-11-04 06:30") -> Noted:
    known = standings(standing(is_open=is_open, owner_now="team:North"))
    return note(waivers, known, {IDENTITY} if turned else (), when(now), LONDON)


def told(made: Noted) -> list[str]:
    return [f"{each.kind.value} {each.reason}" for each in made.events]


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        pytest.param("2026-11-05", "Fri 2026-11-06 00:00", id="24:00 of its last day"),
        pytest.param("2026-03-28", "Sun 2026-03-29 00:00", id="before the clocks go forward"),
        pytest.param("2026-03-29", "Mon 2026-03-30 00:00", id="on the day they do"),
        pytest.param("2026-10-25", "Mon 2026-10-26 00:00", id="on the day they go back"),
    ],
)
def test_a_waiver_expires_at_the_end_of_its_last_local_day(day, instant):
    assert expires(dt.date.fromisoformat(day), LONDON) == when(instant)


@pytest.mark.parametrize(
    ("given", "now", "ending"),
    [
        pytest.param({}, "Thu 2026-11-05 23:59:59", None, id="its last second"),
        pytest.param({}, "Fri 2026-11-06 00:00", Ending.EXPIRED, id="24:00 of its last day"),
        pytest.param({"is_open": False}, "Wed 2026-11-04 06:30", Ending.CLOSED, id="the exception closed"),
        pytest.param({"turned": True}, "Wed 2026-11-04 06:30", Ending.BREACHED, id="undetermined became breached"),
        pytest.param(
            {"is_open": False, "turned": True}, "Fri 2026-11-06 00:00", Ending.CLOSED, id="closed comes first"
        ),
        pytest.param({"turned": True}, "Fri 2026-11-06 00:00", Ending.BREACHED, id="then breached"),
    ],
)
def test_the_first_that_fits_ends_a_waiver(given, now, ending):
    made = noted(waiver(), now=now, **given)
    assert made.ended == ({} if ending is None else {1: ending})
    assert made.standing == ({IDENTITY} if ending is None else set())
    assert told(made) == ([] if ending is None else [f"waiver_ended {ending}"])


@pytest.mark.parametrize(
    ("one", "events", "stands"),
    [
        pytest.param(waiver(noted=False), ["waived 2026-11-05"], True, id="made since the last run"),
        pytest.param(waiver(), [], True, id="noted before"),
        pytest.param(waiver(**ENDED), ["waiver_ended ended"], False, id="ended by a person since the last run"),
        pytest.param(waiver(noted=False, **ENDED), ["waived 2026-11-05", "waiver_ended ended"], False, id="made and ended since"),
        pytest.param(waiver(**ENDED, end_noted=True), [], False, id="both noted before"),
    ],
)  # fmt: skip
def test_what_a_person_decided_is_said_once_by_the_next_run(one, events, stands):
    made = noted(one)
    assert told(made) == events
    assert bool(made.standing) is stands
    assert made.begun == (() if one.noted else (1,))


def test_a_waiver_ended_and_another_made_between_two_runs_are_two():
    made = noted(waiver(1, **ENDED), waiver(2, noted=False))
    assert told(made) == ["waiver_ended ended", "waived 2026-11-05"]
    assert made.standing == {IDENTITY}


def test_its_events_name_the_owner_and_the_exception_and_no_reason_a_person_gave():
    (event,) = noted(waiver(noted=False)).events
    assert (event.identity, event.owner, event.kind) == (IDENTITY, "team:North", EventKind.WAIVED)
    assert "hospital" not in repr(event)
    assert "hospital" not in repr(waiver())
