"""The bundled pack: every rule explains itself, every worked case passes, and one gap opens one exception."""

import datetime as dt
import re

import pytest

from dacompliance.judging.cases import case_faults, run_case
from dacompliance.judging.deadlines import day_number
from dacompliance.judging.verdicts import frame, judge
from dacompliance.policy.files import load_pack, load_rule, optional_files
from dacompliance.records.contract import Kind
from tests.helpers import LONDON
from tests.worlds import world

PACK = load_pack(None)
OWN = {"incidents": {"adult_at_risk": Kind.YES_NO}}
OPTIONAL = [load_rule(path, None, OWN) for path in optional_files(None)]
RULES = [*PACK.rules, *OPTIONAL]
CASES = [pytest.param(rule, case, id=f"{rule.id} {case.name}") for rule in RULES for case in rule.cases]
CHASED = [rule for rule in RULES if rule.chase]
WITH_LIMIT = [rule for rule in RULES if rule.versions[0].deadline is not None]


def test_these_are_its_rules():
    assert {rule.id: rule.chase for rule in PACK.rules} == {
        "INV-01": True,
        "PN-01": False,
        "RA-01": True,
        "RA-02": True,
        "RA-03": True,
        "RA-04": False,
        "REF-01": True,
        "REF-03": True,
        "REF-04": True,
        "REF-08": False,
        "RU-01": True,
        "SUP-01": True,
        "SUP-02": False,
        "SUP-03": True,
        "SUP-04": False,
        "SUP-05": False,
    }


def test_these_are_off_until_a_force_adopts_them():
    assert [rule.id for rule in OPTIONAL] == ["INV-02", "INV-03", "REF-02", "REF-05", "REF-06", "REF-07"]
    assert all(rule.text.startswith("# Off until a force adopts it: copy this file") for rule in OPTIONAL)


def test_no_id_stands_twice_so_that_any_of_them_can_be_adopted():
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_every_worked_case_is_judged_as_it_expects(rule, case):
    assert run_case(rule, case, PACK, LONDON) == []


def test_no_case_is_left_out_of_the_list_of_faults():
    assert case_faults(RULES, PACK, LONDON) == ()


