"""Is a rate really changing, or is it chance: intervals, control limits, special causes. Pure.

Counts and shares in, numbers and words out; knows nothing of incidents, rules or months. Constants and conventions
are those of the NHS *Making Data Count* tools where the published tools differ, and each function says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import NormalDist, fmean
from typing import Final

from dacompliance.judging.measures import Share

FEWEST: Final = 10
"""Below this many cases a rate says next to nothing: counts are shown, the rate is not."""

BASELINE: Final = 12
"""So many points fix the limits; with fewer the limits are *trial* and move with every point."""

RUN: Final = 7
"""Points of a shift or a trend. The NHS tools use 7, the Wheeler tradition 8."""

OVERDISPERSED: Final = 1.2
"""A spread of the z-scores above this is more than chance between cases: Laney's limits are used."""

_D2: Final = 1.128  # mean range of two draws from a normal distribution, in standard deviations


@dataclass(frozen=True, slots=True)
class Interval:
    """From `lower` to `upper`, both included."""

    lower: float
    upper: float


def quantile(level: float) -> float:
    """Return how many standard deviations each side of the mean hold `level` of a normal distribution."""
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(share: Share, level: float = 0.95) -> Interval | None:
    """Return the Wilson score interval of a share, without continuity correction; None of no cases.

    Newcombe, Statistics in Medicine 1998;17:857, method 3. At 0 of n it starts at 0, at n of n it ends at 1.
    """
    if share.n == 0:
        return None
    z, x, n = quantile(level), share.x, share.n
    middle = (x + z * z / 2) / (n + z * z)
    half = z * math.sqrt(x * (n - x) / n + z * z / 4) / (n + z * z)
    return Interval(0.0 if x == 0 else middle - half, 1.0 if x == n else middle + half)


def difference(one: Share, other: Share, level: float = 0.95) -> Interval | None:
    """Return the interval of one rate less another, of separate cases; None where either has none.

    Newcombe's hybrid score interval, Statistics in Medicine 1998;17:873, method 10: the two Wilson intervals, squared
    and added, so that it keeps what they are good at: few cases, and shares near none or all.
    """
    first, second = wilson(one, level), wilson(other, level)
    if first is None or second is None:
        return None
    p, q = one.x / one.n, other.x / other.n
    down = math.hypot(p - first.lower, second.upper - q)
    up = math.hypot(first.upper - p, q - second.lower)
    return Interval(max(-1.0, p - q - down), min(1.0, p - q + up))


class Change(StrEnum):
    """Whether a rate, of which high is good, has really changed."""

    BETTER = "Improving"
    WORSE = "Getting worse"
    NONE = "No real change"
    TOO_FEW = "Too few cases to tell"


def change(now: Share, before: Share) -> Change:
    """Say whether the rate of `now` really differs from that of `before`, where high is good.

    It does when the 99.8 % interval of the difference leaves out nought: the level at which control limits and funnels
    call for action. A figure that is looked at every morning would cry wolf too often at 95 %.
    """
    apart = difference(now, before, 0.998)
    if apart is None or min(now.n, before.n) < FEWEST:
        return Change.TOO_FEW
    if apart.lower > 0:
        return Change.BETTER
    return Change.WORSE if apart.upper < 0 else Change.NONE


class Assurance(StrEnum):
    """Whether a target, of which high is good, is met month by month as things are. The letter is its mark."""

    MEETS = "P"
    CANNOT = "F"
    HIT_AND_MISS = "?"


def assurance(target: float, limits: Interval) -> Assurance:
    """Say what the newest limits promise of a target: beyond them on the good side, the bad side, or within.

    As the NHS *Making Data Count* tools do; a target on a limit is within.
    """
    if target < limits.lower:
        return Assurance.MEETS
    return Assurance.CANNOT if target > limits.upper else Assurance.HIT_AND_MISS


@dataclass(frozen=True, slots=True)
class Limits:
    """A centre line and, for each point, how far chance alone carries it: `sigma`, one standard deviation."""

    centre: float
    sigma: tuple[float, ...]

    def at(self, point: int, sigmas: float = 3) -> Interval:
        """Return the limits of a point, `sigmas` each side of the centre and never outside 0 to 1."""
        reach = sigmas * self.sigma[point]
        return Interval(max(0.0, self.centre - reach), min(1.0, self.centre + reach))


def p_limits(points: Sequence[Share], baseline: Sequence[bool]) -> Limits:
    """Return the limits of a p-chart: centre Σx/Σn of the points of `baseline`, sigma √(c(1 - c)/n) of each point.

    Every point has limits, those outside the baseline too. Each point needs a case, and the baseline a point.
    """
    used = [point for point, counts in zip(points, baseline, strict=True) if counts]
    centre = sum(point.x for point in used) / sum(point.n for point in used)
    return Limits(centre, tuple(math.sqrt(centre * (1 - centre) / point.n) for point in points))


