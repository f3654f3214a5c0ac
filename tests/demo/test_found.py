"""Every sown fault is found by the monitor, in its known number: pulled through the force's own configuration and judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from shutil import copyfile

import numpy as np
import pandas as pd
import pytest

from dacompliance.config import Settings, load_settings
from dacompliance.demo import period
from dacompliance.demo.approval import copy_pack
from dacompliance.demo.sown import SOWN, AsCategory, AsCell, AsFinding, AsStaff, AsVerdict
from dacompliance.judging.checking import Checked, check
from dacompliance.policy.files import load_pack
from dacompliance.records.contract import Finding
from dacompliance.records.source import pull
from dacompliance.records.table import Records
from dacompliance.resources import rules_folder
from dacompliance.run.measuring import completion_cases


@dataclass(frozen=True)
class Judged:
    settings: Settings
    records: Records
    checked: Checked
    verdicts: dict[str, dict[str, str]]
    categories: dict[str, str]


@pytest.fixture(scope="module")
def judged(last_copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The last morning's records, judged by the force's own pack."""
    folder = tmp_path_factory.mktemp("demo")
    text = (resources.files("dacompliance.demo") / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(text, encoding="utf-8")
    copyfile(last_copy, folder / "force.db")
    copy_pack(rules_folder(), folder / "rules")
    settings = load_settings(folder / "config.toml", {})
    pack = load_pack(settings.rules.folder)
    records = pull(settings, now=period.run_of(period.MORNINGS[-1]), instruments=pack.instruments)
    checked = check(records, pack, min(records.known_to.values()), settings.zone, {})
    frame = checked.frame()
    verdicts = {
        rule: dict(zip(rows["item_ref"], rows["outcome"], strict=True)) for rule, rows in frame.groupby("rule_id")
    }
    cases = completion_cases(checked, records, pack, settings)
    assert cases is not None
    return Judged(
        settings, records, checked, verdicts, dict(zip(cases["incident_ref"], cases["category"], strict=True))
    )


def sown(kind):
    return [pytest.param(each, id=each.name) for each in SOWN if isinstance(each.found, kind)]


def test_the_copy_is_known_to_its_load(judged):
    loaded = period.minutes(period.load_of(period.MORNINGS[-1])) * 60_000_000
    assert {judged.records.known_to[name] for name in ("incidents", "assessments", "referrals")} == {loaded}


def test_every_rule_can_be_checked_but_those_its_records_have_no_columns_for(judged):
    off = {rule_id: each.why for rule_id, each in judged.checked.status.items() if each.state != "checked"}
    assert off == {
        "INV-01": "incidents.specialist_allocated_at is not mapped; incidents.specialist_required is not mapped",
        "PN-01": "incidents.protection_notice_considered_at is not mapped; "
        "incidents.protection_notice_decision is not mapped",
    }


@pytest.mark.parametrize("fault", sown(AsFinding))
def test_a_fault_is_a_finding(judged, force, fault):
    rows, found = judged.records.findings, fault.found
    same = rows[
        (rows["finding"] == str(found.finding))
        & (rows["record_set"] == found.record_set)
        & (rows["column"] == found.column)
    ]
    assert len(same) == fault.count * found.rows
    if found.finding is not Finding.MISSING_KEY:
        assert set(same["key"]) == set(force.sown[fault.name])


def test_nothing_is_found_that_was_not_sown(judged):
    expected: Counter[tuple[str, str, str]] = Counter()
    for each in SOWN:
        if isinstance(each.found, AsFinding):
            expected[each.found.record_set, each.found.column, str(each.found.finding)] += each.count * each.found.rows
            if each.found == AsFinding(Finding.DECIDING_CELL, "assessments", "submitted_at"):
                expected["assessments", "submitted_at", str(Finding.UNREADABLE)] += each.count  # the cell itself
    rows = judged.records.findings
    assert Counter(zip(rows["record_set"], rows["column"], rows["finding"], strict=True)) == expected


@pytest.mark.parametrize("fault", sown(AsCell))
def test_a_fault_is_how_a_column_reads(judged, force, fault):
    items = getattr(judged.checked.world, fault.found.record_set)
    words = dict(zip(items.keys, items.column(fault.found.column).text(), strict=True))
    assert Counter(words[key] for key in force.sown[fault.name]) == {fault.found.word: fault.count}


@pytest.mark.parametrize("fault", sown(AsVerdict))
def test_a_fault_is_a_verdict(judged, force, fault):
    outcomes = judged.verdicts[fault.found.rule]
    assert Counter(outcomes[key] for key in force.sown[fault.name]) == {fault.found.outcome: fault.count}


@pytest.mark.parametrize("fault", sown(AsCategory))
def test_a_fault_is_a_category_of_completion(judged, force, fault):
    incidents = [incident_of(judged, key) for key in force.sown[fault.name]]
    assert Counter(judged.categories[key] for key in incidents) == {str(fault.found.category): fault.count}


@pytest.mark.parametrize("fault", sown(AsStaff))
def test_a_fault_is_a_number_that_reaches_nobody(judged, force, fault):
    incidents, staff = judged.records.incidents, judged.records.staff
    numbers = dict(zip(incidents.keys, incidents.columns[fault.found.column].text(), strict=True))
    left = dict(zip(staff.keys, staff.columns["left_on"].present, strict=True))
    state = {True: "left", False: "there", None: "unknown"}
    found = [state[left.get(numbers[key])] for key in force.sown[fault.name]]
    assert Counter(found) == {fault.found.state: fault.count}


def test_what_is_excluded_is_what_was_sown(judged):
    world = judged.checked.world
    reasons = Counter(world.incidents.column("excluded_reason").text()[world.incidents.excluded])
    assert reasons == {
        each.found.word: each.count
        for each in SOWN
        if isinstance(each.found, AsCell) and each.found.column == "excluded_reason"
    }


def test_completion_is_as_inspected(judged):
    categories = pd.Series(judged.categories)
    due = categories.isin(
        ["complete", *("submitted, declined", "submitted, not complete")]
    ) | categories.str.startswith("none")
    assert 0.62 <= np.mean(categories[due] == "complete") <= 0.69


def incident_of(judged, key):
    """The incident of an assessment's key, or the key itself."""
    if "/" in key:
        return key
    assessments = judged.checked.world.assessments
    return assessments.incident_refs[list(assessments.keys).index(key)]
