"""What is wanting, in words: of what is overdue, and of what cannot be judged."""

from __future__ import annotations

import pytest

from dacompliance.exceptions.casebook import Said, Shown
from dacompliance.exceptions.gaps import surely_applies, unknown, wanting
from dacompliance.policy.model import Condition, Test, TestKind
from tests.exceptions.situations import BEFORE, ITEM, RULE, V1, all_of, version


def holds(*each: Test, anys: tuple[tuple[Condition, ...], ...] = ()):
    return version(holds=Condition(each, anys))


ALL_ANSWERED = holds(Test("answered_count", TestKind.SAME_AS, other="question_count"))
ALTERNATIVES = (all_of(first_submitted_at=TestKind.PRESENT), all_of(no_assessment_reason=TestKind.PRESENT))


@pytest.mark.parametrize(
    ("of", "blank", "expected"),
    [
        pytest.param(version(done="signed_off_at"), "", "no sign-off time recorded", id="a milestone"),
        pytest.param(version(done="mash_referred_at"), "4, 12", "no MASH referral time recorded", id="a milestone, whatever is blank"),
        pytest.param(ALL_ANSWERED, "4, 12", "blank: 4, 12", id="all questions: the blank ones"),
        pytest.param(ALL_ANSWERED, "", "not every question answered", id="all questions, where only counts are known"),
        pytest.param(holds(Test("blank_questions", TestKind.MISSING)), "9", "blank: 9", id="no blank questions"),
        pytest.param(holds(Test("risk_grade", TestKind.PRESENT)), "4", "no risk grade recorded", id="a value, whatever is blank"),
        pytest.param(holds(Test("rationale_recorded", TestKind.IN, ("yes",))), "", "no written reason for the grade recorded", id="a yes"),
        pytest.param(holds(Test("signed_off_role", TestKind.IN, ("SGT", "INSP"))), "", "role of the signatory not SGT or INSP", id="one of some words"),
        pytest.param(holds(Test("destination", TestKind.NOT_IN, ("MASH",))), "", "destination of the referral is MASH", id="none of some words"),
        pytest.param(holds(Test("answered_count", TestKind.AT_LEAST, number=20)), "", "count of questions answered below 20", id="at least"),
        pytest.param(holds(Test("yes_count", TestKind.AT_MOST, number=3)), "", "count of yes answers above 3", id="at most"),
        pytest.param(holds(Test("lowered", TestKind.MISSING)), "", "lowered grade marker recorded", id="nothing at all"),
        pytest.param(
            holds(Test("signed_off_by", TestKind.DIFFERS_FROM, other="assessor_id")), "", "signatory the same as the assessor",
            id="someone else",
        ),
        pytest.param(
            holds(Test("final_grade", TestKind.SAME_AS, other="risk_grade")), "", "grade at sign-off not the same as the risk grade",
            id="the same",
        ),
        pytest.param(
            version(holds=all_of(risk_grade=TestKind.PRESENT, rationale_recorded="yes")), "",
            "no risk grade recorded or no written reason for the grade recorded", id="several things: any of them",
        ),
        pytest.param(
            holds(anys=(ALTERNATIVES,)), "", "no risk assessment submission recorded and no reason for no risk assessment recorded",
            id="alternatives: none of them",
        ),
        pytest.param(
            holds(anys=((all_of(grade="high", crime="yes"), all_of(area=TestKind.PRESENT)),)), "",
            "(risk grade of the incident not high or no crime marker recorded) and no area recorded", id="alternatives of several things",
        ),
    ],
)  # fmt: skip
def test_what_is_overdue_lacks(of, blank, expected):
    assert wanting(of, blank) == expected


MILESTONE = version(done="signed_off_at")


