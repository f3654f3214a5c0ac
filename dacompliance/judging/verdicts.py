"""Rules × items → verdicts (semantics §5). Pure: no verdict depends on another item's, on the clock or on order.

The first outcome that fits decides: not applicable, undetermined, pending, met, late, breached.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dacompliance.judging.deadlines import day_number
from dacompliance.judging.items import Items, World
from dacompliance.judging.outcomes import OUTCOMES, CodeArray, PlaceArray
from dacompliance.judging.ruling import judge_version
from dacompliance.judging.view import Book, View
from dacompliance.localtime import HOUR
from dacompliance.policy.model import Holiday, Rule
from dacompliance.records.table import BoolArray, IntArray, stamps

COLUMNS: Final = (
    "rule_id",
    "version",
    "about",
    "item_ref",
    "incident_ref",
    "outcome",
    "due_at",
    "done_at",
    "reason",
)
"""The columns of a verdict frame. `overdue_hours` is derived where it is shown, never kept."""

Cells = Mapping[str, npt.NDArray[Any]]
"""Verdicts as arrays, by the names of their columns."""


@dataclass(frozen=True, slots=True, eq=False)
class RuleVerdicts:
    """One rule's verdicts of every item, row by row beside `items`. `version` is a position in the rule's, -1 for none.

    `due_at` and `done_at` are microseconds UTC; `reason` is a position in `reasons`, of which the first is empty.
    """

    rule: Rule
    items: Items
    version: PlaceArray
    outcome: CodeArray
    due_at: IntArray
    done_at: IntArray
    reason: PlaceArray
    reasons: tuple[str, ...]

    def cells(self, rows: IntArray) -> Cells:
        """Return the verdicts of some rows by the names of `COLUMNS`: words as text, times in microseconds UTC."""
        return {
            "rule_id": np.full(len(rows), self.rule.id, dtype=object),
            "version": np.array(self.rule.dates, dtype=object)[self.version[rows]],
            "about": np.full(len(rows), self.rule.about, dtype=object),
            "item_ref": self.items.keys[rows],
            "incident_ref": self.items.incident_refs[rows],
            "outcome": OUTCOMES[self.outcome[rows]],
            "due_at": self.due_at[rows],
            "done_at": self.done_at[rows],
            "reason": np.array(self.reasons, dtype=object)[self.reason[rows]],
        }

    def frame(self, keep: BoolArray | None = None) -> pd.DataFrame:
        """Return the verdicts, or those to keep, in words."""
        cells = self.cells(np.arange(len(self.items)) if keep is None else np.flatnonzero(keep))
        return pd.DataFrame({**cells, **{name: stamps(cells[name]) for name in ("due_at", "done_at")}})


def judge(world: World, rules: Iterable[Rule], holidays: Sequence[Holiday], known_day: int) -> list[RuleVerdicts]:
    """Judge every item by every rule about it, by what had been published and announced by the day `known_day`."""
    return [judge_rule(world, rule, holidays, known_day) for rule in rules]


def tally(verdicts: Iterable[RuleVerdicts]) -> dict[str, int]:
    """Return how many verdicts there are of each outcome, by its word."""
    counts = (np.bincount(each.outcome, minlength=len(OUTCOMES)) for each in verdicts)
    return dict(zip(OUTCOMES, sum(counts, np.zeros(len(OUTCOMES), dtype=np.int64)).tolist(), strict=True))


def frame(verdicts: Iterable[RuleVerdicts]) -> pd.DataFrame:
    """Return all verdicts as one frame with the columns `COLUMNS`; text is never missing, times may be NaT."""
    return together([each.frame() for each in verdicts])


def together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the frames of several rules as one; of none, one with the columns `COLUMNS` and no row."""
    if frames:
        return pd.concat(frames, ignore_index=True)
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    return empty.astype({"due_at": "datetime64[us, UTC]", "done_at": "datetime64[us, UTC]"})


def judge_rule(world: World, rule: Rule, holidays: Sequence[Holiday], known_day: int) -> RuleVerdicts:
    """Judge every item the rule is about, each by the version in force on its incident's local day of report."""
    items = world.items(rule.about)
    version = versions_in_force(rule, items.reported_day, known_day)
    book = Book(len(items))
    book.note(version < 0, "no version")
    book.note(items.excluded, "excluded")
    for place, each in enumerate(rule.versions):
        view = View(items, ~items.excluded).narrowed(version == place)
        if view.here.any():
            judge_version(world, view, each, holidays, known_day, book)
    return RuleVerdicts(rule, items, version, book.outcome, book.due_at, book.done_at, book.reason, tuple(book.reasons))


def versions_in_force(rule: Rule, days: IntArray, known_day: int) -> PlaceArray:
    """Return the position of the version in force on each day, among those published by `known_day`; -1 for none."""
    published = [
        (day_number(version.in_force_from), place)
        for place, version in enumerate(rule.versions)
        if day_number(version.published) <= known_day
    ]
    published.sort()
    starts = np.array([start for start, _ in published], dtype=np.int64)
    places = np.array([-1, *(place for _, place in published)], dtype=np.int64)
    if len(days) == 0:
        return np.zeros(0, dtype=np.int16)
    first = int(days.min())
    every = np.arange(first, int(days.max()) + 1)  # each day once: there are fewer days than items
    found = places[np.searchsorted(starts, every, side="right")]
    ends = [_NO_END if v.in_force_until is None else day_number(v.in_force_until) for v in rule.versions]
    end = np.array([*ends, _NO_END], dtype=np.int64)[found]
    return np.where(every > end, -1, found).astype(np.int16)[days - first]


_NO_END: Final = day_number(dt.date.max)


def overdue_hours(verdicts: pd.DataFrame, as_at: pd.Timestamp) -> pd.Series[str]:
    """Return hours overdue, cut off to hundredths, as text with two decimals; empty where nothing is overdue.

    Late: done less due. Breached with a deadline: the as-at less due.
    """
    due = verdicts["due_at"]
    over = (verdicts["done_at"] - due).where(verdicts["outcome"] == "late", as_at - due)
    shown = verdicts["outcome"].isin(["late", "breached"]) & due.notna()
    microseconds = over.where(shown, pd.Timedelta(0)).to_numpy().astype("timedelta64[us]").astype(np.int64)
    cut = microseconds // (HOUR // 100)
    words = [f"{each // 100}.{each % 100:02d}" if there else "" for each, there in zip(cut, shown, strict=True)]
    return pd.Series(words, index=verdicts.index, dtype=object)
