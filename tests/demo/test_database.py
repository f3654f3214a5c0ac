"""The invented force on disc: the same each time, and at any morning only what had been recorded by then."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dacompliance.demo import period
from dacompliance.demo.database import advance, last_load, write_source
from dacompliance.demo.force import Force, make_force
from tests.helpers import when

TIMES = {
    "occurrence": ("rec_dt", "flag_dt", "att_dt"),
    "risk_form": ("start_dt", "submit_dt"),
    "endorsement": ("endorse_dt",),
    "unit_check": ("checked_dt",),
    "referral": ("sent_dt", "ack_dt"),
}


def contents(path: Path) -> dict[str, str]:
    """A digest of every row of every table, with the rows' own numbers and types."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: hashlib.sha256(
                repr(connection.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid").fetchall()).encode()
            ).hexdigest()
            for table in tables
        }


def test_the_same_seed_makes_the_same_rows(last_copy, tmp_path):
    again = tmp_path / "again.db"
    write_source(again, period.load_of(period.MORNINGS[-1]), make_force())
    assert contents(again) == contents(last_copy)


def test_another_seed_makes_another_force(force):
    other = make_force(seed=1)
    assert other.sheets["occurrence"].columns["rec_dt"].values.tolist() != (
        force.sheets["occurrence"].columns["rec_dt"].values.tolist()
    )


def test_a_copy_brought_forward_is_the_copy_written_whole(force: Force, tmp_path):
    stepped, whole = tmp_path / "stepped.db", tmp_path / "whole.db"
    write_source(stepped, period.load_of(period.MORNINGS[0]), force)
    for before, day in itertools.pairwise(period.MORNINGS):
        advance(stepped, period.load_of(before), period.load_of(day), force)
        if day in (period.MORNINGS[3], period.MORNINGS[5]):
            write_source(whole, period.load_of(day), force)
            assert contents(stepped) == contents(whole), day


@pytest.mark.parametrize("day", [dt.date(2025, 3, 1), period.MORNINGS[0], period.MORNINGS[3]], ids=str)
def test_nothing_recorded_after_the_load_is_there(force: Force, tmp_path, day):
    path = tmp_path / "force.db"
    write_source(path, period.load_of(day), force)
    loaded = f"{day} {period.LOADED_AT:%H:%M}"
    with closing(sqlite3.connect(path)) as connection:
        for table, column in ((table, column) for table, columns in TIMES.items() for column in columns):
            sortable = f"substr({column}, 7, 4) || '-' || substr({column}, 4, 2) || '-' || substr({column}, 1, 2)"
            later = f"SELECT COUNT(*) FROM {table} WHERE {sortable} || substr({column}, 11) > ? AND {column} NOT LIKE '%/2062%'"
            assert connection.execute(later, (loaded,)).fetchone() == (0,), (table, column)


@pytest.mark.parametrize(
    ("as_of", "load"),
    [
        pytest.param("Fri 2026-10-30 05:30", "Fri 2026-10-30 05:30", id="the load's own minute"),
        pytest.param("Fri 2026-10-30 05:29", "Thu 2026-10-29 05:30", id="a minute before it"),
        pytest.param("Sun 2026-10-25 05:30", "Sun 2026-10-25 05:30", id="the day the clocks went back"),
        pytest.param("Sat 2026-10-24 23:00", "Sat 2026-10-24 05:30", id="in summer time"),
        pytest.param("Sat 2024-11-02 06:30", "Sat 2024-11-02 05:30", id="the first"),
    ],
)
def test_the_copy_is_as_old_as_the_last_load(as_of, load):
    assert last_load(when(as_of)) == period.minutes(when(load))


@pytest.mark.parametrize("as_of", ["Fri 2024-11-01 12:00", "Wed 2026-11-04 12:00"])
def test_there_is_no_copy_outside_the_loads(as_of):
    with pytest.raises(ValueError, match="there is none for"):
        last_load(when(as_of))


def test_the_load_log_ends_with_the_load(force: Force, tmp_path):
    path = tmp_path / "force.db"
    write_source(path, period.run_of(period.MORNINGS[1]), force)
    with closing(sqlite3.connect(path)) as connection:
        ended = connection.execute(
            "SELECT load_end FROM load_log WHERE outcome = 'OK' ORDER BY load_id DESC"
        ).fetchone()
        failed = connection.execute("SELECT COUNT(*) FROM load_log WHERE outcome = 'FAILED'").fetchone()
    assert ended == ("30/10/2026 05:30",)
    assert failed == (1,)


def test_progress_counts_the_rows_written(force: Force, tmp_path):
    told: dict[str, int] = {}
    write_source(tmp_path / "force.db", period.load_of(period.MORNINGS[0]), force, told.__setitem__)
    assert set(told) == set(force.sheets)
    assert told["form_answer"] > 300_000
