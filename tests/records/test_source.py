"""From a SQLite file to Records, through an ordinary configuration; and every way in which that can be wrong."""

import datetime as dt
import sqlite3
import time
import tracemalloc

import pytest

from dacompliance.config import load_settings
from dacompliance.errors import ConfigError, SourceError
from dacompliance.records import source
from dacompliance.records.contract import Finding
from dacompliance.records.source import pull
from tests.helpers import micros, when
from tests.records.given import INSTRUMENTS, NOW, cells, found, settings, sqlite_file

SCRIPT = """
CREATE TABLE occ (no INTEGER, rec_dt TEXT, cls CHAR(3), attended TEXT);
INSERT INTO occ VALUES
  (1, '2026-01-01 00:00:00', 'C  ', NULL), (2, '2025-12-31 23:59:59', 'C', NULL), (3, NULL, 'N', NULL),
  (4, '2026-10-25 01:30:00', '?', '2026-11-21 22:00:00'), (5, '2026-06-30 12:00:00', 'N', '2026-07-01');
CREATE TABLE form (id TEXT, occ_no REAL, kind TEXT, sent TEXT, a1 INTEGER, a2 INTEGER, a3 INTEGER);
INSERT INTO form VALUES
  ('F1', 1, 'S3', '2026-01-02 09:00', 1, 0, NULL), ('F2', 4, 'S3', NULL, 2, 2, 2), ('F3', 2, 'S3', NULL, 1, 1, 1),
  ('F4', NULL, 'S3', NULL, 1, 1, 1);
CREATE TABLE ref (id INTEGER, occ_no INTEGER, hub TEXT, sent TEXT, got TEXT);
INSERT INTO ref VALUES (10, 5, 'mash hub', NULL, '2026-07-01 10:00'), (11, 5, 'IDVA', '31/06/2026', NULL);
CREATE TABLE emp (collar TEXT, mail TEXT, gone TEXT);
INSERT INTO emp VALUES (' ab1 ', 'ab1@westmark.example', '2027-03-31'), ('AB2', NULL, NULL);
CREATE TABLE load_log (at TEXT);
INSERT INTO load_log VALUES ('2026-11-22 05:30:00');
"""
SINCE = "(o.rec_dt >= :since AND o.rec_dt < :until) OR (:undated = 1 AND o.rec_dt IS NULL)"
QUERIES = {
    "incidents": {
        "query": f"SELECT no AS incident_ref, rec_dt AS reported_at, cls AS crime, attended AS attended_at "
        f"FROM occ o WHERE {SINCE}",
        "values": {"crime": {"C": "yes", "N": "no"}},
        "known_to": "query",
        "known_to_query": "SELECT MAX(at) FROM load_log",
    },
    "assessments": {
        "query": f"SELECT f.id AS assessment_ref, f.occ_no AS incident_ref, kind AS instrument, sent AS submitted_at, "
        f"a1 AS q01, a2 AS q02, a3 AS q03 FROM form f LEFT JOIN occ o ON o.no = f.occ_no WHERE {SINCE}",
        "values": {"instrument": {"S3": "SHORT-3"}, "answers": {"1": "yes", "0": "no", "2": "not_known"}},
    },
    "referrals": {
        "query": "SELECT id AS referral_ref, occ_no AS incident_ref, hub AS destination, sent AS referred_at, "
        "got AS received_at FROM ref JOIN occ o ON o.no = occ_no WHERE rec_dt >= :since",
        "values": {"destination": {"MASH HUB": "MASH"}},
        "known_to": "newest",
    },
    "staff": {"query": "SELECT collar AS staff_id, mail AS email, gone AS left_on FROM emp"},
}


@pytest.fixture
def address(tmp_path):
    return sqlite_file(tmp_path, SCRIPT)


@pytest.fixture
def records(tmp_path, address):
    return pull(settings(tmp_path, address, QUERIES), now=NOW, instruments=INSTRUMENTS)


def test_a_forces_tables_become_records(records):
    assert list(records.incidents.keys) == ["1", "4", "5"]
    assert cells(records, "incidents", "crime") == {"1": "yes", "4": "unreadable!", "5": "no"}
    assert cells(records, "incidents", "attended_at")["5"] == "Wed 2026-07-01"
    assert list(records.assessments.keys) == ["F1", "F2"]
    assert cells(records, "assessments", "answered_count") == {"F1": 2, "F2": 3}
    assert cells(records, "assessments", "blank_questions") == {"F1": "3", "F2": None}
    assert cells(records, "referrals", "referred_at") == {"10": "Wed 2026-07-01 10:00"}
    assert cells(records, "referrals", "destination") == {"10": "MASH"}
    assert cells(records, "incidents", "referrals_set_aside") == {"1": "no", "4": "no", "5": "yes"}
    assert cells(records, "staff", "email") == {"AB1": "ab1@westmark.example", "AB2": None}


