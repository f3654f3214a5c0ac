"""Two runs beside each other: what moved, and each cause provoked alone named, and no other."""

from __future__ import annotations

import csv
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from dacompliance.judging import ruling
from dacompliance.ledger import access
from dacompliance.ledger.database import open_ledger
from dacompliance.program import program_text
from dacompliance.records.table import MISSING
from dacompliance.resources import rules_folder
from dacompliance.run import papers
from tests.acceptance.force import Ran, SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED

CALENDAR_FORM = {**FORM, "submitted_at": "2026-10-30 23:40"}
VERSION = """
[[version]]
in_force_from = 2026-10-01
start         = "first_submitted_at"
done          = "checks_completed_at"
within        = "900 hours"
clock         = "elapsed"

[[case]]"""


@pytest.fixture
def checked(force: SmallForce) -> SmallForce:
    """A force with a pack of its own, whose queries name their zone, checked on Tuesday."""
    shutil.copytree(rules_folder(), force.folder / "rules")
    text = force.config.read_text().replace('known_to = "query"', 'time_zone = "Europe/London"\nknown_to = "query"')
    force.config.write_text(text.replace("[readers]", '[rules]\nfolder = "rules"\n\n[readers]'))
    force.put("incidents", [REPORTED, {**REPORTED, "incident_ref": "I2", "reported_at": "2026-11-02 20:00"}])
    force.put(
        "assessments",
        [
            FORM,
            {
                **FORM,
                "assessment_ref": "A2",
                "incident_ref": "I2",
                "submitted_at": "2026-11-02 21:00",
                "signed_off_at": None,
            },
        ],
    )
    assert force.run("check").code == 0
    return force


def records(force: SmallForce) -> None:
    force.execute(
        "UPDATE assessments SET signed_off_at = '2026-11-02 23:00', signed_off_by = '77' WHERE assessment_ref = 'A2'"
    )


def rules(force: SmallForce) -> None:
    path = force.folder / "rules" / "RU-01-referral-unit-checks.toml"
    path.write_text(path.read_text().replace("[[case]]", VERSION.strip("\n"), 1))


def calendar(force: SmallForce) -> None:
    path = force.folder / "rules" / "calendars.toml"
    path.write_text(path.read_text().replace('day_ends     = "17:00"', 'day_ends     = "11:00"'))


def zone(force: SmallForce) -> None:
    force.edit('name = "Test Constabulary"', 'name = "Test Constabulary"\ntime_zone = "Pacific/Auckland"')


def column(force: SmallForce) -> None:
    columns = [each for each in COLUMNS if each != "checks_completed_at"]
    force.edit("SELECT * FROM incidents", f"SELECT {', '.join(columns)} FROM incidents")


COLUMNS = [
    "incident_ref",
    "reported_at",
    "area",
    "team",
    "officer_id",
    "supervisor_id",
    "crime",
    "repeat_victim",
    "children_present",
    "excluded_reason",
    "no_assessment_reason",
    "checks_completed_at",
]


def rules_and_column(force: SmallForce) -> None:
    """Adopt a rule that names a column nobody kept before: the force had it all along."""
    text = (
        'id = "OWN-01"\ntitle = "Attended"\naction = "Record it"\nabout = "incident"\nfor = "supervisor"\n'
        'severity = "minor"\nsource = "The force"\nchase = false\n\n[[version]]\nin_force_from = 2026-01-01\n'
        'holds = { crime = "yes", repeat_victim = { is = "missing" } }\n'
    )
    (force.folder / "rules" / "OWN-01-attended.toml").write_text(text)


def time(force: SmallForce) -> None:
    force.load("Mon 2026-11-09 05:30")


def causes(ran: Ran) -> set[str]:
    return set(re.findall(r"^ +[\d,]+  by ([a-z and]+?)(?::|$)", ran.out, flags=re.MULTILINE))


