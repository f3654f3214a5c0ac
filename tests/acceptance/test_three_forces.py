"""Three forces whose records look nothing alike, mapped by configuration alone; what is said of them, written by hand.

Each has a folder in `schemas`: its tables with a few telling cases, its configuration, and what should come of it.
"""

from __future__ import annotations

import csv
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from dacompliance.config import load_settings
from dacompliance.ledger import history
from dacompliance.ledger.database import reading
from dacompliance.resources import rules_folder
from tests.acceptance.force import Ran, SmallForce
from tests.helpers import when

SCHEMAS: Final = Path(__file__).parent / "schemas"
PACK: Final = (
    "RA-01",
    "RA-02",
    "RA-03",
    "REF-01",
    "RU-01",
    "SUP-01",
    "SUP-02",
    "calendars",
    "bank-holidays",
    "instruments",
)
NIGHTLY: Final = "Tue 2026-11-03 06:30"

Made = tuple[SmallForce, Ran]


@dataclass(frozen=True)
class Expected:
    """What a force's own page of expectations says."""

    as_at: str
    off: dict[str, str]
    verdicts: dict[tuple[str, str], tuple[str, str, str, str]]
    findings: list[tuple[str, ...]]


def expected(name: str) -> Expected:
    """Read a force's expectations: columns stand two spaces or more apart."""
    lines = (SCHEMAS / name / "expected.txt").read_text(encoding="utf-8").splitlines()
    rows = [re.split(r" {2,}", line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    ((_, as_at),) = (row for row in rows if row[0] == "as at")
    off = {row[1]: row[2] for row in rows if row[0] == "off"}
    findings = [tuple(row[1:]) for row in rows if row[0] == "found"]
    verdicts = {(row[0], row[1]): (row[2], *map(told, row[3:5]), row[5].strip("-")) for row in rows if len(row) == 6}
    assert len(rows) == 1 + len(off) + len(findings) + len(verdicts), "a line is of no known form, or stands twice"
    return Expected(as_at, off, verdicts, findings)


def told(wall: str) -> str:
    """Return a wall time as an export tells it: `2026-11-02T21:10:00Z`; nothing for none."""
    if wall == "-":
        return ""
    instant = when(wall).replace(tzinfo=None)
    return instant.isoformat(timespec="microseconds" if instant.microsecond else "seconds") + "Z"


@pytest.fixture
def eastvale(make: Callable[[str, str], Made], tmp_path: Path) -> Made:
    return make("eastvale", sqlite(tmp_path, "eastvale"))


@pytest.fixture
def southfold(make: Callable[[str, str], Made], tmp_path: Path) -> Made:
    return make("southfold", sqlite(tmp_path, "southfold"))


@pytest.fixture
def northmoor(make: Callable[[str, str], Made], postgres_database: str) -> Made:
    with sa.create_engine(postgres_database, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql((SCHEMAS / "northmoor" / "records.sql").read_text(encoding="utf-8"))
    return make("northmoor", postgres_database)


def sqlite(folder: Path, name: str) -> str:
    with closing(sqlite3.connect(folder / "records.db")) as connection, connection:
        connection.executescript((SCHEMAS / name / "records.sql").read_text(encoding="utf-8"))
    return f"sqlite:///{folder / 'records.db'}"


@pytest.fixture
def make(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str], Made]:
    """Return a function that sets a force up, its records at an address, and checks it once."""

    def made(name: str, records: str) -> Made:
        force = SmallForce(tmp_path / name, capsys)
        shutil.copytree(SCHEMAS / name, force.folder)
        (force.folder / "rules").mkdir(exist_ok=True)
        for path in rules_folder().glob("*.toml"):
            if path.name.startswith(PACK):
                shutil.copy(path, force.folder / "rules")
        if "url_env" in force.config.read_text(encoding="utf-8"):
            monkeypatch.setenv("NORTHMOOR_RECORDS", records)
        else:
            force.edit("sqlite:///records.db", records)
        return force, force.run("check", "--send", "--export", str(force.folder / "verdicts.csv"), at=NIGHTLY)

    return made


EACH = pytest.mark.parametrize("name", ["eastvale", "northmoor", "southfold"])


@EACH
def test_every_verdict_is_what_was_written_by_hand(name, request):
    force, ran = request.getfixturevalue(name)
    assert (ran.code, ran.err) == (0, "")
    with (force.folder / "verdicts.csv").open(encoding="utf-8", newline="") as file:
        said = {
            (row["rule_id"], row["item_ref"]): (row["outcome"], row["due_at"], row["done_at"], row["reason"])
            for row in csv.DictReader(file)
            if row["outcome"] != "not_applicable"
        }
    assert said == expected(name).verdicts


@EACH
def test_it_is_judged_as_of_what_is_known_and_rules_that_cannot_be_checked_say_so(name, request):
    _, ran = request.getfixturevalue(name)
    wanted = expected(name)
    assert f"As at {when(wanted.as_at):%Y-%m-%d %H:%M}" in ran.out
    off = dict(re.findall(r"^(\S+) switched off: (.*)\.$", ran.out, re.MULTILINE))
    assert off == wanted.off
    assert "not checked" not in ran.out


@EACH
def test_the_keeper_of_the_data_is_told_what_was_written_by_hand(name, request):
    force, _ = request.getfixturevalue(name)
    with reading(load_settings(force.config, environment()).ledger.url.get_secret_value()) as connection:
        findings = history.records_at(connection, 1).findings
    assert list(findings.itertuples(index=False, name=None)) == expected(name).findings


def environment() -> dict[str, str]:
    return {"NORTHMOOR_RECORDS": "postgresql://nowhere/none"}


@EACH
def test_pages_and_notices_come_of_it_and_say_which_rules_are_off(name, request):
    force, _ = request.getfixturevalue(name)
    assert force.run("report").code == 0
    page = (force.folder / "reports-out" / "completion.html").read_text(encoding="utf-8")
    notices = {path.name: path.read_text(encoding="utf-8") for path in (force.folder / "outbox").glob("*.eml")}
    assert any("-unit-" in name for name in notices)
    for rule in expected(name).off:
        assert rule in page
        assert all(rule in text for text in notices.values())
    assert force.run("replay", "1").code == 0


def test_a_rule_that_is_off_opens_nothing(southfold):
    force, _ = southfold
    with closing(sqlite3.connect(force.ledger)) as connection:
        rules = {row[0] for row in connection.execute("SELECT DISTINCT rule_id FROM verdict_history")}
    assert "SF-01" not in rules
    assert "SF-02" in rules  # about a column of the force's own
