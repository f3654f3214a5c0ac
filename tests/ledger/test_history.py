"""The laws of history: only what changed is written, and what was known and said at any run comes back exactly."""

from __future__ import annotations

import hashlib
import itertools
import json
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dacompliance.errors import LedgerError
from dacompliance.judging.outcomes import OUTCOMES
from dacompliance.judging.verdicts import COLUMNS
from dacompliance.ledger import bulk, history, tables
from dacompliance.ledger.bodies import encode, shape_of
from dacompliance.ledger.changes import write_records, write_verdicts
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.ledger.runs import RuleState, RuleStatus, insert
from dacompliance.localtime import day_start
from dacompliance.records.contract import DERIVED, RECORD_SETS, WORDS, Finding, Kind
from dacompliance.records.table import MISSING, Column, Records, Table, words_column
from tests.helpers import LONDON, when
from tests.ledger.builders import (
    ALL_COLUMNS,
    DAY,
    NOW,
    by_rule,
    commit,
    incident,
    row_counts,
    run_record,
    some_records,
)
from tests.worlds import records

RECORDS = tables.record_history
VERDICTS = tables.verdict_history


# --- records


def spells(ledger: Ledger, record_set: str = "incidents") -> list[tuple[str, int, int | None]]:
    query = sa.select(RECORDS.c.key, RECORDS.c.first_run, RECORDS.c.last_run).where(RECORDS.c.record_set == record_set)
    with ledger.read() as connection:
        return sorted(tuple(row) for row in connection.execute(query))


def at(ledger: Ledger, run_id: int) -> Records:
    with ledger.read() as connection:
        return history.records_at(connection, run_id)


def assert_same(left: Table, right: Table) -> None:
    """Hold two tables to each other cell by cell, whatever the order of rows and the numbers of words."""
    left, right = (each.take(np.argsort(each.keys.astype(str), kind="stable")) for each in (left, right))
    assert left.keys.tolist() == right.keys.tolist()
    assert left.columns.keys() == right.columns.keys()
    for name, column in left.columns.items():
        other = right.columns[name]
        assert other.kind is column.kind, name
        assert other.unread.tolist() == column.unread.tolist(), name
        assert other.days.tolist() == column.days.tolist(), name
        if column.kind.is_words:
            assert other.text().tolist() == column.text().tolist(), name
        else:
            assert other.values.tolist() == column.values.tolist(), name


def assert_same_records(left: Records, right: Records) -> None:
    for name in RECORD_SETS:
        assert_same(left.table(name), right.table(name))
    assert dict(left.known_to) == dict(right.known_to)
    assert sorted(left.findings.to_numpy().tolist()) == sorted(right.findings.to_numpy().tolist())


def test_the_same_records_twice_add_nothing(ledger):
    commit(ledger, some_records())
    before = row_counts(ledger)
    commit(ledger, some_records())
    after = row_counts(ledger)
    assert after["record_history"] == before["record_history"]
    assert after["document"] == before["document"]


def test_a_change_closes_one_row_and_opens_one(ledger):
    commit(ledger, some_records())
    commit(ledger, some_records(area="South"))
    assert spells(ledger) == [("I1", 1, 1), ("I1", 2, None), ("I2", 1, None), ("I3", 1, None)]


def test_there_and_back_again_is_three_spells(ledger):
    for area in ("North", "South", "South", "North"):
        commit(ledger, records(incidents=[incident(1, area=area)]))
    assert spells(ledger) == [("I1", 1, 1), ("I1", 2, 3), ("I1", 4, None)]


def test_a_key_that_vanished_and_returned_keeps_its_history(ledger):
    for there in (True, False, False, True):
        commit(ledger, records(incidents=[incident(1)] if there else []))
    assert spells(ledger) == [("I1", 1, 1), ("I1", 4, None)]
    assert at(ledger, 1).incidents.keys.tolist() == at(ledger, 4).incidents.keys.tolist() == ["I1"]
    assert at(ledger, 2).incidents.keys.tolist() == []


