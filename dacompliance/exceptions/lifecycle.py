"""What a run changes in the exceptions: the table of semantics §6, first line that fits.

Knows standings, verdicts and what became of the rules and rows; never the ledger, the clock or a record's values.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

import pandas as pd

from dacompliance.exceptions.model import Closing, Event, EventKind, Identity, Standing

Status = Literal["checked", "switched_off", "not_checked"]

OPEN_OUTCOMES: Final = frozenset({"breached", "undetermined"})
_CLOSED_BY: Final[Mapping[str, Closing]] = {"met": Closing.DONE, "late": Closing.DONE, "pending": Closing.NOT_DUE}


@dataclass(frozen=True, slots=True)
class RuleState:
    """What became of a rule of the pack in this run. A rule that is gone from the pack has no state.

    `switched_off`: it rests on a column that is not mapped. `not_checked`: a gate failed, or it is held.
    """

    chase: bool
    status: Status = "checked"


@dataclass(frozen=True, slots=True)
class Seen:
    """The references of one record set that this run found in the source, and those set aside or unmatched."""

    present: AbstractSet[str]
    set_aside: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """Everything a checked run knows when it reconciles.

    `standings` holds every exception ever opened, closed ones too. `verdicts` is the verdict frame of the rules checked
    in this run, one row a rule and item. `seen` is by `about`: incident, assessment, referral. `judged_by_before` is
    the digest of version and calendar each open exception was last judged by; `judged_by_now` that of each
    (rule_id, version) of this run. `owners` gives the reader key for a rule_id and an incident_ref, "" when it cannot
    tell. `backlog` are the incidents reported before `chase_from`.
    """

    standings: Mapping[Identity, Standing]
    verdicts: pd.DataFrame
    rules: Mapping[str, RuleState]
    seen: Mapping[str, Seen]
    judged_by_before: Mapping[Identity, str]
    judged_by_now: Mapping[tuple[str, str], str]
    owners: Callable[[str, str], str]
    backlog: AbstractSet[str] = frozenset()


class _Judged(NamedTuple):
    """One row of the verdict frame, as far as an exception needs it."""

    rule_id: str
    version: str
    about: str
    item_ref: str
    incident_ref: str
    outcome: str
    reason: str


def reconcile(situation: Situation) -> list[Event]:
    """Return what this run changes, in order of rule, then item, by code point; at most one event an exception.

    Whoever calls has made sure that the run's as-at is not earlier than the last checked run's. Applying the events
    with `after` and reconciling again over the same verdicts returns nothing.
    """
    judged = _judged(situation)
    changes = [
        _change_of_open(standing, judged.get(identity), situation)
        for identity, standing in situation.standings.items()
        if standing.is_open
    ]
    openings = [
        _opening(row, situation)
        for identity, row in judged.items()
        if _opens(row, situation) and not _is_open(identity, situation)
    ]
    return sorted([*filter(None, changes), *openings], key=lambda event: event.identity)


def after(situation: Situation, events: Iterable[Event], as_at: dt.datetime) -> dict[Identity, Standing]:
    """Return the standings as they are once the events of a run as at `as_at` have happened.

    A suspension lasts until a run checks its rule again: that alone lifts it, and it needs no event, for the runs keep
    which rules they checked.
    """
    standings = dict(situation.standings)
    for event in events:
        standings[event.identity] = _standing_after(standings.get(event.identity), event, as_at)
    checked = {rule_id for rule_id, state in situation.rules.items() if state.status == "checked"}
    return {
        identity: replace(standing, suspended=False) if standing.suspended and standing.rule_id in checked else standing
        for identity, standing in standings.items()
    }


def judged_by(situation: Situation, standings: Mapping[Identity, Standing]) -> dict[Identity, str]:
    """Return what each open exception of `standings` was last judged by: this run's digest, else the one before.

    The result is the next run's `judged_by_before`.
    """
    judged = _judged(replace(situation, standings=standings))
    digests = {}
    for identity, standing in standings.items():
        if standing.is_open:
            row = judged.get(identity)
            digests[identity] = _digest_now(row, situation) if row else situation.judged_by_before.get(identity, "")
    return digests


def _judged(situation: Situation) -> dict[Identity, _Judged]:
    """Keep the verdicts that matter: of chased, checked rules, and open now or about an item with an open exception.

    What is open in the backlog opens nothing.
    """
    frame = situation.verdicts
    rules = [rule_id for rule_id, state in situation.rules.items() if state.chase and state.status == "checked"]
    items = {standing.item_ref for standing in situation.standings.values() if standing.is_open}
    opens = frame["outcome"].isin(OPEN_OUTCOMES) & ~frame["incident_ref"].isin(situation.backlog)
    matters = opens | frame["item_ref"].isin(items)
    kept = frame.loc[frame["rule_id"].isin(rules) & matters, list(_Judged._fields)]
    rows = map(_Judged._make, zip(*(kept[name].to_numpy(dtype=object) for name in kept.columns), strict=True))
    return {(row.rule_id, row.item_ref): row for row in rows}


def _is_open(identity: Identity, situation: Situation) -> bool:
    standing = situation.standings.get(identity)
    return standing is not None and standing.is_open


def _opens(row: _Judged, situation: Situation) -> bool:
    return row.outcome in OPEN_OUTCOMES and row.incident_ref not in situation.backlog


def _opening(row: _Judged, situation: Situation) -> Event:
    before = situation.standings.get((row.rule_id, row.item_ref))
    kind = EventKind.OPENED if before is None else EventKind.REOPENED
    count = 0 if before is None else before.times_reopened + 1
    owner = situation.owners(row.rule_id, row.incident_ref)
    return Event(row.rule_id, row.item_ref, row.about, row.incident_ref, kind, count=count, owner=owner)


def _change_of_open(standing: Standing, row: _Judged | None, situation: Situation) -> Event | None:
    """Return what happens to an open exception, or None when it stays as it was."""
    state = situation.rules.get(standing.rule_id)
    if state is None or not state.chase:
        return _event(standing, EventKind.CLOSED, Closing.RULE_REMOVED)
    if state.status == "switched_off":
        return None if standing.suspended else _event(standing, EventKind.SUSPENDED)
    if state.status == "not_checked":
        return None
    closing = _closing(standing, row, situation)
    if closing is not None:
        return _event(standing, EventKind.CLOSED, closing)
    incident_ref = row.incident_ref if row else standing.incident_ref
    return _owner_change(replace(standing, incident_ref=incident_ref), situation)


def _closing(standing: Standing, row: _Judged | None, situation: Situation) -> Closing | None:
    """Return why an open exception of a checked rule closes, or None when it stays open."""
    # A rule that now judges another kind of item says nothing about this one, even if a reference is the same.
    if row is None or row.about != standing.about:
        return _closing_without_verdict(standing, situation.seen[standing.about])
    if row.outcome in OPEN_OUTCOMES:
        return None
    # An exception whose last digest is not known is taken to have been judged by another: it is not called done.
    if situation.judged_by_before.get(standing.identity) != _digest_now(row, situation):
        return Closing.RULE_CHANGED
    if row.outcome == "not_applicable":
        return Closing.EXCLUDED if row.reason == "excluded" else Closing.NO_LONGER_APPLIES
    return _CLOSED_BY[row.outcome]


def _closing_without_verdict(standing: Standing, seen: Seen) -> Closing | None:
    if standing.item_ref in seen.set_aside:
        return None
    if standing.item_ref not in seen.present:
        return Closing.WITHDRAWN
    return Closing.NO_LONGER_APPLIES


def _digest_now(row: _Judged, situation: Situation) -> str:
    """Return the digest a row was judged by; "" where no version is in force, which is no version's digest."""
    return situation.judged_by_now[row.rule_id, row.version] if row.version else ""


