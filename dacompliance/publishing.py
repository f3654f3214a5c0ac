"""The pages and files of a run, from the ledger alone: the same ledger and run, the same bytes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from dacompliance.audit.past import PastRun, past_run
from dacompliance.config import Settings
from dacompliance.errors import LedgerError, UsageError
from dacompliance.exceptions.faults import quality_list
from dacompliance.exceptions.model import EventKind
from dacompliance.judging.checking import Checked
from dacompliance.ledger import casework, history, runs
from dacompliance.ledger.database import reading
from dacompliance.measuring import completion_cases, why_not_measured
from dacompliance.reporting.completion import write_completion
from dacompliance.reporting.facts import CompletionFacts, QualityFacts, RuleStanding, record_set_facts
from dacompliance.reporting.open_list import write_open_list
from dacompliance.reporting.quality import write_quality


def publish(settings: Settings, *, run_id: int | None = None, folder: Path | None = None) -> list[Path]:
    """Write the pages of a run and their CSV files (None: the last checked run); return their paths.

    Those are the completion page and the data-quality list; of the last checked run the list of every open exception
    too. Raises LedgerError when there is no such run, UsageError where the folder cannot be written to.
    """
    with reading(settings.ledger.url.get_secret_value()) as connection:
        last = runs.last_checked(connection)
        if last is None and run_id is None:
            raise LedgerError("ledger: nothing has been checked yet. Run `dacompliance check` first.")
        is_last = last is not None and run_id in (None, last.id)
        run_id = last.id if last is not None and run_id is None else run_id
        assert run_id is not None, "without a run, one was checked"
        past = past_run(connection, run_id)
        standing, stood = casework.standings(connection).values(), history.verdicts_at(connection, run_id)
        closed = Counter(
            each.event.reason
            for each in casework.events_since(connection, 0)
            if each.run_id <= run_id
            and each.event.kind is EventKind.CLOSED
            and each.event.rule_id == settings.rules.completion_rule
        )
    facts = completion_facts(past, past.judged_again(), settings, closed)
    into = settings.reports.folder if folder is None else folder
    try:
        written = write_completion(into, facts, settings.reports.templates)
        written += write_quality(into, quality_facts(past, settings), settings.reports.templates)
        return [*written, write_open_list(into, standing, stood)] if is_last else written
    except OSError as error:
        raise UsageError(f"{into}: cannot be written to ({error.strerror}). Make it writable.") from None


def completion_facts(past: PastRun, checked: Checked, settings: Settings, closed: Counter[str]) -> CompletionFacts:
    """Return what the completion page of a run is told."""
    rule = past.pack.rule(settings.rules.completion_rule)
    if rule is None:
        raise LedgerError(
            f"rules.completion_rule: {settings.rules.completion_rule} was not in the pack of run {past.run.id}."
        )
    gates = failed_gates(past)
    cases = completion_cases(checked, past.records, past.pack, settings, gates)
    titles = {each.id: each.title for each in past.pack.rules}
    return CompletionFacts(
        force=settings.force.name,
        marking=settings.force.marking,
        zone=past.zone,
        run=str(past.run.id),
        as_at=past.run.as_at,
        code_version=past.run.code_version,
        records_from=settings.source.records_from,
        record_sets=record_set_facts(past.records, gates),
        rule=rule,
        cases=cases,
        not_measured="" if cases is not None else why_not_measured(checked, past.records, past.pack, settings, gates),
        unchecked=tuple(
            RuleStanding(rule_id, titles.get(rule_id, rule_id), status.state, status.why)
            for rule_id, status in past.run.rules.items()
            if status.state != "checked"
        ),
        left_while_open={reason: number for reason, number in sorted(closed.items()) if reason != "done"},
    )


def quality_facts(past: PastRun, settings: Settings) -> QualityFacts:
    """Return what the data-quality page of a run is told: what was found, and what nobody had listed."""
    gates = failed_gates(past)
    findings = quality_list(past.records, past.pack, past.settings["rules"]["destinations"], gates)
    return QualityFacts(
        force=settings.force.name,
        marking=settings.force.marking,
        zone=past.zone,
        run=str(past.run.id),
        as_at=past.run.as_at,
        code_version=past.run.code_version,
        records_from=settings.source.records_from,
        record_sets=record_set_facts(past.records, gates),
        findings=findings,
    )


def failed_gates(past: PastRun) -> dict[str, str]:
    """Return the record sets that a run did not trust, each with why."""
    return {name: gate["why"] for name, gate in past.run.gates.items() if not gate["passed"]}
