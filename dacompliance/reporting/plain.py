"""A rule in plain English, for whoever signs it: when it applies, what must be so, by when, who approved it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from dacompliance.exceptions.words import noun
from dacompliance.policy.model import Clock, Condition, Rule, Test, TestKind, Version

_READERS = {"supervisor": "the supervisor", "referral-unit": "the referral unit"}


def rule_words(rule: Rule) -> Iterator[str]:
    """Yield the lines that say what one rule asks."""
    yield f"{rule.id}  {rule.title}"
    chased = "An exception is opened and mailed." if rule.chase else "Measured and listed, never mailed."
    yield f"Judged: every {rule.about}. {chased}"
    yield f"Who can put it right: {_READERS[rule.reader]}. Severity: {rule.severity}."
    yield f'What the e-mail asks: "{rule.action}".'
    yield f"Source: {rule.source}"
    if rule.note:
        yield f"Note: {rule.note}"
    for version in sorted(rule.versions, key=lambda each: each.in_force_from):
        yield ""
        yield from version_words(version)
    yield ""
    yield f"Worked cases: {len(rule.cases)}. File: {rule.file}."


def version_words(version: Version) -> Iterator[str]:
    """Yield the lines that say what one version asks."""
    until = f" to {version.in_force_until}" if version.in_force_until else ""
    yield f"Version {version.in_force_from}{until}, by the day of report; published {version.published}."
    if version.approved is None:
        yield "  Bundled default, not force policy: nobody has approved it."
    else:
        minute = f" ({version.approved.minute})" if version.approved.minute else ""
        yield f"  Approved by {version.approved.by} on {version.approved.on}{minute}."
    yield f"  Applies: {condition_words(version.applies) if version.applies else 'always'}."
    if version.holds is not None:
        yield f"  What must be so: {condition_words(version.holds)}."
    elif version.done is not None:
        yield f"  What must be done: {noun(version.done)} recorded."
    yield f"  Limit: {limit_words(version)}."
    if version.done is not None and version.early != "met":
        yield f"  Done before the start: {early_words(version)}."


def limit_words(version: Version) -> str:
    """Return the limit of a version: "24 hours from the start of the present grade"."""
    deadline = version.deadline
    if deadline is None:
        return "no deadline"
    unit = deadline.clock.value
    if deadline.amount == 1:
        unit = unit.removesuffix("s")
    calendar = f" ({deadline.calendar.name} calendar)" if deadline.calendar else ""
    counted = " by the clock" if deadline.clock is Clock.HOURS else ""
    return f"{deadline.amount} {unit}{calendar}{counted} from the {noun(deadline.start)}"


def early_words(version: Version) -> str:
    """Return what a finish before the start means by a version."""
    if isinstance(version.early, int):
        return f"counts when no more than {version.early} hours before it"
    return "cannot be judged" if version.early == "undetermined" else "counts"


def condition_words(condition: Condition) -> str:
    """Return a condition in words."""
    parts = [_test_words(test) for test in condition.tests]
    parts += [
        "one of these: " + ", or ".join(f"({condition_words(each)})" for each in group) for group in condition.anys
    ]
    return ", and ".join(parts)


def _test_words(test: Test) -> str:
    name = noun(test.column)
    words = " or ".join(test.words)
    return {
        TestKind.IN: f"{name} is {words}",
        TestKind.NOT_IN: f"{name} is not {words}",
        TestKind.AT_LEAST: f"{name} is at least {test.number}",
        TestKind.AT_MOST: f"{name} is at most {test.number}",
        TestKind.PRESENT: f"{name} is recorded",
        TestKind.MISSING: f"{name} is not recorded",
        TestKind.SAME_AS: f"{name} is the same as {noun(test.other) if test.other else ''}",
        TestKind.DIFFERS_FROM: f"{name} differs from {noun(test.other) if test.other else ''}",
    }[test.kind]
