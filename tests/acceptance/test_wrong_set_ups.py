"""Wrong configurations and wrong sources: one clear line, the exit code of its kind, nothing written and nothing sent.

Each row is one fault put into a force that is otherwise in order, and checked as a person would. What may stand in no
line, whatever is wrong: an account, a password, a host, an address, a value of a record.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Final

import pytest
import sqlalchemy as sa

from dacompliance.config import load_settings
from dacompliance.errors import LedgerError
from dacompliance.ledger.database import open_ledger
from dacompliance.resources import rules_folder
from tests.acceptance.force import COLUMNS, SmallForce
from tests.acceptance.server import SECRET, Server
from tests.acceptance.test_one_true_morning import FORM, REPORTED
from tests.ledger.builders import everything


@pytest.fixture
def force(force: SmallForce) -> SmallForce:
    """A force in order: an incident and its form, on SQLite."""
    force.put("incidents", [{**REPORTED, "officer_id": SECRET}])
    force.put("assessments", [FORM])
    return force


def refused(force: SmallForce, code: int, says: str, *, ledger: bool = True) -> None:
    """Check the force as a person would, and hold what came of it to one line and nothing else."""
    export, before = force.folder / "verdicts.csv", files(force)
    ran = force.run("check", "--send", "--export", str(export))
    assert ran.code == code, ran.err
    assert says in ran.err
    assert ran.err.startswith("dacompliance: ")
    assert ran.err.count("\n") == 1
    assert ran.err.endswith((".\n", "?\n"))
    assert SECRET not in ran.err + ran.out
    assert not [address for address in addresses(force) if address in ran.err]
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert files(force) == before, "written"
    if ledger:
        assert rows_of_ledger(force) == 0


def files(force: SmallForce) -> dict[str, bytes]:
    """Return every file of the force's folder but the ledger's, which `rows_of_ledger` looks into."""
    found = (path for path in force.folder.rglob("*") if path.is_file() and not path.name.startswith("ledger.db"))
    return {path.relative_to(force.folder).as_posix(): path.read_bytes() for path in found}


def addresses(force: SmallForce) -> list[str]:
    """Return the addresses of databases that the configuration names."""
    text = force.config.read_bytes().decode(errors="replace") if force.config.exists() else ""
    return [each for each in re.findall(r'"(\w+://[^"]*)"', text) if each != "sqlite://"]


def rows_of_ledger(force: SmallForce) -> int:
    """Return how many rows there are in a ledger that a check may have made; none is none."""
    path = f"sqlite:///{force.ledger}"
    try:
        made = open_ledger(path, create=False)
    except LedgerError:
        return 0
    return sum(len(rows) for rows in everything(made).values())


def edited(old: str, new: str) -> Callable[[SmallForce], None]:
    return lambda force: force.edit(old, new)


def done(*statements: str) -> Callable[[SmallForce], None]:
    def do(force: SmallForce) -> None:
        for statement in statements:
            force.execute(statement)

    return do


def own_rules(old: str, new: str, name: str = "REF-01-high-risk-to-mash.toml") -> Callable[[SmallForce], None]:
    """Give the force its own copy of the pack, with one change in one file."""

    def do(force: SmallForce) -> None:
        (force.folder / "rules").mkdir()
        for path in rules_folder().glob("*.toml"):
            (force.folder / "rules" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        text = (force.folder / "rules" / name).read_text(encoding="utf-8")
        assert old in text
        (force.folder / "rules" / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        force.edit("[readers]", '[rules]\nfolder = "rules"\n[readers]')

    return do


def not_utf8(force: SmallForce) -> None:
    force.config.write_bytes(force.config.read_bytes() + b"# caf\xe9\n")


def not_a_database(force: SmallForce) -> None:
    (force.folder / "force.db").write_text(f"{SECRET}, a letter and a long one\n" * 100)


INCIDENTS: Final = '"SELECT * FROM incidents WHERE reported_at >= :since OR reported_at IS NULL"'
SINCE: Final = "WHERE reported_at >= :since OR reported_at IS NULL"


def asking(query: str) -> Callable[[SmallForce], None]:
    """Ask for incidents in another way."""
    return edited(INCIDENTS, f'"""{query}"""')


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        pytest.param(lambda force: force.config.unlink(), "there is no such file", id="no configuration"),
        pytest.param(edited("[force]", "[force"), "is not TOML", id="not TOML"),
        pytest.param(not_utf8, "is not UTF-8 text", id="not UTF-8"),
        pytest.param(edited('unit = "unit@force.example"\n', ""), "readers.unit: is missing", id="a missing key"),
        pytest.param(edited("fallback =", "falback ="), 'unknown key (did you mean "fallback"?)', id="a misspelt key"),
        pytest.param(edited("[source]", '[source]\nmood = "hunter2"'), "source.mood: unknown key", id="an unknown key"),
        pytest.param(edited("[source]", '[source]\nslice_days = "hunter2"'), "slice_days: Input should be a valid integer", id="a word for a number"),
        pytest.param(edited("2026-01-01", "2026-02-30"), "is not TOML", id="a day that never is"),
        pytest.param(edited('name = "Test Constabulary"', 'name = "T"\ntime_zone = "Europe/Londn"'), "force.time_zone: is not a time zone", id="an unknown zone"),
        pytest.param(edited('url = "sqlite:///force.db"', 'url_env = "NO_SUCH_VARIABLE"'), "the environment has no NO_SUCH_VARIABLE", id="a secret that is not there"),
        pytest.param(edited('url = "sqlite:///force.db"', 'url_file = "hunter2"'), "source.url_file: the file it names cannot be read", id="a file of secrets that is not there"),
        pytest.param(edited('url = "sqlite:///force.db"', 'url = "sqlite:///force.db"\nurl_env = "X"'), "exactly one of url, url_env and url_file", id="two addresses"),
        pytest.param(edited("sqlite:///force.db", "hunter2://hunter2"), "source: nobody has said how to read this kind of database", id="a database nobody knows"),
        pytest.param(edited("sqlite:///force.db", "oracle://hunter2:hunter2@hunter2/x"), "the driver oracledb is not installed", id="a driver that is not installed"),
        pytest.param(asking("SELECT * FROM incidents"), "names no :since", id="a query with no :since"),
        pytest.param(asking(f"SELECT * FROM incidents {SINCE} AND :until"), "names :until", id="slices without :undated"),
        pytest.param(asking(f"SELECT * FROM incidents {SINCE} OR area = :area"), "names :area", id="an unknown parameter"),
        pytest.param(asking("DELETE FROM incidents WHERE reported_at >= :since"), "is not a SELECT", id="a query that deletes"),
        pytest.param(asking(f"SELECT * FROM incidents {SINCE}; DELETE FROM incidents"), "is more than one statement", id="two statements"),
        pytest.param(edited("[records.staff]", '[records.referrals.values]\ncancelled = { Y = "hunter2" }\n[records.staff]'), "maps to a word that is not the contract's", id="a word that is not the contract's"),
        pytest.param(edited("[records.staff]", '[records.referrals.columns]\ngrade = "text"\n[records.staff]'), "the name already means something else", id="a column of its own with a name that is taken"),
        pytest.param(edited("[records.staff]", '[records.referrals.columns]\nsize = "decimal"\n[records.staff]'), "records.referrals.columns.size", id="a kind that is none"),
        pytest.param(edited("[mail]", '[mail]\nmode = "on"'), "needs allowed_domains", id="mail to anywhere"),
        pytest.param(edited("[mail]", '[schedule]\njobs = [{ name = "night", at = "01:30" }]\n[mail]'), "an hour that is missing in March", id="a job in the hour that changes"),
        pytest.param(edited("records_from =", 'scratch_folder = "scratch"\nrecords_from ='), "source.scratch_folder: is not a folder", id="a scratch folder that is not there"),
        pytest.param(edited("[mail]", '[reports]\ntemplates = "templates"\n[mail]'), "reports.templates: is not a folder", id="templates that are not there"),
    ],
)  # fmt: skip
def test_a_wrong_configuration(force, wrong, says):
    wrong(force)
    refused(force, 3, says)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        pytest.param(edited("[readers]", '[rules]\nfolder = "nowhere"\n[readers]'), "nowhere", id="no folder of rules"),
        pytest.param(own_rules("severity", "sverity"), "sverity", id="an unknown key of a rule"),
        pytest.param(own_rules("\n[[version]]", "\n[[version]"), "REF-01-high-risk-to-mash.toml", id="a rule that is not TOML"),
        pytest.param(own_rules('"24 hours"', '"24 moons"'), "within", id="a limit that is none"),
        pytest.param(own_rules('done          = "mash_referred_at"', 'done = "mash_refered_at"'), "mash_refered_at", id="a column nobody knows"),
        pytest.param(own_rules('clock         = "elapsed"', 'clock = "moon"'), "moon", id="an unknown calendar"),
    ],
)  # fmt: skip
def test_a_wrong_pack(force, wrong, says):
    wrong(force)
    refused(force, 4, says)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        pytest.param(edited("force.db", "hunter2.db"), "is not there, and none is made", id="a missing file"),
        pytest.param(not_a_database, "is not a SQLite database", id="a file that is none"),
        pytest.param(done("DROP TABLE incidents"), "no such table: incidents", id="a missing table"),
        pytest.param(done("ALTER TABLE incidents RENAME reported_at TO rep_at"), "no such column: reported_at", id="a renamed column, named"),
        pytest.param(done("ALTER TABLE assessments RENAME incident_ref TO inc_ref"), "cannot join using column incident_ref", id="a renamed column, joined by"),
        pytest.param(done("ALTER TABLE staff RENAME email TO e_mail"), 'returns a column "e_mail"', id="a renamed column, starred"),
        pytest.param(asking(f"SELECT incident_ref FROM incidents {SINCE}"), 'returns no column "reported_at"', id="a column that must be there"),
        pytest.param(asking(f"SELECT i.*, area AS team FROM incidents i {SINCE}"), 'returns 2 columns named "team"', id="two columns of one name"),
        pytest.param(asking(f"SELECT incident_ref, 7 AS reported_at FROM incidents {SINCE}"), 'returns column "reported_at" as whole numbers', id="a column of a wrong type"),
        pytest.param(asking(f"SELECT *, x'68756e74657232' AS occurrence_ref FROM incidents {SINCE}"), 'returns column "occurrence_ref" as a type', id="bytes"),
        pytest.param(asking(f"SELECT * FORM incidents {SINCE}"), "syntax error", id="a mistake in the SQL"),
        pytest.param(done("DELETE FROM load_log"), "records.incidents.known_to_query: returns 0 rows", id="a log of loads that is empty"),
        pytest.param(done("UPDATE load_log SET loaded_at = 'hunter2'"), "returns no time that can be read", id="a log of loads that is none"),
        pytest.param(edited("SELECT loaded_at FROM load_log", "SELECT loaded_at, 1 FROM load_log"), "Return one row of one column", id="a log of loads of two columns"),
        pytest.param(done("DELETE FROM incidents"), "returns no row reported since 2026-01-01", id="an empty table"),
        pytest.param(edited("2026-01-01", "2027-01-01"), "returns no row reported since 2027-01-01", id="a beginning still to come"),
    ],
)  # fmt: skip
def test_a_wrong_source_on_sqlite(force, wrong, says):
    wrong(force)
    refused(force, 5, says)


@pytest.mark.parametrize(
    ("ledger", "says"),
    [
        pytest.param("hunter2", "ledger.url: is not a database address", id="no address"),
        pytest.param("sqlite:////proc/nowhere/ledger.db", "its folder does not exist", id="no folder"),
        pytest.param("sqlite:////proc/ledger.db", "cannot be opened", id="a folder that cannot be written"),
        pytest.param("sqlite:///config.toml", "is not a SQLite database", id="no database"),
        pytest.param("sqlite:///force.db", "holds other tables and no ledger", id="the force's own records"),
        pytest.param("sqlite://", "a ledger in memory would forget every run", id="in memory"),
        pytest.param("sqlite:///file:ledger.db?uri=true", "Write the file's own path", id="a file: address"),
        pytest.param("mysql://hunter2:hunter2@hunter2/x", "in SQLite or in PostgreSQL, nowhere else", id="another kind"),
        pytest.param("postgresql://hunter2:hunter2@127.0.0.1:1/x", "the server cannot be reached", id="an unreachable server"),
    ],
)  # fmt: skip
def test_a_wrong_ledger(force, ledger, says):
    force.edit("[readers]", f'[ledger]\nurl = "{ledger}"\n[readers]')
    refused(force, 6, says)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--as-at", "hunter2"], "--as-at: is not a time", id="no time"),
        pytest.param(["--as-at", "2026-11-04 07:00"], "the records are known only to 2026-11-03 05:30", id="a time yet to come"),
        pytest.param(["--export", "/proc/nowhere/verdicts.csv"], "cannot be written", id="an export to nowhere"),
    ],
)  # fmt: skip
def test_a_wrong_order(force, arguments, says):
    before = files(force)
    ran = force.run("check", *arguments)
    assert ran.code == 2
    assert files(force) == before
    assert says in ran.err
    assert ran.err.count("\n") == 1
    assert SECRET not in ran.err
    assert rows_of_ledger(force) == 0


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def with_passwords(server: Server) -> None:
    """Have the server ask this account for its password, whatever it asks of others; then give a wrong one."""
    rule = f"local all {SECRET} scram-sha-256 "
    with server.engine.begin() as connection:
        path = connection.exec_driver_sql("SHOW hba_file").scalar_one()
        rules = connection.execute(sa.text("SELECT pg_read_file(:path)"), {"path": path}).scalar_one()
    if not rules.startswith(rule):
        lines = ", ".join(f"('{line}')" for line in [rule, *rules.splitlines()] if not line.startswith("#"))
        server.execute(f"COPY (SELECT * FROM (VALUES {lines}) AS rule) TO '{path}'", "SELECT pg_reload_conf()")
    server.use(server.address(username=SECRET, password="not-it"))


def at(**changed: object) -> Callable[[Server], None]:
    return lambda server: server.use(server.address(**changed))


def on_server(*statements: str) -> Callable[[Server], None]:
    return lambda server: server.execute(*statements)


def asked(query: str) -> Callable[[Server], None]:
    return lambda server: asking(query)(server.force)


def test_the_force_on_a_server_is_otherwise_in_order(server):
    ran = server.force.run("check", "--send", "--export", str(server.force.folder / "verdicts.csv"))
    assert (ran.code, ran.err) == (0, "")
    assert "1 incidents judged" in ran.out


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        pytest.param(with_passwords, "the database refused the login", id="a wrong password"),
        pytest.param(at(username="hunter22"), "the database refused the login", id="an unknown account"),
        pytest.param(at(database="hunter2"), "the server has no such database", id="an unknown database"),
        pytest.param(at(host="127.0.0.1", port=1, query={}), "the database cannot be reached", id="an unreachable server"),
        pytest.param(on_server(f"REVOKE ALL ON incidents FROM {SECRET}"), "permission denied for table incidents. Grant SELECT", id="no grant"),
        pytest.param(on_server("DROP TABLE referrals"), 'relation "referrals" does not exist', id="a missing table"),
        pytest.param(on_server("ALTER TABLE incidents RENAME reported_at TO rep_at"), 'column "reported_at" does not exist', id="a renamed column"),
        pytest.param(on_server("ALTER TABLE incidents ADD mood text"), 'returns a column "mood"', id="a new column, starred"),
        pytest.param(on_server("ALTER TABLE assessments ALTER submitted_at TYPE integer USING 7"), 'returns column "submitted_at" as whole numbers', id="a column of a wrong type"),
        pytest.param(asked(f"SELECT *, area AS team FROM incidents {SINCE}"), 'returns 2 columns named "team"', id="two columns of one name"),
        pytest.param(asked("SELECT * FROM incidents WHERE officer_id::int > 0 AND reported_at >= :since"), "could not work with a value", id="a value the query chokes on"),
        pytest.param(asked("SELECT *, pg_sleep(9) AS team FROM incidents WHERE reported_at >= :since"), "it took longer than", id="a query without an end"),
        pytest.param(on_server("TRUNCATE incidents"), "returns no row reported since 2026-01-01", id="an empty table"),
        pytest.param(on_server("TRUNCATE load_log"), "known_to_query: returns 0 rows", id="a log of loads that is empty"),
    ],
)  # fmt: skip
def test_a_wrong_source_on_a_server(server, wrong, says):
    wrong(server)
    refused(server.force, 5, says)


def test_a_query_of_a_server_that_would_write_is_refused_by_the_server_too(server):
    """A SELECT can call a function that writes, which no reading of its text can know."""
    server.execute(
        "CREATE FUNCTION sly() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM staff; SELECT NULL'"
    )
    asking(f"SELECT i.*, sly() AS occurrence_ref FROM incidents i {SINCE}")(server.force)
    refused(server.force, 5, "records.incidents.query")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        pytest.param({"username": "hunter22"}, "the password or the account is wrong", id="an unknown account"),
        pytest.param({"database": "hunter2"}, "there is no such database", id="an unknown database"),
        pytest.param({}, "holds other tables and no ledger", id="the force's own records"),
    ],
)
def test_a_wrong_ledger_on_a_server(server, wrong, says):
    server.force.edit("[readers]", f'[ledger]\nurl = "{server.address(**wrong)}"\n[readers]')
    refused(server.force, 6, says, ledger=False)
    with server.engine.connect() as connection:
        assert set(sa.inspect(connection).get_table_names()) == {*COLUMNS, "load_log"}


def test_an_account_that_may_make_no_tables_keeps_no_ledger(server):
    for name in COLUMNS:
        server.execute(f"DROP TABLE {name}")
    server.execute("DROP TABLE load_log", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    own = server.address(username=SECRET, password=f"{SECRET}1")
    server.force.edit("[readers]", f'[ledger]\nurl = "{own}"\n[readers]')
    refused(server.force, 6, "its account may not do this. Grant it the right to create", ledger=False)


def test_the_settings_of_a_force_in_order_show_no_secret(server):
    assert SECRET not in repr(load_settings(server.force.config, {}))


def test_the_records_are_as_they_were(force):
    """The rows above change the records themselves; a check in order changes nothing of theirs either."""
    before = (force.folder / "force.db").read_bytes()
    assert force.run("check").code == 0
    assert (force.folder / "force.db").read_bytes() == before
    with closing(sqlite3.connect(force.ledger)) as connection:
        assert connection.execute("SELECT count(*) FROM run").fetchone() == (1,)
