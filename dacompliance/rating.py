"""Every measure of a past run with its history beside it: what the site of pages is told. From the ledger alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from dacompliance.audit.past import PastRun
from dacompliance.config import Settings
from dacompliance.exceptions.stood import Stood
from dacompliance.judging.checking import Checked
from dacompliance.judging.groups import incident_groups
from dacompliance.judging.measures import RULE, Share
from dacompliance.ledger.runs import RuleState, Run
from dacompliance.ledger.samples import Score
from dacompliance.reporting import wording
from dacompliance.reporting.facts import CompletionFacts
from dacompliance.reporting.rates import EARLIER, Tallies, rates, with_history
from dacompliance.reporting.restated import Published, restated
from dacompliance.reporting.series import Rebase
from dacompliance.reporting.sitefacts import ControlFacts, ControlMonth, MeasureFacts, SampleFacts, SiteFacts
from dacompliance.reporting.verdicts_csv import instants
from dacompliance.run.measuring import COMPLETION_KEY, WHOLE_KEY, Measured, measured, why_not_whole

_WORST: Final = ("breached", "undetermined", "late")
"""Of what earlier runs said against an item, the first of these that any said is told."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What the ledger says of all runs up to one: the runs in order, figures as published, exceptions, and history.

    `against` is the frame of `history.counted_against`; `figures` that of `figures.restatements`.
    """

    runs: Sequence[Run]
    figures: pd.DataFrame
    stood: Stood
    against: pd.DataFrame


def site_facts(
    past: PastRun, checked: Checked, base: CompletionFacts, told: Told, settings: Settings, **more: Any
) -> SiteFacts:
    """Return everything the site of a run is made of; `more` are facts that stand beside the measures."""
    found = tuple(_facts(each, past, told, settings) for each in measured(checked, base.cases))
    missing = {}
    if base.cases is None:
        missing[COMPLETION_KEY] = base.not_measured
    if why := why_not_whole(checked):
        missing[WHOLE_KEY] = why
    return SiteFacts(base, found, missing, _overdue(past, told.stood), **more)


def control_facts(checked: Checked, kept: str | None) -> ControlFacts | None:
    """Return what a run kept of another system's counts (`papers.CONTROL_KIND`) beside ours; None where none was asked.

    Ours are the incidents of every month that either has.
    """
    if kept is None:
        return None
    said = json.loads(kept)
    if "fault" in said:
        return ControlFacts(said["name"], fault=said["fault"])
    ours = pd.DataFrame(
        {"month": incident_groups(checked.world)["month"], "excluded": checked.world.incidents.excluded}
    )
    counts = ours.groupby("month")["excluded"].agg(["size", "sum"])
    theirs: Mapping[str, int] = said["months"]
    return ControlFacts(
        said["name"],
        tuple(
            ControlMonth(month, int(counts["size"].get(month, 0)), int(counts["sum"].get(month, 0)), theirs.get(month))
            for month in sorted({*counts.index, *theirs})
        ),
    )


def sample_facts(score: Score | None) -> SampleFacts | None:
    """Return a person's last score as pages tell it."""
    if score is None:
        return None
    agreed = Share(score.agreed, score.answered)
    return SampleFacts(score.run_id, score.scored_at, score.author, score.drawn, agreed)


def rebases(settings: Settings) -> tuple[Rebase, ...]:
    """Return the decisions of the configuration to set limits anew, oldest first."""
    found = (Rebase(each.measure, each.date, each.reason, each.author) for each in settings.reports.rebase)
    return tuple(sorted(found, key=lambda each: (each.date, each.measure)))


def _facts(each: Measured, past: PastRun, told: Told, settings: Settings) -> MeasureFacts:
    rule = past.pack.rule(each.key)
    cases = each.cases.assign(
        **{name: instants(each.cases[name]) for name in ("due_at", "done_at") if name in each.cases}
    )
    gone: pd.DataFrame | None = None
    more: dict[str, Any] = {}
    if rule is not None and each.how is RULE:
        against = _worst(told.against[told.against["rule_id"] == each.key])
        waived = {item for rule_id, item in told.stood.waived if rule_id == each.key}
        cases = with_history(cases, dict(zip(against["item_ref"], against["earlier"], strict=True)), waived)
        gone = against[~against["item_ref"].isin(cases["item_ref"])].reset_index(drop=True)
        more = {
            "rule": rule,
            "undone": told.stood.undone_of(each.key),
            "open": sum(rule_id == each.key for rule_id, _ in told.stood.open),
            "waived": len(waived),
        }
    tallies = Tallies(cases, each.how)
    this_month = f"{past.run.as_at.astimezone(past.zone):%Y-%m}"
    return MeasureFacts(
        each.key,
        _words(each, past),
        each.how,
        cases,
        tallies,
        rates(each.key, tallies, cases, this_month, rebases(settings), settings.reports.targets.get(each.key)),
        restated=restated(
            told.figures[told.figures["measure"] == each.key], each.how, tuple(_published(each.key, past, told))
        ),
        gone=gone,
        **more,
    )


def _words(each: Measured, past: PastRun) -> wording.Wording:
    if each.key == COMPLETION_KEY:
        return wording.COMPLETION
    rule = past.pack.rule(each.key)
    return wording.WHOLE if rule is None else wording.of_rule(rule)


def _worst(against: pd.DataFrame) -> pd.DataFrame:
    """Return, for each item, the worst an earlier run said against it: item_ref, incident_ref, earlier."""
    order = {outcome: place for place, outcome in enumerate(_WORST)}
    first = against.assign(_place=against["outcome"].map(order)).sort_values(["item_ref", "_place"], kind="stable")
    first = first.drop_duplicates("item_ref")
    earlier = first["outcome"].map({name: str(place) for name, place in EARLIER.items()})
    return first.assign(earlier=earlier)[["item_ref", "incident_ref", "earlier"]].reset_index(drop=True)


def _published(key: str, past: PastRun, told: Told) -> Iterator[Published]:
    """Yield the runs that published a measure: of a rule, those that checked it."""
    for run in told.runs:
        status: Mapping[str, Any] = run.rules
        if run.checked and (key not in status or status[key].state is RuleState.CHECKED):
            yield Published(run.id, run.as_at, f"{run.as_at.astimezone(past.zone):%Y-%m}")


def _overdue(past: PastRun, stood: Stood) -> dict[str, int]:
    """Return how many exceptions are open, by the severity of their rule, the gravest first."""
    severity = {rule.id: rule.severity for rule in past.pack.rules}
    found = dict.fromkeys(("critical", "major", "minor"), 0)
    for rule_id, _ in stood.open:
        if rule_id in severity:
            found[severity[rule_id]] += 1
    return {name: number for name, number in found.items() if number}
