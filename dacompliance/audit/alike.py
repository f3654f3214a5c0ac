"""What a run said beside what is judged again, as arrays: what is the same needs no further look. Pure.

Nearly everything is. The rest goes to `difference.moved`, which says in what it differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import repeat
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.audit.difference import IDENTITY, moved
from dacompliance.errors import ReplayError
from dacompliance.judging.checking import Checked
from dacompliance.judging.items import Items
from dacompliance.judging.outcomes import OUTCOMES, CodeArray, Outcome, PlaceArray
from dacompliance.judging.verdicts import RuleVerdicts, together
from dacompliance.ledger.said import Said
from dacompliance.records.table import BoolArray, IntArray

_NONE: Final = -1


def moved_since(said: Said, again: Checked) -> pd.DataFrame:
    """Return on which rules and items the two differ in anything they say, as `difference.moved` does.

    Raises ReplayError where history, altered, says two things of one item.
    """
    same = np.zeros(len(said), dtype=bool)
    left = []
    places = _Places(said)
    rules = np.array([ruling[0] for ruling in said.rulings], dtype=object)[said.ruling] if len(said) else said.ruling
    for verdicts in again.verdicts:
        rows = np.flatnonzero(rules == verdicts.rule.id)
        alike, hit = _alike(said, rows, verdicts, places)
        same[rows] = alike
        unlike = (verdicts.outcome != Outcome.NOT_APPLICABLE) & ~hit
        if unlike.any():
            left.append(verdicts.frame(unlike))
    after = together(left)
    before = said.where(~same).frame()
    twice = before[before.duplicated(list(IDENTITY))]
    for rule_id, item_ref in twice[list(IDENTITY)].itertuples(index=False, name=None):
        raise ReplayError(
            f"cannot be compared: verdict history says {rule_id} of {item_ref} twice: a row was added to it or altered."
        )
    return moved(before, after)


def unlike(before: Checked, after: Checked, alone: AbstractSet[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return, of two judgements, the verdicts on either side that the other has not; none of the rules in `alone`."""
    one, other = (
        {each.rule.id: each for each in side.verdicts if each.rule.id not in alone} for side in (before, after)
    )
    same = dict(_same_in_both(one, other))
    mine, theirs = ({rule_id: each[side] for rule_id, each in same.items()} for side in (0, 1))
    return _others(one, mine), _others(other, theirs)


def _others(rules: Mapping[str, RuleVerdicts], same: Mapping[str, BoolArray]) -> pd.DataFrame:
    """Return the verdicts that apply and are not the same."""
    frames = []
    for rule_id, each in sorted(rules.items()):
        applies = each.outcome != Outcome.NOT_APPLICABLE
        frames.append(each.frame(applies & ~same[rule_id] if rule_id in same else applies))
    return together(frames)


def _same_in_both(
    one: Mapping[str, RuleVerdicts], other: Mapping[str, RuleVerdicts]
) -> Iterator[tuple[str, tuple[BoolArray, BoolArray]]]:
    """Yield, for each rule about one kind of item in both, which items of each have the same verdict."""
    rows: dict[str, IntArray] = {}
    for rule_id in one.keys() & other.keys():
        mine, theirs = one[rule_id], other[rule_id]
        about = mine.rule.about
        if about != theirs.rule.about:
            continue
        if about not in rows:
            keys = pd.Index(mine.items.keys, dtype=object)
            rows[about] = np.asarray(pd.Index(theirs.items.keys, dtype=object).get_indexer(keys))
        yield rule_id, _same(mine, theirs, rows[about])


def _same(one: RuleVerdicts, other: RuleVerdicts, rows: IntArray) -> tuple[BoolArray, BoolArray]:
    """Return which items of each have the same verdict in both; `rows` are where the items of one are in the other."""
    alike, hit = np.zeros(len(one.items), dtype=bool), np.zeros(len(other.items), dtype=bool)
    here = np.flatnonzero(rows >= 0)
    mine, theirs = one.cells(here), other.cells(rows[here])
    equal = here[np.logical_and.reduce([mine[name] == theirs[name] for name in mine]).astype(bool)]
    alike[equal] = True
    hit[rows[equal]] = True
    return alike, hit


@dataclass(frozen=True, slots=True, eq=False)
class _Kind:
    """The items of one kind by the numbers that references have: `row` of each number, `incident` of each row."""

    row: IntArray
    incident: IntArray


class _Places:
    """Where each reference of what was said stands among the items, looked up once a kind."""

    def __init__(self, said: Said) -> None:
        self._numbers = dict(zip(said.refs.tolist(), range(len(said.refs)), strict=True))
        self._kinds: dict[str, _Kind] = {}

    def of(self, items: Items) -> _Kind:
        if items.about not in self._kinds:
            numbers = self._of(items)
            row = np.full(len(self._numbers) + 1, _NONE, dtype=np.int64)  # the last is for references not said
            row[numbers] = np.arange(len(items))
            row[_NONE] = _NONE
            incident = numbers if items.parent is None else self._of(items.parent)[items.rows]
            self._kinds[items.about] = _Kind(row, incident)
        return self._kinds[items.about]

    def _of(self, items: Items) -> IntArray:
        numbers = map(self._numbers.get, items.keys.tolist(), repeat(_NONE))
        return np.fromiter(numbers, dtype=np.int64, count=len(items))


def _alike(said: Said, rows: IntArray, verdicts: RuleVerdicts, places: _Places) -> tuple[BoolArray, BoolArray]:
    """Return which rows said are judged so again, and which items were said so; none that stands twice is."""
    kind = places.of(verdicts.items)
    at = kind.row[said.item[rows]]
    there = np.flatnonzero(at >= 0)
    at, rows_there = at[there], rows[there]
    mine = said.ruling[rows_there]
    equal = np.bincount(at, minlength=len(verdicts.items))[at] == 1
    equal &= _same_words(said, 1, mine, verdicts.rule.dates, verdicts.version[at])
    equal &= np.array([each[2] == verdicts.rule.about for each in said.rulings], dtype=bool)[mine]
    equal &= _same_words(said, 3, mine, OUTCOMES, verdicts.outcome[at])
    equal &= _same_words(said, 4, mine, verdicts.reasons, verdicts.reason[at])
    equal &= said.incident[rows_there] == kind.incident[at]
    equal &= (said.due_at[rows_there] == verdicts.due_at[at]) & (said.done_at[rows_there] == verdicts.done_at[at])
    alike, hit = np.zeros(len(rows), dtype=bool), np.zeros(len(verdicts.items), dtype=bool)
    alike[there[equal]] = True
    hit[at[equal]] = True
    return alike, hit


def _same_words(
    said: Said, part: int, rulings: IntArray, words: Iterable[str], places: PlaceArray | CodeArray
) -> BoolArray:
    """Return whether a part of the rulings said is, word for word, what stands at the places."""
    numbers: dict[str, int] = {}
    mine = np.array([numbers.setdefault(each[part], len(numbers)) for each in said.rulings], dtype=np.int64)
    theirs = np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.int64)
    return np.asarray(mine[rulings] == theirs[places], dtype=bool)
