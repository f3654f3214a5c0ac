"""Rates of a rule, as semantics §7 counts them."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.judging.measures import Share, rates
from tests.helpers import micros, when

AS_AT = "Wed 2026-11-04 07:00"
PAST, NOW, AHEAD = "Tue 2026-11-03 21:10", AS_AT, "Thu 2026-11-05 09:00"


def verdict(outcome, due=None, reason="", incident="I1", rule="RA-01"):
    return {
        "rule_id": rule,
        "incident_ref": incident,
        "outcome": outcome,
        "due_at": None if due is None else when(due),
        "reason": reason,
    }


def frame(rows) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["rule_id", "incident_ref", "outcome", "due_at", "reason"])
    return found.astype({"due_at": "datetime64[us, UTC]"})


INCIDENTS = pd.DataFrame({"incident_ref": ["I1", "I2"], "month": ["2026-10", "2026-11"], "area": ["North", "South"]})


def count(*rows, by=()):
    return rates(frame(rows), INCIDENTS, micros(AS_AT), by)


@pytest.mark.parametrize(
    ("row", "counted"),
    [
        pytest.param(verdict("not_applicable", reason="excluded"), {"excluded"}, id="excluded is no item"),
        pytest.param(verdict("not_applicable", reason="applies"), {"items", "not_applicable"}, id="does not apply"),
        pytest.param(verdict("not_applicable", reason="no version"), {"items", "not_applicable"}, id="no version"),
        pytest.param(verdict("met", PAST), {"items", "applicable", "judged", "in_time", "done"}, id="met"),
        pytest.param(verdict("late", PAST), {"items", "applicable", "judged", "done"}, id="late is done, not in time"),
        pytest.param(verdict("breached", PAST), {"items", "applicable", "judged", "overdue"}, id="overdue"),
        pytest.param(
            verdict("undetermined", PAST, "excluded"),
            {"items", "applicable", "judged", "undetermined"},
            id="undetermined stays, whatever its column is called",
        ),
        pytest.param(
            verdict("undetermined"),
            {"items", "applicable", "judged", "undetermined"},
            id="undetermined without a due time",
        ),
        pytest.param(verdict("met"), {"items", "applicable", "judged", "in_time", "done"}, id="met without a deadline"),
        pytest.param(
            verdict("breached"), {"items", "applicable", "judged", "overdue"}, id="a state without a deadline"
        ),
        pytest.param(verdict("met", AHEAD), {"items", "applicable", "not_yet_due"}, id="done quickly, not yet due"),
        pytest.param(verdict("met", NOW), {"items", "applicable", "not_yet_due"}, id="due this instant"),
        pytest.param(verdict("pending", AHEAD), {"items", "applicable", "not_yet_due"}, id="pending"),
        pytest.param(
            verdict("undetermined", AHEAD), {"items", "applicable", "not_yet_due"}, id="done too early, not yet due"
        ),
    ],
)
def test_each_verdict_is_counted_where_it_belongs(row, counted):
    found = count(row).iloc[0].drop("rule_id")
    assert {name for name, number in found.items() if number} == counted


def test_rates_go_by_rule_and_by_what_the_incident_is():
    found = count(
        verdict("met", PAST),
        verdict("breached", PAST, incident="I2"),
        verdict("late", PAST, incident="I2"),
        verdict("met", PAST, rule="RA-02"),
        by=("month", "area"),
    )
    assert found[["rule_id", "month", "area", "in_time", "done", "judged"]].to_numpy().tolist() == [
        ["RA-01", "2026-10", "North", 1, 1, 1],
        ["RA-01", "2026-11", "South", 0, 1, 2],
        ["RA-02", "2026-10", "North", 1, 1, 1],
    ]


def test_no_verdicts_make_no_rates():
    assert len(count()) == 0
    assert list(count(by=("month",)).columns[:2]) == ["rule_id", "month"]


OUTCOMES = ["not_applicable", "undetermined", "pending", "met", "late", "breached"]


@given(
    st.lists(
        st.builds(
            verdict,
            st.sampled_from(OUTCOMES),
            st.sampled_from([None, PAST, NOW, AHEAD]),
            st.sampled_from(["", "excluded", "applies"]),
            st.sampled_from(["I1", "I2"]),
        ),
        min_size=1,
    )
)
def test_a_numerator_is_part_of_its_denominator_and_that_of_the_population(rows):
    found = count(*rows).iloc[0]
    assert found["items"] == found["not_applicable"] + found["applicable"]
    assert found["applicable"] == found["not_yet_due"] + found["judged"]
    assert 0 <= found["in_time"] <= found["done"] <= found["judged"] <= found["items"] <= len(rows)
    assert found["done"] + found["overdue"] + found["undetermined"] <= found["judged"]
    assert found["items"] + found["excluded"] == len(rows)


@pytest.mark.parametrize(("x", "n"), [(-1, 3), (4, 3), (1, 0)])
def test_a_share_of_more_than_there_is_cannot_be(x, n):
    with pytest.raises(ArithmeticError):
        Share(x, n)


def test_a_share_of_nothing_has_no_rate():
    assert Share(0, 0).rate is None
    assert Share(3, 4).rate == 0.75
