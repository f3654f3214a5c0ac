"""Opening the ledger, and what its transactions hold."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from dacompliance.errors import LedgerError
from dacompliance.ledger import engines, migrate
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.ledger.engines import canonical_json
from dacompliance.ledger.tables import document
from tests import postgres

SECRET = "hunter2"


def put(connection: sa.Connection, digest: str = "d") -> None:
    connection.execute(sa.insert(document).values(digest=digest, body=""))


def count(ledger: Ledger) -> int:
    with ledger.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(document)).scalar_one()


def test_a_ledger_that_is_not_there_is_made_on_first_use(ledger_url):
    ledger = open_ledger(ledger_url)
    with ledger.read() as connection:
        assert migrate.version(connection, ledger.name) == migrate.HEAD
    assert count(open_ledger(ledger_url, create=False)) == 0


def test_a_command_that_only_reads_makes_nothing(ledger_url, tmp_path):
    with pytest.raises(LedgerError, match=r'there is no ledger yet\. Make one by running "dacompliance check"'):
        open_ledger(ledger_url, create=False)
    assert list(tmp_path.iterdir()) == []


def test_what_a_transaction_wrote_is_kept_whole_or_not_at_all(ledger):
    with ledger.begin() as connection:
        put(connection, "kept")
    with pytest.raises(KeyError), ledger.begin() as connection:  # noqa: PT012
        put(connection, "lost")
        put(connection, {}["nothing"])
    assert count(ledger) == 1


def test_a_reader_sees_one_instant_while_a_writer_goes_on(ledger):
    with ledger.read() as reader:
        before = reader.execute(sa.select(document)).all()
        with ledger.begin() as writer:
            put(writer)
        assert reader.execute(sa.select(document)).all() == before == []
    assert count(ledger) == 1


def test_a_reader_cannot_write_on_postgresql(postgres_database):
    ledger = open_ledger(postgres_database)
    with pytest.raises(LedgerError, match="takes no writes"), ledger.read() as connection:
        put(connection)


def test_there_is_one_writer_at_a_time(ledger, monkeypatch):
    monkeypatch.setattr(engines, "BUSY_SECONDS", 1)
    other = open_ledger(_address(ledger))
    with ledger.begin() as connection:
        put(connection)
        with pytest.raises(LedgerError, match=r"more than \d+ seconds\. Try again"), other.begin():
            pass
    with other.begin() as connection:
        put(connection, "afterwards")
    assert count(ledger) == 2


def _address(ledger: Ledger) -> str:
    return ledger.engine.url.render_as_string(hide_password=False)


def test_foreign_keys_hold_on_both_databases(ledger):
    run_of_none = "INSERT INTO event (run_id, rule_id, item_ref, about, incident_ref, kind, reason, count, owner) "
    with pytest.raises((sa.exc.IntegrityError, RuntimeError)), ledger.begin() as connection:
        connection.exec_driver_sql(run_of_none + "VALUES (99, '', '', '', '', '', '', 0, '')")


def test_a_refused_row_is_not_quoted_in_the_error(postgres_database):
    ledger = open_ledger(postgres_database)
    with (
        pytest.raises(RuntimeError, match=r"^ledger: PostgreSQL refused with 23502$") as caught,
        ledger.begin() as connection,
    ):
        connection.exec_driver_sql(f"INSERT INTO document (digest, body) VALUES ('{SECRET}', NULL)")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param(f"://{SECRET}", "is not a database address", id="no address at all"),
        pytest.param(f"mysql://u:{SECRET}@h/d", "in SQLite or in PostgreSQL", id="another database"),
        pytest.param("sqlite://", "in memory would forget", id="in memory"),
        pytest.param("sqlite:///:memory:", "in memory would forget", id="in memory, said in full"),
        pytest.param(f"postgresql+{SECRET}://u@h/d", "driver it names is not installed", id="an unknown driver"),
        pytest.param(f"postgresql://u:{SECRET}@localhost:1/d", "cannot be reached", id="no server there"),
        pytest.param(f"postgresql://u:{SECRET}@/d?host=/nowhere", "cannot be reached", id="no socket there"),
    ],
)
def test_an_address_that_leads_nowhere_is_one_line_without_the_address(url, words):
    with pytest.raises(LedgerError, match=words) as caught:
        open_ledger(url)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(LedgerError, match="its folder does not exist"):
        open_ledger(f"sqlite:///{tmp_path / 'nowhere' / 'ledger.db'}")


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    file = tmp_path / "ledger.db"
    file.write_text("minutes of the board, which are no database and must not be lost")
    before = file.read_bytes()
    with pytest.raises(LedgerError, match="is not a SQLite database"):
        open_ledger(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_a_folder_in_place_of_the_file_cannot_be_opened(tmp_path):
    with pytest.raises(LedgerError, match="cannot be opened"):
        open_ledger(f"sqlite:///{tmp_path}")


def test_an_empty_file_is_made_a_ledger(tmp_path):
    file = tmp_path / "ledger.db"
    file.touch()
    assert count(open_ledger(f"sqlite:///{file}")) == 0


def test_a_ledger_that_may_not_be_written_says_so(tmp_path):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    open_ledger(url)
    # The tests may run as root, to whom no file is read-only: let the database itself refuse.
    ledger = Ledger(engines.make_engine(sa.make_url(f"sqlite:///file:{tmp_path / 'ledger.db'}?mode=ro&uri=true")), "x")
    with pytest.raises(LedgerError, match="cannot be written"), ledger.begin() as connection:
        put(connection)


READ_ONLY = """
import os, sys
import alembic.command, alembic.script, dacompliance.ledger.tables
from dacompliance.errors import LedgerError
from dacompliance.ledger.database import open_ledger
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    open_ledger(sys.argv[1])
except LedgerError as error:
    print(error)
