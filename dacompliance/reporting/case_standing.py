"""Where a case stands now: what each rule last said of each of its items, and whether an exception of it is open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from dacompliance.exceptions.model import Closing, Event, EventKind, Identity
from dacompliance.exceptions.words import closing
from dacompliance.ledger.history import VerdictSpell
from dacompliance.policy.model import SEVERITIES
from dacompliance.reporting.story import Case, Clock
from dacompliance.reporting.story_clocks import about, asks, said


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """One line of where a case stands. `asks` is empty where the rule's words were not kept."""

    about: str
    asks: str
    says: str
    due_at: dt.datetime | None
    done_at: dt.datetime | None
    exception: str
    is_open: bool
    severity: str


def standing_of(case: Case) -> tuple[RuleStanding, ...]:
    """Return what is said of the case now, what is open first, then by severity and rule."""
    became = _became(case)
    now = [_standing(spell, case, became) for spell in case.spells.verdicts if spell.last_run is None]
    return tuple(sorted(now, key=lambda each: (not each.is_open, _rank(each.severity), each.about)))


def _standing(spell: VerdictSpell, case: Case, became: dict[Identity, tuple[str, bool]]) -> RuleStanding:
    clock = case.clocks.get((spell.rule_id, spell.item_ref, spell.first_run))
    exception, is_open = became.get((spell.rule_id, spell.item_ref), (_never(clock), False))
    return RuleStanding(
        about=about(spell),
        asks=asks(clock) if clock else "",
        says=said(spell),
        due_at=spell.due_at,
        done_at=spell.done_at,
        exception=exception,
        is_open=is_open,
        severity=clock.rule.severity if clock else "",
    )


def _never(clock: Clock | None) -> str:
    """Return what is said where no exception was ever opened."""
    return "none: measured, not chased" if clock is not None and not clock.rule.chase else "none"


def _became(case: Case) -> dict[Identity, tuple[str, bool]]:
    """Return what became of each exception, in words, and whether it is open."""
    found: dict[Identity, tuple[str, bool]] = {}
    for past in case.events:
        words = _state(past.event, found.get(past.event.identity, ("", False)))
        found[past.event.identity] = words
    return found


def _state(event: Event, before: tuple[str, bool]) -> tuple[str, bool]:
    match event.kind:
        case EventKind.OPENED | EventKind.REOPENED | EventKind.WAIVER_ENDED:
            return ("open", True) if before[1] or event.kind is not EventKind.WAIVER_ENDED else before
        case EventKind.CLOSED:
            return f"closed: {closing(Closing(event.reason))}", False
        case EventKind.WAIVED:
            return "open, waived: still not compliant", True
        case EventKind.SUSPENDED:
            return "open, its rule switched off", True
        case _:
            return before


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
