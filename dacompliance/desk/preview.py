"""What a rule file would change: the records judged by the pack as it is, and with the file in it. Writes nothing.

The records are the source's, read once more, or those of the ledger's last run; nothing of either is changed, and the
CSV that is asked for is the only file made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dacompliance.audit.difference import moved, turns
from dacompliance.audit.past import past_run
from dacompliance.config import Settings
from dacompliance.errors import LedgerError, UsageError
from dacompliance.exceptions.words import OUTCOMES
from dacompliance.judging.checking import statuses
from dacompliance.judging.deadlines import day_number
from dacompliance.judging.items import World, build
from dacompliance.judging.verdicts import frame, judge
from dacompliance.ledger import runs
from dacompliance.ledger.database import reading
from dacompliance.localtime import day_of, instant, micros
from dacompliance.policy.columns import questions_named
from dacompliance.policy.files import load_pack, load_rule
from dacompliance.policy.model import Pack, Rule, Version
from dacompliance.records.intake import Watch
from dacompliance.records.source import pull
from dacompliance.records.table import IntArray, Records, mapped_columns
from dacompliance.reporting.verdicts_csv import instants, write_table
from dacompliance.run.refusing import TIMELESS

CALLS: Final = ("breached", "undetermined")


@dataclass(frozen=True, slots=True)
class Period:
    """The local days of report a preview looks at, both included."""

    first: dt.date
    last: dt.date

    def has(self, days: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Say which of these days, counted since 1970, are in it."""
        return np.asarray((days >= day_number(self.first)) & (days <= day_number(self.last)))


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The records that are judged, as at when, whose they are, and the sets not to be trusted with why."""

    records: Records
    as_at: dt.datetime
    failed: Mapping[str, str]
    whose: str


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What one rule says of a period's items before and after, and what moved. `off`: why it would judge nothing."""

    rule: Rule
    is_new: bool
    period: Period
    before: pd.DataFrame
    after: pd.DataFrame
    found: pd.DataFrame
    off: str
    as_if: Version | None

    @property
    def turned(self) -> int:
        """How many items change outcome."""
        return int((self.found["outcome_before"] != self.found["outcome_after"]).sum())

    def lines(self) -> Iterator[str]:
        """Yield what a policy owner should know: how many items change outcome, and from what to what."""
        if self.is_new:
            yield "The pack has no such rule: before, nothing is judged by it."
        if self.off:
            yield f"With the file in the pack the rule is switched off, and judges nothing: {self.off}."
            return
        if self.as_if is not None:
            yield (
                f"Its version of {self.as_if.in_force_from} begins after all of them: "
                f"judged as if it had been in force from {self.period.first}."
            )
        yield f"{len(self.after):,} {self.rule.about}s judged; {self.turned:,} change outcome."
        for row in turns(self.found).itertuples(index=False):
            yield f"  {row.items:>7,}  {OUTCOMES[str(row.outcome_before)]} -> {OUTCOMES[str(row.outcome_after)]}"
        if len(self.found) > self.turned:
            yield f"  {len(self.found) - self.turned:>7,}  keep their outcome, with another due time, version or reason"
        calls = [int(side["outcome"].isin(CALLS).sum()) for side in (self.before, self.after)]
        yield f"Overdue or not to be judged: {calls[0]:,} before, {calls[1]:,} after."


def preview_lines(
    settings: Settings,
    file: Path,
    period: Period,
    *,
    now: dt.datetime,
    from_ledger: bool = False,
    export: Path | None = None,
    progress: Watch | None = None,
) -> Iterator[str]:
    """Judge the incidents of a period by the pack and by the pack with `file` in it, and yield what would change.

    With `export` each of them is written there, as CSV. Raises UsageError for a period that ends before it begins.
    """
    if period.last < period.first:
        raise UsageError("--from, --to: the period ends before it begins. Exchange them.")
    pack = load_pack(settings.rules.folder, settings.own_columns)
    given = load_rule(file, settings.rules.folder, settings.own_columns)
    evidence = _of_the_last_run(settings) if from_ledger else _of_the_source(settings, pack, given, now, progress)
    found = preview(evidence, pack, given, period, settings.zone)
    yield f"{given.id}  {given.title}"
    yield (
        f"Incidents reported from {period.first} to {period.last}; {evidence.whose}, "
        f"as at {evidence.as_at.astimezone(settings.zone):%Y-%m-%d %H:%M}."
    )
    yield from found.lines()
    if found.off and from_ledger:
        yield "The ledger keeps only the columns that rules use: leave out --from-ledger to judge the source's records."
    if export is None or found.off:
        yield "Nothing was written."
    else:
        yield f"Each of them is in {write_table(export, _table(found.found))}; nothing else was written."


