"""From a PostgreSQL server to Records: its types, its zones, its snapshots, its grants; the same as from SQLite."""

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import sqlalchemy as sa

from dacompliance.errors import SourceError
from dacompliance.records import source
from dacompliance.records.contract import Finding
from dacompliance.records.dialects import ask, driver_errors, open_engine, snapshot
from dacompliance.records.source import pull
from tests.helpers import micros
from tests.records.given import INSTRUMENTS, NOW, cells, found, settings, sqlite_file
from tests.records.test_source import QUERIES, SCRIPT
from tests.worlds import UNREADABLE

TYPES = """
CREATE TABLE occ (no bigint, uid uuid, rec timestamptz, wall timestamp, day date, crime boolean, beat numeric(8, 2),
                  code char(8), note json);
INSERT INTO occ VALUES
  (1, '00000000-0000-0000-0000-000000000001', '2026-10-25 00:30Z', '2026-10-25 01:30', '2026-10-25', true, 7.00, 'ab', '{}'),
  (2, '00000000-0000-0000-0000-000000000002', '2026-10-25 01:30Z', '2026-03-29 01:30', NULL, false, 7.50, 'CD', '[1]'),
  (3, '00000000-0000-0000-0000-000000000003', '2026-07-01 23:30:00.123456Z', 'infinity', '-infinity', NULL, NULL, NULL, NULL),
  (4, '00000000-0000-0000-0000-000000000004', '2026-01-01 00:00Z', '0044-03-15 12:00 BC', '2026-01-01', true, 1, 'x', NULL),
  (9007199254740993, NULL, '2025-12-31 23:59:59Z', NULL, NULL, NULL, NULL, NULL, NULL),
  (9007199254740992, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (6, NULL, 'infinity', NULL, NULL, NULL, NULL, NULL, NULL);
"""
SINCE = "(rec >= :since AND rec < :until) OR (:undated = 1 AND (rec IS NULL OR NOT isfinite(rec)))"
TYPED = {
    "query": f"SELECT no AS incident_ref, rec AS reported_at, wall AS attended_at, day AS flagged_at, crime, beat, uid, "
    f"code AS officer_id FROM occ WHERE {SINCE}",
    "columns": {"beat": "text", "uid": "text"},
}


