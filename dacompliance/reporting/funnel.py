"""Groups beside each other in one period, without a league table: funnel limits about the rate of all. Pure."""

from __future__ import annotations

import math
from enum import StrEnum
from functools import lru_cache

from dacompliance.judging.measures import Share
from dacompliance.reporting.spc import FEWEST, Interval, quantile


def funnel_limits(centre: float, n: int, level: float) -> Interval:
    """Return how far chance carries the rate of a group of `n` from `centre`: exact binomial, interpolated.

    Spiegelhalter, Statistics in Medicine 2005;24:1185. With many cases this is c ± z√(c(1 - c)/n), which is used from
    1,000 on; with few it is not, and the normal limits would accuse the small groups.
    """
    if n >= 1000 or centre in (0.0, 1.0):
        reach = quantile(level) * math.sqrt(centre * (1 - centre) / n)
        return Interval(max(0.0, centre - reach), min(1.0, centre + reach))
    tail = (1 - level) / 2
    return Interval(_binomial_quantile(centre, n, tail), _binomial_quantile(centre, n, 1 - tail))


@lru_cache(maxsize=20_000)
def _binomial_quantile(centre: float, n: int, share: float) -> float:
    """Return the rate below which `share` of binomial outcomes lie, interpolated between counts."""
    below = 0.0
    for x in range(n + 1):
        here = math.exp(
            math.lgamma(n + 1)
            - math.lgamma(x + 1)
            - math.lgamma(n - x + 1)
            + x * math.log(centre)
            + (n - x) * math.log1p(-centre)
        )
        if below + here >= share:
            return min(1.0, max(0.0, (x - (below + here - share) / here) / n))
        below += here
    return 1.0


class Band(StrEnum):
    """How one group's rate stands to all groups' together."""

    USUAL = "as usual"
    HIGH_LOOK = "above the 95% limits: look"
    LOW_LOOK = "below the 95% limits: look"
    HIGH_ACT = "above the 99.8% limits: ask why"
    LOW_ACT = "below the 99.8% limits: ask why"
    TOO_FEW = "too few cases to compare"


def band(share: Share, centre: float) -> Band:
    """Say where a group stands in the funnel about `centre`: strictly beyond a limit, 99.8 % first.

    None, or all, of a group is beyond only where chance alone brings that less often than the limit says: limits
    interpolated between counts lie within the last of them, and would accuse 366 of 366 about 99.8 %.
    """
    rate = share.rate
    if rate is None or share.n < FEWEST:
        return Band.TOO_FEW
    for level, low, high in ((0.998, Band.LOW_ACT, Band.HIGH_ACT), (0.95, Band.LOW_LOOK, Band.HIGH_LOOK)):
        limits = funnel_limits(centre, share.n, level)
        tail = (1 - level) / 2
        if rate < limits.lower and not (share.x == 0 and (1 - centre) ** share.n >= tail):
            return low
        if rate > limits.upper and not (share.x == share.n and centre**share.n >= tail):
            return high
    return Band.USUAL
