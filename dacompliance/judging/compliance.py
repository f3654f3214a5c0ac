"""Fully compliant: incidents of which everything judged was met, its own and its children's (semantics §7). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.judging.items import World
from dacompliance.judging.measures import RULE, Counting, Place, places
from dacompliance.judging.verdicts import RuleVerdicts
from dacompliance.records.table import BoolArray, IntArray, TextArray


class Whole(StrEnum):
    """Where an incident stands under all rules together: exactly one of these, the first that fits."""

    EXCLUDED = "excluded"
    NOTHING_JUDGED = "nothing judged yet"
    NOT_MET = "something not met"
    UNDETERMINED = "something cannot be judged"
    LATE = "something late"
    FULLY = "fully compliant"


WHOLE: Final = Counting(
    "fully_compliant",
    "judged",
    (Whole.FULLY,),
    (Whole.NOT_MET, Whole.UNDETERMINED, Whole.LATE),
    (Whole.NOTHING_JUDGED, Whole.EXCLUDED),
)


def whole_cases(world: World, verdicts: Iterable[RuleVerdicts], groups: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each incident, sorted by it: whether everything judged of it and its children was met.

    `groups` are those of `groups.incident_groups`. Columns: those of `groups`; `category` (a `Whole`); `judged`: at
    least one rule judged the incident or a child of it; `fully_compliant`, part of that; `rules_judged`, how often;
    `not_met`, the rules that were not, joined by `; `; `more_to_come`: something that applies is not yet due.
    """
    incidents = world.incidents
    size = len(incidents)
    found = {place: np.zeros(size, dtype=np.int64) for place in Place}
    failed = np.full(size, "", dtype=object)
    for each in verdicts:
        rows = np.arange(size) if each.items.parent is None else each.items.rows
        where = places(each, world.as_at)
        for place in Place:
            found[place] += np.bincount(rows[where == str(place)], minlength=size)
        _note(failed, each.rule.id, rows[np.isin(where, [str(miss) for miss in RULE.misses])])
    judged = sum((found[Place(each)] for each in (*RULE.hits, *RULE.misses)), np.zeros(size, dtype=np.int64))
    category = _category(incidents.excluded, judged, found)
    excluded = incidents.column("excluded_reason")
    frame = groups.assign(
        category=category,
        judged=(judged > 0) & ~incidents.excluded,
        fully_compliant=category == str(Whole.FULLY),
        rules_judged=judged,
        not_met=failed,
        more_to_come=found[Place.NOT_YET_DUE] > 0,
        excluded_reason=np.where(excluded.present, excluded.text(), ""),
    )
    return frame.sort_values("incident_ref", kind="stable", ignore_index=True)


def _category(excluded: BoolArray, judged: IntArray, found: dict[Place, IntArray]) -> TextArray:
    fits = [
        excluded,
        judged == 0,
        *(found[place] > 0 for place in (Place.NOT_MET, Place.UNDETERMINED, Place.LATE)),
    ]
    return np.select(fits, [str(each) for each in Whole][:-1], str(Whole.FULLY)).astype(object)


def _note(failed: TextArray, rule_id: str, rows: IntArray) -> None:
    """Add a rule to the list of each incident it was not met for, once."""
    once = np.unique(rows)
    before = failed[once]
    failed[once] = np.where(before == "", rule_id, before + f"; {rule_id}")
