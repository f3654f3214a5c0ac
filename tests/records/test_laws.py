"""Laws of the door: the order of rows, the size of chunks and of slices change nothing."""

import datetime as dt
import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dacompliance.records.batch import join
from dacompliance.records.cleaning import clean, records
from dacompliance.records.contract import RECORD_SETS
from dacompliance.records.intake import take_in
from dacompliance.records.mapping import readings
from dacompliance.records.source import pull
from dacompliance.records.table import Records
from tests.helpers import LONDON, micros
from tests.records.given import INSTRUMENTS, KNOWN_TO, NOW, objects, queries, settings, sqlite_file

KEYS = st.sampled_from([None, "", "a", "b", "B", 7, 7.0, "7", True, 1])
REFS = st.sampled_from([None, "a", "b", 7, "x"])
WORDS = st.sampled_from([None, "", "yes", "no", "Y", True, 1, 1.0, "1", b"1", "high", " high "])
TIMES = st.sampled_from(
    [
        None,
        "2026-11-02 21:10",
        "2026-11-02",
        dt.date(2026, 11, 2),
        "2026-10-25 01:30",
        "2026-10-25 01:30+01:00",
        *(dt.datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=fold) for fold in (0, 1)),
        "2026-03-29 01:30",
        "31/02/2026",
        "2062-01-01",
        0,
    ]
)
INCIDENTS = st.fixed_dictionaries({"incident_ref": KEYS, "reported_at": TIMES, "attended_at": TIMES, "crime": WORDS})
ASSESSMENTS = st.fixed_dictionaries(
    {
        "assessment_ref": KEYS,
        "incident_ref": REFS,
        "submitted_at": TIMES,
        "risk_grade": WORDS,
        "q01": WORDS,
        "q02": WORDS,
    }
    | {"instrument": st.sampled_from([None, "SHORT-3", "DASH-27"])}
)
REFERRALS = st.fixed_dictionaries(
    {"referral_ref": KEYS, "incident_ref": REFS, "referred_at": TIMES, "received_at": TIMES, "cancelled": WORDS}
)
ALL = st.fixed_dictionaries(
    {
        "incidents": st.lists(INCIDENTS, max_size=6),
        "assessments": st.lists(ASSESSMENTS, max_size=6),
        "referrals": st.lists(REFERRALS, max_size=6),
    }
)


def through(rows: dict[str, list[dict[str, object]]], size: int) -> Records:
    """Return records of rows that came in chunks of a size, whatever the types of their columns."""
    sets = {}
    for name, query in queries(**{name: {"values": VALUES.get(name, {})} for name in rows}).mapped():
        cells = {column: objects([row[column] for row in rows[name]]) for column in COLUMNS[name]}
        how = readings(name, query, list(cells), LONDON)
        chunks = [
            {column: each[start : start + size] for column, each in cells.items()}
            for start in range(0, max(len(rows[name]), 1), size)
        ]
        batches = (take_in(name, raw, how, INSTRUMENTS, frozenset({"q02"})) for raw in chunks)
        parents = sets["incidents"].parents if sets else None
        sets[name] = clean(name, join(batches, RECORD_SETS[name].key), micros(KNOWN_TO), micros(KNOWN_TO), parents)
    return records(sets)


VALUES = {"incidents": {"crime": {"Y": "yes", "1": "no"}}, "referrals": {"cancelled": {"1": "yes"}}}
COLUMNS = {
    "incidents": ("incident_ref", "reported_at", "attended_at", "crime"),
    "assessments": ("assessment_ref", "incident_ref", "submitted_at", "risk_grade", "q01", "q02", "instrument"),
    "referrals": ("referral_ref", "incident_ref", "referred_at", "received_at", "cancelled"),
}


def same(one: Records, other: Records) -> bool:
    """Say whether two are the same to the last cell, word and finding."""
    pd.testing.assert_frame_equal(one.findings, other.findings)
    assert one.known_to == other.known_to
    for name in COLUMNS:
        ours, theirs = one.table(name), other.table(name)
        assert ours.keys.tolist() == theirs.keys.tolist()
        assert list(ours.columns) == list(theirs.columns)
        for column, mine in ours.columns.items():
            yours = theirs.columns[column]
            assert (mine.kind, mine.words) == (yours.kind, yours.words), column
            assert mine.values.tolist() == yours.values.tolist(), column
            assert mine.unread.tolist() == yours.unread.tolist(), column
            assert mine.days.tolist() == yours.days.tolist(), column
    return True


@given(rows=ALL, size=st.integers(1, 4), seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_size_of_chunks_change_nothing(rows, size, seed):
    shuffled = {name: seed.sample(each, len(each)) for name, each in rows.items()}
    assert same(through(rows, 100), through(shuffled, size))


@given(rows=ALL)
def test_every_row_is_kept_or_listed_once(rows):
    whole = through(rows, 100)
    for name, each in rows.items():
        findings = whole.findings.loc[whole.findings["record_set"] == name, "finding"]
        gone = findings.str.startswith(("set aside", "unmatched", "the same row twice")).sum()
        assert len(whole.table(name)) + gone == len(each)


@given(rows=ALL)
def test_a_missing_or_unreadable_cell_never_becomes_a_value(rows):
    whole = through(rows, 100)
    for name in COLUMNS:
        for column in whole.table(name).columns.values():
            assert not (column.present & column.unread).any()
            assert not (~column.present & column.days).any()


SINCE = "(reported_at >= :since AND reported_at < :until) OR (:undated = 1 AND reported_at IS NULL)"
SLICED = {
    "incidents": {"query": f"SELECT incident_ref, reported_at, area FROM incident WHERE {SINCE}"},
    "assessments": {"query": f"SELECT a.* FROM assessment a LEFT JOIN incident USING (incident_ref) WHERE {SINCE}"},
}
DAYS = st.dates(dt.date(2025, 12, 30), dt.date(2026, 12, 2))


@pytest.mark.slow
@given(
    days=st.lists(st.none() | DAYS, max_size=8),
    children=st.lists(st.integers(0, 9), max_size=8),
    slice_days=st.integers(1, 500),
)
@example(
    days=[None, dt.date(2026, 1, 1), dt.date(2026, 1, 2), dt.date(2062, 1, 1)], children=[0, 0, 1, 9], slice_days=1
)
def test_the_size_of_slices_changes_nothing(days, children, slice_days):
    """Undated incidents and children of none come with the first slice and with no other."""
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_file(
            Path(folder),
            "CREATE TABLE incident (incident_ref, reported_at, area); CREATE TABLE assessment (assessment_ref, incident_ref)",
        )
        with sqlite3.connect(Path(folder) / "force.db") as connection:
            reported = [None if day is None else f"{day} 00:00:00" for day in days]
            connection.executemany("INSERT INTO incident VALUES (?, ?, 'N')", list(enumerate(reported)))
            connection.executemany("INSERT INTO assessment VALUES (?, ?)", list(enumerate(children)))
        connection.close()
        sliced, whole = (
            pull(settings(Path(folder), url, SLICED, slice_days=size), now=NOW, instruments={})
            for size in (slice_days, 100_000)
        )
        pd.testing.assert_frame_equal(sliced.findings, whole.findings)
        for name in ("incidents", "assessments"):
            assert sliced.table(name).keys.tolist() == whole.table(name).keys.tolist()
        undated = sum(day is None for day in days)
        listed = sliced.findings[["record_set", "finding"]].value_counts()
        assert (
            np.sum([n for (name, finding), n in listed.items() if name == "incidents" and "decides" in finding])
            >= undated
        )
