"""Which tests of a `holds` are not so of which item: what a list says is wrong where a rule asks for much. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from dacompliance.judging.conditions import Lookup, evaluate
from dacompliance.judging.items import World
from dacompliance.policy.model import Condition, Rule, Test, Version
from dacompliance.records.table import BoolArray

Failing = Mapping[tuple[str, str], tuple[Test, ...]]
"""By rule and item, the tests that are false of it."""


def failing(world: World, rules: Iterable[Rule], verdicts: pd.DataFrame) -> Failing:
    """Return the false tests of every item that a rule of `holds` found not so: breached, or pending and not so yet.

    Of alternatives (`any`) only those of the nearest are named: of the one with the fewest tests not true, the first
    of equals. `verdicts` is the frame of the rules checked over `world`.
    """
    found: dict[tuple[str, str], tuple[Test, ...]] = {}
    open_now = verdicts[verdicts["outcome"].isin(("breached", "pending"))]
    for rule in rules:
        for version in rule.versions:
            if version.holds is None:
                continue
            of_version = open_now["rule_id"].eq(rule.id) & open_now["version"].eq(str(version.in_force_from))
            refs = open_now.loc[of_version, "item_ref"].tolist()
            if refs:
                found |= _of_version(world, rule, version, refs)
    return found


def _of_version(
    world: World, rule: Rule, version: Version, refs: Sequence[str]
) -> Iterable[tuple[tuple[str, str], tuple[Test, ...]]]:
    assert version.holds is not None, "only a version of `holds` has tests to fail"
    items = world.items(rule.about)
    tests = tested(version.holds, items.column)
    places = {ref: place for place, ref in enumerate(items.keys)}
    rows = [(ref, places[ref]) for ref in refs if ref in places]
    return [
        ((rule.id, ref), tuple(each.test for each in tests if each.false[place]))
        for ref, place in rows
        if any(each.false[place] for each in tests)
    ]


class Tested(NamedTuple):
    """A test, the rows it is false of, and those it is not true of."""

    test: Test
    false: BoolArray
    short: BoolArray


def tested(condition: Condition, column: Lookup) -> list[Tested]:
    """Return each test of a condition, in its order; of alternatives, all false, only those of the nearest."""
    found = []
    for test in condition.tests:
        truth = evaluate(Condition((test,)), column)
        found.append(Tested(test, truth.false, ~truth.true))
    for group in condition.anys:
        tables = [tested(table, column) for table in group]
        nearest = np.argmin([np.sum([each.short for each in table], axis=0) for table in tables], axis=0)
        all_false = evaluate(Condition((), (group,)), column).false
        for number, table in enumerate(tables):
            here = all_false & (nearest == number)
            found += [Tested(each.test, each.false & here, each.short & here) for each in table]
    return found
