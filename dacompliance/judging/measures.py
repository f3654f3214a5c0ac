"""Counts of cases: what was judged, what of that was met, and what was left out and why (semantics §7). Pure.

A case is one row: an item and where it stands, in exactly one category. Every figure is counted from such rows and from
nothing else, so each opens to its cases; and a numerator is part of its denominator row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.judging.outcomes import Outcome
from dacompliance.judging.verdicts import RuleVerdicts
from dacompliance.records.table import TextArray


@dataclass(frozen=True, slots=True)
class Share:
    """`x` of `n` items. Refuses a numerator that is no part of its denominator."""

    x: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.x <= self.n:
            raise ArithmeticError(f"a share of {self.x} of {self.n} cannot be")

    @property
    def rate(self) -> float | None:
        """The share as a number from 0 to 1; None of nothing."""
        return self.x / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Counting:
    """How a frame of cases is counted: its columns of the numerator and the denominator, and its categories.

    `hits` make the numerator, `hits` and `misses` the denominator, `outside` is in no rate.
    """

    x: str
    n: str
    hits: tuple[str, ...]
    misses: tuple[str, ...]
    outside: tuple[str, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        """Every category, those in the rate first."""
        return (*self.hits, *self.misses, *self.outside)


def count(cases: pd.DataFrame, how: Counting, by: Sequence[str] = ()) -> pd.DataFrame:
    """Count cases by columns of theirs, sorted by them; with none, one row of everything.

    Columns: those of `by`, then `population`, each category by its name, and `n` and `x`. Raises ArithmeticError where
    a case is in the numerator and not in the denominator, or in either against its category.
    """
    found = marks(cases, how)
    if not by:
        return found.sum().to_frame().T
    return found.groupby([cases[name].rename(name) for name in by], sort=True).sum().reset_index()


def marks(cases: pd.DataFrame, how: Counting) -> pd.DataFrame:
    """Return what each case counts as, 1 or 0: `population`, each category by its name, `n` and `x`.

    Raises ArithmeticError as `count` does: numerator, denominator and category are held to each other row by row.
    """
    _insist(cases, how)
    found = {each: (cases["category"] == each).to_numpy(dtype=np.int64) for each in how.categories}
    parts = {"n": cases[how.n].to_numpy(dtype=np.int64), "x": cases[how.x].to_numpy(dtype=np.int64)}
    return pd.DataFrame({"population": np.ones(len(cases), dtype=np.int64), **found, **parts}, index=cases.index)


def _insist(cases: pd.DataFrame, how: Counting) -> None:
    category = cases["category"]
    hit = category.isin(how.hits)
    right = category.isin(how.categories) & (cases[how.x] == hit) & (cases[how.n] == (hit | category.isin(how.misses)))
    if not right.all():
        raise ArithmeticError(f"{how.x} of {how.n}: {int((~right).sum())} cases are counted against their category")


SPELL: Final = 28
"""Days: four weeks, so that each weekday counts alike."""

LATELY: Final = 2 * SPELL
"""The days that `last_28_days` looks at."""


def last_28_days(cases: pd.DataFrame, how: Counting, as_at_day: int) -> tuple[Share, Share]:
    """Return the share of the incidents reported in the 28 local days that end with `as_at_day`, and in the 28 before.

    What is not yet due is in neither, so the young end of the period is not flattered by its quick cases.
    """
    return (
        _reported_between(cases, how, as_at_day - SPELL + 1, as_at_day),
        _reported_between(cases, how, as_at_day - LATELY + 1, as_at_day - SPELL),
    )


def _reported_between(cases: pd.DataFrame, how: Counting, first: int, last: int) -> Share:
    days = cases["reported_on"]
    within = (days >= str(np.datetime64(first, "D"))) & (days <= str(np.datetime64(last, "D")))
    return Share(int((within & cases[how.x]).sum()), int((within & cases[how.n]).sum()))


class Place(StrEnum):
    """Where an item stands under a rule: exactly one of these."""

    MET = "met"
    LATE = "late"
    NOT_MET = "not met"
    UNDETERMINED = "cannot be judged"
    NOT_YET_DUE = "not yet due"
    EXCLUDED = "excluded"
    NO_VERSION = "no rule version in force"
    NOT_APPLICABLE = "does not apply"


RULE: Final = Counting(
    "met",
    "judged",
    (Place.MET,),
    (Place.LATE, Place.NOT_MET, Place.UNDETERMINED),
    (Place.NOT_YET_DUE, Place.EXCLUDED, Place.NO_VERSION, Place.NOT_APPLICABLE),
)

_OF_OUTCOME: Final = {
    Outcome.NOT_APPLICABLE: Place.NOT_APPLICABLE,
    Outcome.UNDETERMINED: Place.UNDETERMINED,
    Outcome.PENDING: Place.NOT_YET_DUE,
    Outcome.MET: Place.MET,
    Outcome.LATE: Place.LATE,
    Outcome.BREACHED: Place.NOT_MET,
}


def places(verdicts: RuleVerdicts, as_at: int) -> TextArray:
    """Return where each item stands at `as_at` (microseconds UTC), the first that fits.

    Whatever applies and has a due time that has not passed is not yet due, done or not.
    """
    by_outcome = np.array([str(_OF_OUTCOME[each]) for each in Outcome], dtype=object)
    running = (verdicts.outcome != Outcome.NOT_APPLICABLE) & (verdicts.due_at >= as_at)  # a missing one is the smallest
    return np.select(
        [verdicts.items.excluded, verdicts.version < 0, running],
        [str(Place.EXCLUDED), str(Place.NO_VERSION), str(Place.NOT_YET_DUE)],
        by_outcome[verdicts.outcome],
    ).astype(object)


def rule_cases(verdicts: RuleVerdicts, groups: pd.DataFrame, as_at: int) -> pd.DataFrame:
    """Return one row for each item a rule is about, sorted by item, with where it stands at `as_at` (microseconds UTC).

    `groups` are the items' own, of `groups.item_groups`. Columns: those of `groups`; `category` (a `Place`); `judged`
    and, part of it, `met`, true or false; `done`, of the judged, in time or late; the verdict's `version`, `due_at`,
    `done_at` and `reason`, if it applies; `excluded_reason`.
    """
    said = verdicts.frame()
    excluded = verdicts.items.column("excluded_reason")
    category = places(verdicts, as_at)
    frame = groups.assign(
        category=category,
        judged=np.isin(category, [str(each) for each in (*RULE.hits, *RULE.misses)]),
        met=category == str(Place.MET),
        done=np.isin(category, [str(Place.MET), str(Place.LATE)]),
        **{name: said[name] for name in ("version", "due_at", "done_at")},
        reason=np.where(verdicts.outcome == Outcome.NOT_APPLICABLE, "", said["reason"]),
        excluded_reason=np.where(excluded.present, excluded.text(), ""),
    )
    return frame.sort_values("item_ref", kind="stable", ignore_index=True)
