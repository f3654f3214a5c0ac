"""What every chart as SVG is made of: colours, marks, lines, its frame of words; and small bars for table rows. Pure.

Analysis Function colours, and a shape beside each colour. Text is real text, at least 12 px on paper. A chart always
stands beside its table. No style attributes, so that a strict Content-Security-Policy holds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from markupsafe import Markup, escape

from dacompliance.reporting.spc import Interval

BLUE: Final = "#12436D"
ORANGE: Final = "#F46A25"  # 3:1 on white: shapes only, never text
GREY: Final = "#3D3D3D"
PINK: Final = "#801650"
PALE: Final = "#D9D9D9"  # lines that nobody needs to see

WIDTH: Final = 720
HEIGHT: Final = 330
TEXT: Final = 14


class Shape(StrEnum):
    """How a month or a group is drawn: what is special about it, or that it is not over or only worth a look."""

    USUAL = "usual"
    HIGH = "high"
    LOW = "low"
    OPEN = "open"
    OPEN_HIGH = "open high"
    OPEN_LOW = "open low"


def framed(key: str, title: str, description: str, body: str, width: int, height: int) -> Markup:
    """Return a chart's SVG about its body of numbers and escaped text, saying first what it is and what it shows."""
    title_id, description_id = f"{key}-title", f"{key}-description"
    return Markup(
        '<svg class="chart" xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
        'aria-labelledby="{title_id} {description_id}" font-family="Arial, Helvetica, sans-serif" font-size="{size}">\n'
        '<title id="{title_id}">{title}</title>\n<desc id="{description_id}">{description}</desc>\n{body}\n</svg>'
    ).format(
        width=width,
        height=height,
        size=TEXT,
        title_id=title_id,
        description_id=description_id,
        title=title,
        description=description,
        body=Markup(body),  # noqa: S704 - made by these modules of numbers and escaped text
    )


def mark(shape: Shape, x: float, y: float) -> Markup:
    """Return the mark of a point: a dot, a triangle above, an orange diamond below, a ring for a month not over."""
    if shape is Shape.HIGH:
        outline = f"M{x:.1f} {y - 8:.1f} L{x + 7.5:.1f} {y + 5:.1f} L{x - 7.5:.1f} {y + 5:.1f} Z"
        drawn = f'<path d="{outline}" fill="{BLUE}" stroke="#FFFFFF" stroke-width="1"/>'
    elif shape is Shape.LOW:
        outline = f"M{x:.1f} {y - 8:.1f} L{x + 8:.1f} {y:.1f} L{x:.1f} {y + 8:.1f} L{x - 8:.1f} {y:.1f} Z"
        drawn = f'<path d="{outline}" fill="{ORANGE}" stroke="{GREY}" stroke-width="1.5"/>'
    elif shape is Shape.OPEN_HIGH:
        outline = f"M{x:.1f} {y - 8:.1f} L{x + 7.5:.1f} {y + 5:.1f} L{x - 7.5:.1f} {y + 5:.1f} Z"
        drawn = f'<path d="{outline}" fill="#FFFFFF" stroke="{BLUE}" stroke-width="2"/>'
    elif shape is Shape.OPEN_LOW:
        outline = f"M{x:.1f} {y - 8:.1f} L{x + 8:.1f} {y:.1f} L{x:.1f} {y + 8:.1f} L{x - 8:.1f} {y:.1f} Z"
        drawn = f'<path d="{outline}" fill="#FFFFFF" stroke="{ORANGE}" stroke-width="2.5"/>'
    elif shape is Shape.OPEN:
        drawn = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="#FFFFFF" stroke="{BLUE}" stroke-width="2"/>'
    else:
        drawn = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{BLUE}"/>'
    return Markup(drawn)  # noqa: S704 - numbers only


def legend_mark(shape: Shape) -> Markup:
    """Return a mark by itself, for the words that explain it."""
    return Markup('<svg class="mark" viewBox="0 0 20 20" aria-hidden="true" focusable="false">{}</svg>').format(
        mark(shape, 10, 10)
    )


def interval_scale(intervals: Sequence[Interval]) -> Interval:
    """Return the scale, in whole tenths, on which a column of intervals is drawn."""
    low = min((each.lower for each in intervals), default=0.0)
    high = max((each.upper for each in intervals), default=1.0)
    return Interval(math.floor(low * 10) / 10, max(math.ceil(high * 10), math.floor(low * 10) + 1) / 10)


def interval_bar(rate: float, interval: Interval, reference: float, scale: Interval) -> Markup:
    """Return a rate and its interval on a scale, with a line at `reference`, for a row that has the numbers."""
    places = (
        (value - scale.lower) / (scale.upper - scale.lower)
        for value in (interval.lower, interval.upper, rate, reference)
    )
    start, stop, dot, middle = (4 + 152 * min(1.0, max(0.0, place)) for place in places)
    parts = (
        line(4, 18, 156, 18, PALE),
        line(middle, 1, middle, 19, GREY, width=1.5),
        line(start, 10, stop, 10, BLUE, width=2),
        f'<circle cx="{dot:.1f}" cy="10" r="4" fill="{BLUE}"/>',
    )
    return _inline(160, 20, "".join(parts))


def bar(share: float) -> Markup:
    """Return a bar from 0 to `share` of its width, for a row that gives the number."""
    drawn = f'<rect x="0" y="3" width="{160 * share:.1f}" height="14" fill="{BLUE}"/>'
    return _inline(160, 20, drawn)


def _inline(width: int, height: int, drawn: str) -> Markup:
    return Markup('<svg class="inline" viewBox="0 0 {} {}" aria-hidden="true" focusable="false">{}</svg>').format(
        width,
        height,
        Markup(drawn),  # noqa: S704 - numbers only
    )


def line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> str:
    """Return a straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width:g}"/>'


def words(x: float, y: float, said: str, anchor: str = "start", fill: str = GREY) -> str:
    """Return text, escaped."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(said)}</text>'
