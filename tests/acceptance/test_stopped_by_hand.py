"""Ctrl-C while the records are read: the run is stopped, says so, and nothing of it is there."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import REPORTED, ledger_rows

SLOW = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT MAX(n) FROM c"


@pytest.mark.parametrize("command", ["check", "doctor"])
def test_a_query_stopped_by_hand_is_told_as_that_and_nothing_is_kept(force: SmallForce, command):
    force.put("incidents", [REPORTED])
    force.edit("SELECT loaded_at FROM load_log", SLOW)
    process = subprocess.Popen(
        [sys.executable, "-m", "dacompliance", command, "--config", str(force.config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _wait_until_it_reads(process)
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
