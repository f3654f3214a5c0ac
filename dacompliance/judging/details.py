"""What a list shows beside a verdict: references, routing columns, grade and blanks, one row an item. Pure."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet

import numpy as np
import pandas as pd

from dacompliance.judging.items import Items, World
from dacompliance.policy.model import Rule
from dacompliance.records.table import BoolArray, Column, IntArray, TextArray

SHOWN = ("occurrence_ref", "grade", "area", "team", "officer_id", "supervisor_id", "blank_questions")


def details(world: World, rules: Collection[Rule], only: AbstractSet[str] | None = None) -> pd.DataFrame:
    """Return what lists show of every item, or `only` of those with these references.

    Text is empty where missing or unreadable.
    `unreadable` names the columns of the item that some rule reads and nobody can, joined by `; `. `shared`: the
    occurrence has other victims. `unlisted`: the form is of an instrument whose questions nobody has listed.
    """
    shared = _shared(world.incidents)
    kinds = (world.incidents, world.assessments, world.referrals)
    frames = [_of(items, _rows(items, only), rules, shared) for items in kinds]
    return pd.concat(frames, ignore_index=True)


def _rows(items: Items, only: AbstractSet[str] | None) -> IntArray:
    if only is None:
        return np.arange(len(items))
    return np.flatnonzero(pd.Index(items.keys, dtype=object).isin(list(only)))


def _of(items: Items, rows: IntArray, rules: Collection[Rule], shared: pd.Index) -> pd.DataFrame:
    columns = {name: _text(items.column(name).take(rows)) for name in SHOWN}
    references, incident_refs = columns["occurrence_ref"], items.incident_refs[rows]
    columns["occurrence_ref"] = np.where(references == "", incident_refs, references)
    instrument, asked = items.column("instrument").take(rows), items.column("question_count").take(rows)
    return pd.DataFrame(
        {
            "about": np.full(len(rows), items.about, dtype=object),
            "item_ref": items.keys[rows],
            "incident_ref": incident_refs,
            **columns,
            "unreadable": _unreadable(items, rows, rules),
            "unassessed": items.column("assessment_count").values[rows] == 0,
            "high": columns["grade"] == "high",
            "shared": pd.Index(columns["occurrence_ref"]).isin(shared),
            "unlisted": instrument.present & ~asked.present & ~asked.unread,
        }
    )


def _shared(incidents: Items) -> pd.Index:
    """Return the occurrence numbers that more than one incident, and so more than one victim, has."""
    column = incidents.column("occurrence_ref")
    numbers = pd.Index(column.text()[column.present])
    return numbers[numbers.duplicated()].unique()


def _text(column: Column) -> TextArray:
    return np.array(["" if word is None else word for word in column.text()], dtype=object)


def _unreadable(items: Items, rows: IntArray, rules: Collection[Rule]) -> TextArray:
    read = sorted({name for rule in rules if rule.about == items.about for v in rule.versions for name in v.columns()})
    marked: list[tuple[str, BoolArray]] = [
        (name, unreadable[rows]) for name in read if (unreadable := items.column(name).unreadable) is not None
    ]
    words = np.full(len(rows), "", dtype=object)
    for name, where in marked:
        words[where] = [f"{before}; {name}" if before else name for before in words[where]]
    return words
