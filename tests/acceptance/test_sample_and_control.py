"""The monitor held to a person's judgement and to another system's count: kept with the ledger, shown in the report."""

from __future__ import annotations

import csv
import io
import sqlite3
from pathlib import Path

import pytest

from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED, ledger_rows
from tests.acceptance.test_site import reported, text

LATER = "Wed 2026-11-04 06:30"


@pytest.fixture
def checked(force: SmallForce) -> SmallForce:
    force.put("incidents", [{**REPORTED, "incident_ref": f"I{n}"} for n in range(6)])
    force.put("assessments", [{**FORM, "assessment_ref": f"A{n}", "incident_ref": f"I{n}"} for n in range(4)])
    assert force.run("check").code == 0
    return force


def drawn(force: SmallForce, *more: str) -> Path:
    path = force.folder / "sample.csv"
    ran = force.run("sample", "--n", "10", "--seed", "7", "--out", str(path), *more)
    assert ran.code == 0, ran.err
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8"), newline="")))


def fill(path: Path, answers: list[str]) -> None:
    rows = rows_of(path)
    for row, answer in zip(rows, answers, strict=False):
        row["agree"] = answer
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # as a spreadsheet saves it
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_a_sample_has_references_verdicts_and_times_and_an_empty_column_for_a_person(checked: SmallForce):
    rows = rows_of(drawn(checked))
    assert len(rows) == 10
    assert {row["run"] for row in rows} == {"1"}
    assert {row["verdict"] for row in rows} <= {"done in time", "done late", "overdue", "cannot be judged"}
    assert {(row["agree"], row["remark"]) for row in rows} == {("", "")}
    assert all(row["due_at"].endswith("Z") for row in rows if row["verdict"] == "overdue")
    first = drawn(checked).read_bytes()
    assert drawn(checked).read_bytes() == first
    assert drawn(checked, "--seed", "8").read_bytes() != first


def test_a_score_is_printed_with_its_interval_kept_and_shown_on_the_overview(checked: SmallForce):
    path = drawn(checked)
    fill(path, ["yes"] * 7 + ["No"] + [""] * 2)
    ran = checked.run("sample", "--score", str(path), "--by", "A. Checker", at=LATER)
    assert ran.code == 0, ran.err
    assert ran.out.strip() == (
        "Agreed with 7 of 8 verdicts of run 1: 87.5% (95% interval 52.9% to 97.8%). 2 of 10 not answered."
    )
    kept = ledger_rows(checked, "SELECT run_id, seed, drawn, answered, agreed, author FROM sample_score")
    assert kept == [(1, 7, 10, 8, 7, "A. Checker")]
    folder = reported(checked)
    assert "A. Checker agreed with 7 of 8, [u] fewer than 10 of the verdicts drawn at random from run 1." in text(
        folder / "index.html"
    )
    assert "A. Checker looked at 8 of 10 verdicts drawn at random from run 1" in text(folder / "cross-checks.html")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(lambda rows: rows.pop(), "rows are missing, added or changed", id="a row taken out"),
        pytest.param(
            lambda rows: [row.update(agree="") for row in rows], "nothing is filled in", id="nothing filled in"
        ),
        pytest.param(lambda rows: [row.update(run="9") for row in rows], "no run 9", id="a run that is not there"),
    ],
)
def test_a_sample_that_is_no_sample_any_more_is_refused_in_one_line_and_nothing_is_kept(
    checked: SmallForce, spoil, words
):
    path = drawn(checked)
    rows = rows_of(path)
    for row in rows:
        row["agree"] = "yes"
    spoil(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    ran = checked.run("sample", "--score", str(path), "--by", "A")
    assert ran.code != 0
    assert words in ran.err
    assert ran.err.count("\n") == 1
    assert ledger_rows(checked, "SELECT count(*) FROM sample_score") == [(0,)]


def with_control(force: SmallForce, query: str, more: str = "") -> None:
    force.edit("[readers]", f'[reports.control]\nname = "Crime statistics"\nquery = "{query}"\n{more}[readers]')


def test_another_system_s_count_stands_beside_ours_month_by_month_and_a_past_report_keeps_its_own(force: SmallForce):
    with sqlite3.connect(force.folder / "other.db") as other:
        other.execute("CREATE TABLE da (month, incidents)")
        other.executemany("INSERT INTO da VALUES (?, ?)", [("2026-10", 4), ("2026-09", 2)])
    with_control(force, "SELECT month, incidents FROM da", 'url = "sqlite:///other.db"\n')
    force.put("incidents", [REPORTED, {**REPORTED, "incident_ref": "I2", "excluded_reason": "duplicate"}])
    assert force.run("check").code == 0
    said = text(reported(force) / "cross-checks.html")
    assert "October 2026 2 1 4 +2" in said
    assert "September 2026 0 0 2 +2" in said
    assert "October 2026: 2 incidents here, 4 in Crime statistics, a gap of +2" in text(
        force.folder / "reports-out/index.html"
    )
    with sqlite3.connect(force.folder / "other.db") as other:
        other.execute("UPDATE da SET incidents = 9")
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", at=LATER).code == 0
    (force.folder / "other.db").unlink()
    assert "October 2026 2 1 9 +7" in text(reported(force, at=LATER) / "cross-checks.html")
    assert "October 2026 2 1 4 +2" in text(reported(force, "--run", "1", at=LATER) / "cross-checks.html")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT month, n FROM nowhere", "reports.control.query"),
        ("SELECT 'October', 1", "row 1 has no readable month"),
    ],
)
def test_a_system_that_cannot_be_asked_stops_no_run_and_the_report_says_why(force: SmallForce, query, words):
    with_control(force, query)
    force.put("incidents", [REPORTED])
    assert force.run("check").code == 0
    said = text(reported(force) / "cross-checks.html")
    assert "Crime statistics could not be asked in this run" in said
    assert words in said
    assert "October'" not in said


def test_a_control_total_is_asked_of_the_records_own_database_where_it_has_no_address(force: SmallForce):
    with_control(
        force, "SELECT substr(reported_at, 1, 7), count(*) FROM incidents WHERE reported_at >= :since GROUP BY 1"
    )
    force.put("incidents", [REPORTED, {**REPORTED, "incident_ref": "I2"}])
    assert force.run("check").code == 0
    assert "October 2026 2 0 2 +0" in text(reported(force) / "cross-checks.html")