def test_what_is_amiss_is_found(records):
    assert found(records) == [
        ("assessments", "F4", "incident_ref", Finding.UNMATCHED),
        ("incidents", "3", "reported_at", Finding.DECIDING_CELL),
        ("incidents", "4", "crime", Finding.UNKNOWN_TEXT),
        ("incidents", "4", "reported_at", Finding.AMBIGUOUS_TIME),
        ("incidents", "5", "attended_at", Finding.DATE_ONLY),
        ("referrals", "10", "referred_at", Finding.RECEIVED_AS_REFERRED),
        ("referrals", "11", "referred_at", Finding.DECIDING_CELL),
        ("referrals", "11", "referred_at", Finding.UNREADABLE),
    ]


def test_each_set_is_known_to_what_the_configuration_says(records):
    assert records.known_to == {
        "incidents": micros("Sun 2026-11-22 05:30"),  # what its log says
        "assessments": micros("Sun 2026-11-22 08:00"),  # now
        "referrals": micros("Wed 2026-07-01 10:00"),  # its newest time
        "staff": micros("Sun 2026-11-22 08:00"),
    }


def one(folder, address, **query):
    """Return the records of a query of incidents alone."""
    incidents = {"query": "SELECT no AS incident_ref, rec_dt AS reported_at FROM occ WHERE rec_dt >= :since", **query}
    return pull(settings(folder, address, {"incidents": incidents}), now=NOW, instruments={})


@pytest.mark.parametrize(
    ("asked", "zone", "known_to"),
    [
        pytest.param("SELECT '2026-07-01 05:30'", None, "Wed 2026-07-01 05:30", id="in the force's zone"),
        pytest.param("SELECT '2026-07-01 05:30'", "UTC", "Wed 2026-07-01 06:30", id="in the query's zone"),
        pytest.param("SELECT '2026-07-01T05:30+02:00'", None, "Wed 2026-07-01 04:30", id="with an offset"),
        pytest.param("SELECT '2026-11-22 08:30'", None, "Sun 2026-11-22 08:00", id="never later than the pull"),
    ],
)
def test_records_are_known_to_what_their_query_says(tmp_path, address, asked, zone, known_to):
    records = one(tmp_path, address, known_to="query", known_to_query=asked, time_zone=zone)
    assert records.known_to == {"incidents": micros(known_to)}


def test_the_newest_time_is_one_not_after_the_pull(tmp_path, address):
    with sqlite3.connect(address.removeprefix("sqlite:///")) as connection:
        connection.execute("INSERT INTO occ VALUES (6, '2026-11-22 08:00:01', 'N', NULL)")
    connection.close()
    assert one(tmp_path, address, known_to="newest").known_to == {"incidents": micros("Sun 2026-10-25 01:30")}


def test_records_without_a_time_are_known_to_none(tmp_path, address):
    records = one(
        tmp_path, address, known_to="newest", query="SELECT 1 AS incident_ref, NULL AS reported_at WHERE :since <> ''"
    )
    assert records.known_to == {}


@pytest.mark.parametrize("slice_days", [1, 30, 365, 100_000])
def test_the_size_of_slices_changes_nothing(tmp_path, address, records, slice_days):
    sliced = pull(settings(tmp_path, address, QUERIES, slice_days=slice_days), now=NOW, instruments=INSTRUMENTS)
    assert found(sliced) == found(records)
    assert [list(sliced.table(name).keys) for name in QUERIES] == [list(records.table(name).keys) for name in QUERIES]


def test_the_size_of_chunks_changes_nothing(tmp_path, address, records, monkeypatch):
    monkeypatch.setattr(source, "CHUNK", 1)
    chunked = pull(settings(tmp_path, address, QUERIES), now=NOW, instruments=INSTRUMENTS)
    assert found(chunked) == found(records)
    assert cells(chunked, "incidents", "crime") == cells(records, "incidents", "crime")