"""


def test_a_folder_we_may_not_write_in_is_one_line():
    with tempfile.TemporaryDirectory() as folder:  # not pytest's own folders: they are hidden from other users
        Path(folder).chmod(0o555)
        command = [sys.executable, "-c", READ_ONLY, f"sqlite:///{folder}/ledger.db"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == (
        f"ledger: {folder}/ledger.db: cannot be opened. "
        "Give the monitor's account the right to write the file and its folder.\n"
    )


def test_a_disk_without_room_keeps_nothing(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    with pytest.raises(LedgerError, match=r"the disk is full\. Nothing of this was kept"), ledger.begin() as connection:  # noqa: PT012
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        put(connection, "first")
        connection.execute(sa.insert(document).values(digest="big", body="x" * 1_000_000))
    assert count(ledger) == 0


@pytest.mark.parametrize("create", [True, False])
def test_the_forces_own_database_is_never_written_into(ledger_url, create):
    engine = sa.create_engine(ledger_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE occurrence (id INTEGER)"))
    engine.dispose()
    with pytest.raises(LedgerError, match="holds other tables and no ledger"):
        open_ledger(ledger_url, create=create)
    engine = sa.create_engine(ledger_url)
    assert sa.inspect(engine).get_table_names() == ["occurrence"]
    engine.dispose()


@pytest.mark.skipif(postgres.ADDRESS in os.environ, reason="the server's own rules on passwords are not ours to edit")
def test_a_wrong_password_says_so_and_is_not_repeated(postgres_server):
    engine = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        hba = Path(connection.execute(sa.text("SHOW hba_file")).scalar_one())
        connection.execute(sa.text("CREATE ROLE needs_password LOGIN PASSWORD 'right'"))
        before = hba.read_text()
        try:
            hba.write_text("local all needs_password scram-sha-256\n" + before)
            connection.execute(sa.text("SELECT pg_reload_conf()"))
            url = sa.make_url(postgres_server).set(username="needs_password", password=SECRET)
            _refused(url.render_as_string(hide_password=False), "the password or the account is wrong")
            _refused(url.set(password=None).render_as_string(), "the password or the account is wrong")
        finally:
            hba.write_text(before)
            connection.execute(sa.text("SELECT pg_reload_conf()"))
            connection.execute(sa.text("DROP ROLE needs_password"))
    engine.dispose()


def _refused(url: str, words: str) -> None:
    with pytest.raises(LedgerError, match=words) as caught:
        open_ledger(url)
    assert SECRET not in str(caught.value)
    assert "needs_password" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"username": "nobody_here"}, "the password or the account is wrong", id="no such account"),
        pytest.param({"database": "nothing_here"}, "there is no such database", id="no such database"),
    ],
)
def test_a_server_that_does_not_know_us_says_what_is_wrong(postgres_server, change, words):
    url = sa.make_url(postgres_server).set(**change)
    with pytest.raises(LedgerError, match=words) as caught:
        open_ledger(url.render_as_string(hide_password=False))
    assert "nobody_here" not in str(caught.value)


def test_a_server_that_goes_away_in_the_middle_keeps_nothing(postgres_database):
    ledger = open_ledger(postgres_database)
    with (  # noqa: PT012
        pytest.raises(LedgerError, match=r"the server is shutting down|broke off"),
        ledger.begin() as one,
    ):
        put(one)
        with ledger.read() as other:
            other.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
                "WHERE locktype = 'advisory' AND granted AND datname = current_database()"
            )
        put(one, "again")
    assert count(ledger) == 0


def test_an_account_that_may_make_no_tables_says_so(postgres_database):
    engine = sa.create_engine(postgres_database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE ROLE may_only_look LOGIN"))
        try:
            url = sa.make_url(postgres_database).set(username="may_only_look")
            with pytest.raises(LedgerError, match="its account may not do this"):
                open_ledger(url.render_as_string(hide_password=False))
        finally:
            connection.execute(sa.text("DROP ROLE may_only_look"))
    engine.dispose()


def test_two_processes_may_make_the_ledger_at_once(ledger_url):
    script = f"from dacompliance.ledger.database import open_ledger; open_ledger({ledger_url!r})"
    makers = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(3)]
    assert [maker.wait() for maker in makers] == [0, 0, 0]
    assert count(open_ledger(ledger_url, create=False)) == 0


def test_readers_are_not_kept_waiting_by_the_writer_on_sqlite(tmp_path):
    open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_json_has_one_form():
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"\\u00e9","b":1}'
