"""A record set that is stale, empty, short or unreadable: only the rules that rest on it wait, and everyone is told."""

from __future__ import annotations

import pytest

from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED, ledger_rows, unit_mail

ON_REFERRALS = {"REF-01", "REF-03", "REF-04", "REF-08"}
ON_FORMS = {"RA-01", "RA-02", "RA-03", "SUP-01", "SUP-02", "SUP-03", "SUP-04", "SUP-05"}
WEDNESDAY = "Wed 2026-11-04 06:30"
OPEN = "SELECT rule_id, item_ref, state FROM exception ORDER BY rule_id, item_ref"


@pytest.fixture
def force(force: SmallForce) -> SmallForce:
    """A force of twenty incidents with forms and referrals, checked on Tuesday; each set has a log of its own."""
    numbers = range(20)
    force.put("incidents", [{**REPORTED, "incident_ref": f"I{n}"} for n in numbers])
    force.put("assessments", [{**FORM, "assessment_ref": f"A{n}", "incident_ref": f"I{n}"} for n in numbers])
    to_marac = {"destination": "MARAC", "referred_at": "2026-10-31 09:30"}
    force.put("referrals", [{"referral_ref": f"R{n}", "incident_ref": f"I{n}", **to_marac} for n in numbers])
    text = force.config.read_text()
    parts = text.split("[records.")
    for place, name in enumerate(("incidents", "assessments", "referrals"), start=1):
        parts[place] = parts[place].replace("FROM load_log", f"FROM load_of_{name}")
        force.execute(f"CREATE TABLE load_of_{name} AS SELECT * FROM load_log")
    force.config.write_text("[records.".join(parts))
    assert force.run("check", "--send").code == 0
    for name in ("incidents", "assessments", "referrals"):
        force.execute(f"UPDATE load_of_{name} SET loaded_at = '2026-11-04 05:30'")
    return force


def not_checked(out: str) -> set[str]:
    return {line.split()[0] for line in out.splitlines() if " not checked: " in line}


@pytest.mark.parametrize(
    ("breaks", "waits", "goes_on", "says"),
    [
        pytest.param("UPDATE load_of_referrals SET loaded_at = '2026-11-02 05:30'", ON_REFERRALS, {"RA-01", "SUP-01"}, "referrals are known to an instant more than 36 hours ago", id="stale"),
        pytest.param("DELETE FROM referrals", ON_REFERRALS, {"RA-01", "SUP-01"}, "referrals came empty, and had 20 rows before", id="empty"),
        pytest.param("DELETE FROM referrals WHERE incident_ref > 'I15'", ON_REFERRALS, {"RA-01"}, "referrals came short", id="short"),
        pytest.param("UPDATE assessments SET risk_grade = '?' WHERE incident_ref > 'I11'", ON_FORMS, {"REF-08"}, "assessments came short", id="a column with too many unreadable cells"),
        pytest.param("UPDATE assessments SET submitted_at = '31/02' WHERE incident_ref > 'I11'", ON_FORMS, {"REF-08"}, "assessments came short", id="rows set aside count against it"),
    ],
)  # fmt: skip
def test_rules_that_rest_on_a_failed_set_wait_and_the_others_go_on(force, breaks, waits, goes_on, says):
    before = ledger_rows(force, OPEN)
    force.execute(breaks)
    ran = force.run("check", "--send", at=WEDNESDAY)
    assert ran.code == 0, ran.err
    assert waits <= not_checked(ran.out)
    assert not goes_on & not_checked(ran.out)
    assert says in ran.out
    waiting = [row for row in before if row[0] in waits]
    assert [row for row in ledger_rows(force, OPEN) if row[0] in waits] == waiting, "they stay as they were"
    mail = " ".join(unit_mail(force, "2026-11-04").split())
    assert "rules were not checked" in mail
    assert "stay open, as they stood at the last check" in mail


def test_with_every_set_stale_nothing_is_checked_and_that_is_an_exit_code(force):
    ran = force.run("check", "--send", at="Fri 2026-11-06 06:30")
    assert ran.code == 8
    assert "nothing could be checked" in ran.err
    assert ledger_rows(force, "SELECT count(*) FROM event WHERE kind = 'closed'") == [(0,)]
