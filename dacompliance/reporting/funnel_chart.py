"""A funnel plot as SVG: groups by the number of their cases, about the rate of all, within limits of chance. Pure.

A chart always stands beside its table, in order of name: it is no league table. Shapes stand beside the colours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from dacompliance.judging.measures import Share
from dacompliance.reporting import charts
from dacompliance.reporting.charts import BLUE, GREY, PALE, PINK, Shape
from dacompliance.reporting.funnel import Band, funnel_limits
from dacompliance.reporting.spc import FEWEST

WIDTH: Final = 720
HEIGHT: Final = 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 118, 14, 52
_STEPS: Final = 24

SHAPES: Final = {
    Band.USUAL: Shape.USUAL,
    Band.HIGH_LOOK: Shape.OPEN_HIGH,
    Band.LOW_LOOK: Shape.OPEN_LOW,
    Band.HIGH_ACT: Shape.HIGH,
    Band.LOW_ACT: Shape.LOW,
}


@dataclass(frozen=True, slots=True)
class Dot:
    """One group: its name, its share and where it stands in the funnel."""

    name: str
    share: Share
    band: Band


@dataclass(frozen=True, slots=True)
class Funnel:
    """What a funnel plot shows. `key` makes its ids its own on a page; `centre` is the rate of all groups."""

    key: str
    title: str
    description: str
    dots: Sequence[Dot]
    centre: float
    target: float | None = None


@dataclass(frozen=True, slots=True)
class _Frame:
    low: float
    high: float
    most: int

    def x(self, n: float) -> float:
        return _LEFT + n / self.most * (WIDTH - _LEFT - _RIGHT)

    def y(self, rate: float) -> float:
        held = min(self.high, max(self.low, rate))
        return _TOP + (self.high - held) / (self.high - self.low) * (HEIGHT - _TOP - _BOTTOM)


def funnel_chart(funnel: Funnel) -> Markup:
    """Return the plot as SVG; groups with too few cases for a rate are left to the table."""
    shown = [dot for dot in funnel.dots if dot.share.n >= FEWEST]
    frame = _frame(shown, funnel)
    body = "\n".join([*_axes(frame), *_limits(frame, funnel.centre), *_target(frame, funnel), *_dots(frame, shown)])
    return charts.framed(funnel.key, funnel.title, funnel.description, body, WIDTH, HEIGHT)


def _frame(shown: Sequence[Dot], funnel: Funnel) -> _Frame:
    most = max((dot.share.n for dot in shown), default=FEWEST)
    least = min((dot.share.n for dot in shown), default=FEWEST)
    widest = funnel_limits(funnel.centre, max(FEWEST, least), 0.998)
    rates = [dot.share.x / dot.share.n for dot in shown] + [widest.lower, widest.upper]
    low = max(0.0, math.floor(min(rates) * 10 - 0.1) / 10)
    high = min(1.0, math.ceil(max(rates) * 10 + 0.1) / 10)
    step = _step(most)
    return _Frame(low, max(high, low + 0.1), (most // step + 1) * step)


def _step(number: int) -> int:
    """Return the round step of which up to five reach beyond a number: the ticks of the axis."""
    steps: list[int] = [step * 10**power for power in range(9) for step in (1, 2, 5)]
    return next(step for step in steps if number / step < 5)


def _axes(frame: _Frame) -> Iterator[str]:
    steps = round((frame.high - frame.low) * 10)
    for step in range(0, steps + 1, 1 if steps <= 6 else 2):
        y = frame.y(frame.low + step / 10)
        yield charts.line(_LEFT, y, WIDTH - _RIGHT, y, PALE)
        yield charts.words(_LEFT - 8, y + 5, f"{100 * (frame.low + step / 10):.0f}%", anchor="end")
    for n in range(0, frame.most + 1, _step(frame.most - 1)):
        yield charts.line(frame.x(n), HEIGHT - _BOTTOM, frame.x(n), HEIGHT - _BOTTOM + 5, GREY)
        yield charts.words(frame.x(n), HEIGHT - _BOTTOM + 21, f"{n:,}", anchor="middle")
    yield charts.words((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 8, "Number judged", anchor="middle")
    yield charts.line(_LEFT, HEIGHT - _BOTTOM, WIDTH - _RIGHT, HEIGHT - _BOTTOM, GREY)


def _limits(frame: _Frame, centre: float) -> Iterator[str]:
    yield charts.line(_LEFT, frame.y(centre), WIDTH - _RIGHT, frame.y(centre), GREY, width=1.5)
    first = max(3, frame.most // 60)
    sizes = sorted({first, *(round(first + (frame.most - first) * (i / _STEPS) ** 2) for i in range(_STEPS + 1))})
    ends = []
    for level, dash in ((0.95, "2 4"), (0.998, "6 4")):
        found = [(n, funnel_limits(centre, n, level)) for n in sizes]
        for side in ("lower", "upper"):
            path = " ".join(
                f"{'L' if place else 'M'}{frame.x(n):.1f} {frame.y(getattr(each, side)):.1f}"
                for place, (n, each) in enumerate(found)
            )
            yield f'<path d="{path}" fill="none" stroke="{GREY}" stroke-width="1.5" stroke-dasharray="{dash}"/>'
        ends.append((f"{100 * level:g}%", frame.y(found[-1][1].upper), frame.y(found[-1][1].lower)))
    x = WIDTH - _RIGHT + 6
    yield charts.words(x, frame.y(centre) + 5, f"All {100 * centre:.1f}%")
    near, far = ends
    up, down = min(near[1], frame.y(centre) - 17), max(near[2], frame.y(centre) + 17)
    for name, y in (
        (near[0], up), (far[0], min(far[1], up - 17)), (near[0], down), (far[0], max(far[2], down + 17))
    ):  # fmt: skip
        yield charts.words(x, y + 5, f"{name} limit")


def _target(frame: _Frame, funnel: Funnel) -> Iterator[str]:
    if funnel.target is not None and frame.low <= funnel.target <= frame.high:
        y = frame.y(funnel.target)
        yield (
            f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}" '
            f'stroke="{PINK}" stroke-width="2" stroke-dasharray="2 4"/>'
        )
        yield charts.words(_LEFT + 6, y - 5 if y > _TOP + 16 else y + 16, f"Target {100 * funnel.target:g}%")


def _dots(frame: _Frame, shown: Sequence[Dot]) -> Iterator[str]:
    """Draw the groups; name those beyond the limits, and all where there are few, as far as names have room."""
    taken: list[tuple[float, float]] = []
    for dot in shown:
        yield str(charts.mark(SHAPES[dot.band], frame.x(dot.share.n), frame.y(dot.share.x / dot.share.n)))
    for dot in sorted(shown, key=lambda each: each.band is Band.USUAL):
        if dot.band is Band.USUAL and len(shown) > 8:
            continue
        below = dot.band in (Band.LOW_ACT, Band.LOW_LOOK)
        x, y = frame.x(dot.share.n), frame.y(dot.share.x / dot.share.n) + (23 if below else -10)
        name = dot.name if len(dot.name) <= 14 else f"{dot.name[:13]}…"
        if all(abs(y - other_y) > 15 or abs(x - other_x) > 9 * len(name) for other_x, other_y in taken):
            taken.append((x, y))
            yield charts.words(x, y, name, anchor="end" if x > WIDTH - _RIGHT - 60 else "middle", fill=BLUE)
