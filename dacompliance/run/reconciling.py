"""What a run changes and whom it tells, from what it judged and how the ledger stands. Pure assembly of pure parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dacompliance.config import Readers, Settings
from dacompliance.exceptions import disputes, holds, lifecycle, routing, waivers
from dacompliance.exceptions.model import Event, EventKind, Identity, Standing
from dacompliance.exceptions.morning import Came, Morning
from dacompliance.judging.deadlines import day_number
from dacompliance.localtime import instant
from dacompliance.policy.model import Pack
from dacompliance.records.contract import Finding
from dacompliance.records.parts import Pulled
from dacompliance.run.before import Before
from dacompliance.run.judging import Judging
from dacompliance.run.looking_up import look_up
from dacompliance.run.survey import ITEM_SETS, Survey, Watched


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """What a run changes. `survey` is what it found, without the rules it holds; `standings` are those after it."""

    survey: Survey
    situation: lifecycle.Situation
    events: list[Event]
    standings: Mapping[Identity, Standing]
    held: Mapping[str, holds.Surge]
    waivers: waivers.Noted
    disputes: tuple[disputes.Dispute, ...]
    directory: routing.Directory
    routed: routing.Router

    @property
    def judged_by(self) -> Mapping[Identity, str]:
        """What each open exception is judged by from now on."""
        return lifecycle.judged_by(self.situation, self.standings)

    @property
    def unchecked(self) -> frozenset[str]:
        """The rules whose verdicts and exceptions stay as they were, because of a gate or a surge."""
        return frozenset(rule for rule, each in self.situation.rules.items() if each.status == "not_checked")

    def counts(self) -> dict[str, int]:
        """Return what a run should say of its exceptions beside its events, by name."""
        owners = routing.tally(self.standings.values(), self.routed)
        open_now = {each.identity for each in self.standings.values() if each.is_open}
        return {
            "open": len(open_now),
            "waived": len(self.waivers.standing),
            "suspended": sum(each.suspended for each in self.standings.values() if each.is_open),
            "disputed": len(disputes.beside(self.disputes, self.standings)),
            "backlog": self._backlog(open_now),
            "owners_fallback": owners[routing.By.FALLBACK],
            "owners_unit_instead": owners[routing.By.UNIT_INSTEAD],
            "held": len(self.held),
        }

    def _backlog(self, open_now: AbstractSet[Identity]) -> int:
        """Return how many verdicts would be chased, were their incidents not too old; those that are open are."""
        chased = [rule for rule, each in self.situation.rules.items() if each.chase and each.status == "checked"]
        verdicts = self.situation.verdicts
        found = verdicts["outcome"].isin(lifecycle.OPEN_OUTCOMES) & verdicts["rule_id"].isin(chased)
        old = verdicts[found & verdicts["incident_ref"].isin(self.situation.backlog)]
        watched = set(zip(old["rule_id"], old["item_ref"], strict=True))
        return len(watched - open_now) + sum(self.survey.ruled[rule].old for rule in chased)


def watched_by(before: Before) -> Watched:
    """Return what a run must hear of, whatever is said of it: all that is open, closed since a list, or waived."""
    standing = [each for each in before.standings.values() if each.is_open]
    items = {each.item_ref for each in standing} | {event.item_ref for _, event in before.closings}
    items |= {item_ref for _, item_ref in before.said}
    return Watched(frozenset(items), frozenset(each.incident_ref for each in standing))


def change(survey: Survey, pulled: Pulled, pack: Pack, before: Before, settings: Settings, now: dt.datetime) -> Changed:
    """Return what a run changes in the exceptions; a rule that would change too much at once is held: not checked."""
    directory = routing.directory(pulled.staff, _mailboxes(settings.readers), survey.as_at, survey.zone)
    routed = routing.router(directory, pack.rules, survey.places)
    seen = _seen(survey, pulled.findings)

    def situation_of(found: Survey, surging: Mapping[str, holds.Surge]) -> lifecycle.Situation:
        return lifecycle.Situation(
            standings=before.standings,
            verdicts=found.verdicts,
            rules=_states(found, pack, surging),
            seen=seen,
            judged_by_before=before.judged_by,
            judged_by_now=judged_by_now(pack),
            owners=routing.owners(routed),
            backlog=survey.old,
        )

    situation = situation_of(survey, {})
    events = lifecycle.reconcile(situation)
    limits = holds.Limits(settings.exceptions.hold_number, settings.exceptions.hold_share)
    held = holds.surges(events, before.standings, limits, before.accepted)
    if held:
        words = {rule_id: surge.words for rule_id, surge in held.items()}
        survey = survey.hold(words, settings.rules.completion_rule)
        situation = situation_of(survey, held)
        events = lifecycle.reconcile(situation)
    standings = lifecycle.after(situation, events, instant(survey.as_at))
    noted = waivers.note(before.waivers, standings, _turned(before, situation), now, survey.zone)
    return Changed(
        survey=survey,
        situation=situation,
        events=_in_order(disputes.events_of(before.disputes, standings), noted.events, events),
        standings=standings,
        held=held,
        waivers=noted,
        disputes=tuple(before.disputes),
        directory=directory,
        routed=routed,
    )


def morning_of(
    changed: Changed,
    before: Before,
    stood: pd.DataFrame,
    judging: Judging,
    settings: Settings,
    due_by: dt.datetime,
) -> Morning:
    """Return all a run knows when it says what each reader should be told.

    `stood` are the last verdicts of the rules it does not check; `due_by` is when the next list comes.
    """
    situation, pack = changed.situation, judging.pack
    closed = [(before.run, event) for event in changed.events if event.kind is EventKind.CLOSED]
    listed = _listed(changed, before)
    verdicts = situation.verdicts[situation.verdicts["item_ref"].isin(listed)]
    shown = look_up(judging, changed.survey, verdicts, stood, listed, day_number(settings.chase_from))
    after_days = settings.exceptions.escalate_after_days
    return Morning(
        run=before.run,
        as_at=instant(changed.survey.as_at),
        due_by=due_by,
        standings=changed.standings,
        verdicts=verdicts if stood.empty else pd.concat([verdicts, stood], ignore_index=True),
        details=shown.details,
        failing=shown.failing,
        rules=pack.rules,
        states=situation.rules,
        owners=situation.owners,
        directory=changed.directory,
        last_told=before.told,
        came=_came(before, changed),
        closings=[*before.closings, *closed],
        backlog=situation.backlog | shown.old,
        waived=changed.waivers.standing,
        disputes=disputes.beside(changed.disputes, changed.standings),
        escalate_after={severity: dt.timedelta(days=days) for severity, days in after_days.items()},
    )


def _listed(changed: Changed, before: Before) -> set[str]:
    """Return the items that a list may speak of: with an open exception, closed since the last one, or not yet due."""
    verdicts = changed.situation.verdicts
    pending = verdicts.loc[verdicts["outcome"].eq("pending"), "item_ref"]
    open_now = (each.item_ref for each in changed.standings.values() if each.is_open)
    events = (*changed.events, *(event for _, event in before.closings))
    return {*pending, *open_now, *(event.item_ref for event in events)}


def judged_by_now(pack: Pack) -> dict[tuple[str, str], str]:
    """Return the digest of each rule version with its calendar, by rule and date."""
    return {
        (rule.id, str(version.in_force_from)): digest
        for rule in pack.rules
        for version, digest in zip(rule.versions, rule.digests, strict=True)
    }


def _states(survey: Survey, pack: Pack, held: Mapping[str, holds.Surge]) -> dict[str, lifecycle.RuleState]:
    """Return what became of each rule that was asked.

    One held because it is gone, or chased no more, goes on as it was, unchecked.
    """
    found = ((rule, survey.status[rule.id].state) for rule in pack.rules)
    states = {rule.id: lifecycle.RuleState(rule.chase, state) for rule, state in found if state != "not_asked"}
    return states | {rule_id: lifecycle.RuleState(chase=True, status="not_checked") for rule_id in held}


def _turned(before: Before, situation: lifecycle.Situation) -> frozenset[Identity]:
    """Return the exceptions of `before.said` that went from undetermined to breached in this run."""
    unclear = {identity for identity, outcome in before.said.items() if outcome == "undetermined"}
    frame = situation.verdicts
    breached = frame.loc[frame["outcome"].eq("breached"), ["rule_id", "item_ref"]]
    return frozenset(unclear & set(breached.itertuples(index=False, name=None))) if unclear else frozenset()


def _in_order(said: list[Event], noted: tuple[Event, ...], events: list[Event]) -> list[Event]:
    """Return the events of a run by exception: what people said before it, what it changed, what ended with that."""
    begun = [event for event in noted if event.kind is EventKind.WAIVED]
    ended = [event for event in noted if event.kind is EventKind.WAIVER_ENDED]
    return sorted([*begun, *said, *events, *ended], key=lambda event: event.identity)


def _came(before: Before, changed: Changed) -> dict[Identity, Came]:
    """Return since when each open exception has been on its list, by run; what this run brings to one is left out."""
    brought = (EventKind.OPENED, EventKind.REOPENED, EventKind.WAIVER_ENDED)
    anew = {event.identity for event in changed.events if event.kind in brought}
    moved = {event.identity for event in changed.events if event.kind is EventKind.OWNER_CHANGED}
    return {
        identity: came._replace(owned=before.run) if identity in moved else came
        for identity, came in before.came.items()
        if identity not in anew
    }


def _mailboxes(readers: Readers) -> routing.Mailboxes:
    return routing.Mailboxes(
        readers.unit, readers.fallback, readers.data_quality, readers.operator, readers.teams, readers.escalation
    )


def _seen(survey: Survey, findings: pd.DataFrame) -> dict[str, lifecycle.Seen]:
    aside = findings[np.array([Finding(word).sets_aside for word in findings["finding"]], dtype=bool)]
    return {
        about: lifecycle.Seen(
            survey.present[about], frozenset(aside.loc[aside["record_set"] == ITEM_SETS[about], "key"])
        )
        for about in ITEM_SETS
    }