def preview(evidence: Evidence, pack: Pack, given: Rule, period: Period, zone: ZoneInfo) -> Preview:
    """Judge a period's items by a rule as the pack has it, if it does, and as it is given.

    Everything given counts as published. Where its newest version is not the pack's and begins after the period, nobody
    could see what it would do: it is judged as if it had been in force from the first day.
    """
    old = pack.rule(given.id)
    as_if = _not_begun(given, old, period)
    world = build(evidence.records, micros(evidence.as_at), zone)
    judged = [
        _judged(world, evidence, replace(pack, rules=() if rule is None else (rule,)), period)
        for rule in (old, _in_force(given, as_if, period))
    ]
    (before, _), (after, off) = judged
    if as_if is not None:
        after = after.assign(version=after["version"].replace(str(period.first), str(as_if.in_force_from)))
    return Preview(given, old is None, period, before, after, moved(before, after), off, as_if)


def _not_begun(given: Rule, old: Rule | None, period: Period) -> Version | None:
    newest, digest = given.versions[-1], given.digests[-1]
    known = set() if old is None else set(old.digests)
    return newest if digest not in known and newest.in_force_from > period.last else None


def _in_force(given: Rule, as_if: Version | None, period: Period) -> Rule:
    """Return the rule with all of it published, and `as_if` in force from the period's first day on."""
    versions = [replace(each, published=min(each.published, each.in_force_from)) for each in given.versions]
    if as_if is not None:
        versions = [each for each in versions if each.in_force_from < period.first]
        versions.append(replace(as_if, in_force_from=period.first, published=period.first, in_force_until=None))
    return replace(given, versions=tuple(versions))


def _judged(world: World, evidence: Evidence, pack: Pack, period: Period) -> tuple[pd.DataFrame, str]:
    """Return what a pack of one rule, or none, says of the period's items; and why it says nothing, where it is off."""
    status = statuses(pack, mapped_columns(evidence.records), evidence.failed)
    rules = [rule for rule in pack.rules if status[rule.id].state == "checked"]
    known_day = day_of(world.as_at, world.zone)
    verdicts = frame(judge(world, rules, pack.holidays, known_day))
    inside = world.incidents.keys[period.has(world.incidents.reported_day)]
    why = "; ".join(each.why for each in status.values() if each.state != "checked")
    return verdicts[verdicts["incident_ref"].isin(inside)].reset_index(drop=True), why


def _of_the_source(settings: Settings, pack: Pack, given: Rule, now: dt.datetime, progress: Watch | None) -> Evidence:
    """Read the source as a run would, with the answers that the given rule names too.

    No gate is asked: both sides are judged by the same records, as at the instant they are known to.
    """
    keep = questions_named(replace(pack, rules=(*pack.rules, given)))
    records = pull(settings, now=now, instruments=pack.instruments, keep=keep, progress=progress)
    known = [value for name, value in records.known_to.items() if name not in TIMELESS]
    return Evidence(records, instant(min(known)) if known else now, {}, "the records as they are now")


def _of_the_last_run(settings: Settings) -> Evidence:
    """Return the records of the ledger's last run, with the columns that were kept. Raises LedgerError for no run."""
    with reading(settings.ledger.url.get_secret_value()) as connection:
        latest = runs.last_checked(connection)
        if latest is None:
            raise LedgerError("ledger: no run has checked anything yet. Preview the source: leave out --from-ledger.")
        past = past_run(connection, latest.id)
    failed = {name: gate["why"] for name, gate in past.run.gates.items() if not gate["passed"]}
    return Evidence(past.records, past.run.as_at, failed, f"the records of run {latest.id}")


def _table(found: pd.DataFrame) -> pd.DataFrame:
    times = [f"{name}_{side}" for name in ("due_at", "done_at") for side in ("before", "after")]
    return found.assign(**{name: instants(found[name]) for name in times})