def test_one_key_in_two_record_sets_is_two_records(ledger):
    both = records(
        incidents=[{"incident_ref": "X", "area": "N"}],
        referrals=[{"referral_ref": "X", "incident_ref": "X"}],
    )
    commit(ledger, both)
    assert_same_records_but_known_to(at(ledger, 1), both)


def assert_same_records_but_known_to(left: Records, right: Records) -> None:
    for name in RECORD_SETS:
        assert_same(left.table(name), right.table(name))


def test_what_was_known_at_each_run_comes_back(ledger):
    mornings = [
        some_records(),
        some_records(area="South", crime="yes"),
        records(incidents=[incident(4, reported_at="Mon 2026-11-02")]),
        some_records(area="unreadable!", attended_at="unreadable!"),
    ]
    for found in mornings:
        commit(ledger, found, run={"known_to": {}})
    for run_id, found in enumerate(mornings, start=1):
        assert_same_records(at(ledger, run_id), found)


def test_a_record_set_left_alone_stays_as_it_was(ledger):
    commit(ledger, some_records())
    commit(ledger, records(incidents=[incident(1)]), leave=frozenset({"assessments", "staff"}))
    found = at(ledger, 2)
    assert found.incidents.keys.tolist() == ["I1"]
    assert found.assessments.keys.tolist() == ["A1", "A2"]
    assert found.referrals.keys.tolist() == []
    assert found.staff.keys.tolist() == ["E1"]


def test_findings_come_and_go_like_records(ledger):
    lines = [
        ["incidents", "I9", "reported_at", str(Finding.DECIDING_CELL)],
        ["staff", "", "", str(Finding.MISSING_KEY)],
    ]
    for found in (lines, lines[:1], []):
        frame = pd.DataFrame(found, columns=["record_set", "key", "column", "finding"])
        plain = some_records()
        commit(ledger, Records(*(plain.table(name) for name in RECORD_SETS), {}, frame))
    assert [len(at(ledger, run_id).findings) for run_id in (1, 2, 3)] == [2, 1, 0]
    assert spells(ledger, "findings")[1][1:] == (1, 1)


def test_a_run_that_kept_no_records_gives_none_back(ledger):
    commit(ledger)
    with pytest.raises(LedgerError, match="run 1 kept no records"):
        at(ledger, 1)


def test_no_row_is_ever_rewritten_but_to_close_it(ledger):
    commit(ledger, some_records())
    before = content(ledger)
    commit(ledger, some_records(area="South"))
    commit(ledger, records())
    assert before <= content(ledger)


def content(ledger: Ledger) -> set[tuple[object, ...]]:
    columns = [column for column in RECORDS.c if column.name != "last_run"]
    with ledger.read() as connection:
        return {tuple(row) for row in connection.execute(sa.select(*columns))}


def test_a_digest_can_be_checked_with_the_standard_library_alone(ledger):
    commit(ledger, some_records())
    with ledger.read() as connection:
        rows = connection.execute(sa.select(RECORDS.c.salt, RECORDS.c.body, RECORDS.c.digest)).all()
    assert all(hashlib.sha256((salt + body).encode()).hexdigest() == digest for salt, body, digest in rows)
    assert len({salt for salt, _, _ in rows}) == len(rows)
    assert all(len(salt) == 32 for salt, _, _ in rows)


def withhold(ledger: Ledger, key: str) -> None:
    with ledger.begin() as connection:
        connection.execute(sa.update(RECORDS).where(RECORDS.c.key == key).values(body=None, salt=None))


