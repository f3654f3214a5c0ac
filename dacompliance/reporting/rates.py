"""The rates of one measure: months, weeks and groups, each with what was left out and what changed after it. Pure.

Everything is counted from the frame of cases that is written beside the pages, so that each figure opens to its cases.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.judging.groups import BREAKDOWNS
from dacompliance.judging.measures import RULE, Counting, Place, Share, marks
from dacompliance.records.table import BoolArray, IntArray
from dacompliance.reporting import funnel, spc
from dacompliance.reporting.series import Chart, Month, Rebase, chart, last_year

WEEKS: Final = 13
"""So many newest weeks stand on a page; the file of figures has all."""

FLAGS: Final = ("done", "cannot_tell", "waived", "left", "turned")
"""Columns of cases that are counted beside the rate, where a measure has them."""

EARLIER: Final = {"breached": Place.NOT_MET, "late": Place.LATE, "undetermined": Place.UNDETERMINED}
"""What an earlier run's outcome, kept in the ledger, counted as: in the denominator and not in the numerator."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one group of cases. `flags` are counted beside the rate and change nothing of it."""

    population: int
    n: int
    x: int
    categories: Mapping[str, int]
    flags: Mapping[str, int] = field(default_factory=dict)

    @property
    def share(self) -> Share:
        """The numerator among the denominator."""
        return Share(self.x, self.n)

    @property
    def left_out(self) -> int:
        """Cases in no rate."""
        return self.population - self.n

    @property
    def raised(self) -> int:
        """Cases that left the rate, or came to be met, after an earlier run had counted them as not met."""
        return self.flags.get("left", 0) + self.flags.get("turned", 0)

    @property
    def had_they_stayed(self) -> Share:
        """The share, had those cases stayed as the earlier run counted them."""
        return Share(self.x - self.flags.get("turned", 0), self.n + self.flags.get("left", 0))


@dataclass(frozen=True, slots=True)
class Group:
    """One group over the last twelve full months, beside all groups together."""

    name: str
    counts: Tally
    band: funnel.Band


@dataclass(frozen=True, slots=True)
class Rates:
    """Everything a page says of one measure. `year` is the last twelve full months; None while no month is full."""

    key: str
    everything: Tally
    chart: Chart[Tally]
    year: tuple[str, str] | None
    of_year: Tally
    weeks: tuple[tuple[str, Tally], ...]
    groups: Mapping[str, tuple[Group, ...]]
    target: float | None = None

    @property
    def last(self) -> Month[Tally] | None:
        """The newest full month with anything in the denominator."""
        return self.chart.last

    @property
    def assurance(self) -> spc.Assurance | None:
        """What the newest limits promise of the target; None without one of them, or while limits are trial."""
        limits = [month.limits for month in self.chart.months if month.limits is not None]
        if self.target is None or not limits or self.chart.trial:
            return None
        return spc.assurance(self.target, limits[-1])


