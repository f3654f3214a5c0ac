"""Ctrl-C while the records are read: the run is stopped, says so, and nothing of it is there."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.acceptance.force import SmallForce
from tests.acceptance.server import Server
from tests.acceptance.test_one_true_morning import REPORTED, ledger_rows

SLOW = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT MAX(n) FROM c"


@pytest.mark.parametrize("command", ["check", "doctor"])
def test_a_query_stopped_by_hand_is_told_as_that_and_nothing_is_kept(force: SmallForce, command):
    force.put("incidents", [REPORTED])
    force.edit("SELECT loaded_at FROM load_log", SLOW)
    process = started(force, command)
    _wait_until_it_reads(process)
    assert_stopped(force, process)


def test_so_is_one_of_a_server(server: Server):
    server.force.edit("SELECT loaded_at FROM load_log", "SELECT pg_sleep(99)")
    server.force.edit("statement_timeout_seconds = 1", "statement_timeout_seconds = 99")
    process = started(server.force, "check")
    # The driver asks through a cursor: what is slow is its first rows being fetched.
    busy = sa.text("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'FETCH%'")
    with server.engine.connect() as connection:
        while connection.execute(busy).scalar_one() == 0:
            assert process.poll() is None, process.communicate()
            connection.rollback()
            time.sleep(0.05)
    assert_stopped(server.force, process)


def started(force: SmallForce, command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dacompliance", command, "--config", str(force.config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def assert_stopped(force: SmallForce, process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "dacompliance: stopped; nothing half-done was kept.\n")
    assert not force.ledger.exists() or ledger_rows(force, "SELECT count(*) FROM run") == [(0,)]


def _wait_until_it_reads(process: subprocess.Popen[str]) -> None:
    """Wait until the process has had the records open for half a second: its query never ends."""
    while not _has_open(process.pid, "force.db"):
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(0.5)


def _has_open(pid: int, name: str) -> bool:
    folder = Path(f"/proc/{pid}/fd")
    for link in folder.iterdir():
        try:
            if str(link.readlink()).endswith(name):
                return True
        except OSError:
            continue
    return False
