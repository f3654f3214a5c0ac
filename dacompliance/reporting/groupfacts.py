"""What the page of an area or a team is told: every measure of it, one by month, and the answer it begins with."""

from __future__ import annotations

from dataclasses import dataclass

from dacompliance.judging.measures import Counting, Share
from dacompliance.reporting.funnel import Band
from dacompliance.reporting.rates import Tally
from dacompliance.reporting.series import Chart
from dacompliance.reporting.wording import Wording


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One measure of one area or team over the last twelve full months. `file` has its cases."""

    key: str
    words: Wording
    counts: Tally
    everyone: Share
    band: Band
    page: str
    file: str
    column: str


@dataclass(frozen=True, slots=True)
class GroupMonths:
    """One measure of one area or team, month by month."""

    words: Wording
    chart: Chart[Tally]


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """The figure a group's page begins with, and the one of all groups."""

    words: Wording
    counts: Tally
    when: str
    everyone: Share
    how: Counting
