"""The data keeper's digest: what is new, what fits, what waits for a mend, and who hears when there is nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dacompliance.notices.model import RuleNote
from dacompliance.notices.quality import compose_quality
from dacompliance.records.contract import Finding
from tests.notices.samples import FACTS, HOUSE, KEEPER, STALE
from tests.reporting.samples import FOUND, found

KEY = ("incidents", "", "incident_ref", Finding.MISSING_KEY)
CELLS = tuple(("incidents", f"I{number}", "area", Finding.UNREADABLE) for number in range(5))
NOTE = ("incidents", "I1", "attended_at", Finding.DATE_ONLY)


def digest(rows, earlier=None, waiting=0, facts=FACTS, **house):
    before = None if earlier is None else found(tuple(earlier))
    return compose_quality(KEEPER, found(tuple(rows)), before, waiting, facts, replace(HOUSE, **house))


def rows_of(made):
    return [row for listing in made.faults for row in listing.rows]


def test_it_says_in_the_subject_what_to_mend_and_what_is_new():
    assert digest(CELLS, CELLS[:3]).subject.endswith("Data quality: 5 to mend, 2 new")
    assert digest(CELLS, CELLS).subject.endswith("Data quality: 5 to mend")
    assert digest(CELLS).subject.endswith("Data quality: 5 to mend"), "to someone never told, nothing is called new"
    assert digest([NOTE]).subject.endswith("Data quality: nothing to mend")


def test_nothing_to_mend_is_said_and_what_was_noted_is_only_counted():
    made = digest([NOTE, NOTE], [])
    assert made.faults == ()
    assert made.summary == (
        "Nothing to mend: no row was set aside, and every cell could be read.",
        "2 cells or rows were read and noted, which need no mend.",
    )


def test_faults_are_grouped_by_column_and_kind_worst_first_and_then_what_is_new():
    other = ("staff", "S1", "left_on", Finding.UNREADABLE)
    made = digest([*CELLS, KEY, other], [*CELLS, KEY])
    assert [(row.where, row.number, row.label) for row in rows_of(made)] == [
        ("incidents.incident_ref", "1 row", ""),
        ("staff.left_on", "1 cell", "1 NEW"),
        ("incidents.area", "5 cells", ""),
    ]
    assert [listing.total for listing in made.faults] == [1, 6]


def test_a_row_without_a_key_is_new_when_there_are_more_of_them():
    assert digest([KEY] * 3, [KEY]).summary[1] == "2 of these are new since your last list."
    assert digest([KEY] * 2, [KEY] * 2).summary[1] == "None of these is new."


@pytest.mark.parametrize(
    ("most", "keys"),
    [
        pytest.param(50, [("I3, I4, I0, I1, I2", 0), ("S1", 0)], id="all fit, new ones first"),
        pytest.param(3, [("I3, I4", 3), ("S1", 0)], id="one is left for each row to come"),
        pytest.param(1, [("I3", 4)], id="one key, one row"),
    ],
)
def test_keys_are_shown_up_to_the_limit_and_the_rest_is_counted(most, keys):
    other = ("staff", "S1", "left_on", Finding.UNREADABLE)
    made = digest([*CELLS, other], CELLS[:3], max_rows=most)
    assert [(row.keys, row.more) for row in rows_of(made)] == keys
    assert sum(listing.total for listing in made.faults) == 6
    assert [listing.more for listing in made.faults] == [0 if most > 1 else 1]


def test_every_finding_that_wants_a_mend_is_counted_whatever_the_limit():
    for most in (1, 5, 50):
        made = digest(FOUND, max_rows=most)
        assert sum(listing.total for listing in made.faults) == 34
        assert len([key for row in rows_of(made) for key in row.keys.split(", ") if key]) <= most


def test_cases_that_wait_for_a_mend_are_counted():
    assert (
        "12 open exceptions cannot be judged by anybody until a cell or a row here is mended."
        in digest(CELLS, waiting=12).summary
    )


def test_a_stale_copy_and_rules_left_off_by_the_mapping_are_told():
    assert any("assessments are stale" in each for each in digest(CELLS, facts=STALE).warnings)
    off = replace(FACTS, switched_off=(RuleNote("PN-01", "incidents.flagged_at is not mapped"),))
    assert "Switched off: PN-01 (incidents.flagged_at is not mapped)." in digest(CELLS, facts=off).left_out


def test_a_key_cannot_break_a_line():
    made = digest([("incidents", "I1\r\nBcc: x@y.example", "area", Finding.UNREADABLE)])
    assert rows_of(made)[0].keys == "I1 Bcc: x@y.example"
