"""Lines for a terminal: runs, rules, worked cases and one incident's story. Everything comes from elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from dacompliance.config import Settings
from dacompliance.errors import RuleError, UsageError
from dacompliance.judging.cases import case_faults
from dacompliance.ledger import casework, history, runs
from dacompliance.ledger.database import reading
from dacompliance.policy.model import Pack, Rule, Version
from dacompliance.reporting.plain import limit_words, rule_words
from dacompliance.reporting.story import story

LONDON = ZoneInfo("Europe/London")


def run_lines(settings: Settings, limit: int) -> Iterator[str]:
    """Yield a line a run, newest first, after a heading."""
    with reading(settings.ledger.url.get_secret_value()) as connection:
        found = runs.runs(connection, limit=limit)
    if not found:
        yield "No run yet. Run `dacompliance check` first."
        return
    yield "  run  job          as at (local)     rules incidents  overdue opened closed"
    for run in found:
        counts = run.counts
        yield (
            f"{run.id:>5}  {run.job:<12} {run.as_at.astimezone(settings.zone):%Y-%m-%d %H:%M}  "
            f"{sum(each.state == 'checked' for each in run.rules.values()):>5} {counts.get('incidents', 0):>9,} "
            f"{counts.get('verdicts_breached', 0):>8,} "
            f"{counts.get('exceptions_opened', 0) + counts.get('exceptions_reopened', 0):>6,} "
            f"{counts.get('exceptions_closed', 0):>6,}"
        )


def version_on(rule: Rule, day: dt.date) -> Version | None:
    """Return the version in force for an incident of `day`, if there is one."""
    found = [each for each in rule.versions if each.in_force_from <= day]
    version = max(found, key=lambda each: each.in_force_from, default=None)
    if version is None or (version.in_force_until is not None and version.in_force_until < day):
        return None
    return version


def rule_lines(pack: Pack, today: dt.date) -> Iterator[str]:
    """Yield two lines a rule: what it is, and how it stands today."""
    for rule in pack.rules:
        version = version_on(rule, today)
        yield f"{rule.id}  {rule.title}"
        if version is None:
            yield "        not in force today"
            continue
        chased = "chased" if rule.chase else "measured, not chased"
        approved = f"approved by {version.approved.by}" if version.approved else "bundled default, not force policy"
        yield f"        {chased}; {limit_words(version)}; {rule.reader}; {rule.severity}; {approved}"


def one_rule_lines(pack: Pack, rule_id: str) -> Iterator[str]:
    """Yield what one rule says, in plain English. Raises UsageError for a rule the pack does not have."""
    rule = pack.rule(rule_id)
    if rule is None:
        raise UsageError(f"{rule_id}: the pack has no such rule. It has: {', '.join(each.id for each in pack.rules)}.")
    yield from rule_words(rule)


def run_cases(pack: Pack) -> Iterator[str]:
    """Run every worked case, and yield a line a rule. Raises RuleError naming each case that is not as it expects."""
    faults = case_faults(pack.rules, pack, LONDON)
    if faults:
        raise RuleError("\n".join(faults))
    for rule in pack.rules:
        yield f"{rule.id}  {len(rule.cases)} worked cases, all as expected."
    without = [rule.id for rule in pack.rules if not rule.cases]
    if without:
        yield f"Without worked cases: {', '.join(without)}. Write some: they are what the policy owner signs."


def story_lines(settings: Settings, number: str) -> Iterator[str]:
    """Yield the story of one incident, in order of time. Raises UsageError when the ledger knows no such reference."""
    with reading(settings.ledger.url.get_secret_value()) as connection:
        references = history.find_incidents(connection, number)
        if not references:
            raise UsageError("the ledger knows no incident or occurrence of that reference. Check the number.")
        told = [(ref, history.items_story(connection, ref), casework.events_of(connection, ref)) for ref in references]
    for reference, spells, events in told:
        yield from story(reference, spells, events, settings.zone)
