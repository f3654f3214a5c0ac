"""The story's records: each recorded time where it stands, with when it was first seen, and what later changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from dacompliance.exceptions.words import day, instant, noun
from dacompliance.ledger.history import RecordSpell
from dacompliance.records.contract import RECORD_SETS
from dacompliance.reporting.story import Case, Entry, What

_GRADES: Final = {"submitted_at": "risk_grade", "signed_off_at": "final_grade"}
_SINGULAR: Final = {"incidents": "incident", "assessments": "assessment", "referrals": "referral"}


def record_entries(spells: Sequence[RecordSpell], zone: ZoneInfo) -> Iterator[Entry]:
    """Tell each record's times, each where it stands, and when a later copy first said something else."""
    before: dict[tuple[str, str], Mapping[str, Any]] = {}
    for spell in spells:
        who = f"{_SINGULAR.get(spell.record_set, spell.record_set)} {spell.key}"
        if spell.cells is None:
            yield Entry(spell.first_as_at, What.RECORDED, f"{who}: withheld since by lawful deletion")
            continue
        earlier = before.get((spell.record_set, spell.key), {})
        yield from _times(spell, earlier, who, zone)
        changed = sorted(name for name in {*spell.cells, *earlier} if spell.cells.get(name) != earlier.get(name))
        if earlier and changed:
            nouns = ", ".join(noun(name) for name in changed)
            yield Entry(spell.first_as_at, What.RECORDED, f"{who}: first seen changed: {nouns} (run {spell.first_run})")
        before[spell.record_set, spell.key] = spell.cells
    yield from _gone(spells)


def late_entries(case: Case, zone: ZoneInfo) -> Iterator[Entry]:
    """Tell which times a run first saw though the run before, which could have seen them, did not."""
    for each in case.late:
        who = f"{_SINGULAR[each.record_set]} {each.key}"
        happened = f"{noun(each.column)} of {day(each.at.astimezone(zone).date(), year=True)}"
        if not each.dated:
            happened = f"{noun(each.column)} of {instant(each.at, zone, year=True)}"
        known = f"the records of the run before were known to {instant(each.known_before, zone, year=True)}"
        words = f"{who}: {happened} recorded after the event: {known}, without it (first seen in run {each.first_run})"
        yield Entry(each.first_as_at, What.RECORDED, words)


def _gone(spells: Sequence[RecordSpell]) -> Iterator[Entry]:
    """Tell which records were no longer in the copy after a run, though they may have come back since."""
    begins = {(each.record_set, each.key, each.first_run) for each in spells}
    for each in spells:
        if each.last_run is None or each.last_as_at is None or (each.record_set, each.key, each.last_run + 1) in begins:
            continue
        who = f"{_SINGULAR.get(each.record_set, each.record_set)} {each.key}"
        yield Entry(each.last_as_at, What.RECORDED, f"{who}: last seen in the records (run {each.last_run})")


def _times(spell: RecordSpell, earlier: Mapping[str, Any], who: str, zone: ZoneInfo) -> Iterator[Entry]:
    cells = spell.cells or {}
    kinds = {spec.name: spec.kind for spec in RECORD_SETS[spell.record_set].columns}
    for name, cell in sorted(cells.items()):
        if name not in kinds or not kinds[name].is_time or earlier.get(name) == cell:
            continue
        seen = f"first seen {instant(spell.first_as_at, zone, year=True)}, run {spell.first_run}"
        if cell is None:
            yield Entry(spell.first_as_at, What.RECORDED, f"{who}: {noun(name)} cannot be read ({seen})")
            continue
        at, dated = _read(cell, zone)
        grade = cells.get(_GRADES.get(name, ""))
        words = (
            f"{who}: {noun(name)}" + (f", {grade} risk" if grade else "") + (", a date without a time" if dated else "")
        )
        yield Entry(at, What.RECORDED, f"{words} ({seen})")


def _read(cell: str, zone: ZoneInfo) -> tuple[dt.datetime, bool]:
    if "T" in cell:
        return dt.datetime.fromisoformat(cell), False
    return dt.datetime.fromisoformat(cell).replace(tzinfo=zone).astimezone(dt.UTC), True
