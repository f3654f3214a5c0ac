"""figures.csv: every count of every page as one tidy table, for a spreadsheet or a dashboard. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pandas as pd

from dacompliance.judging.groups import BREAKDOWNS
from dacompliance.reporting import prose, spc
from dacompliance.reporting.rates import FLAGS, Tally
from dacompliance.reporting.sitefacts import MeasureFacts

HEADS: Final = ("measure", "period", "period_kind", "grouping", "group")
COUNTS: Final = ("population", "denominator", "numerator", "rate", "lower_95", "upper_95", "rate_status", *FLAGS)
LIMITS: Final = ("centre", "lower_limit", "upper_limit", "signal")


def figures_table(measures: Sequence[MeasureFacts]) -> pd.DataFrame:
    """Return one row a measure, period and group: counts, rate and interval, then each category by its name.

    `rate_status` says why there is no rate: `u`, fewer than 10, or `z`, none judged. A category another measure has is
    empty.
    """
    rows = [row for each in measures for row in _rows(each)]
    categories = dict.fromkeys(name for each in measures for name in each.how.categories)
    return pd.DataFrame(rows, columns=[*HEADS, *COUNTS, *LIMITS, *categories], dtype=object)


def _rows(measure: MeasureFacts) -> Iterator[dict[str, Any]]:
    def row(period: str, kind: str, grouping: str, group: str, counts: Tally) -> dict[str, Any]:
        return {
            **dict(zip(HEADS, (measure.key, period, kind, grouping, group), strict=True)),
            **_counts(counts),
        }

    yield row("all", "all", "force", "all", measure.rates.everything)
    for month in measure.rates.chart.months:
        yield {
            **row(month.month, "month", "force", "all", month.counts),
            "centre": None if month.centre is None else round(month.centre, 6),
            "lower_limit": None if month.limits is None else round(month.limits.lower, 6),
            "upper_limit": None if month.limits is None else round(month.limits.upper, 6),
            "signal": prose.signal(month),
        }
    for (week,), tally in measure.tallies.by("week"):
        yield row(week, "week", "force", "all", tally)
    for name in BREAKDOWNS:
        for (month_of, group), tally in measure.tallies.by("month", name):
            yield row(month_of, "month", name, group, tally)


def _counts(counts: Tally) -> dict[str, Any]:
    share, interval = counts.share, spc.wilson(counts.share)
    code = prose.status(share)
    found: dict[str, Any] = {"population": counts.population, "denominator": share.n, "numerator": share.x}
    if not code and interval is not None:
        found |= {"rate": round(share.x / share.n, 6), "lower_95": round(interval.lower, 6)}
        found["upper_95"] = round(interval.upper, 6)
    return {**found, "rate_status": code, **counts.flags, **counts.categories}