@pytest.fixture
def server(postgres_database):
    """Yield an engine for a database with the tables of TYPES."""
    engine = sa.create_engine(postgres_database, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(TYPES)
    return engine


def typed(folder, address, query=TYPED, **more):
    return pull(settings(folder, address, {"incidents": query, **more}), now=NOW, instruments=INSTRUMENTS)


def test_a_servers_types_are_read(tmp_path, postgres_database, server):
    records = typed(tmp_path, postgres_database)
    assert cells(records, "incidents", "beat") == {"1": "7", "2": "7.5", "3": None, "4": "1"}
    assert cells(records, "incidents", "crime") == {"1": "yes", "2": "no", "3": None, "4": "yes"}
    assert cells(records, "incidents", "officer_id") == {"1": "AB", "2": "CD", "3": None, "4": "X"}
    assert cells(records, "incidents", "uid")["1"] == "00000000-0000-0000-0000-000000000001"
    assert cells(records, "incidents", "flagged_at") == {
        "1": "Sun 2026-10-25",
        "2": None,
        "3": UNREADABLE,
        "4": "Thu 2026-01-01",
    }


def test_a_time_with_a_zone_is_that_instant_and_one_without_is_a_wall_time(tmp_path, postgres_database, server):
    records = typed(tmp_path, postgres_database)
    reported = records.incidents.columns["reported_at"].instants()
    assert list(reported) == [
        pd.Timestamp("2026-10-25T00:30Z"),
        pd.Timestamp("2026-10-25T01:30Z"),
        pd.Timestamp("2026-07-01T23:30:00.123456Z"),
        pd.Timestamp("2026-01-01T00:00Z"),
    ]
    assert cells(records, "incidents", "attended_at") == {
        "1": "Sun 2026-10-25 01:30",
        "2": "Sun 2026-03-29 02:30",
        "3": UNREADABLE,
        "4": UNREADABLE,
    }


def test_what_a_server_may_hold_that_no_calendar_does_is_a_finding_and_stops_nothing(
    tmp_path, postgres_database, server
):
    assert found(typed(tmp_path, postgres_database)) == [
        ("incidents", "1", "attended_at", Finding.AMBIGUOUS_TIME),
        ("incidents", "1", "flagged_at", Finding.DATE_ONLY),
        ("incidents", "2", "attended_at", Finding.IMPOSSIBLE_TIME),
        ("incidents", "3", "attended_at", Finding.UNREADABLE),
        ("incidents", "3", "flagged_at", Finding.UNREADABLE),
        ("incidents", "4", "attended_at", Finding.UNREADABLE),
        ("incidents", "4", "flagged_at", Finding.DATE_ONLY),
        ("incidents", "6", "reported_at", Finding.DECIDING_CELL),
        ("incidents", "6", "reported_at", Finding.UNREADABLE),
        ("incidents", "9007199254740992", "reported_at", Finding.DECIDING_CELL),
    ]


@pytest.mark.parametrize("slice_days", [1, 40, 100_000])
@pytest.mark.parametrize("chunk", [1, 2, 50_000])
def test_slices_and_chunks_change_nothing(tmp_path, postgres_database, server, slice_days, chunk, monkeypatch):
    whole = typed(tmp_path, postgres_database)
    monkeypatch.setattr(source, "CHUNK", chunk)
    set_up = settings(tmp_path, postgres_database, {"incidents": TYPED}, slice_days=slice_days)
    sliced = pull(set_up, now=NOW, instruments=INSTRUMENTS)
    assert found(sliced) == found(whole)
    assert cells(sliced, "incidents", "reported_at") == cells(whole, "incidents", "reported_at")


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/New_York", "UTC"])
def test_the_servers_own_zone_changes_nothing(tmp_path, postgres_database, server, zone):
    """`rec >= :since` compares an instant with a wall time, which the session's zone decides."""
    whole = typed(tmp_path, postgres_database)
    with server.begin() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar()
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET timezone = '{zone}'")
    assert found(typed(tmp_path, postgres_database)) == found(whole)
    day = {"query": "SELECT no AS incident_ref, rec AS reported_at FROM occ WHERE rec >= :since"}
    july = settings(tmp_path, postgres_database, {"incidents": day}, records_from=dt.date(2026, 7, 2))
    assert list(pull(july, now=NOW, instruments={}).incidents.keys) == ["1", "2", "3"]


def test_the_same_records_through_sqlite_and_postgresql_are_the_same(tmp_path, postgres_database):
    with sa.create_engine(postgres_database, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql(SCRIPT)
    ours, theirs = (
        pull(settings(tmp_path, address, with_casts(cast)), now=NOW, instruments=INSTRUMENTS)
        for address, cast in ((sqlite_file(tmp_path, SCRIPT), ""), (postgres_database, "::timestamp"))
    )
    assert found(theirs) == found(ours)
    assert theirs.known_to == ours.known_to
    for name in QUERIES:
        assert theirs.table(name).columns.keys() == ours.table(name).columns.keys()
        for column in ours.table(name).columns:
            assert cells(theirs, name, column) == cells(ours, name, column)


def with_casts(cast):
    """Return the queries with text compared to a time as the server wants it."""
    return {
        name: {
            **query,
            "query": query["query"].replace("rec_dt >", f"rec_dt{cast} >").replace("rec_dt <", f"rec_dt{cast} <"),
        }
        for name, query in QUERIES.items()
    }


def test_nothing_can_be_written_even_by_a_superuser(postgres_database, server):
    engine = open_engine(postgres_database)
    with snapshot(engine, 5) as connection, pytest.raises(sa.exc.InternalError, match="read-only transaction"):
        connection.exec_driver_sql("DELETE FROM occ")
    with server.begin() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM occ").scalar() == 7


@pytest.mark.parametrize(
    "query", ["SELECT 1; DELETE FROM occ", "WITH a AS (DELETE FROM occ RETURNING *) SELECT * FROM a"]
)
def test_a_query_that_hides_a_deletion_deletes_nothing(postgres_database, server, query):
    engine = open_engine(postgres_database)
    with (
        snapshot(engine, 5) as connection,
        pytest.raises(driver_errors(connection)),
        ask(connection, query, {}) as answer,
    ):
        answer.fetch(1)
    with server.begin() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM occ").scalar() == 7


def test_every_read_sees_one_instant(postgres_database, server):
    def count(connection):
        with ask(connection, "SELECT COUNT(*) AS n FROM occ", {}) as answer:
            return answer.fetch(1)

    with snapshot(open_engine(postgres_database), 5) as connection:
        before = count(connection)
        with server.begin() as writer:
            writer.exec_driver_sql("DELETE FROM occ")
        assert count(connection) == before == [(7,)]


def test_a_per_cent_sign_reaches_the_server_as_written(tmp_path, postgres_database, server):
    like = {"query": "SELECT no AS incident_ref, rec AS reported_at FROM occ WHERE rec >= :since AND code LIKE 'a%'"}
    staff = {"query": "SELECT code AS staff_id FROM occ WHERE code LIKE 'C%' AND ':x' <> 'y' -- whose :code begins so"}
    records = typed(tmp_path, postgres_database, like, staff=staff)
    assert list(records.incidents.keys) == ["1"]
    assert list(records.staff.keys) == ["CD"]


SELECT = "SELECT no AS incident_ref, rec AS reported_at FROM occ WHERE rec >= :since"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param(SELECT.replace("occ", "occurence"), 'relation "occurence" does not exist', id="a missing table"),
        pytest.param(SELECT.replace("rec AS", "recorded AS"), 'column "recorded" does not exist', id="a missing column"),
        pytest.param(SELECT.replace("rec AS reported_at", "rec AS reported"), 'did you mean "reported_at"?', id="a renamed one"),
        pytest.param(SELECT.replace("rec AS", "no AS"), '"reported_at" as whole numbers', id="a column of a wrong type"),
        pytest.param(SELECT.replace("no AS", "note AS"), '"incident_ref" as a type of the database', id="another"),
        pytest.param(SELECT.replace("rec >=", "no >="), "operator does not exist", id="types that do not compare"),
        pytest.param(SELECT.replace("no AS", "code::int AS"), "with a value (InvalidTextRepresentation 22P02)", id="a value"),
        pytest.param(SELECT.replace("FROM", "FORM"), "syntax error", id="a mistake in the SQL"),
        pytest.param(SELECT + " AND pg_sleep(9) IS NOT NULL", "longer than source.statement_timeout", id="a slow query"),
    ],
)  # fmt: skip
def test_a_query_that_does_not_fit_is_told_by_name(tmp_path, postgres_database, server, query, said):
    set_up = settings(tmp_path, postgres_database, {"incidents": {"query": query}}, statement_timeout_seconds=1)
    with pytest.raises(SourceError, match=r"^records\.incidents\.query: ") as refused:
        pull(set_up, now=NOW, instruments={})
    assert said in str(refused.value)
    assert refused.value.__cause__ is None


