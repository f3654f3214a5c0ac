"""What the lists look up: verdicts, what is shown of an item, rules and versions, narrowed to what matters. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import pandas as pd

from dacompliance.exceptions.model import Event, Identity
from dacompliance.policy.model import Rule, Test, Version

Row = TypeVar("Row")


class Said(NamedTuple):
    """What a verdict said of an item."""

    rule_id: str
    version: str
    about: str
    item_ref: str
    incident_ref: str
    outcome: str = ""
    reason: str = ""
    due_at: dt.datetime | None = None
    done_at: dt.datetime | None = None


class Shown(NamedTuple):
    """What a list may show of an item, or go by. Text is "" where missing; `unreadable` names columns.

    `shared`: the occurrence has other victims. `unlisted`: the form is of an instrument nobody has listed.
    """

    about: str
    item_ref: str
    incident_ref: str
    occurrence_ref: str
    grade: str = ""
    area: str = ""
    team: str = ""
    officer_id: str = ""
    blank_questions: str = ""
    unreadable: str = ""
    unassessed: bool = False
    high: bool = False
    shared: bool = False
    unlisted: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Casebook:
    """Verdicts by identity, items by (about, item_ref), rules by id, versions by (rule_id, version).

    `failing` are the tests of a `holds` that are false of an item, where that is at hand.
    """

    said: Mapping[Identity, Said]
    items: Mapping[tuple[str, str], Shown]
    rules: Mapping[str, Rule]
    versions: Mapping[tuple[str, str], Version]
    failing: Mapping[Identity, Sequence[Test]] = field(default_factory=dict)

    def shown(self, of: Said | Event) -> Shown:
        """Return what may be shown of an item; of one that is no item now, its references alone."""
        found = self.items.get((of.about, of.item_ref))
        return found or Shown(of.about, of.item_ref, of.incident_ref, of.incident_ref)


def open_book(
    verdicts: pd.DataFrame,
    details: pd.DataFrame,
    rules: Sequence[Rule],
    items: AbstractSet[str],
    due_by: dt.datetime,
    failing: Mapping[Identity, Sequence[Test]],
) -> Casebook:
    """Return the verdicts about `items`, and those pending with a due time up to `due_by`, with what they need.

    The frames are narrowed as columns first: a hundred thousand verdicts cost no more than a look.
    """
    soon = verdicts["outcome"].eq("pending") & verdicts["due_at"].le(pd.Timestamp(due_by))
    matters = verdicts.loc[soon | verdicts["item_ref"].isin(items), list(Said._fields)]
    said = {(each.rule_id, each.item_ref): each for each in _rows(matters, Said)}
    wanted = {each.item_ref for each in said.values()} | items
    narrowed = details.loc[details["item_ref"].isin(wanted), list(Shown._fields)]
    return Casebook(
        said,
        {(each.about, each.item_ref): each for each in _rows(narrowed, Shown)},
        {rule.id: rule for rule in rules},
        {(rule.id, each.in_force_from.isoformat()): each for rule in rules for each in rule.versions},
        failing,
    )


def _rows(frame: pd.DataFrame, make: Callable[..., Row]) -> Iterator[Row]:
    cells = (_plain(frame[name]) for name in frame.columns)
    return (make(*row) for row in zip(*cells, strict=True))


def _plain(column: pd.Series) -> list[object]:
    """Return a column's cells as Python's own values: an instant as a datetime, a missing one as None."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return [None if pd.isna(when) else when.to_pydatetime() for when in column]
    return list(column.to_numpy(dtype=object))
