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
        self._how = how
        self._flags = tuple(name for name in FLAGS if name in cases)
        self._marks = marks(cases, how).assign(**{name: cases[name].to_numpy(dtype=np.int64) for name in self._flags})
        self._cases = cases

    def by(self, *names: str, within: pd.Series[bool] | None = None) -> list[tuple[tuple[str, ...], Tally]]:
        """Return the counts of each group that has a case, in order of the groups' names."""
        keys, found = self._cases[list(names)], self._marks
        if within is not None:
            keys, found = keys[within], found[within]
        table = found.groupby([keys[name] for name in names], sort=True, observed=True).sum()
        indexes = [index if isinstance(index, tuple) else (index,) for index in table.index]
        rows = zip(indexes, self._tallies(table), strict=True)
        return [(tuple(str(each) for each in index), tally) for index, tally in rows]

    def all(self, within: pd.Series[bool] | None = None) -> Tally:
        """Return the counts of everything, or of some."""
        found = self._marks if within is None else self._marks[within]
        return self._tallies(found.sum().to_frame().T)[0]

    def _tallies(self, table: pd.DataFrame) -> list[Tally]:
        names, flags = self._how.categories, self._flags
        heads = table[["population", "n", "x"]].to_numpy(dtype=np.int64).tolist()
        counts = table[list(names)].to_numpy(dtype=np.int64).tolist()
        beside = table[list(flags)].to_numpy(dtype=np.int64).tolist()
        return [
            Tally(head[0], head[1], head[2], dict(zip(names, each, strict=True)), dict(zip(flags, more, strict=True)))
            for head, each, more in zip(heads, counts, beside, strict=True)
        ]


def grouped(cases: pd.DataFrame) -> pd.DataFrame:
    """Return cases with the columns they are counted by as categories: the same counts, sooner."""
    return cases.assign(**{name: cases[name].astype("category") for name in ("month", "week", *BREAKDOWNS)})


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


def within(cases: pd.DataFrame, period: tuple[str, str] | None) -> pd.Series[bool]:
    """Return which cases were reported in a period of months, first and last included; of no period, none."""
    months = cases["month"].astype(str)
    if period is None:
        return pd.Series(data=False, index=cases.index)
    return (months >= period[0]) & (months <= period[1])


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
