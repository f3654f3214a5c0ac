"""Months in order, with the limits and signals of their control chart: frozen, trial, or set anew by decision. Pure.

Whatever has a share can stand in a month: completion, a rule, an area, or what a replay says of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, Protocol, TypeVar

from dacompliance.judging.measures import Share
from dacompliance.reporting import spc

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Counted(Protocol):
    """Counts that have a share."""

    @property
    def share(self) -> Share:
        """The numerator among the denominator."""


C_co = TypeVar("C_co", bound=Counted, covariant=True)


@dataclass(frozen=True, slots=True)
class Month(Generic[C_co]):
    """One month of report. `limits`, `centre` and `mark` where it is over and on the chart."""

    month: str
    counts: C_co
    over: bool
    limits: spc.Interval | None = None
    mark: spc.Mark | None = None
    centre: float | None = None

    @property
    def name(self) -> str:
        """The month in words."""
        return month_name(self.month)


@dataclass(frozen=True, slots=True)
class Rebase:
    """A decision to set the limits of a measure anew from a date on: why, and by whom."""

    measure: str
    date: dt.date
    reason: str
    author: str

    @property
    def month(self) -> str:
        """The first whole month from the date on."""
        whole = self.date if self.date.day == 1 else (self.date.replace(day=28) + dt.timedelta(days=4))
        return f"{whole:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of months with limits of its own, and the months these were made from."""

    centre: float
    spread: float
    baseline: tuple[str, ...]
    since: Rebase | None = None


@dataclass(frozen=True, slots=True)
class Chart(Generic[C_co]):
    """The months, and the parts that have limits, oldest first; the last is the one that counts."""

    months: tuple[Month[C_co], ...]
    parts: tuple[Part, ...] = ()

    @property
    def centre(self) -> float | None:
        """The average that limits lie about now; None while there are none."""
        return self.parts[-1].centre if self.parts else None

    @property
    def spread(self) -> float:
        """How much more months vary than chance between cases explains: 1 is just as much."""
        return self.parts[-1].spread if self.parts else 1.0

    @property
    def baseline(self) -> tuple[str, ...]:
        """The months the limits were made from."""
        return self.parts[-1].baseline if self.parts else ()

    @property
    def trial(self) -> bool:
        """Whether there are too few months to fix the limits."""
        return len(self.baseline) < spc.BASELINE

    @property
    def overdispersed(self) -> bool:
        """Whether months vary more than chance between cases explains, so that Laney's limits are used."""
        return self.spread > spc.OVERDISPERSED

    @property
    def last(self) -> Month[C_co] | None:
        """The newest month that is over and has anything in its denominator; None while there is none."""
        full = [month for month in self.months if month.over and month.counts.share.n]
        return full[-1] if full else None


def chart(counts: Sequence[tuple[str, C_co]], this_month: str, rebases: Sequence[Rebase] = ()) -> Chart[C_co]:
    """Return months, given in order as `2026-10` with their counts, with their limits and signals.

    Limits come from the first twelve full months with enough cases, and from all of them while there are fewer
    (*trial*): of the p-chart, or Laney's where the spread asks for them. A rebase begins a part with limits of its own;
    a signal never reaches across. A month that is not over is not tested: its few cases would say little, and their
    wide limits would flatten everybody else's.
    """
    months = [Month(month, each, over=month < this_month) for month, each in counts]
    begins: list[tuple[str, Rebase | None]] = [
        ("", None),
        *((each.month, each) for each in sorted(rebases, key=lambda e: e.date)),
    ]
    ends = [*(month for month, _ in begins[1:]), "9999-12"]
    parts = []
    for (first, since), end in zip(begins, ends, strict=True):
        tested = [
            place
            for place, month in enumerate(months)
            if first <= month.month < end and month.over and month.counts.share.n >= spc.FEWEST
        ]
        if len(tested) >= 2:
            parts.append(_part(months, tested, since))
    return Chart(tuple(months), tuple(parts))


def _part(months: list[Month[C_co]], tested: Sequence[int], since: Rebase | None) -> Part:
    """Give the tested months their limits and marks, and return the part they make."""
    points = [months[place].counts.share for place in tested]
    baseline = [number < spc.BASELINE for number in range(len(points))]
    spread = spc.sigma_z(points, baseline)
    limits = (spc.laney_limits if spread > spc.OVERDISPERSED else spc.p_limits)(points, baseline)
    marks = spc.marks([point.x / point.n for point in points], limits)
    for number, place in enumerate(tested):
        months[place] = replace(months[place], limits=limits.at(number), mark=marks[number], centre=limits.centre)
    return Part(limits.centre, spread, tuple(months[place].month for place in tested[: spc.BASELINE]), since)


def last_year(month: str, months: Sequence[str]) -> tuple[str, str]:
    """Return the first and last of the twelve months that end with `month`, as far back as there are any."""
    year, number = int(month[:4]), int(month[5:])
    first = f"{year - 1}-{number + 1:02d}" if number < 12 else f"{year}-01"
    return max(first, min(months)), month


def month_name(month: str) -> str:
    """Return `2026-10` as `October 2026`."""
    return f"{MONTHS[int(month[5:]) - 1]} {month[:4]}"


def short_month(month: str) -> tuple[str, str]:
    """Return `2026-10` as `Oct` and `2026`."""
    return MONTHS[int(month[5:]) - 1][:3], month[:4]


def long_date(date: dt.date) -> str:
    """Return a date as `23 November 2026`."""
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"
