"""One incident as a story in order of time: what was recorded and when we first saw it, verdicts and events. Pure.

Only references, times, grades and our own words are told; no other cell of a record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from dacompliance.exceptions.model import Closing, EventKind
from dacompliance.exceptions.words import closing, deadline, instant, noun, outcome, reasons
from dacompliance.ledger.casework import PastEvent
from dacompliance.ledger.history import RecordSpell, Story, VerdictSpell
from dacompliance.records.contract import RECORD_SETS

_GRADES: Final = {"submitted_at": "risk_grade", "signed_off_at": "final_grade"}
_SINGULAR: Final = {"incidents": "incident", "assessments": "assessment", "referrals": "referral"}


@dataclass(frozen=True, slots=True, order=True)
class _Line:
    """A line of the story at its time; of one time, records stand before verdicts, and verdicts before events."""

    at: dt.datetime
    rank: int
    words: str


def story(reference: str, spells: Story, events: Sequence[PastEvent], zone: ZoneInfo) -> Iterator[str]:
    """Yield the lines of an incident's story, the earliest first, in the local time of `zone`."""
    lines = [
        *_records(spells.records, zone),
        *(line for spell in spells.verdicts for line in _verdict(spell, zone)),
        *(_Line(each.as_at, 2, _event(each)) for each in events),
    ]
    yield f"Incident {reference}"
    for line in sorted(lines):
        yield f"  {instant(line.at, zone, year=True):<21} {line.words}"


def _records(spells: Sequence[RecordSpell], zone: ZoneInfo) -> Iterator[_Line]:
    """Tell each record's times, each where it stands, and when a later copy first said something else."""
    before: dict[tuple[str, str], Mapping[str, Any]] = {}
    for spell in spells:
        who = f"{_SINGULAR.get(spell.record_set, spell.record_set)} {spell.key}"
        if spell.cells is None:
            yield _Line(spell.first_as_at, 0, f"{who}: withheld since by lawful deletion")
            continue
        earlier = before.get((spell.record_set, spell.key), {})
        yield from _times(spell, earlier, who, zone)
        changed = sorted(name for name in {*spell.cells, *earlier} if spell.cells.get(name) != earlier.get(name))
        if earlier and changed:
            yield _Line(spell.first_as_at, 0, f"{who}: first seen changed: {', '.join(noun(name) for name in changed)}")
        before[spell.record_set, spell.key] = spell.cells
        if spell.last_as_at is not None:
            yield _Line(spell.last_as_at, 1, f"{who}: last seen like this")


def _times(spell: RecordSpell, earlier: Mapping[str, Any], who: str, zone: ZoneInfo) -> Iterator[_Line]:
    cells = spell.cells or {}
    kinds = {spec.name: spec.kind for spec in RECORD_SETS[spell.record_set].columns}
    for name, cell in sorted(cells.items()):
        if name not in kinds or not kinds[name].is_time or earlier.get(name) == cell:
            continue
        seen = f"first seen {instant(spell.first_as_at, zone)}"
        if cell is None:
            yield _Line(spell.first_as_at, 0, f"{who}: {noun(name)} cannot be read ({seen})")
            continue
        at, dated = _read(cell, zone)
        grade = cells.get(_GRADES.get(name, ""))
        words = (
            f"{who}: {noun(name)}" + (f", {grade} risk" if grade else "") + (", a date without a time" if dated else "")
        )
        yield _Line(at, 0, f"{words} ({seen})")


def _read(cell: str, zone: ZoneInfo) -> tuple[dt.datetime, bool]:
    if "T" in cell:
        return dt.datetime.fromisoformat(cell), False
    return dt.datetime.fromisoformat(cell).replace(tzinfo=zone).astimezone(dt.UTC), True


def _verdict(spell: VerdictSpell, zone: ZoneInfo) -> Iterator[_Line]:
    about = f"{spell.rule_id} of {spell.about} {spell.item_ref}"
    words = f"{about}: {outcome(spell.outcome)}"
    if spell.due_at is not None:
        words += f", due {deadline(spell.due_at, zone)}"
    if spell.done_at is not None:
        words += f", done {instant(spell.done_at, zone)}"
    if spell.reason and spell.done_at is not None:  # by `early`: both are known
        words += "; done before it began, which this rule cannot judge"
    elif spell.reason:
        words += f"; not known: {', '.join(reasons(spell.reason))}"
    yield _Line(spell.first_as_at, 1, f"{words} (run {spell.first_run}, version {spell.version})")


def _event(past: PastEvent) -> str:
    event = past.event
    words = f"{event.rule_id} of {event.about} {event.item_ref}: exception {event.kind.value.replace('_', ' ')}"
    if event.kind is EventKind.CLOSED:
        words += f": {closing(Closing(event.reason))}"
    if event.kind is EventKind.REOPENED:
        words += f" (time {event.count})"
    if event.owner:
        words += f", {event.owner}"
    return f"{words} (run {past.run_id})"
