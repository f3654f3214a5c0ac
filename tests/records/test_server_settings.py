"""How a PostgreSQL server shows times, or in which encoding it keeps text, changes nothing of what is read."""

import uuid

import pytest
import sqlalchemy as sa

from dacompliance.records.contract import Finding
from dacompliance.records.source import pull
from tests.records.given import NOW, cells, found, settings

SCRIPT = """
CREATE TABLE occ (no text, wall timestamp, moment timestamptz, day date, area varchar(20), team char(10));
INSERT INTO occ VALUES ('I1', '2026-02-03 04:05', '2026-07-01 23:30:00.123456Z', '2026-02-03', 'Caf\u00e9', 'B 1'),
                       ('I2', '2026-02-03 04:05', 'infinity', NULL, NULL, NULL)
"""
QUERY = "SELECT no AS incident_ref, wall AS reported_at, moment AS flagged_at, day AS attended_at, area, team FROM occ WHERE wall >= :since"


def made(address: str) -> sa.Engine:
    """Make the tables of SCRIPT in a database."""
    engine = sa.create_engine(address, poolclass=sa.NullPool, connect_args={"client_encoding": "utf8"})
    with engine.begin() as connection:
        connection.exec_driver_sql(SCRIPT)
    return engine


def read(folder, address):
    return pull(settings(folder, address, {"incidents": {"query": QUERY}}), now=NOW, instruments={})


@pytest.mark.parametrize(
    "setting",
    [
        "datestyle = 'German, DMY'",
        "datestyle = 'SQL, MDY'",
        "datestyle = 'Postgres, DMY'",
        "datestyle = 'ISO, MDY'",
        "client_encoding = 'LATIN1'",
        "client_encoding = 'SQL_ASCII'",
        "default_transaction_read_only = on",
        "standard_conforming_strings = off",
    ],
)
def test_a_servers_own_settings_change_nothing(tmp_path, postgres_database, setting):
    engine = made(postgres_database)
    plain = read(tmp_path, postgres_database)
    with engine.begin() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar()
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET {setting}")
    other = read(tmp_path, postgres_database)
    assert found(other) == found(plain)
    for column in plain.incidents.columns:
        assert cells(other, "incidents", column) == cells(plain, "incidents", column)
    assert cells(plain, "incidents", "reported_at")["I1"] == "Tue 2026-02-03 04:05"


@pytest.fixture
def encoded(postgres_server):
    """Return a function that makes a database of an encoding."""
    engine = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    names = []

    def make(encoding: str) -> str:
        names.append(f"test_{uuid.uuid4().hex}")
        with engine.connect() as connection:
            connection.exec_driver_sql(
                f"CREATE DATABASE {names[-1]} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
            )
        return sa.make_url(postgres_server).set(database=names[-1]).render_as_string(hide_password=False)

    yield make
    with engine.connect() as connection:
        for name in names:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("encoding", ["UTF8", "LATIN1", "LATIN9"])
def test_text_is_read_whatever_encoding_it_is_kept_in(tmp_path, encoded, encoding):
    address = encoded(encoding)
    made(address)
    assert cells(read(tmp_path, address), "incidents", "area") == {"I1": "Café", "I2": None}


def test_text_in_no_encoding_is_one_odd_word_and_stops_nothing(tmp_path, encoded):
    address = encoded("SQL_ASCII")
    engine = made(address)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO occ VALUES ('I3', '2026-02-03 04:05', NULL, NULL, E'Caf\\xe9', E'B\\xff')"
        )
    records = read(tmp_path, address)
    assert cells(records, "incidents", "area") == {"I1": "Café", "I2": None, "I3": "Caf\\xe9"}
    assert cells(records, "incidents", "team") == {"I1": "B 1", "I2": None, "I3": "B\\xff"}
    assert found(records) == [
        ("incidents", "I1", "attended_at", Finding.DATE_ONLY),
        ("incidents", "I2", "flagged_at", Finding.UNREADABLE),
    ]