def _owner_change(standing: Standing, situation: Situation) -> Event | None:
    owner = situation.owners(standing.rule_id, standing.incident_ref)
    if not owner or owner == standing.owner_now:
        return None
    return replace(_event(standing, EventKind.OWNER_CHANGED, standing.owner_now), owner=owner)


def _event(standing: Standing, kind: EventKind, reason: str = "") -> Event:
    rule_id, item_ref = standing.identity
    return Event(rule_id, item_ref, standing.about, standing.incident_ref, kind, reason, owner=standing.owner_now)


def _standing_after(standing: Standing | None, event: Event, as_at: dt.datetime) -> Standing:
    if event.kind in (EventKind.OPENED, EventKind.REOPENED):
        return Standing(
            *(event.rule_id, event.item_ref, event.about, event.incident_ref),
            is_open=True,
            suspended=False,
            times_reopened=event.count,
            opened_at=as_at,
            owner_then=event.owner,
            owner_now=event.owner,
        )
    if standing is None:
        raise ValueError(f"{event.kind} of {event.rule_id} about {event.item_ref}, which was never opened")
    if event.kind is EventKind.CLOSED:
        return replace(standing, is_open=False, suspended=False)
    if event.kind is EventKind.SUSPENDED:
        return replace(standing, suspended=True)
    if event.kind is EventKind.OWNER_CHANGED:
        return replace(standing, incident_ref=event.incident_ref, owner_now=event.owner)
    return standing
