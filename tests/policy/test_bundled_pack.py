"""The bundled pack: every rule explains itself, every worked case passes, and one gap opens one exception."""

import datetime as dt

import pytest

from dacompliance.judging.cases import case_faults, run_case
from dacompliance.judging.deadlines import day_number
from dacompliance.judging.verdicts import frame, judge
from dacompliance.policy.files import load_pack
from tests.helpers import LONDON
from tests.worlds import world

PACK = load_pack(None)
CASES = [pytest.param(rule, case, id=f"{rule.id} {case.name}") for rule in PACK.rules for case in rule.cases]
CHASED = [rule for rule in PACK.rules if rule.chase]


def test_these_are_its_rules():
    assert {rule.id: rule.chase for rule in PACK.rules} == {
        "RA-01": True,
        "RA-02": True,
        "RA-03": True,
        "REF-01": True,
        "RU-01": True,
        "SUP-01": True,
        "SUP-02": False,
    }


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_every_worked_case_is_judged_as_it_expects(rule, case):
    assert run_case(rule, case, PACK, LONDON) == []


def test_no_case_is_left_out_of_the_list_of_faults():
    assert case_faults(PACK.rules, PACK, LONDON) == ()


OUTCOMES = {
    # RA-01's start always is, and so is what decides whether it applies; only an order of times makes it unclear.
    "RA-01": {"not_applicable", "undetermined", "pending", "met", "late", "breached"},
    "RA-02": {"not_applicable", "undetermined", "pending", "met", "breached"},  # holds is never late
    "RA-03": {"not_applicable", "undetermined", "pending", "met", "breached"},
    "REF-01": {"not_applicable", "undetermined", "pending", "met", "late", "breached"},
    "RU-01": {"not_applicable", "pending", "met", "late", "breached"},  # its start is there wherever it applies
    "SUP-01": {"not_applicable", "undetermined", "pending", "met", "breached"},
    "SUP-02": {"not_applicable", "undetermined", "pending", "met", "late", "breached"},
}


@pytest.mark.parametrize("rule", PACK.rules, ids=lambda rule: rule.id)
def test_there_is_a_case_for_each_outcome_a_rule_can_have(rule):
    assert {case.expect for case in rule.cases} == OUTCOMES[rule.id]


@pytest.mark.parametrize("rule", PACK.rules, ids=lambda rule: rule.id)
def test_there_is_a_case_for_the_last_instant_and_for_the_minute_after(rule):
    edges = {(case.as_at == case.due, case.expect) for case in rule.cases if case.due is not None}
    assert (True, "pending") in edges
    minute = dt.timedelta(minutes=1)
    assert any(case.due is not None and case.as_at - case.due == minute for case in rule.cases)


@pytest.mark.parametrize("rule", PACK.rules, ids=lambda rule: rule.id)
def test_every_rule_explains_itself(rule):
    assert "the limit is the force's to set" in rule.source
    assert "HMIC PEEL 2015, Gloucestershire, recommendation" in rule.source
    assert rule.note.endswith("To change the limit, add a version.")
    assert not rule.title.endswith(".")


@pytest.mark.parametrize("rule", PACK.rules, ids=lambda rule: rule.id)
def test_no_bundled_version_claims_an_approval_and_each_reaches_back_ten_years(rule):
    assert [version.approved for version in rule.versions] == [None]
    assert rule.versions[0].in_force_from <= dt.date(2015, 1, 1)
    assert rule.versions[0].published <= dt.date(2015, 1, 1)


def test_no_instrument_has_a_number_that_no_source_gives():
    assert PACK.instruments == {"DASH-27": 27, "SafeLives-24": 24}


# One gap, one chased rule -------------------------------------------------------------------------------------------

INCIDENT = {
    "incident_ref": "I1",
    "reported_at": "Mon 2026-11-02 09:00",
    "attended_at": "Mon 2026-11-02 09:40",
    "flagged_at": "Mon 2026-11-02 09:05",
    "excluded_reason": None,
    "no_assessment_reason": None,
    "checks_completed_at": "Mon 2026-11-02 18:00",
    "area": "North",
    "team": "N1",
    "officer_id": "PC1",
    "supervisor_id": "PS1",
}
ASSESSMENT = {
    "assessment_ref": "A1",
    "incident_ref": "I1",
    "instrument": "DASH-27",
    "submitted_at": "Mon 2026-11-02 12:00",
    "assessor_id": "PC1",
    "question_count": 27,
    "answered_count": 27,
    "declined": "no",
    "risk_grade": "high",
    "rationale_recorded": "yes",
    "signed_off_at": "Mon 2026-11-02 15:00",
    "signed_off_by": "PS1",
    "final_grade": None,
    "final_rationale_recorded": None,
}
REFERRAL = {
    "referral_ref": "F1",
    "incident_ref": "I1",
    "destination": "MASH",
    "referred_at": "Mon 2026-11-02 16:00",
    "received_at": "Mon 2026-11-02 17:00",
    "cancelled": None,
}
WHOLE = {"incidents": INCIDENT, "assessments": ASSESSMENT, "referrals": REFERRAL}
GRADED_AT_SIGN_OFF = {
    **WHOLE,
    "assessments": {
        **ASSESSMENT,
        "risk_grade": None,
        "rationale_recorded": None,
        "final_grade": "high",
        "final_rationale_recorded": "yes",
    },
}
CONFIRMED_AT_SIGN_OFF = {
    **WHOLE,
    "assessments": {**ASSESSMENT, "final_grade": "high", "final_rationale_recorded": "yes"},
}
MEDIUM = {**WHOLE, "assessments": {**ASSESSMENT, "risk_grade": "medium"}}
RAISED = {
    "risk_grade": "medium",
    "final_grade": "high",
    "final_rationale_recorded": "yes",
}
LOWERED = {"risk_grade": "high", "final_grade": "standard", "final_rationale_recorded": "yes"}
STANDS = {
    "a case graded high": WHOLE,
    "one graded medium": MEDIUM,
    "one confirmed as high at sign-off": CONFIRMED_AT_SIGN_OFF,
    "one raised to high at sign-off": {**WHOLE, "assessments": {**ASSESSMENT, **RAISED}},
    "one lowered at sign-off": {**WHOLE, "assessments": {**ASSESSMENT, **LOWERED}},
    "one graded only at sign-off": GRADED_AT_SIGN_OFF,
}
KEYS = {"incident_ref", "assessment_ref", "referral_ref", "reported_at"}


