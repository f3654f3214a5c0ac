"""What a report is told: one run's figures and everything that must be said beside them. Pure values.

Pages and files are made from these and from nothing else: no clock, no ledger, no configuration. The same facts give
the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pandas as pd

from dacompliance.policy.model import Rule
from dacompliance.records.contract import RECORD_SETS
from dacompliance.records.table import Records
from dacompliance.reporting.series import Rebase


@dataclass(frozen=True, slots=True)
class RecordSetFacts:
    """A record set: the instant it was known to, rows used, findings, and why its gate failed (empty: it did not)."""

    name: str
    known_to: dt.datetime | None
    usable: int
    findings: Mapping[str, int] = field(default_factory=dict)
    gate: str = ""


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """A rule that said nothing in this run: switched off, not checked, or held; and why."""

    rule_id: str
    title: str
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class RecordedAfter:
    """How many times that runs of the last days first saw were recorded after the event, by what they are, in words.

    `days` are those up to the as-at; `hours` is the tolerance. Not by officer: most late entries are honest.
    """

    days: int
    hours: int
    counts: Mapping[str, int]

    @property
    def number(self) -> int:
        """How many in all."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, eq=False)
class CompletionFacts:
    """What the completion page is told.

    `cases` is the frame of `judging.completion.completion`; None when completion could not be measured in this run, and
    then `not_measured` says why in a sentence. `rule` sets the limit. `left_while_open` counts the rule's exceptions
    that were closed other than as done, by reason; None when the ledger was not asked, and so with `recorded_after`.
    `note` is a sentence that must stand on the page, such as what a replay is. `rebases` are those of completion;
    `site`: other pages stand beside this one. Times are aware, and shown in `zone`.
    """

    force: str
    marking: str
    zone: ZoneInfo
    run: str
    as_at: dt.datetime
    code_version: str
    records_from: dt.date
    record_sets: tuple[RecordSetFacts, ...]
    rule: Rule
    cases: pd.DataFrame | None
    not_measured: str = ""
    unchecked: tuple[RuleStanding, ...] = ()
    left_while_open: Mapping[str, int] | None = None
    waived: int = 0
    note: str = ""
    rebases: tuple[Rebase, ...] = ()
    site: bool = False
    recorded_after: RecordedAfter | None = None


@dataclass(frozen=True, slots=True, eq=False)
class QualityFacts:
    """What the data-quality page is told.

    `findings` is the frame of `exceptions.faults.quality_list`, one row a finding. The rest is as in CompletionFacts.
    """

    force: str
    marking: str
    zone: ZoneInfo
    run: str
    as_at: dt.datetime
    code_version: str
    records_from: dt.date
    record_sets: tuple[RecordSetFacts, ...]
    findings: pd.DataFrame
    note: str = ""
    site: bool = False


def record_set_facts(records: Records, gates: Mapping[str, str]) -> tuple[RecordSetFacts, ...]:
    """Return what one pull says of its record sets; `gates` names those that failed, with the reason in words."""
    found = Counter(zip(records.findings["record_set"], records.findings["finding"], strict=True))
    return tuple(
        RecordSetFacts(
            name,
            _instant(records.known_to.get(name)),
            len(records.table(name)),
            {str(finding): count for (record_set, finding), count in sorted(found.items()) if record_set == name},
            gates.get(name, ""),
        )
        for name in RECORD_SETS
        if name in records.known_to
    )


def _instant(micros: int | None) -> dt.datetime | None:
    return None if micros is None else dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=micros)
