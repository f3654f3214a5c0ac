"""What the data's keeper is told: faults grouped, worst kind first, by reference."""

from __future__ import annotations

import pandas as pd
import pytest

from dacompliance.exceptions.faults import DataFault, by_weight, data_faults, in_order, quality_list, unlisted
from dacompliance.exceptions.meanings import MEANINGS, WEIGHTS
from dacompliance.policy.files import load_pack
from dacompliance.records.contract import Finding
from tests.worlds import UNREADABLE, records

COLUMNS = ["record_set", "key", "column", "finding"]


def findings(*rows: tuple[str, str, str, Finding]) -> pd.DataFrame:
    return pd.DataFrame([(*row[:3], row[3].value) for row in rows], columns=COLUMNS)


def test_faults_are_grouped_with_what_is_set_aside_first():
    found = findings(
        ("incidents", "I2", "reported_at", Finding.DATE_ONLY),
        ("referrals", "R1", "referred_at", Finding.UNREADABLE),
        ("assessments", "A2", "risk_grade", Finding.UNREADABLE),
        ("assessments", "A1", "risk_grade", Finding.UNREADABLE),
        ("assessments", "A1", "", Finding.CONFLICTING_KEY),
    )
    assert data_faults(found) == [
        DataFault("assessments", "", Finding.CONFLICTING_KEY, 1, 1, ("A1",)),
        DataFault("assessments", "risk_grade", Finding.UNREADABLE, 2, 2, ("A1", "A2")),
        DataFault("referrals", "referred_at", Finding.UNREADABLE, 1, 1, ("R1",)),
        DataFault("incidents", "reported_at", Finding.DATE_ONLY, 1, 1, ("I2",)),
    ]


def test_every_row_is_counted_and_the_first_references_are_listed():
    found = findings(*(("incidents", f"I{number:02d}", "", Finding.MISSING_KEY) for number in range(30)))
    (fault,) = data_faults(found, most=3)
    assert (fault.count, fault.refs, fault.more) == (30, ("I00", "I01", "I02"), 27)


def test_a_row_without_a_key_has_no_reference():
    (fault,) = data_faults(
        findings(("incidents", "", "", Finding.MISSING_KEY), ("incidents", "", "", Finding.MISSING_KEY))
    )
    assert (fault.count, fault.refs, fault.more) == (2, (), 0)


def test_rows_that_share_a_key_are_each_counted_and_the_key_is_shown_once():
    (fault,) = data_faults(findings(*[("incidents", "I1", "incident_ref", Finding.CONFLICTING_KEY)] * 3))
    assert (fault.count, fault.keys, fault.refs, fault.more) == (3, 1, ("I1",), 0)


def test_no_findings_are_no_faults():
    assert data_faults(pd.DataFrame(columns=COLUMNS)) == []


def test_every_finding_says_what_it_does_and_what_can_be_done():
    assert set(MEANINGS) == set(Finding)
    for finding, meaning in MEANINGS.items():
        assert (meaning.weight == "unreadable") == finding.is_unreadable
        assert (meaning.weight in ("set aside", "unmatched")) == finding.sets_aside
        assert meaning.effect.endswith(".")
        assert meaning.mend.endswith(".")


def test_they_are_counted_by_what_they_do_every_weight_named():
    faults = data_faults(
        findings(
            ("incidents", "", "incident_ref", Finding.MISSING_KEY),
            ("incidents", "I1", "area", Finding.UNREADABLE),
            ("incidents", "I2", "area", Finding.UNREADABLE),
        )
    )
    assert by_weight(faults) == {"set aside": 1, "unmatched": 0, "unreadable": 2, "unlisted": 0, "noted": 0}
    assert tuple(by_weight(())) == WEIGHTS


def test_the_order_of_the_findings_changes_nothing():
    found = findings(
        ("staff", "S1", "left_on", Finding.UNREADABLE),
        ("incidents", "I2", "area", Finding.UNREADABLE),
        ("incidents", "", "incident_ref", Finding.MISSING_KEY),
        ("incidents", "I1", "area", Finding.UNREADABLE),
    )
    keys = in_order(found)["key"].tolist()
    assert keys == ["", "I1", "I2", "S1"]
    assert in_order(found.iloc[::-1])["key"].tolist() == keys


PACK = load_pack(None, {})
INCIDENT = {"incident_ref": "I1", "reported_at": "Mon 2026-11-02 21:10"}


def shown(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    return [tuple(row) for row in rows[["record_set", "key", "column"]].itertuples(index=False)]


@pytest.mark.parametrize(
    ("destination", "listed", "told"),
    [
        pytest.param("MASH", (), False, id="a rule names it"),
        pytest.param("VICTIM SUPPORT", ("Victim Support",), False, id="the configuration lists it"),
        pytest.param("VICTIM SUPPORT", ("VICTIM-SUPPORT",), False, id="as a fact's name, spelt otherwise"),
        pytest.param("MASSH", ("IDVA",), True, id="a slip of the pen"),
        pytest.param(None, (), False, id="missing is not unlisted"),
        pytest.param(UNREADABLE, (), False, id="nor is unreadable"),
    ],
)
def test_a_destination_is_known_by_a_rule_or_the_configuration(destination, listed, told):
    world = records([INCIDENT], referrals=[{"referral_ref": "R1", "incident_ref": "I1", "destination": destination}])
    expected = [("referrals", "R1", "destination")] if told else []
    assert shown(quality_list(world.findings, unlisted(world, PACK, listed))) == expected


@pytest.mark.parametrize(("instrument", "told"), [("DASH-27", False), ("DASH-27 v2", True), (None, False)])
def test_an_instrument_is_known_by_its_file(instrument, told):
    form = {"assessment_ref": "A1", "incident_ref": "I1", "instrument": instrument}
    expected = [("assessments", "A1", "instrument")] if told else []
    world = records([INCIDENT], [form])
    assert shown(quality_list(world.findings, unlisted(world, PACK, ()))) == expected


def test_without_forms_or_referrals_nothing_is_unlisted():
    world = records([INCIDENT])
    assert quality_list(world.findings, unlisted(world, PACK, ())).empty
