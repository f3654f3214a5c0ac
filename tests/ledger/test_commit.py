"""The one commit: all of a run or nothing, after the run it was reconciled against, in the slot it holds."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dacompliance.errors import LedgerError
from dacompliance.ledger import mailroom, runs, slots
from dacompliance.ledger.commit import commit_run
from dacompliance.ledger.runs import Document
from dacompliance.ledger.slots import LEASE
from tests.ledger.builders import (
    DAY,
    MINUTE,
    NOW,
    TODAY,
    commit,
    everything,
    notice,
    opened,
    row_counts,
    run_record,
    some_records,
    work,
)
from tests.ledger.test_figures import frame as figures
from tests.ledger.test_history import frame, verdict


def test_a_run_is_kept_with_all_that_came_of_it(ledger):
    claim = slots.claim(ledger, "morning", TODAY, now=NOW)
    run_id = commit(
        ledger,
        some_records(),
        claim=claim,
        run={"job": "morning", "local_date": TODAY, "versions": {("REF-01", "2026-01-01"): "d"}},
        verdicts=frame(verdict("I1", "breached")),
        events=[opened("I1")],
        judged_by={("REF-01", "I1"): "d"},
        measures=figures(("completion", "2026-10", "", "", "complete", 7)),
        notices=[notice()],
    )
    assert run_id == 1
    assert {name: count for name, count in row_counts(ledger).items() if count} == {
        "run": 1,
        "slot": 1,
        "document": 2,
        "run_document": 2,
        "rule_version": 1,
        "record_history": 7,
        "verdict_history": 1,
        "exception": 1,
        "event": 1,
        "notice": 1,
        "notice_recipient": 1,
        "measure": 1,
    }
    with ledger.read() as connection:
        assert mailroom.show(connection, 1).run_id == 1
        assert slots.slots(connection)[0].changed_at == NOW + MINUTE


def test_a_run_reconciled_against_an_older_state_is_refused_whole(ledger):
    commit(ledger, some_records())
    before = everything(ledger)
    with pytest.raises(
        LedgerError, match=r"another run finished meanwhile, so nothing of this one was kept\. Run it again"
    ):
        commit_run(ledger, run_record(after=None), work(some_records(area="South"), notices=[notice()]))
    assert everything(ledger) == before


def test_a_run_whose_slot_was_taken_over_is_refused_whole(ledger):
    slow = slots.claim(ledger, "morning", TODAY, now=NOW)
    slots.claim(ledger, "morning", TODAY, now=NOW + LEASE)
    before = everything(ledger)
    with pytest.raises(LedgerError, match="was taken over by another process"):
        commit(ledger, some_records(), claim=slow, events=[opened("I1")], notices=[notice()])
    assert everything(ledger) == before


def test_a_slot_is_not_done_twice(ledger):
    claim = slots.claim(ledger, "morning", TODAY, now=NOW)
    commit(ledger, claim=claim)
    with pytest.raises(LedgerError, match="was taken over"):
        commit(ledger, claim=claim)
    assert row_counts(ledger)["run"] == 1


def test_a_notice_said_already_is_not_said_again_by_a_run(ledger):
    commit(ledger, notices=[notice()])
    commit(ledger, notices=[notice(), notice(2)])
    assert row_counts(ledger)["notice"] == 2


def test_two_documents_of_one_kind_and_name_are_a_bug(ledger):
    twice = (Document("rule", "REF-01.toml", "a"), Document("rule", "REF-01.toml", "b"))
    with pytest.raises(Exception, match=r"(?i)unique|23505"):
        commit(ledger, run={"documents": twice})
    assert row_counts(ledger)["run"] == 0


def test_two_runs_over_the_same_records_differ_only_in_the_run(ledger):
    given = {"verdicts": frame(verdict("I1", "breached")), "judged_by": {}}
    commit(ledger, some_records(), events=[opened("I1")], **given)
    before = row_counts(ledger)
    commit(ledger, some_records(), run={"as_at": NOW + DAY}, **given)
    after = row_counts(ledger)
    assert after == {**before, "run": 2, "run_document": before["run_document"] * 2}


RIVAL = """
import sys
from dacompliance.errors import LedgerError
from dacompliance.ledger.commit import commit_run
from dacompliance.ledger.database import open_ledger
from tests.ledger.builders import run_record, some_records, work
ledger = open_ledger(sys.argv[1])
record, found = run_record(after=None), work(some_records())
sys.stdin.readline()
try:
    print("kept", commit_run(ledger, record, found))
except LedgerError as error:
    print(error)
"""


@pytest.mark.slow
def test_of_two_runs_that_end_at_once_one_is_kept(ledger, ledger_url):
    command = [sys.executable, "-c", RIVAL, ledger_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    rivals = [subprocess.Popen(command, **pipes) for _ in range(3)]
    for rival in rivals:
        rival.stdin.write("go\n")
        rival.stdin.flush()
    said = sorted(rival.communicate()[0].strip() for rival in rivals)
    refused = "ledger: another run finished meanwhile, so nothing of this one was kept. Run it again."
    assert said == ["kept 1", refused, refused]
    with ledger.read() as connection:
        assert [run.id for run in runs.runs(connection)] == [1]
