"""Waivers: exceptions that someone has decided not to chase until a day. Pure: what stands, and what ends it.

A waiver hides nothing: the exception stays open, is counted, and still counts as not compliant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from dacompliance.exceptions.model import Event, EventKind, Identity, Standing


class Ending(StrEnum):
    """What ended a waiver: a person, its last day, or the exception itself, which closed or came to be overdue."""

    ENDED = "ended"
    EXPIRED = "expired"
    CLOSED = "closed"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True)
class Waiver:
    """One exception not chased up to 24:00 local of `last_day`; `noted` and `end_noted`: a run has made it an event."""

    id: int
    rule_id: str
    item_ref: str
    author: str = field(repr=False)
    reason: str = field(repr=False)
    made_at: dt.datetime
    last_day: dt.date
    noted: bool = False
    ended_at: dt.datetime | None = None
    ended_by: str = field(default="", repr=False)
    ending: Ending | None = None
    end_noted: bool = False

    @property
    def identity(self) -> Identity:
        """Which exception is waived."""
        return self.rule_id, self.item_ref


@dataclass(frozen=True, slots=True)
class Noted:
    """What a run makes of the waivers: their events, the ids whose beginning or end it notes, and what stays waived."""

    events: tuple[Event, ...] = ()
    begun: tuple[int, ...] = ()
    ended: Mapping[int, Ending] = field(default_factory=dict)
    standing: AbstractSet[Identity] = frozenset()


def expires(last_day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the instant a waiver expires: 24:00 local of its last day."""
    return dt.datetime.combine(last_day + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)


def note(
    waivers: Iterable[Waiver],
    standings: Mapping[Identity, Standing],
    turned: Collection[Identity],
    now: dt.datetime,
    zone: ZoneInfo,
) -> Noted:
    """Return what a run at `now` makes of the waivers that stand, or of which something is not noted yet.

    `standings` are those after the run; `turned` are the exceptions that went from undetermined to breached. The clock
    is that of the reader, not the as-at of the records: whoever reads the list on the day after the last one is chased.
    """
    events: list[Event] = []
    ended: dict[int, Ending] = {}
    standing: set[Identity] = set()
    found = sorted(waivers, key=lambda each: each.id)
    for waiver in found:
        about = standings[waiver.identity]
        if not waiver.noted:
            events.append(_event(about, EventKind.WAIVED, waiver.last_day.isoformat()))
        ending = waiver.ending or _ending(waiver, about, turned, now, zone)
        if ending is None:
            standing.add(waiver.identity)
        elif not waiver.end_noted:
            events.append(_event(about, EventKind.WAIVER_ENDED, ending))
            ended[waiver.id] = ending
    begun = tuple(waiver.id for waiver in found if not waiver.noted)
    return Noted(tuple(events), begun, ended, frozenset(standing))


def _ending(
    waiver: Waiver, about: Standing, turned: Collection[Identity], now: dt.datetime, zone: ZoneInfo
) -> Ending | None:
    """Return why a waiver that stood ends in this run, the first that fits, or None when it goes on."""
    if not about.is_open:
        return Ending.CLOSED
    if waiver.identity in turned:
        return Ending.BREACHED
    return Ending.EXPIRED if now >= expires(waiver.last_day, zone) else None


def _event(about: Standing, kind: EventKind, reason: str) -> Event:
    rule_id, item_ref = about.identity
    return Event(rule_id, item_ref, about.about, about.incident_ref, kind, reason, owner=about.owner_now)
