"""What each test says of each cell: true, false, or unknown (None)."""

from __future__ import annotations

import pytest

from dacompliance.judging.conditions import evaluate, missing_columns
from dacompliance.policy.model import Condition, Test, TestKind
from dacompliance.records.contract import Kind
from dacompliance.records.table import Column, empty_column
from tests.worlds import UNREADABLE, column

YES = Condition((Test("crime", TestKind.IN, ("yes",)),))
REPEAT = Condition((Test("repeat", TestKind.IN, ("yes",)),))


def judged(condition: Condition, **cells: Column) -> object:
    """Return what a condition says of the one row of some columns."""
    truth = evaluate(condition, cells.__getitem__)
    assert not (truth.true & truth.unknown).any()
    return None if truth.unknown[0] else bool(truth.true[0])


def word(cell: object) -> Column:
    return column(Kind.TEXT, [cell])


def number(cell: object) -> Column:
    return column(Kind.NUMBER, [cell])


@pytest.mark.parametrize(
    ("test", "of"),
    [
        pytest.param(Test("x", TestKind.IN, ("b", "c")), {"b": True, "a": False, None: None, UNREADABLE: None}, id="in"),
        pytest.param(Test("x", TestKind.NOT_IN, ("b", "c")), {"b": False, "a": True, None: None, UNREADABLE: None}, id="not"),
        pytest.param(Test("x", TestKind.PRESENT), {"b": True, None: False, UNREADABLE: None}, id="is present"),
        pytest.param(Test("x", TestKind.MISSING), {"b": False, None: True, UNREADABLE: None}, id="is missing"),
    ],
)  # fmt: skip
def test_of_a_word(test, of):
    assert {cell: judged(Condition((test,)), x=word(cell)) for cell in of} == of


@pytest.mark.parametrize(
    ("test", "of"),
    [
        pytest.param(Test("x", TestKind.AT_LEAST, number=2), {1: False, 2: True, 3: True, None: None, UNREADABLE: None}, id="at_least"),
        pytest.param(Test("x", TestKind.AT_MOST, number=2), {1: True, 2: True, 3: False, None: None, UNREADABLE: None}, id="at_most"),
        pytest.param(Test("x", TestKind.AT_MOST, number=-1), {-1: True, 0: False, None: None}, id="at_most, below nothing"),
        pytest.param(Test("x", TestKind.IN, ("2", "-1")), {2: True, -1: True, 3: False, None: None, UNREADABLE: None}, id="in: a number is its digits"),
        pytest.param(Test("x", TestKind.NOT_IN, ("2",)), {2: False, 3: True, None: None, UNREADABLE: None}, id="not"),
        pytest.param(Test("x", TestKind.PRESENT), {0: True, None: False, UNREADABLE: None}, id="nought is present"),
    ],
)  # fmt: skip
def test_of_a_number(test, of):
    assert {cell: judged(Condition((test,)), x=number(cell)) for cell in of} == of


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(word("b"), word("b"), True, id="alike"),
        pytest.param(word("b"), word("a"), False, id="not alike"),
        pytest.param(word("b"), word(None), None, id="nothing to compare with"),
        pytest.param(word(None), word(None), None, id="two missing cells are not alike"),
        pytest.param(word("b"), word(UNREADABLE), None, id="one unreadable"),
        pytest.param(column(Kind.GRADE, ["high"]), Column(Kind.GRADE, word("high").values + 2, ("standard", "medium", "high")), True, id="words in other places"),
        pytest.param(number(3), number(3), True, id="numbers alike"),
        pytest.param(number(3), number(4), False, id="numbers not alike"),
        pytest.param(empty_column(Kind.TEXT, 1), number(3), None, id="a number beside a column that nobody gave"),
        pytest.param(number(3), empty_column(Kind.TEXT, 1), None, id="a column that nobody gave beside a number"),
    ],
)  # fmt: skip
def test_of_two_columns(one, other, same):
    found = [
        judged(Condition((Test("x", kind, other="y"),)), x=one, y=other)
        for kind in (TestKind.SAME_AS, TestKind.DIFFERS_FROM)
    ]
    assert found == [same, None if same is None else not same]


@pytest.mark.parametrize(
    ("crime", "repeat", "every", "some"),
    [
        pytest.param("yes", "yes", True, True, id="both true"),
        pytest.param("yes", "no", False, True, id="true and false"),
        pytest.param("yes", None, None, True, id="true and unknown"),
        pytest.param("no", None, False, None, id="false and unknown"),
        pytest.param("no", "no", False, False, id="both false"),
        pytest.param(None, None, None, None, id="both unknown"),
    ],
)
def test_and_or_follow_three_valued_logic(crime, repeat, every, some):
    cells = {"crime": column(Kind.YES_NO, [crime]), "repeat": column(Kind.YES_NO, [repeat])}
    assert judged(Condition(YES.tests + REPEAT.tests), **cells) is every
    assert judged(Condition((), ((YES, REPEAT),)), **cells) is some
    assert judged(Condition((), ((Condition((), ((REPEAT,),)), YES),)), **cells) is some, "a group within a group"


@pytest.mark.parametrize(
    ("condition", "cells", "named"),
    [
        pytest.param(YES, {"crime": None}, {"crime"}, id="the column of an unknown test"),
        pytest.param(Condition(YES.tests + REPEAT.tests), {"crime": None, "repeat": "no"}, set(), id="false all the same: none"),
        pytest.param(Condition(YES.tests, ((REPEAT,),)), {"crime": "yes", "repeat": None}, {"repeat"}, id="of any that is unknown, its unknown tables"),
        pytest.param(
            Condition(YES.tests, ((REPEAT, Condition((Test("area", TestKind.IN, ("North",)),))),)), {"crime": None, "repeat": None, "area": "North"},
            {"crime"}, id="of any that is true, nothing: it asks for no more",
        ),
        pytest.param(
            Condition(YES.tests, ((Condition((*REPEAT.tests, Test("area", TestKind.IN, ("North",)))),),)), {"crime": None, "repeat": "no", "area": None},
            set(), id="any that is false makes all false",
        ),
        pytest.param(
            Condition((), ((Condition((Test("repeat", TestKind.IN, ("yes",)), Test("area", TestKind.IN, ("North",)))), YES),)),
            {"crime": None, "repeat": "no", "area": None}, {"crime"}, id="nothing of a table that is false",
        ),
        pytest.param(Condition((Test("area", TestKind.SAME_AS, other="crime"),)), {"area": None, "crime": UNREADABLE}, {"area", "crime"}, id="both sides where both lack"),
    ],
)  # fmt: skip
def test_the_columns_that_make_a_condition_unknown(condition, cells, named):
    columns = {name: word(cell) for name, cell in cells.items()}
    found = missing_columns(condition, columns.__getitem__)
    assert {name for name, where in found.items() if where[0]} == named


def test_a_column_that_two_tests_name_is_named_wherever_either_needs_it():
    """In the second row `any` is true, for there is an area: it asks for no more, and the test before it still does."""
    condition = Condition(YES.tests, ((YES, Condition((Test("area", TestKind.PRESENT),))),))
    columns = {"crime": column(Kind.YES_NO, [None, None]), "area": column(Kind.TEXT, [UNREADABLE, "North"])}
    found = missing_columns(condition, columns.__getitem__)
    assert {name: where.tolist() for name, where in found.items()} == {"crime": [True, True], "area": [True, False]}