def test_what_was_lawfully_deleted_is_withheld_and_not_kept_again(ledger):
    commit(ledger, some_records())
    withhold(ledger, "I1")
    commit(ledger, some_records())
    commit(ledger, some_records(area="South"))
    assert spells(ledger)[:2] == [("I1", 1, None), ("I2", 1, None)]
    assert at(ledger, 3).incidents.keys.tolist() == ["I2", "I3"]
    with ledger.read() as connection:
        assert history.withheld_at(connection, 3) == (("incidents", "I1"),)
        (story, *_) = history.items_story(connection, "I1").records
    assert story.cells is None


def test_a_withheld_record_that_vanishes_is_closed(ledger):
    commit(ledger, some_records())
    withhold(ledger, "I1")
    commit(ledger, records())
    assert spells(ledger)[0] == ("I1", 1, 1)


# --- any records at all

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SECONDS = st.integers(-62_135_596_800, 253_402_300_799)  # the years 1 to 9999
INSTANTS = st.one_of(SECONDS.map(lambda each: each * 1_000_000), SECONDS.map(lambda each: each * 1_000_000 + 123_456))
DAYS = st.integers(-25_567, 47_481)  # 1900 to 2099: days in zones of today
ZONES = st.sampled_from(["Europe/London", "America/Havana", "Asia/Kathmandu"])


@st.composite
def columns(draw: st.DrawFn, size: int, zone: str) -> Column:
    """Any column of any kind: present, missing, unreadable and date-only cells."""
    kind = draw(st.sampled_from(list(Kind)))
    fate = np.array(draw(st.lists(st.sampled_from("pppmu"), min_size=size, max_size=size)), dtype=object)
    there, unreadable = fate == "p", fate == "u"
    mask = unreadable if unreadable.any() else None
    if kind.is_words:
        words = st.sampled_from(WORDS[kind]) if kind in WORDS else TEXT
        cells = draw(st.lists(words, min_size=size, max_size=size))
        made = words_column([cell if ok else None for cell, ok in zip(cells, there, strict=True)], kind)
        return Column(kind, made.values, made.words, mask)
    if kind is Kind.NUMBER:
        values = draw(st.lists(st.integers(MISSING + 1, 2**63 - 1), min_size=size, max_size=size))
        return Column(kind, np.where(there, np.array(values, dtype=np.int64), MISSING), (), mask)
    dated = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)), dtype=bool) & there
    instants = np.array(draw(st.lists(INSTANTS, min_size=size, max_size=size)), dtype=np.int64)
    days = np.array(draw(st.lists(DAYS, min_size=size, max_size=size)), dtype=np.int64)
    values = np.where(dated, day_start(days, _zone(zone)), instants)
    return Column(kind, np.where(there, values, MISSING), (), mask, dated if dated.any() else None)


def _zone(name: str):
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


@st.composite
def tables_of(draw: st.DrawFn, name: str, zone: str) -> Table:
    keys = draw(st.lists(TEXT.filter(lambda key: "\0" not in key), unique=True, max_size=5))
    known = [spec.name for spec in RECORD_SETS[name].columns] + list(DERIVED[name]) + ["height", "seen_on"]
    chosen = draw(st.lists(st.sampled_from(known), unique=True, max_size=5))
    found = {each: draw(columns(len(keys), zone)) for each in chosen if each != "incident_ref"}
    if name in ("assessments", "referrals"):
        refs = draw(
            st.lists(st.none() | TEXT.filter(lambda key: "\0" not in key), min_size=len(keys), max_size=len(keys))
        )
        found["incident_ref"] = words_column(refs)
    return Table(np.array(keys, dtype=object), found)


@st.composite
def any_records(draw: st.DrawFn, zone: str) -> Records:
    lines = draw(
        st.lists(st.tuples(st.sampled_from(list(RECORD_SETS)), TEXT, TEXT, st.sampled_from(Finding)), max_size=4)
    )
    findings = pd.DataFrame(
        [[*line[:3], str(line[3])] for line in lines], columns=["record_set", "key", "column", "finding"], dtype=object
    )
    sets = {name: draw(tables_of(name, zone)) for name in RECORD_SETS}
    return Records(
        **sets, known_to=draw(st.dictionaries(st.sampled_from(list(RECORD_SETS)), INSTANTS)), findings=findings
    )