def opened(case, as_at, without=None):
    """Return which chased rules open an exception for a case with one cell blanked, or one record taken away."""
    rows = {name: [dict(row)] for name, row in case.items()}
    if without is not None:
        record_set, column = without
        if column is None:
            rows[record_set] = []
        else:
            rows[record_set][0][column] = None
    made = world(as_at, **rows)
    verdicts = frame(judge(made, CHASED, PACK.holidays, day_number(dt.date(2026, 12, 1))))
    calls = verdicts[verdicts["outcome"].isin(["breached", "undetermined"])]
    return sorted(calls["rule_id"])


GAPS = [
    pytest.param(name, (record_set, column), id=f"{name}, without {record_set}.{column}")
    for name, case in STANDS.items()
    for record_set, row in case.items()
    for column, cell in row.items()
    if cell is not None and column not in KEYS
]


@pytest.mark.parametrize("name", STANDS)
def test_a_case_with_everything_in_place_opens_nothing(name):
    assert opened(STANDS[name], "Mon 2026-11-30 07:00") == []


@pytest.mark.parametrize(("name", "without"), GAPS)
@pytest.mark.parametrize("as_at", ["Mon 2026-11-02 20:00", "Tue 2026-11-03 10:00", "Mon 2026-11-30 07:00"])
def test_no_single_missing_thing_opens_two_exceptions(name, without, as_at):
    assert len(opened(STANDS[name], as_at, without)) <= 1


@pytest.mark.parametrize(
    ("without", "rule"),
    [
        pytest.param(("assessments", "submitted_at"), "RA-01", id="a form that is still a draft"),
        pytest.param(("assessments", None), "RA-01", id="no form at all"),
        pytest.param(("assessments", "answered_count"), "RA-02", id="no answers"),
        pytest.param(("assessments", "instrument"), None, id="no name of the form, where its numbers are there"),
        pytest.param(("assessments", "question_count"), "RA-02", id="a form nobody has listed"),
        pytest.param(("assessments", "declined"), None, id="nothing said about declining"),
        pytest.param(("assessments", "risk_grade"), "RA-03", id="no grade"),
        pytest.param(("assessments", "rationale_recorded"), "RA-03", id="no reason for the grade"),
        pytest.param(("assessments", "signed_off_at"), "SUP-01", id="no sign-off"),
        pytest.param(("assessments", "signed_off_by"), "SUP-01", id="a sign-off by nobody"),
        pytest.param(("assessments", "assessor_id"), "SUP-01", id="a form by nobody"),
        pytest.param(("incidents", "checks_completed_at"), "RU-01", id="no checks"),
        pytest.param(("referrals", None), "REF-01", id="no referral"),
        pytest.param(("referrals", "destination"), "REF-01", id="a referral to nowhere"),
        pytest.param(("referrals", "referred_at"), "REF-01", id="a referral at no time"),
    ],
)
def test_each_missing_thing_is_somebody_s_to_chase(without, rule):
    assert opened(WHOLE, "Mon 2026-11-30 07:00", without) == ([rule] if rule else [])


def test_an_incident_reported_an_hour_ago_with_nothing_filled_in_opens_nothing():
    bare = {"incidents": {"incident_ref": "I1", "reported_at": "Mon 2026-11-02 09:00"}}
    assert opened(bare, "Mon 2026-11-02 10:00") == []


def test_a_form_submitted_an_hour_ago_with_nothing_filled_in_opens_nothing():
    form = {"assessment_ref": "A1", "incident_ref": "I1", "submitted_at": "Mon 2026-11-02 12:00"}
    bare = {"incidents": {"incident_ref": "I1", "reported_at": "Mon 2026-11-02 09:00"}, "assessments": form}
    assert opened(bare, "Mon 2026-11-02 13:00") == []


def test_the_time_of_a_sign_off_that_made_a_case_high_is_asked_for_once_and_by_the_graver_rule():
    without = ("assessments", "signed_off_at")
    assert opened(STANDS["one raised to high at sign-off"], "Mon 2026-11-30 07:00", without) == ["REF-01"]
    assert opened(STANDS["one graded only at sign-off"], "Mon 2026-11-30 07:00", without) == ["REF-01"]
    assert opened(STANDS["one confirmed as high at sign-off"], "Mon 2026-11-30 07:00", without) == ["SUP-01"]
    assert opened(STANDS["one lowered at sign-off"], "Mon 2026-11-30 07:00", without) == ["SUP-01"]
