"""A pull in parts brings what a pull in one piece does: the same rows, cells and findings, one part at a time."""

import gc
import resource
import tempfile
import weakref
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dacompliance.errors import SourceError
from dacompliance.records import source
from dacompliance.records.gates import brought_by
from dacompliance.records.intake import take_in
from dacompliance.records.mapping import readings
from dacompliance.records.parts import Laid, Pulled
from dacompliance.records.scratch import Scratch
from dacompliance.records.source import pull, pull_in_parts
from dacompliance.records.table import mapped_columns
from tests.helpers import LONDON, micros
from tests.records.given import INSTRUMENTS, KNOWN_TO, NOW, objects, queries, settings, sqlite_file
from tests.records.test_laws import ALL, COLUMNS, VALUES, through
from tests.worlds import told

STAFF = [{"staff_id": "s1", "role": "sergeant"}, {"staff_id": "s2", "role": None}, {"staff_id": None, "role": "x"}]


def in_parts(rows, most, size=2, *, known_to=KNOWN_TO):
    """Return a pull in parts of rows that came in chunks of a size."""
    laid = Laid(micros(KNOWN_TO), most)
    for name, query in queries(**{name: {"values": VALUES.get(name, {})} for name in rows}).mapped():
        columns = COLUMNS.get(name, ("staff_id", "role"))
        cells = {column: objects([row[column] for row in rows[name]]) for column in columns}
        how = readings(name, query, list(cells), LONDON)
        for start in range(0, max(len(rows[name]), 1), size):
            raw = {column: each[start : start + size] for column, each in cells.items()}
            laid.take(name, take_in(name, raw, how, INSTRUMENTS, frozenset({"q02"})))
    return laid.pulled({name: known_to and micros(known_to) for name in rows})


def by_key(tables):
    """Return every cell of some tables by key and column."""
    return {
        (key, name): told(column, row)
        for table in tables
        for name, column in table.columns.items()
        for row, key in enumerate(table.keys)
    }


def alike(pulled: Pulled, whole) -> bool:
    """Say whether a pull in parts and one in a piece are the same, and whether the parts are what they promise to be."""
    parts = list(pulled.parts())
    ordered = [whole.findings.sort_values(list(whole.findings.columns), ignore_index=True), pulled.findings]
    pd.testing.assert_frame_equal(*(each.astype(object) for each in ordered))
    assert (pulled.known_to, pulled.columns) == (whole.known_to, mapped_columns(whole))
    for name, one in brought_by(whole).items():
        other = pulled.brought[name]
        assert (one.rows, one.unreadable, one.apart, one.known_to) == (
            *(other.rows, other.unreadable, other.apart, other.known_to),
        )
    assert list(pulled.brought) == list(brought_by(whole))
    for name in COLUMNS:
        assert by_key(part.table(name) for part in parts) == by_key([whole.table(name)]), name
        assert sum(len(part.table(name)) for part in parts) == len(whole.table(name))
    for part in parts:
        assert part.findings.empty
        assert part.staff.keys.tolist() == whole.staff.keys.tolist()
        for name in ("assessments", "referrals"):
            if len(part.table(name)):
                assert set(part.table(name).columns["incident_ref"].text()) <= set(part.incidents.keys)
    refs = [part.incidents.keys for part in parts if len(part.incidents)]
    assert all(one[-1] < other[0] for one, other in pairwise(refs))
    return True


def row(**cells):
    """Return a row of assessments."""
    return {**dict.fromkeys(COLUMNS["assessments"]), **cells}


def incident(ref):
    """Return an incident."""
    return {"incident_ref": ref, "reported_at": "2026-11-02 21:10", "attended_at": None, "crime": None}


@pytest.mark.slow
@given(rows=ALL, most=st.integers(1, 12), size=st.integers(1, 4))
@example(
    rows={
        "incidents": [incident("a"), incident("b")],
        "assessments": [row(assessment_ref="f", incident_ref="a"), row(assessment_ref="f", incident_ref="b")] * 2,
        "referrals": [],
    },
    most=1,
    size=1,
)
def test_the_parts_say_together_what_one_piece_says(rows, most, size):
    assert alike(in_parts(rows, most, size), through(rows, 100))


def test_rows_none_of_which_has_an_incident_are_set_aside_and_no_reason_to_stop():
    """A wrong column in a query: the gate says that the set came short."""
    rows = {
        "incidents": [incident(None) for _ in range(9)],
        "assessments": [row(assessment_ref=f"f{number}") for number in range(9)],
    }
    pulled = in_parts(rows, most=4)
    assert len(pulled) == 1
    assert pulled.brought["incidents"].apart == pulled.brought["assessments"].apart == 9


def test_very_many_keys_that_stand_in_two_parts_cost_no_more_than_a_look_each():
    """A query that joins on the occurrence gives every form to two incidents."""
    number = 4_000
    refs = [f"{each:05}" for each in range(2 * number)]
    forms = [
        row(assessment_ref=f"f{each}", incident_ref=refs[each + half]) for half in (0, number) for each in range(number)
    ]
    pulled = in_parts({"incidents": [*map(incident, refs)], "assessments": forms}, most=5_000, size=1_000)
    assert len(pulled) > 2
    assert sum(len(part.assessments) for part in pulled.parts()) == 0
    assert len(pulled.findings) == 2 * number


