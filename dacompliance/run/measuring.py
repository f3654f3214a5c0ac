"""A run's own figures: case by case, the counts that are published with it, and how completion has been going."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.config import Settings
from dacompliance.judging.checking import Checked, Status
from dacompliance.judging.completion import COMPLETION, completion, not_mapped
from dacompliance.judging.compliance import WHOLE, whole_cases
from dacompliance.judging.groups import incident_groups, item_groups
from dacompliance.judging.items import Items
from dacompliance.judging.measures import LATELY, RULE, Counting, count, last_28_days, places, rule_cases
from dacompliance.localtime import day_of
from dacompliance.notices.model import Progress
from dacompliance.policy.model import Pack
from dacompliance.records.table import Records, TextArray
from dacompliance.reporting.spc import Change, change, wilson

COMPLETION_KEY: Final = "completion"
WHOLE_KEY: Final = "fully-compliant"
RESTS_ON: Final = ("incidents", "assessments")
"""The record sets that completion is measured by, whatever the rule that sets its limit rests on."""

SETTLED: Final = ("checked", "switched_off")
"""The states of a rule in which its figures, or that it has none, are the run's own and not a gap in it."""

COLUMNS: Final = ("measure", "period", "grouping", "group_name", "category", "count")

_CHANGE: Final = {
    Change.BETTER: "A real improvement.",
    Change.WORSE: "A real fall.",
    Change.NONE: "No real change.",
    Change.TOO_FEW: "Too few to say whether it changed.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """One measure of a run, case by case. `key` is `completion`, `fully-compliant` or a rule's id."""

    key: str
    how: Counting
    cases: pd.DataFrame


def completion_cases(
    checked: Checked, records: Records, pack: Pack, settings: Settings, failed: Collection[str] = ()
) -> pd.DataFrame | None:
    """Return completion case by case, or None where it cannot be measured in this run: `why_not_measured` says why."""
    rule = pack.rule(settings.rules.completion_rule)
    if rule is None or why_not_measured(checked.status, records.assessments.columns, pack, settings, failed):
        return None
    return completion(checked.world, rule, pack.holidays, day_of(checked.world.as_at, checked.world.zone))


def why_not_measured(
    status: Mapping[str, Status],
    assessments: Container[str],
    pack: Pack,
    settings: Settings,
    failed: Collection[str] = (),
) -> str:
    """Return in a sentence why completion cannot be measured, "" where it can.

    `assessments` are the columns mapped of them. `failed` are the record sets whose gates failed: completion rests on
    two of them whatever rule sets its limit.
    """
    name = settings.rules.completion_rule
    if pack.rule(name) is None:
        return f"The rule whose limit completion uses, {name}, is not in the pack."
    missing = not_mapped(assessments)
    if missing:
        return f"Completion rests on columns of assessments that are not mapped: {', '.join(missing)}."
    if status[name].state == "not_checked":
        return f"The records completion rests on were not to be trusted in this run: {status[name].why}."
    untrusted = [each for each in RESTS_ON if each in failed]
    if untrusted:
        return f"The records completion rests on were not to be trusted in this run: {' and '.join(untrusted)}."
    return ""


def why_not_whole(checked: Checked) -> str:
    """Return in a sentence why it cannot be said which incidents are fully compliant, "" where it can."""
    gaps = [rule_id for rule_id, status in checked.status.items() if status.state not in SETTLED]
    if gaps:
        return f"Rules were not checked in this run, so nobody can be called fully compliant: {', '.join(gaps)}."
    return "" if checked.verdicts else "No rule could be checked."


def measured(checked: Checked, cases: pd.DataFrame | None) -> Iterator[Measured]:
    """Yield every measure of a run, case by case: completion (`cases`), fully compliant, and each rule checked."""
    world = checked.world
    incidents = incident_groups(world)
    if cases is not None:
        yield Measured(COMPLETION_KEY, COMPLETION, cases)
    if not why_not_whole(checked):
        yield Measured(WHOLE_KEY, WHOLE, whole_cases(world, checked.verdicts, incidents))
    groups = {
        about: item_groups(world, about, incidents) for about in {verdicts.rule.about for verdicts in checked.verdicts}
    }
    for verdicts in checked.verdicts:
        yield Measured(verdicts.rule.id, RULE, rule_cases(verdicts, groups[verdicts.rule.about], world.as_at))


def figures_of_run(checked: Checked, cases: pd.DataFrame | None) -> pd.DataFrame:
    """Return the counts the ledger keeps of a run: one row a measure, period, group and category.

    For the whole force, by month and of all months, for every measure; completion by area and month too. A second look
    at some rules publishes nothing.
    """
    states: set[str] = {status.state for status in checked.status.values()}
    if "not_asked" in states:
        return pd.DataFrame(columns=list(COLUMNS))
    world, incidents = checked.world, checked.world.incidents
    frames = [_by_month(each.rule.id, _months(each.items), places(each, world.as_at)) for each in checked.verdicts]
    if not why_not_whole(checked):
        groups = pd.DataFrame({"incident_ref": incidents.keys, "month": _months(incidents)})
        whole = whole_cases(world, checked.verdicts, groups)
        frames.append(_by_month(WHOLE_KEY, whole["month"], whole["category"]))
    if cases is not None:
        frames += [_by_month(COMPLETION_KEY, cases["month"], cases["category"]), _by_area(cases)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))


