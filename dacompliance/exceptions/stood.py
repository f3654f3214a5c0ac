"""How exceptions stood after a run, summed from their events alone: which were open, waived, or closed undone. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dacompliance.exceptions.model import Closing, Event, EventKind, Identity


@dataclass(frozen=True, slots=True)
class Stood:
    """Exceptions as events left them. `undone` counts, by rule and reason, closings other than as done."""

    open: frozenset[Identity]
    waived: frozenset[Identity]
    undone: Mapping[tuple[str, str], int]

    def undone_of(self, rule_id: str) -> dict[str, int]:
        """Return the closings of one rule's exceptions other than as done, by reason, in order of reason."""
        return {reason: count for (rule, reason), count in sorted(self.undone.items()) if rule == rule_id}


def stood(events: Iterable[Event]) -> Stood:
    """Sum events, in their order. A closing ends a waiver too."""
    opened: set[Identity] = set()
    waived: set[Identity] = set()
    undone: Counter[tuple[str, str]] = Counter()
    for each in events:
        if each.kind in (EventKind.OPENED, EventKind.REOPENED):
            opened.add(each.identity)
        elif each.kind is EventKind.WAIVED:
            waived.add(each.identity)
        elif each.kind is EventKind.WAIVER_ENDED:
            waived.discard(each.identity)
        elif each.kind is EventKind.CLOSED:
            opened.discard(each.identity)
            waived.discard(each.identity)
            if each.reason != Closing.DONE:
                undone[each.rule_id, each.reason] += 1
    return Stood(frozenset(opened), frozenset(waived), dict(undone))
