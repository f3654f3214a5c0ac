"""What a run changes and whom it tells, from what it judged and how the ledger stands. Pure assembly of pure parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dacompliance.before import Before
from dacompliance.config import Readers
from dacompliance.exceptions import lifecycle, routing, tasks
from dacompliance.exceptions.model import Event, EventKind, Identity
from dacompliance.judging.checking import Checked
from dacompliance.judging.deadlines import day_number
from dacompliance.judging.details import details
from dacompliance.ledger.tables import instant
from dacompliance.policy.model import Pack
from dacompliance.records.contract import Finding
from dacompliance.records.table import Records

ITEM_SETS = {"incident": "incidents", "assessment": "assessments", "referral": "referrals"}


@dataclass(frozen=True, slots=True, eq=False)
class Reconciled:
    """What the run changes: events, what each open exception was judged by, and each reader's list."""

    events: list[Event]
    judged_by: Mapping[Identity, str]
    directory: routing.Directory
    lists: Mapping[str, tasks.ReaderList]


def reconcile_run(
    checked: Checked,
    records: Records,
    pack: Pack,
    before: Before,
    readers: Readers,
    chase_from: dt.date,
    due_by: dt.datetime,
) -> Reconciled:
    """Return what a run changes and what each reader should be told of it; `due_by` is when the next list comes."""
    world, as_at = checked.world, instant(checked.world.as_at)
    directory = routing.directory(records.staff, _mailboxes(readers), world.as_at, world.zone)
    owners = routing.owners(routing.router(directory, pack.rules, _places(checked)))
    verdicts = checked.frame()
    situation = lifecycle.Situation(
        standings=before.standings,
        verdicts=verdicts,
        rules={rule.id: lifecycle.RuleState(rule.chase, checked.status[rule.id].state) for rule in pack.rules},
        seen=_seen(records),
        judged_by_before=before.judged_by,
        judged_by_now=judged_by_now(pack),
        owners=owners,
        backlog=frozenset(world.incidents.keys[world.incidents.reported_day < day_number(chase_from)]),
    )
    events = lifecycle.reconcile(situation)
    standings = lifecycle.after(situation, events, as_at)
    closings = [*before.closings, *((as_at, event) for event in events if event.kind is EventKind.CLOSED)]
    morning = tasks.Morning(
        due_by=due_by,
        standings=standings,
        verdicts=verdicts if before.stood.empty else pd.concat([verdicts, before.stood], ignore_index=True),
        details=details(world, pack.rules),
        rules=pack.rules,
        states=situation.rules,
        owners=owners,
        directory=directory,
        last_told=before.told,
        closings=closings,
        backlog=situation.backlog,
    )
    return Reconciled(events, lifecycle.judged_by(situation, standings), directory, tasks.lists(morning))


def judged_by_now(pack: Pack) -> dict[tuple[str, str], str]:
    """Return the digest of each rule version with its calendar, by rule and date."""
    return {
        (rule.id, str(version.in_force_from)): digest
        for rule in pack.rules
        for version, digest in zip(rule.versions, rule.digests, strict=True)
    }


def _mailboxes(readers: Readers) -> routing.Mailboxes:
    return routing.Mailboxes(readers.unit, readers.fallback, readers.data_quality, readers.operator, readers.teams)


def _places(checked: Checked) -> Mapping[str, routing.Place]:
    items = checked.world.incidents
    team, supervisor, officer = (items.column(name).text() for name in ("team", "supervisor_id", "officer_id"))
    return routing.places(items.keys, team, supervisor, officer)


def _seen(records: Records) -> dict[str, lifecycle.Seen]:
    findings = records.findings
    aside = findings[np.array([Finding(word).sets_aside for word in findings["finding"]], dtype=bool)]
    return {
        about: lifecycle.Seen(
            frozenset(records.table(name).keys), frozenset(aside.loc[aside["record_set"] == name, "key"])
        )
        for about, name in ITEM_SETS.items()
    }
