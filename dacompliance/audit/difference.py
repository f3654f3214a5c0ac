"""Two sets of verdicts → what moved, and in what. Pure; the preview of a rule and the replay of a run share it.

What does not apply is compared as an outcome only, as the ledger keeps it: an item with no verdict on one side does
not apply there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from dacompliance.judging.verdicts import COLUMNS
from dacompliance.records.table import BoolArray

IDENTITY: Final = ("rule_id", "item_ref")
SAID: Final = ("outcome", "version", "due_at", "done_at", "reason", "about", "incident_ref")
SIDES: Final = ("before", "after")
MOVED: Final = (*IDENTITY, "incident_ref", *(f"{name}_{side}" for name in SAID for side in SIDES), "changed")
"""The columns of `moved`. `changed` names what differs, in the order of `SAID`, joined by `; `."""

NOT_APPLICABLE: Final = "not_applicable"


def moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each rule and item of which two verdict frames say different things, in order of both.

    The columns are `MOVED`. A verdict has one row at the most on either side. What differs between two verdicts that do
    not apply is nothing; one that does not apply has an empty version and reason here, and no times.
    """
    both = _applying(before).merge(
        _applying(after), how="outer", on=list(IDENTITY), suffixes=("_before", "_after"), validate="one_to_one"
    )
    for side in SIDES:
        both[f"outcome_{side}"] = both[f"outcome_{side}"].fillna(NOT_APPLICABLE)
    judged = (both[["outcome_before", "outcome_after"]] != NOT_APPLICABLE).all(axis=1).to_numpy(dtype=bool)
    differs = {
        name: _differs(both[f"{name}_before"], both[f"{name}_after"]) & (judged | (name == "outcome")) for name in SAID
    }
    rows = np.logical_or.reduce(list(differs.values()))
    both["incident_ref"] = both["incident_ref_before"].fillna(both["incident_ref_after"])
    both["changed"] = _names(differs, len(both))
    text = [name for name in MOVED if not name.startswith(("due_at", "done_at"))]
    both[text] = both[text].fillna("").astype(object)
    return both.loc[rows, list(MOVED)].sort_values(list(IDENTITY), kind="stable", ignore_index=True)


def turns(found: pd.DataFrame) -> pd.DataFrame:
    """Return how many items went from which outcome to which: rule_id, outcome_before, outcome_after, items.

    The most first. What moved without a new outcome, such as a deadline, is not in it.
    """
    turned = found[found["outcome_before"] != found["outcome_after"]]
    counted = turned.groupby(["rule_id", "outcome_before", "outcome_after"], sort=True).size()
    table = counted.rename("items").reset_index()
    return table.sort_values(["rule_id", "items"], ascending=[True, False], kind="stable", ignore_index=True)


def _applying(verdicts: pd.DataFrame) -> pd.DataFrame:
    return verdicts.loc[verdicts["outcome"] != NOT_APPLICABLE, list(COLUMNS)]


def _differs(one: pd.Series[Any], other: pd.Series[Any]) -> BoolArray:
    same = (one == other) | (one.isna() & other.isna())
    return ~same.to_numpy(dtype=bool)


def _names(differs: Mapping[str, BoolArray], size: int) -> list[str]:
    """Return the names of what differs in each row, joined."""
    marks = np.zeros(size, dtype=np.int64)
    for bit, where in enumerate(differs.values()):
        marks |= where.astype(np.int64) << bit
    words = {
        mark: "; ".join(name for bit, name in enumerate(differs) if mark >> bit & 1)
        for mark in np.unique(marks).tolist()
    }
    return [words[mark] for mark in marks.tolist()]