def _months(items: Items) -> TextArray:
    """Return the month of each item, `2026-11`: one text for all items of a month."""
    where, months = pd.factorize(items.reported_day.view("datetime64[D]").astype("datetime64[M]").view(np.int64))
    return np.datetime_as_string(months.view("datetime64[M]")).astype(object)[where]


def _by_month(measure: str, months: TextArray | pd.Series, categories: TextArray | pd.Series) -> pd.DataFrame:
    """Return how many cases each category has, by month and of all months."""
    where, periods = pd.factorize(months, sort=True)
    what, words = pd.factorize(categories, sort=True)
    shape = len(periods), len(words)
    counts = np.bincount(where * shape[1] + what, minlength=shape[0] * shape[1]).reshape(shape)
    found = pd.DataFrame(
        {
            "measure": measure,
            "period": np.repeat(np.array([*periods, "all"], dtype=object), shape[1]),
            "grouping": "force",
            "group_name": "",
            "category": np.tile(np.array(words, dtype=object), shape[0] + 1),
            "count": np.vstack([counts, counts.sum(axis=0)]).ravel(),
        }
    )
    return found[found["count"] > 0][list(COLUMNS)]


def _by_area(cases: pd.DataFrame) -> pd.DataFrame:
    table = count(cases, COMPLETION, ["month", "area"]).drop(columns=["population", "n", "x"])
    long = table.melt(id_vars=["month", "area"], var_name="category", value_name="count")
    return long.rename(columns={"month": "period", "area": "group_name"}).assign(
        measure=COMPLETION_KEY, grouping="area"
    )[list(COLUMNS)]


def figures_together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the figures of a run of which these are the parts: no case is in two of them."""
    if len(parts) == 1:
        return parts[0]
    every = pd.concat(parts, ignore_index=True)
    return every.groupby(list(COLUMNS[:-1]), sort=False, as_index=False).agg({"count": "sum"})


def figures_without(figures: pd.DataFrame, rules: Collection[str], completion_rule: str) -> pd.DataFrame:
    """Return the figures of a run that, after all, does not check some rules: without theirs, and what rests on them.

    Nobody can be called fully compliant then, and completion is not measured without the rule that sets its limit.
    """
    gone = {*rules, *([WHOLE_KEY] if rules else []), *([COMPLETION_KEY] if completion_rule in rules else [])}
    return figures[~figures["measure"].isin(gone)]


def lately(cases: pd.DataFrame, day: int) -> pd.DataFrame:
    """Return the cases that `progress_of` looks at, for a run as at a local day: all but those of months ago."""
    return cases[cases["reported_on"] >= str(np.datetime64(day - LATELY + 1, "D"))]


def progress_of(cases: pd.DataFrame | None, day: int, teams: Collection[str] = ()) -> dict[str, Progress]:
    """Return completion of the last 28 days beside the 28 before, and whether it really changed; nothing if unmeasured.

    `cases` are those of a run as at the local day `day`, or only the latest of them. Under "" of the whole force, under
    `team:…`, a reader's key, of each of `teams`.
    """
    if cases is None:
        return {}
    found = {f"team:{team}": _progress(cases[cases["team"] == team], day, f"team {team}") for team in teams}
    return {"": _progress(cases, day, "the whole force"), **found}


def _progress(cases: pd.DataFrame, day: int, of_whom: str) -> Progress:
    now, before = last_28_days(cases, COMPLETION, day)
    found = wilson(now)
    interval = None if found is None else (found.lower, found.upper)
    return Progress(now.x, now.n, before.x, before.n, _CHANGE[change(now, before)], interval, of_whom)