def test_a_key_with_incidents_of_two_parts_is_set_aside_in_both_and_both_incidents_say_so():
    forms = [row(assessment_ref="f", incident_ref=ref) for ref in ("a", "c")]
    pulled = in_parts({"incidents": [*map(incident, "abc")], "assessments": forms}, most=2, size=1)
    assert len(pulled) > 1
    lost = by_key(part.incidents for part in pulled.parts())
    assert [lost[ref, "assessments_set_aside"] for ref in "abc"] == ["yes", "no", "yes"]
    assert pulled.findings["key"].tolist() == ["f", "f"]
    assert pulled.brought["assessments"].all_rows == 2


def test_two_keys_that_only_share_a_hash_are_two_keys(monkeypatch):
    monkeypatch.setattr("dacompliance.records.parts.hash", lambda _: 7, raising=False)
    forms = [row(assessment_ref=f"f{ref}", incident_ref=ref) for ref in "abcabc"]
    pulled = in_parts({"incidents": [*map(incident, "abc")], "assessments": forms}, most=2, size=1)
    assert len(pulled) > 1
    assert sum(len(part.assessments) for part in pulled.parts()) == 3
    assert set(pulled.findings["finding"]) == {"the same row twice, read once"}


def test_a_set_is_known_to_its_newest_time_in_whichever_part_that_is():
    rows = {"incidents": [*map(incident, "abcdef")], "staff": STAFF}
    rows["incidents"][4]["attended_at"] = "2026-11-05 10:00"
    rows["incidents"][1]["attended_at"] = "2062-01-01"
    pulled = in_parts(rows, most=2, known_to=None)
    assert pulled.known_to["incidents"] == micros("Thu 2026-11-05 10:00")
    assert [each for each in pulled.findings.itertuples(index=False, name=None) if each[0] == "incidents"] == [
        ("incidents", "b", "attended_at", "unreadable: more than a day after the records are known to")
    ]


def test_few_rows_are_one_part_and_never_leave_memory(monkeypatch):
    def never(*_):
        raise AssertionError("a scratch file")

    monkeypatch.setattr("dacompliance.records.parts.Scratch", never)
    rows = {"incidents": [*map(incident, "abc")], "assessments": [], "referrals": [], "staff": STAFF}
    pulled = in_parts(rows, most=100)
    assert len(pulled) == 1
    assert [len(part.incidents) for part in pulled.parts()] == [3]
    assert pulled.brought["staff"].extent(1).rows == 3


def test_one_part_is_in_memory_at_a_time():
    pulled = in_parts({"incidents": [incident(f"{number:03}") for number in range(60)]}, most=10)
    assert len(pulled) >= 5
    before = None
    for part in pulled.parts():
        gc.collect()
        assert before is None or before() is None
        before = weakref.ref(part.incidents.keys)
        del part
    assert [len(part.incidents) for part in pulled.parts()] == [len(part.incidents) for part in pulled.parts()]


SINCE = "(reported_at >= :since AND reported_at < :until) OR (:undated = 1 AND reported_at IS NULL)"
SLICED = {
    "incidents": {"query": f"SELECT incident_ref, reported_at, area FROM incident WHERE {SINCE}"},
    "assessments": {"query": "SELECT * FROM assessment WHERE :since <> ''"},
}
SCRIPT = """
    CREATE TABLE incident (incident_ref, reported_at, area);
    CREATE TABLE assessment (assessment_ref, incident_ref);
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199)
    INSERT INTO incident SELECT (i * 37) % 200, date('2026-01-01', i || ' days') || ' 10:00:00', 'N' FROM n;
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 259)
    INSERT INTO assessment SELECT i % 250, i % 230 FROM n;
"""


@pytest.mark.parametrize("slice_days", [7, 30, 1_000])
@pytest.mark.parametrize("most", [40, 150, 1_000])
def test_a_source_says_the_same_in_parts_whatever_its_slices(tmp_path, monkeypatch, most, slice_days):
    monkeypatch.setattr(source, "CHUNK", 30)
    asked = settings(tmp_path, sqlite_file(tmp_path, SCRIPT), SLICED, slice_days=slice_days)
    parts = pull_in_parts(asked, now=NOW, instruments=INSTRUMENTS, most=most)
    assert (len(parts) > 1) == (most < 460)
    assert alike(parts, pull(asked, now=NOW, instruments=INSTRUMENTS))


def test_a_scratch_folder_without_room_is_told_in_one_line(tmp_path):
    asked = settings(tmp_path, sqlite_file(tmp_path, SCRIPT), SLICED, scratch_folder=tmp_path / "not there")
    with pytest.raises(SourceError, match=r"^source\.scratch_folder: .*No such file or directory\. Name a folder"):
        pull_in_parts(asked, now=NOW, instruments=INSTRUMENTS, most=50)


def test_a_disk_without_room_is_told_in_one_line_and_once(tmp_path, recwarn):
    asked = settings(tmp_path, sqlite_file(tmp_path, SCRIPT), SLICED, scratch_folder=tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, before[1]))
    try:
        with pytest.raises(SourceError, match=r"^source\.scratch_folder: .*File too large\. Name a folder on a disk"):
            pull_in_parts(asked, now=NOW, instruments=INSTRUMENTS, most=50)
        gc.collect()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.iterdir()] == ["force.db"]
    assert not recwarn.list


def test_what_is_laid_by_has_no_name_and_is_gone_with_the_pull():
    with tempfile.TemporaryDirectory() as folder:
        scratch = Scratch(Path(folder))
        one, two = (scratch.put({"a": number}, [np.arange(number), np.zeros(0, dtype=bool)]) for number in (3, 2))
        assert list(Path(folder).iterdir()) == []
        for _ in range(2):
            heading, (numbers, none) = scratch.get(one)
            assert (heading, numbers.tolist(), none.tolist()) == ({"a": 3}, [0, 1, 2], [])
        assert scratch.get(two)[1][0].tolist() == [0, 1]
