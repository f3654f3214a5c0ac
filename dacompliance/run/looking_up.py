"""What lists show of items, looked up in the parts of the records once it is known which items they speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from dacompliance.judging.checking import Checked
from dacompliance.judging.details import details
from dacompliance.judging.failing import Failing, failing
from dacompliance.records.table import Records
from dacompliance.run.judging import Judging
from dacompliance.run.survey import Survey, numbers, occurrences


@dataclass(frozen=True, slots=True, eq=False)
class LookedUp:
    """Details of items (`judging.details`), the tests they fail (`judging.failing`), and incidents not chased."""

    details: pd.DataFrame
    failing: Failing
    old: frozenset[str]


def look_up(
    judging: Judging, survey: Survey, verdicts: pd.DataFrame, stood: pd.DataFrame, items: AbstractSet[str], since: int
) -> LookedUp:
    """Return what lists show of `items`, by reference, and of those of `stood`, verdicts of an earlier run.

    `verdicts` are those of this run: what they found not so is told. An incident reported before the local day `since`
    is not chased.
    """
    wanted, incidents = items | set(stood["item_ref"]), frozenset(stood["incident_ref"])
    look = partial(_in_part, judging, survey, verdicts, wanted, incidents, since)
    found = list(judging.each("incidents looked up", look))
    shown = pd.concat([each.details for each, _ in found], ignore_index=True) if len(found) > 1 else found[0][0].details
    parts_of = Counter(number for _, shared in found for number in shared)
    across = [number for number, parts in parts_of.items() if parts > 1]
    return LookedUp(
        shown.assign(shared=shown["shared"] | shown["occurrence_ref"].isin(across)),
        {identity: tests for each, _ in found for identity, tests in each.failing.items()},
        frozenset().union(*(each.old for each, _ in found)),
    )


def _in_part(
    judging: Judging,
    survey: Survey,
    verdicts: pd.DataFrame,
    items: AbstractSet[str],
    incidents: AbstractSet[str],
    since: int,
    _records: Records,
    checked: Checked,
) -> tuple[LookedUp, set[str]]:
    world, rules = checked.world, judging.pack.rules
    shown = details(world, rules, items)
    here = verdicts if len(judging.pulled) == 1 else verdicts[verdicts["incident_ref"].isin(world.incidents.keys)]
    keys = world.incidents.keys
    old = keys[(world.incidents.reported_day < since) & pd.Index(keys, dtype=object).isin(list(incidents))]
    words = np.array(occurrences(checked), dtype=object)
    shared = words[np.isin(numbers(words), survey.across)] if len(survey.across) else words[:0]
    return LookedUp(shown, failing(world, rules, here), frozenset(old)), set(shared)
