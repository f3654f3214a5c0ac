"""Three-valued conditions over columns (semantics §4). Pure.

A test against a missing or unreadable cell is unknown; `is` is unknown only against an unreadable one. Unknown and
false is false, unknown or true is true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np

from dacompliance.policy.model import Condition, Test, TestKind
from dacompliance.records.contract import Kind
from dacompliance.records.table import BoolArray, Column

Lookup = Callable[[str], Column]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is true and what is unknown; the rest is false. Nothing is both."""

    true: BoolArray
    unknown: BoolArray

    @property
    def false(self) -> BoolArray:
        """What is known not to be so."""
        return ~(self.true | self.unknown)


def everywhere(size: int) -> Truth:
    """Return what a condition left out means: true of every row."""
    return Truth(np.ones(size, dtype=bool), np.zeros(size, dtype=bool))


def both(one: Truth, other: Truth) -> Truth:
    """Return three-valued *and*."""
    true = one.true & other.true
    return Truth(true, (one.true | one.unknown) & (other.true | other.unknown) & ~true)


def either(one: Truth, other: Truth) -> Truth:
    """Return three-valued *or*."""
    true = one.true | other.true
    return Truth(true, (one.unknown | other.unknown) & ~true)


def evaluate(condition: Condition, column: Lookup) -> Truth:
    """Return what holds: all of the condition's tests, and one condition of each of its `any` groups.

    A condition has a test or a group: policy refuses an empty one.
    """
    parts = [_test(test, column) for test in condition.tests]
    parts += [_any(group, column) for group in condition.anys]
    return reduce(both, parts)


def _any(group: tuple[Condition, ...], column: Lookup) -> Truth:
    return reduce(either, (evaluate(table, column) for table in group))


def _test(test: Test, column: Lookup) -> Truth:
    cells = column(test.column)
    if test.kind is TestKind.PRESENT:
        return Truth(cells.present, cells.unread)
    if test.kind is TestKind.MISSING:
        return Truth(~cells.present & ~cells.unread, cells.unread)
    if test.other:
        return _same(cells, column(test.other), negate=test.kind is TestKind.DIFFERS_FROM)
    return _known(_matches(test, cells), cells.present)


def _known(true: BoolArray, known: BoolArray) -> Truth:
    return Truth(true & known, ~known)


def _matches(test: Test, cells: Column) -> BoolArray:
    if test.kind is TestKind.AT_LEAST:
        return np.greater_equal(cells.values, test.number)
    if test.kind is TestKind.AT_MOST:
        return np.less_equal(cells.values, test.number)
    wanted = [int(word) if cells.kind is Kind.NUMBER else cells.code(word) for word in test.words]
    found = reduce(np.logical_or, (cells.values == code for code in wanted), np.zeros(len(cells), dtype=bool))
    return ~found if test.kind is TestKind.NOT_IN else found


def _same(one: Column, other: Column, *, negate: bool) -> Truth:
    values = other.values
    if one.kind.is_words and other.kind.is_words:  # a column that nobody gave has no kind of its own, and no value
        places = np.array([*(one.code(word) for word in other.words), -1], dtype=np.int64)
        values = places[np.where(other.present, other.values, len(other.words))]
    same = one.values == values
    return _known(~same if negate else same, one.present & other.present)


def missing_columns(condition: Condition, column: Lookup) -> Mapping[str, BoolArray]:
    """Return, where the condition is unknown, which columns of its unknown tests are missing or unreadable."""
    unknown = evaluate(condition, column).unknown
    found: dict[str, BoolArray] = {}

    def note(name: str, where: BoolArray) -> None:
        if where.any():
            found[name] = found.get(name, np.zeros_like(where)) | where

    for test in condition.tests:
        without_answer = unknown & _test(test, column).unknown
        for name in test.columns():
            note(name, without_answer & ~column(name).present)
    for group in condition.anys:
        group_unknown = unknown & _any(group, column).unknown
        for table in group:
            for name, where in missing_columns(table, column).items():
                note(name, where & group_unknown)
    return found
