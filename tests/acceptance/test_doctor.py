"""`dacompliance doctor` as a person runs it: each fault named with its mend, the right exit code, nothing written.

What may stand in no line, whatever is wrong: an account, a password, an address, a value of a record.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from dacompliance.ledger import migrate
from dacompliance.ledger.database import open_ledger
from dacompliance.resources import rules_folder
from tests.acceptance.force import Ran, SmallForce
from tests.acceptance.server import SECRET, Server
from tests.acceptance.test_one_true_morning import FORM, REPORTED

SINCE = "WHERE reported_at >= :since OR reported_at IS NULL"


@pytest.fixture
def force(force: SmallForce) -> SmallForce:
    """A force in order: an incident and its form, on SQLite."""
    force.put("incidents", [{**REPORTED, "officer_id": SECRET}])
    force.put("assessments", [FORM])
    return force


def looked_at(force: SmallForce, at: str = "Tue 2026-11-03 06:30") -> Ran:
    """Have the doctor look, and hold it to what it must never do."""
    before = files(force)
    ran = force.run("doctor", at=at)
    assert files(force) == before, "the doctor writes nothing"
    assert ran.err == ""
    assert SECRET not in ran.out
    assert "://" not in ran.out
    return Ran(ran.code, " ".join(ran.out.split()), ran.err)


def files(force: SmallForce) -> dict[str, str]:
    return {
        str(path.relative_to(force.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(force.folder.rglob("*"))
        if path.is_file()
    }


def own_pack(force: SmallForce, *names: str, change: Callable[[str], str] = str) -> None:
    """Give the force a pack of its own: some of the bundled rules, changed; all of them for none."""
    folder = force.folder / "rules"
    folder.mkdir()
    for path in rules_folder().glob("*.toml"):
        if not path.name[0].isupper() or not names or path.name.startswith(names):
            text = path.read_text(encoding="utf-8")
            folder.joinpath(path.name).write_text(change(text) if path.name[0].isupper() else text, encoding="utf-8")
    force.edit("[readers]", '[rules]\nfolder = "rules"\n[readers]')


def approved(text: str) -> str:
    mark = 'approved = { by = "Head of Public Protection", on = 2025-12-10, minute = "DA board, item 4" }'
    return re.sub(r"^\[\[version\]\]", f"[[version]]\n{mark}", text, flags=re.MULTILINE)


def test_a_new_set_up_has_warnings_and_no_fault(force):
    ran = looked_at(force)
    assert ran.code == 10
    assert "FAULT" not in ran.out
    assert "ledger.db is not there yet: the first check makes it" in ran.out
    assert "the database (sqlite) is reached, and opened to be read only" in ran.out
    assert (
        "every query answers as the contract wants it; rows: incidents 1, assessments 1, referrals 0, staff 0"
        in ran.out
    )
    assert "incidents are known to 2026-11-03 05:30" in ran.out
    assert "no row would be set aside, and every cell can be read" in ran.out
    assert "rules have a version that nobody has approved" in ran.out
    assert "INV-01 is off: incidents.specialist_allocated_at is not mapped" in ran.out


def test_a_set_up_in_which_all_is_fine_is_0(server: Server):
    """On a server, since the tests may run as an account that can write every file."""
    own_pack(server.force, "RA-01", change=approved)
    ran = looked_at(server.force)
    assert (ran.code, "warning" in ran.out.removesuffix("0 faults, 0 warnings.")) == (0, False), ran.out
    assert "the account can only read" in ran.out
    assert "1 of 1 would be checked" in ran.out


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param("[force]", "[force", "is not TOML", id="not TOML"),
        pytest.param('unit = "unit@force.example"\n', "", "readers.unit: is missing. Add it", id="a missing key"),
        pytest.param('url = "sqlite:///force.db"', 'url_env = "NO_SUCH"', "the environment has no NO_SUCH", id="no secret"),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_read_is_a_fault(force, old, new, says):
    force.edit(old, new)
    ran = looked_at(force)
    assert ran.code == 11
    assert says in ran.out
    assert ran.out.endswith("1 fault, 0 warnings.")


def test_every_query_at_fault_is_named_and_all_else_is_looked_at(force):
    force.execute("ALTER TABLE assessments RENAME COLUMN submitted_at TO sent_at")
    force.execute("DROP TABLE staff")
    ran = looked_at(force)
    assert ran.code == 11
    assert 'records.assessments.query: returns a column "sent_at"' in ran.out
    assert "records.staff.query: the database says: no such table: staff" in ran.out
    assert "mail.mode is off" in ran.out


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        pytest.param(lambda force: (force.folder / "force.db").unlink(), "the SQLite file of the address is not there", id="no file"),
        pytest.param(lambda force: force.execute("DELETE FROM incidents"), "returns no row reported since 2026-01-01", id="no incident"),
        pytest.param(lambda force: force.execute("DELETE FROM load_log"), "known_to_query: returns 0 rows", id="no load"),
        pytest.param(lambda force: force.execute("UPDATE assessments SET submitted_at = 7"), 'returns column "submitted_at" as whole numbers', id="a wrong type"),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_read_is_a_fault(force, break_it, says):
    break_it(force)
    ran = looked_at(force)
    assert (ran.code, says in ran.out) == (11, True), ran.out


def test_how_far_a_value_map_reaches_is_counted_by_class_and_never_shown(force):
    grades = ["high", SECRET, "S", "M", 3, "HIGH RISK", "high"]
    force.put("assessments", [{**FORM, "assessment_ref": f"B{n}", "risk_grade": g} for n, g in enumerate(grades)])
    ran = looked_at(force)
    assert "assessments.risk_grade: 5 of 8 cells hold what no map names" in ran.out
    for count in ("a letter: 2", "a number: 1", "a word: 1", "a text of signs or digits and letters: 1"):
        assert count in ran.out
    assert "Complete records.assessments.values.risk_grade" in ran.out
    force.edit("[readers]", '[records.assessments.values]\nrisk_grade = { S = "standard", M = "medium" }\n[readers]')
    assert "3 of 8 cells hold" in looked_at(force).out


def test_the_words_of_a_value_map_that_no_cell_holds_are_named(force):
    force.put("assessments", [{**FORM, "assessment_ref": "A2", "risk_grade": "S"}])
    force.edit("[readers]", '[records.assessments.values]\nrisk_grade = { S = "standard", m = "medium" }\n[readers]')
    ran = looked_at(force)
    assert "value maps: no cell holds assessments.risk_grade medium." in ran.out
    force.put("assessments", [{**FORM, "assessment_ref": "A3", "risk_grade": "m"}])
    assert "no cell holds" not in looked_at(force).out


def test_records_not_to_be_trusted_and_the_rules_that_wait_for_them_are_named(force):
    ran = looked_at(force, at="Thu 2026-11-05 06:30")
    assert "incidents are known to an instant more than 36 hours ago (known to 2026-11-03 05:30)" in ran.out
    assert "would not be checked now, because they rest on records not to be trusted: RA-01" in ran.out


def test_a_check_that_could_check_nothing_is_a_fault_as_it_is_for_the_check(force):
    later = "Thu 2026-11-05 06:30"
    ran = looked_at(force, at=later)
    assert (ran.code, force.run("check", at=later).code) == (11, 8)
    assert "no rule would be checked, so a check would say nothing" in ran.out
    force.execute("UPDATE load_log SET loaded_at = '2026-11-05 05:30'")
    ran = looked_at(force, at=later)
    assert ran.code == 10, ran.out


def test_what_the_data_quality_list_would_hold_is_counted(force):
    force.put("incidents", [{**REPORTED, "incident_ref": None}])
    force.put("assessments", [{**FORM, "assessment_ref": "A2", "incident_ref": "nowhere", "instrument": SECRET}])
    force.put("referrals", [{"referral_ref": "R1", "incident_ref": "I1", "destination": SECRET}])
    ran = looked_at(force)
    assert "to mend: 1 row set aside, 1 row without its incident and 1 word that nobody has listed." in ran.out
    assert "referrals.destination: 1 row with a destination that neither a rule nor the configuration names" in ran.out


def test_rules_that_cannot_be_read_are_a_fault_and_the_source_is_looked_at_all_the_same(force):
    own_pack(force, "RA-01", change=lambda text: text.replace('about    = "incident"', 'about    = "person"'))
    ran = looked_at(force)
    assert ran.code == 11
    assert "RA-01-assessment-submitted.toml" in ran.out
    assert "every query answers as the contract wants it" in ran.out


def test_a_published_version_that_was_edited_is_a_fault(force):
    own_pack(force, "RA-01")
    assert force.run("check").code == 0
    path = next((force.folder / "rules").glob("RA-01*"))
    path.write_text(
        path.read_text(encoding="utf-8").replace('within        = "', 'within        = "1'), encoding="utf-8"
    )
    ran = looked_at(force)
    assert (ran.code, "says something else than when it was last run" in ran.out) == (11, True)


def test_a_destination_that_only_a_rule_names_and_a_calendar_that_ends_are_warned_of(force):
    ran = looked_at(force)
    assert "no referral goes to MARAC, and rules.destinations does not list it" in ran.out
    assert "its bank holidays end before 2029 does" in looked_at(force, at="Thu 2028-06-01 06:30").out


# --- the ledger ------------------------------------------------------------------------------------------------------


def made_by(revision: str) -> Callable[[SmallForce], None]:
    def make(force: SmallForce) -> None:
        address = f"sqlite:///{force.ledger}"
        open_ledger(address).close()
        if revision in migrate.known_versions():
            migrate.move(address, revision)
            return
        with closing(sqlite3.connect(force.ledger)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))

    return make


@pytest.mark.parametrize(
    ("make", "says"),
    [
        pytest.param(made_by("0001"), 'Run "dacompliance ledger upgrade"', id="too old"),
        pytest.param(made_by("9999"), "was written by a newer dacompliance than this one", id="too new"),
        pytest.param(lambda force: force.ledger.write_text("no database" * 99), "is not a SQLite database", id="no database"),
        pytest.param(lambda force: force.edit("[readers]", '[ledger]\nurl = "sqlite:///force.db"\n[readers]'), "holds other tables and no ledger", id="the force's own records"),
        pytest.param(lambda force: force.edit("[readers]", '[ledger]\nurl = "sqlite:///gone/ledger.db"\n[readers]'), "is not there and cannot be made", id="no folder"),
        pytest.param(lambda force: force.edit("[readers]", '[ledger]\nurl = "postgresql://hunter2:hunter2@127.0.0.1:1/x"\n[readers]'), "the server cannot be reached", id="not reached"),
    ],
)  # fmt: skip
def test_a_ledger_that_cannot_be_used_is_a_fault(force, make, says):
    make(force)
    ran = looked_at(force)
    assert (ran.code, says in ran.out) == (11, True), ran.out


def test_an_empty_database_on_a_server_is_a_ledger_to_be(force, postgres_database):
    url = postgres_database.replace("postgres@", "postgres:hunter2@")
    force.edit("[readers]", f'[ledger]\nurl = "{url}"\n[readers]')
    ran = looked_at(force)
    assert "the PostgreSQL ledger is empty: the first check makes its tables" in ran.out


def test_a_ledger_others_may_read_and_a_monitor_that_has_stopped_are_warned_of(force):
    assert force.run("check").code == 0
    force.ledger.chmod(0o644)
    ran = looked_at(force, at="Fri 2026-11-06 06:30")
    assert "run 1 was as at 2026-11-03 05:30" in ran.out
    assert "ledger.db can be read by every account of this machine" in ran.out
    assert "nothing has run for 3 days" in ran.out


def test_notices_that_wait_or_are_lost_and_a_rule_that_is_held_are_warned_of(force):
    force.edit(
        "[mail]",
        '[exceptions]\nhold_number = 1\nhold_share = 0.0\n[mail]\nmode = "on"\nport = 9\nsecurity = "none"\nallowed_domains = ["other.example"]',
    )
    force.put("incidents", [{**REPORTED, "incident_ref": f"I{n}"} for n in range(2, 6)])
    assert force.run("check", "--send").code == 7
    ran = looked_at(force)
    assert "notices were refused for good or given up" in ran.out
    assert "RA-01 is held since run 1" in ran.out


# --- mail ------------------------------------------------------------------------------------------------------------


def test_a_mailbox_that_the_allow_list_refuses_is_a_fault(force):
    force.edit(
        "[mail]", '[mail]\nmode = "on"\nallowed_domains = ["other.example"]\nhost = "relay.example"\nsecurity = "none"'
    )
    force.put("staff", [{"staff_id": "77", "email": f"{SECRET}@force.example"}])
    ran = looked_at(force)
    assert ran.code == 11
    assert "readers.unit: its domain is not in mail.allowed_domains" in ran.out
    assert 'mail.security is "none"' in ran.out
    assert "1 of 1 members of staff have an address outside mail.allowed_domains" in ran.out


def test_a_folder_that_cannot_be_written_is_a_fault(force):
    (force.folder / "a-file").write_text("")
    force.edit("[readers]", '[reports]\nfolder = "a-file/pages"\n[readers]')
    ran = looked_at(force)
    assert (ran.code, "reports.folder: nothing can be written there" in ran.out) == (11, True)


# --- grants ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grant", "says"),
    [
        pytest.param(None, "the account can only read", id="reads"),
        pytest.param(f"GRANT INSERT ON incidents TO {SECRET}", "the account could write (tables)", id="adds to one table"),
        pytest.param(f"GRANT UPDATE (area) ON staff TO {SECRET}", "the account could write (tables)", id="changes one column"),
        pytest.param(f"GRANT DELETE ON incidents, assessments TO {SECRET}", "the account could write (2 tables)", id="deletes"),
        pytest.param(f"GRANT CREATE ON SCHEMA public TO {SECRET}", "schemas, by making tables in them", id="makes tables"),
        pytest.param(f"ALTER ROLE {SECRET} SUPERUSER", "the server, as its superuser", id="may do anything"),
    ],
)  # fmt: skip
def test_what_an_account_could_write_is_read_from_its_grants(server: Server, grant, says):
    if grant:
        server.execute(grant)
    ran = looked_at(server.force)
    assert (says in ran.out, ran.code) == (True, 10), ran.out
    if grant:
        assert "Grant it SELECT on what the queries name, and nothing else" in ran.out


def test_a_password_in_the_configuration_is_warned_of_and_not_repeated(server: Server):
    address = (server.force.folder / "records.url").read_text()
    server.force.edit('url_file = "records.url"', f'url = "{address}"')
    ran = looked_at(server.force)
    assert "source.url holds a password" in ran.out


def test_help_says_what_it_looks_at_and_the_exit_codes(force):
    ran = force.run("doctor", "--help")
    assert ran.code == 0
    assert "write and send nothing" in " ".join(ran.out.split())
