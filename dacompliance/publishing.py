"""The pages and files of a run, from the ledger alone: the same ledger and run, the same bytes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from dacompliance.audit.past import PastRun, past_run
from dacompliance.config import Settings
from dacompliance.errors import LedgerError
from dacompliance.exceptions.model import EventKind
from dacompliance.judging.checking import Checked
from dacompliance.ledger import casework, runs
from dacompliance.ledger.database import reading
from dacompliance.measuring import completion_cases, why_not_measured
from dacompliance.reporting.completion import write_completion
from dacompliance.reporting.facts import CompletionFacts, RuleStanding, record_set_facts


def publish(settings: Settings, *, run_id: int | None = None, folder: Path | None = None) -> list[Path]:
    """Write the completion page and its CSV files of a run (None: the last checked one); return their paths.

    Raises LedgerError when there is no such run.
    """
    with reading(settings.ledger.url.get_secret_value()) as connection:
        if run_id is None:
            last = runs.last_checked(connection)
            if last is None:
                raise LedgerError("ledger: nothing has been checked yet. Run `dacompliance check` first.")
            run_id = last.id
        past = past_run(connection, run_id)
        closed = Counter(
            each.event.reason
            for each in casework.events_since(connection, 0)
            if each.run_id <= run_id
            and each.event.kind is EventKind.CLOSED
            and each.event.rule_id == settings.rules.completion_rule
        )
    facts = completion_facts(past, past.judged_again(), settings, closed)
    return write_completion(settings.reports.folder if folder is None else folder, facts, settings.reports.templates)


def completion_facts(past: PastRun, checked: Checked, settings: Settings, closed: Counter[str]) -> CompletionFacts:
    """Return what the completion page of a run is told."""
    rule = past.pack.rule(settings.rules.completion_rule)
    if rule is None:
        raise LedgerError(
            f"rules.completion_rule: {settings.rules.completion_rule} was not in the pack of run {past.run.id}."
        )
    gates = {name: gate["why"] for name, gate in past.run.gates.items() if not gate["passed"]}
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
            RuleStanding(rule_id, titles[rule_id], status.state, status.why)
            for rule_id, status in past.run.rules.items()
            if status.state != "checked"
        ),
        left_while_open={reason: number for reason, number in sorted(closed.items()) if reason != "done"},
    )
