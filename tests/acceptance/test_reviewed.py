"""What a fresh reader broke once, and must not break again."""

from __future__ import annotations

import csv

import pytest

from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED, ledger_rows, unit_mail


@pytest.mark.parametrize(
    "address",
    [
        "Jo Bloggs <jo@force.example>",
        "jo",
        "a b@force.example",
        "j\u00f6@force.example",
        "jo@force.example\r\nBcc: x@y.example",
    ],
)
def test_an_address_no_mail_can_go_to_is_passed_over_and_nobody_waits_for_it(force: SmallForce, address):
    force.put("incidents", [REPORTED])
    force.put("staff", [{"staff_id": "77", "email": address}])
    ran = force.run("check", "--send")
    assert ran.code == 0, ran.err
    assert "I1" in unit_mail(force, "2026-11-03")
    assert ledger_rows(force, "SELECT count(*) FROM notice_recipient WHERE state <> 'written'") == [(0,)]


def test_a_mistyped_year_is_refused_not_judged(force: SmallForce):
    force.put("incidents", [REPORTED])
    ran = force.run("check", "--as-at", "2030-01-01 00:00", "--send")
    assert ran.code == 2
    assert ledger_rows(force, "SELECT count(*) FROM run") == [(0,)]


@pytest.mark.parametrize("rule", ["XX-99", "SUP-01"])
def test_a_completion_rule_that_gives_no_limit_is_refused_before_anything_is_read(force: SmallForce, rule):
    force.put("incidents", [REPORTED])
    force.edit("[readers]", f'[rules]\ncompletion_rule = "{rule}"\n[readers]')
    ran = force.run("check")
    assert ran.code == 3
    assert "rules.completion_rule" in ran.err
    assert "RA-01" in ran.err


def test_an_export_replaces_nothing_but_a_csv_file(force: SmallForce):
    force.put("incidents", [REPORTED])
    before = force.config.read_bytes()
    assert force.run("check", "--export", str(force.config)).code == 2
    assert force.config.read_bytes() == before
    assert force.run("check", "--export", "/dev/null").code == 2


def test_a_report_into_a_folder_that_cannot_be_is_one_clear_line(force: SmallForce):
    force.put("incidents", [REPORTED])
    assert force.run("check").code == 0
    ran = force.run("report", "--folder", str(force.config / "below-a-file"))
    assert ran.code == 2
    assert ran.err.count("\n") == 1


def test_mail_that_cannot_leave_says_so_with_its_own_exit_code(force: SmallForce):
    force.put("incidents", [REPORTED])
    force.edit(
        "[mail]",
        '[mail]\nmode = "on"\nallowed_domains = ["force.example"]\nhost = "localhost"\nport = 9\nsecurity = "none"',
    )
    ran = force.run("check", "--send")
    assert ran.code == 7
    assert "not handed over" in ran.err


def test_the_whole_list_of_open_exceptions_is_where_the_digest_says(force: SmallForce):
    force.put("incidents", [REPORTED, {**REPORTED, "incident_ref": "=I2"}])
    force.put("assessments", [FORM])
    assert force.run("check", "--send").code == 0
    assert "open-exceptions.csv" in unit_mail(force, "2026-11-03").replace("\n", "")
    assert force.run("report").code == 0
    with (force.folder / "reports-out" / "open-exceptions.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == ledger_rows(force, "SELECT count(*) FROM exception WHERE state = 'open'")[0][0] > 0
    assert {row["incident_ref"] for row in rows} == {"I1", "'=I2"}
    assert {"REF-01", "RU-01"} <= {row["rule_id"] for row in rows}
    assert {(row["owner"], row["owner_at_opening"]) for row in rows} == {("unit", "unit")}
