"""How a case is chosen: everything in it by one function that picks from a list, whether Hypothesis or dice stand behind it.

Hypothesis picks small cases, which it makes smaller still when one fails; dice are quick, and throw large ones.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

from hypothesis import strategies as st

Value = TypeVar("Value")


class Pick(Protocol):
    """Choose one of some values. The simplest stand first: a failing case is made of those where it can be."""

    def __call__(self, values: Sequence[Value], /) -> Value: ...


def by_hypothesis(draw: st.DrawFn) -> Pick:
    """Return the choice that Hypothesis makes, and can make simpler."""

    def pick(values: Sequence[Value], /) -> Value:
        return values[draw(_below(len(values)))]

    return pick


def by_dice(seed: int) -> Pick:
    """Return the choice that dice make, the same for the same seed."""
    return random.Random(seed).choice


@lru_cache
def _below(size: int) -> st.SearchStrategy[int]:
    return st.integers(0, size - 1)


def several(pick: Pick, values: Sequence[Value], least: int, most: int) -> list[Value]:
    """Choose between `least` and `most` different values, in no particular order."""
    left, found = list(values), list[Value]()
    for _ in range(pick(range(least, min(most, len(left)) + 1))):
        found.append(left.pop(pick(range(len(left)))))
    return found


def one_in(pick: Pick, times: int) -> bool:
    """Say yes once in so many times."""
    return pick((*[False] * (times - 1), True))


def maybe(pick: Pick, times: int, make: Callable[[], Value]) -> Value | None:
    """Make something but for once in so many times."""
    return None if one_in(pick, times) else make()