@pytest.fixture(scope="module")
def endless(tmp_path_factory):
    """One ledger for all examples: each pair of runs follows those before, whatever they were."""
    return open_ledger(f"sqlite:///{tmp_path_factory.mktemp('endless') / 'ledger.db'}")


@given(data=st.data(), zone=ZONES)
def test_any_records_come_back_cell_by_cell(endless, data, zone):
    first, second = data.draw(any_records(zone)), data.draw(any_records(zone))
    numbers = [
        commit(endless, found, zone=_zone(zone), run={"known_to": found.known_to}) for found in (first, second, second)
    ]
    counts = row_counts_of(endless, numbers[2])
    assert counts == 0
    for run_id, found in zip(numbers, (first, second, second), strict=True):
        assert_same_records(at(endless, run_id), found)


def row_counts_of(ledger: Ledger, run_id: int) -> int:
    """How many rows of record history began in a run."""
    with ledger.read() as connection:
        return connection.execute(sa.select(sa.func.count()).where(RECORDS.c.first_run == run_id)).scalar_one()


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_postgresql_gives_back_the_same(postgres_database, data):
    ledger = open_ledger(postgres_database)
    found = data.draw(any_records("Europe/London"))
    run_id = commit(ledger, found, run={"known_to": found.known_to})
    assert_same_records(at(ledger, run_id), found)


# --- verdicts


def verdict(
    item_ref: str = "I1", outcome: str = "pending", rule_id: str = "REF-01", **cells: object
) -> dict[str, object]:
    plain = {"version": "2026-01-01", "about": "incident", "incident_ref": item_ref, "reason": ""}
    return {
        "rule_id": rule_id,
        "item_ref": item_ref,
        "outcome": outcome,
        "due_at": None,
        "done_at": None,
        **plain,
        **cells,
    }


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    made = pd.DataFrame(list(rows), columns=list(COLUMNS)).astype(object)
    times = {name: pd.to_datetime(made[name], utc=True).astype("datetime64[us, UTC]") for name in ("due_at", "done_at")}
    return made.assign(**times)


def said_at(ledger: Ledger, run_id: int) -> pd.DataFrame:
    with ledger.read() as connection:
        return history.verdicts_at(connection, run_id)


def verdict_spells(ledger: Ledger) -> list[tuple[str, str, str, int, int | None]]:
    names = ("rule_id", "item_ref", "outcome", "first_run", "last_run")
    with ledger.read() as connection:
        rows = connection.execute(sa.select(*(VERDICTS.c[name] for name in names)).order_by(VERDICTS.c.id))
        return [tuple(row) for row in rows]


def judged(ledger: Ledger, *rows: dict[str, object], **rules: str) -> int:
    """Commit a run with these verdicts; rules are checked unless told otherwise."""
    states = {"REF-01": "checked", **rules} if "REF_01" not in rules else rules
    statuses = {name.replace("_", "-"): RuleStatus(RuleState(state)) for name, state in states.items()}
    return commit(ledger, verdicts=frame(*rows), run={"rules": statuses})


def assert_frames(left: pd.DataFrame, right: pd.DataFrame) -> None:
    order = ["rule_id", "item_ref"]
    right = right.sort_values(order, ignore_index=True)
    assert list(left.columns) == list(right.columns)
    for name in left.columns:
        assert left[name].tolist() == right[name].tolist() or (left[name].isna() == right[name].isna()).all(), name
        assert left[name].dropna().tolist() == right[name].dropna().tolist(), name


