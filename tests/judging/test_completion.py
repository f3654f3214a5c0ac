"""DASH completion, as semantics §7 says it, sentence by sentence."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.judging.completion import (
    COMPLETION,
    HOW_SOON,
    Category,
    completion,
    last_28_days,
    not_mapped,
    tabulate,
)
from dacompliance.judging.deadlines import day_number
from dacompliance.judging.groups import incident_groups
from dacompliance.judging.measures import Share, count
from dacompliance.policy.model import Calendar, Clock, Condition, Deadline, Holiday, Rule, Test, TestKind, Version
from tests.helpers import when
from tests.worlds import UNREADABLE, table, world

REPORTED, AS_AT = "Mon 2026-11-02 21:10", "Wed 2026-11-04 07:00"
FULL = {"answered_count": 27, "question_count": 27}
NEVER = Condition((Test("no_assessment_reason", TestKind.IN, ("no such word",)),))


def version(first: str, hours: int | None = 24, **more) -> Version:
    day = dt.date.fromisoformat(first)
    limit = None if hours is None else Deadline("first_submitted_at", hours, Clock.HOURS)
    return Version(day, more.pop("published", day), done="mash_referred_at", deadline=limit, applies=NEVER, **more)


def rule(*versions: Version) -> Rule:
    about = ("RA-01", "title", "action", "incident", "supervisor", "critical", "source", True)
    return Rule(*about, versions or (version("2026-01-01"),))


def cases(incidents, assessments=(), as_at=AS_AT, by=None, **sets) -> pd.DataFrame:
    known = day_number(when(as_at).date())
    return completion(world(as_at, incidents=incidents, assessments=assessments, **sets), by or rule(), (), known)


def incident(ref="I1", **more):
    return {"incident_ref": ref, "reported_at": REPORTED, **more}


def dash(ref="A1", incident_ref="I1", submitted_at="Tue 2026-11-03 06:00", **more):
    return {"assessment_ref": ref, "incident_ref": incident_ref, "submitted_at": submitted_at, **more}


@pytest.mark.parametrize(
    ("assessment", "complete"),
    [
        pytest.param({**FULL, "risk_grade": "high"}, True, id="submitted, every question answered, graded"),
        pytest.param(
            {**FULL, "risk_grade": "high", "submitted_at": "Wed 2026-11-04 06:59"}, True, id="late, but by the as-at"
        ),
        pytest.param(
            {**FULL, "risk_grade": "high", "submitted_at": "Wed 2026-11-04 07:01"}, False, id="after the as-at"
        ),
        pytest.param({**FULL, "risk_grade": "high", "submitted_at": None}, False, id="a draft"),
        pytest.param({**FULL, "not_known_count": 27, "risk_grade": "high"}, True, id="not known is an answer"),
        pytest.param({"answered_count": 26, "question_count": 27, "risk_grade": "high"}, False, id="one blank"),
        pytest.param({"answered_count": 24, "question_count": 24, "risk_grade": "high"}, True, id="24 of its 24"),
        pytest.param({"answered_count": 24, "question_count": 27, "risk_grade": "high"}, False, id="24 of 27"),
        pytest.param({**FULL}, False, id="no grade"),
        pytest.param(
            {**FULL, "final_grade": "medium", "signed_off_at": "Tue 2026-11-03 09:00"},
            True,
            id="a signed-off final grade",
        ),
        pytest.param({**FULL, "final_grade": "medium"}, False, id="a final grade nobody signed off"),
        pytest.param(
            {**FULL, "final_grade": "medium", "signed_off_at": "Wed 2026-11-04 07:01"},
            False,
            id="signed off after the as-at",
        ),
        pytest.param(
            {**FULL, "final_grade": "medium", "signed_off_at": "Tue 2026-11-03"}, True, id="signed off that day"
        ),
        pytest.param({**FULL, "risk_grade": "high", "declined": "yes"}, True, id="declined, and still complete"),
    ],
)
def test_a_complete_assessment_is_submitted_answered_and_graded(assessment, complete):
    found = cases([incident()], [dash(**assessment)]).iloc[0]
    assert (found["category"] == Category.COMPLETE) == found["complete"] == complete
    assert found["counted"]
    assert not found["cannot_tell"]


@pytest.mark.parametrize(
    "assessment",
    [
        pytest.param({"question_count": 27, "risk_grade": "high"}, id="no count of answers"),
        pytest.param(
            {"answered_count": UNREADABLE, "question_count": 27, "risk_grade": "high"}, id="unreadable answers"
        ),
        pytest.param({"answered_count": 27, "risk_grade": "high"}, id="an instrument that is not listed"),
        pytest.param({**FULL, "risk_grade": UNREADABLE}, id="unreadable grade"),
        pytest.param(
            {**FULL, "final_grade": "high", "signed_off_at": UNREADABLE},
            id="a final grade signed off at an unreadable time",
        ),
        pytest.param(
            {**FULL, "final_grade": UNREADABLE, "signed_off_at": "Tue 2026-11-03 09:00"}, id="an unreadable final grade"
        ),
    ],
)
def test_unknown_is_not_complete_and_is_said(assessment):
    found = cases([incident()], [dash(**assessment)]).iloc[0]
    assert (found["category"], found["complete"], found["cannot_tell"]) == (Category.INCOMPLETE, False, True)


@pytest.mark.parametrize(
    "assessment",
    [
        pytest.param({"answered_count": 20, "question_count": 27, "risk_grade": UNREADABLE}, id="answers blank anyway"),
        pytest.param({"answered_count": UNREADABLE, "question_count": 27}, id="no grade anyway"),
        pytest.param({**FULL, "risk_grade": "high", "final_grade": UNREADABLE}, id="graded anyway"),
    ],
)
def test_an_unreadable_cell_that_decides_nothing_leaves_nothing_open(assessment):
    assert not cases([incident()], [dash(**assessment)]).iloc[0]["cannot_tell"]


def test_two_halves_do_not_make_a_whole():
    answered = dash("A1", **FULL)
    graded = dash("A2", answered_count=3, question_count=27, risk_grade="high")
    assert cases([incident()], [answered, graded]).iloc[0]["category"] == Category.INCOMPLETE


def test_one_complete_assessment_among_others_is_enough():
    whole = dash("A1", **FULL, risk_grade="high")
    later = dash("A2", submitted_at="Tue 2026-11-03 20:00", answered_count=UNREADABLE, declined="yes")
    found = cases([incident()], [later, whole]).iloc[0]
    assert (found["category"], found["cannot_tell"]) == (Category.COMPLETE, False)


@pytest.mark.parametrize(
    ("more", "assessments", "category"),
    [
        pytest.param(
            {}, [dash(declined="yes"), dash("A2")], Category.DECLINED, id="declined comes before not complete"
        ),
        pytest.param(
            {"no_assessment_reason": "x"}, [dash(declined="yes")], Category.DECLINED, id="and before a reason"
        ),
        pytest.param({}, [dash(declined="no")], Category.INCOMPLETE, id="submitted, not complete"),
        pytest.param({}, [dash(declined=UNREADABLE)], Category.INCOMPLETE, id="unreadable is not declined"),
        pytest.param({"no_assessment_reason": "x"}, [dash()], Category.INCOMPLETE, id="a form comes before a reason"),
        pytest.param({"no_assessment_reason": "x"}, [], Category.REASON, id="none, with a reason"),
        pytest.param(
            {"no_assessment_reason": "x"},
            [dash(submitted_at=None, declined="yes")],
            Category.REASON,
            id="a draft is none",
        ),
        pytest.param({}, [], Category.SILENT, id="none and silent"),
        pytest.param({"excluded_reason": "duplicate"}, [], Category.EXCLUDED, id="excluded"),
    ],
)
def test_every_other_incident_stands_in_one_category_the_first_that_fits(more, assessments, category):
    assert cases([incident(**more)], assessments).iloc[0]["category"] == category


@pytest.mark.parametrize(
    ("as_at", "category"),
    [
        pytest.param("Tue 2026-11-03 21:09", Category.NOT_YET_DUE, id="a minute before"),
        pytest.param("Tue 2026-11-03 21:10", Category.NOT_YET_DUE, id="the deadline includes its last instant"),
        pytest.param("Tue 2026-11-03 21:11", Category.COMPLETE, id="a minute after"),
    ],
)
def test_the_limit_is_counted_from_the_report_whatever_the_rule_applies_to_or_starts_from(as_at, category):
    found = cases([incident()], [dash(**FULL, risk_grade="high")], as_at=as_at)
    assert found.iloc[0]["category"] == category


def test_a_report_without_a_time_is_due_from_the_end_of_its_day():
    reported = incident(reported_at="Mon 2026-11-02")
    assert cases([reported], as_at="Wed 2026-11-04 00:00").iloc[0]["category"] == Category.NOT_YET_DUE
    assert cases([reported], as_at="Wed 2026-11-04 00:01").iloc[0]["category"] == Category.SILENT


@pytest.mark.parametrize(
    ("versions", "category", "used"),
    [
        pytest.param([version("2026-11-03")], Category.NO_VERSION, "", id="not in force yet"),
        pytest.param(
            [version("2026-01-01", in_force_until=dt.date(2026, 11, 1))],
            Category.NO_VERSION,
            "",
            id="no longer in force",
        ),
        pytest.param(
            [version("2026-01-01", published=dt.date(2026, 11, 5))], Category.NO_VERSION, "", id="not yet published"
        ),
        pytest.param([version("2026-01-01", hours=None)], Category.NO_DEADLINE, "2026-01-01", id="without a limit"),
        pytest.param(
            [version("2026-01-01", 24), version("2026-11-02", 72)],
            Category.NOT_YET_DUE,
            "2026-11-02",
            id="the later version",
        ),
        pytest.param(
            [version("2026-01-01", 24), version("2026-11-03", 72)],
            Category.SILENT,
            "2026-01-01",
            id="the earlier version",
        ),
    ],
)
def test_the_version_in_force_on_the_day_of_report_sets_the_limit(versions, category, used):
    found = cases([incident()], by=rule(*versions)).iloc[0]
    assert (found["category"], found["version"]) == (category, used)


OFFICE = Calendar("office", (0, 1, 2, 3, 4), ((540, 1020),), "england-and-wales", 1020, 1440, 0)
FUNERAL = Holiday(dt.date(2022, 9, 19), "england-and-wales", "State Funeral", dt.date(2022, 9, 10))


@pytest.mark.parametrize(
    ("known", "category"),
    [
        pytest.param("2022-09-09", Category.SILENT, id="due on Monday, while nobody knew of a bank holiday"),
        pytest.param("2022-09-10", Category.NOT_YET_DUE, id="due on Tuesday, once it was announced"),
    ],
)
def test_a_limit_of_working_days_knows_the_bank_holidays_announced_by_then(known, category):
    deadline = Deadline("reported_at", 1, Clock.WORKING_DAYS, OFFICE)
    by = rule(Version(dt.date(2022, 1, 1), dt.date(2022, 1, 1), done="mash_referred_at", deadline=deadline))
    found = world("Mon 2022-09-19 18:00", incidents=[incident(reported_at="Fri 2022-09-16 10:00")])
    (case,) = completion(found, by, [FUNERAL], day_number(dt.date.fromisoformat(known))).to_dict("records")
    assert case["category"] == category


def test_incidents_stand_in_order_with_the_groups_given_and_why_they_are_excluded():
    found = world(AS_AT, incidents=[incident("I2", excluded_reason="duplicate"), incident("I1")])
    groups = incident_groups(found).assign(area="as given")
    cases = completion(found, rule(), (), day_number(when(AS_AT).date()), groups)
    assert cases[["incident_ref", "area", "excluded_reason"]].to_numpy().tolist() == [
        ["I1", "as given", ""],
        ["I2", "as given", "duplicate"],
    ]
    assert cases.index.tolist() == [0, 1]


def test_an_assessment_set_aside_makes_nobody_complete_and_is_counted_apart():
    lost = [incident("I1", assessments_set_aside="yes"), incident("I2", assessments_set_aside="yes"), incident("I3")]
    found = cases(lost, [dash("A2", "I2", **FULL, risk_grade="high")])
    assert list(found["category"]) == [Category.SILENT, Category.COMPLETE, Category.SILENT]
    assert list(found["cannot_tell"]) == [True, False, False]


def test_a_young_month_is_not_flattered_by_its_quick_cases():
    # Four reported yesterday evening: one already complete, three not begun; none is due yet.
    young = [incident(f"N{number}", reported_at="Tue 2026-11-03 20:00") for number in range(4)]
    old = [incident("O1"), incident("O2")]
    forms = [dash("A1", "N0", **FULL, risk_grade="high"), dash("A2", "O1", **FULL, risk_grade="high")]
    counts = count(cases(young + old, forms), COMPLETION).iloc[0]
    assert (counts["x"], counts["n"], counts["not yet due"]) == (1, 2, 4)


def test_excluding_an_incident_raises_a_rate_only_beside_the_number_excluded():
    forms = [dash("A1", "I1", **FULL, risk_grade="high")]
    before = count(cases([incident("I1"), incident("I2")], forms), COMPLETION).iloc[0]
    excluded = incident("I2", excluded_reason="not domestic")
    after = count(cases([incident("I1"), excluded], forms), COMPLETION).iloc[0]
    assert (before["x"], before["n"], before["excluded"]) == (1, 2, 0)
    assert (after["x"], after["n"], after["excluded"]) == (1, 1, 1)
    assert before["population"] == after["population"] == 2


def test_groups_are_the_local_month_and_what_the_records_say_or_that_they_do_not():
    midnight = incident("I1", reported_at="Sun 2026-11-01 00:30", area="Northmoor", team="A", occurrence_ref="500")
    found = cases([midnight, incident("I2", area=None)], [dash("A1", "I2", risk_grade=UNREADABLE)])
    assert list(found["month"]) == ["2026-11", "2026-11"]
    assert list(found["reported_on"]) == ["2026-11-01", "2026-11-02"]
    assert list(found["area"]) == ["Northmoor", "not recorded"]
    assert list(found["grade"]) == ["not recorded", "cannot be read"]
    assert list(found["occurrence_ref"]) == ["500", "I2"]


def test_an_hour_past_midnight_in_summer_is_the_new_month():
    found = cases([incident(reported_at="Wed 2026-07-01 00:30")])
    assert found.iloc[0]["month"] == "2026-07"


def test_tables_by_month_area_and_both_have_one_row_a_group():
    rows = [
        incident("I1", area="North", reported_at="Fri 2026-10-02 10:00"),
        incident("I2", area="North"),
        incident("I3", area="South"),
        incident("I4", area="South"),
    ]
    found = cases(rows, [dash("A1", "I3", **FULL, risk_grade="high")])
    assert count(found, COMPLETION, ["month"])[["month", "x", "n"]].to_numpy().tolist() == [
        ["2026-10", 0, 1],
        ["2026-11", 1, 3],
    ]
    assert count(found, COMPLETION, ["area"])[["area", "x", "n"]].to_numpy().tolist() == [
        ["North", 0, 2],
        ["South", 1, 2],
    ]
    assert len(count(found, COMPLETION, ["month", "area"])) == 3


def a_few_of_two_areas() -> pd.DataFrame:
    """The South first: one complete, one whose form is set aside, one excluded; and two of the North, one unreadable."""
    rows = [
        incident("I1", area="South"),
        incident("I2", area="South", assessments_set_aside="yes"),
        incident("I3", area="South", excluded_reason="duplicate"),
        incident("I4", area="North", assessments_set_aside="yes"),
        incident("I5", area="North"),
    ]
    return cases(rows, [dash("A1", "I1", **FULL, risk_grade="high"), dash("A5", "I5", **FULL, risk_grade=UNREADABLE)])


def test_a_table_has_a_short_name_for_each_category_what_is_due_and_what_cannot_be_told():
    (row,) = tabulate(a_few_of_two_areas()).to_dict("records")
    assert row == {
        "population": 5, "complete": 1, "declined": 0, "incomplete": 1, "reason": 0, "silent": 2,
        "excluded": 1, "no_version": 0, "no_deadline": 0, "not_yet_due": 0, "due": 4, "cannot_tell": 3,
    }  # fmt: skip


def test_what_cannot_be_told_is_counted_beside_its_own_group_in_whole_numbers():
    found = tabulate(a_few_of_two_areas(), ["area"])
    shown = found[["area", "complete", "due", "cannot_tell"]]
    assert shown.to_numpy().tolist() == [["North", 0, 2, 2], ["South", 1, 2, 1]]
    assert found.drop(columns="area").dtypes.eq(np.int64).all()


def test_completion_of_the_last_28_days_is_told_beside_the_28_before():
    old = incident("I9", reported_at="Tue 2026-10-06 09:00")
    found = cases([incident("I1"), incident("I2"), old], [dash("A1", "I1", **FULL, risk_grade="high")])
    assert last_28_days(found, day_number(when(AS_AT).date())) == (Share(1, 2), Share(0, 1))


def test_no_incident_at_all_is_nought_of_nought():
    found = cases([])
    assert tabulate(found).iloc[0]["cannot_tell"] == 0
    assert len(found) == 0
    assert count(found, COMPLETION).iloc[0]["n"] == 0
    assert len(count(found, COMPLETION, ["month"])) == 0


@pytest.mark.parametrize(
    ("reported", "submitted", "words"),
    [
        pytest.param(REPORTED, "Tue 2026-11-03 05:10", "within 8 hours", id="eight hours"),
        pytest.param(REPORTED, "Tue 2026-11-03 05:11", "8 to 24 hours", id="a minute more"),
        pytest.param(REPORTED, "Tue 2026-11-03 21:10", "8 to 24 hours", id="a day"),
        pytest.param(REPORTED, "Tue 2026-11-03 21:11", "24 to 72 hours", id="a day and a minute"),
        pytest.param("Sat 2026-10-31 08:00", "Tue 2026-11-03 08:01", "after 72 hours", id="three days and a minute"),
        pytest.param("Sun 2026-10-25 00:30", "Sun 2026-10-25 08:00", "8 to 24 hours", id="real time in October"),
        pytest.param(REPORTED, "Mon 2026-11-02 20:00", "within 8 hours", id="before the report"),
        pytest.param(REPORTED, "Tue 2026-11-03", "at a date without a time", id="submitted on a date"),
        pytest.param("Mon 2026-11-02", "Tue 2026-11-03 05:10", "at a date without a time", id="reported on a date"),
        pytest.param(REPORTED, None, "not submitted", id="a draft"),
    ],
)
def test_how_soon_the_first_form_came_is_told_in_real_time(reported, submitted, words):
    found = cases([incident(reported_at=reported)], [dash(submitted_at=submitted)])
    assert found.iloc[0]["submitted"] == words
    assert words in HOW_SOON


@pytest.mark.parametrize(
    ("mapped", "missing"),
    [
        pytest.param(
            {}, ("submitted_at", "answered_count", "question_count", "risk_grade"), id="no assessments at all"
        ),
        pytest.param({**FULL, "submitted_at": None, "risk_grade": None}, (), id="everything"),
        pytest.param({**FULL, "submitted_at": None}, ("risk_grade",), id="no grade"),
        pytest.param(
            {**FULL, "submitted_at": None, "final_grade": None}, ("risk_grade",), id="a grade nobody can sign off"
        ),
        pytest.param(
            {**FULL, "submitted_at": None, "final_grade": None, "signed_off_at": None}, (), id="graded at sign-off"
        ),
        pytest.param({"submitted_at": None, "risk_grade": None}, ("answered_count", "question_count"), id="no answers"),
    ],
)
def test_columns_that_are_not_mapped_are_named_so_that_nothing_is_measured_as_nought(mapped, missing):
    assert not_mapped(table("assessments", [{"assessment_ref": "A1", **mapped}]).columns) == missing


CELLS = st.fixed_dictionaries(
    {
        "answered_count": st.sampled_from([None, UNREADABLE, 0, 26, 27]),
        "question_count": st.sampled_from([None, 27]),
        "risk_grade": st.sampled_from([None, UNREADABLE, "high"]),
        "final_grade": st.sampled_from([None, UNREADABLE, "standard"]),
        "signed_off_at": st.sampled_from([None, UNREADABLE, "Tue 2026-11-03 09:00", "Wed 2026-11-04 09:00"]),
        "declined": st.sampled_from([None, UNREADABLE, "yes", "no"]),
        "submitted_at": st.sampled_from([None, "Tue 2026-11-03 06:00", "Wed 2026-11-04 09:00"]),
    }
)
INCIDENTS = st.lists(
    st.fixed_dictionaries(
        {
            "reported_at": st.sampled_from(
                [REPORTED, "Tue 2026-11-03", "Tue 2026-11-03 20:00", "Fri 2025-12-05 09:00"]
            ),
            "excluded_reason": st.sampled_from([None, None, "duplicate"]),
            "no_assessment_reason": st.sampled_from([None, "reason"]),
            "assessments_set_aside": st.sampled_from([None, "yes"]),
            "area": st.sampled_from([None, "North", "South"]),
        }
    ),
    max_size=6,
)


@given(INCIDENTS, st.lists(st.tuples(st.integers(0, 5), CELLS), max_size=8), st.randoms(use_true_random=False))
def test_completion_agrees_with_a_plain_reading_of_the_definition_in_any_order(incidents, forms, dice):
    rows = [{"incident_ref": f"I{number}", **each} for number, each in enumerate(incidents)]
    children = [
        {"assessment_ref": f"A{number}", "incident_ref": f"I{parent}", **cells}
        for number, (parent, cells) in enumerate(forms)
    ]
    expected = [plain(row, [each for each in children if each["incident_ref"] == row["incident_ref"]]) for row in rows]
    dice.shuffle(rows)
    dice.shuffle(children)
    found = cases(rows, children)
    assert list(found["category"]) == expected
    counts = count(found, COMPLETION).iloc[0]
    assert 0 <= counts["x"] <= counts["n"] <= counts["population"] == len(rows)
    for groups in (["month"], ["area"], ["month", "area"]):
        by = count(found, COMPLETION, groups)
        assert by.drop(columns=groups).sum().to_dict() == counts.to_dict()


def plain(row, forms) -> str:
    """Read the definition for one incident, as a person would."""
    if row["excluded_reason"]:
        return Category.EXCLUDED
    if row["reported_at"].startswith("Fri 2025"):
        return Category.NO_VERSION
    if row["reported_at"].startswith("Tue 2026-11-03"):
        return Category.NOT_YET_DUE
    submitted = [form for form in forms if form["submitted_at"] == "Tue 2026-11-03 06:00"]
    if any(whole(form) for form in submitted):
        return Category.COMPLETE
    if any(form["declined"] == "yes" for form in submitted):
        return Category.DECLINED
    if submitted:
        return Category.INCOMPLETE
    return Category.REASON if row["no_assessment_reason"] else Category.SILENT


def whole(form) -> bool:
    answered = form["answered_count"] == 27 and form["question_count"] == 27
    signed = form["final_grade"] == "standard" and form["signed_off_at"] == "Tue 2026-11-03 09:00"
    return answered and (form["risk_grade"] == "high" or signed)


def test_types_are_plain_so_that_files_and_pages_need_no_casting():
    found = cases([incident()])
    assert all(isinstance(value, str) for name in ("month", "category", "area", "version") for value in found[name])
    assert all(found[name].dtype == np.dtype(bool) for name in ("complete", "counted", "cannot_tell"))
