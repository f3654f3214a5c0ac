"""The invented staff: collar numbers and roles, no person's name. Knows who works where and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from dacompliance.demo.draft import Employees
from dacompliance.records.table import IntArray, TextArray

AREAS: Final = ("NM", "EM", "RV", "HT")
STATIONS: Final = ("NM1", "NM2", "EM1", "EM2", "RV1", "RV2", "HT1", "HT2")
SHIFTS: Final = "ABCDE"
TEAMS: Final = tuple(f"{area}-{shift}" for area in AREAS for shift in SHIFTS)
CONSTABLES: Final = 18
SERGEANTS: Final = 2
UNIT_STAFF: Final = 8
LEAVERS: Final = 6
"""Constables who left before the mornings begin; no case is theirs but those sown so."""


@dataclass(frozen=True, slots=True, eq=False)
class Roster:
    """Who can be given work, as collar numbers: by team (in the order of `TEAMS`), the unit's, and those who left."""

    constables: TextArray
    sergeants: TextArray
    unit: TextArray
    leavers: TextArray

    def constable(self, team: IntArray, which: IntArray) -> TextArray:
        """Return one constable of each team."""
        return np.asarray(self.constables[team, which])

    def sergeant(self, team: IntArray, which: IntArray) -> TextArray:
        """Return one sergeant of each team."""
        return np.asarray(self.sergeants[team, which])


@dataclass(frozen=True, slots=True)
class _Post:
    role: str
    team: str
    station: str
    manager: str
    left: str | None = None


def make_staff() -> tuple[Employees, Roster]:
    """Return the employees and the roster. There is no chance in it."""
    posts: dict[str, _Post] = {}

    def hire(post: _Post) -> str:
        collar = f"WM{1001 + 3 * len(posts)}"
        posts[collar] = post
        return collar

    head = hire(_Post("INSP", "PPU", "NM1", ""))
    inspectors = {area: hire(_Post("INSP", "", f"{area}1", head)) for area in AREAS}
    unit = [hire(_Post("CRU", "CRU", "NM1", head)) for _ in range(UNIT_STAFF)]
    constables, sergeants, leavers = [], [], []
    for number, team in enumerate(TEAMS):
        area = team[:2]
        stations = (f"{area}1", f"{area}2")
        own = [hire(_Post("SGT", team, stations[each], inspectors[area])) for each in range(SERGEANTS)]
        sergeants.append(own)
        constables.append([hire(_Post("PC", team, stations[each % 2], own[each % 2])) for each in range(CONSTABLES)])
        if number < LEAVERS:
            leavers.append(hire(_Post("PC", team, stations[0], own[0], "16/10/2026")))
    employees = Employees(
        collar=np.array(list(posts), dtype=object),
        role=np.array([post.role for post in posts.values()], dtype=object),
        team=np.array([post.team for post in posts.values()], dtype=object),
        station=np.array([post.station for post in posts.values()], dtype=object),
        manager=np.array([post.manager for post in posts.values()], dtype=object),
        left=np.array([post.left for post in posts.values()], dtype=object),
    )
    everyone = Roster(
        constables=np.array(constables, dtype=object),
        sergeants=np.array(sergeants, dtype=object),
        unit=np.array(unit, dtype=object),
        leavers=np.array(leavers, dtype=object),
    )
    return employees, everyone
