"""A past run judged again, from the ledger alone, and held to what was said then. Writes nothing but an export."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd
import sqlalchemy as sa

from dacompliance.audit.alike import moved_since
from dacompliance.audit.causes import WORDS, Cause, Doubt, told_apart, witnessed
from dacompliance.audit.difference import NOT_APPLICABLE
from dacompliance.audit.fingerprint import of_judged
from dacompliance.audit.kept import Kept, not_as_said, what_is_kept
from dacompliance.audit.past import PastRun, past_run
from dacompliance.config import Settings
from dacompliance.errors import ReplayError
from dacompliance.judging.checking import Checked
from dacompliance.judging.verdicts import tally
from dacompliance.ledger import history, runs
from dacompliance.ledger.database import reading
from dacompliance.ledger.rows import record_rows
from dacompliance.ledger.said import Said, said_at
from dacompliance.policy.model import Pack
from dacompliance.reporting.verdicts_csv import write_verdicts

SHOWN: Final = 20
APPLYING: Final = ("undetermined", "pending", "met", "late", "breached")
SETTINGS_KINDS: Final = frozenset({"settings", history.SHAPE_KIND})


@dataclass(frozen=True, slots=True)
class Difference:
    """One verdict that is not said again, and why."""

    rule_id: str
    item_ref: str
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of judging a run again: how many verdicts stood, what differs now and what cannot be judged any more.

    `altered` names what is no longer what was kept, whether or not a verdict differs by it.
    """

    run_id: int
    as_at: dt.datetime
    said: int
    differ: tuple[Difference, ...]
    withheld: int = 0
    altered: tuple[str, ...] = ()
    exported: Path | None = None

    def answer(self) -> str:
        """Return the answer in one line."""
        return (
            f"Run {self.run_id}, as at {self.as_at:%Y-%m-%d %H:%M} local time, judged again: "
            f"{len(self.differ):,} of {self.said - self.withheld:,} verdicts that apply differ."
        )

    def lines(self) -> Iterator[str]:
        """Yield the answer, why, and the first of what differs."""
        yield self.answer()
        if self.withheld:
            yield f"  {self.withheld:,} more are withheld: {WORDS[Cause.WITHHELD]}."
        for cause, number in Counter(cause for each in self.differ for cause in each.causes).most_common():
            yield f"  {number:,} by {cause}: {WORDS[cause]}"
        for each in self.differ[:SHOWN]:
            yield f"  {each.rule_id} {each.item_ref}: {', '.join(each.causes)}"
        if len(self.differ) > SHOWN:
            yield f"  and {len(self.differ) - SHOWN:,} more"
        for name in self.altered[:SHOWN]:
            yield f"  no longer what was kept: {name}"
        if len(self.altered) > SHOWN:
            yield f"  and {len(self.altered) - SHOWN:,} more that are no longer what was kept"
        if self.exported is not None:
            yield f"Verdicts written to {self.exported}."

    def insist(self) -> None:
        """Raise ReplayError unless everything was said again."""
        if self.differ:
            raise ReplayError(f"run {self.run_id}: what was said then is not what is said of the same records now.")
        if self.altered:
            raise ReplayError(f"run {self.run_id}: no verdict differs, but something is no longer what was kept.")


def replay(settings: Settings, run_id: int, export: Path | None = None) -> Replay:
    """Judge a run again by the records, rules and settings it was made with, and compare verdict by verdict.

    The rules it did not check are left out on both sides. Raises LedgerError for a run that is not there, ReplayError
    for one whose texts were altered so that nothing can be judged by them.
    """
    with reading(settings.ledger.url.get_secret_value()) as connection:
        past, kept, said = again(connection, run_id)
    once_more = past.judged_again()
    found = moved_since(said, once_more)
    differ, withheld = _why(found, doubt(kept, past.run, said, once_more), past.pack)
    return Replay(
        run_id,
        past.run.as_at.astimezone(past.zone),
        len(said),
        differ,
        withheld,
        tuple(altered(kept)),
        None if export is None else write_verdicts(export, once_more.frame(), past.run.as_at),
    )


def again(connection: sa.Connection, run_id: int) -> tuple[PastRun, Kept, Said]:
    """Return a run with all that was kept of it, what of that is not what was kept, and what the run said.

    Raises ReplayError where it was altered so that it cannot be read any more.
    """
    past, kept = _records_of(connection, run_id)
    said = said_then(connection, past.run)
    kept = replace(kept, said=not_as_said(past.run, said))
    if not kept.said and _miscounted(past.run, said):
        kept = replace(kept, documents=kept.documents | {("counts", "counts")})
    return past, kept, said