class Tallies:
    """The cases of one measure, marked once and then counted by any of their columns."""

    def __init__(self, cases: pd.DataFrame, how: Counting) -> None:
        flags = tuple(name for name in FLAGS if name in cases)
        counted = marks(cases, how)
        self._names, self._flags, self._cases = how.categories, flags, cases
        columns = [counted[["population", "n", "x", *how.categories]], cases[list(flags)]]
        self._marks = np.hstack([each.to_numpy(dtype=np.int64) for each in columns])
        self._groups: dict[str, tuple[IntArray, list[str]]] = {}

    def by(self, *names: str, within: BoolArray | None = None) -> list[tuple[tuple[str, ...], Tally]]:
        """Return the counts of each group that has a case, in order of the groups' names."""
        rows = np.arange(len(self._marks)) if within is None else np.flatnonzero(within)
        if not len(rows):
            return []
        key = np.zeros(len(rows), dtype=np.int64)
        for name in names:
            codes, words = self._group(name)
            key = key * len(words) + codes[rows]
        order = np.argsort(key, kind="stable")
        found, starts = np.unique(key[order], return_index=True)
        sums = np.add.reduceat(self._marks[rows[order]], starts, axis=0)
        return [(self._words(each, names), self._tally(row)) for each, row in zip(found.tolist(), sums, strict=True)]

    def all(self, within: BoolArray | None = None) -> Tally:
        """Return the counts of everything, or of some."""
        return self._tally((self._marks if within is None else self._marks[within]).sum(axis=0))

    def _group(self, name: str) -> tuple[IntArray, list[str]]:
        """Return a column as places in its words, and those in order."""
        if name not in self._groups:
            codes, words = pd.factorize(self._cases[name].astype(str), sort=True)
            self._groups[name] = codes.astype(np.int64), [str(each) for each in words]
        return self._groups[name]

    def _words(self, key: int, names: Sequence[str]) -> tuple[str, ...]:
        found = []
        for name in reversed(names):
            words = self._group(name)[1]
            key, place = divmod(key, len(words))
            found.append(words[place])
        return tuple(reversed(found))

    def _tally(self, row: IntArray) -> Tally:
        population, n, x, *rest = row.tolist()
        split = len(self._names)
        categories = dict(zip(self._names, rest[:split], strict=True))
        return Tally(population, n, x, categories, dict(zip(self._flags, rest[split:], strict=True)))


def rates(
    key: str,
    tallies: Tallies,
    cases: pd.DataFrame,
    this_month: str,
    rebases: Sequence[Rebase] = (),
    target: float | None = None,
) -> Rates:
    """Count one measure. `cases` are those of `tallies`; `this_month` is the month of the as-at, which is not over."""
    months = [(month, tally) for (month,), tally in tallies.by("month")]
    by_month = chart(months, this_month, [each for each in rebases if each.measure == key])
    last = by_month.last
    year = None if last is None else last_year(last.month, [month for month, _ in months])
    inside = within(cases, year)
    of_year = tallies.all(inside)
    centre = of_year.share.rate
    return Rates(
        key,
        tallies.all(),
        by_month,
        year,
        of_year,
        tuple((week, tally) for (week,), tally in tallies.by("week")[-WEEKS:]),
        {name: _groups(tallies.by(name, within=inside), centre) for name in BREAKDOWNS},
        target,
    )


def within(cases: pd.DataFrame, period: tuple[str, str] | None) -> BoolArray:
    """Return which cases were reported in a period of months, first and last included; of no period, none."""
    if period is None:
        return np.zeros(len(cases), dtype=bool)
    months = cases["month"]
    return ((months >= period[0]) & (months <= period[1])).to_numpy(dtype=bool)


def _groups(found: Sequence[tuple[tuple[str, ...], Tally]], centre: float | None) -> tuple[Group, ...]:
    def band(share: Share) -> funnel.Band:
        return funnel.Band.TOO_FEW if centre is None else funnel.band(share, centre)

    return tuple(Group(name, tally, band(tally.share)) for (name,), tally in found)


def with_history(cases: pd.DataFrame, earlier: Mapping[str, str], waived: Collection[str]) -> pd.DataFrame:
    """Return a rule's cases with what earlier runs said against them, where that raises the rate now.

    `earlier` is, by item, the worst place an earlier run gave it among the misses. Columns added: `waived`; `left`: in
    no rate now; `turned`: met now; `earlier`, that place, for those two only. What was overdue and is late or met by
    its own deadline's measure stays in the denominator and is no such case unless it is met.
    """
    was = pd.Series([earlier.get(item, "") for item in cases["item_ref"]], index=cases.index, dtype=object)
    known = was != ""
    left, turned = known & ~cases[RULE.n], known & cases[RULE.x]
    return cases.assign(
        waived=cases["item_ref"].isin(list(waived)),
        left=left,
        turned=turned,
        earlier=was.where(left | turned, ""),
    )