def test_rows_as_they_came_are_held_a_chunk_at_a_time_whatever_their_number(tmp_path, address, monkeypatch):
    """A row more needs what is kept of it, and not what came: here three answers of 500 signs each, which nobody keeps."""
    monkeypatch.setattr(source, "CHUNK", 200)

    def highest(rows):
        answers = ", ".join(f"printf('%0500d', i + {n}) AS q0{n}" for n in (1, 2, 3))
        number = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
        query = f"{number} SELECT i AS assessment_ref, 1 AS incident_ref, {answers} FROM n WHERE :since <> ''"
        only = {"incidents": QUERIES["incidents"], "assessments": {"query": query}}
        asked = settings(tmp_path, address, only)
        tracemalloc.start()
        try:
            pulled = pull(asked, now=NOW, instruments=INSTRUMENTS)
            assert len(pulled.assessments) == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    highest(400)  # what is only ever loaded once
    assert (highest(6_000) - highest(2_000)) / 4_000 < 1_000, "bytes a row, of which 1,647 came"


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/New_York", "UTC"])
def test_the_machines_zone_changes_nothing(tmp_path, address, records, zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        elsewhere = pull(settings(tmp_path, address, QUERIES), now=NOW, instruments=INSTRUMENTS)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert elsewhere.known_to == records.known_to
    assert cells(elsewhere, "incidents", "reported_at") == cells(records, "incidents", "reported_at")


def test_a_query_in_another_zone_begins_where_the_forces_day_does(tmp_path, address):
    """From 1 July in London, which is 23:00 of the day before in UTC."""
    with sqlite3.connect(address.removeprefix("sqlite:///")) as connection:
        connection.execute("DELETE FROM occ")
        rows = [(7, "2026-06-30 22:59:59"), (8, "2026-06-30 23:00:00")]
        connection.executemany("INSERT INTO occ (no, rec_dt) VALUES (?, ?)", rows)
    connection.close()
    query = {
        "query": "SELECT no AS incident_ref, rec_dt AS reported_at FROM occ WHERE rec_dt >= :since",
        "time_zone": "UTC",
    }
    set_up = settings(tmp_path, address, {"incidents": query}, records_from=dt.date(2026, 7, 1))
    assert list(pull(set_up, now=NOW, instruments={}).incidents.keys) == ["8"]


def test_progress_is_told_by_set_and_rows(tmp_path, address):
    told = []
    pull(
        settings(tmp_path, address, QUERIES, slice_days=200),
        now=NOW,
        instruments={},
        progress=lambda *a: told.append(a),
    )
    assert {name: sum(rows for each, rows in told if each == name) for name in QUERIES} == {
        "incidents": 4,
        "assessments": 3,
        "referrals": 2,
        "staff": 2,
    }


def test_the_file_is_not_touched(tmp_path, address):
    before = [(path, path.stat().st_mtime_ns) for path in tmp_path.iterdir()]
    pull(settings(tmp_path, address, QUERIES), now=NOW, instruments=INSTRUMENTS)
    assert [(path, path.stat().st_mtime_ns) for path in tmp_path.iterdir()] == before


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param("SELECT 1 AS incident_ref FROM nope WHERE :since", "no such table: nope", id="a missing table"),
        pytest.param(
            "SELECT number AS incident_ref FROM occ WHERE :since", "no such column: number", id="a missing column"
        ),
        pytest.param(
            "SELECT no AS incident_ref FROM occ WHERE :since", 'no column "reported_at"', id="a required column"
        ),
        pytest.param(
            "SELECT no AS incident_ref, rec_dt AS reported FROM occ WHERE :since",
            'did you mean "reported_at"?',
            id="a renamed column",
        ),
        pytest.param(
            "SELECT no AS incident_ref, rec_dt AS reported_at, cls AS area, cls AS area FROM occ WHERE :since",
            '2 columns named "area"',
            id="two columns of one name",
        ),
        pytest.param("SELECT no, FROM occ WHERE :since", "syntax error", id="a mistake in the SQL"),
        pytest.param(
            "SELECT no AS incident_ref, no AS reported_at FROM occ WHERE :since <> ''", "whole numbers", id="a type"
        ),
        pytest.param(
            "SELECT load_extension('secret') WHERE :since", "the database refuses it", id="a forbidden function"
        ),
        pytest.param("WITH a AS (SELECT 1) DELETE FROM occ WHERE :since", "something other than read", id="a deletion"),
        pytest.param(
            "SELECT json('secret') AS incident_ref WHERE :since <> ''", "SQLITE_ERROR", id="a value it chokes on"
        ),
    ],
)
def test_a_query_that_does_not_fit_is_one_line_by_name(tmp_path, address, query, said):
    with pytest.raises(SourceError, match=r"^records\.incidents\.query: ") as refused:
        one(tmp_path, address, query=query)
    told = str(refused.value)
    assert said in told
    assert len(told.splitlines()) == 1 + told.count(".\nrecords.incidents.query")
    assert "secret" not in told
    assert str(tmp_path) not in told


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param("SELECT at FROM load_log WHERE at > 'x'", "returns 0 rows", id="no row"),
        pytest.param("SELECT no FROM occ", "returns 5 rows", id="several rows"),
        pytest.param("SELECT at, at FROM load_log", "Return one row of one column", id="several columns"),
        pytest.param("SELECT MAX(at) FROM load_log WHERE at > 'x'", "returns no time", id="no time"),
        pytest.param("SELECT 'secret'", "returns no time", id="a word"),
        pytest.param("SELECT at FROM loads", "no such table: loads", id="a missing table"),
    ],
)
def test_a_load_log_that_says_nothing_is_one_line_by_name(tmp_path, address, asked, said):
    with pytest.raises(SourceError, match=r"^records\.incidents\.known_to_query: ") as refused:
        one(tmp_path, address, known_to="query", known_to_query=asked)
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


