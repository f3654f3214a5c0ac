"""Each kind of database is opened so that it can only be read, and no error repeats a part of its address."""

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle

from dacompliance.errors import ConfigError, SourceError
from dacompliance.records.dialects import DIALECTS, ask, driver_errors, open_engine, snapshot
from dacompliance.records.queries import escaped
from tests.records.given import sqlite_file

SCRIPT = "CREATE TABLE t (n, word); INSERT INTO t VALUES (1, 'one'), (2, 'two')"


@pytest.fixture
def address(tmp_path):
    return sqlite_file(tmp_path, SCRIPT)


def asked(connection, query, **given):
    with ask(connection, escaped(query), given) as answer:
        return answer.columns, answer.fetch(10)


def test_sqlite_is_asked_by_parameters_and_answers_in_the_drivers_own_rows(address):
    with snapshot(open_engine(address), 5) as connection:
        query = "SELECT n, word AS w FROM t WHERE n >= :since AND ':x' = ':x' AND word LIKE 't%' -- :y"
        assert asked(connection, query, since=1) == (["n", "w"], [(2, "two")])


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES (3, 'three')",
        "DELETE FROM t",
        "CREATE TABLE u (n)",
        "CREATE TEMP TABLE u (n)",
        "ATTACH ':memory:' AS other",
        "PRAGMA query_only = off",
        "WITH a AS (SELECT 1) DELETE FROM t",
    ],
)
def test_sqlite_does_nothing_but_read(address, statement):
    with snapshot(open_engine(address), 5) as connection:
        with pytest.raises(driver_errors(connection)):
            asked(connection, statement)
        assert asked(connection, "SELECT COUNT(*) FROM t") == (["COUNT(*)"], [(2,)])


def test_sqlite_may_read_what_a_query_makes_up_itself(address):
    with snapshot(open_engine(address), 5) as connection:
        counted = (
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT MAX(n) AS n FROM c"
        )
        assert asked(connection, counted) == (["n"], [(5,)])


def test_a_missing_sqlite_file_is_an_error_and_is_not_made(tmp_path):
    with (
        pytest.raises(SourceError, match="is not there, and none is made") as refused,
        snapshot(open_engine(f"sqlite:///{tmp_path}/secret.db"), 5),
    ):
        pass  # pragma: no cover - it does not come to this
    assert "secret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path):
    (tmp_path / "force.db").write_text("a letter, and a long one\n" * 100)
    engine = open_engine(f"sqlite:///{tmp_path}/force.db")
    with snapshot(engine, 5) as connection, pytest.raises(driver_errors(connection), match="not a database"):
        asked(connection, "SELECT 1 FROM t")


def test_sqlite_is_read_as_of_one_instant_whatever_is_written_meanwhile(address):
    path = address.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as writer, snapshot(open_engine(address), 5) as connection:
        writer.execute("PRAGMA journal_mode = wal")
        first = asked(connection, "SELECT COUNT(*) AS n FROM t")
        writer.execute("INSERT INTO t VALUES (3, 'three')")
        writer.commit()
        assert asked(connection, "SELECT COUNT(*) AS n FROM t") == first
    with snapshot(open_engine(address), 5) as connection:
        assert asked(connection, "SELECT COUNT(*) AS n FROM t") == (["n"], [(3,)])


def test_a_statement_of_sqlite_that_takes_too_long_is_stopped(address):
    endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT MAX(n) FROM c"
    with snapshot(open_engine(address), 0) as connection, pytest.raises(sqlite3.OperationalError, match="interrupted"):
        asked(connection, endless)


def test_a_cell_that_is_not_text_stops_nothing(tmp_path):
    address = sqlite_file(tmp_path, "CREATE TABLE t (word); INSERT INTO t VALUES (CAST(x'4Aff' AS TEXT))")
    with snapshot(open_engine(address), 5) as connection:
        assert asked(connection, "SELECT word FROM t") == (["word"], [("J\\xff",)])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        pytest.param("secret", "is not one of a database", id="no address"),
        pytest.param("postgresql://u:secret@host:port/db", "is not one of a database", id="a port in letters"),
        pytest.param("duckdb:///secret.db", "nobody has said how to read this kind", id="another kind of database"),
        pytest.param("postgresql+secret://host/db", "a driver that SQLAlchemy does not know", id="an unknown driver"),
        pytest.param("oracle://u:secret@host/db", "the driver oracledb is not installed", id="a driver not installed"),
        pytest.param("sqlite://", "names no file", id="no file"),
        pytest.param("sqlite:///:memory:", "names no file", id="memory"),
    ],
)
def test_an_address_that_cannot_be_opened_is_refused_and_not_repeated(address, said):
    with pytest.raises(ConfigError, match=r"^source: (the address|the driver|nobody) ") as refused:
        open_engine(address)
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_password_is_in_no_text_of_an_engine():
    assert "secret" not in repr(open_engine("postgresql://u:secret@host/db"))


# SQL Server, Oracle, MariaDB and MySQL: no server here. What would be sent is held to what SQLAlchemy knows of them.

QUERY = "SELECT ref FROM incident WHERE reported >= :since AND note LIKE '10%' AND kind <> ':x'"


@pytest.mark.parametrize(
    ("name", "dialect", "sent"),
    [
        ("mssql", mssql.pyodbc.dialect(paramstyle="qmark"), "reported >= ? AND note LIKE '10%' AND kind <> ':x'"),
        ("oracle", oracle.oracledb.dialect(), "reported >= :since AND note LIKE '10%' AND kind <> ':x'"),
        ("mysql", mysql.pymysql.dialect(), "reported >= %s AND note LIKE '10%%' AND kind <> ':x'"),
    ],
)
def test_a_query_is_sent_to_servers_we_have_not_tried_as_their_drivers_want_it(name, dialect, sent):
    compiled = sa.text(escaped(QUERY)).bindparams(since="2026-01-01").compile(dialect=dialect)
    assert compiled.string.endswith(sent)
    assert name in DIALECTS


def test_isolation_is_one_that_each_dialect_knows():
    known = {"mssql": mssql.dialect(), "mysql": mysql.dialect(), "mariadb": mysql.dialect()}
    for name, dialect in known.items():
        assert DIALECTS[name].options["isolation_level"] in dialect.get_isolation_level_values(None)


def test_every_server_is_limited_in_time_and_opened_for_reading():
    for name, dialect in DIALECTS.items():
        said = " ".join(dialect.opening) + str(dialect.options)
        assert "READ ONLY" in said or "readonly" in said or name in ("sqlite", "mssql"), name
        assert dialect.limit or "timeout" in said or "max_" in said or name == "sqlite", name