def test_the_same_verdicts_twice_add_nothing_in_any_order(ledger):
    rows = [verdict("I1"), verdict("I2", "met", done_at=when("Tue 2026-11-03 01:00")), verdict("I3", "not_applicable")]
    for order in itertools.permutations(rows):
        judged(ledger, *order)
    assert verdict_spells(ledger) == [("REF-01", "I1", "pending", 1, None), ("REF-01", "I2", "met", 1, None)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"outcome": "breached"}, id="outcome"),
        pytest.param({"version": "2026-06-01"}, id="version"),
        pytest.param({"due_at": NOW}, id="due"),
        pytest.param({"due_at": NOW + pd.Timedelta("1us")}, id="due by a microsecond"),
        pytest.param({"done_at": NOW}, id="done"),
        pytest.param({"reason": "signed_off_at"}, id="reason"),
        pytest.param({"incident_ref": "I9"}, id="its incident"),
    ],
)
def test_whatever_changes_in_a_verdict_begins_a_new_spell(ledger, change):
    judged(ledger, verdict(due_at=NOW + DAY))
    judged(ledger, verdict(**{"due_at": NOW + DAY, **change}))
    judged(ledger, verdict(due_at=NOW + DAY))
    assert [spell[3:] for spell in verdict_spells(ledger)] == [(1, 1), (2, 2), (3, None)]
    for run_id, row in ((1, {}), (2, change), (3, {})):
        assert_frames(said_at(ledger, run_id), frame(verdict(**{"due_at": NOW + DAY, **row})))


def test_not_applicable_is_kept_by_keeping_nothing(ledger):
    judged(ledger, verdict("I1"), verdict("I2", "not_applicable", reason="excluded"))
    judged(
        ledger, verdict("I1", "not_applicable", reason="applies"), verdict("I2", "not_applicable", reason="no version")
    )
    judged(ledger, verdict("I1"), verdict("I2", "breached"))
    assert [len(said_at(ledger, run_id)) for run_id in (1, 2, 3)] == [1, 0, 2]


def test_an_item_that_is_gone_ends_its_verdict(ledger):
    judged(ledger, verdict("I1"), verdict("I2"))
    judged(ledger, verdict("I2"))
    assert verdict_spells(ledger)[0] == ("REF-01", "I1", "pending", 1, 1)


@pytest.mark.parametrize("state", ["not_checked", "switched_off"])
def test_a_rule_not_checked_keeps_what_it_said(ledger, state):
    judged(ledger, verdict("I1"), verdict("I1", "met", "SUP-01"), SUP_01="checked")
    judged(ledger, verdict("I1", "breached"), SUP_01=state)
    assert verdict_spells(ledger)[1] == ("SUP-01", "I1", "met", 1, None)
    assert said_at(ledger, 2)["outcome"].tolist() == ["breached", "met"]


def test_keeping_what_many_rules_said_takes_less_memory_than_a_copy_of_it(ledger):
    rules, items = [f"REF-{number:02d}" for number in range(40)], [f"I{number}" for number in range(500)]
    one = frame(*(verdict(ref) for ref in items))
    said = pd.concat([one.assign(rule_id=rule) for rule in rules], ignore_index=True)
    with ledger.begin() as connection:
        run_id = insert(connection, run_record())
        tracemalloc.start()
        try:
            assert write_verdicts(connection, run_id, None, by_rule(said)) == (0, len(said))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < said.memory_usage(index=False).sum()


def test_keeping_a_set_of_records_takes_memory_for_some_of_its_rows_however_many_there_are(ledger, monkeypatch):
    monkeypatch.setattr(bulk, "_BLOCK", 200)
    monkeypatch.setattr(bulk, "_READ", 200)
    few, many = 1000, 5000
    peaks = {size: _peaks(ledger, size) for size in (few, many)}
    for less, more in zip(peaks[few], peaks[many], strict=True):
        assert more - less < (many - few) * BODY / 4  # the places of their keys, and no more


BODY = 400


