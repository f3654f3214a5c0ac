"""The ledger is locked, full, read-only, or put back from yesterday: nothing half-done, the operator hears, and it goes on."""

from __future__ import annotations

import contextlib
import ctypes
import email
import email.policy
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from dacompliance.ledger import engines
from tests.acceptance.force import SmallForce, build
from tests.acceptance.test_killed import own_pack, rows_of, run_sql, said
from tests.acceptance.test_one_true_morning import REPORTED, ledger_rows
from tests.notices.relay import Handler, relay

TUESDAY, WEDNESDAY = "Tue 2026-11-03 06:30", "Wed 2026-11-04 06:30"
ONCE = """
import datetime as dt, logging, sys
from pathlib import Path
from dacompliance.config import load_settings
from dacompliance.errors import MonitorError
from dacompliance.schedule.once import run_once
from tests.helpers import when
now = when(sys.argv[2])
try:
    for line in run_once(load_settings(Path(sys.argv[1]), {}), "morning", lambda: now):
        print(line)
except MonitorError as error:
    print(f"dacompliance: {error}", file=sys.stderr)
    raise SystemExit(error.exit_code)
"""


@pytest.fixture
def force(tmp_path, capsys) -> SmallForce:
    """A force with a good Tuesday behind it, and new records on Wednesday."""
    made = build(tmp_path / "force", capsys)
    own_pack(made, "RA-01", "REF-01")
    made.put("incidents", [{**REPORTED, "incident_ref": f"I{number}"} for number in range(1, 6)])
    assert made.run("run-once", "morning", at=TUESDAY).code == 0
    made.put("incidents", [{**REPORTED, "incident_ref": f"N{number}"} for number in range(200)])
    made.edit("[readers]", "[exceptions]\nhold_number = 100000\n[readers]")
    made.load("Wed 2026-11-04 05:30")
    return made


def kept(force: SmallForce) -> dict[str, list[tuple[object, ...]]]:
    """Return every row that comes of a run; the operator may have been told meanwhile."""
    return {name: rows for name, rows in said(rows_of(force)).items() if name != "notice"}


def without_the_right_to_overrule_permissions() -> None:
    """Let root be held to a file's permissions, as anybody is, in the program that is run next."""
    bounding_set_drop, overrule = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    assert ctypes.CDLL(None).prctl(bounding_set_drop, overrule, 0, 0, 0) == 0


