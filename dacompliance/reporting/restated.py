"""A published figure beside what is said of the same month now, and by which counts it moved. Pure.

The first figure of a month is the one of the first run after the month was over. Runs keep counts, and a later run
keeps only those that differ; so what stood after a run is the sum of the rows up to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from dacompliance.judging.measures import Counting, Share


@dataclass(frozen=True, slots=True)
class Published:
    """A run that published figures: its number, its as-at, and the local month of that."""

    run_id: int
    as_at: dt.datetime
    month: str


@dataclass(frozen=True, slots=True)
class Restated:
    """One month of one measure: first published by which run and as what, what it is now, and each count that moved."""

    month: str
    first: Published
    then: Share
    now: Share
    moved: tuple[tuple[str, int], ...]


def restated(rows: pd.DataFrame, how: Counting, published: Sequence[Published]) -> tuple[Restated, ...]:
    """Return the months of one measure whose figure is no longer the first one published, newest first.

    `rows` are the measure's of `ledger.figures.restatements`; `published` the runs that measured it, in order.
    """
    by_month = {str(month): part for month, part in rows.groupby("period", sort=True)}
    return tuple(_moved(by_month, how, published))


def _moved(by_month: Mapping[str, pd.DataFrame], how: Counting, published: Sequence[Published]) -> Iterator[Restated]:
    for month, part in sorted(by_month.items(), reverse=True):
        first = next((each for each in published if each.month > month), None)
        if first is None:
            continue
        then, now = _counts(part[part["run_id"] <= first.run_id]), _counts(part)
        moved = tuple(
            (name, now.get(name, 0) - then.get(name, 0))
            for name in how.categories
            if now.get(name, 0) != then.get(name, 0)
        )
        if moved and then:
            yield Restated(month, first, _share(then, how), _share(now, how), moved)


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    """Return the count of each category as the newest of its rows says."""
    return {str(name): int(count) for name, count in zip(rows["category"], rows["count"], strict=True)}


def _share(counts: Mapping[str, int], how: Counting) -> Share:
    hits = sum(counts.get(name, 0) for name in how.hits)
    return Share(hits, hits + sum(counts.get(name, 0) for name in how.misses))
