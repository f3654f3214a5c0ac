"""What was recorded after the event: milestones dated well before a run that did not see them (semantics §6). Pure.

A milestone is a time of an incident, an assessment or a referral. It was recorded after the event where the run that
first saw it came upon a time more than the tolerance before what the run before was known to: that run had the chance
to see it, and did not. Nobody is named by it: a late entry has many reasons, and most are honest.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from dacompliance.ledger.history import RecordSpell
from dacompliance.localtime import micros
from dacompliance.records.contract import Kind

SETS: Final = ("incidents", "assessments", "referrals")
_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sight:
    """What one run could see: to when each trusted record set was known (microseconds UTC), and the columns it kept.

    `records_from` is the first day of report it asked for, None where it did not say. Dates are of `zone`.
    """

    run: int
    known_to: Mapping[str, int]
    columns: Mapping[str, Mapping[str, Kind]]
    records_from: dt.date | None
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class Late:
    """A milestone recorded after the event: when it was first seen, of which record, and the time it bears.

    `known_before` is what the records of the run before were known to: by then it had happened and was not there. `at`
    is the start of its day where `dated`, a date without a time.
    """

    first_as_at: dt.datetime
    record_set: str
    key: str
    column: str
    at: dt.datetime
    dated: bool
    first_run: int
    known_before: dt.datetime


def recorded_after(
    spells: Iterable[RecordSpell], sights: Mapping[int, Sight], tolerance: dt.timedelta
) -> tuple[Late, ...]:
    """Return every milestone of these records that was recorded after the event, by when it was first seen.

    `spells` are all spells of each record, `sights` those of every run, by number. A time that replaces another is an
    edit and no milestone first seen; nor is one of a column that the run before did not keep, of an incident reported
    before it began to look, or of a record of which something was lawfully deleted. The first run has none before it.
    """
    found: list[Late] = []
    known, seen = list(spells), _Sights(sights)
    reported = dict(_reports(known))
    for record in _records(known):
        if all(spell.cells is not None for spell in record):
            found += _late(record, seen, tolerance, reported)
    return tuple(sorted(found))


def tally(found: Iterable[Late], first_run: int = 1) -> Counter[str]:
    """Count milestones recorded after the event and first seen in a run from `first_run` on, by column."""
    return Counter(each.column for each in found if each.first_run >= first_run)


def _records(spells: Iterable[RecordSpell]) -> Iterator[Sequence[RecordSpell]]:
    """Yield the spells of each record, in order of runs."""
    found: dict[tuple[str, str], list[RecordSpell]] = {}
    for spell in spells:
        if spell.record_set in SETS:
            found.setdefault((spell.record_set, spell.key), []).append(spell)
    for record in found.values():
        yield sorted(record, key=lambda spell: spell.first_run)


def _reports(spells: Iterable[RecordSpell]) -> Iterator[tuple[str, str]]:
    """Yield each incident and when it was reported, as it was last said."""
    for spell in spells:
        cells = spell.cells or {}
        if spell.record_set == "incidents" and cells.get("reported_at") is not None:
            yield spell.key, str(cells["reported_at"])


def _late(
    record: Sequence[RecordSpell], sights: _Sights, tolerance: dt.timedelta, reported: Mapping[str, str]
) -> Iterator[Late]:
    seen: set[str] = set()
    for spell in record:
        before = sights.before(spell.first_run, spell.record_set)
        now = sights.of(spell.first_run)
        for column, cell in (spell.cells or {}).items():
            kind = now.columns[spell.record_set].get(column) if now else None
            if column in seen or cell is None or kind is not Kind.INSTANT:
                continue
            seen.add(column)
            if (
                before is not None
                and column in before.columns[spell.record_set]
                and not _outside(spell, before, reported)
            ):
                yield from _if_late(spell, column, str(cell), before, tolerance)


def _if_late(spell: RecordSpell, column: str, cell: str, before: Sight, tolerance: dt.timedelta) -> Iterator[Late]:
    """Yield the milestone if its time, on every reading of it, is more than the tolerance before what was known."""
    at, dated = _read(cell, before.zone)
    known = before.known_to[spell.record_set]
    latest = _read(str(dt.date.fromisoformat(cell) + _DAY), before.zone)[0] if dated else at
    if micros(latest) < known - tolerance // dt.timedelta(microseconds=1):
        known_before = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=known)
        yield Late(spell.first_as_at, spell.record_set, spell.key, column, at, dated, spell.first_run, known_before)


class _Sights:
    """The sights of all runs, and of which runs each record set was trusted."""

    def __init__(self, sights: Mapping[int, Sight]) -> None:
        self._sights = sights
        self._trusted = {name: sorted(run for run in sights if name in sights[run].known_to) for name in SETS}

    def of(self, run: int) -> Sight | None:
        """Return what a run saw."""
        return self._sights.get(run)

    def before(self, run: int, record_set: str) -> Sight | None:
        """Return what the last run before `run` saw that trusted the record set, and so kept what it said."""
        trusted = self._trusted[record_set]
        place = bisect_left(trusted, run)
        return self._sights[trusted[place - 1]] if place else None


def _outside(spell: RecordSpell, before: Sight, reported: Mapping[str, str]) -> bool:
    """Say whether the run before did not ask for incidents as old as this record's."""
    incident = spell.key if spell.record_set == "incidents" else str((spell.cells or {}).get("incident_ref", ""))
    if before.records_from is None or incident not in reported:
        return False
    return _read(reported[incident], before.zone)[0].astimezone(before.zone).date() < before.records_from


def _read(cell: str, zone: ZoneInfo) -> tuple[dt.datetime, bool]:
    """Return a cell's time, and whether it is a date without one: then the start of its day."""
    if "T" in cell:
        return dt.datetime.fromisoformat(cell), False
    return dt.datetime.fromisoformat(cell).replace(tzinfo=zone).astimezone(dt.UTC), True
