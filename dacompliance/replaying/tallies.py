"""Counts of a period, step by step and measure by measure, added up slice by slice. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.judging.checking import Checked
from dacompliance.judging.completion import COMPLETION, completion, not_mapped
from dacompliance.judging.compliance import WHOLE, whole_cases
from dacompliance.judging.deadlines import day_number
from dacompliance.judging.measures import RULE, Counting, Share, places
from dacompliance.records.table import BoolArray, IntArray, Records, TextArray
from dacompliance.replaying.looks import Known, Look
from dacompliance.replaying.steps import Step
from dacompliance.run.measuring import COMPLETION_KEY, RESTS_ON, WHOLE_KEY, why_not_whole

TITLES: Final = {COMPLETION_KEY: "DASH completion", WHOLE_KEY: "Fully compliant"}


@dataclass(frozen=True, slots=True)
class Tally:
    """One measure of one look: how many cases of its days stand where. `why` says why it was not measured, if so."""

    look: Look
    measure: str
    how: Counting
    counts: Counter[str] = field(default_factory=Counter)
    why: str = ""

    @property
    def step(self) -> Step:
        """The step it is of."""
        return self.look.step

    @property
    def share(self) -> Share:
        """The numerator among the denominator."""
        hits = sum(self.counts[str(each)] for each in self.how.hits)
        return Share(hits, hits + sum(self.counts[str(each)] for each in self.how.misses))

    @property
    def title(self) -> str:
        """What is measured, in words."""
        rule = self.look.pack.rule(self.measure)
        return TITLES[self.measure] if rule is None else rule.title


class Tallies:
    """The tallies of all looks, in the order in which they were first counted."""

    def __init__(self) -> None:
        self._found: dict[tuple[Known, str, str], Tally] = {}

    def __iter__(self) -> Iterator[Tally]:
        return iter(self._found.values())

    def of(self, measure: str, known: Known) -> list[Tally]:
        """Return one measure's tallies, step by step."""
        return [each for each in self if each.measure == measure and each.look.known is known]

    def measures(self) -> list[str]:
        """Return every measure that was counted: completion first, then what is fully compliant, then rules by id."""
        found = {each.measure for each in self}
        return [each for each in TITLES if each in found] + sorted(found - TITLES.keys())

    def add(self, look: Look, checked: Checked, records: Records) -> None:
        """Count a slice as a look judged it."""
        incidents = checked.world.incidents
        days = pd.DataFrame({"incident_ref": incidents.keys, "day": incidents.reported_day})
        self._completion(look, checked, records, days)
        if why := why_not_whole(checked):
            self._gap(look, WHOLE_KEY, WHOLE, why)
        else:
            whole = whole_cases(checked.world, checked.verdicts, days)
            self._count(look, WHOLE_KEY, WHOLE, whole["category"].to_numpy(dtype=object), whole["day"].to_numpy())
        for verdicts in checked.verdicts:
            where = places(verdicts, checked.world.as_at)
            self._count(look, verdicts.rule.id, RULE, where, verdicts.items.reported_day)
        for rule_id, status in checked.status.items():
            if status.state != "checked":
                self._gap(look, rule_id, RULE, f"{status.state.replace('_', ' ')}: {status.why}")

    def _completion(self, look: Look, checked: Checked, records: Records, days: pd.DataFrame) -> None:
        rule = look.pack.rule(look.completion_rule)
        why = _why_not_measured(look, checked, records)
        if rule is None or why:
            self._gap(look, COMPLETION_KEY, COMPLETION, why)
            return
        known_day = day_number(look.known_at.astimezone(look.zone).date())
        cases = completion(checked.world, rule, look.pack.holidays, known_day, days)
        categories = cases["category"].to_numpy(dtype=object)
        self._count(look, COMPLETION_KEY, COMPLETION, categories, cases["day"].to_numpy())

    def _one(self, look: Look, measure: str, how: Counting) -> Tally:
        return self._found.setdefault((look.known, look.step.name, measure), Tally(look, measure, how))

    def _gap(self, look: Look, measure: str, how: Counting, why: str) -> None:
        self._found[look.known, look.step.name, measure] = replace(self._one(look, measure, how), why=why)

    def _count(self, look: Look, measure: str, how: Counting, where: TextArray, days: IntArray) -> None:
        names, counts = np.unique(where[_within(look.step, days)].astype(str), return_counts=True)
        self._one(look, measure, how).counts.update(dict(zip(names.tolist(), counts.tolist(), strict=True)))


def _within(step: Step, days: IntArray) -> BoolArray:
    return np.asarray((days >= day_number(step.first)) & (days <= day_number(step.last)))


def _why_not_measured(look: Look, checked: Checked, records: Records) -> str:
    """Return in a sentence why completion cannot be measured by a look, "" where it can."""
    name = look.completion_rule
    if look.pack.rule(name) is None:
        return f"The rule whose limit completion uses, {name}, is not in the pack."
    if missing := not_mapped(records.assessments.columns):
        return f"Completion rests on columns of assessments that are not mapped: {', '.join(missing)}."
    if checked.status[name].state == "not_checked":
        return f"The records completion rests on were not to be trusted: {checked.status[name].why}."
    untrusted = [each for each in RESTS_ON if each in look.untrusted]
    return f"The records completion rests on were not to be trusted: {' and '.join(untrusted)}." if untrusted else ""


def local(at: dt.datetime, look: Look) -> str:
    """Return an instant in the force's time, as files and pages have it."""
    return f"{at.astimezone(look.zone):%Y-%m-%d %H:%M}"