def _peaks(ledger: Ledger, size: int) -> list[int]:
    """The most memory needed beside them when so many records are kept, and when they are kept again."""
    found = Records(
        Table(
            np.array([f"{size}/{number}" for number in range(size)], dtype=object),
            {"area": words_column([f"{number:0{BODY}d}" for number in range(size)])},
        ),
        *(records().table(name) for name in list(RECORD_SETS)[1:]),
        {},
        records().findings,
    )
    shape = shape_of(found, ALL_COLUMNS)
    peaks = []
    for added in (size, 0):
        with ledger.begin() as connection:
            last = connection.execute(sa.select(sa.func.max(tables.run.c.id))).scalar()
            run_id = insert(connection, run_record(last))
            tracemalloc.start()
            try:
                assert write_records(connection, run_id, last, encode(found, shape, LONDON))[1] == added
                peaks.append(tracemalloc.get_traced_memory()[1])
            finally:
                tracemalloc.stop()
    return peaks


def test_a_rule_gone_from_the_pack_ends_what_it_said(ledger):
    judged(ledger, verdict("I1"), verdict("I1", "met", "SUP-01"), SUP_01="checked")
    judged(ledger, verdict("I1"))
    assert verdict_spells(ledger)[1] == ("SUP-01", "I1", "met", 1, 1)


def test_one_reference_under_two_rules_is_two_verdicts(ledger):
    judged(ledger, verdict("X"), verdict("X", "late", "SUP-01"), SUP_01="checked")
    assert said_at(ledger, 1)["outcome"].tolist() == ["pending", "late"]


def test_a_run_that_judged_nothing_changes_nothing(ledger):
    judged(ledger, verdict("I1"))
    commit(ledger, run={"rules": {"REF-01": RuleStatus(RuleState.NOT_CHECKED, "stale")}})
    assert verdict_spells(ledger) == [("REF-01", "I1", "pending", 1, None)]


def test_verdicts_come_back_in_the_judges_own_form(ledger):
    commit(ledger)
    found = said_at(ledger, 1)
    assert tuple(found.columns) == COLUMNS
    assert str(found["due_at"].dtype) == "datetime64[us, UTC]"
    judged(ledger, verdict("b"), verdict("a", due_at=NOW))
    found = said_at(ledger, 2)
    assert found["item_ref"].tolist() == ["a", "b"]
    assert found["due_at"].tolist() == [pd.Timestamp(NOW), pd.NaT]
    assert {type(cell) for cell in found["reason"]} == {str}


@st.composite
def verdict_frames(draw: st.DrawFn) -> pd.DataFrame:
    """Verdicts of three rules on four items, each item and rule at most once."""
    pairs = draw(st.lists(st.tuples(st.sampled_from(["R1", "R2", "R3"]), st.sampled_from("wxyz")), unique=True))
    times = st.none() | st.sampled_from([NOW, NOW + DAY])
    return frame(
        *(
            verdict(
                item,
                draw(st.sampled_from(OUTCOMES.tolist())),
                rule_id,
                due_at=draw(times),
                done_at=draw(times),
                reason=draw(st.sampled_from(["", "grade", "grade; area"])),
                version=draw(st.sampled_from(["", "2026-01-01"])),
            )
            for rule_id, item in pairs
        )
    )


@given(
    mornings=st.lists(verdict_frames(), min_size=1, max_size=4), unchecked=st.sets(st.sampled_from(["R1", "R2", "R3"]))
)
def test_any_verdicts_come_back_and_each_key_holds_once_at_a_time(endless, mornings, unchecked):
    with endless.begin() as connection:
        last = connection.execute(sa.select(sa.func.max(tables.run.c.id))).scalar()
        expected: dict[int, pd.DataFrame] = {}
        for place, morning in enumerate(mornings):
            run_id = insert(connection, run_record(last))
            keep = unchecked if place else set()
            write_verdicts(connection, run_id, last, by_rule(morning), keep=keep)
            kept = expected[last][expected[last]["rule_id"].isin(keep)] if keep else morning.iloc[:0]
            fresh = morning[~morning["rule_id"].isin(keep) & (morning["outcome"] != "not_applicable")]
            expected[run_id] = pd.concat([kept, fresh]) if len(kept) else fresh
            assert write_verdicts(connection, run_id, last, by_rule(morning), keep=keep) == (0, 0)
            last = run_id
        for run_id, said in expected.items():
            assert_frames(history.verdicts_at(connection, run_id), said)