def _records_of(connection: sa.Connection, run_id: int) -> tuple[PastRun, Kept]:
    rows = record_rows(connection, run_id)
    kept = what_is_kept(connection, run_id, rows)
    try:
        return past_run(connection, run_id, rows), kept
    except Exception:  # what somebody altered can fail in any way; a fault of ours is raised as it is
        if not (kept.documents or kept.records or kept.rows):
            raise
        names = ", ".join(altered(kept))
        raise ReplayError(f"run {run_id}: cannot be judged again: no longer what was kept: {names}.") from None


def said_then(connection: sa.Connection, run: runs.Run) -> Said:
    """Return what a run itself said: the verdicts of the rules it checked."""
    checked = {rule_id for rule_id, each in run.rules.items() if each.state is runs.RuleState.CHECKED}
    return said_at(connection, run.id).of(checked)


def said_by(connection: sa.Connection, run: runs.Run) -> pd.DataFrame:
    """Return what a run itself said, in the judge's columns, by rule and item."""
    return said_then(connection, run).frame()


def _miscounted(run: runs.Run, said: Said) -> bool:
    """Say whether a run's own counts of its verdicts are gone or others, though each rule says what it said then."""
    if not any(each.said for each in run.rules.values()):
        return False
    return _counted(run) != _tally(said.outcomes())


def doubt(kept: Kept, run: runs.Run, said: Said, once_more: Checked) -> Doubt:
    """Return what of a run's inputs is in doubt, and what else explains what it said and what is said now."""
    return Doubt(
        incidents=frozenset(incident for _, _, incident in kept.records if incident is not None),
        staff=any(record_set == "staff" for record_set, _, _ in kept.records),
        withheld=frozenset(incident for _, _, incident in kept.withheld if incident is not None),
        staff_withheld=any(record_set == "staff" for record_set, _, _ in kept.withheld),
        files=frozenset(name for kind, name in kept.documents if kind == "rules"),
        settings=any(kind in SETTINGS_KINDS for kind, _ in kept.documents),
        rows=bool(kept.rows),
        otherwise=witnessed(
            _counted(run), _tally(said.outcomes()), _tally(tally(once_more.verdicts)), kept.same_program
        ),
        by_rule=dict(_by_rule(kept, run, once_more)),
    )


def _by_rule(kept: Kept, run: runs.Run, once_more: Checked) -> Iterator[tuple[str, tuple[Cause, ...]]]:
    """Yield, for each rule whose fingerprint the run kept, what a difference is put down to that no input explains."""
    now = of_judged(once_more) if kept.said else {}
    for rule_id, each in run.rules.items():
        if each.said:
            yield rule_id, told_apart(rule_id not in kept.said, now.get(rule_id) == each.said, kept.same_program)


def _counted(run: runs.Run) -> dict[str, int]:
    """Return how many verdicts of each outcome a run counted of those that apply; none of what it did not count."""
    named = {outcome: f"verdicts_{outcome}" for outcome in APPLYING}
    return {outcome: run.counts[name] for outcome, name in named.items() if name in run.counts}


def _tally(found: Mapping[str, int]) -> dict[str, int]:
    """Return how many verdicts have each outcome of those that apply."""
    return {outcome: found.get(outcome, 0) for outcome in APPLYING}


def altered(kept: Kept) -> Iterator[str]:
    """Yield what is no longer what was kept, by name: never what it says."""
    for kind, name in sorted(kept.documents):
        yield f"{kind} {name}" if kind != name else kind
    for name, counted, there in kept.rows:
        yield f"{name}: {counted:,} rows were counted, {there:,} are there"
    for rule_id in sorted(kept.said):
        yield f"verdicts {rule_id}"
    for record_set, key, _ in sorted(kept.records, key=str):
        yield f"{record_set} {key}"


def _why(found: pd.DataFrame, about: Doubt, pack: Pack) -> tuple[tuple[Difference, ...], int]:
    """Return each difference with its causes, and apart from them how many of those said are only withheld."""
    differ = [
        Difference(rule_id, item_ref, about.of(rule_id, incident_ref, pack.rule(rule_id)))
        for rule_id, item_ref, incident_ref in found[["rule_id", "item_ref", "incident_ref"]].itertuples(index=False)
    ]
    real = tuple(each for each in differ if each.causes != (Cause.WITHHELD,))
    applied = (found["outcome_before"] != NOT_APPLICABLE).tolist()
    pairs = zip(differ, applied, strict=True)
    return real, sum(was_said for each, was_said in pairs if each.causes == (Cause.WITHHELD,))
