"""What a run refuses before it judges, and what it goes by: versions, rules asked, the as-at. Writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from dacompliance.config import Settings
from dacompliance.errors import ConfigError, RuleError, UsageError
from dacompliance.localtime import instant, micros
from dacompliance.policy.digests import version_digest
from dacompliance.policy.model import SEVERITIES, Pack
from dacompliance.records.gates import Gate

TIMELESS = frozenset({"staff"})
"""Record sets that decide no deadline: what they are known to does not hold the as-at back."""


def published_versions(pack: Pack, day: dt.date) -> dict[tuple[str, str], str]:
    """Return the digest of what each version published by `day` says, by rule and date."""
    return {
        (rule.id, str(version.in_force_from)): version_digest(rule.about, version, with_calendar=False)
        for rule in pack.rules
        for version in rule.versions
        if version.published <= day
    }


def refuse_edited(pack: Pack, ran: Mapping[tuple[str, str], str]) -> None:
    """Raise RuleError for a version that no longer says what the ledger last ran under its rule and date."""
    for (rule_id, version), digest in sorted(published_versions(pack, dt.date.max).items()):
        if ran.get((rule_id, version), digest) != digest:
            rule = pack.rule(rule_id)
            raise RuleError(
                f"{rule.file if rule else rule_id}, version {version}: says something else than when it was last run. "
                "A published version is never edited: put it back, and write the change as a new [[version]]."
            )


def refuse_unmeasurable(pack: Pack, settings: Settings) -> None:
    """Raise ConfigError where the rule that sets completion's limit is not in the pack, or has no limit to give."""
    name = settings.rules.completion_rule
    rule = pack.rule(name)
    if rule is None or rule.about != "incident" or all(version.deadline is None for version in rule.versions):
        fit = [each.id for each in pack.rules if each.about == "incident" and any(v.deadline for v in each.versions)]
        raise ConfigError(
            f"rules.completion_rule: {name} is no rule of the pack about incidents with a limit, and completion is "
            f"measured by one. Name one of: {', '.join(fit)}."
        )


def as_at_of(
    known_to: Mapping[str, int], gates: Mapping[str, Gate], asked: dt.datetime | None, settings: Settings
) -> dt.datetime | None:
    """Return the as-at of the run: the one asked for, or the earliest instant its trusted record sets are known to.

    None where no set is left. Raises UsageError for one later than the records are known to: no deadline is judged
    without its evidence.
    """
    known = {name: value for name, value in known_to.items() if name not in TIMELESS}
    if asked is None:
        trusted = [value for name, value in known.items() if gates[name].state != "stale"]
        return instant(min(trusted)) if trusted else None
    if known and micros(asked) > min(known.values()):
        known_words = instant(min(known.values())).astimezone(settings.zone)
        raise UsageError(
            f"--as-at: the records are known only to {known_words:%Y-%m-%d %H:%M} local time; nothing later can be "
            "judged without its evidence. Name an instant no later than that."
        )
    return asked


def asked_of(pack: Pack, rules: str | tuple[str, ...], job: str) -> frozenset[str] | None:
    """Return the ids of the rules a second look is at, a severity's or those named; None where all are asked.

    Raises ConfigError for one that is not in the pack, and for a severity that no rule of it has.
    """
    if not rules:
        return None
    if isinstance(rules, str):
        named = frozenset(rule.id for rule in pack.rules if rule.severity == rules)
        if not named:
            raise ConfigError(
                f"schedule.jobs, {job}, rules: no rule of the pack is {rules}. Write one of: "
                f"{', '.join(SEVERITIES)}, or rules by id."
            )
        return named
    known = {rule.id for rule in pack.rules}
    if strange := sorted(set(rules) - known):
        raise ConfigError(
            f"schedule.jobs, {job}, rules: {', '.join(strange)} is not in the pack. Write some of: "
            f"{', '.join(sorted(known))}."
        )
    return frozenset(rules)
