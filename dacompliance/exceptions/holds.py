"""Holding a rule that would change too much at once, until an operator accepts it. Pure.

A mapping gone wrong, a rule first switched on, a form renamed: each opens or closes hundreds of exceptions in one
morning, and a list that long is read by nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dacompliance.exceptions.model import Closing, Event, EventKind, Identity, Standing

OPENING = frozenset({EventKind.OPENED, EventKind.REOPENED})


@dataclass(frozen=True, slots=True)
class Limits:
    """How many exceptions a rule may open, or close other than as done, at once: `number`, and `share` of those open.

    A rule is held when it goes beyond both: beyond the number alone a large force would be held each Monday, beyond the
    share alone a small one.
    """

    number: int
    share: float


@dataclass(frozen=True, slots=True)
class Surge:
    """What one rule would change in one run: how many it would open, and close other than as done, of how many open."""

    rule_id: str
    opening: int
    closing: int
    standing: int

    @property
    def words(self) -> str:
        """Why the rule is held, in counts."""
        parts = [f"open {self.opening:,}"] if self.opening else []
        parts += [f"close {self.closing:,} other than as done"] if self.closing else []
        return f"held: it would {' and '.join(parts)} at once, and has {self.standing:,} open"


def surges(
    events: Iterable[Event],
    standings: Mapping[Identity, Standing],
    limits: Limits,
    accepted: Mapping[str, Surge],
) -> dict[str, Surge]:
    """Return the rules to be held, by rule id, for what the events of a run would change.

    `standings` are those before the run. What was accepted is let through, and as many again as the number that any
    morning may bring: what an operator accepted one day is a little more the next, but not another surge.
    """
    opening: Counter[str] = Counter()
    closing: Counter[str] = Counter()
    for event in events:
        opening[event.rule_id] += event.kind in OPENING
        closing[event.rule_id] += event.kind is EventKind.CLOSED and event.reason != Closing.DONE
    standing = Counter(each.rule_id for each in standings.values() if each.is_open)
    found = [Surge(rule, opening[rule], closing[rule], standing[rule]) for rule in sorted(opening)]
    return {each.rule_id: each for each in found if _is_beyond(each, limits, accepted.get(each.rule_id))}


def _is_beyond(surge: Surge, limits: Limits, accepted: Surge | None) -> bool:
    most = max(limits.number, limits.share * surge.standing)
    let_open, let_close = (0, 0) if accepted is None else (accepted.opening, accepted.closing)
    return surge.opening > let_open + most or surge.closing > let_close + most
