"""Whole runs on real parts: an SQLite source, the ledger, the bundled rules, notices as files, pages and exports."""

from __future__ import annotations

import csv
import email
import email.policy
import sqlite3
from contextlib import closing

from tests.acceptance.force import SmallForce

REPORTED = {
    "incident_ref": "I1",
    "reported_at": "2026-10-30 21:10",
    "area": "North",
    "team": "N1",
    "officer_id": "1482",
    "supervisor_id": "77",
}
FORM = {
    "assessment_ref": "A1", "incident_ref": "I1", "instrument": "DASH-27", "submitted_at": "2026-10-30 23:40", "assessor_id": "1482",
    "answered_count": 27, "declined": "no", "risk_grade": "high", "rationale_recorded": "yes",
    "signed_off_at": "2026-10-31 07:00", "signed_off_by": "77",
}  # fmt: skip


def ledger_rows(force: SmallForce, query: str) -> list[tuple]:
    with closing(sqlite3.connect(force.ledger)) as connection:
        return connection.execute(query).fetchall()


def verdicts(force: SmallForce, **wanted: str) -> list[dict[str, str]]:
    with (force.folder / "verdicts.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if all(row[name] == value for name, value in wanted.items())]


def test_a_high_risk_case_not_referred_is_found_told_referred_and_closed(force: SmallForce):
    force.put("incidents", [{**REPORTED, "checks_completed_at": "2026-10-31 09:00"}])
    force.put("assessments", [FORM])
    force.put("staff", [{"staff_id": "77", "email": "sergeant@force.example", "role": "sergeant"}])
    marac = {"incident_ref": "I1", "destination": "MARAC", "referred_at": "2026-10-31 09:30"}
    force.put("referrals", [{"referral_ref": "R0", **marac}])
    first = force.run("check", "--send", "--export", str(force.folder / "verdicts.csv"))
    assert first.code == 0, first.err
    (found,) = verdicts(force, rule_id="REF-01")
    assert (found["outcome"], found["due_at"]) == ("breached", "2026-10-31T23:40:00Z")
    assert ledger_rows(force, "SELECT rule_id, item_ref, kind FROM event") == [("REF-01", "I1", "opened")]
    digest = unit_mail(force, "2026-11-03")
    assert "I1" in digest
    assert "Refer" in digest

    force.put(
        "referrals",
        [{"referral_ref": "R1", "incident_ref": "I1", "destination": "MASH", "referred_at": "2026-11-03 10:00"}],
    )
    force.load("Wed 2026-11-04 05:30")
    second = force.run("check", "--send", at="Wed 2026-11-04 06:30")
    assert second.code == 0, second.err
    assert ledger_rows(force, "SELECT kind, reason FROM event ORDER BY id DESC LIMIT 1") == [("closed", "done")]
    assert "late" in unit_mail(force, "2026-11-04").lower()

    story = force.run("explain", "I1")
    assert "exception opened" in story.out
    assert "exception closed: done" in story.out
    assert story.out.index("risk assessment submission") < story.out.index("MASH") if "MASH" in story.out else True


def unit_mail(force: SmallForce, day: str) -> str:
    for path in sorted((force.folder / "outbox").glob(f"{day}*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if "unit@force.example" in str(message["To"]):
            return message.get_body(("plain",)).get_content()
    raise AssertionError(f"no mail to the unit of {day}")


def test_the_same_records_twice_change_nothing_and_say_nothing_new(force: SmallForce):
    force.put("incidents", [REPORTED])
    assert force.run("check").code == 0
    before = (
        ledger_rows(force, "SELECT count(*) FROM event")
        + ledger_rows(force, "SELECT count(*) FROM record_history")
        + ledger_rows(force, "SELECT count(*) FROM verdict_history")
    )
    again = force.run("check", at="Tue 2026-11-03 06:40")
    assert "nothing changed" in again.out
    after = (
        ledger_rows(force, "SELECT count(*) FROM event")
        + ledger_rows(force, "SELECT count(*) FROM record_history")
        + ledger_rows(force, "SELECT count(*) FROM verdict_history")
    )
    assert before == after


def test_an_as_at_before_the_last_run_judges_shows_and_writes_nothing(force: SmallForce):
    force.put("incidents", [REPORTED])
    assert force.run("check").code == 0
    before = force.ledger.read_bytes()
    past = force.run("check", "--as-at", "2026-10-31 06:00", "--export", str(force.folder / "verdicts.csv"), "--send")
    assert past.code == 0, past.err
    assert "nothing written" in past.out
    assert [row["outcome"] for row in verdicts(force, rule_id="RA-01")] == ["pending"]
    assert force.ledger.read_bytes() == before
    assert not (force.folder / "outbox").exists()


def test_an_as_at_later_than_the_records_are_known_to_is_refused(force: SmallForce):
    force.put("incidents", [REPORTED])
    ran = force.run("check", "--as-at", "2026-11-03 06:00")
    assert ran.code == 2
    assert "known only to 2026-11-03 05:30" in ran.err


def test_the_as_at_is_what_the_records_are_known_to_never_the_clock(force: SmallForce):
    force.put("incidents", [{**REPORTED, "reported_at": "2026-11-02 06:00"}])
    assert force.run("check", "--export", str(force.folder / "verdicts.csv"), at="Tue 2026-11-03 23:00").code == 0
    assert [row["outcome"] for row in verdicts(force, rule_id="RA-01")] == ["pending"]  # due 06:00, known to 05:30


def test_nothing_is_sent_unless_it_is_asked_for(force: SmallForce):
    force.put("incidents", [REPORTED])
    assert force.run("check").code == 0
    assert not (force.folder / "outbox").exists()
    assert ledger_rows(force, "SELECT count(*) FROM notice") == [(0,)]


def test_the_report_of_a_run_is_the_same_bytes_each_time(force: SmallForce):
    force.put("incidents", [REPORTED])
    force.put("assessments", [FORM])
    assert force.run("check").code == 0
    assert force.run("report", "--folder", str(force.folder / "one")).code == 0
    assert force.run("report", "--folder", str(force.folder / "two"), at="Fri 2026-12-04 10:00").code == 0
    for name in ("completion.html", "completion.csv", "completion-cases.csv"):
        assert (force.folder / "one" / name).read_bytes() == (force.folder / "two" / name).read_bytes()


def test_a_bad_row_never_stops_a_run(force: SmallForce):
    force.put(
        "incidents",
        [
            REPORTED,
            {**REPORTED, "incident_ref": "I2", "reported_at": "31/02/2026"},
            {**REPORTED, "incident_ref": "I3", "crime": "perhaps"},
        ],
    )
    ran = force.run("check")
    assert ran.code == 0
    assert "Set aside or without an incident: 1 rows. Cells that cannot be read: 2." in ran.out


def test_an_edited_published_version_is_refused(force: SmallForce):
    force.put("incidents", [REPORTED])
    rules = force.folder / "rules"
    rules.mkdir()
    from dacompliance.resources import rules_folder

    for path in rules_folder().glob("*.toml"):
        (rules / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    force.edit("[readers]", '[rules]\nfolder = "rules"\n[readers]')
    assert force.run("check").code == 0
    name = next(path for path in rules.iterdir() if path.name.startswith("REF-01"))
    name.write_text(name.read_text(encoding="utf-8").replace('"24 hours"', '"36 hours"', 1), encoding="utf-8")
    ran = force.run("check", at="Tue 2026-11-03 07:00")
    assert ran.code == 4
    assert "never edited" in ran.err


def test_a_short_copy_closes_nothing_and_says_so(force: SmallForce):
    force.put("incidents", [{**REPORTED, "incident_ref": f"I{n}"} for n in range(10)])
    assert force.run("check", "--send").code == 0
    force.execute("DELETE FROM incidents WHERE incident_ref <> 'I1'")
    force.load("Wed 2026-11-04 05:30")
    ran = force.run("check", "--send", at="Wed 2026-11-04 06:30")
    assert ran.code == 8
    assert "came short" in ran.out
    assert ledger_rows(force, "SELECT count(*) FROM event WHERE kind = 'closed'") == [(0,)]
    mail = unit_mail(force, "2026-11-04")
    assert "could not be checked" in mail.lower() or "not checked" in mail.lower()


def test_a_stale_copy_is_a_mail_of_its_own(force: SmallForce):
    force.put("incidents", [REPORTED])
    assert force.run("check", "--send").code == 0
    ran = force.run("check", "--send", at="Fri 2026-11-06 06:30")
    assert ran.code == 8
    assert "stale" in unit_mail(force, "2026-11-06").lower() or "old" in unit_mail(force, "2026-11-06").lower()
