"""What a run tells people: the facts that every notice states, and the notices themselves. Queues none of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from dacompliance.config import Settings
from dacompliance.exceptions.morning import Morning
from dacompliance.exceptions.tasks import lists
from dacompliance.exceptions.unseen import too_long, unseen
from dacompliance.judging.checking import Status
from dacompliance.ledger.outbox import Notice
from dacompliance.localtime import instant
from dacompliance.notices.alarms import write_unseen
from dacompliance.notices.model import Freshness, RuleNote, RunFacts
from dacompliance.notices.writing import write_notices, write_quality
from dacompliance.policy.model import Pack
from dacompliance.records.gates import Gate
from dacompliance.run.before import Before
from dacompliance.run.measuring import progress_of
from dacompliance.run.outcome import RunResult
from dacompliance.run.reconciling import Changed
from dacompliance.run.survey import Survey


def facts_of(
    result: RunResult,
    gates: Mapping[str, Gate],
    survey: Survey,
    pack: Pack,
    settings: Settings,
    *,
    job: str,
    now: dt.datetime,
    slot: dt.date | None,
) -> RunFacts:
    """Return what every reader should know of a run of `job`, made at `now` for the local date `slot`, if for any."""
    local = now.astimezone(settings.zone)
    return RunFacts(
        run=f"{job} {local:%Y-%m-%dT%H:%M}",
        job=job,
        as_at=result.as_at,
        checked_at=now,
        local_date=slot or local.date(),
        zone=settings.zone,
        incidents_checked=result.counts["incidents"],
        rules_checked=sum(each.state == "checked" for each in result.status.values()),
        freshness=tuple(
            Freshness(name, instant(gate.known_to) if gate.known_to is not None else None, gate.state)
            for name, gate in gates.items()
        ),
        set_aside=result.counts["set_aside"],
        unreadable=result.counts["unreadable"],
        switched_off=_notes(result.status, "switched_off"),
        not_checked=_notes(result.status, "not_checked"),
        bundled=_bundled(survey, pack),
        backlog=result.counts["backlog"],
        chase_from=settings.chase_from,
    )


def notices_of(
    morning: Morning,
    changed: Changed,
    before: Before,
    findings: pd.DataFrame,
    last_checked: Mapping[str, dt.datetime],
    facts: RunFacts,
    settings: Settings,
) -> list[Notice]:
    """Return all that a run tells: each reader their list, the data's keeper, and the operator what falls due unseen.

    `findings` are those of its records; `last_checked` the instants at which the rules it does not check last were. A
    second look tells nothing of completion or of the data.
    """
    survey, asked, by_reader = changed.survey, changed.survey.asked, lists(morning)
    going = {} if asked is not None else progress_of(survey.lately, survey.day, settings.readers.teams)
    notices = write_notices(by_reader, changed.directory, facts, settings, before.told, going, asked or ())
    if asked is None:
        waiting = sum(each.with_data_keeper for each in by_reader.values())
        notices += write_quality(findings, before.findings, waiting, changed.directory, facts, settings)
    unseen_since = too_long(last_checked, facts.checked_at, settings.exceptions.unchecked_hours)
    return notices + write_unseen(unseen(morning, unseen_since), unseen_since, facts, settings)


def _notes(status: Mapping[str, Status], state: str) -> tuple[RuleNote, ...]:
    return tuple(RuleNote(rule_id, each.why) for rule_id, each in status.items() if each.state == state)


def _bundled(survey: Survey, pack: Pack) -> tuple[str, ...]:
    """Return the rules that judged by a version nobody has approved."""
    unapproved = {
        rule.id: {place for place, version in enumerate(rule.versions) if version.approved is None}
        for rule in pack.rules
    }
    return tuple(sorted(rule_id for rule_id, each in survey.ruled.items() if each.versions & unapproved[rule_id]))
