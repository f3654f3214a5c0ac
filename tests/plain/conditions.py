"""Three-valued conditions over one item's cells: True, False, or None for unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dacompliance.policy.model import Condition, Test, TestKind
from tests.plain.cells import UNREADABLE, Row, is_known

Truth = bool | None


def all_of(values: Iterable[Truth]) -> Truth:
    """Return `and`: one false makes it false, else one unknown makes it unknown."""
    found = set(values)
    return False if False in found else None if None in found else True


def any_of(values: Iterable[Truth]) -> Truth:
    """Return `or`: one true makes it true, else one unknown makes it unknown."""
    found = set(values)
    return True if True in found else None if None in found else False


def truth(condition: Condition | None, row: Row) -> Truth:
    """Say whether a condition holds of a row; one left out always does."""
    if condition is None:
        return True
    groups = (any_of(truth(table, row) for table in group) for group in condition.anys)
    return all_of([*(truth_of_test(test, row) for test in condition.tests), *groups])


def truth_of_test(test: Test, row: Row) -> Truth:
    """Say whether one test is true of a row."""
    cell = row.get(test.column)
    if test.kind in (TestKind.PRESENT, TestKind.MISSING):
        return None if cell is UNREADABLE else (cell is None) is (test.kind is TestKind.MISSING)
    other = row.get(test.other) if test.other else ""
    if not is_known(cell) or not is_known(other):
        return None
    match test.kind:
        case TestKind.IN:
            return str(cell) in test.words  # a number is its digits
        case TestKind.NOT_IN:
            return str(cell) not in test.words
        case TestKind.AT_LEAST:
            return cell >= test.number
        case TestKind.AT_MOST:
            return cell <= test.number
        case TestKind.SAME_AS:
            return cell == other
        case TestKind.DIFFERS_FROM:
            return cell != other
    raise NotImplementedError(test.kind)


def doubts(condition: Condition | None, row: Row) -> Iterator[str]:
    """Yield the missing or unreadable columns of the tests that make a condition unknown."""
    if condition is None or truth(condition, row) is not None:
        return
    for test in condition.tests:
        if truth_of_test(test, row) is None:
            yield from (name for name in test.columns() if not is_known(row.get(name)))
    for group in condition.anys:
        if any_of(truth(table, row) for table in group) is None:
            for table in group:
                yield from doubts(table, row)