@pytest.mark.parametrize(
    ("reason", "unreadable", "expected", "theirs"),
    [
        pytest.param("risk_grade; signed_off_by", "", "the risk grade; who signed it off", True, id="what is missing"),
        pytest.param("risk_grade; signed_off_by", "risk_grade", "who signed it off", True, id="not what cannot be read"),
        pytest.param("signed_off_at", "risk_grade; signed_off_at", "when it was signed off", False, id="nothing but what cannot be read"),
        pytest.param("assessments", "", "a risk assessment that was set aside", False, id="an assessment was set aside"),
        pytest.param("assessments; referrals", "", "a risk assessment that was set aside; a referral that was set aside", False, id="both"),
        pytest.param("grade", "highest_grade", "the risk grade of the incident", True, id="names are whole"),
    ],
)  # fmt: skip
def test_a_reader_is_told_of_what_is_missing_and_not_of_what_cannot_be_read(reason, unreadable, expected, theirs):
    said = Said(RULE, V1, "incident", ITEM, ITEM, "undetermined", reason)
    assert unknown(said, MILESTONE, Shown("incident", ITEM, ITEM, ITEM, unreadable=unreadable)) == (expected, theirs)


ASKS_MUCH = holds(
    Test("signed_off_at", TestKind.PRESENT),
    Test("signed_off_by", TestKind.DIFFERS_FROM, other="assessor_id"),
    Test("answered_count", TestKind.SAME_AS, other="question_count"),
)


@pytest.mark.parametrize(
    ("failing", "blank", "expected"),
    [
        pytest.param((0,), "", "no sign-off recorded", id="only what is not so"),
        pytest.param((1,), "4, 12", "signatory the same as the assessor", id="blank questions are not the matter"),
        pytest.param((0, 2), "4, 12", "no sign-off recorded and blank: 4, 12", id="two things"),
        pytest.param((2,), "", "not every question answered", id="questions, of which only counts are known"),
    ],
)
def test_where_a_rule_asks_for_several_things_only_what_is_not_so_is_named(failing, blank, expected):
    assert ASKS_MUCH.holds is not None
    assert wanting(ASKS_MUCH, blank, [ASKS_MUCH.holds.tests[place] for place in failing]) == expected


@pytest.mark.parametrize(
    ("reason", "unlisted", "expected", "theirs"),
    [
        pytest.param("answered_count; question_count", True, "how many questions were answered; how many questions the form has", False, id="nobody has listed the form"),
        pytest.param("answered_count; risk_grade", True, "the risk grade", True, id="what else is missing is theirs"),
        pytest.param("answered_count; question_count", False, "how many questions were answered; how many questions the form has", True, id="which form it is was not recorded"),
    ],
)  # fmt: skip
def test_an_instrument_nobody_has_listed_is_for_the_data_s_keeper(reason, unlisted, expected, theirs):
    said = Said(RULE, V1, "assessment", "A1", ITEM, "undetermined", reason)
    assert unknown(said, MILESTONE, Shown("assessment", "A1", ITEM, ITEM, unlisted=unlisted)) == (expected, theirs)


def test_a_finish_before_its_start_is_said_so():
    said = Said(RULE, V1, "incident", ITEM, ITEM, "undetermined", "reported_at; signed_off_at", done_at=BEFORE)
    assert unknown(said, MILESTONE, Shown("incident", ITEM, ITEM, ITEM)) == ("sign-off dated before report", True)


@pytest.mark.parametrize(
    ("applies", "reason", "expected"),
    [
        pytest.param(None, "", True, id="it applies to all, and nothing is unknown"),
        pytest.param(None, "checks_completed_at", True, id="it applies to all, and its milestone cannot be read"),
        pytest.param(all_of(crime="yes"), "", True, id="it applies"),
        pytest.param(all_of(crime="yes"), "crime", False, id="whether it applies is not known"),
        pytest.param(all_of(crime="yes", grade="high"), "crime; grade", False, id="for want of two things"),
        pytest.param(
            all_of(crime="yes"), "checks_completed_at", True, id="it applies, and its milestone cannot be read"
        ),
        pytest.param(None, "assessments", False, id="an assessment was set aside"),
        pytest.param(all_of(crime="yes"), "assessments; referrals", False, id="an assessment and a referral were"),
    ],
)
def test_what_is_due_soon_surely_applies(applies, reason, expected):
    said = Said(RULE, V1, "incident", ITEM, ITEM, "pending", reason)
    assert surely_applies(said, version(done="checks_completed_at", applies=applies)) is expected
