"""The figures a run publishes: counted from its cases, kept with it, and never where the records were not trusted."""

from __future__ import annotations

from contextlib import closing

import pandas as pd

from dacompliance.ledger import figures
from dacompliance.ledger.database import open_ledger
from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED


def published(force: SmallForce, run: int, measure: str) -> dict[tuple[str, str], int]:
    """Return what a run published of the whole force, under (month, category)."""
    with closing(open_ledger(f"sqlite:///{force.ledger}", create=False)) as ledger, ledger.read() as connection:
        found: pd.DataFrame = figures.figures_of(connection, run)
    rows = found[(found["measure"] == measure) & (found["grouping"] == "force")]
    return {(row.period, row.category): row.count for row in rows.itertuples(index=False, name="Row")}


def two_incidents(force: SmallForce) -> None:
    force.put("incidents", [REPORTED, {**REPORTED, "incident_ref": "I2", "reported_at": "2026-11-01 10:00"}])
    force.put("assessments", [FORM])


def test_every_measure_is_kept_with_its_run_and_a_later_one_beside_it(force: SmallForce):
    two_incidents(force)
    assert force.run("check").code == 0
    assert published(force, 1, "completion") == {
        ("2026-10", "complete"): 1, ("2026-11", "none submitted, no reason"): 1,
        ("all", "complete"): 1, ("all", "none submitted, no reason"): 1,
    }  # fmt: skip
    assert published(force, 1, "RA-01")["2026-11", "not met"] == 1
    assert published(force, 1, "fully-compliant")["2026-11", "something not met"] == 1
    force.execute("UPDATE incidents SET excluded_reason = 'duplicate' WHERE incident_ref = 'I2'")
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", at="Wed 2026-11-04 06:30").code == 0
    assert published(force, 2, "RA-01")["2026-11", "excluded"] == 1
    assert published(force, 1, "RA-01")["2026-11", "not met"] == 1
    assert ("2026-11", "not met") not in published(force, 2, "RA-01")


def test_what_did_not_change_is_not_written_again(force: SmallForce):
    two_incidents(force)
    for day in ("Tue 2026-11-03", "Wed 2026-11-04"):
        force.load(f"{day} 05:30")
        assert force.run("check", at=f"{day} 06:30").code == 0
    with closing(open_ledger(f"sqlite:///{force.ledger}", create=False)) as ledger, ledger.read() as connection:
        rows = figures.restatements(connection, 2)
    assert set(rows.loc[rows["measure"] == "completion", "run_id"]) == {1}
    assert published(force, 2, "completion") == published(force, 1, "completion")


def test_completion_is_not_measured_by_assessments_that_are_not_trusted_whatever_rule_sets_its_limit(force: SmallForce):
    """INV-01 rests on no assessment, so its own status says nothing of them."""
    force.edit("[readers]", '[rules]\ncompletion_rule = "INV-01"\n[readers]')
    two_incidents(force)
    assert force.run("check").code == 0
    page = force.folder / "reports-out" / "completion.html"
    assert force.run("report").code == 0
    assert "not measured" not in page.read_text(encoding="utf-8")
    force.execute("DELETE FROM assessments")
    force.load("Wed 2026-11-04 05:30")
    force.run("check", at="Wed 2026-11-04 06:30")
    assert force.run("report", "--run", "2").code == 0
    said = page.read_text(encoding="utf-8")
    assert "Completion was not measured in this run" in said
    assert "not to be trusted in this run: assessments" in said
    assert published(force, 2, "completion") == published(force, 1, "completion")
    assert published(force, 2, "fully-compliant") == published(force, 1, "fully-compliant")
