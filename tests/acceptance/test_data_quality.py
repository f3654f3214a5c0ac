"""The data-quality list of whole runs: from the ledger alone, of any run, by key and column and never by value."""

from __future__ import annotations

import csv
import email
import email.policy
from collections import Counter

from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED

SECRET = "Mistress Quickly"  # stands where a time, a grade or a destination should, and must be told to nobody


def listed(force: SmallForce, *arguments: str) -> list[tuple[str, ...]]:
    ran = force.run("report", *arguments)
    assert ran.code == 0, ran.err
    with (force.folder / "reports-out" / "data-quality.csv").open(encoding="utf-8-sig", newline="") as file:
        return [tuple(row[name] for name in ("weight", "record_set", "key", "column")) for row in csv.DictReader(file)]


def put_faults(force: SmallForce) -> None:
    force.put("incidents", [REPORTED, {**REPORTED, "incident_ref": "I2", "reported_at": SECRET}])
    force.put("incidents", [{**REPORTED, "incident_ref": None}])
    force.put("incidents", [{**REPORTED, "incident_ref": "I3"}, {**REPORTED, "incident_ref": "I3", "team": "Other"}])
    force.put(
        "assessments",
        [
            {**FORM, "risk_grade": SECRET, "instrument": SECRET},
            {**FORM, "assessment_ref": "A2", "incident_ref": "nowhere"},
            {**FORM, "assessment_ref": "A3", "incident_ref": "I2"},
        ],
    )
    referral = {"incident_ref": "I1", "destination": "MASH", "referred_at": "2026-11-02 22:00"}
    force.put(
        "referrals",
        [
            {**referral, "referral_ref": "R1", "destination": SECRET},
            {**referral, "referral_ref": "R2", "referred_at": "2026-10-25 01:30"},
            {**referral, "referral_ref": "R3", "referred_at": "2026-03-29 01:30"},
            {**referral, "referral_ref": "R4"},
            {**referral, "referral_ref": "R4"},
        ],
    )


FAULTS = {
    ("set aside", "incidents", "", "incident_ref"),
    ("set aside", "incidents", "I3", "incident_ref"),
    ("set aside", "incidents", "I2", "reported_at"),
    ("unmatched", "assessments", "A2", "incident_ref"),
    ("unmatched", "assessments", "A3", "incident_ref"),
    ("unreadable", "incidents", "I2", "reported_at"),
    ("unreadable", "assessments", "A1", "risk_grade"),
    ("unlisted", "referrals", "R1", "destination"),
    ("unlisted", "assessments", "A1", "instrument"),
    ("noted", "referrals", "R2", "referred_at"),
    ("noted", "referrals", "R3", "referred_at"),
    ("noted", "referrals", "R4", "referral_ref"),
}


def test_it_lists_every_fault_by_key_and_column_and_no_value(force: SmallForce):
    put_faults(force)
    assert force.run("check").code == 0
    assert set(listed(force)) == FAULTS
    for name in ("data-quality.csv", "data-quality.html", "completion.html"):
        assert SECRET not in (force.folder / "reports-out" / name).read_text(encoding="utf-8")


def test_the_overview_counts_as_many_of_each_as_the_list_has(force: SmallForce):
    put_faults(force)
    assert force.run("check").code == 0
    counts = Counter(weight for weight, *_ in listed(force))
    page = " ".join((force.folder / "reports-out" / "index.html").read_text(encoding="utf-8").split())
    assert counts["unlisted"] == 2
    assert (
        f"{counts['set aside']} rows set aside, {counts['unmatched']} unmatched, {counts['unreadable']} cells unreadable, "
        f"{counts['unlisted']} destinations and instruments that nobody has listed"
    ) in page
    assert f"{counts['unlisted']} cells name a destination or an instrument that nobody has listed" in page


def test_any_past_run_gives_its_own_list_from_the_ledger_alone(force: SmallForce):
    put_faults(force)
    assert force.run("check").code == 0
    for record_set in ("incidents", "assessments", "referrals"):
        force.execute(f"DELETE FROM {record_set}")
    force.put("incidents", [REPORTED])
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", at="Wed 2026-11-04 06:30").code in (0, 8)
    (force.folder / "force.db").unlink()
    assert listed(force, "--run", "2") == []
    assert set(listed(force, "--run", "1")) == FAULTS


def test_a_listed_destination_and_instrument_are_on_the_list_no_more(force: SmallForce):
    force.put("incidents", [REPORTED])
    force.put("assessments", [FORM])
    referral = {"incident_ref": "I1", "referral_ref": "R1", "referred_at": "2026-11-02 22:00"}
    force.put("referrals", [{**referral, "destination": "Refuge"}])
    assert force.run("check").code == 0
    assert listed(force) == [("unlisted", "referrals", "R1", "destination")]
    force.edit("[readers]", '[rules]\ndestinations = ["MASH", "REFUGE"]\n[readers]')
    assert force.run("check", at="Tue 2026-11-03 07:30").code == 0
    assert listed(force) == []
    assert listed(force, "--run", "1") == [("unlisted", "referrals", "R1", "destination")], "as it was configured then"


def mail(force: SmallForce, day: str, reader: str = "data-quality") -> str:
    """Return subject and text of the data keeper's notice of a day, "" where there is none."""
    for path in sorted((force.folder / "outbox").glob(f"{day}-*-{reader}-data-quality-*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        assert SECRET not in path.read_text()
        return " ".join(f"{message['to']} {message['subject']} {body.get_content()}".split())
    return ""


def test_the_keeper_of_the_data_hears_every_day_what_to_mend_and_what_is_new(force: SmallForce):
    put_faults(force)
    assert force.run("check", "--send").code == 0
    first = mail(force, "2026-11-03")
    assert first.startswith("data@force.example OFFICIAL-SENSITIVE - DA checks Tue 3 Nov - Data quality: 10 to mend")
    assert "new since" not in first, "the first list is all new"
    for said in (
        "assessments.risk_grade: 1 cell",
        "Keys: A1",
        "referrals.destination: 1 row",
        "reports-out/data-quality.csv",
    ):
        assert said in first
    assert "4 open exceptions cannot be judged by anybody until a cell or a row here is mended" in first
    force.execute("UPDATE assessments SET risk_grade = 'high' WHERE assessment_ref = 'A1'")
    force.put("assessments", [{**FORM, "assessment_ref": "A9", "incident_ref": "nowhere"}])
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", "--send", at="Wed 2026-11-04 06:30").code == 0
    second = mail(force, "2026-11-04")
    assert "Data quality: 10 to mend, 1 new" in second
    assert "assessments.incident_ref: 2 rows, 1 NEW" in second
    assert "A9, A2" in second, "what is new is first"
    assert "risk_grade" not in second


def test_with_nothing_to_mend_the_mailbox_hears_just_that_and_the_fallback_nothing(force: SmallForce):
    force.put("incidents", [REPORTED])
    assert force.run("check", "--send").code == 0
    assert "Data quality: nothing to mend" in mail(force, "2026-11-03")
    force.edit('data_quality = "data@force.example"\n', "")
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", "--send", at="Wed 2026-11-04 06:30").code == 0
    assert mail(force, "2026-11-04") == ""
    force.put("assessments", [{**FORM, "incident_ref": "nowhere"}])
    force.load("Thu 2026-11-05 05:30")
    assert force.run("check", "--send", at="Thu 2026-11-05 06:30").code == 0
    assert mail(force, "2026-11-05").startswith("fallback@force.example OFFICIAL-SENSITIVE")
