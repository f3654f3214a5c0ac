"""The story's clocks and verdicts: when each clock began, by when it asked what, when that was done, what was said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from dacompliance.exceptions.words import age, deadline, noun, outcome, reasons
from dacompliance.ledger.history import VerdictSpell
from dacompliance.reporting.conditions import condition_words
from dacompliance.reporting.plain import limit_words
from dacompliance.reporting.story import Case, Clock, Entry, What


def clock_entries(case: Case, zone: ZoneInfo) -> Iterator[Entry]:
    """Tell each clock's start, due and finish, each once, and again where it moved."""
    for spell in case.spells.verdicts:
        clock = case.clocks.get((spell.rule_id, spell.item_ref, spell.first_run))
        if clock is not None and clock.start_at is not None:
            yield Entry(clock.start_at, What.CLOCK, f"{about(spell)}: {_start(clock)}")
        if spell.due_at is not None:
            ahead = ", still to come" if spell.due_at > case.as_at and spell.last_run is None else ""
            yield Entry(spell.due_at, What.CLOCK, f"{about(spell)}: {_due(spell.due_at, zone)}{ahead}")
        if spell.done_at is not None:
            yield Entry(spell.done_at, What.CLOCK, f"{about(spell)}: {_finish(spell, clock)}")


def verdict_entries(case: Case, _zone: ZoneInfo) -> Iterator[Entry]:
    """Tell what was first said of each item when, and when nothing was said of it any more."""
    later: dict[tuple[str, str], int] = {}
    for spell in case.spells.verdicts:
        identity = spell.rule_id, spell.item_ref
        later[identity] = max(spell.first_run, later.get(identity, 0))
    for spell in case.spells.verdicts:
        yield Entry(
            spell.first_as_at,
            What.VERDICT,
            f"{about(spell)}: {said(spell)} (run {spell.first_run}, version {spell.version})",
        )
        if (
            spell.last_run is not None
            and spell.last_as_at is not None
            and later[spell.rule_id, spell.item_ref] <= spell.last_run
        ):
            words = f"{outcome(spell.outcome)} for the last time (run {spell.last_run}); after that it does not apply"
            yield Entry(spell.last_as_at, What.VERDICT, f"{about(spell)}: {words}")


def about(spell: VerdictSpell) -> str:
    """Return of what a verdict spoke: `REF-01 of incident I1`."""
    return f"{spell.rule_id} of {spell.about} {spell.item_ref}"


def asks(clock: Clock) -> str:
    """Return what a version asks, in the rule's words: its title, its limit, what must be so, and who approved it."""
    holds = f"; what must be so: {condition_words(clock.version.holds)}" if clock.version.holds is not None else ""
    approved = "" if clock.version.approved else " (bundled default, not force policy)"
    return f"{clock.rule.title}: {limit_words(clock.version)}{holds}{approved}"


def said(spell: VerdictSpell) -> str:
    """Return a verdict in words, with why it could not be judged."""
    words = outcome(spell.outcome)
    if spell.reason and spell.done_at is not None:  # by `early`: both are known
        return f"{words}; done before it began, which this rule cannot judge"
    return f"{words}; not known: {', '.join(reasons(spell.reason))}" if spell.reason else words


def _start(clock: Clock) -> str:
    assert clock.version.deadline is not None, "a clock that starts has a limit"
    dated = ", a date without a time" if clock.dated else ""
    starts = f"the clock starts with the {noun(clock.version.deadline.start)}{dated}"
    return f"{starts}. {clock.rule.title}: {limit_words(clock.version)}"


def _due(due_at: dt.datetime, zone: ZoneInfo) -> str:
    """Return `due`, and of which day it is the end where it is one: the entry itself stands at 00:00 of the next."""
    words = deadline(due_at, zone, year=True)
    return f"due at the end of {words.removesuffix(' 24:00')}" if words.endswith(" 24:00") else "due"


def _finish(spell: VerdictSpell, clock: Clock | None) -> str:
    what = noun(clock.version.done) if clock is not None and clock.version.done else "what it asks"
    assert spell.done_at is not None, "what is finished has a time"
    if spell.due_at is None or spell.outcome not in ("met", "late"):
        return f"finished: {what}"
    if spell.outcome == "late":
        return f"finished late, by {age(spell.due_at, spell.done_at)}: {what}"
    return f"finished in time: {what}"
