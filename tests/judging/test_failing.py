"""Which tests of a `holds` are false of which item."""

from __future__ import annotations

import pytest

from dacompliance.judging.failing import failing
from dacompliance.judging.verdicts import frame, judge
from dacompliance.policy.model import Clock, Condition, Deadline, Test, TestKind
from tests.exceptions.situations import all_of, rule, version
from tests.worlds import UNREADABLE, world

GRADED = Condition(
    (),
    (
        (
            all_of(risk_grade=TestKind.PRESENT, rationale_recorded="yes"),
            all_of(final_grade=TestKind.PRESENT, final_rationale_recorded="yes"),
        ),
    ),
)
SIGNED = Condition(
    (Test("signed_off_at", TestKind.PRESENT), Test("signed_off_by", TestKind.DIFFERS_FROM, other="assessor_id"))
)
LIMIT = Deadline("submitted_at", 24, Clock.HOURS)
FORM = {"assessment_ref": "A1", "incident_ref": "I1", "submitted_at": "Sun 2026-11-01 06:00", "assessor_id": "7"}
GRADE, REASON, FINAL_REASON = "risk_grade present", "rationale_recorded in", "final_rationale_recorded in"


def named(holds: Condition, as_at: str = "Tue 2026-11-03 06:30", **cells: object) -> list[str] | None:
    duty = rule("R-01", version(holds=holds, deadline=LIMIT), about="assessment")
    made = world(
        as_at,
        incidents=[{"incident_ref": "I1", "reported_at": "Sun 2026-11-01 05:00"}],
        assessments=[{**FORM, **cells}],
    )
    found = failing(made, [duty], frame(judge(made, [duty], (), 30_000))).get(("R-01", "A1"))
    return None if found is None else [f"{test.column} {test.kind}" for test in found]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param({"risk_grade": "high", "rationale_recorded": "no"}, [REASON], id="a grade without a reason"),
        pytest.param({"rationale_recorded": "yes"}, [GRADE], id="no grade"),
        pytest.param({"rationale_recorded": "no"}, [GRADE, REASON], id="neither way: the first of two as far"),
        pytest.param({"rationale_recorded": "no", "final_grade": "high", "final_rationale_recorded": "no", "signed_off_at": "Sun 2026-11-01 07:00"}, [FINAL_REASON], id="the nearer way: a grade at sign-off, without a reason"),
        pytest.param({"risk_grade": "high", "rationale_recorded": "yes"}, None, id="all is so"),
        pytest.param({"risk_grade": "high"}, None, id="a reason that is missing is not known to be none"),
        pytest.param({"risk_grade": UNREADABLE}, None, id="what cannot be read is not false"),
    ],
)  # fmt: skip
def test_of_alternatives_the_nearest_s_false_tests_are_named(cells, expected):
    assert named(GRADED, **cells) == expected


def test_the_nearest_alternative_of_one_item_is_not_another_s():
    duty = rule("R-01", version(holds=GRADED, deadline=LIMIT), about="assessment")
    neither = {"rationale_recorded": "no", "final_rationale_recorded": "no"}
    signed = {"final_grade": "high", "signed_off_at": "Sun 2026-11-01 07:00"}
    made = world(
        "Tue 2026-11-03 06:30",
        incidents=[{"incident_ref": "I1", "reported_at": "Sun 2026-11-01 05:00"}],
        assessments=[
            {**FORM, **neither, "risk_grade": "high"},
            {**FORM, **neither, **signed, "assessment_ref": "A2"},
            {**FORM, **neither, "assessment_ref": "A3"},
        ],
    )
    found = failing(made, [duty], frame(judge(made, [duty], (), 30_000)))
    told = {ref: [f"{test.column} {test.kind}" for test in tests] for (_, ref), tests in found.items()}
    assert told == {"A1": [REASON], "A2": [FINAL_REASON], "A3": [GRADE, REASON]}


def test_alternatives_within_an_alternative_are_as_far_as_their_own_nearest():
    graded_or_signed = (all_of(risk_grade=TestKind.PRESENT), all_of(signed_off_at=TestKind.PRESENT))
    nested = Condition((), ((Condition((), (graded_or_signed,)), all_of(declined="yes")),))
    assert named(nested, declined="no") == [GRADE]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param({}, ["signed_off_at present"], id="no sign-off: who signed it is not in question"),
        pytest.param({"signed_off_at": "Sun 2026-11-01 07:00", "signed_off_by": "7"}, ["signed_off_by differs_from"], id="by the author"),
        pytest.param({"signed_off_at": "Sun 2026-11-01 07:00", "signed_off_by": "8"}, None, id="by another"),
    ],
)  # fmt: skip
def test_of_several_things_only_the_false_ones_are_named(cells, expected):
    assert named(SIGNED, **cells) == expected


def test_what_falls_due_says_what_is_not_so_yet():
    assert named(SIGNED, "Sun 2026-11-01 20:00") == ["signed_off_at present"]


def test_a_version_speaks_of_its_own_rule_s_items_and_an_earlier_one_without_holds_hides_none():
    before = version("2000-01-01", done="first_submitted_at", deadline=LIMIT)
    later = version(holds=SIGNED, deadline=LIMIT)
    elsewhere = version(holds=SIGNED, deadline=LIMIT, applies=all_of(declined="yes"))
    rules = [rule("R-01", before, later, about="assessment"), rule("R-02", elsewhere, about="assessment")]
    made = world(
        "Tue 2026-11-03 06:30",
        incidents=[{"incident_ref": "I1", "reported_at": "Sun 2026-11-01 05:00"}],
        assessments=[{**FORM, "declined": "no"}],
    )
    assert failing(made, rules, frame(judge(made, rules, (), 30_000))).keys() == {("R-01", "A1")}
