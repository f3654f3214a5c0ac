"""Every form of a condition becomes the tests it means."""

import pytest

from dacompliance.errors import RuleError
from dacompliance.policy.conditions import Scope, read_condition
from dacompliance.policy.model import Condition, Test, TestKind
from dacompliance.policy.parts import Part
from dacompliance.records.contract import Kind

OWN = {"incidents": {"visits": Kind.NUMBER, "ward": Kind.TEXT}, "assessments": {"nurse_id": Kind.ID}}


def read(table, about="assessment"):
    return read_condition(Part("rules/X-1.toml, version 2020-01-01, applies", table), Scope(about, OWN))


@pytest.mark.parametrize(
    ("table", "tests"),
    [
        pytest.param({"grade": "high"}, [Test("grade", TestKind.IN, ("high",))], id="a bare word"),
        pytest.param({"grade": {"equals": "high"}}, [Test("grade", TestKind.IN, ("high",))], id="equals"),
        pytest.param({"grade": ["high", "medium"]}, [Test("grade", TestKind.IN, ("high", "medium"))], id="a bare list"),
        pytest.param(
            {"grade": {"in": ["high", "high"]}}, [Test("grade", TestKind.IN, ("high",))], id="in, a word once"
        ),
        pytest.param({"grade": {"not": "high"}}, [Test("grade", TestKind.NOT_IN, ("high",))], id="not a word"),
        pytest.param(
            {"grade": {"not": ["high", "medium"]}},
            [Test("grade", TestKind.NOT_IN, ("high", "medium"))],
            id="not in a list",
        ),
        pytest.param({"yes_count": {"at_least": 14}}, [Test("yes_count", TestKind.AT_LEAST, number=14)], id="at least"),
        pytest.param(
            {"minutes_to_sign_off": {"at_most": -1}},
            [Test("minutes_to_sign_off", TestKind.AT_MOST, number=-1)],
            id="at most, below zero",
        ),
        pytest.param({"visits": 3}, [Test("visits", TestKind.IN, ("3",))], id="a bare number"),
        pytest.param({"visits": {"not": [0, 1]}}, [Test("visits", TestKind.NOT_IN, ("0", "1"))], id="not some numbers"),
        pytest.param(
            {"submitted_at": {"is": "present"}}, [Test("submitted_at", TestKind.PRESENT)], id="a time present"
        ),
        pytest.param({"area": {"is": "missing"}}, [Test("area", TestKind.MISSING)], id="text missing"),
        pytest.param(
            {"answered_count": {"same_as": "question_count"}},
            [Test("answered_count", TestKind.SAME_AS, other="question_count")],
            id="the same as a column",
        ),
        pytest.param(
            {"signed_off_by": {"differs_from": "nurse_id"}},
            [Test("signed_off_by", TestKind.DIFFERS_FROM, other="nurse_id")],
            id="other than a force's own column",
        ),
        pytest.param(
            {"grade": {"is": "present", "equals": "high"}},
            [Test("grade", TestKind.PRESENT), Test("grade", TestKind.IN, ("high",))],
            id="two tests of one column",
        ),
        pytest.param(
            {"ward": "North 3", "q07": "not_known"},
            [Test("ward", TestKind.IN, ("North 3",)), Test("q07", TestKind.IN, ("not_known",))],
            id="two columns",
        ),
    ],
)
def test_each_form_of_a_test_is_read(table, tests):
    assert read(table) == Condition(tuple(tests))


def test_any_is_a_group_of_tables_beside_the_tests():
    found = read({"crime": "yes", "any": [{"declined": {"is": "missing"}}, {"declined": "no", "grade": "high"}]})
    assert found == Condition(
        (Test("crime", TestKind.IN, ("yes",)),),
        (
            (
                Condition((Test("declined", TestKind.MISSING),)),
                Condition((Test("declined", TestKind.IN, ("no",)), Test("grade", TestKind.IN, ("high",)))),
            ),
        ),
    )


def test_any_may_stand_within_any():
    found = read({"any": [{"any": [{"crime": "yes"}]}]})
    inner = Condition((), ((Condition((Test("crime", TestKind.IN, ("yes",)),)),),))
    assert found == Condition((), ((inner,),))


def test_an_incident_knows_no_column_of_its_assessments():
    with pytest.raises(RuleError, match="nurse_id"):
        read({"nurse_id": "N1"}, about="incident")
