"""Disputes: what someone says against an exception. Pure. A dispute is shown and counted, and closes nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dacompliance.exceptions.model import Event, EventKind, Identity, Standing


class Claim(StrEnum):
    """What can be said against an exception."""

    WRONG = "wrong"
    DONE_NOT_RECORDED = "done_not_recorded"
    CANNOT_BE_DONE = "cannot_be_done"


WORDS: Final[Mapping[Claim, str]] = {
    Claim.WRONG: "wrong",
    Claim.DONE_NOT_RECORDED: "already done, not recorded",
    Claim.CANNOT_BE_DONE: "cannot be done",
}


@dataclass(frozen=True, slots=True)
class Dispute:
    """What one person said of one exception. `noted`: a run has made it an event."""

    id: int
    rule_id: str
    item_ref: str
    claim: Claim
    author: str = field(repr=False)
    reason: str = field(repr=False)
    made_at: dt.datetime
    noted: bool = False

    @property
    def identity(self) -> Identity:
        """Which exception is disputed."""
        return self.rule_id, self.item_ref


def events_of(disputes: Iterable[Dispute], standings: Mapping[Identity, Standing]) -> list[Event]:
    """Return the events of the disputes that no run has noted yet, in the order they were made."""
    return [
        Event(
            *(about.rule_id, about.item_ref, about.about, about.incident_ref),
            kind=EventKind.DISPUTED,
            reason=dispute.claim,
            owner=about.owner_now,
        )
        for dispute in sorted(disputes, key=lambda each: each.id)
        if not dispute.noted
        for about in (standings[dispute.identity],)
    ]


def beside(disputes: Iterable[Dispute], standings: Mapping[Identity, Standing]) -> dict[Identity, Dispute]:
    """Return the last dispute of each open exception, one of an earlier life of it left out."""
    return {
        each.identity: each
        for each in sorted(disputes, key=lambda each: each.id)
        if (about := standings.get(each.identity)) and about.is_open and each.made_at >= about.opened_at
    }


def counted(disputes: Iterable[Dispute], became: Mapping[Identity, str]) -> dict[tuple[str, Claim], Counter[str]]:
    """Count the disputes by rule and claim, and by what `became` of the exception: "" while it is open."""
    counts: dict[tuple[str, Claim], Counter[str]] = {}
    for each in sorted(disputes, key=lambda each: (each.rule_id, each.claim)):
        counts.setdefault((each.rule_id, each.claim), Counter())[became[each.identity]] += 1
    return counts
