"""Who must act and who hears: the order of semantics §6 Readers, and whom it passes over."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from dacompliance.exceptions.model import Reader
from dacompliance.exceptions.routing import (
    By,
    Directory,
    LastTold,
    Mailboxes,
    Place,
    Route,
    above,
    directory,
    heard_by,
    hears,
    mailboxes,
    owners,
    places,
    reader,
    route,
    router,
    tally,
)
from tests.exceptions.situations import rule, standing
from tests.helpers import LONDON, micros
from tests.worlds import UNREADABLE, table

BOXES = Mailboxes("unit@x.example", "fallback@x.example", teams={"Response B": "team-b@x.example"})
STAFF: list[dict[str, Any]] = [
    {"staff_id": "SUP", "email": "sup@x.example", "manager_id": "INSP"},
    {"staff_id": "GONE", "email": "gone@x.example", "manager_id": "INSP", "left_on": "Mon 2026-11-02"},
    {"staff_id": "LEAVING", "email": "leaving@x.example", "left_on": "Tue 2026-11-03"},
    {"staff_id": "GARBLED", "email": "garbled@x.example", "left_on": UNREADABLE},
    {"staff_id": "MUTE", "email": None},
    {"staff_id": "PC", "email": "pc@x.example", "manager_id": "INSP"},
    {"staff_id": "PC-GONE", "email": "pcg@x.example", "manager_id": "INSP", "left_on": "Mon 2026-11-02"},
    {"staff_id": "PC-ORPHAN", "email": "pco@x.example", "manager_id": "GONE"},
    {"staff_id": "PC-ALONE", "email": "pca@x.example"},
    {"staff_id": "INSP", "email": "insp@x.example"},
]


def known(as_at: str = "Tue 2026-11-03 06:30", boxes: Mailboxes = BOXES) -> Directory:
    return directory(table("staff", STAFF), boxes, micros(as_at), LONDON)


SUPERVISOR, MANAGER = Route("staff:SUP", By.SUPERVISOR), Route("staff:INSP", By.MANAGER)
INSTEAD = Route("unit", By.UNIT_INSTEAD)


@pytest.mark.parametrize(
    ("duty", "place", "expected"),
    [
        pytest.param("referral-unit", Place("Response B", "SUP", "PC"), Route("unit", By.UNIT), id="the unit's duty"),
        pytest.param("supervisor", Place("Response B", "SUP", "PC"), Route("team:Response B", By.TEAM), id="a team's mailbox comes first"),
        pytest.param("supervisor", Place("Response A", "SUP", "PC"), SUPERVISOR, id="a team without a mailbox"),
        pytest.param("supervisor", Place("response b", "SUP", "PC"), SUPERVISOR, id="a team is compared exactly"),
        pytest.param("supervisor", Place("", "SUP", "PC"), SUPERVISOR, id="no team"),
        pytest.param("supervisor", Place("", "", "PC"), MANAGER, id="no supervisor: the officer's manager"),
        pytest.param("supervisor", Place("", "NOBODY", "PC"), MANAGER, id="a supervisor whom staff do not know"),
        pytest.param("supervisor", Place("", "GONE", "PC"), MANAGER, id="a supervisor who left yesterday"),
        pytest.param("supervisor", Place("", "GARBLED", "PC"), MANAGER, id="a supervisor whose leaving date cannot be read"),
        pytest.param("supervisor", Place("", "MUTE", "PC"), MANAGER, id="a supervisor without an address"),
        pytest.param("supervisor", Place("", "LEAVING", "PC"), Route("staff:LEAVING", By.SUPERVISOR), id="a supervisor on their last day"),
        pytest.param("supervisor", Place("", "GONE", "PC-GONE"), MANAGER, id="an officer who has left still has a manager"),
        pytest.param("supervisor", Place("", "GONE", "PC-ORPHAN"), INSTEAD, id="a manager who has left: the unit"),
        pytest.param("supervisor", Place("", "GONE", "PC-ALONE"), INSTEAD, id="an officer without a manager: the unit"),
        pytest.param("supervisor", Place("", "", ""), INSTEAD, id="nobody is recorded: the unit"),
    ],
)  # fmt: skip
def test_a_duty_goes_to_the_first_who_can_be_reached(duty, place, expected):
    assert route(known(), duty, place) == expected


@pytest.mark.parametrize(
    ("as_at", "key"),
    [
        pytest.param("Tue 2026-11-03 23:59", "staff:LEAVING", id="the last minute of the day"),
        pytest.param("Wed 2026-11-04 00:00", "unit", id="the day after"),
    ],
)
def test_who_leaves_is_passed_over_from_the_local_day_after(as_at, key):
    assert route(known(as_at), "supervisor", Place("", "LEAVING", "")).key == key


def test_the_day_after_is_local_in_summer_too():
    leaves = [{"staff_id": "S", "email": "s@x.example", "left_on": "Tue 2026-06-02"}]
    on = {
        time: directory(table("staff", leaves), BOXES, micros(time), LONDON)
        for time in ("Tue 2026-06-02 23:30", "Wed 2026-06-03 00:30")
    }
    assert [bool(each.addresses) for each in on.values()] == [True, False]


@pytest.mark.parametrize("duty", ["referral-unit", "supervisor"])
def test_without_a_unit_the_fallback_hears(duty):
    assert route(known(boxes=Mailboxes(None, "fallback@x.example")), duty, Place("", "", "")) == Route(
        "fallback", By.FALLBACK
    )


def test_without_staff_every_supervisor_s_duty_goes_to_the_unit():
    nobody = directory(table("staff", []), BOXES, micros("Tue 2026-11-03 06:30"), LONDON)
    assert route(nobody, "supervisor", Place("", "SUP", "PC")) == INSTEAD


def test_the_router_knows_rules_and_incidents():
    duties = [rule("S-01", reader="supervisor"), rule("U-01", reader="referral-unit")]
    text = [
        np.array(cells, dtype=object) for cells in (["I1", "I2"], [None, "Response B"], ["SUP", None], [None, "PC"])
    ]
    routed = router(known(), duties, places(*text))
    assert (routed("S-01", "I1"), routed("S-01", "I2")) == (SUPERVISOR, Route("team:Response B", By.TEAM))
    assert (routed("U-01", "I1"), routed("U-01", "nowhere"), routed("gone", "I1")) == (
        Route("unit", By.UNIT),
        None,
        None,
    )
    assert (owners(routed)("S-01", "I1"), owners(routed)("S-01", "nowhere")) == ("staff:SUP", "")


def test_the_fallback_and_every_other_way_are_counted_over_open_exceptions():
    duties = [rule("S-01", reader="supervisor")]
    where = {"I1": Place("", "SUP", ""), "I2": Place("", "GONE", ""), "I3": Place("", "", "")}
    routed = router(known(boxes=Mailboxes(None, "fallback@x.example")), duties, where)
    open_ones = [standing("S-01", ref) for ref in ("I1", "I2", "I3", "nowhere")]
    assert tally([*open_ones, standing("S-01", "I3", is_open=False)], routed) == {By.SUPERVISOR: 1, By.FALLBACK: 2}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param("unit", Reader("unit", "unit@x.example", False, "Referral unit"), id="the unit"),
        pytest.param("team:Response B", Reader("team:Response B", "team-b@x.example", False, "Response B"), id="a team"),
        pytest.param("staff:SUP", Reader("staff:SUP", "sup@x.example", True, "Supervisor SUP"), id="a person, by number"),
        pytest.param("staff:GONE", Reader("fallback", "fallback@x.example", False, "Fallback"), id="one who has left"),
        pytest.param("team:Response Z", Reader("fallback", "fallback@x.example", False, "Fallback"), id="a team whose mailbox is gone"),
        pytest.param("data-quality", Reader("fallback", "fallback@x.example", False, "Fallback"), id="no data-quality mailbox"),
        pytest.param("", Reader("fallback", "fallback@x.example", False, "Fallback"), id="nobody"),
    ],
)  # fmt: skip
def test_a_key_has_one_reader(key, expected):
    assert reader(known(), key) == expected
    assert heard_by(known(), key) == expected.key


def test_configured_mailboxes_hear_every_day_the_unit_first():
    boxes = Mailboxes(
        "unit@x.example", "f@x.example", "dq@x.example", "op@x.example", {"B": "b@x.example", "A": "a@x.example"}
    )
    assert [each.key for each in mailboxes(known(boxes=boxes))] == ["unit", "team:A", "team:B", "fallback"]
    assert [reader(known(boxes=boxes), key).address for key in ("data-quality", "operator")] == [
        "dq@x.example",
        "op@x.example",
    ]


@pytest.mark.parametrize(
    ("boxes", "hear"),
    [
        pytest.param(Mailboxes("u@x.example", "f@x.example", escalation="e@x.example"), ["unit", "escalation", "fallback"], id="the escalation's too, where there is one"),
        pytest.param(Mailboxes("u@x.example", "u@x.example"), ["unit"], id="one address hears once"),
        pytest.param(Mailboxes(None, "f@x.example"), ["fallback"], id="without a unit the fallback"),
    ],
)  # fmt: skip
def test_a_mailbox_of_its_own_hears_every_day(boxes, hear):
    assert [each.key for each in mailboxes(known(boxes=boxes))] == hear


@pytest.mark.parametrize(
    ("owner", "escalation", "expected"),
    [
        pytest.param("staff:SUP", None, "staff:INSP", id="a person's manager"),
        pytest.param("staff:SUP", "e@x.example", "staff:INSP", id="a person's manager before the mailbox"),
        pytest.param("staff:PC-ORPHAN", "e@x.example", "escalation", id="the manager has left: the mailbox"),
        pytest.param("staff:PC-ORPHAN", None, None, id="the manager has left, and there is no mailbox"),
        pytest.param("unit", "e@x.example", "escalation", id="a mailbox has no manager"),
        pytest.param("unit", None, None, id="a mailbox has no manager, and there is no mailbox above"),
    ],
)
def test_who_is_above_an_owner(owner, escalation, expected):
    boxes = Mailboxes("unit@x.example", "f@x.example", escalation=escalation)
    assert above(known(boxes=boxes), owner) == expected


TODAY = dt.date(2026, 11, 3)


def last(day: dt.date, rows: int) -> LastTold:
    return LastTold(day, rows, run=1, as_at=dt.datetime.combine(day, dt.time(5), dt.UTC))


PERSON, BOX = Reader("staff:SUP", "", True, ""), Reader("unit", "", False, "")


@pytest.mark.parametrize(
    ("who", "rows", "last", "expected"),
    [
        pytest.param(BOX, 0, None, True, id="a mailbox with nothing hears"),
        pytest.param(PERSON, 1, None, True, id="a person with something hears"),
        pytest.param(PERSON, 0, None, False, id="a person never told anything hears nothing"),
        pytest.param(PERSON, 0, last(dt.date(2026, 11, 2), 3), True, id="a person hears once when the list empties"),
        pytest.param(PERSON, 0, last(dt.date(2026, 11, 2), 0), False, id="and not again the next day"),
        pytest.param(PERSON, 0, last(dt.date(2026, 10, 28), 0), False, id="nor on the sixth"),
        pytest.param(PERSON, 0, last(dt.date(2026, 10, 27), 0), True, id="but a week after"),
    ],
)
def test_a_mailbox_hears_every_day_and_a_person_when_there_is_something(who, rows, last, expected):
    assert hears(who, rows, last, TODAY) is expected
