"""One gap, one exception, in two years of invented records: every milestone is taken away, one at a time.

What is taken away is a cell, a form or a referral of each incident at once: no verdict depends on another incident's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest

from dacompliance.config import load_settings
from dacompliance.demo import period
from dacompliance.demo.approval import copy_pack
from dacompliance.judging.checking import statuses
from dacompliance.judging.items import build
from dacompliance.judging.outcomes import Outcome
from dacompliance.judging.verdicts import judge
from dacompliance.policy.files import load_pack
from dacompliance.policy.model import Pack, Rule
from dacompliance.records.source import pull
from dacompliance.records.table import BoolArray, Records, Table, mapped_columns
from dacompliance.resources import rules_folder

pytestmark = pytest.mark.slow

WHOLE_ROW = ""
LEFT_ALONE = {"incident_ref", "reported_at", "excluded_reason", "final_grade"}
"""Without the first three there is no case to speak of. Without the last it is another case: one lowered from high stands
as high then, and was rightly referred nowhere."""


@dataclass(frozen=True)
class Force:
    """The last morning's records, and the chased rules they can be judged by."""

    records: Records
    pack: Pack
    rules: tuple[Rule, ...]
    as_at: int

    def calls(self, records: Records) -> dict[str, set[tuple[str, str]]]:
        """Return, by incident, the exceptions that chased rules would open: rule and item."""
        world = build(records, self.as_at, period.ZONE)
        known = int(self.as_at // 86_400_000_000)
        found: dict[str, set[tuple[str, str]]] = {key: set() for key in world.incidents.keys[~world.incidents.excluded]}
        for each in judge(world, self.rules, self.pack.holidays, known):
            for row in np.flatnonzero((each.outcome == Outcome.BREACHED) | (each.outcome == Outcome.UNDETERMINED)):
                found[each.items.incident_refs[row]].add((each.rule.id, each.items.keys[row]))
        return found


@pytest.fixture(scope="module")
def judged(last_copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Force:
    folder = tmp_path_factory.mktemp("demo")
    text = (resources.files("dacompliance.demo") / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(text, encoding="utf-8")
    copyfile(last_copy, folder / "force.db")
    copy_pack(rules_folder(), folder / "rules")
    settings = load_settings(folder / "config.toml", {})
    pack = load_pack(settings.rules.folder)
    records = pull(settings, now=period.run_of(period.MORNINGS[-1]), instruments=pack.instruments)
    status = statuses(pack, mapped_columns(records), {})
    rules = tuple(rule for rule in pack.rules if rule.chase and status[rule.id].state == "checked")
    return Force(records, pack, rules, min(records.known_to.values()))


@pytest.fixture(scope="module")
def before(judged: Force) -> dict[str, set[tuple[str, str]]]:
    return judged.calls(judged.records)


def places(table: Table) -> np.ndarray:
    """Return which of its incident's records each row is: 0 for the first by key."""
    if "incident_ref" not in table:
        return np.zeros(len(table), dtype=np.int64)
    refs = table.columns["incident_ref"].values
    order = np.lexsort((table.key_ranks(), refs))
    starts = np.flatnonzero(np.append(True, refs[order][1:] != refs[order][:-1]))
    within = np.arange(len(refs)) - np.repeat(starts, np.diff(np.append(starts, len(refs))))
    found = np.empty(len(refs), dtype=np.int64)
    found[order] = within
    return found


def gaps(records: Records) -> Iterator[tuple[str, str, int]]:
    for record_set in ("incidents", "assessments", "referrals"):
        table = records.table(record_set)
        for place in range(int(places(table).max()) + 1):
            names = [name for name in table.columns if name not in LEFT_ALONE]
            yield from ((record_set, name, place) for name in names)
            if record_set != "incidents":
                yield record_set, WHOLE_ROW, place


def without(records: Records, record_set: str, name: str, place: int) -> Records:
    """Return the records with one thing of each incident's gone."""
    table = records.table(record_set)
    gone: BoolArray = places(table) == place
    if name == WHOLE_ROW:
        return replace(records, **{record_set: table.take(np.flatnonzero(~gone))})
    return replace(records, **{record_set: table.with_columns({name: table.columns[name].only(~gone)})})


def test_many_cases_have_everything_in_place(judged, before):
    assert sum(not calls for calls in before.values()) > 5_000


def test_no_single_missing_milestone_opens_two_exceptions(judged, before):
    whole = {incident for incident, calls in before.items() if not calls}
    opened, twice = set(), {}
    for gap in gaps(judged.records):
        after = judged.calls(without(judged.records, *gap))
        opened |= {rule for incident in whole for rule, _ in after[incident]}
        if found := [after[incident] for incident in whole if len(after[incident]) > 1]:
            twice[gap] = len(found), found[:2]
    assert twice == {}
    assert opened == {rule.id for rule in judged.rules}, "every chased rule is opened by some gap"


def test_an_incident_reported_an_hour_ago_opens_nothing(judged):
    reported = judged.records.incidents.columns["reported_at"].values
    for row in np.argsort(reported)[-20:]:
        an_hour_later = replace(judged, as_at=int(reported[row]) + 3_600_000_000)
        assert not an_hour_later.calls(judged.records).get(judged.records.incidents.keys[row])
