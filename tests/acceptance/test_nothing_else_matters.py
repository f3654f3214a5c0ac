"""The order of rows, the size of slices and chunks, the machine's zone, locale and hash seed change nothing of a run."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from dacompliance import monitor
from dacompliance.config import Settings
from dacompliance.demo import period
from dacompliance.demo.database import write_source
from dacompliance.demo.force import make_force
from dacompliance.records import source
from tests import postgres
from tests.acceptance import westmarch

pytestmark = pytest.mark.slow

NOW = period.run_of(period.MORNINGS[-1])
SINCE = "records_from = 2026-08-01"
"""Three months of the demonstration's records: enough to hold most of what was sown."""

JOB = """
import datetime as dt, sys
from pathlib import Path
from dacompliance import monitor
from dacompliance.config import load_settings
from dacompliance.notices.sending import send_all
from dacompliance.publishing import publish
now, folder = dt.datetime.fromisoformat(sys.argv[1]), Path(sys.argv[2])
settings = load_settings(folder / "config.toml", {})
monitor.run(settings, now=now, tell=True, export=folder / "verdicts.csv")
send_all(settings, lambda: now)
publish(settings)
"""


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's records as the last morning's load left them."""
    path = tmp_path_factory.mktemp("records") / "force.db"
    write_source(path, period.load_of(period.MORNINGS[-1]), make_force())
    return path


def exported(settings: Settings) -> bytes:
    """Return the verdicts of a run, as they are exported."""
    monitor.run(settings, now=NOW, export=settings.folder / "verdicts.csv")
    return (settings.folder / "verdicts.csv").read_bytes()


@pytest.fixture(scope="module")
def verdicts(records: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    found = exported(westmarch.on_sqlite(tmp_path_factory.mktemp("plain") / "force", records, since=SINCE))
    assert found.count(b"\n") > 10_000
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_changes_nothing(records, verdicts, tmp_path, seed):
    dice = random.Random(seed)
    shuffled = tmp_path / "shuffled.db"
    shutil.copy(records, shuffled)
    with closing(sqlite3.connect(shuffled)) as file, file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = file.execute(f"SELECT * FROM {name}").fetchall()
            file.execute(f"DELETE FROM {name}")
            dice.shuffle(rows)
            file.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    assert exported(westmarch.on_sqlite(tmp_path / "force", shuffled, since=SINCE)) == verdicts


@pytest.fixture(scope="module")
def server(records: Path, postgres_server: str) -> Iterator[str]:
    with postgres.fresh_database(postgres_server) as address:
        westmarch.load(records, address)
        yield address


@pytest.mark.parametrize(
    ("days", "chunk"),
    [
        pytest.param(3, 50_000, id="three days a slice"),
        pytest.param(7, 13, id="a week, thirteen rows a chunk"),
        pytest.param(40_000, 999, id="one slice"),
    ],
)
def test_the_size_of_slices_and_chunks_changes_nothing(server, verdicts, tmp_path, monkeypatch, days, chunk):
    monkeypatch.setattr(source, "CHUNK", chunk)
    there = westmarch.on_postgresql(tmp_path / "force", server, "sqlite:///ledger.db", since=SINCE, slice_days=days)
    assert exported(there) == verdicts


def test_another_order_on_a_server_changes_nothing(server, verdicts, tmp_path):
    engine = sa.create_engine(server, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for name in ("occurrence", "risk_form", "endorsement", "referral"):
            connection.exec_driver_sql(f"CREATE TEMP TABLE other AS TABLE {name}")
            connection.exec_driver_sql(f"TRUNCATE {name}")
            connection.exec_driver_sql(f"INSERT INTO {name} SELECT * FROM other ORDER BY md5(ctid::text)")
            connection.exec_driver_sql("DROP TABLE other")
    assert exported(westmarch.on_postgresql(tmp_path / "force", server, "sqlite:///ledger.db", since=SINCE)) == verdicts


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all machines: a notice says where the full list is."""
    return tmp_path_factory.mktemp("machine") / "force"


@pytest.fixture(scope="module")
def said_at_home(place: Path, records: Path) -> dict[str, bytes]:
    return said(place, records, {"TZ": "Europe/London", "LC_ALL": "C.UTF-8"})


def said(place: Path, records: Path, machine: dict[str, str]) -> dict[str, bytes]:
    """Do the whole job in a process of its own, on a machine set up so, and return every file it wrote."""
    shutil.rmtree(place, ignore_errors=True)
    westmarch.on_sqlite(place, records, since=SINCE)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")} | machine
    command = [sys.executable, "-c", JOB, NOW.isoformat(), str(place)]
    subprocess.run(command, env=environment, check=True, cwd=Path(__file__).parents[2])
    paths = [
        place / "verdicts.csv",
        *(place / "notices").iterdir(),
        *(place / "pages").rglob("*.*"),
        place / "pages" / "SHA256SUMS",
    ]
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in paths if path.is_file()}


@pytest.mark.parametrize(
    "machine",
    [
        pytest.param({"TZ": "Pacific/Kiritimati"}, id="half a day ahead"),
        pytest.param({"TZ": "America/St_Johns", "PYTHONHASHSEED": "1"}, id="half an hour off, another hash seed"),
        pytest.param({"TZ": "", "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, id="nothing but ASCII"),
        pytest.param({"LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "2"}, id="Turkish, in German"),
    ],
)  # fmt: skip
def test_the_machine_changes_nothing(records, said_at_home, verdicts, place, machine):
    found = said(place, records, machine)
    assert found.keys() == said_at_home.keys()
    assert [name for name in found if found[name] != said_at_home[name]] == []
    assert found["verdicts.csv"] == verdicts
