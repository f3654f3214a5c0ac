"""What a pull needs beside the records it returns: a chunk of rows and a few columns, however many incidents there are."""

import datetime as dt
import gc
import sqlite3
import tracemalloc
from contextlib import closing

import pytest
import sqlalchemy as sa

from dacompliance.records import source
from dacompliance.records.source import pull
from tests.records.given import INSTRUMENTS, NOW, settings

FROM = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - wall times, as a records system keeps them
TABLES = {
    "occ": "no varchar(12) primary key, rec timestamp, area text, officer text",
    "form": "id varchar(12) primary key, no varchar(12), kind text, sent timestamp, a1 text, a2 text, a3 text",
}
BETWEEN = "(o.rec >= :since AND o.rec < :until) OR (:undated = 1 AND o.rec IS NULL)"
QUERIES = {
    "incidents": {
        "query": "SELECT no AS incident_ref, rec AS reported_at, area, officer AS officer_id "
        f"FROM occ o WHERE {BETWEEN}",
    },
    "assessments": {
        "query": "SELECT id AS assessment_ref, o.no AS incident_ref, kind AS instrument, sent AS submitted_at, "
        f"a1 AS q01, a2 AS q02, a3 AS q03 FROM form f JOIN occ o ON o.no = f.no WHERE {BETWEEN}",
        "values": {"answers": {"Y": "yes", "N": "no"}},
    },
}


def rows(incidents):
    """Yield a table's name and a row for it: in half a year, a form for each incident."""
    for number in range(incidents):
        reported = (FROM + dt.timedelta(days=180) / incidents * number).replace(microsecond=0)
        yield "occ", (f"I{number:08}", str(reported), f"Area {number % 12}", f"PC{number % 300}")
        sent = str(reported + dt.timedelta(hours=number % 60))
        yield "form", (f"F{number:08}", f"I{number:08}", "SHORT-3", sent, "YN"[number % 2], "Y", "N")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def filled(request, tmp_path):
    """Return what fills an empty database with so many incidents, and returns its address."""

    def fill(incidents):
        of = {name: [row for table, row in rows(incidents) if table == name] for name in TABLES}
        if request.param == "sqlite":
            with closing(sqlite3.connect(tmp_path / f"{incidents}.db")) as connection, connection:
                for name, columns in TABLES.items():
                    connection.execute(f"CREATE TABLE {name} ({columns})")
                    connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(of[name][0]))})", of[name])
            return f"sqlite:///{tmp_path / f'{incidents}.db'}"
        address = request.getfixturevalue("postgres_database")
        with sa.create_engine(address, poolclass=sa.NullPool).begin() as connection:
            cursor = connection.connection.cursor()
            for name, columns in TABLES.items():
                cursor.execute(f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({columns})")
                with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                    for row in of[name]:
                        copy.write_row(row)
        return address

    return fill


def needed(folder, address, incidents, days):
    """Return the bytes that a pull held at its end, and those it needed above that at its highest."""
    asked = settings(folder, address, QUERIES, slice_days=days)
    gc.collect()
    tracemalloc.start()
    try:
        pulled = pull(asked, now=NOW, instruments=INSTRUMENTS)
        gc.collect()
        held, peak = tracemalloc.get_traced_memory()
        assert (len(pulled.incidents), len(pulled.assessments)) == (incidents, incidents)
        return held, peak - held
    finally:
        tracemalloc.stop()


def test_a_pull_needs_a_chunk_and_a_few_columns_beside_what_it_returns(tmp_path, filled, monkeypatch):
    monkeypatch.setattr(source, "CHUNK", 500)
    few, many = 1_000, 4_000
    needed(tmp_path, filled(100), 100, 20)  # what is only ever loaded once
    (_, above_few), (held_many, above_many) = (needed(tmp_path, filled(each), each, 20) for each in (few, many))
    more = many - few
    assert (above_many - above_few) / more < 100, "bytes an incident and its form: a few of their columns"
    assert held_many / many > 200, "against what is held of them"


@pytest.mark.parametrize(
    ("chunk", "days"), [pytest.param(250, 1_000, id="a smaller chunk"), pytest.param(2_000, 10, id="a smaller slice")]
)
def test_a_smaller_chunk_or_slice_needs_less(tmp_path, filled, monkeypatch, chunk, days):
    address = filled(4_000)
    needed(tmp_path, address, 4_000, days)  # what is only ever loaded once
    monkeypatch.setattr(source, "CHUNK", 2_000)
    _, at_once = needed(tmp_path, address, 4_000, 1_000)
    monkeypatch.setattr(source, "CHUNK", chunk)
    _, in_parts = needed(tmp_path, address, 4_000, days)
    assert in_parts < at_once / 2


def test_what_a_child_refers_to_is_kept_once(tmp_path, filled):
    """The very strings of the incidents' own references, whichever chunk they came with."""
    pulled = pull(settings(tmp_path, filled(100), QUERIES, slice_days=20), now=NOW, instruments=INSTRUMENTS)
    own = {id(word) for word in pulled.incidents.columns["incident_ref"].words}
    assert {id(word) for word in pulled.assessments.columns["incident_ref"].words} == own