def test_an_empty_table_is_records_of_nothing(tmp_path, address):
    records = one(
        tmp_path, address, query="SELECT no AS incident_ref, rec_dt AS reported_at FROM occ WHERE :since IS NULL"
    )
    assert len(records.incidents) == 0
    assert found(records) == []


# --- wrong configurations, from the file on ---

CONFIG = """
[force]
name = "Westmark Police"
[source]
url = "sqlite:///force.db"
records_from = 2026-01-01
[records.incidents]
query = "SELECT no AS incident_ref, rec_dt AS reported_at FROM occ WHERE rec_dt >= :since"
[readers]
unit = "unit@westmark.example"
fallback = "lead@westmark.example"
[mail]
sender = "monitor@westmark.example"
"""


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        pytest.param('[force]\nname = "Westmark Police"', '[force]\nname = "secret', ConfigError, "is not TOML", id="bad TOML"),
        pytest.param("[source]", "[source]\nslice_day = 9", ConfigError, 'did you mean "slice_days"?', id="an unknown key"),
        pytest.param("records_from = 2026-01-01", "", ConfigError, "source.records_from: is missing", id="a missing key"),
        pytest.param("2026-01-01", '"secret"', ConfigError, "source.records_from: ", id="a key of a wrong type"),
        pytest.param("[records.incidents]", '[records.incidents]\ntime_zone = "Secret/Town"', ConfigError, "records.incidents.time_zone: is not a time zone", id="an unknown zone"),
        pytest.param(" WHERE rec_dt >= :since", "", ConfigError, "records.incidents.query: names no :since", id="no :since"),
        pytest.param("[records.incidents]", '[records.incident]', ConfigError, "records.incident: unknown key", id="a set nobody knows"),
        pytest.param("[records.incidents]", '[records.incidents]\nvalues.crime = { Y = "secret" }', ConfigError, "values.crime: maps to a word", id="a word not the contract's"),
        pytest.param("sqlite:///force.db", "secret", ConfigError, "source: the address is not one", id="no address"),
        pytest.param('url = "sqlite:///force.db"', 'url_env = "RECORDS_URL"', ConfigError, "the environment has no RECORDS_URL", id="no address where it should be"),
        pytest.param("sqlite:///force.db", "sqlite:///secret.db", SourceError, "is not there, and none is made", id="a missing file"),
        pytest.param("sqlite:///force.db", "sqlite:///config.toml", SourceError, "is not a SQLite database", id="another file"),
        pytest.param("FROM occ", "FROM occurence", SourceError, "no such table: occurence", id="a missing table"),
        pytest.param("rec_dt AS reported_at", "rec_dt AS reported", SourceError, 'did you mean "reported_at"?', id="a renamed column"),
        pytest.param("rec_dt AS reported_at", "no AS reported_at", SourceError, "as whole numbers", id="a column of a wrong type"),
        pytest.param("postgresql", "postgresql", None, "", id="and a good one"),
        pytest.param("sqlite:///force.db", "postgresql://secret:secret@127.0.0.1:1/secret", SourceError, "cannot be reached", id="nobody there"),
        pytest.param("sqlite:///force.db", "oracle://secret:secret@host/secret", ConfigError, "driver oracledb is not installed", id="no driver"),
    ],
)  # fmt: skip
def test_a_wrong_configuration_is_told_in_words_that_hold_no_value(tmp_path, old, new, error, said):
    sqlite_file(tmp_path, SCRIPT)
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.replace(old, new), encoding="utf-8")
    before = sorted(tmp_path.iterdir())

    def run():
        return pull(load_settings(path, {}), now=when("Sun 2026-11-22 08:00"), instruments={})

    if error is None:
        assert list(run().incidents.keys) == ["1", "4", "5"]
        return
    with pytest.raises(error) as refused:
        run()
    told = str(refused.value)
    assert said in told
    assert "secret" not in told.lower()
    assert all(line.endswith(".") for line in told.splitlines())
    beneath = refused.value.__context__
    assert beneath is None or refused.value.__suppress_context__, "a driver's own error may hold a value"
    assert sorted(tmp_path.iterdir()) == before
