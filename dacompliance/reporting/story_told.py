"""The story's other side: what became of the exceptions, what people decided about them, and who was told."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from dacompliance.exceptions.disputes import WORDS as CLAIMS
from dacompliance.exceptions.disputes import Claim
from dacompliance.exceptions.model import Closing, EventKind
from dacompliance.exceptions.routing import role
from dacompliance.exceptions.waivers import Ending
from dacompliance.exceptions.words import closing, day, instant
from dacompliance.ledger.casework import PastEvent
from dacompliance.ledger.mentions import Mention
from dacompliance.reporting.story import Case, Entry, What

_KINDS: Final = {
    "digest": "the daily list",
    "nothing_to_do": "nothing to do",
    "could_not_check": "could not check",
    "stale": "the records are stale",
    "unseen": "what falls due unseen",
}
_SECTIONS: Final = {
    "do": "do today",
    "due_soon": "due before the next list",
    "cannot_judge": "cannot be judged",
    "escalated": "escalated",
    "oversight": "oversight",
    "closed": "closed",
    "unseen": "due unseen",
}
_STATES: Final = {
    "pending": "waiting to be sent",
    "claimed": "being sent",
    "handed_over": "handed over",
    "written": "written to a file, mail being off",
    "refused": "refused for good",
    "dead": "given up",
}
_ENDINGS: Final = {
    Ending.ENDED: "ended",
    Ending.EXPIRED: "over: its last day has passed",
    Ending.CLOSED: "over: the exception closed",
    Ending.BREACHED: "over: what could not be judged turned out to be overdue",
}


def event_entries(case: Case, _zone: ZoneInfo) -> Iterator[Entry]:
    """Tell what happened to the exceptions, in which run."""
    for past in case.events:
        yield Entry(past.as_at, What.EXCEPTION, _event(past))


def _event(past: PastEvent) -> str:
    event = past.event
    words = f"{event.rule_id} of {event.about} {event.item_ref}: exception {event.kind.value.replace('_', ' ')}"
    owner = role(event.owner) if event.owner else ""
    match event.kind:
        case EventKind.OPENED:
            words += f", for the {owner}" if owner else ""
        case EventKind.REOPENED:
            words += f" (time {event.count})" + (f", for the {owner}" if owner else "")
        case EventKind.CLOSED:
            words += f": {closing(Closing(event.reason))}"
        case EventKind.OWNER_CHANGED:
            words += f", from the {role(event.reason)} to the {owner}"
        case EventKind.WAIVED:
            words += f" to the end of {day(dt.date.fromisoformat(event.reason), year=True)}"
        case EventKind.WAIVER_ENDED:
            words += f": {_ENDINGS[Ending(event.reason)]}"
        case EventKind.DISPUTED:
            words += f": {CLAIMS[Claim(event.reason)]}"
        case EventKind.SUSPENDED:
            words += ": its rule is switched off"
    return f"{words} (run {past.run_id})"


def decision_entries(case: Case, _zone: ZoneInfo) -> Iterator[Entry]:
    """Tell who waived and who disputed what, why and until when, and who ended a waiver."""
    for waiver in case.waivers:
        of = f"{waiver.rule_id} of {waiver.item_ref}"
        until = day(waiver.last_day, year=True)
        yield Entry(
            waiver.made_at, What.SAID, f"{of}: waived to the end of {until} by {waiver.author}: {waiver.reason}"
        )
        if waiver.ended_at is not None and waiver.ending is Ending.ENDED:
            yield Entry(waiver.ended_at, What.SAID, f"{of}: waiver ended by {waiver.ended_by}")
    for dispute in case.disputes:
        words = f"disputed by {dispute.author}, {CLAIMS[dispute.claim]}: {dispute.reason}"
        yield Entry(dispute.made_at, What.SAID, f"{dispute.rule_id} of {dispute.item_ref}: {words}")


def mail_entries(case: Case, zone: ZoneInfo) -> Iterator[Entry]:
    """Tell each e-mail that had a row for the case: which kind, to whom, under which heading, and what became of it."""
    notices: dict[tuple[str, str, dt.datetime, str, str, dt.datetime], list[Mention]] = defaultdict(list)
    for each in case.mentions:
        notices[each.reader_key, each.kind, each.made_at, each.state, each.mode, each.changed_at].append(each)
    for (reader, kind, made_at, state, mode, changed_at), listed in notices.items():
        rows = "; ".join(
            f"{each.rule_id} of {each.item_ref} under {_SECTIONS.get(each.section, each.section)}"
            for each in sorted({mention.listed for mention in listed})
        )
        became = _STATES.get(state, state) + (", to the reviewer of a rehearsal" if mode == "shadow" else "")
        yield Entry(
            made_at,
            What.MAIL,
            f"{_KINDS.get(kind, kind)}, to the {role(reader)}: {rows}; {became} {instant(changed_at, zone, year=True)}",
        )
