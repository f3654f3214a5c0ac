"""Chance, from a seed: uniform numbers and what is made of them. Reads no clock and no system entropy."""

from __future__ import annotations

import numpy as np

from dacompliance.records.table import BoolArray, IntArray

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class Dice:
    """Chance, from a seed. Only uniform numbers are drawn: numpy's other draws may change."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))

    def uniform(self, *shape: int) -> FloatArray:
        """Return numbers from 0 to 1, 1 left out."""
        return self._generator.random(shape)

    def chance(self, odds: FloatArray) -> BoolArray:
        """Return True as often as each of `odds` says."""
        return np.asarray(self.uniform(len(odds)) < odds)

    def below(self, limits: IntArray) -> IntArray:
        """Return whole numbers from 0, each below its limit."""
        return (self.uniform(len(limits)) * limits).astype(np.int64)

    def between(self, low: int, high: int, size: int) -> IntArray:
        """Return `size` whole numbers from `low` to `high`, both included."""
        return low + self.below(np.full(size, high - low + 1))

    def delay(self, median: float | FloatArray, steepness: float, size: int) -> IntArray:
        """Return minutes with a long tail (log-logistic): half are under `median`; steeper is shorter in the tail."""
        u = self.uniform(size)
        return np.maximum(1, np.minimum(median * (u / (1 - u)) ** (1 / steepness), 90 * 24 * 60)).astype(np.int64)

    def pick(self, among: BoolArray, count: int) -> IntArray:
        """Return `count` different rows of those marked, in order."""
        rows = np.flatnonzero(among)
        if len(rows) < count:
            raise ValueError(f"asked for {count} rows of {len(rows)}")
        return np.sort(rows[np.argsort(self.uniform(len(rows)), kind="stable")[:count]])