def sigma_z(points: Sequence[Share], baseline: Sequence[bool]) -> float:
    """Return how much more the points of `baseline` vary than chance between cases explains: 1 is just as much.

    Laney's measure: the mean moving range of the z-scores of successive points, over 1.128. Fewer than two points, or a
    centre of 0 or 1, show nothing, and 1 is returned.
    """
    limits = p_limits(points, baseline)
    scores = [
        (point.x / point.n - limits.centre) / sigma
        for point, sigma, counts in zip(points, limits.sigma, baseline, strict=True)
        if counts and sigma > 0
    ]
    if len(scores) < 2:
        return 1.0
    return fmean(abs(after - before) for before, after in pairwise(scores)) / _D2


def too_even(spread: float, points: int) -> bool:
    """Return whether `points` points vary so little that copied or shared records are likelier than chance.

    Chance alone brings a spread below 1 - 1.8/√(points - 1) about once in a hundred times: 0.46 for twelve points. A
    fixed bound of 0.8 would accuse one honest force in four (simulated: 200,000 series of twelve binomial counts).
    """
    return spread < 1 - 1.8 / math.sqrt(max(1, points - 1))


def laney_limits(points: Sequence[Share], baseline: Sequence[bool]) -> Limits:
    """Return the limits of Laney's p'-chart: those of the p-chart, widened or narrowed by `sigma_z`."""
    limits, spread = p_limits(points, baseline), sigma_z(points, baseline)
    return Limits(limits.centre, tuple(sigma * spread for sigma in limits.sigma))


class Signal(StrEnum):
    """A special cause: what chance alone seldom does. In order of precedence, one a point."""

    OUTSIDE = "outside the limits"
    TREND = f"{RUN} or more moving one way"
    NEAR = "2 of 3 near a limit"
    SHIFT = f"{RUN} or more on one side"


@dataclass(frozen=True, slots=True)
class Mark:
    """The special cause of a point and its direction: 1 high or rising, -1 low or falling."""

    signal: Signal
    side: int


def marks(values: Sequence[float], limits: Limits) -> list[Mark | None]:
    """Return the special cause of each point, the first of `Signal` that fits, or None.

    Outside: strictly beyond 3 sigma. Trend: 7 points, so 6 moves; a tie breaks it. Near: two of three successive points
    beyond 2 sigma, all three on that side of the centre; only those two are marked. Shift: 7 points on one side; a
    point on the line breaks it. All members of a trend or shift are marked.
    """
    sides = [_sign(value - limits.centre) for value in values]
    beyond = [_beyond(value, limits.at(point)) for point, value in enumerate(values)]
    near = [_beyond(value, limits.at(point, 2)) for point, value in enumerate(values)]
    found = (
        (Signal.OUTSIDE, beyond),
        (Signal.TREND, trend_members(values)),
        (Signal.NEAR, near_members(near, sides)),
        (Signal.SHIFT, shift_members(sides)),
    )
    return [
        next((Mark(signal, members[point]) for signal, members in found if members[point]), None)
        for point in range(len(values))
    ]


def shift_members(sides: Sequence[int], run: int = RUN) -> list[int]:
    """Return, for each point, the side (1 or -1) of the run of at least `run` points on one side it is in, or 0."""
    members = [0] * len(sides)
    for first, last in _stretches(sides):
        if last - first >= run:
            members[first:last] = [sides[first]] * (last - first)
    return members


def trend_members(values: Sequence[float], run: int = RUN) -> list[int]:
    """Return, for each point, the direction (1 or -1) of the trend of at least `run` points it is in, or 0.

    A turning point belongs to both its trends; where each is long enough, the later gives its direction.
    """
    members = [0] * len(values)
    moves = [_sign(after - before) for before, after in pairwise(values)]
    for first, last in _stretches(moves):
        if last - first >= run - 1:
            members[first : last + 1] = [moves[first]] * (last - first + 1)
    return members


def near_members(near: Sequence[int], sides: Sequence[int]) -> list[int]:
    """Return the side of each point beyond 2 sigma that has another within a window of three on the same side, or 0."""
    members = [0] * len(near)
    for first in range(len(near) - 2):
        window = range(first, first + 3)
        side = sides[first]
        outer = [point for point in window if near[point] == side]
        if side and len(outer) >= 2 and all(sides[point] == side for point in window):
            for point in outer:
                members[point] = side
    return members


def _stretches(signs: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and one past last of each stretch of equal signs that are not nought."""
    first = 0
    for place in range(1, len(signs) + 1):
        if place == len(signs) or signs[place] != signs[first]:
            if signs[first]:
                yield first, place
            first = place


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _beyond(value: float, limits: Interval) -> int:
    return (value > limits.upper) - (value < limits.lower)
