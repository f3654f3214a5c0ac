"""The counts of the completion page as one tidy table, for a spreadsheet or a dashboard. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd

from dacompliance.judging.completion import tabulate
from dacompliance.judging.measures import Share
from dacompliance.reporting import prose, spc
from dacompliance.reporting.figures import COUNTS, Figures, within

ALL: Final = "all"
RATE: Final = ("rate", "lower_95", "upper_95", "rate_status")


def completion_table(cases: pd.DataFrame, counted: Figures) -> pd.DataFrame:
    """Return every count of the page as tidy rows: the grouping, its group and months, counts, rate and interval.

    Where a rate would rest on too few incidents it is empty, and `rate_status` is `u` (fewer than 10) or `z` (none
    due). Months that are on the control chart have its average, limits and signal too.
    """
    parts = [
        _rows("everything", cases, ()),
        _rows("month", cases, ("month",)),
        _rows("month and area", cases, ("month", "area")),
    ]
    if counted.year is not None:
        year = within(cases, counted.year)
        parts += [
            _rows("12 full months", year, ()),
            _rows("12 full months, area", year, ("area",)),
            _rows("12 full months, team", year, ("area", "team")),
        ]
    whole = pd.concat(parts, ignore_index=True)
    return whole.merge(_limits(counted), how="left", on=["grouping", "from_month"])


def _rows(grouping: str, cases: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    counts = tabulate(cases, by)
    shares = [Share(int(x), int(n)) for x, n in zip(counts["complete"], counts["due"], strict=True)]
    rates = pd.DataFrame([_rate(share) for share in shares], index=counts.index, columns=list(RATE))
    months = cases["month"].tolist() or [""]
    heads = {
        "grouping": grouping,
        "area": counts["area"] if "area" in by else ALL,
        "team": counts["team"] if "team" in by else ALL,
        "from_month": counts["month"] if "month" in by else min(months),
        "to_month": counts["month"] if "month" in by else max(months),
    }
    return pd.concat([pd.DataFrame(heads, index=counts.index), counts[list(COUNTS)], rates], axis=1)


def _rate(share: Share) -> tuple[float, float, float, str]:
    code, interval = prose.status(share), spc.wilson(share)
    if code or interval is None:
        return math.nan, math.nan, math.nan, code
    return round(share.x / share.n, 6), round(interval.lower, 6), round(interval.upper, 6), ""


def _limits(counted: Figures) -> pd.DataFrame:
    chart = counted.chart
    tested = [month for month in chart.months if month.limits is not None]
    return pd.DataFrame(
        {
            "grouping": "month",
            "from_month": [month.month for month in tested],
            "centre": [round(chart.centre or 0.0, 6) for _ in tested],
            "lower_limit": [round(month.limits.lower, 6) for month in tested if month.limits],
            "upper_limit": [round(month.limits.upper, 6) for month in tested if month.limits],
            "signal": [prose.signal(month) for month in tested],
        }
    )
