"""What is worth mending in a pack that can be read: never a fault, always a line a person can act on. Pure.

What cannot be understood is refused where it is read (`files`); this is about what would surprise somebody later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from dacompliance.policy.calendars import calendars_ending
from dacompliance.policy.columns import destination_fact, destinations_named
from dacompliance.policy.model import Condition, Pack, Rule, TestKind, Version

_KNOWS_MISSING = frozenset({TestKind.PRESENT, TestKind.MISSING})


def advice(pack: Pack, today: dt.date, destinations: Collection[str] | None) -> Iterator[str]:
    """Yield what is worth mending, a line each: destinations, calendars, approvals, worked cases.

    `destinations` are those the records or the configuration know; None where nobody can say.
    """
    if destinations is not None:
        yield from unknown_destinations(pack, destinations)
    yield from ending_calendars(pack, today)
    for rule in pack.rules:
        yield from _unapproved(rule)
    for rule in pack.rules:
        yield from _cases(rule)


def unknown_destinations(pack: Pack, known: Collection[str]) -> Iterator[str]:
    """Yield a line for each destination that rules name and that is not `known`: a slip, or nobody uses it yet."""
    stems = {destination_fact(each, "referred_at").removesuffix("_referred_at") for each in known}
    for stem, rules in destinations_named(pack).items():
        if stem not in stems:
            yield (
                f"{', '.join(rules)}: no referral goes to {stem.upper()}, and rules.destinations does not list it. "
                "If it is right, list it; if it is a slip, mend the rule."
            )


def ending_calendars(pack: Pack, today: dt.date) -> Iterator[str]:
    """Yield a line for each calendar whose bank holidays end before the next year does."""
    for name in calendars_ending(pack, today):
        yield (
            f"calendars.toml, {name}: its bank holidays end before {today.year + 1} does. "
            "Add the next years' to bank-holidays.toml."
        )


def _unapproved(rule: Rule) -> Iterator[str]:
    without = [str(version.in_force_from) for version in rule.versions if version.approved is None]
    if without:
        yield f"{rule.id}: nobody has approved version {' and '.join(without)}. Whoever may, adds approved to it."


def _cases(rule: Rule) -> Iterator[str]:
    if not rule.cases:
        yield f"{rule.id}: has no worked case. Write some: they are what the policy owner signs."
        return
    shown = {case.expect for case in rule.cases}
    missing = [outcome for outcome in outcomes(rule) if outcome not in shown]
    if missing:
        yield f"{rule.id}: no worked case expects {' or '.join(missing)}. Add one of each."
    has_limit = any(version.deadline is not None for version in rule.versions)
    if has_limit and not any(case.due == case.as_at for case in rule.cases):
        yield f"{rule.id}: no worked case is looked at in the last instant, at its due. Add one."


def outcomes(rule: Rule) -> tuple[str, ...]:
    """Return the outcomes that a rule can surely have, in the order of the words' meaning.

    Undetermined only where a missing value is sure to lead to it: a finish before the start that is not to be judged,
    or a test in `holds` that does not itself say what missing means.
    """
    versions = rule.versions
    possible = {
        "not_applicable": any(version.applies is not None for version in versions),
        "undetermined": any(_can_be_unclear(version) for version in versions),
        "pending": any(version.deadline is not None for version in versions),
        "met": True,
        "late": any(version.deadline is not None and version.done is not None for version in versions),
        "breached": True,
    }
    return tuple(outcome for outcome, can in possible.items() if can)


def _can_be_unclear(version: Version) -> bool:
    if version.early == "undetermined":
        return True
    return version.holds is not None and not _guarded(version.holds)


def _guarded(condition: Condition) -> bool:
    """Say whether a condition is never unknown for want of a value: `is = "present"` stands beside every other test."""
    present = {test.column for test in condition.tests if test.kind is TestKind.PRESENT}
    tested = {name for test in condition.tests if test.kind not in _KNOWS_MISSING for name in test.columns()}
    return tested <= present and all(_guarded(each) for group in condition.anys for each in group)
