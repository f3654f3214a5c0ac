"""What lists show of each item: a word in every cell, and nothing from what is missing or cannot be read."""

from __future__ import annotations

import pytest

from dacompliance.judging.details import details
from dacompliance.policy.model import TestKind
from tests.exceptions.situations import all_of, rule, version
from tests.worlds import UNREADABLE, world

AS_AT = "Tue 2026-11-03 06:30"
READS = (
    rule("A-01", version(holds=all_of(crime=TestKind.PRESENT, area=TestKind.PRESENT, team=TestKind.PRESENT))),
    rule("B-01", version(holds=all_of(risk_grade=TestKind.PRESENT)), about="assessment"),
)
FORM = {"assessment_ref": "A1", "incident_ref": "I1", "submitted_at": "Sun 2026-11-01 06:00"}
REFERRAL = {"referral_ref": "R1", "incident_ref": "I1", "destination": "MASH", "referred_at": "Sun 2026-11-01 09:00"}


def incident(ref: str = "I1", **more: object) -> dict[str, object]:
    return {"incident_ref": ref, "reported_at": "Sun 2026-11-01 05:00", **more}


def test_an_item_is_shown_in_the_words_of_its_own_record_and_its_incident_s():
    routed = {"area": "North", "team": "B", "officer_id": "7", "supervisor_id": "S1"}
    made = world(
        AS_AT,
        incidents=[incident(occurrence_ref="50/1", **routed)],
        assessments=[{**FORM, "risk_grade": "high", "blank_questions": "4, 12"}],
        referrals=[REFERRAL],
    )
    same = {
        "incident_ref": "I1", "occurrence_ref": "50/1", "grade": "high", **routed, "blank_questions": "",
        "unreadable": "", "unassessed": False, "high": True, "shared": False, "unlisted": False,
    }  # fmt: skip
    assert details(made, READS).to_dict("records") == [
        {**same, "about": "incident", "item_ref": "I1"},
        {**same, "about": "assessment", "item_ref": "A1", "blank_questions": "4, 12"},
        {**same, "about": "referral", "item_ref": "R1"},
    ]


def test_what_is_missing_is_shown_as_nothing_and_an_incident_without_a_number_by_its_own():
    (row,) = details(world(AS_AT, incidents=[incident(area=None)]), READS).to_dict("records")
    assert row == {
        "about": "incident", "item_ref": "I1", "incident_ref": "I1", "occurrence_ref": "I1", "grade": "", "area": "",
        "team": "", "officer_id": "", "supervisor_id": "", "blank_questions": "", "unreadable": "",
        "unassessed": True, "high": False, "shared": False, "unlisted": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("forms", "unassessed"),
    [
        pytest.param([], True, id="no form"),
        pytest.param([{**FORM, "submitted_at": None}], True, id="a draft"),
        pytest.param([{**FORM, "incident_ref": "I2"}], True, id="another incident's form"),
        pytest.param([FORM], False, id="one form"),
        pytest.param([FORM, {**FORM, "assessment_ref": "A2"}], False, id="two forms"),
    ],
)
def test_an_incident_is_unassessed_until_a_form_is_submitted(forms, unassessed):
    found = details(world(AS_AT, incidents=[incident(), incident("I2")], assessments=forms), READS)
    assert found.set_index("item_ref").loc["I1", "unassessed"] == unassessed


def test_details_say_which_occurrences_have_several_victims_and_which_forms_nobody_has_listed():
    form = {**FORM, "instrument": "DASH-27"}
    made = world(
        AS_AT,
        incidents=[
            incident("1/1", occurrence_ref="1"),
            incident("1/2", occurrence_ref="1"),
            incident("2/1", occurrence_ref="2"),
            incident("3"),
            incident("4"),
        ],
        assessments=[
            {**form, "assessment_ref": "A1", "incident_ref": "1/2", "question_count": 27},
            {**form, "assessment_ref": "A2", "incident_ref": "2/1"},
            {**form, "assessment_ref": "A3", "incident_ref": "3", "instrument": None},
            {**form, "assessment_ref": "A4", "incident_ref": "4", "question_count": UNREADABLE},
        ],
    )
    found = details(made, READS).set_index("item_ref")
    assert set(found.index[found["shared"]]) == {"1/1", "1/2", "A1"}
    assert set(found.index[found["unlisted"]]) == {"A2"}
    assert details(made, READS, {"1/2", "A2"}).set_index("item_ref").equals(found.loc[["1/2", "A2"]])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param({"crime": "yes"}, "", id="everything can be read"),
        pytest.param({"crime": UNREADABLE}, "crime", id="one that a rule reads"),
        pytest.param({"crime": UNREADABLE, "area": UNREADABLE, "team": UNREADABLE}, "area; crime; team", id="three of them"),
        pytest.param({"officer_id": UNREADABLE}, "", id="one that no rule reads"),
    ],
)  # fmt: skip
def test_the_columns_that_cannot_be_read_are_named_where_a_rule_reads_them(cells, expected):
    incidents = [incident(**cells), incident("I2", crime="no", area=UNREADABLE)]
    found = details(world(AS_AT, incidents=incidents, assessments=[FORM]), READS).set_index("item_ref")
    assert found["unreadable"].to_dict() == {"I1": expected, "I2": "area", "A1": ""}


def test_no_item_at_all_is_a_frame_of_no_row_with_every_column():
    some, none = (details(world(AS_AT, incidents=rows), READS) for rows in ([incident()], []))
    assert (len(none), none.columns.tolist()) == (0, some.columns.tolist())
    assert not none["high"].any()