def to_operator(force: SmallForce) -> list[str]:
    texts = []
    for path in sorted((force.folder / "outbox").glob("*operator-failed*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        texts.append(" ".join(message.get_body(("plain",)).get_content().split()))
    return texts


@contextlib.contextmanager
def locked(force: SmallForce) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(force.ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def afterwards(force: SmallForce) -> None:
    """See that the day's run can be made now, and is whole."""
    ran = force.run("run-once", "morning", at="Wed 2026-11-04 07:30")
    assert ran.code == 0, ran.err
    assert ledger_rows(force, "SELECT local_date, state FROM slot ORDER BY 1") == [
        ("2026-11-03", "done"),
        ("2026-11-04", "done"),
    ]
    assert ledger_rows(force, "SELECT count(*) FROM exception WHERE item_ref LIKE 'N%'")[0][0] == 200
    assert ledger_rows(force, "PRAGMA integrity_check") == [("ok",)]


def test_a_locked_ledger_fails_the_run_with_its_reason_and_the_operator_hears_beside_it(
    force, monkeypatch, record_property
):
    monkeypatch.setattr(engines, "BUSY_SECONDS", 1)
    before = kept(force)
    with locked(force):
        ran = force.run("run-once", "morning", at=WEDNESDAY)
        assert (ran.code, "is in use by another process" in ran.err) == (6, True), ran.err
    assert kept(force) == before
    assert len(to_operator(force)) == 1
    afterwards(force)
    record_property("Ledger: locked", "exit code 6, nothing changed, operator told directly once, run made later")


def once(
    force: SmallForce, prepare: Callable[[], None] | None = None, **more: object
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", ONCE, str(force.config), WEDNESDAY]
    return subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=prepare, **more)


@pytest.mark.long
def test_a_full_disk_keeps_nothing_of_the_run_and_harms_nothing_of_the_ledger(force, record_property):
    before = kept(force)

    def no_file_may_grow_beyond() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limit = 100_000  # room for a claim in the journal, and none for a run of two hundred cases
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    ran = once(force, no_file_may_grow_beyond)
    assert ran.returncode == 6, ran.stderr[-2000:]
    assert "ledger" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert kept(force) == before
    told = to_operator(force)
    afterwards(force)
    record_property(
        "Ledger: disk full", f"exit code 6, nothing changed, operator told {len(told)} times, run made later"
    )


@pytest.mark.long
def test_a_read_only_ledger_keeps_nothing_and_is_told_of(force, record_property):
    force.ledger.chmod(0o444)
    force.folder.chmod(0o555)  # nor may a journal be written beside it
    before = kept(force)
    ran = once(force, without_the_right_to_overrule_permissions if os.geteuid() == 0 else None)
    force.folder.chmod(0o755)
    assert ran.returncode == 6, ran.stderr[-2000:]
    assert "Traceback" not in ran.stderr
    assert kept(force) == before
    assert len(to_operator(force)) == 1
    force.ledger.chmod(0o600)
    afterwards(force)
    record_property("Ledger: read-only", "exit code 6, nothing changed, operator told directly once, run made later")


@pytest.mark.long
def test_a_read_only_ledger_on_a_server_keeps_nothing_and_is_told_of(
    tmp_path, capsys, postgres_database, record_property
):
    force = build(tmp_path / "force", capsys)
    own_pack(force, "RA-01")
    force.edit("[readers]", f'[ledger]\nurl = "{postgres_database}"\n[readers]')
    force.put("incidents", [REPORTED])
    assert force.run("run-once", "morning", at=TUESDAY).code == 0
    before = kept(force)
    name = sa.make_url(postgres_database).database
    elsewhere = sa.make_url(postgres_database).set(database="postgres").render_as_string(hide_password=False)
    run_sql(elsewhere, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    force.load("Wed 2026-11-04 05:30")
    ran = force.run("run-once", "morning", at=WEDNESDAY)
    assert (ran.code, kept(force) == before) == (6, True), ran.err
    assert len(to_operator(force)) == 1
    run_sql(elsewhere, f"ALTER DATABASE {name} RESET ALL")
    assert force.run("run-once", "morning", at="Wed 2026-11-04 07:30").code == 0
    record_property("Ledger: read-only server", "exit code 6, nothing changed, operator told directly, run made later")


def test_a_ledger_put_back_from_yesterday_says_the_same_again_under_the_same_message_ids(
    force, tmp_path, record_property
):
    handler = Handler()
    with relay(handler) as port:
        mail = f'[mail]\nmode = "on"\nallowed_domains = ["force.example"]\nhost = "127.0.0.1"\nport = {port}\n'
        force.edit("[mail]", mail + 'security = "none"')
        yesterday = tmp_path / "yesterday.db"
        with contextlib.closing(sqlite3.connect(force.ledger)) as ledger:
            ledger.execute("VACUUM INTO ?", (str(yesterday),))
        assert force.run("run-once", "morning", at=WEDNESDAY).code == 0
        first, wanted = [str(each["Message-ID"]) for each in handler.messages], said(rows_of(force))
        handler.taken.clear()
        _put_back(yesterday, force.ledger)
        assert force.run("run-once", "morning", at="Wed 2026-11-04 09:30").code == 0
        again = [str(each["Message-ID"]) for each in handler.messages]
    assert sorted(again) == sorted(first)
    events = "rule_id, item_ref, kind, reason, run_id"
    assert len(said(rows_of(force))["event"]) == len(wanted["event"])
    assert (
        ledger_rows(force, f"SELECT count(DISTINCT {events.split(', ')[1]}) FROM event WHERE run_id = 2")[0][0] == 200
    )
    record_property("Ledger: put back from yesterday", f"{len(again)} messages again, every one under its Message-ID")


def _put_back(copy: Path, ledger: Path) -> None:
    for left in ledger.parent.glob("ledger.db*"):
        left.unlink()
    shutil.copy(copy, ledger)
