"""The control chart of months: rates, their average and limits, a target, and the days a rule changed. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from dacompliance.reporting.charts import (
    BLUE,
    GREY,
    HEIGHT,
    PALE,
    PINK,
    TEXT,
    WIDTH,
    Shape,
    framed,
    line,
    mark,
    words,
)
from dacompliance.reporting.spc import Interval

_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 118, 14, 52
_LABEL_ROOM: Final = 44  # what "Sep" over "2026" takes, with air


@dataclass(frozen=True, slots=True)
class Point:
    """One month: two short lines for the axis, its rate (None: a gap) and its limits (None: without).

    `centre` is what the limits lie about, where that is not the chart's own: limits set anew break the line.
    """

    label: tuple[str, str]
    rate: float | None
    limits: Interval | None
    shape: Shape = Shape.USUAL
    centre: float | None = None


@dataclass(frozen=True, slots=True)
class ControlChart:
    """What a control chart shows. `key` makes its ids its own on a page; `target` is a line of its own.

    `changes` are drawn as lines down: where, in months from the middle of the first, and what is written beside it.
    """

    key: str
    title: str
    description: str
    points: Sequence[Point]
    centre: float | None
    target: float | None = None
    changes: Sequence[tuple[float, str]] = ()


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things are: rates from `low` to `high` up the left, months along the bottom."""

    low: float
    high: float
    count: int

    def x(self, place: float) -> float:
        """Return how far along the middle of a month's slot is."""
        return _LEFT + (place + 0.5) * (WIDTH - _LEFT - _RIGHT) / max(1, self.count)

    def y(self, rate: float) -> float:
        return _TOP + (self.high - rate) / (self.high - self.low) * (HEIGHT - _TOP - _BOTTOM)


def drawn(chart: ControlChart) -> Markup:
    """Return the chart as SVG, on the scale its rates and limits need; the words beside it say where that starts."""
    frame = _frame(chart)
    target = () if chart.target is None else _target(frame, chart.target)
    behind = (*_axes(frame, chart.points), *_changes(frame, chart.changes), *_limits(frame, chart), *target)
    body = "\n".join([*behind, *_rates(frame, chart.points)])
    return framed(chart.key, chart.title, chart.description, body, WIDTH, HEIGHT)


def _frame(chart: ControlChart) -> _Frame:
    shown = [point.rate for point in chart.points if point.rate is not None]
    for point in chart.points:
        if point.limits is not None:
            shown += [point.limits.lower, point.limits.upper]
    if chart.target is not None:
        shown.append(chart.target)
    low = max(0.0, math.floor(min(shown, default=0.0) * 10 - 0.2) / 10)  # a mark on the very edge would be cut
    high = min(1.0, math.ceil(max(shown, default=1.0) * 10 + 0.2) / 10)
    return _Frame(low, max(high, low + 0.1), len(chart.points))


def _axes(frame: _Frame, points: Sequence[Point]) -> Iterator[str]:
    steps = round((frame.high - frame.low) * 20)
    every = 1 if steps <= 8 else 2
    for step in range(0, steps + 1, every):
        rate = frame.low + step / 20
        y = frame.y(rate)
        yield line(_LEFT, y, WIDTH - _RIGHT, y, PALE)
        yield words(_LEFT - 8, y + 5, f"{100 * rate:.0f}%", anchor="end")
    stride = max(1, math.ceil(_LABEL_ROOM / ((WIDTH - _LEFT - _RIGHT) / max(1, len(points)))))
    for place, point in enumerate(points):
        if (len(points) - 1 - place) % stride == 0:  # the newest month always has its name
            x = frame.x(place)
            yield line(x, HEIGHT - _BOTTOM, x, HEIGHT - _BOTTOM + 5, GREY)
            for row, name in enumerate(point.label):
                yield words(x, HEIGHT - _BOTTOM + 21 + 17 * row, name, anchor="middle")
    yield line(_LEFT, HEIGHT - _BOTTOM, WIDTH - _RIGHT, HEIGHT - _BOTTOM, GREY)


