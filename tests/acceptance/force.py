"""A small force for whole runs: an SQLite database in the contract's own shape, its configuration, and the commands.

Rows are dicts; times are local wall times as text. What a test changes it changes in the database, as a force would.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import time_machine

from dacompliance import cli
from tests.helpers import when

COLUMNS = {
    "incidents": "incident_ref reported_at area team officer_id supervisor_id crime repeat_victim children_present excluded_reason no_assessment_reason checks_completed_at",
    "assessments": "assessment_ref incident_ref instrument submitted_at assessor_id answered_count declined risk_grade rationale_recorded signed_off_at signed_off_by final_grade final_rationale_recorded",
    "referrals": "referral_ref incident_ref destination referred_at received_at cancelled",
    "staff": "staff_id email role team area manager_id left_on",
}  # fmt: skip

CONFIG = """
[force]
name = "Test Constabulary"

[source]
url = "sqlite:///force.db"
records_from = 2026-01-01

[records.incidents]
query = "SELECT * FROM incidents WHERE reported_at >= :since OR reported_at IS NULL"
known_to = "query"
known_to_query = "SELECT loaded_at FROM load_log"

[records.assessments]
query = "SELECT a.* FROM assessments a LEFT JOIN incidents i USING (incident_ref) WHERE i.reported_at >= :since OR i.reported_at IS NULL"
known_to = "query"
known_to_query = "SELECT loaded_at FROM load_log"

[records.referrals]
query = "SELECT r.* FROM referrals r LEFT JOIN incidents i USING (incident_ref) WHERE i.reported_at >= :since OR i.reported_at IS NULL"
known_to = "query"
known_to_query = "SELECT loaded_at FROM load_log"

[records.staff]
query = "SELECT * FROM staff"

[readers]
unit = "unit@force.example"
fallback = "fallback@force.example"
data_quality = "data@force.example"
operator = "operator@force.example"

[mail]
sender = "monitor@force.example"
policy_contact = "policy@force.example"
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did: its exit code, and what it said."""

    code: int
    out: str
    err: str


@dataclass(slots=True)
class SmallForce:
    """A folder with a records database and a configuration."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "config.toml"

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.folder / "ledger.db"

    def execute(self, statement: str, *values: object) -> None:
        """Change the records."""
        with closing(sqlite3.connect(self.folder / "force.db")) as connection, connection:
            connection.execute(statement, values)

    def put(self, record_set: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Add rows to a record set."""
        for row in rows:
            names = ", ".join(row)
            self.execute(f"INSERT INTO {record_set} ({names}) VALUES ({', '.join('?' * len(row))})", *row.values())

    def load(self, at: str) -> None:
        """Say that the copy of the records was loaded at a local time such as `Tue 2026-11-03 05:30`."""
        self.execute("DELETE FROM load_log")
        self.execute("INSERT INTO load_log VALUES (?)", at.partition(" ")[2])

    def edit(self, old: str, new: str) -> None:
        """Change the configuration."""
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))

    def run(self, *arguments: str, at: str = "Tue 2026-11-03 06:30") -> Ran:
        """Run a command as a person would at a local time, and return what it did."""
        before = sys.argv
        self.capture.readouterr()
        sys.argv = ["dacompliance", *arguments, *([] if arguments[0] == "version" else ["--config", str(self.config)])]
        try:
            with time_machine.travel(when(at), tick=False):
                cli.main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
        finally:
            sys.argv = before
        said = self.capture.readouterr()
        return Ran(code, said.out, said.err)


def build(folder: Path, capture: pytest.CaptureFixture[str]) -> SmallForce:
    """Make an empty force in a folder, its copy loaded on Tuesday 3 November 2026 at 05:30."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "force.db")) as connection, connection:
        for name, columns in COLUMNS.items():
            connection.execute(f"CREATE TABLE {name} ({', '.join(columns.split())})")
        connection.execute("CREATE TABLE load_log (loaded_at)")
    (folder / "config.toml").write_text(CONFIG)
    force = SmallForce(folder, capture)
    force.load("Tue 2026-11-03 05:30")
    return force
