"""Rates of several series over the same steps as one SVG line chart, with a mark of its own for each series. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from dacompliance.reporting.charts import BLUE, GREY, HEIGHT, PALE, WIDTH, Shape, framed, line, mark, words

_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 20, 14, 52
_LABEL_ROOM: Final = 44


@dataclass(frozen=True, slots=True)
class Line:
    """One series: the mark of its points, and a rate for each step (None: a gap). Dashed: known later."""

    shape: Shape
    rates: Sequence[float | None]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class LinesChart:
    """What a chart shows: `labels` are two short lines for each step. `key` makes its ids its own on a page."""

    key: str
    title: str
    description: str
    labels: Sequence[tuple[str, str]]
    lines: Sequence[Line]


def lines_chart(chart: LinesChart) -> Markup:
    """Return the chart as SVG, on the scale its rates need; the words beside it say where that starts."""
    shown = [rate for each in chart.lines for rate in each.rates if rate is not None]
    low = max(0.0, math.floor(min(shown, default=0.0) * 10 - 0.2) / 10)
    high = max(min(1.0, math.ceil(max(shown, default=1.0) * 10 + 0.2) / 10), low + 0.1)
    body = "\n".join(
        [*_axes(chart.labels, low, high), *(part for each in chart.lines for part in _series(each, low, high))]
    )
    return framed(chart.key, chart.title, chart.description, body, WIDTH, HEIGHT)


def _x(place: float, count: int) -> float:
    return _LEFT + (place + 0.5) * (WIDTH - _LEFT - _RIGHT) / max(1, count)


def _y(rate: float, low: float, high: float) -> float:
    return _TOP + (high - rate) / (high - low) * (HEIGHT - _TOP - _BOTTOM)


def _axes(labels: Sequence[tuple[str, str]], low: float, high: float) -> Iterator[str]:
    steps = round((high - low) * 20)
    for step in range(0, steps + 1, 1 if steps <= 8 else 2):
        y = _y(low + step / 20, low, high)
        yield line(_LEFT, y, WIDTH - _RIGHT, y, PALE)
        yield words(_LEFT - 8, y + 5, f"{100 * (low + step / 20):.0f}%", anchor="end")
    stride = max(1, math.ceil(_LABEL_ROOM / ((WIDTH - _LEFT - _RIGHT) / max(1, len(labels)))))
    for place, label in enumerate(labels):
        if (len(labels) - 1 - place) % stride == 0:  # the newest step always has its name
            x = _x(place, len(labels))
            yield line(x, HEIGHT - _BOTTOM, x, HEIGHT - _BOTTOM + 5, GREY)
            for row, said in enumerate(label):
                yield words(x, HEIGHT - _BOTTOM + 21 + 17 * row, said, anchor="middle")
    yield line(_LEFT, HEIGHT - _BOTTOM, WIDTH - _RIGHT, HEIGHT - _BOTTOM, GREY)


def _series(series: Line, low: float, high: float) -> Iterator[str]:
    shown = [(place, rate) for place, rate in enumerate(series.rates) if rate is not None]
    points = [(place, _x(place, len(series.rates)), _y(rate, low, high)) for place, rate in shown]
    path, before = [], None
    for place, x, y in points:
        path.append(f"{'L' if before == place - 1 else 'M'}{x:.1f} {y:.1f}")
        before = place
    dashes = ' stroke-dasharray="6 4"' if series.dashed else ""
    if path:
        yield f'<path d="{" ".join(path)}" fill="none" stroke="{BLUE}" stroke-width="2"{dashes}/>'
    for _, x, y in points:
        yield str(mark(series.shape, x, y))
