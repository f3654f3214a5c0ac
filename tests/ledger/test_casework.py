"""Exceptions in the ledger: what stands is always the sum of the events, as the pure lifecycle says."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.exceptions.lifecycle import RuleState, Situation, after
from dacompliance.exceptions.model import Closing, Event, EventKind, Standing
from dacompliance.ledger import casework, tables
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.ledger.runs import RuleState as State
from dacompliance.ledger.runs import RuleStatus, insert
from tests.ledger.builders import DAY, NOW, commit, opened, run_record

I1, I2 = ("REF-01", "I1"), ("REF-01", "I2")


def closed(item_ref: str = "I1", how: Closing = Closing.DONE) -> Event:
    return opened(item_ref, EventKind.CLOSED, reason=how)


def standings(ledger: Ledger) -> dict[tuple[str, str], Standing]:
    with ledger.read() as connection:
        return casework.standings(connection)


def test_an_exception_opens_with_its_owner_and_the_instant_of_its_run(ledger):
    commit(ledger, events=[opened("I1", about="assessment", incident_ref="I9", owner="team:North")])
    assert standings(ledger) == {
        I1: Standing("REF-01", "I1", "assessment", "I9", True, False, 0, NOW, "team:North", "team:North")
    }


def test_a_closed_exception_stays_with_why_it_closed(ledger):
    commit(ledger, events=[opened("I1"), opened("I2")])
    commit(ledger, events=[closed("I1", Closing.WITHDRAWN)], run={"as_at": NOW + DAY})
    assert [each.is_open for each in standings(ledger).values()] == [False, True]
    with ledger.read() as connection:
        rows = connection.execute(sa.select(tables.exception.c.closing, tables.exception.c.closed_run)).all()
        (event,) = casework.events_in(connection, 2)
    assert sorted(rows, key=str) == [("", None), ("withdrawn", 2)]
    assert (event.event.reason, event.as_at) == ("withdrawn", NOW + DAY)


def test_a_reopened_exception_counts_and_begins_anew(ledger):
    commit(ledger, events=[opened("I1", owner="staff:E1")])
    commit(ledger, events=[closed("I1")])
    commit(ledger, events=[opened("I1", EventKind.REOPENED, count=1, owner="unit")], run={"as_at": NOW + DAY})
    assert standings(ledger)[I1] == Standing(
        "REF-01", "I1", "incident", "I1", True, False, 1, NOW + DAY, "unit", "unit"
    )
    with ledger.read() as connection:
        assert casework.came(connection) == {I1: (3, 3)}


def test_since_when_an_exception_is_chased_and_its_owner_s_is_known_by_run(ledger):
    commit(ledger, events=[opened("I1"), opened("I2"), opened("I3"), opened("I4")])
    commit(ledger, events=[opened("I1", EventKind.OWNER_CHANGED), opened("I2", EventKind.DISPUTED), closed("I4")])
    commit(ledger, events=[opened("I2", EventKind.WAIVED)])
    commit(ledger, events=[opened("I2", EventKind.WAIVER_ENDED), opened("I3", EventKind.SUSPENDED)])
    with ledger.read() as connection:
        found = casework.came(connection)
    assert {item: runs for (_, item), runs in found.items()} == {"I1": (1, 2), "I2": (4, 4), "I3": (1, 1)}


def test_an_open_exception_is_found_by_its_item_else_by_its_incident(ledger):
    of_form = opened("A1", about="assessment", incident_ref="I1", rule_id="SUP-01")
    commit(ledger, events=[opened("I1"), opened("I2"), of_form])
    commit(ledger, events=[closed("I2")])
    with ledger.read() as connection:
        assert [each.item_ref for each in casework.find_open(connection, "REF-01", "I1")] == ["I1"]
        assert [each.item_ref for each in casework.find_open(connection, "SUP-01", "I1")] == ["A1"]
        assert casework.find_open(connection, "REF-01", "I2") == ()
        assert casework.find_open(connection, "REF-02", "I1") == ()


def test_owner_then_and_owner_now_are_both_kept(ledger):
    commit(ledger, events=[opened("I1", owner="staff:E1")])
    commit(ledger, events=[opened("I1", EventKind.OWNER_CHANGED, reason="staff:E1", owner="unit")])
    standing = standings(ledger)[I1]
    assert (standing.owner_then, standing.owner_now) == ("staff:E1", "unit")


def test_a_suspension_lasts_until_its_rule_is_checked_again(ledger):
    off = {"rules": {"REF-01": RuleStatus(State.SWITCHED_OFF, "grade is not mapped")}}
    commit(ledger, events=[opened("I1")])
    commit(ledger, events=[opened("I1", EventKind.SUSPENDED)], run=off)
    commit(ledger, run=off)
    assert standings(ledger)[I1].suspended
    assert standings(ledger)[I1].is_open
    commit(ledger)
    assert not standings(ledger)[I1].suspended


def test_what_open_exceptions_were_judged_by_is_kept_until_said_otherwise(ledger):
    commit(ledger, events=[opened("I1"), opened("I2")], judged_by={I1: "a", I2: "a"})
    commit(ledger, judged_by={I1: "b"})
    with ledger.read() as connection:
        assert casework.judged_by(connection) == {I1: "b", I2: "a"}
    commit(ledger, events=[closed("I1")], judged_by={I2: "b"})
    with ledger.read() as connection:
        assert casework.judged_by(connection) == {I2: "b"}


@pytest.mark.parametrize("kind", [EventKind.CLOSED, EventKind.REOPENED, EventKind.SUSPENDED, EventKind.OWNER_CHANGED])
def test_an_event_of_what_was_never_opened_is_a_bug(ledger, kind):
    with pytest.raises(ValueError, match="never opened"):
        commit(ledger, events=[opened("I1", kind)])
    with ledger.read() as connection:
        assert casework.events_since(connection, 0) == ()


@pytest.mark.parametrize("kind", [EventKind.WAIVED, EventKind.WAIVER_ENDED, EventKind.DISPUTED])
def test_a_waiver_or_dispute_changes_nothing_that_stands(ledger, kind):
    commit(ledger, events=[opened("I1")])
    before = standings(ledger)
    commit(ledger, events=[opened("I1", kind, reason="author and reason")])
    assert standings(ledger) == before


def test_events_are_found_by_case_by_run_and_since_a_run(ledger):
    commit(ledger, events=[opened("I1"), opened("A1", about="assessment", incident_ref="I1"), opened("I2")])
    commit(ledger, events=[closed("I1")], run={"as_at": NOW + DAY})
    with ledger.read() as connection:
        of_case = casework.events_of(connection, "I1")
        assert [(each.event.item_ref, each.event.kind, each.run_id) for each in of_case] == [
            ("I1", EventKind.OPENED, 1),
            ("A1", EventKind.OPENED, 1),
            ("I1", EventKind.CLOSED, 2),
        ]
        assert [each.event.item_ref for each in casework.events_since(connection, 1)] == ["I1"]
        assert len(casework.events_since(connection, 0)) == 4
        assert casework.events_in(connection, 3) == ()


def test_an_event_is_read_back_as_it_happened(ledger):
    event = opened("I1", EventKind.OPENED, count=0, owner="staff:E1")
    commit(ledger, events=[event])
    with ledger.read() as connection:
        (past,) = casework.events_in(connection, 1)
    assert past == casework.PastEvent(event, 1, NOW)


def test_open_exceptions_are_counted_by_rule_and_reader(ledger):
    sup = opened("I1", rule_id="SUP-01", owner="team:North")
    commit(ledger, events=[opened("I1"), opened("I2"), opened("I3"), sup])
    commit(ledger, events=[closed("I3")])
    with ledger.read() as connection:
        assert casework.open_counts(connection) == {("REF-01", "unit"): 2, ("SUP-01", "team:North"): 1}


@pytest.fixture(scope="module")
def endless(tmp_path_factory):
    return open_ledger(f"sqlite:///{tmp_path_factory.mktemp('casework') / 'ledger.db'}")


NUMBERS = itertools.count()
OWNERS = st.sampled_from(["unit", "team:North", "staff:E1"])


@st.composite
def next_event(draw: st.DrawFn, item: str, standing: Standing | None) -> Event | None:
    """Something that may happen to an exception as it stands."""
    if standing is None:
        kinds = [None, EventKind.OPENED]
    elif standing.is_open:
        kinds = [None, EventKind.CLOSED, EventKind.SUSPENDED, EventKind.OWNER_CHANGED, EventKind.DISPUTED]
    else:
        kinds = [None, EventKind.REOPENED]
    kind = draw(st.sampled_from(kinds))
    if kind is None:
        return None
    count = standing.times_reopened + 1 if kind is EventKind.REOPENED else 0
    return opened(item, kind, count=count, owner=draw(OWNERS), reason=draw(st.sampled_from(["", *Closing])))


@given(data=st.data())
def test_what_stands_is_what_the_pure_lifecycle_says(endless, data):
    items = [f"{next(NUMBERS)}-{letter}" for letter in "abc"]
    with endless.begin() as connection:
        expected: dict[tuple[str, str], Standing] = {}
        last = connection.execute(sa.select(sa.func.max(tables.run.c.id))).scalar()
        for day in range(4):
            checked = data.draw(st.booleans())
            standing = {item: expected.get(("REF-01", item)) for item in items}
            events = [each for item in items if (each := data.draw(next_event(item, standing[item])))]
            as_at = NOW + day * DAY
            last = insert(connection, run_record(last, as_at=as_at))
            casework.apply(connection, last, events, {}, ["REF-01"] if checked else [])
            expected = after(situation(expected, checked=checked), events, as_at)
        found = casework.standings(connection)
    assert {identity: each for identity, each in found.items() if identity[1] in items} == expected


def situation(before: dict[tuple[str, str], Standing], *, checked: bool) -> Situation:
    state = RuleState(chase=True, status="checked" if checked else "switched_off")
    return Situation(before, None, {"REF-01": state}, {}, {}, {}, lambda _rule, _incident: "")
