"""What an account could write: asked of each kind of database in one SELECT, and never tried."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle

from dacompliance.records.dialects import DIALECTS, open_engine, snapshot
from dacompliance.records.grants import GRANTS, could_write
from dacompliance.records.queries import _plain_faults, escaped
from tests.records.given import sqlite_file

SCRIPT = "CREATE TABLE t (n); INSERT INTO t VALUES (1)"


def test_there_is_a_question_for_every_kind_of_server():
    assert {*GRANTS, "sqlite"} == set(DIALECTS)


@pytest.mark.parametrize("kind", GRANTS)
def test_each_question_is_one_plain_select_that_could_stand_in_a_configuration(kind):
    assert list(_plain_faults(GRANTS[kind])) == []


@pytest.mark.parametrize(
    ("kind", "dialect"),
    [
        ("mssql", mssql.pyodbc.dialect(paramstyle="qmark")),
        ("oracle", oracle.oracledb.dialect()),
        ("mysql", mysql.pymysql.dialect()),
        ("mariadb", mysql.pymysql.dialect()),
    ],
)
def test_it_reaches_a_server_we_have_not_tried_as_it_was_written(kind, dialect):
    sent = sa.text(escaped(GRANTS[kind])).compile(dialect=dialect).string
    assert sent.replace("%%", "%") == GRANTS[kind].strip()


def test_a_question_that_is_refused_is_told_in_words(postgres_database, monkeypatch):
    monkeypatch.setitem(GRANTS, "postgresql", "SELECT 1 FROM nowhere")
    with snapshot(open_engine(postgres_database), 5) as connection:
        assert could_write(connection, postgres_database) == (
            'the database says: relation "nowhere" does not exist. Correct the query'
        )


def asked(address: str) -> object:
    with snapshot(open_engine(address), 5) as connection:
        return could_write(connection, address)


def test_a_sqlite_file_that_may_be_written_is_told(tmp_path):
    assert asked(sqlite_file(tmp_path, SCRIPT)) == {"the file": 1}


def test_a_sqlite_file_that_may_only_be_read_is_in_order():
    folder = Path(tempfile.mkdtemp())
    try:
        address = sqlite_file(folder, SCRIPT)
        folder.chmod(0o755)
        next(folder.glob("*.db")).chmod(0o444)
        assert in_another_skin(lambda: asked(address) == {})
    finally:
        shutil.rmtree(folder)


def in_another_skin(says) -> bool:
    """Return what a function says when it is nobody who asks; root may write everything."""
    child = os.fork()
    if child == 0:
        answer = False
        try:
            if os.geteuid() == 0:
                nobody = pwd.getpwnam("nobody")
                os.setgid(nobody.pw_gid)
                os.setuid(nobody.pw_uid)
            answer = says()
        finally:
            os._exit(0 if answer else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
