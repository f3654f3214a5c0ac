"""One job and an end, for those with their own scheduler: the same slots, and an exit code for each kind of end."""

from __future__ import annotations

import pytest

from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import REPORTED, ledger_rows
from tests.notices.relay import Handler, relay


@pytest.fixture
def ready(force: SmallForce) -> SmallForce:
    force.put("incidents", [REPORTED])
    return force


def test_a_job_is_done_once_a_day_and_left_alone_after(ready):
    first = ready.run("run-once", "morning")
    assert (first.code, first.err) == (0, "")
    assert "morning of 2026-11-03: run 1, " in first.out
    assert "Notices written: " in first.out
    again = ready.run("run-once", "morning", at="Tue 2026-11-03 09:00")
    assert again.code == 0
    assert "is done already, or another process has it" in again.out
    assert len(ledger_rows(ready, "SELECT 1 FROM run")) == 1
    assert (ready.folder / "reports-out" / "completion.html").exists()


def test_without_a_name_whatever_is_due_is_done(ready):
    assert "Nothing is due." in ready.run("run-once", at="Tue 2026-11-03 06:29").out
    assert "morning of 2026-11-03: run 1" in ready.run("run-once", at="Tue 2026-11-03 06:30").out
    assert "Nothing is due." in ready.run("run-once", at="Tue 2026-11-03 06:31").out


def test_what_was_missed_in_between_is_recorded(ready):
    ready.run("run-once", "morning")
    ready.load("Fri 2026-11-06 05:30")
    ready.run("run-once", "morning", at="Fri 2026-11-06 06:30")
    assert ledger_rows(ready, "SELECT local_date, state FROM slot ORDER BY local_date") == [
        ("2026-11-03", "done"),
        ("2026-11-04", "missed"),
        ("2026-11-05", "missed"),
        ("2026-11-06", "done"),
    ]


def test_a_source_that_is_down_is_exit_code_5_and_the_slot_can_be_run_again(ready):
    ready.execute("ALTER TABLE incidents RENAME TO elsewhere")
    ran = ready.run("run-once", "morning")
    assert ran.code == 5
    assert "morning of 2026-11-03: failed." in ran.out
    assert "records.incidents" in ran.err
    assert list((ready.folder / "outbox").glob("*operator-failed*.eml"))
    ready.execute("ALTER TABLE elsewhere RENAME TO incidents")
    assert ready.run("run-once", "morning", at="Tue 2026-11-03 06:45").code == 0
    assert ledger_rows(ready, "SELECT state FROM slot") == [("done",)]


def test_a_run_that_could_check_nothing_is_exit_code_8_and_the_operator_is_told(ready):
    ready.run("run-once", "morning")
    ready.execute("DELETE FROM incidents")
    ready.load("Wed 2026-11-04 05:30")
    ran = ready.run("run-once", "morning", at="Wed 2026-11-04 06:30")
    assert ran.code == 8
    assert list((ready.folder / "outbox").glob("2026-11-04*operator-not-checked*.eml"))
    assert ready.run("run-once", "morning", at="Wed 2026-11-04 06:45").code == 0


def test_mail_that_does_not_leave_is_exit_code_7_and_send_alone_takes_it_up(ready):
    mail = '[mail]\nmode = "on"\nallowed_domains = ["force.example"]\nhost = "127.0.0.1"\nsecurity = "none"\nport = '
    ready.edit("[mail]", f"{mail}9")
    ran = ready.run("run-once", "morning")
    assert (ran.code, "were not handed over" in ran.err) == (7, True)
    handler = Handler()
    with relay(handler) as port:
        ready.edit("port = 9", f"port = {port}")
        assert ready.run("run-once", "send", at="Tue 2026-11-03 06:32").code == 0
        assert len(handler.taken) == ledger_rows(ready, "SELECT count(*) FROM notice")[0][0]
        again = ready.run("run-once", "send", at="Tue 2026-11-03 06:33")
        assert (again.code, again.out) == (0, "No notice is waiting.\n")


def test_there_is_no_such_job(ready):
    ran = ready.run("run-once", "evening")
    assert (ran.code, "Name one of: morning, send" in ran.err) == (2, True)