# What keeps an outcome from ever being one of a rule's: `holds` is never late; where the start is there whenever the
# rule applies, and a finish before it is good, nothing is unclear but a cell that cannot be read, which no case has.
ALL = {"not_applicable", "undetermined", "pending", "met", "late", "breached"}
STATE = ALL - {"late"}
AT_ONCE = STATE - {"pending"}
CERTAIN = ALL - {"undetermined"}
OUTCOMES = {
    "INV-01": ALL,
    "INV-02": CERTAIN,
    "INV-03": CERTAIN,
    "PN-01": STATE,
    "RA-01": ALL,
    "RA-02": STATE,
    "RA-03": STATE,
    "RA-04": AT_ONCE,
    "REF-01": ALL,
    "REF-02": CERTAIN,
    "REF-03": CERTAIN,
    "REF-04": CERTAIN,
    "REF-05": CERTAIN,
    "REF-06": CERTAIN,
    "REF-07": CERTAIN,
    "REF-08": ALL,
    "RU-01": CERTAIN,
    "SUP-01": STATE,
    "SUP-02": ALL,
    "SUP-03": STATE,
    "SUP-04": AT_ONCE,
    "SUP-05": AT_ONCE,
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_there_is_a_case_for_each_outcome_a_rule_can_have(rule):
    assert {case.expect for case in rule.cases} == OUTCOMES[rule.id]


@pytest.mark.parametrize("rule", WITH_LIMIT, ids=lambda rule: rule.id)
def test_there_is_a_case_for_the_last_instant_and_for_the_minute_after(rule):
    edges = {(case.as_at == case.due, case.expect) for case in rule.cases if case.due is not None}
    assert (True, "pending") in edges
    minute = dt.timedelta(minutes=1)
    assert any(case.due is not None and case.as_at - case.due == minute for case in rule.cases)
    if rule.versions[0].done is not None:
        finished = {case.record.get(rule.versions[0].done) for case in rule.cases if case.expect == "met"}
        assert {case.due for case in rule.cases} & finished, "no case that is done at the last instant"


@pytest.mark.parametrize("rule", WITH_LIMIT, ids=lambda rule: rule.id)
def test_every_case_with_a_start_says_when_it_falls_due(rule):
    assert [
        case.name for case in rule.cases if case.expect not in ("not_applicable", "undetermined") and not case.due
    ] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_explains_itself(rule):
    assert re.search(
        r"the (limit|time|calendar|number) is the force's to set|is the force's to say|HMIC PEEL 2015", rule.source
    )
    assert re.search(r"To change (the \w+|what is asked), add a version\.$", rule.note)
    assert not rule.title.endswith(".")


@pytest.mark.parametrize("rule", WITH_LIMIT, ids=lambda rule: rule.id)
def test_a_limit_that_no_source_fixes_says_so_and_how_it_is_changed(rule):
    statutory = {"REF-07": "the calendar is the force's to set"}
    assert statutory.get(rule.id, "the limit is the force's to set") in rule.source
    assert rule.note.endswith("To change the limit, add a version.")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_bundled_version_claims_an_approval_and_each_reaches_back_ten_years(rule):
    assert [version.approved for version in rule.versions] == [None]
    began = {"REF-07": dt.date(2025, 11, 7)}.get(rule.id, dt.date(2014, 1, 1))  # a duty may be younger
    assert rule.versions[0].in_force_from == rule.versions[0].published == began


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
    "crime": "yes",
    "children_present": "yes",
    "adult_at_risk": "yes",
    "specialist_required": "yes",
    "specialist_allocated_at": "Mon 2026-11-02 17:00",
    "plan_set_at": "Mon 2026-11-02 18:30",
    "investigation_reviewed_at": "Mon 2026-11-02 19:00",
    "protection_notice_considered_at": "Mon 2026-11-02 14:00",
    "protection_notice_decision": "not sought",
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
REFERRALS = [
    {
        "referral_ref": f"F-{destination}",
        "incident_ref": "I1",
        "destination": destination,
        "referred_at": "Mon 2026-11-02 16:00",
        "received_at": "Mon 2026-11-02 17:00",
        "cancelled": None,
    }
    for destination in ("MASH", "MARAC", "IDVA", "CHILDREN", "ADULTS", "ENCOMPASS")
]
WHOLE = {"incidents": [INCIDENT], "assessments": [ASSESSMENT], "referrals": REFERRALS}
GRADED_BY = {
    "a case graded high": {},
    "one graded medium": {"risk_grade": "medium"},
    "one graded standard": {"risk_grade": "standard"},
    "one confirmed as high at sign-off": {"final_grade": "high", "final_rationale_recorded": "yes"},
    "one raised to high at sign-off": {
        "risk_grade": "medium",
        "final_grade": "high",
        "final_rationale_recorded": "yes",
    },
    "one lowered at sign-off": {"final_grade": "standard", "final_rationale_recorded": "yes"},
    "one lowered to medium at sign-off, with no reason but the supervisor's": {
        "rationale_recorded": None,
        "final_grade": "medium",
        "final_rationale_recorded": "yes",
    },
    "one graded only at sign-off": {
        "risk_grade": None,
        "rationale_recorded": None,
        "final_grade": "high",
        "final_rationale_recorded": "yes",
    },
    "one graded medium only at sign-off": {
        "risk_grade": None,
        "rationale_recorded": None,
        "final_grade": "medium",
        "final_rationale_recorded": "yes",
    },
}
STANDS = {name: {**WHOLE, "assessments": [{**ASSESSMENT, **grades}]} for name, grades in GRADED_BY.items()}
KEYS = {"incident_ref", "assessment_ref", "referral_ref", "reported_at"}


def opened(case, as_at, without=None):
    """Return which chased rules open an exception for a case with one cell blanked, or one record taken away."""
    return openings(case, as_at, [without])[without]


def openings(case, as_at, gaps):
    """Return the same of a case with each of many gaps: as many incidents, judged at once."""
    rows = {"incidents": [], "assessments": [], "referrals": []}
    for number, gap in enumerate(gaps):
        for record_set, several in case.items():
            rows[record_set] += numbered(with_gap(several, gap if gap and gap[0] == record_set else None), number)
    made = world(as_at, own=OWN["incidents"], **rows)
    verdicts = frame(judge(made, CHASED, PACK.holidays, day_number(dt.date(2026, 12, 31))))
    calls = verdicts[verdicts["outcome"].isin(["breached", "undetermined"])]
    found = {f"I1-{number}": [] for number in range(len(gaps))}
    for incident, rule in zip(calls["incident_ref"], calls["rule_id"], strict=True):
        found[incident].append(rule)
    return dict(zip(gaps, map(sorted, found.values()), strict=True))


def with_gap(rows, gap):
    """Return copies of a record set's rows, one of them without a cell, or without the row itself."""
    copies = [dict(row) for row in rows]
    if gap is not None:
        _, place, column = gap
        if column is None:
            del copies[place]
        else:
            copies[place][column] = None
    return copies


def numbered(rows, number):
    """Return rows whose references are those of one case among many."""
    return [{name: f"{cell}-{number}" if name.endswith("_ref") else cell for name, cell in row.items()} for row in rows]


def gaps(case):
    """Return every single thing that can be missing: a cell, or a whole form or referral."""
    for record_set, rows in case.items():
        for place, row in enumerate(rows):
            yield from ((record_set, place, column) for column, cell in row.items() if cell and column not in KEYS)
            if record_set != "incidents":
                yield record_set, place, None


DAYS = ["Mon 2026-11-02 20:00", "Tue 2026-11-03 10:00", "Mon 2026-11-09 18:00", "Mon 2026-12-14 07:00"]
AFTERWARDS = DAYS[-1]


@pytest.mark.parametrize("name", STANDS)
def test_a_case_with_everything_in_place_opens_nothing(name):
    assert opened(STANDS[name], AFTERWARDS) == []


@pytest.mark.parametrize("name", STANDS)
@pytest.mark.parametrize("as_at", DAYS)
def test_no_single_missing_thing_opens_two_exceptions(name, as_at):
    """Holds of the whole pack with every optional rule adopted."""
    found = openings(STANDS[name], as_at, list(gaps(STANDS[name])))
    assert {gap: rules for gap, rules in found.items() if len(rules) > 1} == {}


@pytest.mark.parametrize(
    ("without", "rule"),
    [
        pytest.param(("assessments", 0, "submitted_at"), "RA-01", id="a form that is still a draft"),
        pytest.param(("assessments", 0, None), "RA-01", id="no form at all"),
        pytest.param(("assessments", 0, "answered_count"), "RA-02", id="no answers"),
        pytest.param(("assessments", 0, "instrument"), None, id="no name of the form, where its numbers are there"),
        pytest.param(("assessments", 0, "question_count"), "RA-02", id="a form nobody has listed"),
        pytest.param(("assessments", 0, "declined"), None, id="nothing said about declining"),
        pytest.param(("assessments", 0, "risk_grade"), "RA-03", id="no grade"),
        pytest.param(("assessments", 0, "rationale_recorded"), "RA-03", id="no reason for the grade"),
        pytest.param(("assessments", 0, "signed_off_at"), "SUP-01", id="no sign-off"),
        pytest.param(("assessments", 0, "signed_off_by"), "SUP-01", id="a sign-off by nobody"),
        pytest.param(("assessments", 0, "assessor_id"), "SUP-01", id="a form by nobody"),
        pytest.param(("incidents", 0, "checks_completed_at"), "RU-01", id="no checks"),
        pytest.param(("referrals", 0, None), "REF-01", id="no referral to the MASH"),
        pytest.param(("referrals", 0, "destination"), "REF-01", id="a referral to nowhere"),
        pytest.param(("referrals", 0, "referred_at"), "REF-01", id="a referral at no time"),
        pytest.param(("referrals", 0, "received_at"), None, id="no word from the MASH: measured, and not chased"),
        pytest.param(("referrals", 1, None), "REF-04", id="no referral to the MARAC"),
        pytest.param(("referrals", 2, None), "REF-05", id="no referral to an adviser"),
        pytest.param(("referrals", 3, None), "REF-03", id="no referral of the children"),
        pytest.param(("referrals", 4, None), "REF-06", id="no referral of the adult"),
        pytest.param(("referrals", 5, None), "REF-07", id="no notice to the school"),
        pytest.param(("incidents", 0, "children_present"), None, id="nothing said about children"),
        pytest.param(("incidents", 0, "specialist_required"), None, id="nothing said about a specialist"),
        pytest.param(("incidents", 0, "specialist_allocated_at"), "INV-01", id="no specialist"),
        pytest.param(("incidents", 0, "plan_set_at"), "INV-02", id="no plan"),
        pytest.param(("incidents", 0, "investigation_reviewed_at"), "INV-03", id="no review"),
        pytest.param(("incidents", 0, "protection_notice_decision"), None, id="no decision: measured, and not chased"),
    ],
)
def test_each_missing_thing_is_somebody_s_to_chase(without, rule):
    assert opened(WHOLE, AFTERWARDS, without) == ([rule] if rule else [])


def test_an_incident_reported_an_hour_ago_with_nothing_filled_in_opens_nothing():
    bare = {"incidents": [{"incident_ref": "I1", "reported_at": "Mon 2026-11-02 09:00"}]}
    assert opened(bare, "Mon 2026-11-02 10:00") == []


def test_a_form_submitted_an_hour_ago_with_nothing_filled_in_opens_nothing():
    form = {"assessment_ref": "A1", "incident_ref": "I1", "submitted_at": "Mon 2026-11-02 12:00"}
    bare = {"incidents": [{"incident_ref": "I1", "reported_at": "Mon 2026-11-02 09:00"}], "assessments": [form]}
    assert opened(bare, "Mon 2026-11-02 13:00") == []


def test_the_time_of_a_sign_off_that_made_a_case_high_is_asked_for_once_and_by_the_graver_rule():
    without = ("assessments", 0, "signed_off_at")
    assert opened(STANDS["one raised to high at sign-off"], AFTERWARDS, without) == ["REF-01"]
    assert opened(STANDS["one graded only at sign-off"], AFTERWARDS, without) == ["REF-01"]
    assert opened(STANDS["one confirmed as high at sign-off"], AFTERWARDS, without) == ["SUP-01"]
    assert opened(STANDS["one lowered at sign-off"], AFTERWARDS, without) == ["SUP-01"]


def test_the_reason_for_a_lower_grade_is_asked_for_once():
    lowered = STANDS["one lowered at sign-off"]
    assert opened(lowered, AFTERWARDS, ("assessments", 0, "final_rationale_recorded")) == ["SUP-03"]
    assert opened(lowered, AFTERWARDS, ("assessments", 0, "rationale_recorded")) == []
    alone = STANDS["one lowered to medium at sign-off, with no reason but the supervisor's"]
    assert opened(alone, AFTERWARDS, ("assessments", 0, "final_rationale_recorded")) == ["RA-03"]


def test_a_medium_case_without_the_time_of_its_sign_off_is_the_supervisor_s():
    without = ("assessments", 0, "signed_off_at")
    assert opened(STANDS["one graded medium only at sign-off"], AFTERWARDS, without) == ["SUP-01"]
