"""Jobs and slots: made up for once, missed and said so, tried again after a failure, the operator told once."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json

import pytest

from dacompliance.config import load_settings
from dacompliance.errors import SourceError, UsageError
from dacompliance.ledger import slots
from dacompliance.ledger.database import open_ledger
from dacompliance.notices.sending import send_all
from dacompliance.schedule import jobs
from dacompliance.schedule.scheduler import Service
from tests.acceptance.force import SmallForce, build
from tests.acceptance.test_one_true_morning import REPORTED, ledger_rows
from tests.helpers import when

TUESDAY = when("Tue 2026-11-03 06:30")
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
TODAY = dt.date(2026, 11, 3)


@pytest.fixture
def force(tmp_path, capsys) -> SmallForce:
    """A force with one incident, whose copy is as fresh as a test needs."""
    made = build(tmp_path / "force", capsys)
    made.put("incidents", [REPORTED])
    made.edit("[readers]", '[schedule]\nheartbeat_file = "alive.json"\n[gates]\nstale_hours = 2000\n[readers]')
    return made


def look(force: SmallForce, now: dt.datetime, service: Service | None = None) -> Service:
    """Do what the scheduler does each minute, and send, at an instant."""
    service = service or Service(load_settings(force.config, {}), lambda: now)
    service.clock = lambda: now
    service.look()
    service.send()
    return service


def states(force: SmallForce) -> list[tuple[str, str, str]]:
    return ledger_rows(force, "SELECT job, local_date, state FROM slot ORDER BY local_date, job")


def to_operator(force: SmallForce, kind: str) -> list[str]:
    """Return the texts of the operator's notices of a kind that were written, the whitespace made one blank."""
    texts = []
    for path in sorted((force.folder / "outbox").glob(f"*operator-{kind}*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        texts.append(" ".join(message.get_body(("plain",)).get_content().split()))
    return texts


def test_a_job_that_never_ran_is_due_on_its_own_day_only(force):
    look(force, TUESDAY - MINUTE)
    assert states(force) == []
    look(force, TUESDAY)
    assert states(force) == [("morning", "2026-11-03", "done")]
    look(force, TUESDAY + MINUTE)
    assert len(ledger_rows(force, "SELECT 1 FROM run")) == 1


def test_after_downtime_one_run_is_made_and_the_rest_are_missed_and_said_so(force):
    look(force, TUESDAY)
    force.put("incidents", [{**REPORTED, "incident_ref": "I2", "reported_at": "2026-11-03 05:10"}])
    force.load("Sat 2026-11-07 05:30")
    look(force, when("Sat 2026-11-07 05:00"))
    assert states(force) == [
        ("morning", "2026-11-03", "done"),
        ("morning", "2026-11-04", "missed"),
        ("morning", "2026-11-05", "missed"),
        ("morning", "2026-11-06", "done"),
    ]
    (told,) = to_operator(force, "missed")
    assert "2 runs of morning missed" in told
    assert "No run was made for Wed 4 Nov 2026, Thu 5 Nov 2026." in told
    look(force, when("Sat 2026-11-07 06:30"))
    assert states(force)[-1] == ("morning", "2026-11-07", "done")
    assert len(to_operator(force, "missed")) == 1


LOOKS = """[schedule]
jobs = [{name = "morning", at = "06:30"}, {name = "again", at = "14:00", rules = "critical"}]
heartbeat_file"""


def until_wednesday_morning(force):
    """Look on Tuesday morning, on Tuesday afternoon for a second time, and on Wednesday morning."""
    force.edit("[schedule]\nheartbeat_file", LOOKS)
    look(force, TUESDAY)
    look(force, when("Tue 2026-11-03 14:00"))
    force.load("Wed 2026-11-04 05:30")
    look(force, when("Wed 2026-11-04 06:30"))


def test_a_second_look_that_downtime_left_undone_is_missed_once_a_whole_check_has_come_due(force):
    until_wednesday_morning(force)
    force.load("Thu 2026-11-05 05:30")
    look(force, when("Thu 2026-11-05 07:10"))
    look(force, when("Thu 2026-11-05 07:11"))
    assert states(force)[2:] == [
        ("again", "2026-11-04", "missed"),
        ("morning", "2026-11-04", "done"),
        ("morning", "2026-11-05", "done"),
    ]
    (told,) = to_operator(force, "missed")
    assert "1 run of again missed" in told
    look(force, when("Thu 2026-11-05 14:00"))
    assert ("again", "2026-11-05", "done") in states(force)
    assert len(to_operator(force, "missed")) == 1


def test_a_second_look_is_made_late_while_no_whole_check_has_come_due_after_it(force):
    until_wednesday_morning(force)
    look(force, when("Thu 2026-11-05 05:00"))
    assert states(force)[-1] == ("morning", "2026-11-04", "done")
    assert ("again", "2026-11-04", "done") in states(force)


def test_a_weekly_job_misses_its_own_days_only(force):
    force.edit("[schedule]", '[schedule]\njobs = [{name = "morning", at = "06:30"}, {name = "weekly", at = "07:30", kind = "report", on = "mon"}]')  # fmt: skip
    look(force, when("Mon 2026-11-02 08:00"))
    assert ("weekly", "2026-11-02", "done") in states(force)
    assert (force.folder / "reports-out" / "2026-11-02" / "completion.html").exists()
    force.load("Fri 2026-11-20 05:30")
    look(force, when("Fri 2026-11-20 08:00"))
    assert [(day, state) for job, day, state in states(force) if job == "weekly"] == [
        ("2026-11-02", "done"),
        ("2026-11-09", "missed"),
        ("2026-11-16", "done"),
    ]


def test_a_process_that_died_at_work_is_taken_over_the_same_day_and_missed_the_next(force):
    made = load_settings(force.config, {})
    ledger = open_ledger(made.ledger.url.get_secret_value())
    slots.claim(ledger, "morning", TODAY, now=TUESDAY)
    look(force, TUESDAY + slots.LEASE - MINUTE)
    assert states(force) == [("morning", "2026-11-03", "claimed")]
    look(force, TUESDAY + slots.LEASE)
    assert states(force) == [("morning", "2026-11-03", "done")]

    slots.claim(ledger, "morning", TODAY + DAY, now=TUESDAY + DAY)
    force.load("Thu 2026-11-05 05:30")
    look(force, TUESDAY + 2 * DAY)
    assert [state for _, _, state in states(force)] == ["done", "missed", "done"]
    assert "Wed 4 Nov 2026" in to_operator(force, "missed")[0]


def test_a_run_that_failed_is_tried_again_and_the_operator_told_once_with_what_falls_due(force):
    force.put("incidents", [{**REPORTED, "incident_ref": "I2", "reported_at": "2026-11-03 05:00"}])
    look(force, TUESDAY)
    force.execute("ALTER TABLE incidents RENAME TO elsewhere")
    service = look(force, TUESDAY + DAY)
    assert states(force)[-1] == ("morning", "2026-11-04", "failed")
    (told,) = to_operator(force, "failed")
    assert "morning failed" in told
    assert "records.incidents.query" in told
    assert "tried again every 15 minutes" in told
    assert "DUE BY THE NEXT LIST, UNSEEN (1)" in told
    assert "I2" in told
    look(force, TUESDAY + DAY + 14 * MINUTE, service)
    assert ledger_rows(force, "SELECT changed_at FROM slot WHERE state = 'failed'") == [
        (int((TUESDAY + DAY).timestamp() * 1e6),)
    ]
    look(force, TUESDAY + DAY + 15 * MINUTE, service)
    assert len(to_operator(force, "failed")) == 1
    force.execute("ALTER TABLE elsewhere RENAME TO incidents")
    force.load("Wed 2026-11-04 05:30")
    look(force, TUESDAY + DAY + 30 * MINUTE, service)
    assert states(force)[-1] == ("morning", "2026-11-04", "done")


def test_a_fault_of_ours_is_told_by_its_kind_alone_and_kept_with_its_traceback(force, monkeypatch):
    def broken(*_given, **_named):
        raise KeyError("a cell of a record")

    monkeypatch.setattr("dacompliance.monitor.pull_in_parts", broken)
    made = load_settings(force.config, {})
    with pytest.raises(KeyError):
        jobs.run_job(made, jobs.named(made, "morning"), TODAY, TUESDAY)
    assert ledger_rows(force, "SELECT state, why FROM slot") == [("failed", "KeyError")]
    send_all(made, lambda: TUESDAY)
    (told,) = to_operator(force, "failed")
    assert "A fault of the monitor itself (KeyError)" in told
    assert "a cell of a record" not in told


def test_pages_that_cannot_be_written_are_told_of_and_undo_nothing(force):
    (force.folder / "reports-out").write_text("in the way")
    look(force, TUESDAY)
    assert states(force) == [("morning", "2026-11-03", "done")]
    (told,) = to_operator(force, "failed")
    assert "Its run was kept and its notices are handed over" in told


def test_what_a_job_that_died_left_unsaid_is_said_when_it_is_run_again(force):
    from dacompliance import monitor

    made = load_settings(force.config, {})
    kept = monitor.run(made, now=TUESDAY, job="morning", slot=TODAY, tell=True)
    assert not (force.folder / "outbox").exists()
    came = jobs.run_job(made, jobs.named(made, "morning"), TODAY, TUESDAY + 5 * MINUTE)
    assert came.state == "left_alone"
    send_all(made, lambda: TUESDAY + 5 * MINUTE)
    assert len(list((force.folder / "outbox").glob("*.eml"))) == kept.notices > 0
    assert (force.folder / "reports-out" / "completion.html").exists()


def test_a_ledger_that_cannot_be_opened_is_told_of_directly_and_once(force):
    (force.folder / "ledger.db").write_bytes(b"not a ledger at all, nor a database" * 100)
    service = look(force, TUESDAY)
    (told,) = to_operator(force, "failed")
    assert "ledger" in told
    (force.folder / "outbox").rename(force.folder / "read")
    for minutes in (1, 14, 15, 16, 30):
        look(force, TUESDAY + minutes * MINUTE, service)
    assert to_operator(force, "failed") == []
    service.beat()
    assert json.loads((force.folder / "alive.json").read_text())["ledger"] == "cannot be read"


def test_there_is_no_such_job(force):
    with pytest.raises(UsageError, match=r"evening: no job of the schedule has this name\. Name one of: morning, send"):
        jobs.named(load_settings(force.config, {}), "evening")


def test_a_job_that_fails_raises_what_failed(force):
    force.execute("DROP TABLE staff")
    made = load_settings(force.config, {})
    with pytest.raises(SourceError):
        jobs.run_job(made, jobs.named(made, "morning"), TODAY, TUESDAY)
