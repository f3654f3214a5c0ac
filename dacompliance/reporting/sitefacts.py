"""What the site of pages is told: one run, every measure of it case by case, and what stands beside them. Values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dacompliance.judging.measures import Counting, Share
from dacompliance.policy.model import Rule
from dacompliance.reporting.csvs import Lines
from dacompliance.reporting.facts import CompletionFacts
from dacompliance.reporting.rates import Rates, Tallies
from dacompliance.reporting.restated import Restated
from dacompliance.reporting.wording import Wording


@dataclass(frozen=True, slots=True, eq=False)
class MeasureFacts:
    """One measure: its cases as they are written out, its rates and its words.

    `gone` are items an earlier run counted against it that are no longer in the records: `item_ref`, `incident_ref`,
    `earlier`. `undone` counts closings of its exceptions other than as done, by reason; `open` and `waived` its
    exceptions.
    """

    key: str
    words: Wording
    how: Counting
    cases: pd.DataFrame
    tallies: Tallies
    rates: Rates
    rule: Rule | None = None
    restated: tuple[Restated, ...] = ()
    gone: pd.DataFrame | None = None
    undone: Mapping[str, int] = field(default_factory=dict)
    open: int = 0
    waived: int = 0
    lines: Lines = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", Lines(self.cases))

    def csv(self, column: str, name: str) -> bytes:
        """Return the cases of one month or group as CSV."""
        return self.lines.csv(np.flatnonzero((self.cases[column] == name).to_numpy()).tolist())


@dataclass(frozen=True, slots=True)
class ControlMonth:
    """One month beside another system: incidents of ours, excluded ones among them, and theirs (None: not told)."""

    month: str
    ours: int
    excluded: int
    theirs: int | None

    @property
    def gap(self) -> int | None:
        """Theirs less ours."""
        return None if self.theirs is None else self.theirs - self.ours


@dataclass(frozen=True, slots=True)
class ControlFacts:
    """What another system counted, by month; `fault` says in a sentence why it could not be asked."""

    name: str
    months: tuple[ControlMonth, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """The last check by a person: of which run, by whom and when, how many verdicts they agreed with."""

    run_id: int
    scored_at: dt.datetime
    author: str
    drawn: int
    agreed: Share


@dataclass(frozen=True, slots=True, eq=False)
class SiteFacts:
    """Everything the site is made of. `base` has what every page says of the run.

    `not_measured` says in a sentence why a measure is not there, by its key. `overdue` counts open exceptions by the
    severity of their rule.
    """

    base: CompletionFacts
    measures: tuple[MeasureFacts, ...]
    not_measured: Mapping[str, str] = field(default_factory=dict)
    overdue: Mapping[str, int] = field(default_factory=dict)
    control: ControlFacts | None = None
    sample: SampleFacts | None = None
    open_list: bool = False

    def measure(self, key: str) -> MeasureFacts | None:
        """Return the measure of a key, if the run has it."""
        return next((each for each in self.measures if each.key == key), None)
