"""What cases are counted by."""

import pytest

from dacompliance.judging.groups import BREAKDOWNS, HEADS, incident_groups, item_groups
from tests.worlds import UNREADABLE, world

AS_AT = "Wed 2026-11-04 07:00"


def incident(ref="I1", **more):
    return {"incident_ref": ref, "reported_at": "Mon 2026-11-02 21:10", **more}


def form(ref, incident_ref, **more):
    return {"assessment_ref": ref, "incident_ref": incident_ref, "submitted_at": "Tue 2026-11-03 06:00", **more}


def test_every_incident_has_every_column_as_text():
    found = incident_groups(world(AS_AT, incidents=[incident()]))
    assert tuple(found.columns) == HEADS
    assert all(isinstance(value, str) for value in found.iloc[0])


@pytest.mark.parametrize(
    ("reported", "day", "month", "week"),
    [
        pytest.param("Sun 2026-11-01 23:59", "2026-11-01", "2026-11", "2026-W44", id="a week ends on Sunday"),
        pytest.param("Mon 2026-11-02 00:00", "2026-11-02", "2026-11", "2026-W45", id="and begins on Monday"),
        pytest.param("Fri 2027-01-01 10:00", "2027-01-01", "2027-01", "2026-W53", id="New Year in the old year's week"),
        pytest.param("Wed 2026-07-01 00:30", "2026-07-01", "2026-07", "2026-W27", id="local in summer"),
    ],
)
def test_the_period_is_the_local_day_of_report(reported, day, month, week):
    found = incident_groups(world("Sat 2027-01-02 07:00", incidents=[incident(reported_at=reported)])).iloc[0]
    assert (found["reported_on"], found["month"], found["week"]) == (day, month, week)


@pytest.mark.parametrize("name", [each for each in BREAKDOWNS if each not in ("grade", "instrument")])
def test_what_is_missing_or_cannot_be_read_is_a_group_of_its_own(name):
    rows = [incident("I1", **{name: "yes"}), incident("I2"), incident("I3", **{name: UNREADABLE})]
    assert incident_groups(world(AS_AT, incidents=rows))[name].tolist() == ["yes", "not recorded", "cannot be read"]


def test_the_grade_is_the_incident_s_as_at_the_as_at():
    forms = [
        form("A1", "I1", risk_grade="medium"),
        form("A2", "I1", risk_grade="high", submitted_at="Wed 2026-11-04 06:00"),
        form("A3", "I1", risk_grade="standard", submitted_at="Wed 2026-11-04 07:01"),
    ]
    found = world(AS_AT, incidents=[incident()], assessments=forms)
    assert incident_groups(found)["grade"].tolist() == ["high"]
    assert item_groups(found, "assessment", incident_groups(found))["grade"].tolist() == ["high", "high"]


def test_the_instrument_of_an_incident_names_its_forms_and_that_of_a_form_is_its_own():
    forms = [
        form("A1", "I1", instrument="SafeLives-24"),
        form("A2", "I1", instrument="DASH-27"),
        form("A3", "I1", instrument="DASH-27"),
        form("A4", "I2", instrument="DASH-27"),
        form("A5", "I3"),
        form("A6", "I4", instrument="DASH-27", submitted_at=None),
    ]
    found = world(AS_AT, incidents=[incident(f"I{n}") for n in range(1, 5)], assessments=forms)
    incidents = incident_groups(found)
    assert incidents["instrument"].tolist() == ["DASH-27 and SafeLives-24", "DASH-27", "not recorded", "no assessment"]
    items = item_groups(found, "assessment", incidents)
    assert items["item_ref"].tolist() == ["A1", "A2", "A3", "A4", "A5"]
    assert items["instrument"].tolist() == ["SafeLives-24", "DASH-27", "DASH-27", "DASH-27", "not recorded"]


def test_a_referral_has_its_incident_s_groups():
    found = world(
        AS_AT,
        incidents=[incident(area="North", occurrence_ref="500")],
        referrals=[{"referral_ref": "R1", "incident_ref": "I1", "referred_at": "Tue 2026-11-03 06:00"}],
    )
    items = item_groups(found, "referral", incident_groups(found))
    (item,) = items.to_dict("records")
    assert (item["item_ref"], item["occurrence_ref"], item["area"]) == ("R1", "500", "North")
    assert tuple(items.columns) == ("item_ref", *HEADS)


def test_nothing_at_all_has_no_groups():
    found = world(AS_AT)
    assert len(incident_groups(found)) == 0
    assert len(item_groups(found, "assessment", incident_groups(found))) == 0


def test_an_incident_s_own_groups_are_those_it_is_counted_in():
    found = world(AS_AT, incidents=[incident("I2", area="North"), incident("I1", area="South")])
    groups = incident_groups(found)
    items = item_groups(found, "incident", groups)
    assert items["item_ref"].tolist() == items["incident_ref"].tolist()
    assert items.drop(columns="item_ref").equals(groups)
