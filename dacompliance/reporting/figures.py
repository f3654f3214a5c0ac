"""The figures of the completion page: months with limits and signals, areas in their funnel, reasons, left out. Pure.

Everything is counted from the frame of cases that is written beside the page, so that each figure opens to its cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import pandas as pd

from dacompliance.judging.completion import NOT_COMPLETE, Category, last_28_days, tabulate
from dacompliance.judging.deadlines import day_number
from dacompliance.judging.measures import Share
from dacompliance.reporting import funnel, spc
from dacompliance.reporting.facts import CompletionFacts
from dacompliance.reporting.series import Chart, Month, Rebase, chart, last_year


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
class Group:
    """One area over the last twelve full months, beside all areas together."""

    name: str
    counts: Counts
    band: funnel.Band


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the page counts. `last` is the last full month with incidents due; None while there is none."""

    everything: Counts
    chart: Chart[Counts]
    last: Month[Counts] | None
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
    by_month = monthly(cases, f"{local:%Y-%m}", facts.rebases)
    last = by_month.last
    year = None if last is None else last_year(last.month, [month.month for month in by_month.months])
    in_year = within(cases, year)
    of_year = _counts(tabulate(in_year))[0]
    now, before = last_28_days(cases, day_number(local))
    return Figures(
        _counts(tabulate(cases))[0],
        by_month,
        last,
        year,
        of_year,
        _areas(in_year, of_year.share),
        now,
        before,
        spc.change(now, before),
        _tally(cases.loc[cases["category"] == Category.EXCLUDED, "excluded_reason"]),
        _tally(cases.loc[cases["version"] != "", "version"]),
    )


def monthly(cases: pd.DataFrame, this_month: str, rebases: Sequence[Rebase] = ()) -> Chart[Counts]:
    """Return the months of completion with their limits and signals, as `series.chart` makes them."""
    table = tabulate(cases, ["month"])
    return chart(list(zip(table["month"].astype(str), _counts(table), strict=True)), this_month, rebases)


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
