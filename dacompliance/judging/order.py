"""Rows in order within their groups, and the earliest time of each group. Pure arrays: knows no record and no rule."""

from __future__ import annotations

from typing import Final

import numpy as np

from dacompliance.records.contract import Kind
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray

_NEVER: Final = int(np.iinfo(np.int64).max)


def in_order(groups: IntArray, *keys: IntArray | BoolArray) -> IntArray:
    """Return the rows in order of group, within a group by the keys, the first key first.

    Only the rows of groups of several are sorted by the keys: most incidents have one assessment.
    """
    order = np.argsort(groups, kind="stable")
    same = groups[order[1:]] == groups[order[:-1]]
    several = np.zeros(len(order), dtype=bool)
    several[1:] |= same
    several[:-1] |= same
    rows = order[several]
    order[several] = rows[np.lexsort((*(key[rows] for key in reversed(keys)), groups[rows]))]
    return order


def starts(groups: IntArray) -> BoolArray:
    """Return True at the first row of each run of alike groups."""
    found = np.ones(len(groups), dtype=bool)
    found[1:] = groups[1:] != groups[:-1]
    return found


def earliest(groups: IntArray, times: Column, size: int) -> Column:
    """Return the earliest time of each of `size` groups; of two alike, a date without a time is first.

    Missing where a group has no readable time.
    """
    rows = np.flatnonzero(times.present)
    found = np.full(size, _NEVER, dtype=np.int64)
    # Twice the time, and one more for an instant: the smallest is the earliest, and a date before an instant.
    np.minimum.at(found, groups[rows], 2 * times.values[rows] + ~times.days[rows])
    none = found == _NEVER
    dated = None if times.day_only is None else ~none & (found & 1 == 0)
    return Column(Kind.INSTANT, np.where(none, MISSING, found >> 1), (), None, dated)
