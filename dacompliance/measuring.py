"""A run's own figures: completion case by case, the counts that are published with it, and how it has been going."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.config import Settings
from dacompliance.judging.checking import Checked
from dacompliance.judging.completion import completion, last_28_days, not_mapped, tabulate
from dacompliance.localtime import local_day
from dacompliance.notices.model import Progress
from dacompliance.policy.model import Pack
from dacompliance.records.table import Records
from dacompliance.reporting.spc import Change, change, wilson

GROUPINGS: Final[Sequence[tuple[str, ...]]] = ((), ("month",), ("area",), ("month", "area"))

_CHANGE: Final = {
    Change.BETTER: "A real improvement.",
    Change.WORSE: "A real fall.",
    Change.NONE: "No real change.",
    Change.TOO_FEW: "Too few to say whether it changed.",
}


def as_at_day(checked: Checked) -> int:
    """Return the local day of the as-at."""
    return int(local_day(np.array([checked.world.as_at], dtype=np.int64), checked.world.zone)[0])


def completion_cases(checked: Checked, records: Records, pack: Pack, settings: Settings) -> pd.DataFrame | None:
    """Return completion case by case, or None where it cannot be measured in this run: `why_not_measured` says why."""
    rule = pack.rule(settings.rules.completion_rule)
    if rule is None or why_not_measured(checked, records, pack, settings):
        return None
    return completion(checked.world, rule, pack.holidays, as_at_day(checked))


def why_not_measured(checked: Checked, records: Records, pack: Pack, settings: Settings) -> str:
    """Return in a sentence why completion cannot be measured, "" where it can."""
    name = settings.rules.completion_rule
    if pack.rule(name) is None:
        return f"The rule whose limit completion uses, {name}, is not in the pack."
    missing = not_mapped(records.assessments)
    if missing:
        return f"Completion rests on columns of assessments that are not mapped: {', '.join(missing)}."
    if checked.status[name].state == "not_checked":
        return f"The records completion rests on were not to be trusted in this run: {checked.status[name].why}."
    return ""


def figures_of_run(cases: pd.DataFrame | None) -> pd.DataFrame:
    """Return completion as the counts the ledger keeps: one row a grouping, period, group and category."""
    columns = ["measure", "period", "grouping", "group_name", "category", "count"]
    if cases is None:
        return pd.DataFrame(columns=columns)
    frames = [_long(cases, by) for by in GROUPINGS]
    return pd.concat(frames, ignore_index=True)[columns]


def _long(cases: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    table = tabulate(cases, by)
    long = table.melt(id_vars=list(by), var_name="category", value_name="count")
    groups = [name for name in by if name != "month"]
    return long.assign(
        measure="completion",
        period=long["month"] if "month" in by else "all",
        grouping=groups[0] if groups else "force",
        group_name=long[groups[0]] if groups else "",
    )


def progress_of(cases: pd.DataFrame | None, checked: Checked) -> Progress | None:
    """Return completion of the last 28 days beside the 28 before, and whether it really changed, if measured."""
    if cases is None:
        return None
    now, before = last_28_days(cases, as_at_day(checked))
    found = wilson(now)
    interval = None if found is None else (found.lower, found.upper)
    return Progress(now.x, now.n, before.x, before.n, _CHANGE[change(now, before)], interval)