def _changes(frame: _Frame, changes: Sequence[tuple[float, str]]) -> Iterator[str]:
    for place, said in changes:
        x, foot = frame.x(place), HEIGHT - _BOTTOM
        left = place < frame.count / 2
        yield f'<path d="M{x:.1f} {_TOP} V{foot}" fill="none" stroke="{GREY}" stroke-width="1" stroke-dasharray="1 3"/>'
        yield words(x + (5 if left else -5), foot - 8, said, anchor="start" if left else "end")


def _limits(frame: _Frame, chart: ControlChart) -> Iterator[str]:
    if chart.centre is None:
        return
    parts = list(_parts(chart))
    for part in parts:
        first, last = part[0][0], part[-1][0]
        middle = frame.y(part[0][2])
        yield line(frame.x(first - 0.5), middle, frame.x(last + 0.5), middle, GREY, width=1.5)
        yield _steps(frame, [(place, frame.y(limits.lower)) for place, limits, _ in part])
        yield _steps(frame, [(place, frame.y(limits.upper)) for place, limits, _ in part])
    for part in parts[1:]:
        x = frame.x(part[0][0] - 0.5)
        yield line(x, _TOP, x, HEIGHT - _BOTTOM, GREY)
        yield words(x + 5, _TOP + 12, "Set anew")
    if parts:
        yield from _names(frame, parts[-1])


def _parts(chart: ControlChart) -> Iterator[list[tuple[int, Interval, float]]]:
    """Yield stretches of months whose limits lie about one centre: place, limits and centre of each month."""
    assert chart.centre is not None
    part: list[tuple[int, Interval, float]] = []
    for place, point in enumerate(chart.points):
        if point.limits is None:
            continue
        centre = chart.centre if point.centre is None else point.centre
        if part and part[-1][2] != centre:
            yield part
            part = []
        part.append((place, point.limits, centre))
    if part:
        yield part


def _names(frame: _Frame, part: Sequence[tuple[int, Interval, float]]) -> Iterator[str]:
    """Name the lines at the right."""
    _, limits, centre = part[-1]
    names = [
        ("Upper limit", frame.y(limits.upper)),
        (f"Average {100 * centre:.1f}%", frame.y(centre)),
        ("Lower limit", frame.y(limits.lower)),
    ]
    for (name, _), y in zip(names, _apart([y for _, y in names]), strict=True):
        yield words(WIDTH - _RIGHT + 6, y + 5, name)


def _target(frame: _Frame, target: float) -> Iterator[str]:
    y = frame.y(target)
    yield (
        f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}" '
        f'stroke="{PINK}" stroke-width="2" stroke-dasharray="2 4"/>'
    )
    yield words(_LEFT + 6, y - 5 if y > _TOP + 16 else y + 16, f"Target {_whole(target)}%")


def _whole(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")


def _apart(places: Sequence[float], room: float = TEXT + 3) -> list[float]:
    """Move the outer of three labels away from the middle one until each has room."""
    upper, middle, lower = places
    return [min(upper, middle - room), middle, max(lower, middle + room)]


def _steps(frame: _Frame, levels: Sequence[tuple[int, float]]) -> str:
    """Draw a limit that breathes with the number of cases: level within each month."""
    path = " ".join(
        f"{'L' if number else 'M'}{frame.x(place - 0.5):.1f} {y:.1f} L{frame.x(place + 0.5):.1f} {y:.1f}"
        for number, (place, y) in enumerate(levels)
    )
    return f'<path d="{path}" fill="none" stroke="{GREY}" stroke-width="1.5" stroke-dasharray="6 4"/>'


def _rates(frame: _Frame, points: Sequence[Point]) -> Iterator[str]:
    shown = [(place, point) for place, point in enumerate(points) if point.rate is not None]
    path, before = [], None
    for place, point in shown:
        assert point.rate is not None
        joined = before is not None and place == before + 1
        path.append(f"{'L' if joined else 'M'}{frame.x(place):.1f} {frame.y(point.rate):.1f}")
        before = place
    if path:
        yield f'<path d="{" ".join(path)}" fill="none" stroke="{BLUE}" stroke-width="2"/>'
    for place, point in shown:
        assert point.rate is not None
        yield str(mark(point.shape, frame.x(place), frame.y(point.rate)))
