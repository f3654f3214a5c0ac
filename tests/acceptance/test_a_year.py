"""Mornings over records that never stand still: each is rebuilt and judged again as it was, and the source is not needed.

A short form runs always, the whole year with `make long`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dacompliance import monitor
from dacompliance.ledger import history, runs
from dacompliance.ledger.commit import Work
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.ledger.runs import RuleStatus, RunRecord
from dacompliance.program import program_text
from dacompliance.records.table import Records
from dacompliance.replaying import replay
from dacompliance.run import keeping, papers
from tests.acceptance.changing import FIRST, ChangingForce, days
from tests.ledger.test_history import assert_same

NEW_VERSION = """
[[version]]
in_force_from = {day}
applies       = {{ grade = {{ is = "present", equals = "high" }} }}
start         = "grade_since"
done          = "mash_referred_at"
within        = "12 hours"
clock         = "elapsed"
early         = "48 hours"
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where the ledger is to be, on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    address: str = request.getfixturevalue("postgres_database")
    return address


def adopt(force: ChangingForce, day: dt.date) -> None:
    """Put a new version of a rule into the force's pack, in force from a day."""
    path = force.folder / "rules" / "REF-01-high-risk-to-mash.toml"
    head, mark, cases = path.read_text(encoding="utf-8").partition("[[case]]")
    path.write_text(head + NEW_VERSION.format(day=day) + "\n" + mark + cases, encoding="utf-8")


def own_column(force: ChangingForce) -> None:
    """Map a column of the force's own, and let a rule name it."""
    with force.database() as connection:
        connection.execute("ALTER TABLE incidents ADD COLUMN beat TEXT")
        connection.execute("UPDATE incidents SET beat = 'B' || (rowid % 3)")
    force.edit(
        "config.toml", "[records.assessments]", '[records.incidents.columns]\nbeat = "text"\n\n[records.assessments]'
    )
    text = (
        'id = "OWN-01"\ntitle = "A beat is recorded"\naction = "Record it"\nabout = "incident"\nfor = "supervisor"\n'
        'severity = "minor"\nsource = "The force"\nchase = false\n\n[[version]]\nin_force_from = 2026-01-01\n'
        'holds = { beat = { in = ["B0", "B1"] } }\n'
    )
    (force.folder / "rules" / "OWN-01-beat.toml").write_text(text, encoding="utf-8")


class Mornings:
    """What each run was given to judge, and what came of it, as the monitor itself saw them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[tuple[Records, Mapping[str, RuleStatus]]] = []
        commit = monitor.commit_run

        def watched(ledger: Ledger, run: RunRecord, work: Work, **more: Any) -> int:
            assert work.pieces is not None
            (piece,) = work.pieces()
            found = replace(piece.records, staff=work.staff, findings=work.findings)
            self.seen.append((found, run.rules))
            return commit(ledger, run, work, **more)

        monkeypatch.setattr(monitor, "commit_run", watched)


def live_through(force: ChangingForce, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check the force on so many mornings; on the way its rules, calendar, columns and our version change."""
    happens: dict[int, Callable[[], None]] = {
        number // 6: lambda: own_column(force),
        number // 4: lambda: force.edit("rules/calendars.toml", 'day_ends     = "17:00"', 'day_ends     = "16:00"'),
        number // 3: lambda: adopt(force, FIRST + dt.timedelta(days=number // 3)),
        number // 2: lambda: monkeypatch.setattr(keeping, "__version__", "0.2.0"),
        number // 2 + 1: lambda: monkeypatch.setattr(papers, "program_text", lambda: program_text() + "later\n"),
        number * 2 // 3: lambda: force.edit("config.toml", "short_share = 0.5", "short_share = 0.6"),
    }
    for place, day in enumerate(days(FIRST, number)):
        force.live(day)
        happens.get(place, lambda: None)()
        force.check(day, loaded=place % 9 != 7)
        if place % 5 == 3:
            force.look_again(day)


def hold_to(url: str, mornings: Mornings) -> list[int]:
    """Hold each run to what the monitor saw that morning: records, statuses and verdicts; return what each said."""
    said = []
    with closing(open_ledger(url, create=False)) as ledger, ledger.read() as connection:
        for run, (records, rules) in zip(reversed(runs.runs(connection, limit=1000)), mornings.seen, strict=True):
            rebuilt = history.records_at(connection, run.id)
            for name, gate in run.gates.items():
                if gate["passed"]:
                    kept = rebuilt.table(name)
                    was = records.table(name)
                    assert kept.columns.keys() <= was.columns.keys()
                    assert_same(kept, type(was)(was.keys, {each: was.columns[each] for each in kept.columns}))
            if all(gate["passed"] for gate in run.gates.values()):
                assert sorted(map(tuple, rebuilt.findings.to_numpy())) == sorted(
                    map(tuple, records.findings.to_numpy())
                )
            assert dict(rebuilt.known_to) == dict(records.known_to)
            assert run.rules.keys() >= rules.keys()
            said.append(sum(each.state == "checked" for each in run.rules.values()))
    return said


def every_run_replays(force: ChangingForce, mornings: Mornings, url: str) -> None:
    (force.folder / "force.db").unlink()
    states = hold_to(url, mornings)
    assert 0 in states, "no morning had a stale copy"
    settings, held = force.settings, 0
    for number in range(1, len(states) + 1):
        found = replay(settings, number)
        assert found.differ == (), found.answer()
        assert found.altered == (), found.altered
        assert found.said > 0 or states[number - 1] == 0 or number < 3
    with closing(open_ledger(url, create=False)) as ledger, ledger.read() as connection:
        for run in runs.runs(connection, limit=1000):
            held += sum(each.why.startswith("held") for each in run.rules.values())
        assert len({run.code_version for run in runs.runs(connection, limit=1000)}) == 2
        looks = [run for run in runs.runs(connection, limit=None) if run.second_look]
    assert held, "no rule was ever held"
    assert looks, "no run was a second look"


def test_a_fortnight_of_mornings_is_judged_again_as_it_was(
    tmp_path: Path, ledger_url: str, monkeypatch: pytest.MonkeyPatch
):
    mornings, force = Mornings(monkeypatch), ChangingForce(tmp_path / "force", ledger_url, a_day=3)
    live_through(force, 12, monkeypatch)
    every_run_replays(force, mornings, ledger_url)


@pytest.mark.long
def test_a_year_of_mornings_is_judged_again_as_it_was(tmp_path: Path, ledger_url: str, monkeypatch: pytest.MonkeyPatch):
    mornings, force = Mornings(monkeypatch), ChangingForce(tmp_path / "force", ledger_url)
    live_through(force, 365, monkeypatch)
    every_run_replays(force, mornings, ledger_url)
