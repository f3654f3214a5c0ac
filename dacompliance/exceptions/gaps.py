"""What is wanting, in words: what a rule asked for and did not find, or could not tell. Never a cell's value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dacompliance.exceptions.casebook import Said, Shown
from dacompliance.exceptions.words import column, noun
from dacompliance.policy.model import Condition, Test, TestKind, Version

SET_ASIDE: Final = frozenset({"assessments", "referrals"})
"""The reasons of a verdict that are no columns: an assessment or a referral of the incident was set aside."""
_QUESTIONS: Final = frozenset({"answered_count", "question_count", "blank_questions"})
_OF_INSTRUMENT: Final = _QUESTIONS | {"yes_count", "not_known_count"}
"""What is missing of a form whose instrument nobody has listed, whatever its assessor wrote."""


def wanting(version: Version, blank_questions: str, failing: Sequence[Test] = ()) -> str:
    """Return what an overdue item lacks by a version: its milestone, the blank questions, or what should be so.

    `failing` are the tests known to be false of it: each is named. Where they are not known all that should be so is
    named, joined by "or".
    """
    if version.done is not None:
        return f"no {noun(version.done)} time recorded"
    assert version.holds is not None
    if failing:
        return " and ".join(dict.fromkeys(_not_so(test, blank_questions) for test in failing))
    if blank_questions and version.holds.columns() & _QUESTIONS:
        return f"blank: {blank_questions}"
    return " or ".join(_failures(version.holds))


def _not_so(test: Test, blank_questions: str) -> str:
    of_questions = blank_questions and _QUESTIONS & set(test.columns())
    return f"blank: {blank_questions}" if of_questions else _failure(test)


def unknown(said: Said, version: Version, shown: Shown) -> tuple[str, bool]:
    """Return what keeps an item from being judged, and whether a reader can put any of it right.

    A reader is told only of what is missing. A cell that cannot be read, a row set aside and the questions of an
    instrument that is not listed are for the data's keeper; where there is nothing else, they are named and the answer
    is no.
    """
    if said.done_at is not None and version.done and version.deadline:
        return f"{noun(version.done)} dated before {noun(version.deadline.start)}", True
    names = said.reason.split("; ")
    keepers = SET_ASIDE | set(shown.unreadable.split("; ")) | (_OF_INSTRUMENT if shown.unlisted else set())
    theirs = [name for name in names if name not in keepers]
    return "; ".join(map(column, theirs or names)), bool(theirs)


def surely_applies(said: Said, version: Version) -> bool:
    """Say whether a pending item applies: its reason, if it has one, is not an unknown of `applies`.

    The reason of an unknown `applies` names columns of `applies` only, or rows set aside.
    """
    names = set(said.reason.split("; ")) if said.reason else set()
    unsure = SET_ASIDE if version.applies is None else version.applies.columns() | SET_ASIDE
    return not names or not names <= unsure


def _failures(condition: Condition) -> list[str]:
    """Return the ways a condition can be false; a group of alternatives is false only if each of them is."""
    groups = [" and ".join(_bracketed(_failures(table)) for table in group) for group in condition.anys]
    return [*map(_failure, condition.tests), *groups]


def _bracketed(ways: list[str]) -> str:
    return ways[0] if len(ways) == 1 else f"({' or '.join(ways)})"


def _failure(test: Test) -> str:
    """Return how one test can be false. The words and numbers in it are the rule's."""
    if {test.column, test.other} == {"answered_count", "question_count"} and test.kind is TestKind.SAME_AS:
        return "not every question answered"
    name, words = noun(test.column), " or ".join(test.words)
    phrases = {
        TestKind.IN: f"no {name} recorded" if words == "yes" else f"{name} not {words}",
        TestKind.NOT_IN: f"{name} is {words}",
        TestKind.AT_LEAST: f"{name} below {test.number}",
        TestKind.AT_MOST: f"{name} above {test.number}",
        TestKind.PRESENT: f"no {name} recorded",
        TestKind.MISSING: f"{name} recorded",
        TestKind.SAME_AS: f"{name} not the same as the {noun(test.other)}",
        TestKind.DIFFERS_FROM: f"{name} the same as the {noun(test.other)}",
    }
    return phrases[test.kind]
