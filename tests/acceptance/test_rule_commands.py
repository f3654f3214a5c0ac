"""The commands about rules: what is on and off and why, what is worth mending, and what a file would change."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest

from dacompliance.resources import rules_folder
from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED

TODAY = "Tue 2026-11-03 06:30"


def own_pack(force: SmallForce) -> Path:
    """Give the force a pack of its own: a copy of the bundled one."""
    rules = force.folder / "rules"
    rules.mkdir()
    for path in rules_folder().glob("*.toml"):
        (rules / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    force.edit("[readers]", '[rules]\nfolder = "rules"\n[readers]')
    return rules


def ref_01(folder: Path) -> Path:
    return next(folder.glob("REF-01*"))


def new_version(text: str, begins: str, within: str = "12 hours") -> str:
    """Return REF-01 with a version more."""
    version = f"""[[version]]
in_force_from = {begins}
applies       = {{ grade = {{ is = "present", equals = "high" }} }}
start         = "grade_since"
within        = "{within}"
clock         = "elapsed"
done          = "mash_referred_at"
early         = "48 hours"

"""
    before, found, after = text.partition("[[case]]")
    return f"{before}{version}{found}{after}"


def fingerprint(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


# list ----------------------------------------------------------------------------------------------------------------


def test_before_any_run_the_list_says_that_nobody_knows_what_is_off(force: SmallForce):
    ran = force.run("rules", "list")
    assert ran.code == 0
    assert "SWITCHED OFF" not in ran.out
    assert "Which rules a run would switch off is not known" in ran.out


def test_the_list_says_what_the_last_run_switched_off_and_why(force: SmallForce):
    force.put("incidents", [REPORTED])
    assert force.run("check").code == 0
    out = force.run("rules", "list").out
    assert "SWITCHED OFF in run 1: incidents.specialist_allocated_at is not mapped" in out
    assert out.count("SWITCHED OFF") == 3  # specialists, protection notices and counts of yes are not in its query
    assert "As run 1 found them, as at 2026-11-03 05:30." in out


def test_the_list_says_what_the_last_run_did_not_trust(force: SmallForce):
    force.put("incidents", [{**REPORTED, "incident_ref": f"I{n}"} for n in range(10)])
    assert force.run("check").code == 0
    force.execute("DELETE FROM incidents WHERE incident_ref <> 'I1'")
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", at="Wed 2026-11-04 06:30").code == 8
    assert "not checked in run 2: incidents" in force.run("rules", "list").out


def test_the_list_says_what_no_query_can_mend(force: SmallForce):
    """A record set that the configuration does not read at all is known before any run."""
    text = force.config.read_text()
    begin, end = text.index("[records.referrals]"), text.index("[records.staff]")
    force.config.write_text(text[:begin] + text[end:])
    lines = force.run("rules", "list").out.splitlines()
    mash = lines.index("REF-01  High-risk cases reach the MASH within 24 hours")
    assert lines[mash + 2].strip() == "SWITCHED OFF: referrals has no query"


def test_the_list_ends_with_what_can_be_adopted(force: SmallForce):
    rules = own_pack(force)
    out = force.run("rules", "list").out
    assert "Off until adopted" in out
    assert "REF-02-medium-risk-to-mash.toml" in out
    adopted = rules_folder() / "optional" / "REF-02-medium-risk-to-mash.toml"
    (rules / adopted.name).write_text(adopted.read_text(encoding="utf-8"), encoding="utf-8")
    out = force.run("rules", "list").out
    assert "REF-02  Medium-risk cases reach the MASH within two working days" in out
    assert adopted.name not in out


def test_a_force_s_own_optional_rules_are_offered_in_place_of_the_bundled_ones(force: SmallForce):
    (own_pack(force) / "optional").mkdir()
    assert "Off until adopted" not in force.run("rules", "list").out


# show ----------------------------------------------------------------------------------------------------------------


def test_a_rule_that_is_off_until_adopted_is_shown_and_said_to_be(force: SmallForce):
    ran = force.run("rules", "show", "REF-02")
    assert ran.code == 0
    assert ran.out.startswith("Off until adopted")
    assert "MASH referral" in ran.out


def test_what_is_shown_fits_a_terminal(force: SmallForce):
    assert max(map(len, force.run("rules", "show", "SUP-01").out.splitlines())) <= 100


def test_a_rule_nobody_has_is_refused_with_those_there_are(force: SmallForce):
    ran = force.run("rules", "show", "XX-01")
    assert ran.code == 2
    assert "It has: INV-01" in ran.err
    assert "Off until adopted: INV-02" in ran.err


# check ---------------------------------------------------------------------------------------------------------------


def test_the_check_warns_of_destinations_and_approvals(force: SmallForce):
    ran = force.run("rules", "check")
    assert ran.code == 0
    assert "19 files read: 16 rules with 16 versions, 2 calendars." in ran.out
    assert "Warning: REF-04: no referral goes to MARAC" in ran.out
    assert "Warning: REF-01: nobody has approved version 2014-01-01" in ran.out
    assert "no referral goes to MASH" not in ran.out  # the configuration knows it


def test_a_destination_in_the_last_run_s_records_is_known(force: SmallForce):
    force.put("incidents", [REPORTED])
    force.put(
        "referrals",
        [{"referral_ref": "R1", "incident_ref": "I1", "destination": "MARAC", "referred_at": "2026-10-31 09:30"}],
    )
    assert force.run("check").code == 0
    assert "MARAC" not in force.run("rules", "check").out


def test_the_check_refuses_every_faulty_file_at_once(force: SmallForce):
    rules = own_pack(force)
    for name in ("REF-01", "RA-01"):
        path = next(rules.glob(f"{name}*"))
        path.write_text(path.read_text(encoding="utf-8").replace("severity", "sverity", 1), encoding="utf-8")
    ran = force.run("rules", "check")
    assert ran.code == 4
    assert ran.err.count("sverity") == 2


def test_the_check_finds_an_edited_version_before_a_run_does(force: SmallForce):
    rules = own_pack(force)
    force.put("incidents", [REPORTED])
    assert force.run("check").code == 0
    path = ref_01(rules)
    path.write_text(path.read_text(encoding="utf-8").replace('"24 hours"', '"36 hours"', 1), encoding="utf-8")
    ran = force.run("rules", "check")
    assert ran.code == 4
    assert "never edited" in ran.err


# preview -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def morning(force: SmallForce) -> SmallForce:
    """Give three high-risk cases: referred after six hours, after eighteen, and never."""
    for n, sent in enumerate(["2026-10-31 05:40", "2026-10-31 17:40", None], start=1):
        force.put("incidents", [{**REPORTED, "incident_ref": f"I{n}"}])
        force.put("assessments", [{**FORM, "assessment_ref": f"A{n}", "incident_ref": f"I{n}"}])
        if sent:
            row = {"referral_ref": f"R{n}", "incident_ref": f"I{n}", "destination": "MASH", "referred_at": sent}
            force.put("referrals", [row])
    return force


def candidate(force: SmallForce, begins: str, within: str = "12 hours") -> Path:
    path = force.folder / "REF-01-candidate.toml"
    path.write_text(new_version(ref_01(rules_folder()).read_text(encoding="utf-8"), begins, within), encoding="utf-8")
    return path


PERIOD = ("--from", "2026-10-01", "--to", "2026-10-31")


def test_a_preview_says_from_what_to_what_and_writes_nothing(morning: SmallForce):
    file = candidate(morning, "2026-10-15")
    before = fingerprint(morning.folder)
    ran = morning.run("rules", "preview", str(file), *PERIOD)
    assert ran.code == 0, ran.err
    assert "3 incidents judged; 1 change outcome." in ran.out
    assert "      1  done in time -> done late" in ran.out
    assert "      2  keep their outcome, with another due time, version or reason" in ran.out
    assert "Overdue or not to be judged: 1 before, 1 after." in ran.out
    assert "as if" not in ran.out
    assert fingerprint(morning.folder) == before


def test_a_version_that_begins_later_is_judged_as_if_it_were_in_force(morning: SmallForce):
    ran = morning.run("rules", "preview", str(candidate(morning, "2027-04-01")), *PERIOD)
    assert "judged as if it had been in force from 2026-10-01" in ran.out
    assert "      1  done in time -> done late" in ran.out


def test_the_csv_has_a_row_for_each_verdict_that_moves(morning: SmallForce):
    path = morning.folder / "moved.csv"
    ran = morning.run("rules", "preview", str(candidate(morning, "2027-04-01")), *PERIOD, "--export", str(path))
    assert "Each of them is in" in ran.out
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["item_ref"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"I1", "I2", "I3"}
    assert (rows["I2"]["outcome_before"], rows["I2"]["outcome_after"]) == ("met", "late")
    assert (rows["I2"]["due_at_before"], rows["I2"]["due_at_after"]) == ("2026-10-31T23:40:00Z", "2026-10-31T11:40:00Z")
    assert (rows["I2"]["version_before"], rows["I2"]["version_after"]) == ("2014-01-01", "2027-04-01")
    assert rows["I1"]["changed"] == "version; due_at"


def test_the_file_as_the_pack_has_it_changes_nothing(morning: SmallForce):
    ran = morning.run("rules", "preview", str(ref_01(rules_folder())), *PERIOD)
    assert "3 incidents judged; 0 change outcome." in ran.out
    assert "->" not in ran.out


def test_incidents_of_other_days_are_left_out(morning: SmallForce):
    file = candidate(morning, "2027-04-01")
    ran = morning.run("rules", "preview", str(file), "--from", "2026-10-31", "--to", "2026-11-01")
    assert "0 incidents judged; 0 change outcome." in ran.out


def test_a_rule_the_pack_does_not_have_is_new(morning: SmallForce):
    file = rules_folder() / "optional" / "REF-05-high-risk-to-idva.toml"
    ran = morning.run("rules", "preview", str(file), *PERIOD)
    assert "The pack has no such rule" in ran.out
    assert "      3  does not apply -> overdue" in ran.out


def test_a_rule_that_would_be_off_says_why(morning: SmallForce):
    file = rules_folder() / "optional" / "INV-02-investigation-plan-set.toml"
    ran = morning.run("rules", "preview", str(file), *PERIOD)
    assert "is switched off, and judges nothing: incidents.plan_set_at is not mapped." in ran.out


def test_the_last_run_s_records_are_judged_where_they_are_asked_for(morning: SmallForce):
    file = candidate(morning, "2027-04-01")
    ran = morning.run("rules", "preview", str(file), *PERIOD, "--from-ledger")
    assert ran.code == 6  # no run yet
    assert morning.run("check").code == 0
    before = fingerprint(morning.folder)
    morning.execute("DELETE FROM referrals")
    ran = morning.run("rules", "preview", str(file), *PERIOD, "--from-ledger")
    assert "the records of run 1" in ran.out
    assert "      1  done in time -> done late" in ran.out
    after = fingerprint(morning.folder)
    assert {path for path in after if after[path] != before.get(path)} == {str(morning.folder / "force.db")}


def test_a_preview_of_records_long_loaded_is_a_preview_still(morning: SmallForce):
    ran = morning.run("rules", "preview", str(candidate(morning, "2027-04-01")), *PERIOD, at="Tue 2026-12-01 09:00")
    assert "      1  done in time -> done late" in ran.out


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-10-31", "2026-10-01", "the period ends before it begins"),
        ("31/10/2026", "2026-10-31", "--from: is not a date"),
        ("2026-10-01", "soon", "--to: is not a date"),
    ],
)
def test_a_period_that_is_none_is_refused_in_one_line(morning: SmallForce, first, last, said):
    ran = morning.run("rules", "preview", str(candidate(morning, "2027-04-01")), "--from", first, "--to", last)
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_file_that_cannot_be_understood_is_refused(morning: SmallForce):
    file = candidate(morning, "2027-04-01", within="0 hours")
    ran = morning.run("rules", "preview", str(file), *PERIOD)
    assert ran.code == 4
    assert "leaves no time to act" in ran.err
