"""The pages and files of a run, from the ledger alone: the same ledger, run and options, the same bytes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from dacompliance.audit import late_entries
from dacompliance.audit.past import PastRun, past_run
from dacompliance.config import Settings
from dacompliance.errors import LedgerError, UsageError
from dacompliance.exceptions.stood import Stood, stood
from dacompliance.exceptions.words import noun
from dacompliance.judging.checking import Checked
from dacompliance.ledger import casework, figures, history, runs, samples
from dacompliance.ledger.database import reading
from dacompliance.rating import Told, control_facts, rebases, sample_facts, site_facts
from dacompliance.reporting import pages
from dacompliance.reporting.completion import write_completion
from dacompliance.reporting.facts import CompletionFacts, QualityFacts, RecordedAfter, RuleStanding, record_set_facts
from dacompliance.reporting.folder import write_site
from dacompliance.reporting.open_list import write_open_list
from dacompliance.reporting.quality import write_quality
from dacompliance.reporting.site import site_files
from dacompliance.resources import templates_folder
from dacompliance.run.measuring import COMPLETION_KEY, completion_cases, why_not_measured
from dacompliance.run.papers import CONTROL_KIND

RECENT_DAYS: Final = 28
"""How far back a page counts what was recorded after the event."""

Watch = Callable[[str, int], None]
"""Told how far a report has come: "report", and how many more files were written."""


def publish(
    settings: Settings, *, run_id: int | None = None, folder: Path | None = None, progress: Watch | None = None
) -> list[Path]:
    """Write the site of a run (None: the last checked one) and its files; return their paths, the overview first.

    The completion page and the data-quality list are part of it; of the last checked run the list of every open
    exception too. A second look publishes nothing, and is passed over. Raises LedgerError when there is no such run,
    UsageError for a second look, and where the folder cannot be written to.
    """
    with reading(settings.ledger.url.get_secret_value()) as connection:
        last, latest = runs.last_whole(connection), runs.latest(connection)
        if last is None and run_id is None:
            raise LedgerError("ledger: nothing has been checked yet. Run `dacompliance check` first.")
        is_last = last is not None and run_id in (None, last.id)
        run_id = last.id if last is not None and run_id is None else run_id
        assert run_id is not None, "without a run, one was checked"
        past = past_run(connection, run_id)
        if past.run.second_look:
            raise UsageError(f"run {run_id} was a second look at some rules and publishes nothing. Name another run.")
        newest = run_id if latest is None else latest.id
        standing, verdicts = casework.standings(connection).values(), history.verdicts_at(connection, newest)
        told = told_by(connection, run_id)
        control = [each.body for each in runs.documents(connection, run_id, CONTROL_KIND)]
        score = samples.last(connection, run_id)
        late = recorded_after(connection, run_id, settings)
    checked = past.judged_again()
    base = replace(completion_facts(past, checked, settings, told.stood), recorded_after=late)
    beside = {
        "control": control_facts(checked, control[0] if control else None),
        "sample": sample_facts(score),
        "open_list": is_last,
    }
    facts = site_facts(past, checked, base, told, settings, **beside)
    into = settings.reports.folder if folder is None else folder
    jinja = pages.environment([each for each in (settings.reports.templates, templates_folder()) if each is not None])
    try:
        first = write_completion(into, base, settings.reports.templates)
        first += write_quality(into, quality_facts(past, settings), settings.reports.templates)
        if is_last:
            first.append(write_open_list(into, standing, verdicts))
        return write_site(into, site_files(facts, jinja), progress, beside=first)
    except OSError as error:
        raise UsageError(f"{into}: cannot be written to ({error.strerror}). Make it writable.") from None


def recorded_after(connection: sa.Connection, run_id: int, settings: Settings) -> RecordedAfter:
    """Return how many times that the runs of the last four weeks first saw were recorded after the event."""
    hours = settings.exceptions.recorded_after_hours
    window = dt.timedelta(days=RECENT_DAYS)
    found = late_entries.since(connection, run_id, dt.timedelta(hours=hours), window)
    counts = Counter(noun(each.column) for each in found)
    return RecordedAfter(RECENT_DAYS, hours, dict(sorted(counts.items())))


def told_by(connection: sa.Connection, run_id: int) -> Told:
    """Return what the ledger says of all runs up to one."""
    until = [each for each in runs.runs(connection, limit=1_000_000)[::-1] if each.id <= run_id]
    events = (each.event for each in casework.events_since(connection, 0) if each.run_id <= run_id)
    return Told(
        until,
        figures.restatements(connection, run_id),
        stood(events),
        history.counted_against(connection, run_id),
    )


def completion_facts(past: PastRun, checked: Checked, settings: Settings, how: Stood) -> CompletionFacts:
    """Return what the completion page of a run is told; `how` is how exceptions stood after it."""
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
        not_measured=""
        if cases is not None
        else why_not_measured(checked.status, past.records.assessments.columns, past.pack, settings, gates),
        unchecked=tuple(
            RuleStanding(rule_id, titles.get(rule_id, rule_id), status.state, status.why)
            for rule_id, status in past.run.rules.items()
            if status.state != "checked"
        ),
        left_while_open=how.undone_of(rule.id),
        waived=sum(rule_id == rule.id for rule_id, _ in how.waived),
        rebases=tuple(each for each in rebases(settings) if each.measure == COMPLETION_KEY),
        site=True,
    )


def quality_facts(past: PastRun, settings: Settings) -> QualityFacts:
    """Return what the data-quality page of a run is told: what was found in its records."""
    gates = failed_gates(past)
    return QualityFacts(
        force=settings.force.name,
        marking=settings.force.marking,
        zone=past.zone,
        run=str(past.run.id),
        as_at=past.run.as_at,
        code_version=past.run.code_version,
        records_from=settings.source.records_from,
        record_sets=record_set_facts(past.records, gates),
        findings=past.records.findings,
        site=True,
    )


def failed_gates(past: PastRun) -> dict[str, str]:
    """Return the record sets that a run did not trust, each with why."""
    return {name: gate["why"] for name, gate in past.run.gates.items() if not gate["passed"]}
