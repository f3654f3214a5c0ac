"""Where an item stands under a rule, and how cases are counted, as semantics §7 says it."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.judging.deadlines import day_number
from dacompliance.judging.groups import incident_groups, item_groups
from dacompliance.judging.measures import RULE, Counting, Place, Share, count, last_28_days, rule_cases
from dacompliance.judging.outcomes import Outcome
from dacompliance.judging.verdicts import RuleVerdicts, judge_rule
from dacompliance.policy.model import Clock, Condition, Deadline, Rule, Test, TestKind, Version
from dacompliance.records.table import MISSING
from tests.helpers import micros, when
from tests.worlds import world

AS_AT = "Wed 2026-11-04 07:00"
PAST, NOW, AHEAD = "Tue 2026-11-03 21:10", AS_AT, "Thu 2026-11-05 09:00"
SINCE_2026 = Version(dt.date(2026, 1, 1), dt.date(2026, 1, 1), done="first_submitted_at")
NAMES = ("RA-01", "title", "action", "incident", "supervisor", "critical", "source", True)


def rule(version: Version = SINCE_2026) -> Rule:
    return Rule(*NAMES, (version,))


def incident(ref="I1", **more):
    return {"incident_ref": ref, "reported_at": "Mon 2026-11-02 21:10", **more}


def verdict(outcome, due=None, version=0, excluded_reason=None):
    return {"outcome": outcome, "due": due, "version": version, "excluded_reason": excluded_reason}


def stand(*rows) -> pd.DataFrame:
    """Return the cases of verdicts written down as they are, whether or not a rule could say them of these records."""
    found = world(
        AS_AT, incidents=[incident(f"I{n}", excluded_reason=r["excluded_reason"]) for n, r in enumerate(rows)]
    )
    size = len(rows)
    said = RuleVerdicts(
        rule(),
        found.incidents,
        np.array([row["version"] for row in rows], dtype=np.int64),
        np.array([row["outcome"] for row in rows], dtype=np.int64),
        np.array([micros(row["due"]) for row in rows], dtype=np.int64),
        np.full(size, MISSING, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        ("",),
    )
    return rule_cases(said, item_groups(found, "incident", incident_groups(found)), micros(AS_AT))


NONE = Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("row", "place", "marks"),
    [
        pytest.param(verdict(NONE, excluded_reason="duplicate"), Place.EXCLUDED, set(), id="excluded"),
        pytest.param(
            verdict(NONE, version=-1, excluded_reason="duplicate"),
            Place.EXCLUDED,
            set(),
            id="excluded comes before no version",
        ),
        pytest.param(verdict(NONE, version=-1), Place.NO_VERSION, set(), id="no version"),
        pytest.param(verdict(NONE), Place.NOT_APPLICABLE, set(), id="does not apply"),
        pytest.param(verdict(Outcome.MET, PAST), Place.MET, {"judged", "met", "done"}, id="met"),
        pytest.param(verdict(Outcome.LATE, PAST), Place.LATE, {"judged", "done"}, id="late is done, not in time"),
        pytest.param(verdict(Outcome.BREACHED, PAST), Place.NOT_MET, {"judged"}, id="overdue"),
        pytest.param(
            verdict(Outcome.UNDETERMINED, PAST), Place.UNDETERMINED, {"judged"}, id="undetermined stays in the rate"
        ),
        pytest.param(
            verdict(Outcome.UNDETERMINED), Place.UNDETERMINED, {"judged"}, id="undetermined without a due time"
        ),
        pytest.param(verdict(Outcome.MET), Place.MET, {"judged", "met", "done"}, id="met without a deadline"),
        pytest.param(verdict(Outcome.BREACHED), Place.NOT_MET, {"judged"}, id="a state without a deadline"),
        pytest.param(verdict(Outcome.MET, AHEAD), Place.NOT_YET_DUE, set(), id="done quickly, not yet due"),
        pytest.param(verdict(Outcome.MET, NOW), Place.NOT_YET_DUE, set(), id="due this instant"),
        pytest.param(verdict(Outcome.PENDING, AHEAD), Place.NOT_YET_DUE, set(), id="pending"),
        pytest.param(verdict(Outcome.UNDETERMINED, AHEAD), Place.NOT_YET_DUE, set(), id="too early, not yet due"),
    ],
)
def test_each_item_stands_in_one_place(row, place, marks):
    (found,) = stand(row).to_dict("records")
    assert found["category"] == place
    assert {name for name in ("judged", "met", "done") if found[name]} == marks


def test_a_rule_says_of_real_records_what_the_case_file_shows():
    late = Version(
        dt.date(2026, 1, 1),
        dt.date(2026, 1, 1),
        done="first_submitted_at",
        applies=Condition((Test("crime", TestKind.IN, ("yes",)),)),
        deadline=Deadline("reported_at", 24, Clock.HOURS),
    )
    found = world(
        AS_AT,
        incidents=[incident("I2", crime="yes"), incident("I1", crime="no"), incident("I3")],
        assessments=[
            {"assessment_ref": "A1", "incident_ref": "I2", "submitted_at": "Wed 2026-11-04 06:00"},
        ],
    )
    said = judge_rule(found, rule(late), (), day_number(when(AS_AT).date()))
    cases = rule_cases(said, item_groups(found, "incident", incident_groups(found)), found.as_at)
    assert cases[["item_ref", "category", "reason"]].to_numpy().tolist() == [
        ["I1", "does not apply", ""],
        ["I2", "late", ""],
        ["I3", "cannot be judged", "crime"],
    ]
    assert cases["due_at"].tolist()[1] == when("Tue 2026-11-03 21:10")
    assert cases["version"].tolist() == ["2026-01-01"] * 3
    assert cases.index.tolist() == [0, 1, 2]


def test_the_case_file_says_why_an_item_is_excluded():
    cases = stand(verdict(NONE, excluded_reason="duplicate"), verdict(Outcome.MET, PAST))
    assert cases["excluded_reason"].tolist() == ["duplicate", ""]


def frame(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Make cases of (reported_on, area, category)."""
    cases = pd.DataFrame(list(rows), columns=["reported_on", "area", "category"])
    hit = cases["category"] == "met"
    return cases.assign(
        month=cases["reported_on"].str[:7], met=hit, judged=hit | cases["category"].isin([str(e) for e in RULE.misses])
    )