@pytest.mark.parametrize(
    ("change", "cause", "rule"),
    [
        pytest.param(records, "records", "SUP-01", id="a sign-off"),
        pytest.param(rules, "rules", "RU-01", id="a new version"),
        pytest.param(rules_and_column, "rules", "OWN-01", id="a new rule"),
        pytest.param(calendar, "calendar", "REF-04", id="the day ends earlier"),
        pytest.param(zone, "settings", "REF-04", id="another zone"),
        pytest.param(column, "settings", "RU-01", id="a column is no longer mapped"),
        pytest.param(time, "time", "RU-01", id="nothing but time"),
    ],
)
def test_each_cause_alone_is_named_and_no_other(
    checked: SmallForce, change: Callable[[SmallForce], None], cause: str, rule: str
):
    change(checked)
    at = "Mon 2026-11-09 06:30" if change is time else "Tue 2026-11-03 06:45"
    ran = checked.run("check", at=at)
    assert ran.code == 0, ran.err
    out = checked.folder / "moved.csv"
    ran = checked.run("compare", "1", "2", "--export", str(out))
    assert ran.code == 0, ran.err
    assert causes(ran) == {cause}, ran.out
    with out.open(newline="") as file:
        found = list(csv.DictReader(file))
    assert rule in {row["rule_id"] for row in found}
    assert {row["causes"] for row in found} == {cause}


def test_a_program_that_judges_otherwise_is_named_alone(checked: SmallForce, monkeypatch: pytest.MonkeyPatch):
    due_times = ruling.due_times
    with monkeypatch.context() as later:
        later.setattr(
            ruling,
            "due_times",
            lambda *given: np.where((due := due_times(*given)) == MISSING, MISSING, due + 1_000_000),
        )
        later.setattr(papers, "program_text", lambda: program_text() + "another\n")
        assert checked.run("check").code == 0
    ran = checked.run("compare", "1", "2")
    assert causes(ran) == {"code"}, ran.out
    assert "program" in ran.out.splitlines()[1]


def test_two_inputs_that_only_together_move_a_verdict_are_both_named(checked: SmallForce):
    """A deadline of the new version passes unless the checks are there; the checks alone were late by the old one."""
    checked.execute("UPDATE incidents SET checks_completed_at = '2026-11-02 20:00' WHERE incident_ref = 'I1'")
    rules(checked)
    assert checked.run("check").code == 0
    ran = checked.run("compare", "1", "2")
    assert "rules and records" in ran.out or "records and rules" in ran.out


def test_a_run_beside_its_replay(checked: SmallForce):
    assert "0 verdicts moved" in checked.run("compare", "1").out
    with closing(sqlite3.connect(checked.ledger)) as connection, connection:
        connection.execute("UPDATE verdict_history SET outcome = 'met' WHERE rule_id = 'RU-01' AND item_ref = 'I1'")
    ran = checked.run("compare", "1")
    assert "RU-01 I1: done in time -> overdue, by verdicts" in ran.out


def test_it_is_an_access_and_a_run_that_is_not_there_is_one_line(checked: SmallForce):
    assert checked.run("compare", "1", "--why", "a complaint").code == 0
    ran = checked.run("compare", "1", "9")
    assert ran.code == 6
    assert ran.err.count("\n") == 1
    with closing(open_ledger(f"sqlite:///{checked.ledger}")) as ledger, ledger.read() as connection:
        assert [(each.what, each.why) for each in access.entries(connection)] == [
            ("compare run 1 with run 9", ""),
            ("compare run 1 with its replay", "a complaint"),
        ]


def test_rates_stand_beside_each_other(checked: SmallForce):
    records(checked)
    assert checked.run("check", at="Tue 2026-11-03 06:45").code == 0
    lines = checked.run("compare", "1", "2").out.splitlines()
    rates = lines[lines.index("Of those judged, in time or as it must be, before and after:") + 1 :]
    assert rates[0].split()[0] == "completion"
    assert any(line.split()[0] == "SUP-04" for line in rates)
    assert Path(checked.ledger).exists()


def test_the_records_that_changed_between_two_runs_are_counted(checked: SmallForce):
    records(checked)
    assert checked.run("check", at="Wed 2026-11-04 06:30").code == 0
    ran = checked.run("compare", "1", "2")
    assert ran.code == 0, ran.err
    assert "Not the same in both: records (1 of them)." in ran.out
    same = checked.run("compare", "2", "2")
    assert "All that they were made with is the same in both." in same.out
    assert "Not the same" not in same.out
