"""The story of a case, gathered from the ledger: for a terminal, and as a page. Writes nothing but the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa

from dacompliance.audit import late_entries as after_the_event
from dacompliance.audit.past import past_pack
from dacompliance.config import Settings
from dacompliance.errors import LedgerError, UsageError
from dacompliance.judging.items import World, build
from dacompliance.ledger import casework, disputes, history, mentions, runs, waivers
from dacompliance.ledger.database import reading
from dacompliance.ledger.history import VerdictSpell
from dacompliance.localtime import instant, micros
from dacompliance.policy.model import Pack, Version
from dacompliance.reporting.case_page import CasePage, write_case_page
from dacompliance.reporting.case_standing import standing_of
from dacompliance.reporting.story import Case, Clock, Entry, Spell, in_order, lines
from dacompliance.reporting.story_clocks import clock_entries, verdict_entries
from dacompliance.reporting.story_records import late_entries, record_entries
from dacompliance.reporting.story_told import decision_entries, event_entries, mail_entries


def entries(case: Case, zone: ZoneInfo) -> list[Entry]:
    """Return the whole story of a case, in order of time. Whatever more there is to tell is added here."""
    parts = (late_entries, clock_entries, verdict_entries, event_entries, decision_entries, mail_entries)
    told = [*record_entries(case.spells.records, zone), *(entry for part in parts for entry in part(case, zone))]
    return in_order(told)


def story_lines(settings: Settings, number: str) -> Iterator[str]:
    """Yield the story of an incident, or of each of an occurrence, in order of time.

    Raises UsageError when the ledger knows no such reference.
    """
    for case in cases_of(settings, number):
        yield from lines(case.reference, entries(case, settings.zone), settings.zone)


def story_page(settings: Settings, number: str, path: Path) -> Path:
    """Write the same story as one page that stands alone, and return its path.

    Raises UsageError when the ledger knows no such reference, or where the page cannot be written.
    """
    zone = settings.zone
    cases = cases_of(settings, number)
    page = CasePage(
        force=settings.force.name,
        marking=settings.force.marking,
        zone=zone,
        number=number,
        as_at=cases[0].as_at,
        cases=tuple((case.reference, standing_of(case), tuple(entries(case, zone))) for case in cases),
    )
    return write_case_page(path, page, settings.reports.templates)


def cases_of(settings: Settings, number: str) -> list[Case]:
    """Return all that the ledger knows of the incident, or the incidents of the occurrence, of that number."""
    with reading(settings.ledger.url.get_secret_value()) as connection:
        references = history.find_incidents(connection, number)
        if not references:
            raise UsageError("the ledger knows no incident or occurrence of that reference. Check the number.")
        last = runs.latest(connection)
        assert last is not None, "what is known of an incident was known to a run"
        tolerance = dt.timedelta(hours=settings.exceptions.recorded_after_hours)
        return [_case(connection, each, last, tolerance) for each in references]


def _case(connection: sa.Connection, reference: str, last: runs.Run, tolerance: dt.timedelta) -> Case:
    spells = history.items_story(connection, reference)
    return Case(
        reference=reference,
        as_at=last.as_at,
        spells=spells,
        clocks=_clocks(connection, reference, spells.verdicts),
        events=casework.events_of(connection, reference),
        mentions=mentions.mentions(connection, reference),
        waivers=waivers.of_incident(connection, reference),
        disputes=disputes.of_incident(connection, reference),
        late=after_the_event.of_incident(connection, reference, tolerance),
    )


def _clocks(connection: sa.Connection, reference: str, spells: tuple[VerdictSpell, ...]) -> dict[Spell, Clock]:
    """Return by what each spell was judged, from the rules and the records as its first run knew them."""
    found: dict[Spell, Clock] = {}
    packs: dict[tuple[str, ...], tuple[Pack, Mapping[str, Any]]] = {}
    for run_id in sorted({each.first_run for each in spells}):
        of_run = tuple(each.digest for each in runs.documents(connection, run_id))
        try:
            if of_run not in packs:
                packs[of_run] = past_pack(connection, run_id)
            pack, kept = packs[of_run]
            records = history.records_at(connection, run_id, reference)
        except LedgerError:  # a run that kept neither says only what it judged
            continue
        as_at = micros(runs.run(connection, run_id).as_at)
        world = build(records, as_at, ZoneInfo(kept["force"]["time_zone"]))
        for spell in spells:
            if spell.first_run == run_id and (clock := _clock(spell, pack, world)) is not None:
                found[spell.rule_id, spell.item_ref, run_id] = clock
    return found


def _clock(spell: VerdictSpell, pack: Pack, world: World) -> Clock | None:
    rule = pack.rule(spell.rule_id)
    version = next((each for each in rule.versions if str(each.in_force_from) == spell.version), None) if rule else None
    if rule is None or version is None:
        return None
    return Clock(rule, version, *_start(spell, version, world))


def _start(spell: VerdictSpell, version: Version, world: World) -> tuple[Any, bool]:
    """Return when the clock of an item started, as it was known then, and whether that is a date without a time."""
    if version.deadline is None or spell.about not in ("incident", "assessment", "referral"):
        return None, False
    items = world.items(spell.about)  # type: ignore[arg-type]
    rows = np.flatnonzero(items.keys == spell.item_ref)
    column = items.column(version.deadline.start)
    if not len(rows) or not column.present[rows[0]]:
        return None, False
    return instant(int(column.values[rows[0]])), bool(column.days[rows[0]])
