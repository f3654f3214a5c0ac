"""Facts and figures → one self-contained HTML page. Jinja2, strict, all escaped; no script, no outside request."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dacompliance.compiled import Compiled
from dacompliance.judging.completion import LEFT_OUT
from dacompliance.reporting import charts, prose, spc
from dacompliance.reporting.charts import Shape
from dacompliance.reporting.control_chart import ControlChart, Point, drawn
from dacompliance.reporting.facts import CompletionFacts
from dacompliance.reporting.figures import Figures, reasons
from dacompliance.reporting.series import Counted, Month, long_date, month_name, short_month

NOT_FOR_RELEASE = "not for release"
_COMPILED = Compiled()


def environment(folders: list[Path]) -> Environment:
    """Return Jinja2 over template folders, the first that has a template winning; an unknown name is an error."""
    jinja = Environment(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_COMPILED,
    )
    jinja.filters |= {
        "count": prose.count,
        "percent": prose.percent,
        "likely": prose.likely,
        "status": prose.status,
        "between": prose.between,
        "month": month_name,
        "long_date": long_date,
        "css_string": css_string,
    }
    return jinja


def completion_page(jinja: Environment, facts: CompletionFacts, figures: Figures | None) -> str:
    """Render the completion page; without figures it says why completion was not measured."""
    marking = f"{facts.marking} – {NOT_FOR_RELEASE}"
    style = Markup(jinja.get_template("page.css.j2").render(marking=marking))  # noqa: S704 - our own template
    return jinja.get_template("completion.html.j2").render(
        facts=facts,
        figures=figures,
        marking=marking,
        style=style,
        style_hash=style_hash(style),
        as_at=prose.moment(facts.as_at, facts.zone),
        moment=partial(prose.moment, zone=facts.zone),
        prose=prose,
        charts=charts,
        Shape=Shape,
        chart=None if figures is None else drawn(control_chart(figures)),
        reasons=() if figures is None else reasons(figures.of_year),
        openings=() if figures is None else tuple(openings(figures)),
        left_out=LEFT_OUT,
        versions={str(version.in_force_from): version for version in facts.rule.versions},
        wilson=spc.wilson,
        scale=None if figures is None else area_scale(figures),
    )


def area_scale(figures: Figures) -> spc.Interval:
    """Return the scale of the column of areas: what their intervals need."""
    found = [spc.wilson(area.counts.share) for area in figures.areas if not prose.status(area.counts.share)]
    return charts.interval_scale([each for each in found if each is not None])


def style_hash(style: str) -> str:
    """Return the hash by which the page's Content-Security-Policy allows its one style element."""
    return base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")


def css_string(text: str) -> Markup:
    """Return text as the inside of a CSS string: whatever could end it, or the style element, as a code point."""
    return Markup("".join(char if char.isalnum() or char in " -–,." else f"\\{ord(char):x} " for char in text))  # noqa: S704


def control_chart(figures: Figures) -> ControlChart:
    """Return what the chart of months shows."""
    chart = figures.chart
    return ControlChart(
        "months",
        prose.headline(chart, figures.last),
        prose.describe(chart),
        tuple(point(month) for month in chart.months),
        chart.centre,
    )


def point(month: Month[Counted]) -> Point:
    """Return how a month is drawn."""
    share = month.counts.share
    rate = None if prose.status(share) else share.rate
    return Point(short_month(month.month), rate, month.limits, _shape(month), month.centre)


def _shape(month: Month[Counted]) -> Shape:
    if not month.over:
        return Shape.OPEN
    if month.mark is None:
        return Shape.USUAL
    return Shape.HIGH if month.mark.side > 0 else Shape.LOW


@dataclass(frozen=True, slots=True)
class Opening:
    """How a figure of the page opens to its cases: the filter on the file of cases, and the rows it gives."""

    figure: str
    filters: tuple[tuple[str, str], ...]
    rows: int


def openings(figures: Figures) -> Iterator[Opening]:
    """Yield how the page's main figures open to exactly their cases."""
    if figures.last is not None:
        month, counts = figures.last.month, figures.last.counts
        yield Opening(f"due, {figures.last.name}", (("month", month), ("counted", "yes")), counts.due)
        yield Opening(f"complete, {figures.last.name}", (("month", month), ("complete", "yes")), counts.complete)
    if figures.year is not None:
        first, last = figures.year
        period, words = ("month", f"{first} to {last}"), "last 12 full months"
        for area in figures.areas[:1]:
            filters = (period, ("area", area.name), ("counted", "yes"))
            yield Opening(f"due, {area.name}, {words}", filters, area.counts.due)
        category, number = reasons(figures.of_year)[0]
        if number:
            yield Opening(f"{category}, {words}", (period, ("category", str(category))), number)
    for category in LEFT_OUT:
        number = getattr(figures.everything, category.name.lower())
        if number:
            yield Opening(f"{category}, everything", (("category", str(category)),), number)
