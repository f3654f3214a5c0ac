"""What a run knows when it says what each reader should be told, and what it then tells one of them. Pure values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from dacompliance.exceptions.disputes import Dispute
from dacompliance.exceptions.lifecycle import RuleState
from dacompliance.exceptions.model import ClosedTask, Event, Identity, Standing, Task
from dacompliance.exceptions.routing import Directory, LastTold
from dacompliance.policy.model import Rule, Severity, Test


class Came(NamedTuple):
    """The runs in which an open exception last came to be chased (opened, or back from a waiver), and to its owner."""

    chased: int
    owned: int


@dataclass(frozen=True, slots=True, eq=False)
class Morning:
    """Everything a run knows when it says what each reader should be told.

    `run` is the run's own number. `standings` are those after the run's events. `verdicts` is the frame of the rules
    checked, of the items at least that are open, closed since or pending; rows of rules that were not, as they were
    last judged, may stand in it too. `details` has one row for each of these items: about, item_ref, incident_ref,
    occurrence_ref, grade, area, team, officer_id, blank_questions, unreadable (the names of its unreadable columns,
    joined by "; "), unassessed, high; text "" where missing. `due_by` is when the next list comes. `last_told` is, by
    reader key, the last notice handed over. `came` says of the open exceptions that were open before since when; one
    that is not in it came in this run. `closings` are closed events with their run, this one's too, going back at least
    as far as the oldest last notice. What is `waived` is not chased. `escalate_after` is by severity how old a case may
    grow before the reader above its owner hears too. `failing` are the tests of a `holds` that are false of an item; of
    one that is not in it, any of them may be.
    """

    run: int
    as_at: dt.datetime
    due_by: dt.datetime
    standings: Mapping[Identity, Standing]
    verdicts: pd.DataFrame
    details: pd.DataFrame
    rules: Sequence[Rule]
    states: Mapping[str, RuleState]
    owners: Callable[[str, str], str]
    directory: Directory
    last_told: Mapping[str, LastTold]
    came: Mapping[Identity, Came] = field(default_factory=dict)
    closings: Sequence[tuple[int, Event]] = ()
    backlog: AbstractSet[str] = frozenset()
    waived: AbstractSet[Identity] = frozenset()
    disputes: Mapping[Identity, Dispute] = field(default_factory=dict)
    escalate_after: Mapping[Severity, dt.timedelta] = field(default_factory=dict)
    failing: Mapping[Identity, Sequence[Test]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReaderList:
    """What one reader is told. `tasks` stand by section, worst first. The numbers count open exceptions not listed.

    `suspended`: the rule is switched off. `not_checked`: it was not checked, and how it was last judged is not at hand.
    `with_data_keeper`: it cannot be judged for a cell or a row that only the data's keeper can put right.
    """

    reader: str
    tasks: tuple[Task, ...] = ()
    closed: tuple[ClosedTask, ...] = ()
    suspended: int = 0
    not_checked: int = 0
    waived: int = 0
    with_data_keeper: int = 0
