"""A condition in plain English, and what has to be known for it to be true or false. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import Final

from dacompliance.exceptions.words import column, noun
from dacompliance.policy.model import Condition, Test, TestKind

_IS: Final = (TestKind.PRESENT, TestKind.MISSING)
_ANSWERS: Final = (TestKind.IN, TestKind.NOT_IN)
_NEVER_MISSING: Final = frozenset({"superseded", "assessment_count"})

_YES_AND_NO: Final = {
    "crime": ("it is a crime", "it is no crime"),
    "repeat_victim": ("the victim is a repeat victim", "the victim is no repeat victim"),
    "children_present": ("children were present", "no children were present"),
    "specialist_required": ("a specialist investigator is required", "no specialist investigator is required"),
    "declined": ("the victim declined the questions", "the victim did not decline the questions"),
    "rationale_recorded": ("the grade has a written reason", "the grade has no written reason"),
    "final_rationale_recorded": (
        "the grade at sign-off has a written reason",
        "the grade at sign-off has no written reason",
    ),
    "lowered": ("the grade was lowered", "the grade was not lowered"),
    "superseded": (
        "a later risk assessment by the same form replaces it",
        "no later risk assessment by the same form replaces it",
    ),
}
"""What a yes and what a no in one of the contract's own columns says."""


def condition_words(condition: Condition) -> str:
    """Return a condition in words: "the risk grade is recorded and is high, and children were present"."""
    parts = [_column_words(name, list(tests)) for name, tests in groupby(condition.tests, key=lambda test: test.column)]
    for group in condition.anys:
        ways = "; or ".join(
            f"({place}) {condition_words(each)}" for place, each in zip("abcdefghijkl", group, strict=False)
        )
        parts.append(f"one of these is so: {ways}")
    return ", and ".join(parts)


def _column_words(name: str, tests: Sequence[Test]) -> str:
    """Return all tests of one column in words; a yes or a no is said as what it means, where that is known."""
    if name in _YES_AND_NO and all(test.kind in (*_IS, *_ANSWERS) for test in tests):
        return " and ".join(_marker_words(name, tests))
    return f"the {noun(name)} {' and '.join(map(_test_words, tests))}"


def _marker_words(name: str, tests: Sequence[Test]) -> Iterator[str]:
    recorded = "it is recorded" if any(test.kind is TestKind.PRESENT for test in tests) else ""
    answers = [test for test in tests if test.kind in _ANSWERS]
    for test in answers:
        yes = ("yes" in test.words) == (test.kind is TestKind.IN)
        clause = _YES_AND_NO[name][0 if yes else 1] if len(test.words) == 1 else f"the {noun(name)} {_test_words(test)}"
        yield f"{recorded} that {clause}" if recorded else clause
    if recorded and not answers:
        yield f"{recorded} {column(name)}"
    if any(test.kind is TestKind.MISSING for test in tests):
        yield f"it is not recorded {column(name)}"


def _test_words(test: Test) -> str:
    words = " or ".join(test.words)
    other = f"the {noun(test.other)}" if test.other else ""
    return {
        TestKind.IN: f"is {words}",
        TestKind.NOT_IN: f"is not {words}",
        TestKind.AT_LEAST: f"is {test.number} or more",
        TestKind.AT_MOST: f"is {test.number} or less",
        TestKind.PRESENT: "is recorded",
        TestKind.MISSING: "is not recorded",
        TestKind.SAME_AS: f"is the same as {other}",
        TestKind.DIFFERS_FROM: f"is not the same as {other}",
    }[test.kind]


def what_to_know(condition: Condition) -> str:
    """Return what has to be known for a condition to be true or false; "" where its own `is` tests see to that."""
    return " or ".join(dict.fromkeys(column(name) for name in _unknowns(condition, _NEVER_MISSING)))


def _unknowns(condition: Condition, known: AbstractSet[str]) -> Iterator[str]:
    """Yield the columns that leave some test unknown where they are missing, `known` ones apart."""
    known = known | {test.column for test in condition.tests if test.kind in _IS}
    for test in condition.tests:
        if test.kind not in _IS:
            yield from (name for name in test.columns() if name not in known)
    for group in condition.anys:
        alone = {table.tests[0].column for table in group if len(table.tests) == 1 and table.tests[0].kind in _IS}
        for table in group:
            yield from _unknowns(table, known | alone)
