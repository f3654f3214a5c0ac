"""However small the parts a run judges its records in, all it keeps, tells and exports is what it is in one piece."""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dacompliance import monitor
from dacompliance.ledger import tables
from dacompliance.ledger.database import open_ledger
from dacompliance.records import source
from dacompliance.records.parts import Pulled
from dacompliance.records.source import pull_in_parts
from tests.acceptance.changing import FIRST, ChangingForce, days
from tests.helpers import LONDON

OTHERWISE = frozenset(
    {"record_history.id", "record_history.salt", "record_history.digest", "verdict_history.id", "slot.owner"}
)
"""Columns of another content each time: salts are chance, a claim has a name of its own, rows are written in any order."""

MORNINGS = 10


def live(folder: Path, ledger: str, most: int | None, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Live through a fortnight in which all sorts of things happen, in parts of so many rows; return how many parts."""
    parts: list[int] = []

    def pull(*given: Any, **more: Any) -> Pulled:
        pulled = pull_in_parts(*given, **more) if most is None else pull_in_parts(*given, **more, most=most)
        parts.append(len(pulled))
        return pulled

    monkeypatch.setattr(monitor, "pull_in_parts", pull)
    monkeypatch.setattr(source, "CHUNK", 9)  # each chunk has a say in where parts begin
    force = ChangingForce(folder, ledger, a_day=4)
    force.edit("config.toml", 'folder = "rules"', 'folder = "rules"\nchase_from = 2026-01-07')
    force.edit("config.toml", "[mail]", '[readers.teams]\nNorth = "north@force.example"\n\n[mail]')
    with force.database() as connection:
        connection.execute("ALTER TABLE incidents ADD COLUMN occurrence_ref")
    for place, day in enumerate(days(FIRST, MORNINGS)):
        force.live(day)
        with force.database() as connection:  # victims of one occurrence, whose references lie far apart
            connection.execute("UPDATE incidents SET occurrence_ref = 'O' || (substr(incident_ref, 2) % 17)")
            first = "(SELECT min(assessment_ref) FROM assessments)"
            connection.execute(f"UPDATE assessments SET assessment_ref = {first} WHERE rowid = 21")
        force.check(day, loaded=place % 9 != 7, tell=True)
        if place % 5 == 3:
            force.look_again(day)
    now = dt.datetime.combine(FIRST + dt.timedelta(days=MORNINGS), dt.time(6, 30), LONDON).astimezone(dt.UTC)
    monitor.run(force.settings, now=now, export=folder / "verdicts.csv")
    return parts


def kept(folder: Path, ledger: str) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of a ledger, by table, and the verdicts that were exported."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with closing(open_ledger(ledger, create=False)) as opened, opened.read() as connection:
        for table in tables.metadata.sorted_tables:
            columns = [each for each in table.columns if f"{table.name}.{each.name}" not in OTHERWISE]
            rows = connection.execute(sa.select(*columns)).all()
            found[table.name] = sorted(tuple(str(cell).replace(str(folder), "") for cell in row) for row in rows)
    found["verdicts.csv"] = [(line,) for line in (folder / "verdicts.csv").read_text(encoding="utf-8").splitlines()]
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all of them: a notice says where the full list is."""
    return tmp_path_factory.mktemp("parts") / "force"


@pytest.fixture(scope="module")
def whole(place: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return what is kept where all is one part."""
    with pytest.MonkeyPatch.context() as patch:
        parts = live(place, "sqlite:///ledger.db", None, patch)
    assert set(parts) == {1}
    found = kept(place, f"sqlite:///{place}/ledger.db")
    for name in ("event", "notice", "measure", "record_history", "verdict_history"):
        assert len(found[name]) > 50, name
    assert any("held: it would" in str(row) for row in found["run"])
    assert any("key stands twice with different content" in str(row) for row in found["record_history"])
    return found


@pytest.mark.parametrize(
    ("kind", "most"), [("sqlite", 7), pytest.param("postgresql", 23, marks=pytest.mark.postgresql)]
)
def test_the_size_of_parts_changes_nothing_that_is_kept_or_told(request, whole, place, monkeypatch, kind, most):
    shutil.rmtree(place)
    on_server = kind == "postgresql"
    ledger = request.getfixturevalue("postgres_database") if on_server else f"sqlite:///{place}/ledger.db"
    parts = live(place, ledger if on_server else "sqlite:///ledger.db", most, monkeypatch)
    assert max(parts) > 2
    found = kept(place, ledger)
    for name, rows in whole.items():
        assert found[name] == rows, name
