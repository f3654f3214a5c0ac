"""What the data's keeper is told: faults grouped, worst kind first, by reference."""

from __future__ import annotations

import pandas as pd

from dacompliance.exceptions.faults import DataFault, data_faults
from dacompliance.records.contract import Finding

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
        DataFault("assessments", "", Finding.CONFLICTING_KEY, 1, ("A1",)),
        DataFault("assessments", "risk_grade", Finding.UNREADABLE, 2, ("A1", "A2")),
        DataFault("referrals", "referred_at", Finding.UNREADABLE, 1, ("R1",)),
        DataFault("incidents", "reported_at", Finding.DATE_ONLY, 1, ("I2",)),
    ]


def test_every_row_is_counted_and_the_first_references_are_listed():
    found = findings(*(("incidents", f"I{number:02d}", "", Finding.MISSING_KEY) for number in range(30)))
    (fault,) = data_faults(found, most=3)
    assert (fault.count, fault.refs) == (30, ("I00", "I01", "I02"))


def test_a_row_without_a_key_has_no_reference():
    (fault,) = data_faults(
        findings(("incidents", "", "", Finding.MISSING_KEY), ("incidents", "", "", Finding.MISSING_KEY))
    )
    assert (fault.count, fault.refs) == (2, ())


def test_no_findings_are_no_faults():
    assert data_faults(pd.DataFrame(columns=COLUMNS)) == []
