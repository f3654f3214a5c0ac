"""One run from start to finish: pull → gate → judge → reconcile → commit. Sending is a job of its own.

Everything that comes of a run is committed in one ledger transaction: before it nothing has been said, after it
everything has. A run as at an instant before the last checked run judges, shows and exports, and writes nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd

from dacompliance.config import Settings
from dacompliance.errors import OvertakenError
from dacompliance.exceptions.faults import quality_list
from dacompliance.judging.checking import asked_by
from dacompliance.ledger import outbox, runs, slots
from dacompliance.ledger.commit import commit_run
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.ledger.holding import held
from dacompliance.ledger.outbox import Notice
from dacompliance.localtime import micros
from dacompliance.policy.columns import questions_named
from dacompliance.policy.files import load_pack
from dacompliance.records.gates import Gate, examine, refuse_nothing
from dacompliance.records.intake import Watch, unwatched
from dacompliance.records.parts import Pulled
from dacompliance.records.source import pull_in_parts
from dacompliance.reporting.verdicts_csv import write_verdicts
from dacompliance.run.before import Before, how_it_stood, last_said
from dacompliance.run.due import next_list
from dacompliance.run.judging import Judging
from dacompliance.run.keeping import record_of, work_of
from dacompliance.run.outcome import RunResult, counts
from dacompliance.run.reconciling import Changed, change, morning_of, watched_by
from dacompliance.run.refusing import as_at_of, asked_of, refuse_edited, refuse_unmeasurable
from dacompliance.run.survey import Survey, Watched, survey
from dacompliance.run.telling import facts_of, notices_of

log = logging.getLogger(__name__)

TIMES = 4
"""How often a run is made where others finish meanwhile."""


def run(
    settings: Settings,
    *,
    now: dt.datetime,
    as_at: dt.datetime | None = None,
    job: str = "check",
    slot: dt.date | None = None,
    tell: bool = False,
    export: Path | None = None,
    progress: Watch | None = None,
    rules: str | tuple[str, ...] = (),
) -> RunResult:
    """Check the records once, as at `as_at` or up to when they are known, and commit all that comes of it.

    With `slot` (a local date) the slot of `job` is claimed first; one that is done, or somebody else's, is left alone
    and the result says so. With `tell` the notices of the run are queued in the same transaction. With `rules` (a
    severity, or ids) it is a second look at those: every other rule, its verdicts and exceptions, stays as it was.
    Where another run finished meanwhile, it is made again.
    """
    with closing(open_ledger(settings.ledger.url.get_secret_value())) as ledger:
        claim = None if slot is None else slots.claim(ledger, job, slot, now=now)
        if slot is not None and claim is None:
            return RunResult.left_alone(f"{job} of {slot} is done already, or another process has it", now)
        try:
            made = _Run(settings, ledger, now, job, claim, rules)
            with held(ledger, claim, now):
                return _undisturbed(partial(made.through, as_at, tell=tell, export=export, progress=progress))
        except Exception as error:
            if claim is not None:
                slots.fail(ledger, claim, now=now, why=type(error).__name__)
            raise


def _undisturbed(work: Callable[[], RunResult]) -> RunResult:
    """Do the work, and again where another run finished meanwhile: a person may be checking at the same time."""
    for _ in range(TIMES - 1):
        with contextlib.suppress(OvertakenError):
            return work()
    return work()


@dataclass(frozen=True, slots=True)
class _Run:
    """One run: whose settings, into which ledger, at which `now`, in which slot, by which rules (empty: by all)."""

    settings: Settings
    ledger: Ledger
    now: dt.datetime
    job: str
    claim: slots.Claim | None
    rules: str | tuple[str, ...] = ()

    @property
    def slot(self) -> dt.date | None:
        """The local date the run is made for, if for any."""
        return None if self.claim is None else self.claim.local_date

    def through(
        self, asked: dt.datetime | None, *, tell: bool, export: Path | None, progress: Watch | None
    ) -> RunResult:
        settings = self.settings
        pack = load_pack(settings.rules.folder, settings.own_columns)
        with self.ledger.read() as connection:
            latest, last = runs.latest(connection), runs.last_checked(connection)
            refuse_edited(pack, runs.versions_ran(connection))
        refuse_unmeasurable(pack, settings)
        only = asked_of(pack, self.rules, self.job)
        pulled = pull_in_parts(
            settings, now=self.now, instruments=pack.instruments, keep=questions_named(pack), progress=progress
        )
        if last is None:
            refuse_nothing(pulled.brought, settings.source.records_from)
        back = asked is not None and last is not None and asked < last.as_at
        gates = examine(pulled.brought, settings.gates, asked or self.now, None if back else last)
        as_at = as_at_of(pulled.known_to, gates, asked, settings) or self.now
        failed = {name: gate.why for name, gate in gates.items() if not gate.passed}
        judging = Judging(pulled, pack, micros(as_at), settings.zone, failed, only, progress or unwatched)
        if back:
            found = survey(judging, settings, Watched())
            result = _result(as_at, found, _findings(pulled, found), _exported(export, judging, as_at))
            return replace(result, note="as at an instant before the last checked run: judged, nothing written")
        return self._commit(as_at, judging, gates, None if latest is None else latest.id, tell=tell, export=export)

    def _commit(
        self,
        as_at: dt.datetime,
        judging: Judging,
        gates: Mapping[str, Gate],
        after: int | None,
        *,
        tell: bool,
        export: Path | None,
    ) -> RunResult:
        settings, pack, pulled, asked = self.settings, judging.pack, judging.pulled, asked_by(judging.status)
        with self.ledger.read() as connection:
            before = how_it_stood(connection, after, settings.mail.mode, None if asked is None else self.job)
        before = before if asked is None else before.only(asked)
        found = survey(judging, settings, watched_by(before))
        findings = _findings(pulled, found)
        changed = change(found, pulled, pack, before, settings, self.now)
        exported = _exported(export, judging, as_at, changed.held)
        result = _result(as_at, changed.survey, findings, exported).with_events(changed.events, changed.counts())
        notices = self._notices(judging, changed, before, after, gates, result, findings) if tell else []
        record = record_of(
            result, judging, changed, gates, settings, job=self.job, now=self.now, slot=self.slot, after=after
        )
        work = work_of(judging, changed, findings, notices, _untrusted(gates))
        run_id = commit_run(self.ledger, record, work, claim=self.claim)
        _log_run(run_id, self.job, result, gates)
        with self.ledger.read() as connection:
            queued = outbox.queued_by(connection, run_id)
        return replace(result, run_id=run_id, notices=queued)

    def _notices(
        self,
        judging: Judging,
        changed: Changed,
        before: Before,
        after: int | None,
        gates: Mapping[str, Gate],
        result: RunResult,
        findings: pd.DataFrame,
    ) -> list[Notice]:
        """Return all that the run tells."""
        settings, pack = self.settings, judging.pack
        unchecked = changed.unchecked & {rule.id for rule in pack.rules}
        with self.ledger.read() as connection:
            stood, last_checked = last_said(connection, after, unchecked), runs.last_checked_by(connection, unchecked)
        morning = morning_of(changed, before, stood, judging, settings, next_list(self.now, settings))
        facts = facts_of(result, gates, changed.survey, pack, settings, job=self.job, now=self.now, slot=self.slot)
        return notices_of(morning, changed, before, findings, last_checked, facts, settings)


def _log_run(run_id: int, job: str, result: RunResult, gates: Mapping[str, Gate]) -> None:
    """Log what a run came to, in a line; and a line for each record set it did not trust and rule it did not check."""
    log.info("run committed", extra={"run": run_id, "job": job, "as_at": result.as_at.isoformat(), **result.counts})
    for name, gate in gates.items():
        if not gate.passed:
            log.warning("record set not trusted", extra={"run": run_id, "record_set": name, "state": gate.state})
    for rule_id, status in result.status.items():
        if status.state not in ("checked", "not_asked"):
            log.info("rule not checked", extra={"run": run_id, "rule": rule_id, "state": status.state})


def _result(as_at: dt.datetime, found: Survey, findings: pd.DataFrame, exported: Path | None) -> RunResult:
    """Return what a run says of what it found."""
    return RunResult(None, as_at, found.status, counts(findings, found.sizes, found.outcomes), exported)


def _findings(pulled: Pulled, found: Survey) -> pd.DataFrame:
    """Return all that the data's keeper should look at."""
    return quality_list(pulled.findings, found.unlisted)


def _exported(export: Path | None, judging: Judging, as_at: dt.datetime, held: Collection[str] = ()) -> Path | None:
    """Write every verdict out if that was asked for, but those of rules that are held; return where."""
    return None if export is None else write_verdicts(export, judging.frame(held), as_at)


def _untrusted(gates: Mapping[str, Gate]) -> frozenset[str]:
    """Return the record sets whose gates failed."""
    return frozenset(name for name, gate in gates.items() if not gate.passed)
