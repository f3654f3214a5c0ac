"""The figures of the completion page: months with limits and signals, areas in their funnel, reasons, left out. Pure.

Everything is counted from the frame of cases that is written beside the page, so that each figure opens to its cases.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import pandas as pd

from dacompliance.judging.completion import NOT_COMPLETE, Category, last_28_days, tabulate
from dacompliance.judging.deadlines import day_number
from dacompliance.judging.measures import Share
from dacompliance.reporting import funnel, spc
from dacompliance.reporting.facts import CompletionFacts

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """One row of `judging.completion.tabulate`, its groups apart."""

    population: int
    excluded: int
    no_version: int
    no_deadline: int
    not_yet_due: int
    due: int
    complete: int
    declined: int
    incomplete: int
    reason: int
    silent: int
    cannot_tell: int

    @property
    def share(self) -> Share:
        """The complete among the due."""
        return Share(self.complete, self.due)

    @property
    def left_out(self) -> int:
        """Incidents in no rate: excluded, not yet due, or without a limit."""
        return self.population - self.due


COUNTS: Final = tuple(each.name for each in fields(Counts))
NOBODY: Final = Counts(*(0 for _ in COUNTS))


@dataclass(frozen=True, slots=True)
class Month:
    """One month of report. `limits` and `mark` where it is over and on the chart."""

    month: str
    counts: Counts
    over: bool
    limits: spc.Interval | None = None
    mark: spc.Mark | None = None

    @property
    def name(self) -> str:
        """The month in words."""
        return month_name(self.month)


@dataclass(frozen=True, slots=True)
class Chart:
    """The months, the method of their limits, and the months these were made from."""

    months: tuple[Month, ...]
    centre: float | None = None
    spread: float = 1.0
    baseline: tuple[str, ...] = ()

    @property
    def trial(self) -> bool:
        """Whether there are too few months to fix the limits."""
        return len(self.baseline) < spc.BASELINE

    @property
    def overdispersed(self) -> bool:
        """Whether months vary more than chance between cases explains, so that Laney's limits are used."""
        return self.spread > spc.OVERDISPERSED


@dataclass(frozen=True, slots=True)
class Group:
    """One area over the last twelve full months, beside all areas together."""

    name: str
    counts: Counts
    band: funnel.Band


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the page counts. `last` is the last full month with incidents due; None while there is none."""

    everything: Counts
    chart: Chart
    last: Month | None
    year: tuple[str, str] | None
    of_year: Counts
    areas: tuple[Group, ...]
    now: Share
    before: Share
    change: spc.Change
    excluded_reasons: tuple[tuple[str, int], ...]
    versions: tuple[tuple[str, int], ...]


def figures(facts: CompletionFacts, cases: pd.DataFrame) -> Figures:
    """Count the cases of one run."""
    local = facts.as_at.astimezone(facts.zone).date()
    chart = monthly(cases, f"{local:%Y-%m}")
    full = [month for month in chart.months if month.over and month.counts.due]
    year = last_year(full[-1].month, chart.months) if full else None
    in_year = within(cases, year)
    of_year = _counts(tabulate(in_year))[0]
    now, before = last_28_days(cases, day_number(local))
    return Figures(
        _counts(tabulate(cases))[0],
        chart,
        full[-1] if full else None,
        year,
        of_year,
        _areas(in_year, of_year.share),
        now,
        before,
        spc.change(now, before),
        _tally(cases.loc[cases["category"] == Category.EXCLUDED, "excluded_reason"]),
        _tally(cases.loc[cases["version"] != "", "version"]),
    )


def monthly(cases: pd.DataFrame, this_month: str) -> Chart:
    """Return the months with their limits and signals.

    Limits come from the first twelve full months with enough incidents due, and from all of them while there are fewer
    (*trial*): of the p-chart, or Laney's where the spread asks for them. A month that is not over is not tested: its
    few incidents would say little, and their wide limits would flatten everybody else's.
    """
    table = tabulate(cases, ["month"])
    months = [
        Month(str(name), counts, over=name < this_month)
        for name, counts in zip(table["month"], _counts(table), strict=True)
    ]
    tested = [place for place, month in enumerate(months) if month.over and month.counts.due >= spc.FEWEST]
    if len(tested) < 2:
        return Chart(tuple(months))
    points = [months[place].counts.share for place in tested]
    baseline = [number < spc.BASELINE for number in range(len(points))]
    spread = spc.sigma_z(points, baseline)
    limits = (spc.laney_limits if spread > spc.OVERDISPERSED else spc.p_limits)(points, baseline)
    marks = spc.marks([point.x / point.n for point in points], limits)
    for number, place in enumerate(tested):
        months[place] = replace(months[place], limits=limits.at(number), mark=marks[number])
    first = tuple(months[place].month for place in tested[: spc.BASELINE])
    return Chart(tuple(months), limits.centre, spread, first)


def last_year(month: str, months: Sequence[Month]) -> tuple[str, str]:
    """Return the first and last of the twelve months that end with `month`, as far back as there are any."""
    year, number = int(month[:4]), int(month[5:])
    first = f"{year - 1}-{number + 1:02d}" if number < 12 else f"{year}-01"
    return max(first, months[0].month), month


def within(cases: pd.DataFrame, period: tuple[str, str] | None) -> pd.DataFrame:
    """Return the cases reported in a period of months, first and last included; of no period, none."""
    if period is None:
        return cases.iloc[:0]
    return cases[(cases["month"] >= period[0]) & (cases["month"] <= period[1])]


def _areas(cases: pd.DataFrame, everyone: Share) -> tuple[Group, ...]:
    table = tabulate(cases, ["area"])
    centre = everyone.rate
    return tuple(
        Group(str(name), counts, funnel.Band.TOO_FEW if centre is None else funnel.band(counts.share, centre))
        for name, counts in zip(table["area"], _counts(table), strict=True)
    )


def _counts(table: pd.DataFrame) -> list[Counts]:
    return [Counts(*(int(value) for value in row)) for row in table[list(COUNTS)].itertuples(index=False)]


def _tally(values: pd.Series) -> tuple[tuple[str, int], ...]:
    """Return each value and how often it stands there, most frequent first, then by the value."""
    counts = [(str(name), int(count)) for name, count in values.value_counts().items()]
    return tuple(sorted(counts, key=lambda each: (-each[1], each[0])))


def reasons(counts: Counts) -> list[tuple[Category, int]]:
    """Return the categories of the not complete with their numbers, biggest first."""
    numbers = [(category, int(getattr(counts, category.name.lower()))) for category in NOT_COMPLETE]
    return sorted(numbers, key=lambda each: -each[1])


def month_name(month: str) -> str:
    """Return `2026-10` as `October 2026`."""
    return f"{MONTHS[int(month[5:]) - 1]} {month[:4]}"


def short_month(month: str) -> tuple[str, str]:
    """Return `2026-10` as `Oct` and `2026`."""
    return MONTHS[int(month[5:]) - 1][:3], month[:4]


def long_date(date: dt.date) -> str:
    """Return a date as `23 November 2026`."""
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"