# --- stories


def test_a_story_is_every_spell_of_the_case_with_the_instants_of_its_runs(ledger):
    due = when("Tue 2026-11-03 23:40")
    commit(ledger, some_records(), verdicts=frame(verdict("I1", due_at=due)), run={"as_at": NOW})
    breached = frame(verdict("I1", "breached", due_at=due), verdict("A1", "met", about="assessment", incident_ref="I1"))
    commit(ledger, some_records(area="South"), verdicts=breached, run={"as_at": NOW + DAY})
    with ledger.read() as connection:
        story = history.items_story(connection, "I1")
        other = history.items_story(connection, "nobody's")
    told = [(each.record_set, each.key, each.first_as_at, each.last_as_at) for each in story.records]
    assert ("incidents", "I1", NOW, NOW) in told
    assert ("incidents", "I1", NOW + DAY, None) in told
    assert ("assessments", "A1", NOW, None) in told
    assert {each.key for each in story.records} == {"I1", "A1", "R1"}
    assert [each.cells["area"] for each in story.records if each.record_set == "incidents"] == ["North", "South"]
    assert [(each.outcome, each.due_at, each.first_as_at, each.last_run) for each in story.verdicts] == [
        ("pending", due, NOW, 1),
        ("breached", due, NOW + DAY, None),
        ("met", None, NOW + DAY, None),
    ]
    assert other == history.Story((), ())


def test_an_incident_is_found_by_its_reference_or_by_the_number_a_sergeant_can_type(ledger):
    odd = 'A_%"\\'
    commit(
        ledger,
        records(
            incidents=[
                incident(1, occurrence_ref="OCC/1"),
                incident(2, occurrence_ref="OCC/1"),
                incident(3, occurrence_ref=odd),
                incident(4, area='"occurrence_ref":"OCC/9"'),
            ]
        ),
    )
    with ledger.read() as connection:
        found = {
            number: history.find_incidents(connection, number) for number in ("I1", "OCC/1", odd, "OCC/9", "occ/1")
        }
    assert found == {"I1": ("I1",), "OCC/1": ("I1", "I2"), odd: ("I3",), "OCC/9": (), "occ/1": ()}


def test_many_rows_go_in_and_come_out(ledger):
    """More rows than go in one block, with every letter that COPY takes for its own."""
    size = 10_500
    odd = ["\\", "\t", "\n", "\r", "\\N", "é", "|", "\\."]
    keys = np.array([f"{odd[place % len(odd)]}{place}" for place in range(size)], dtype=object)
    found = Records(
        Table(keys, {"area": words_column(keys.tolist())}),
        *(records().table(name) for name in list(RECORD_SETS)[1:]),
        {},
        records().findings,
    )
    with ledger.begin() as connection:
        run_id = insert(connection, run_record())
        made = encode(found, shape_of(found, ALL_COLUMNS), LONDON)
        assert write_records(connection, run_id, None, made) == (0, size)
    with ledger.read() as connection:
        rows = connection.execute(sa.select(RECORDS.c.key, RECORDS.c.body)).all()
    assert {key: json.loads(body)["area"] for key, body in rows} == {key: key for key in keys}
    with ledger.begin() as connection:
        again = insert(connection, run_record(run_id))
        empty = encode(records(), shape_of(records(), {}), LONDON)
        assert write_records(connection, again, run_id, empty) == (size, 0)
