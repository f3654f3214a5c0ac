"""The charts of one measure: months, with the days its rule changed, and teams beside each other. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from dacompliance.policy.model import Rule
from dacompliance.reporting import control_chart, pages, prose
from dacompliance.reporting.control_chart import ControlChart
from dacompliance.reporting.funnel import Band
from dacompliance.reporting.funnel_chart import Dot, Funnel, funnel_chart
from dacompliance.reporting.rates import Tally
from dacompliance.reporting.series import Chart
from dacompliance.reporting.sitefacts import MeasureFacts
from dacompliance.reporting.wording import Wording


def rule_changes(measure: MeasureFacts, completion_rule: Rule) -> list[dt.date]:
    """Return the days within the months shown, the very first apart, on which a version of its rule came into force.

    Completion goes by the limit of `completion_rule`; full compliance by every rule, and has no day of its own.
    """
    rule = completion_rule if measure.key == "completion" else measure.rule
    names = [month.month for month in measure.rates.chart.months]
    if rule is None or not names:
        return []
    days = sorted(version.in_force_from for version in rule.versions)
    return [day for day in days if f"{day:%Y-%m}" in names and f"{day}" > f"{names[0]}-01"]


def drawn(chart: Chart[Tally], words: Wording, target: float | None, changes: Sequence[dt.date] = ()) -> Markup:
    """Return the control chart of a measure as SVG, with a line on each day of `changes`."""
    names = [month.month for month in chart.months]
    return control_chart.drawn(
        ControlChart(
            "months",
            prose.headline(chart, chart.last, words.short),
            prose.describe(chart, f"the share of {words.noun} that {words.are}"),
            tuple(pages.point(month) for month in chart.months),
            chart.centre,
            target,
            [
                (names.index(f"{day:%Y-%m}") - 0.5 + (day.day - 1) / 31, f"Rule of {day.day} {day:%b %Y}")
                for day in changes
            ],
        )
    )


def _place(day: dt.date, months: Sequence[str]) -> float:
    return months.index(f"{day:%Y-%m}") - 0.5 + (day.day - 1) / 31


@dataclass(frozen=True, slots=True)
class DrawnFunnel:
    """A funnel plot and its title."""

    title: str
    drawn: Markup


def team_funnel(measure: MeasureFacts) -> DrawnFunnel | None:
    """Return the funnel of teams; None where fewer than two have cases enough, or nobody's rate is anything."""
    rates = measure.rates
    centre = rates.of_year.share.rate
    dots = [Dot(group.name, group.counts.share, group.band) for group in rates.groups["team"]]
    comparable = [dot for dot in dots if dot.band is not Band.TOO_FEW]
    if centre is None or len(comparable) < 2:
        return None
    beyond = [dot.name for dot in comparable if dot.band in (Band.LOW_ACT, Band.HIGH_ACT)]
    words = measure.words.short
    if beyond:
        verb = "differ" if len(beyond) > 1 else "differs"
        title = f"{words}: {prose.listed(beyond)} {verb} from all teams by more than chance"
    else:
        title = f"{words}: no team differs from all teams by more than chance"
    description = (
        f"{len(comparable)} teams by number of cases, about {100 * centre:.1f}% of all, within limits of chance. "
        f"The table of teams has the same numbers."
    )
    return DrawnFunnel(title, funnel_chart(Funnel("funnel", title, description, dots, centre, rates.target)))
