"""`[[version]]` tables → the model: dates, conditions and deadlines of one dated version (semantics §4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Final

from dacompliance.policy.calendars import PLAIN_CLOCKS
from dacompliance.policy.conditions import Scope, read_condition
from dacompliance.policy.model import Approval, Calendar, Clock, Deadline, EarlyKind, Version
from dacompliance.policy.parts import Part, did_you_mean, either

Calendars = Mapping[str, Calendar]

_DEADLINE: Final = ("start", "within", "clock")
_DATES: Final = ("in_force_from", "in_force_until", "published")
_KEYS: Final = (*_DATES, "approved", "applies", "done", "holds", *_DEADLINE, "early")
_LONGEST: Final = {Clock.HOURS: 87_600, Clock.WORKING_HOURS: 87_600, Clock.DAYS: 3_650, Clock.WORKING_DAYS: 3_650}
"""Ten years: whatever is longer is a slip of the hand."""


def read_versions(file: Part, scope: Scope, calendars: Calendars | None) -> tuple[Version, ...]:
    """Read a rule's versions, in order of `in_force_from`.

    `calendars` is None where calendars.toml itself is at fault; then no clock is refused for not being in it.
    Raises RuleError for two of one date, and for one still in force when the next begins.
    """
    parts = tuple(file.parts("version", "version"))
    if not parts:
        raise file.fault("version", "there is none. Add a [[version]] with in_force_from and what must be so.")
    versions = sorted(
        (_version(_dated(file, part), scope, calendars) for part in parts), key=lambda each: each.in_force_from
    )
    for one, other in pairwise(versions):
        if one.in_force_from == other.in_force_from:
            raise file.fault(
                f"version {one.in_force_from}", "stands twice. Give each version a date of its own in in_force_from."
            )
        if one.in_force_until is not None and one.in_force_until >= other.in_force_from:
            raise file.fault(
                f"version {one.in_force_from}, in_force_until",
                f"overlaps the version of {other.in_force_from}. End it before that day, "
                "or leave it out: a version ends where the next begins.",
            )
    return tuple(versions)


def _dated(file: Part, part: Part) -> Part:
    """Return the part called by its own date, as people call it."""
    return replace(part, where=f"{file.where}, version {part.date('in_force_from')}")


def _version(part: Part, scope: Scope, calendars: Calendars | None) -> Version:
    part.only(*_KEYS)
    if ("done" in part.table) == ("holds" in part.table):
        found = "both are there" if "done" in part.table else "neither is there"
        raise part.fault("done or holds", f"{found}. Write one: done for a milestone, holds for what must be so.")
    start, until = part.date("in_force_from"), part.date_or_none("in_force_until")
    if until is not None and until < start:
        raise part.fault(
            "in_force_until",
            f"is before in_force_from, {start}. It is the last day in force; write that day or a later one.",
        )
    done = scope.time(part, "done") if "done" in part.table else None
    deadline = _deadline(part, scope, calendars)
    if done is not None and deadline is not None and done == deadline.start:
        raise part.fault("done", "is the start too, so it would always be met. Name the milestone that ends the wait.")
    return Version(
        in_force_from=start,
        published=part.date_or_none("published") or start,
        in_force_until=until,
        approved=_approval(part.part("approved")) if "approved" in part.table else None,
        applies=read_condition(part.part("applies"), scope) if "applies" in part.table else None,
        done=done,
        holds=read_condition(part.part("holds"), scope) if "holds" in part.table else None,
        deadline=deadline,
        early=_early(part, done, deadline),
    )


def _approval(part: Part) -> Approval:
    part.only("by", "on", "minute")
    return Approval(part.text("by"), part.date("on"), part.text("minute") if "minute" in part.table else "")


def _deadline(part: Part, scope: Scope, calendars: Calendars | None) -> Deadline | None:
    given = [key for key in _DEADLINE if key in part.table]
    if not given:
        return None
    for key in _DEADLINE:
        if key not in part.table:
            raise part.fault(
                key,
                f"is missing beside {' and '.join(given)}. Write start, within and clock together, or none of them.",
            )
    start = scope.time(part, "start")
    amount, clock = _within(part)
    return Deadline(start, amount, clock, _calendar(part, clock, calendars))


def _within(part: Part) -> tuple[int, Clock]:
    text = part.text("within")
    amount, unit = _length(part, "within", text, tuple(Clock))
    if amount == 0:
        raise part.fault(
            "within",
            f'"{text}" leaves no time to act. Write at least "1 {unit}", '
            "or drop start, within and clock if there is no deadline.",
        )
    if amount > _LONGEST[unit]:
        raise part.fault("within", f'"{text}" is more than ten years. Write "{_LONGEST[unit]} {unit}" at the most.')
    return amount, unit


def _length(part: Part, key: str, text: str, units: tuple[Clock, ...]) -> tuple[int, Clock]:
    """Return a number and its unit, as in "24 hours". The unit is plural, whatever the number."""
    found = re.fullmatch(r"(\d+) (\D+)", text, flags=re.ASCII)
    shape = either([f"N {unit}" for unit in units])
    if found is None:
        raise part.fault(key, f'"{text}" is not a length of time. Write {shape}, with N a whole number.')
    for unit in units:
        if unit == found[2]:
            return int(found[1]), unit
    meant = did_you_mean(f"{found[1]} {found[2]}", [f"{found[1]} {unit}" for unit in units])
    raise part.fault(key, f'"{found[2]}" is not a unit of time. Write {shape}.{meant}')


def _calendar(part: Part, unit: Clock, calendars: Calendars | None) -> Calendar | None:
    """Return the calendar the clock names; None for the two clocks that need none."""
    name = part.text("clock")
    plain = {Clock.HOURS: "elapsed", Clock.DAYS: "calendar"}.get(unit)
    if plain is not None:
        if name != plain:
            raise part.fault(
                "clock", f'"{name}" does not count {unit}. Write clock = "{plain}", or within in working {unit}.'
            )
        return None
    if name in PLAIN_CLOCKS:
        raise part.fault("clock", f'"{name}" does not count {unit}. Write the name of a calendar of calendars.toml.')
    if calendars is None:
        return None
    if name not in calendars:
        known = f" Known there: {', '.join(sorted(calendars))}." if calendars else " None is there yet."
        raise part.fault(
            "clock", f'"{name}" is not in calendars.toml.{did_you_mean(name, calendars)}{known} Name one, or add it.'
        )
    return calendars[name]


def _early(part: Part, done: str | None, deadline: Deadline | None) -> EarlyKind | int:
    if "early" not in part.table:
        return "met"
    if done is None:
        raise part.fault("early", "says what an early finish means, and there is no done. Remove it, or write done.")
    if deadline is None:
        raise part.fault(
            "early", "counts back from start, and there is none. Remove it, or write start, within and clock."
        )
    text = part.text("early")
    if text == "met":
        return "met"
    if text == "undetermined":
        return "undetermined"
    if not text[0].isdigit():
        raise part.fault("early", 'is not "met", "undetermined" or "N hours". Write one of these.')
    hours, _ = _length(part, "early", text, (Clock.HOURS,))
    if not 1 <= hours <= _LONGEST[Clock.HOURS]:
        raise part.fault(
            "early",
            f'"{text}" is not a length to count back. '
            f'Write "1 hours" to "{_LONGEST[Clock.HOURS]} hours", "met" or "undetermined".',
        )
    return hours
