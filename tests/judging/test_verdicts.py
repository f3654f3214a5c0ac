"""Outcomes, due times and reasons: the tables of semantics §5, each row a sentence."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.judging.verdicts import COLUMNS, frame, judge, overdue_hours
from dacompliance.policy.model import Clock, Condition, Deadline, Rule, Test, TestKind, Version
from tests.helpers import LONDON, when
from tests.worlds import UNREADABLE, world

DAY_ONE = dt.date(2015, 1, 1)
KNOWN = 30_000
IS_HIGH = Condition((Test("grade", TestKind.IN, ("high",)),))
PRESENT_HIGH = Condition((Test("grade", TestKind.PRESENT), Test("grade", TestKind.IN, ("high",))))
CRIME = Condition((Test("crime", TestKind.IN, ("yes",)),))
DAY = Deadline("reported_at", 24, Clock.HOURS)


def rule(about="incident", **version) -> Rule:
    return Rule("R-1", "", "", about, "supervisor", "major", "", True, (Version(DAY_ONE, DAY_ONE, **version),))


def verdict(of: Rule, as_at: str, incident=None, known: int = KNOWN, **children) -> pd.Series:
    made = world(
        as_at,
        incidents=[{"incident_ref": "I1", "reported_at": "Mon 2026-11-02 09:00", **(incident or {})}],
        **{name: [{"incident_ref": "I1", **row} for row in rows] for name, rows in children.items()},
    )
    rows = frame(judge(made, [of], (), known))
    assert len(rows) == 1
    return rows.iloc[0]


CHECKS = {"done": "checks_completed_at", "deadline": DAY}
ON_TIME, LAST, OVER = "Tue 2026-11-03 08:00", "Tue 2026-11-03 09:00", "Tue 2026-11-03 09:01"


@pytest.mark.parametrize(
    ("version", "incident", "as_at", "outcome", "reason"),
    [
        pytest.param(CHECKS, {"checks_completed_at": ON_TIME}, OVER, "met", "", id="done in time"),
        pytest.param(CHECKS, {"checks_completed_at": LAST}, OVER, "met", "", id="done at the last instant"),
        pytest.param(CHECKS, {"checks_completed_at": OVER}, OVER, "late", "", id="done a minute later is late"),
        pytest.param(CHECKS, {"checks_completed_at": None}, LAST, "pending", "", id="the deadline includes its last instant"),
        pytest.param(CHECKS, {"checks_completed_at": None}, OVER, "breached", "", id="not done, a minute later"),
        pytest.param(CHECKS, {"checks_completed_at": UNREADABLE}, LAST, "pending", "checks_completed_at", id="unreadable and not yet due"),
        pytest.param(CHECKS, {"checks_completed_at": UNREADABLE}, OVER, "undetermined", "checks_completed_at", id="unreadable and due"),
        pytest.param(CHECKS, {"checks_completed_at": "Tue 2026-11-03"}, "Wed 2026-11-04 09:00", "met", "", id="a date whose day begins before the deadline"),
        pytest.param(CHECKS, {"checks_completed_at": "Wed 2026-11-04"}, "Wed 2026-11-04 09:00", "late", "", id="a date whose day begins after it"),
        pytest.param(
            {"done": "checks_completed_at", "deadline": Deadline("reported_at", 1, Clock.DAYS)}, {"checks_completed_at": "Wed 2026-11-04"},
            "Wed 2026-11-04 09:00", "late", "", id="a date whose day begins at the deadline is not before it",
        ),
        pytest.param({**CHECKS, "deadline": Deadline("attended_at", 24, Clock.HOURS)}, {"attended_at": None}, OVER, "undetermined", "attended_at", id="no start"),
        pytest.param(
            {**CHECKS, "deadline": Deadline("attended_at", 24, Clock.HOURS)}, {"attended_at": UNREADABLE, "checks_completed_at": ON_TIME},
            OVER, "undetermined", "attended_at", id="an unreadable start, though done",
        ),
        pytest.param({"done": "checks_completed_at"}, {"checks_completed_at": ON_TIME}, OVER, "met", "", id="no deadline, done"),
        pytest.param({"done": "checks_completed_at"}, {"checks_completed_at": None}, OVER, "breached", "", id="no deadline, not done"),
        pytest.param({"done": "checks_completed_at"}, {"checks_completed_at": UNREADABLE}, OVER, "undetermined", "checks_completed_at", id="no deadline, unreadable"),
        pytest.param({**CHECKS, "applies": CRIME}, {"crime": "no"}, OVER, "not_applicable", "applies", id="does not apply"),
        pytest.param({**CHECKS, "applies": CRIME}, {"crime": None}, LAST, "pending", "crime", id="may apply, not yet due"),
        pytest.param({**CHECKS, "applies": CRIME}, {"crime": None, "checks_completed_at": ON_TIME}, OVER, "undetermined", "crime", id="may apply: done does not answer"),
        pytest.param({**CHECKS, "applies": CRIME}, {"crime": UNREADABLE}, OVER, "undetermined", "crime", id="unreadable applies"),
        pytest.param({**CHECKS, "applies": CRIME}, {"crime": "yes", "excluded_reason": "duplicate"}, OVER, "not_applicable", "excluded", id="excluded comes first"),
        pytest.param({"holds": CRIME, "deadline": DAY}, {"crime": "no"}, LAST, "pending", "", id="does not hold yet"),
        pytest.param({"holds": CRIME, "deadline": DAY}, {"crime": "no"}, OVER, "breached", "", id="does not hold, and due"),
        pytest.param({"holds": CRIME, "deadline": DAY}, {"crime": "yes"}, OVER, "met", "", id="holds"),
        pytest.param({"holds": CRIME, "deadline": DAY}, {"crime": None}, OVER, "undetermined", "crime", id="holds is unknown"),
        pytest.param({"holds": CRIME}, {"crime": "no"}, "Mon 2026-11-02 09:00", "breached", "", id="holds without a deadline is judged at once"),
        pytest.param(
            {**CHECKS, "applies": CRIME, "deadline": Deadline("attended_at", 24, Clock.HOURS)}, {"crime": None, "attended_at": None},
            OVER, "undetermined", "crime", id="of an unknown applies and no start, applies is the reason",
        ),
        pytest.param(
            {"applies": PRESENT_HIGH, **CHECKS}, {}, OVER, "not_applicable", "applies", id="is present beside the test: missing does not apply",
        ),
        pytest.param({"applies": IS_HIGH, **CHECKS}, {}, OVER, "undetermined", "grade", id="the test alone: missing cannot be judged"),
        pytest.param(
            {**CHECKS, "applies": Condition((), ((CRIME, Condition((Test("repeat_victim", TestKind.IN, ("yes",)),))),))},
            {"crime": "no", "repeat_victim": None}, OVER, "undetermined", "repeat_victim", id="any: only its unknown tables are named",
        ),
        pytest.param(
            {**CHECKS, "applies": Condition((), ((CRIME, Condition((Test("repeat_victim", TestKind.IN, ("yes",)),))),))},
            {"crime": "yes", "repeat_victim": None, "checks_completed_at": ON_TIME}, OVER, "met", "", id="any: true or unknown is true",
        ),
        pytest.param(
            {**CHECKS, "applies": Condition((Test("officer_id", TestKind.DIFFERS_FROM, other="supervisor_id"),))},
            {"officer_id": "A", "supervisor_id": None}, OVER, "undetermined", "supervisor_id", id="differs_from: the side that is missing",
        ),
    ],
)  # fmt: skip
def test_the_first_outcome_that_fits(version, incident, as_at, outcome, reason):
    found = verdict(rule(**version), as_at, incident)
    assert (found.outcome, found.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("early", "done", "outcome", "done_at"),
    [
        pytest.param("met", "Sun 2026-11-01 09:00", "met", "Sun 2026-11-01 09:00", id="a finish before the start is met by default"),
        pytest.param("undetermined", "Mon 2026-11-02 08:59", "undetermined", "Mon 2026-11-02 08:59", id="cannot be judged where the rule says so"),
        pytest.param("undetermined", "Mon 2026-11-02 09:00", "met", "Mon 2026-11-02 09:00", id="at the start is not before it"),
        pytest.param("undetermined", "Mon 2026-11-02", "met", "Mon 2026-11-02 00:00", id="a date of that day is not before it on every reading"),
        pytest.param("undetermined", "Sun 2026-11-01", "undetermined", "Sun 2026-11-01 00:00", id="a date of the day before is"),
        pytest.param(48, "Sat 2026-10-31 09:00", "met", "Sat 2026-10-31 09:00", id="exactly 48 hours before still counts"),
        pytest.param(48, "Sat 2026-10-31 08:59", "breached", None, id="a minute earlier is no finish"),
        pytest.param(48, "Sat 2026-10-31", "met", "Sat 2026-10-31 00:00", id="a date that may be late enough counts"),
        pytest.param(48, "Fri 2026-10-30", "breached", None, id="a date too early on every reading"),
    ],
)  # fmt: skip
def test_what_a_finish_before_the_start_means(early, done, outcome, done_at):
    found = verdict(rule(**CHECKS, early=early), "Wed 2026-11-04 09:00", {"checks_completed_at": done})
    assert found.outcome == outcome
    assert (None if pd.isna(found.done_at) else found.done_at.to_pydatetime()) == (done_at and when(done_at, LONDON))
    assert found.reason == ("checks_completed_at; reported_at" if outcome == "undetermined" else "")


HIGH = [{"assessment_ref": "A1", "submitted_at": "Tue 2026-11-03 09:00", "risk_grade": "high"}]
TO_MASH = {
    "applies": PRESENT_HIGH,
    "done": "mash_referred_at",
    "deadline": Deadline("grade_since", 24, Clock.HOURS),
    "early": 48,
}


def referral(ref, at):
    return {"referral_ref": ref, "destination": "MASH", "referred_at": at}


def test_of_several_referrals_the_earliest_not_too_early_is_taken():
    rows = [
        referral("R1", "Tue 2026-10-27 09:00"),
        referral("R2", "Tue 2026-11-03 12:00"),
        referral("R3", "Wed 2026-11-04 08:00"),
    ]
    found = verdict(rule(**TO_MASH), "Fri 2026-11-06 09:00", assessments=HIGH, referrals=rows)
    assert (found.outcome, found.done_at) == ("met", pd.Timestamp("2026-11-03 12:00", tz="UTC"))


def test_a_referral_long_before_the_case_became_high_does_not_answer_for_it():
    found = verdict(
        rule(**TO_MASH), "Fri 2026-11-06 09:00", assessments=HIGH, referrals=[referral("R1", "Tue 2026-10-27 09:00")]
    )
    assert (found.outcome, found.reason) == ("breached", "")


def test_each_form_of_an_incident_has_its_own_earliest_referral():
    forms = [
        {"assessment_ref": ref, "incident_ref": "I1", "submitted_at": at}
        for ref, at in (("A1", "Mon 2026-11-02 10:00"), ("A2", "Thu 2026-11-05 10:00"))
    ]
    made = world(
        "Sun 2026-11-08 09:00",
        incidents=[{"incident_ref": "I1", "reported_at": "Mon 2026-11-02 09:00"}],
        assessments=forms,
        referrals=[
            {"incident_ref": "I1", **referral("R1", "Mon 2026-11-02 12:00")},
            {"incident_ref": "I1", **referral("R2", "Thu 2026-11-05 12:00")},
        ],
    )
    sent = rule("assessment", done="mash_referred_at", deadline=Deadline("submitted_at", 24, Clock.HOURS), early=1)
    rows = frame(judge(made, [sent], (), KNOWN)).sort_values("item_ref")
    assert rows.done_at.dt.strftime("%d").tolist() == ["02", "05"]


@pytest.mark.parametrize(
    ("flags", "about", "reason"),
    [
        pytest.param({"assessments_set_aside": "yes"}, "grade", "assessments", id="a lost form"),
        pytest.param({"referrals_set_aside": "yes"}, "mash_referred_at", "referrals", id="a lost referral"),
        pytest.param(
            {"assessments_set_aside": "yes", "referrals_set_aside": "yes"}, "both", "assessments; referrals", id="both"
        ),
    ],
)
def test_a_lost_child_makes_no_one_compliant_and_invents_no_breach(flags, about, reason):
    rules = {
        "grade": rule(applies=PRESENT_HIGH, **CHECKS),
        "mash_referred_at": rule(done="mash_referred_at", deadline=DAY),
        "both": rule(**TO_MASH),
    }
    found = verdict(
        rules[about],
        "Fri 2026-11-06 09:00",
        flags,
        assessments=HIGH,
        referrals=[referral("R1", "Tue 2026-11-03 12:00")],
    )
    assert (found.outcome, found.reason) == ("undetermined", reason)
    unconcerned = verdict(rule(**CHECKS), OVER, {**flags, "checks_completed_at": ON_TIME})
    assert unconcerned.outcome == "met"


@pytest.mark.parametrize(
    ("as_at", "grade", "outcome"),
    [
        pytest.param("Tue 2026-11-03 10:00", "high", "pending", id="not yet due"),
        pytest.param("Fri 2026-11-06 09:00", "high", "undetermined", id="due"),
        pytest.param(
            "Fri 2026-11-06 09:00", "standard", "undetermined", id="though what is left says it does not apply"
        ),
        pytest.param("Tue 2026-11-03 10:00", None, "undetermined", id="without a start it is not pending"),
    ],
)
def test_of_a_lost_form_the_reason_is_that_and_nothing_else(as_at, grade, outcome):
    forms = [{**HIGH[0], "risk_grade": grade}]
    found = verdict(rule(**TO_MASH), as_at, {"assessments_set_aside": "yes"}, assessments=forms)
    assert (found.outcome, found.reason, pd.isna(found.done_at)) == (outcome, "assessments", True)


@pytest.mark.parametrize(
    ("start", "done", "outcome"),
    [
        pytest.param("Tue 2026-11-03", "Mon 2026-11-02 23:59", "undetermined", id="before the day began"),
        pytest.param("Tue 2026-11-03", "Tue 2026-11-03 00:00", "met", id="as it began, it may have been after"),
        pytest.param("Tue 2026-11-03", "Tue 2026-11-03", "met", id="on the same day it may have been after"),
        pytest.param("Tue 2026-11-03", "Mon 2026-11-02", "undetermined", id="on the day before"),
        pytest.param("Tue 2026-11-03 00:00", "Mon 2026-11-02", "undetermined", id="a day that ends as it starts"),
        pytest.param("Wed 2026-07-01 00:00", "Tue 2026-06-30", "undetermined", id="and so by the summer's clock"),
    ],
)
def test_before_the_start_only_on_every_reading(start, done, outcome):
    checks = {"done": "checks_completed_at", "deadline": Deadline("attended_at", 24, Clock.HOURS)}
    cells = {"attended_at": start, "checks_completed_at": done}
    assert verdict(rule(**checks, early="undetermined"), "Fri 2026-11-06 09:00", cells).outcome == outcome


def test_one_unreadable_receipt_leaves_it_open_though_another_is_late_enough():
    received = [
        {**referral("R1", "Tue 2026-10-27 09:00"), "received_at": UNREADABLE},
        {**referral("R2", "Tue 2026-11-03 12:00"), "received_at": "Tue 2026-11-03 13:00"},
    ]
    found = verdict(
        rule(**{**TO_MASH, "done": "mash_received_at"}), "Fri 2026-11-06 09:00", assessments=HIGH, referrals=received
    )
    assert (found.outcome, found.reason) == ("undetermined", "mash_received_at")


def versions(*dates: tuple[str, str | None, int]) -> Rule:
    made = tuple(
        Version(dt.date.fromisoformat(start), dt.date.fromisoformat(start), None if end is None else dt.date.fromisoformat(end),
                done="checks_completed_at", deadline=Deadline("reported_at", hours, Clock.HOURS))
        for start, end, hours in dates
    )  # fmt: skip
    return Rule("R-1", "", "", "incident", "supervisor", "major", "", True, made)


@pytest.mark.parametrize(
    ("dates", "known", "expected"),
    [
        pytest.param(
            [("2026-01-01", None, 24), ("2026-11-02", None, 48)], KNOWN, "2026-11-02", id="from its first day"
        ),
        pytest.param([("2026-01-01", None, 24), ("2026-11-03", None, 48)], KNOWN, "2026-01-01", id="not before it"),
        pytest.param(
            [("2026-11-02", None, 48), ("2026-01-01", None, 24)], KNOWN, "2026-11-02", id="whatever their order"
        ),
        pytest.param([("2026-01-01", "2026-11-02", 24)], KNOWN, "2026-01-01", id="its last day"),
        pytest.param([("2026-01-01", "2026-11-01", 24)], KNOWN, "", id="after its last day there is none"),
        pytest.param(
            [("2026-01-01", None, 24), ("2026-10-01", "2026-11-01", 48)],
            KNOWN,
            "",
            id="nor does the one before it come back",
        ),
        pytest.param([("2026-11-03", None, 24)], KNOWN, "", id="none yet"),
        pytest.param(
            [("2026-01-01", None, 24), ("2026-11-02", None, 48)], 20_758, "2026-01-01", id="not yet published"
        ),
    ],
)
def test_the_version_in_force_on_the_day_of_report(dates, known, expected):
    found = verdict(versions(*dates), OVER, known=known)
    assert found.version == expected
    assert found.reason == ("" if expected else "no version")
    assert found.outcome == (
        "not_applicable" if not expected else "pending" if expected == "2026-11-02" else "breached"
    )


def test_due_is_told_whenever_there_is_a_start_and_the_rule_applies():
    assert verdict(rule(**CHECKS), LAST).due_at == pd.Timestamp("2026-11-03 09:00", tz="UTC")
    assert verdict(rule(**CHECKS, applies=CRIME), OVER).due_at == pd.Timestamp("2026-11-03 09:00", tz="UTC")
    assert pd.isna(verdict(rule(**CHECKS, applies=CRIME), OVER, {"crime": "no"}).due_at)


def test_overdue_hours_are_cut_off_to_hundredths():
    rows = pd.DataFrame(
        {
            "outcome": ["late", "late", "breached", "breached", "met", "pending"],
            "due_at": pd.to_datetime(
                ["2026-11-03 09:00"] * 3 + [None, "2026-11-03 09:00", "2026-11-09 00:00"], utc=True
            ).as_unit("us"),
            "done_at": pd.to_datetime(
                ["2026-11-03 10:20", "2026-11-03 09:00", None, None, "2026-11-03 08:00", None], utc=True
            ).as_unit("us"),
        }
    )
    as_at = pd.Timestamp("2026-11-04 09:00", tz="UTC")
    assert overdue_hours(rows.iloc[[3, 0]], as_at).to_dict() == {3: "", 0: "1.33"}  # each beside its own verdict
    assert overdue_hours(rows, as_at).tolist() == [
        "1.33",
        "0.00",  # a date whose day begins at the deadline
        "24.00",
        "",
        "",
        "",
    ]


def test_no_verdicts_are_a_frame_like_any_other():
    incidents = [{"incident_ref": "I1", "reported_at": "Mon 2026-11-02 09:00"}]
    both = frame(judge(world(OVER, incidents=incidents), [rule(**CHECKS), rule(**CHECKS)], (), KNOWN))
    none = frame([])
    assert (both.index.tolist(), none.index.tolist()) == ([0, 1], [])
    assert tuple(none.columns) == tuple(both.columns) == COLUMNS
    assert [none[name].dtype for name in ("due_at", "done_at")] == [both[name].dtype for name in ("due_at", "done_at")]


@given(st.permutations(range(5)))
def test_order_of_rows_changes_no_verdict(order):
    incidents = [
        {
            "incident_ref": f"I{n}",
            "reported_at": f"Mon 2026-11-02 0{n}:00",
            "crime": "yes" if n % 2 else None,
            "checks_completed_at": ON_TIME if n > 2 else None,
        }
        for n in range(5)
    ]

    def judged(rows):
        found = frame(judge(world(OVER, incidents=rows), [rule(**CHECKS, applies=CRIME)], (), KNOWN))
        return found.sort_values("item_ref").reset_index(drop=True)

    pd.testing.assert_frame_equal(judged(incidents), judged([incidents[n] for n in order]))