def test_cases_are_counted_by_what_they_are():
    cases = frame(
        ("2026-10-01", "North", "met"),
        ("2026-10-02", "North", "late"),
        ("2026-11-01", "South", "not met"),
        ("2026-11-02", "North", "excluded"),
    )
    assert count(cases, RULE).iloc[0].to_dict() == {
        "population": 4, "met": 1, "late": 1, "not met": 1, "cannot be judged": 0, "not yet due": 0, "excluded": 1,
        "no rule version in force": 0, "does not apply": 0, "n": 3, "x": 1,
    }  # fmt: skip
    assert count(cases, RULE).dtypes.eq(np.int64).all()
    assert count(cases, RULE, ["month", "area"])[["month", "area", "population", "x", "n"]].to_numpy().tolist() == [
        ["2026-10", "North", 2, 1, 2],
        ["2026-11", "North", 1, 0, 0],
        ["2026-11", "South", 1, 0, 1],
    ]


def test_cases_picked_from_others_are_counted_as_they_are():
    cases = frame(("2026-10-01", "North", "late"), ("2026-10-02", "North", "met"), ("2026-10-03", "South", "met"))
    picked = cases[cases["category"] == "met"]
    assert count(picked, RULE).iloc[0][["population", "x", "n"]].to_list() == [2, 2, 2]
    assert count(picked, RULE, ["area"])[["area", "x"]].to_numpy().tolist() == [["North", 1], ["South", 1]]


def test_no_cases_are_nought_of_nought_and_no_group():
    cases = frame().astype({"met": bool, "judged": bool})
    assert count(cases, RULE).iloc[0][["population", "n", "x"]].to_list() == [0, 0, 0]
    assert len(count(cases, RULE, ["month"])) == 0


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"met": True}, id="in the numerator and not met"),
        pytest.param({"judged": False}, id="met and not in the denominator"),
        pytest.param({"judged": True}, id="excluded and in the denominator"),
        pytest.param({"category": "forgiven"}, id="a category nobody knows"),
    ],
)
def test_a_case_counted_against_its_category_is_refused(change):
    cases = frame(
        ("2026-10-01", "North", "met"), ("2026-10-01", "North", "not met"), ("2026-10-01", "North", "excluded")
    )
    with pytest.raises(ArithmeticError, match=r"met of judged: [123] cases are counted against their category"):
        count(cases.assign(**change), RULE)


def test_how_many_cases_are_counted_against_their_category_is_said():
    cases = frame(*[("2026-10-01", "North", "met")] * 4).assign(judged=[True, True, True, False])
    with pytest.raises(ArithmeticError, match="met of judged: 1 cases"):
        count(cases, RULE)


CATEGORIES = [str(each) for each in RULE.categories]


@given(
    st.lists(
        st.tuples(st.sampled_from(["2026-10-31", "2026-11-01"]), st.sampled_from("NS"), st.sampled_from(CATEGORIES))
    )
)
def test_a_numerator_is_part_of_its_denominator_and_groups_add_up(rows):
    cases = frame(*rows).astype({"met": bool, "judged": bool})
    whole = count(cases, RULE).iloc[0]
    assert 0 <= whole["x"] <= whole["n"] <= whole["population"] == len(rows)
    assert sum(whole[each] for each in CATEGORIES) == len(rows)
    for by in (["month"], ["area"], ["month", "area"]):
        assert count(cases, RULE, by).drop(columns=by).sum().to_dict() == whole.to_dict()


def test_the_last_28_days_end_with_the_day_of_the_as_at():
    days = ("2026-11-05", "2026-11-04", "2026-10-08", "2026-10-07", "2026-09-10", "2026-09-09")
    cases = frame(*((day, "North", "met" if day == "2026-10-07" else "not met") for day in days))
    assert last_28_days(cases, RULE, day_number(dt.date(2026, 11, 4))) == (Share(0, 2), Share(1, 2))


def test_categories_stand_with_those_in_the_rate_first():
    assert Counting("x", "n", ("a",), ("b", "c"), ("d",)).categories == ("a", "b", "c", "d")


@pytest.mark.parametrize(("x", "n"), [(-1, 3), (4, 3), (1, 0)])
def test_a_share_of_more_than_there_is_cannot_be(x, n):
    with pytest.raises(ArithmeticError, match=f"{x} of {n}"):
        Share(x, n)


def test_a_share_of_nothing_has_no_rate():
    assert Share(0, 0).rate is None
    assert Share(3, 4).rate == 0.75
