"""Runs and their documents: numbered without gaps, kept as they were, each text once."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa

from dacompliance.errors import LedgerError
from dacompliance.ledger import runs
from dacompliance.ledger.runs import Document, RuleState, RuleStatus
from dacompliance.localtime import micros
from tests.ledger.builders import DAY, MINUTE, NOW, TODAY, commit, row_counts, run_record, some_records

OFF = RuleStatus(RuleState.SWITCHED_OFF, "signed_off_by is not mapped")
HELD = RuleStatus(RuleState.NOT_CHECKED, "assessments: stale")
CHECKED = RuleStatus(RuleState.CHECKED)


def test_there_is_no_run_before_the_first(ledger):
    with ledger.read() as connection:
        assert runs.latest(connection) is None
        assert runs.last_checked(connection) is None
        with pytest.raises(LedgerError, match=r'there is no run 1\. "dacompliance runs" lists them'):
            runs.run(connection, 1)


def test_a_run_is_read_back_as_it_was_kept(ledger):
    given = {
        "job": "morning",
        "local_date": TODAY,
        "as_at": NOW - MINUTE,
        "rules": {"REF-01": CHECKED, "SUP-01": OFF, "RA-01": HELD},
        "gates": {"incidents": {"passed": False, "why": "stale", "rows": 3}},
        "counts": {"set_aside": 2, "incidents": 3},
    }
    commit(ledger, run=given)
    expected = run_record(**{**given, "counts": {**given["counts"], runs.PAPERS: 1}})
    with ledger.read() as connection:
        found = runs.run(connection, 1)
    assert found.checked
    for name in runs.Run.__dataclass_fields__:
        if name not in ("id", "checked"):
            assert getattr(found, name) == getattr(expected, name), name


def test_runs_are_numbered_from_one_without_gaps_and_listed_newest_first(ledger):
    commit(ledger)
    with pytest.raises(LedgerError):
        commit(ledger, run={"after": 7})
    for _ in range(2):
        commit(ledger)
    with ledger.read() as connection:
        assert [run.id for run in runs.runs(connection)] == [3, 2, 1]
        assert [run.id for run in runs.runs(connection, limit=1)] == [3]
        assert runs.latest(connection).id == 3


def test_a_run_that_checked_no_rule_is_not_the_last_checked_one(ledger):
    commit(ledger)
    commit(ledger, run={"rules": {"REF-01": HELD, "SUP-01": OFF}, "as_at": NOW + DAY})
    with ledger.read() as connection:
        assert runs.latest(connection).id == 2
        assert runs.last_checked(connection).id == 1


def test_instants_are_kept_to_the_microsecond(ledger):
    instant = NOW.replace(microsecond=123_457)
    commit(ledger, run={"as_at": instant})
    with ledger.read() as connection:
        assert runs.latest(connection).as_at == instant
        assert connection.execute(sa.text("SELECT as_at FROM run")).scalar_one() == micros(instant)


def test_a_naive_time_is_refused(ledger):
    with pytest.raises((TypeError, sa.exc.StatementError)):
        commit(ledger, run={"as_at": NOW.replace(tzinfo=None)})
    assert row_counts(ledger)["run"] == 0


def test_a_document_is_kept_once_however_many_runs_use_it(ledger):
    rule, calendar = Document("rule", "REF-01.toml", "a"), Document("calendars", "calendars.toml", "b")
    twin = Document("rule", "REF-02.toml", "a")
    for papers in [(rule, calendar), (calendar, rule, twin), (calendar,)]:
        commit(ledger, run={"documents": papers})
    assert row_counts(ledger)["document"] == 2
    with ledger.read() as connection:
        assert runs.documents(connection, 2) == (calendar, rule, twin)
        assert runs.documents(connection, 2, "rule") == (rule, twin)
        assert runs.documents(connection, 3) == (calendar,)


def test_a_documents_digest_is_that_of_the_file_itself(tmp_path):
    file = tmp_path / "REF-01.toml"
    file.write_text('title = "Señal"\n', encoding="utf-8")
    digest = Document("rule", file.name, file.read_text(encoding="utf-8")).digest
    assert digest == hashlib.sha256(file.read_bytes()).hexdigest()


def test_what_each_rule_version_said_when_last_run_is_remembered(ledger):
    first, second = ("REF-01", "2015-11-01"), ("REF-01", "2026-01-01")
    commit(ledger, run={"versions": {first: "a"}})
    commit(ledger, run={"versions": {first: "a", second: "b"}})
    commit(ledger, run={"versions": {}})
    with ledger.read() as connection:
        assert runs.versions_ran(connection) == {first: "a", second: "b"}
    commit(ledger, run={"versions": {second: "c"}})
    with ledger.read() as connection:
        assert runs.versions_ran(connection) == {first: "a", second: "c"}


def test_a_runs_texts_are_not_in_its_own_words():
    assert "secret" not in repr(Document("settings", "settings", "secret"))


def test_a_run_without_records_keeps_no_columns(ledger):
    commit(ledger)
    commit(ledger, some_records())
    with ledger.read() as connection:
        assert [each.kind for each in runs.documents(connection, 1)] == ["rule"]
        assert [each.kind for each in runs.documents(connection, 2)] == ["columns", "rule"]


def test_since_when_each_rule_has_not_been_checked_is_known(ledger):
    def states(**given: RuleState) -> dict[str, object]:
        return {"rules": {name.replace("_", "-"): RuleStatus(state) for name, state in given.items()}}

    commit(ledger, run=states(REF_01=RuleState.CHECKED))
    commit(ledger, run={"as_at": NOW + DAY, **states(REF_01=RuleState.CHECKED, SUP_01=RuleState.NOT_CHECKED)})
    commit(ledger, run={"as_at": NOW + 2 * DAY, **states(REF_01=RuleState.NOT_CHECKED, SUP_01=RuleState.SWITCHED_OFF)})
    with ledger.read() as connection:
        assert runs.last_checked_by(connection, ["REF-01"]) == {"REF-01": NOW + DAY}
        assert runs.last_checked_by(connection, ["SUP-01", "REF-01"]) == {"SUP-01": NOW, "REF-01": NOW + DAY}
        assert runs.last_checked_by(connection, []) == {}
