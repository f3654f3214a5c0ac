"""One run from start to finish: pull → gate → judge → reconcile → commit. Sending is a job of its own.

Everything that comes of a run is committed in one ledger transaction: before it nothing has been said, after it
everything has. A run as at an instant before the last checked run judges, shows and exports, and writes nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from dacompliance.config import Settings
from dacompliance.errors import OvertakenError
from dacompliance.exceptions.faults import quality_list
from dacompliance.judging.checking import Checked, check
from dacompliance.ledger import outbox, runs, slots
from dacompliance.ledger.commit import commit_run
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.ledger.holding import held
from dacompliance.ledger.outbox import Notice
from dacompliance.ledger.tables import micros
from dacompliance.policy.columns import questions_named
from dacompliance.policy.files import load_pack
from dacompliance.policy.model import Pack
from dacompliance.records.gates import Gate, brought_by, examine, refuse_nothing
from dacompliance.records.intake import Watch
from dacompliance.records.source import pull
from dacompliance.records.table import Records
from dacompliance.reporting.verdicts_csv import write_verdicts
from dacompliance.run.before import how_it_stood, last_said
from dacompliance.run.due import next_list
from dacompliance.run.keeping import record_of, work_of
from dacompliance.run.measuring import completion_cases
from dacompliance.run.outcome import RunResult, counts
from dacompliance.run.reconciling import change, morning_of
from dacompliance.run.refusing import as_at_of, asked_of, refuse_edited, refuse_unmeasurable
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
        records = pull(
            settings, now=self.now, instruments=pack.instruments, keep=questions_named(pack), progress=progress
        )
        records = replace(records, findings=quality_list(records, pack, settings.rules.destinations))
        if last is None:
            refuse_nothing(brought_by(records), settings.source.records_from)
        back = asked is not None and last is not None and asked < last.as_at
        gates = examine(brought_by(records), settings.gates, asked or self.now, None if back else last)
        as_at = as_at_of(records, gates, asked, settings) or self.now
        failed = {name: gate.why for name, gate in gates.items() if not gate.passed}
        checked = check(records, pack, micros(as_at), settings.zone, failed, asked=only)
        if back:
            result = _result(as_at, records, checked, export)
            return replace(result, note="as at an instant before the last checked run: judged, nothing written")
        after = None if latest is None else latest.id
        return self._commit(as_at, records, gates, checked, pack, after, tell=tell, export=export)

    def _commit(
        self,
        as_at: dt.datetime,
        records: Records,
        gates: Mapping[str, Gate],
        checked: Checked,
        pack: Pack,
        after: int | None,
        *,
        tell: bool,
        export: Path | None,
    ) -> RunResult:
        settings, slot = self.settings, None if self.claim is None else self.claim.local_date
        with self.ledger.read() as connection:
            asked = checked.asked
            before = how_it_stood(connection, after, settings.mail.mode, None if asked is None else self.job)
            before = before if asked is None else before.only(asked)
            changed = change(checked, records, pack, before, settings, self.now)
            unchecked = changed.unchecked & {rule.id for rule in pack.rules}
            stood = last_said(connection, after, unchecked)
            last_checked = runs.last_checked_by(connection, unchecked)
        checked, untrusted = changed.checked, _untrusted(gates)
        result = _result(as_at, records, checked, export).with_events(changed.events, changed.counts())
        cases = completion_cases(checked, records, pack, settings, untrusted)
        notices: list[Notice] = []
        if tell:
            morning = morning_of(changed, before, stood, pack, settings, next_list(self.now, settings))
            facts = facts_of(result, gates, checked, pack, settings, job=self.job, now=self.now, slot=slot)
            notices = notices_of(morning, changed, before, records.findings, cases, last_checked, facts, settings)
        run_id = commit_run(
            self.ledger,
            record_of(
                result, checked, records, gates, pack, settings, job=self.job, now=self.now, slot=slot, after=after
            ),
            work_of(records, changed, cases, notices, pack, settings, untrusted),
            claim=self.claim,
        )
        _log_run(run_id, self.job, result, gates)
        with self.ledger.read() as connection:
            queued = outbox.queued_by(connection, run_id)
        return replace(result, run_id=run_id, notices=queued)


def _log_run(run_id: int, job: str, result: RunResult, gates: Mapping[str, Gate]) -> None:
    """Log what a run came to, in a line; and a line for each record set it did not trust and rule it did not check."""
    log.info("run committed", extra={"run": run_id, "job": job, "as_at": result.as_at.isoformat(), **result.counts})
    for name, gate in gates.items():
        if not gate.passed:
            log.warning("record set not trusted", extra={"run": run_id, "record_set": name, "state": gate.state})
    for rule_id, status in result.status.items():
        if status.state not in ("checked", "not_asked"):
            log.info("rule not checked", extra={"run": run_id, "rule": rule_id, "state": status.state})


def _result(as_at: dt.datetime, records: Records, checked: Checked, export: Path | None) -> RunResult:
    """Return what a run says of the records, its verdicts written out if that was asked for."""
    exported = None if export is None else write_verdicts(export, checked.frame(), as_at)
    return RunResult(None, as_at, checked.status, counts(records, checked), exported)


def _untrusted(gates: Mapping[str, Gate]) -> frozenset[str]:
    """Return the record sets whose gates failed."""
    return frozenset(name for name, gate in gates.items() if not gate.passed)
