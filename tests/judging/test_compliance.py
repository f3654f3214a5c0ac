"""Fully compliant: at least one judged rule of the incident or its children, and all judged met."""

import datetime as dt

import pytest

from dacompliance.judging.compliance import WHOLE, Whole, whole_cases
from dacompliance.judging.deadlines import day_number
from dacompliance.judging.groups import incident_groups
from dacompliance.judging.measures import count
from dacompliance.judging.verdicts import judge
from dacompliance.policy.model import Clock, Condition, Deadline, Rule, Test, TestKind, Version
from tests.helpers import when
from tests.worlds import world

AS_AT = "Wed 2026-11-04 07:00"
SINCE = (dt.date(2026, 1, 1), dt.date(2026, 1, 1))
ON_FORM = Rule(
    "A-01", "t", "a", "incident", "supervisor", "minor", "s", True,
    (Version(*SINCE, done="first_submitted_at", deadline=Deadline("reported_at", 24, Clock.HOURS)),),
)  # fmt: skip
SIGNED = Rule(
    "B-01", "t", "a", "assessment", "supervisor", "minor", "s", True,
    (Version(*SINCE, done="signed_off_at", deadline=Deadline("submitted_at", 24, Clock.HOURS)),),
)  # fmt: skip
GRADED = Rule(
    "C-01", "t", "a", "assessment", "supervisor", "minor", "s", False,
    (Version(*SINCE, holds=Condition((Test("risk_grade", TestKind.PRESENT),)), applies=Condition((Test("crime", TestKind.IN, ("yes",)),))),),
)  # fmt: skip


def whole(assessments, **more):
    row = {"incident_ref": "I1", "reported_at": "Fri 2026-10-30 10:00", "crime": "no", **more}
    forms = [{"assessment_ref": f"A{n}", "incident_ref": "I1", **form} for n, form in enumerate(assessments)]
    found = world(AS_AT, incidents=[row], assessments=forms)
    verdicts = judge(found, [ON_FORM, SIGNED, GRADED], (), day_number(when(AS_AT).date()))
    return whole_cases(found, verdicts, incident_groups(found))


GOOD = {"submitted_at": "Fri 2026-10-30 12:00", "signed_off_at": "Fri 2026-10-30 14:00"}


@pytest.mark.parametrize(
    ("assessments", "more", "category", "not_met", "judged"),
    [
        pytest.param([GOOD], {}, Whole.FULLY, "", 2, id="every rule that judged was met"),
        pytest.param([GOOD, {**GOOD, "signed_off_at": None}], {}, Whole.NOT_MET, "B-01", 3, id="one child is not"),
        pytest.param([{**GOOD, "signed_off_at": "Mon 2026-11-02 10:00"}], {}, Whole.LATE, "B-01", 2, id="a child is late"),
        pytest.param([], {}, Whole.NOT_MET, "A-01", 1, id="no child at all"),
        pytest.param([GOOD], {"crime": "yes"}, Whole.NOT_MET, "C-01", 3, id="a rule that is not chased counts too"),
        pytest.param([GOOD], {"crime": None}, Whole.UNDETERMINED, "C-01", 3, id="unknown is not met"),
        pytest.param([{**GOOD, "signed_off_at": None}], {"crime": None}, Whole.NOT_MET, "B-01; C-01", 3, id="the worst names it"),
        pytest.param([], {"reported_at": "Wed 2026-11-04 06:00"}, Whole.NOTHING_JUDGED, "", 0, id="nothing due yet"),
        pytest.param([], {"excluded_reason": "duplicate"}, Whole.EXCLUDED, "", 0, id="excluded"),
        pytest.param([GOOD], {"excluded_reason": "duplicate"}, Whole.EXCLUDED, "", 0, id="excluded, however well done"),
    ],
)  # fmt: skip
def test_an_incident_is_as_compliant_as_its_worst_verdict(assessments, more, category, not_met, judged):
    (found,) = whole(assessments, **more).to_dict("records")
    assert (found["category"], found["not_met"], found["rules_judged"]) == (category, not_met, judged)
    assert found["fully_compliant"] == (category is Whole.FULLY)
    assert found["judged"] == (judged > 0)


def test_what_is_still_to_come_is_said_beside_what_was_met():
    late_form = {"submitted_at": "Tue 2026-11-03 12:00", "signed_off_at": "Tue 2026-11-03 13:00"}
    (found,) = whole([GOOD, late_form]).to_dict("records")
    assert (found["category"], found["more_to_come"]) == (Whole.FULLY, True)
    (alone,) = whole([GOOD]).to_dict("records")
    assert (alone["category"], alone["more_to_come"]) == (Whole.FULLY, False)


def test_incidents_stand_in_order_each_with_why_it_is_excluded():
    rows = [
        {"incident_ref": ref, "reported_at": "Fri 2026-10-30 10:00", "excluded_reason": reason}
        for ref, reason in (("I2", "duplicate"), ("I1", None))
    ]
    found = world(AS_AT, incidents=rows)
    cases = whole_cases(found, judge(found, [ON_FORM], (), day_number(when(AS_AT).date())), incident_groups(found))
    assert cases[["incident_ref", "excluded_reason", "not_met"]].to_numpy().tolist() == [
        ["I1", "", "A-01"],
        ["I2", "duplicate", ""],
    ]
    assert cases.index.tolist() == [0, 1]


def test_its_cases_are_counted_like_any_others():
    counts = count(whole([GOOD]), WHOLE).iloc[0]
    assert (counts["x"], counts["n"], counts["population"]) == (1, 1, 1)
