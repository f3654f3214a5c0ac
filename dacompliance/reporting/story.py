"""One incident as a story in order of time: what was recorded and seen, every clock, verdict, event and e-mail.

The story is a list of dated entries, each made by one function from one part of what the ledger knows; whoever has more
to tell adds such a function to `entries`. Only references, times, grades and our own words are told, and what people
wrote when they waived or disputed; no other cell of a record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

from dacompliance.audit.after_event import Late
from dacompliance.exceptions.disputes import Dispute
from dacompliance.exceptions.waivers import Waiver
from dacompliance.exceptions.words import instant
from dacompliance.ledger.casework import PastEvent
from dacompliance.ledger.history import Story
from dacompliance.ledger.mentions import Mention
from dacompliance.policy.model import Rule, Version


class What(IntEnum):
    """What an entry tells of. Of one instant, the world stands before the clock, and the clock before the monitor."""

    RECORDED = 0
    CLOCK = 1
    VERDICT = 2
    EXCEPTION = 3
    SAID = 4
    MAIL = 5


WORDS: Final = {
    What.RECORDED: "recorded",
    What.CLOCK: "clock",
    What.VERDICT: "verdict",
    What.EXCEPTION: "exception",
    What.SAID: "decision",
    What.MAIL: "e-mail",
}


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One entry of a story: when it happened, what it tells of, and in which words."""

    at: dt.datetime
    what: What
    words: str


@dataclass(frozen=True, slots=True)
class Clock:
    """What a verdict spell was judged by: the rule and version of its first run, and when the clock of it started.

    `start_at` is None without a deadline or a readable start; `dated` says that the start is a date without a time.
    """

    rule: Rule
    version: Version
    start_at: dt.datetime | None = None
    dated: bool = False


Spell = tuple[str, str, int]
"""Which verdict spell: rule, item and first run."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that the ledger knows of one incident and its children, up to the last run as at `as_at`.

    `clocks` is by spell; one whose run did not keep its rules is not in it. `late` was recorded after the event.
    """

    reference: str
    as_at: dt.datetime
    spells: Story
    clocks: dict[Spell, Clock]
    events: tuple[PastEvent, ...] = ()
    mentions: tuple[Mention, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    late: tuple[Late, ...] = ()


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return each entry once, the earliest first."""
    return sorted(set(entries))


def lines(reference: str, entries: Iterable[Entry], zone: ZoneInfo) -> Iterator[str]:
    """Yield the story as lines of a terminal, in the local time of `zone`."""
    yield f"Incident {reference}"
    for each in in_order(entries):
        yield f"  {instant(each.at, zone, year=True):<21} {WORDS[each.what]:<10} {each.words}"
