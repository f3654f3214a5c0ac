"""Milestones recorded after the event: first seen in a run, though the run before could have seen them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dacompliance.audit.after_event import Sight, recorded_after, tally
from dacompliance.ledger.history import RecordSpell
from dacompliance.localtime import micros
from dacompliance.records.contract import Kind
from tests.helpers import LONDON, when

DAY = dt.timedelta(hours=24)
KNOWN = ["Mon 2026-11-02 05:30", "Tue 2026-11-03 05:30", "Wed 2026-11-04 05:30", "Thu 2026-11-05 05:30"]
COLUMNS = {
    "incidents": {"reported_at": Kind.INSTANT, "area": Kind.TEXT, "checks_completed_at": Kind.INSTANT},
    "assessments": {"incident_ref": Kind.TEXT, "submitted_at": Kind.INSTANT, "signed_off_at": Kind.INSTANT},
    "referrals": {"incident_ref": Kind.TEXT, "referred_at": Kind.INSTANT},
    "staff": {"left_on": Kind.DATE},
}


def utc(text: str) -> str:
    """A local time as a body has it; a date without a time as it is."""
    return f"{when(text):%Y-%m-%dT%H:%M:%SZ}" if ":" in text else text.partition(" ")[2]


def sights(**given: Any) -> dict[int, Sight]:
    """Four mornings, each known to its 05:30 in every set; `given` are those of the second."""
    found = {}
    for number, known in enumerate(KNOWN, start=1):
        plain = {
            "known_to": dict.fromkeys(COLUMNS, micros(when(known))),
            "columns": COLUMNS,
            "records_from": dt.date(2026, 1, 1),
            "zone": LONDON,
        }
        found[number] = Sight(number, **{**plain, **(given if number == 2 else {})})
    return found


def spell(first: int, last: int | None = None, record_set: str = "assessments", **cells: str | None) -> RecordSpell:
    told = {
        name: None if cell is None else utc(cell) if cell[:1].isupper() and " 20" in cell else cell
        for name, cell in cells.items()
    }
    at = when(KNOWN[first - 1])
    return RecordSpell(record_set, "A1" if record_set == "assessments" else "I1", told, first, at, last, at)


def late(*spells: RecordSpell, **given: Any) -> list[tuple[str, int]]:
    return [(each.column, each.first_run) for each in recorded_after(spells, sights(**given), DAY)]


@pytest.mark.parametrize(
    ("signed", "found"),
    [
        pytest.param("Mon 2026-11-02 05:29", [("signed_off_at", 3)], id="a minute more than the tolerance before"),
        pytest.param("Mon 2026-11-02 05:30", [], id="the tolerance itself is not late"),
        pytest.param("Tue 2026-11-03 04:00", [], id="yesterday's, recorded today"),
        pytest.param("Tue 2026-11-03 12:00", [], id="since the run before"),
        pytest.param("Sun 2026-11-01", [("signed_off_at", 3)], id="a date is late if all of its day was"),
        pytest.param("Mon 2026-11-02", [], id="a date whose day may not have been"),
        pytest.param(None, [], id="a time that cannot be read"),
    ],
)
def test_a_milestone_first_seen_long_after_it_happened_is_recorded_after_the_event(signed, found):
    before = spell(1, 2, incident_ref="I1", submitted_at="Sun 2026-11-01 20:00")
    after = spell(3, incident_ref="I1", submitted_at="Sun 2026-11-01 20:00", signed_off_at=signed)
    assert late(before, after) == found


def test_a_record_that_was_not_there_brings_all_its_milestones():
    assert late(
        spell(3, incident_ref="I1", submitted_at="Sun 2026-11-01 20:00", signed_off_at="Sun 2026-11-01 21:00")
    ) == [
        ("signed_off_at", 3),
        ("submitted_at", 3),
    ]


def test_the_first_run_sees_everything_for_the_first_time():
    assert late(spell(1, incident_ref="I1", submitted_at="Mon 2025-12-01 20:00")) == []


def test_a_time_that_replaces_another_is_an_edit():
    one = spell(1, 2, incident_ref="I1", submitted_at="Sun 2026-11-01 20:00")
    assert late(one, spell(3, incident_ref="I1", submitted_at="Sat 2026-10-31 20:00")) == []


def test_a_record_that_vanished_and_returned_was_seen_before():
    one = spell(1, 1, incident_ref="I1", submitted_at="Sun 2026-11-01 20:00")
    assert late(one, spell(4, incident_ref="I1", submitted_at="Sun 2026-11-01 20:00")) == []


def test_a_time_that_could_not_be_read_before_is_seen_for_the_first_time():
    one = spell(1, 2, incident_ref="I1", submitted_at=None)
    assert late(one, spell(3, incident_ref="I1", submitted_at="Sat 2026-10-31 20:00")) == [("submitted_at", 3)]


def test_a_column_the_run_before_did_not_keep_says_nothing():
    fewer = {**COLUMNS, "assessments": {"incident_ref": Kind.TEXT, "submitted_at": Kind.INSTANT}}
    one = spell(1, 2, incident_ref="I1", submitted_at="Sun 2026-11-01 20:00")
    two = spell(3, incident_ref="I1", submitted_at="Sun 2026-11-01 20:00", signed_off_at="Sun 2026-11-01 21:00")
    assert late(one, two) == [("signed_off_at", 3)]
    assert late(one, two, columns=fewer) == []


def test_a_copy_that_was_not_trusted_had_no_chance_to_show_it():
    """What the run before the untrusted one was known to counts: Monday 05:30."""
    untrusted = {"incidents": micros(when(KNOWN[1]))}
    recent = spell(3, incident_ref="I1", submitted_at="Sun 2026-11-01 20:00")
    older = spell(3, incident_ref="I1", submitted_at="Sat 2026-10-31 20:00")
    assert late(recent, known_to=untrusted) == []
    assert late(older, known_to=untrusted) == [("submitted_at", 3)]


def test_what_is_older_than_the_run_before_asked_for_is_not_late():
    incident = spell(3, record_set="incidents", reported_at="Sun 2026-11-01 20:00")
    form = spell(3, incident_ref="I1", submitted_at="Sun 2026-11-01 21:00")
    assert late(incident, form) == [("submitted_at", 3), ("reported_at", 3)]
    assert late(incident, form, records_from=dt.date(2026, 11, 2)) == []


def test_of_a_record_lawfully_deleted_nothing_is_said():
    gone = RecordSpell("assessments", "A1", None, 1, when(KNOWN[0]), 2, when(KNOWN[1]))
    assert late(gone, spell(3, incident_ref="I1", submitted_at="Sat 2026-10-31 20:00")) == []


def test_they_are_counted_by_column_and_never_by_officer():
    found = recorded_after([spell(3, incident_ref="I1", submitted_at="Sat 2026-10-31 20:00")], sights(), DAY)
    assert tally(found) == {"submitted_at": 1}
    assert tally(found, first_run=4) == {}
    assert not {"officer_id", "assessor_id", "signed_off_by"} & set(Sight.__dataclass_fields__)
    assert found[0].at == when("Sat 2026-10-31 20:00")
    assert found[0].known_before == when(KNOWN[1])