def test_an_account_without_grants_is_told_what_to_grant(tmp_path, postgres_database, server):
    with server.begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN")
    address = sa.make_url(postgres_database).set(username="reader").render_as_string(hide_password=False)
    with pytest.raises(SourceError, match=r"permission denied for table occ\. Grant SELECT on it"):
        typed(tmp_path, address)
    with server.begin() as connection:
        connection.exec_driver_sql("GRANT SELECT ON occ TO reader")
    assert len(typed(tmp_path, address).incidents) == 4
    with server.begin() as connection:
        connection.exec_driver_sql("DROP OWNED BY reader; DROP ROLE reader")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"username": "secret"}, "refused the login", id="an account that is not"),
        pytest.param({"database": "secret"}, "has no such database", id="a database that is not"),
        pytest.param({"query": {"host": "/secret"}}, "cannot be reached", id="a server that is not"),
    ],
)
def test_a_server_that_cannot_be_had_is_told_without_account_or_host(tmp_path, postgres_database, changed, said):
    address = sa.make_url(postgres_database).set(**changed).render_as_string(hide_password=False)
    with pytest.raises(SourceError, match=r"^source: the ") as refused:
        typed(tmp_path, address)
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_limit_no_server_takes_is_told_without_a_traceback(tmp_path, postgres_database, server):
    set_up = settings(tmp_path, postgres_database, {"incidents": TYPED}, statement_timeout_seconds=10**10)
    with pytest.raises(SourceError, match=r"^source: the database could not work with a value \(InvalidParameterValue"):
        pull(set_up, now=NOW, instruments={})


def test_rows_are_streamed_and_not_all_sent_at_once(postgres_database, server):
    """A cursor of the server's own is open while the rows are read."""
    with snapshot(open_engine(postgres_database), 5) as connection, ask(connection, "SELECT no FROM occ", {}) as answer:
        answer.fetch(1)
        opened = connection.exec_driver_sql("SELECT COUNT(*) FROM pg_cursors WHERE name = 'records'").scalar()
    assert opened == 1


def test_the_newest_time_of_a_server_is_found(tmp_path, postgres_database, server):
    records = typed(tmp_path, postgres_database, {**TYPED, "known_to": "newest"})
    assert records.known_to == {"incidents": micros("Sun 2026-10-25 01:30", ZoneInfo("UTC"))}
