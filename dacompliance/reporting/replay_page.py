"""What a replayed period says, as one page that stands alone. Jinja2, strict, all escaped; no script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from dacompliance.judging.measures import Share
from dacompliance.reporting import charts, pages, prose
from dacompliance.reporting.charts import Shape
from dacompliance.reporting.lines_chart import Line, LinesChart, lines_chart
from dacompliance.resources import templates_folder


@dataclass(frozen=True, slots=True)
class Cell:
    """One measure at one step as it is known: its share, as at when, of which run; `why` where it was not measured."""

    share: Share
    as_at: dt.datetime
    run: int | None
    why: str = ""

    @property
    def rate(self) -> float | None:
        """The rate that is shown: none below the fewest cases a rate is said of."""
        return None if self.why or prose.status(self.share) else self.share.rate


@dataclass(frozen=True, slots=True)
class Row:
    """One step: its name in words, two short lines for the axis, and a cell for each way it is known."""

    name: str
    label: tuple[str, str]
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure over all steps."""

    key: str
    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved on the way to a step: how many verdicts, and the turns of most of them, in words."""

    name: str
    known: str
    number: int
    turns: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFacts:
    """What the page is told. `known` is `then`, `now` or both, in the order of every row's cells.

    `what_if` names the pack that took the place of the rules in force, "" for none. `whose` says where the records come
    from, `known_at` to when they are known now. The first of `measures` is the one of the chart.
    """

    force: str
    marking: str
    zone: ZoneInfo
    every: str
    first: dt.date
    last: dt.date
    known: Sequence[str]
    what_if: str
    whose: str
    known_at: dt.datetime | None
    code_version: str
    measures: Sequence[Measure]
    moved: Sequence[Moved]
    files: Sequence[str]


NAMES: Final = {"then": "as it would have been said then", "now": "as it is known now"}


def shapes(known: Sequence[str]) -> dict[str, Shape]:
    """Return the mark of each way of knowing: a ring for what is known now where it stands beside what was."""
    return dict(zip(known, (Shape.USUAL, Shape.OPEN), strict=False))


def replay_page(facts: ReplayFacts, templates: Path | None = None) -> str:
    """Render the page of a replay. A template in `templates` wins over the bundled one."""
    jinja = pages.environment([each for each in (templates, templates_folder()) if each is not None])
    marking = f"{facts.marking} – {pages.NOT_FOR_RELEASE}"
    style = Markup(jinja.get_template("page.css.j2").render(marking=marking))  # noqa: S704 - our own template
    return jinja.get_template("replay.html.j2").render(
        facts=facts,
        marking=marking,
        style=style,
        style_hash=pages.style_hash(style),
        moment=partial(prose.moment, zone=facts.zone),
        names=NAMES,
        shapes=shapes(facts.known),
        charts=charts,
        answer=answer(facts),
        chart=lines_chart(chart_of(facts)),
    )


def chart_of(facts: ReplayFacts) -> LinesChart:
    """Return what the chart shows: the first measure, a line for each way it is known."""
    measure = facts.measures[0]
    lines = [
        Line(shape, [row.cells[place].rate for row in measure.rows], dashed=shape is Shape.OPEN)
        for place, shape in enumerate(shapes(facts.known).values())
    ]
    labels = [row.label for row in measure.rows]
    described = "; ".join(_described(measure, place, NAMES[known]) for place, known in enumerate(facts.known))
    label = f"What-if, by the rules of {facts.what_if}. " if facts.what_if else ""
    return LinesChart(
        "replay", f"{label}{measure.title} by {facts.every}", f"{described}. The table has every number.", labels, lines
    )


def _described(measure: Measure, place: int, name: str) -> str:
    rates = [(row.name, row.cells[place].rate) for row in measure.rows]
    shown = [(step, rate) for step, rate in rates if rate is not None]
    if not shown:
        return f"{name}: no rate"
    first, last = shown[0], shown[-1]
    return f"{name}: from {100 * first[1]:.1f}% ({first[0]}) to {100 * last[1]:.1f}% ({last[0]})"


def answer(facts: ReplayFacts) -> str:
    """Return the answer in a sentence: the last step's rate, in each way it is known."""
    measure = facts.measures[0]
    row = next((row for row in reversed(measure.rows) if any(cell.rate is not None for cell in row.cells)), None)
    if row is None:
        return f"{measure.title}: no step has enough cases for a rate."
    said = [f"{_said(cell)} {NAMES[known]}" for known, cell in zip(facts.known, row.cells, strict=True)]
    return f"{measure.title}, {row.name}: {', '.join(said)}."


def _said(cell: Cell) -> str:
    return "no rate" if cell.rate is None else f"{100 * cell.rate:.1f}% ({cell.share.x:,} of {cell.share.n:,})"
