"""A past morning judged again from the ledger alone says what was said, whatever the records have become since."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pandas as pd

from dacompliance.audit.past import differences, past_run
from dacompliance.ledger import history, runs
from dacompliance.ledger.database import open_ledger
from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED


def judged_again(force: SmallForce) -> list[tuple[int, int]]:
    """Judge every run again, and return of each how many verdicts stood and how many differ."""
    with closing(open_ledger(f"sqlite:///{force.ledger}", create=False)) as ledger, ledger.read() as connection:
        found = []
        for run in reversed(runs.runs(connection)):
            said = history.verdicts_at(connection, run.id)
            again = past_run(connection, run.id).judged_again().frame()
            found.append((len(said), len(differences(said, again))))
    return found


def test_every_morning_says_the_same_again_after_the_records_have_changed_and_gone(force: SmallForce):
    force.put(
        "incidents",
        [REPORTED, {**REPORTED, "incident_ref": "I2"}, {**REPORTED, "incident_ref": "I3", "reported_at": "31/02/2026"}],
    )
    force.put(
        "assessments",
        [
            FORM,
            {
                **FORM,
                "assessment_ref": "A2",
                "incident_ref": "I2",
                "submitted_at": "2026-10-31",
                "risk_grade": "higher",
            },
        ],
    )
    force.put(
        "referrals",
        [{"referral_ref": "R1", "incident_ref": "I1", "destination": "MASH", "referred_at": "2026-10-31 10:00"}],
    )
    force.edit("[readers]", "[gates]\nshort_share = 0.1\n[readers]")
    assert force.run("check").code == 0
    force.execute("DELETE FROM incidents WHERE incident_ref = 'I2'")
    force.execute(
        "UPDATE assessments SET signed_off_at = '2026-11-01 07:00', final_grade = 'medium' WHERE assessment_ref = 'A1'"
    )
    force.execute("UPDATE referrals SET cancelled = 'yes'")
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", at="Wed 2026-11-04 06:30").code == 0
    force.put("incidents", [{**REPORTED, "incident_ref": "I2", "reported_at": "2026-10-29 10:00"}])
    force.load("Thu 2026-11-05 05:30")
    assert force.run("check", at="Thu 2026-11-05 06:30").code == 0
    (force.folder / "force.db").unlink()
    again = force.run("replay", "2", "--export", str(force.folder / "again.csv"))
    assert again.code == 0, again.err
    assert "0 of" in again.out
    stood = judged_again(force)
    assert [differ for _, differ in stood] == [0, 0, 0]
    assert all(said > 0 for said, _ in stood)


def test_a_run_that_no_longer_says_the_same_is_named_and_fails(force: SmallForce):
    force.put("incidents", [REPORTED])
    assert force.run("check").code == 0
    with closing(sqlite3.connect(force.ledger)) as connection, connection:
        connection.execute("UPDATE verdict_history SET outcome = 'met' WHERE rule_id = 'RA-01'")
    ran = force.run("replay", "1")
    assert ran.code == 9
    assert "RA-01 I1" in ran.out


def test_a_run_that_is_not_there_is_one_clear_line(force: SmallForce):
    force.put("incidents", [REPORTED])
    assert force.run("check").code == 0
    ran = force.run("replay", "7")
    assert ran.code == 6
    assert ran.err.count("\n") == 1


def test_a_difference_is_found_where_there_is_one():
    columns = ["rule_id", "version", "about", "item_ref", "incident_ref", "outcome", "due_at", "done_at", "reason"]
    row = ["R-1", "2015-01-01", "incident", "I1", "I1", "met", pd.NaT, pd.NaT, ""]
    said = pd.DataFrame([row, [*row[:3], "I2", "I2", "not_applicable", pd.NaT, pd.NaT, "applies"]], columns=columns)
    again = pd.DataFrame([[*row[:5], "late", pd.NaT, pd.NaT, ""]], columns=columns)
    assert differences(said, again).to_numpy().tolist() == [["R-1", "I1"]]
    assert differences(said, said).empty
    assert differences(said, said[said["item_ref"] == "I1"]).empty  # what does not apply is implied
    assert len(differences(said, said[said["item_ref"] == "I2"])) == 1
