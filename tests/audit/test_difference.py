"""What moved between two sets of verdicts, and in what."""

import pandas as pd
import pytest

from dacompliance.audit.difference import MOVED, moved, turns
from dacompliance.judging.verdicts import COLUMNS

BASE = {
    "rule_id": "REF-01",
    "version": "2014-01-01",
    "about": "incident",
    "item_ref": "I1",
    "incident_ref": "I1",
    "outcome": "met",
    "due_at": "2026-11-03T23:40:00Z",
    "done_at": "2026-11-03T09:15:00Z",
    "reason": "",
}


def verdict(**changes):
    return {**BASE, **changes}


def verdicts(*rows):
    table = pd.DataFrame(list(rows), columns=list(COLUMNS), dtype=object)
    for name in ("due_at", "done_at"):
        table[name] = pd.to_datetime(table[name], utc=True).astype("datetime64[us, UTC]")
    return table


def one(before, after):
    (row,) = moved(verdicts(*before), verdicts(*after)).to_dict("records")
    return row


def test_the_same_verdicts_twice_is_nothing_moved():
    rows = [verdict(), verdict(item_ref="I2", outcome="breached", done_at=None), verdict(rule_id="RA-01")]
    found = moved(verdicts(*rows), verdicts(*reversed(rows)))
    assert found.empty
    assert tuple(found.columns) == MOVED


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        pytest.param({"outcome": "late"}, "outcome", id="the outcome"),
        pytest.param({"version": "2026-01-01"}, "version", id="the version alone"),
        pytest.param({"due_at": "2026-11-04T09:00:00Z"}, "due_at", id="the deadline"),
        pytest.param({"due_at": None}, "due_at", id="a deadline that is gone"),
        pytest.param({"done_at": "2026-11-03T09:16:00Z"}, "done_at", id="the finish"),
        pytest.param({"reason": "grade"}, "reason", id="the reason"),
        pytest.param({"incident_ref": "I9"}, "incident_ref", id="whose it is"),
        pytest.param(
            {"outcome": "late", "due_at": "2026-11-03T08:00:00Z", "version": "2026-01-01"}, "outcome; version; due_at",
            id="several, in one order",
        ),
    ],
)  # fmt: skip
def test_it_says_in_what_a_verdict_moved(changes, changed):
    assert one([verdict()], [verdict(**changes)])["changed"] == changed


def test_both_sides_stand_in_the_row():
    row = one([verdict()], [verdict(outcome="late", due_at="2026-11-03T08:00:00Z")])
    assert (row["rule_id"], row["item_ref"], row["incident_ref"]) == ("REF-01", "I1", "I1")
    assert (row["outcome_before"], row["outcome_after"]) == ("met", "late")
    assert row["due_at_before"] == pd.Timestamp("2026-11-03T23:40:00Z")
    assert row["due_at_after"] == pd.Timestamp("2026-11-03T08:00:00Z")


@pytest.mark.parametrize("gone", [[], [verdict(outcome="not_applicable", reason="applies", due_at=None, done_at=None)]])
def test_no_verdict_is_one_that_does_not_apply(gone):
    for before, after in (([verdict()], gone), (gone, [verdict()])):
        row = one(before, after)
        assert {row["outcome_before"], row["outcome_after"]} == {"met", "not_applicable"}
        assert row["changed"] == "outcome"
        assert row["incident_ref"] == "I1"
        assert {row["version_before"], row["version_after"]} == {"2014-01-01", ""}


def test_why_something_does_not_apply_is_not_compared():
    before = verdict(outcome="not_applicable", reason="applies", due_at=None, done_at=None)
    assert moved(verdicts(before), verdicts({**before, "reason": "excluded", "version": ""})).empty
    assert moved(verdicts(before), verdicts()).empty


def test_a_verdict_that_stands_twice_is_refused():
    with pytest.raises(pd.errors.MergeError):
        moved(verdicts(verdict(), verdict()), verdicts(verdict()))


def test_the_rows_stand_by_rule_then_item():
    rows = [verdict(item_ref="I2"), verdict(), verdict(rule_id="RA-01", item_ref="I3")]
    found = moved(verdicts(*rows), verdicts())
    assert list(zip(found["rule_id"], found["item_ref"], strict=True)) == [
        ("RA-01", "I3"),
        ("REF-01", "I1"),
        ("REF-01", "I2"),
    ]


def test_turns_count_from_what_to_what_the_most_first():
    before = [verdict(item_ref=f"I{n}") for n in range(5)]
    after = [verdict(item_ref=f"I{n}", outcome="late" if n < 3 else "breached") for n in range(4)]
    after.append(verdict(item_ref="I4", due_at="2026-11-04T00:00:00Z"))
    found = turns(moved(verdicts(*before), verdicts(*after)))
    assert found.to_numpy().tolist() == [["REF-01", "met", "late", 3], ["REF-01", "met", "breached", 1]]
