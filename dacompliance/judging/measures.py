"""Counts of verdicts: what was judged, done in time, done at all, and what was left out (semantics §7). Pure.

A numerator is always part of its denominator, and both are counted from the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dacompliance.judging.verdicts import OUTCOMES, Outcome


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


def rates(verdicts: pd.DataFrame, incidents: pd.DataFrame, as_at: int, by: Sequence[str] = ()) -> pd.DataFrame:
    """Count a frame of verdicts by rule and by columns of `incidents`, a frame with one row an `incident_ref`.

    Columns: `rule_id`, those of `by`, `items` = `not_applicable` + `applicable` (excluded incidents are in neither, and
    counted as `excluded`), `applicable` = `not_yet_due` + `judged`, and of the judged `in_time` (part of `done`),
    `overdue` and `undetermined`. Not yet due is whatever has a due time that has not passed at `as_at` (microseconds
    UTC), done or not. Every incident of the verdicts must be among `incidents`.
    """
    outcome = {each: verdicts["outcome"] == OUTCOMES[each] for each in Outcome}
    none = outcome[Outcome.NOT_APPLICABLE]
    excluded = none & (verdicts["reason"] == "excluded")
    due = verdicts["due_at"]
    not_yet_due = ~none & due.notna() & (due >= pd.Timestamp(as_at, unit="us", tz="UTC"))
    judged = ~none & ~not_yet_due
    marks = pd.DataFrame(
        {
            "items": ~excluded,
            "excluded": excluded,
            "not_applicable": none & ~excluded,
            "applicable": ~none,
            "not_yet_due": not_yet_due,
            "judged": judged,
            "in_time": judged & outcome[Outcome.MET],
            "done": judged & (outcome[Outcome.MET] | outcome[Outcome.LATE]),
            "overdue": judged & outcome[Outcome.BREACHED],
            "undetermined": judged & outcome[Outcome.UNDETERMINED],
        }
    )
    place = pd.Index(incidents["incident_ref"]).get_indexer(pd.Index(verdicts["incident_ref"]))
    groups = incidents[list(by)].take(place).set_axis(verdicts.index)
    groups.insert(0, "rule_id", verdicts["rule_id"])
    return summed(marks, groups, ("rule_id", *by))


def summed(marks: pd.DataFrame, frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Add up columns of true and false by the columns `by` of another frame with the same rows."""
    if not by:
        return marks.sum().astype(np.int64).to_frame().T
    groups = [frame[name].rename(name) for name in by]
    return marks.astype(np.int64).groupby(groups, sort=True).sum().reset_index()
