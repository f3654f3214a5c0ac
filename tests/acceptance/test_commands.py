"""What each command shows: help everywhere, lists that say what stands, one clear line where something is wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED

COMMANDS = (
    "demo",
    "check",
    "report",
    "sample",
    "schedule",
    "runs",
    "explain",
    "replay",
    "rules list",
    "rules show",
    "rules test",
    "rules check",
    "rules preview",
    "ledger upgrade",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    done = subprocess.run(
        [sys.executable, "-m", "dacompliance", *command.split(), "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "Usage" in done.stdout
    assert len(done.stdout.splitlines()) > 5


def test_the_runs_are_listed_newest_first(force: SmallForce):
    force.put("incidents", [REPORTED])
    assert force.run("check").code == 0
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", at="Wed 2026-11-04 06:30").code == 0
    heading, newest, oldest = force.run("runs").out.splitlines()
    assert heading.split()[0] == "run"
    assert (newest.split()[0], newest.split()[2]) == ("2", "2026-11-04")
    assert oldest.split()[0] == "1"


def test_before_any_run_there_is_one_clear_line(force: SmallForce):
    for command in (["runs"], ["report"], ["explain", "I1"]):
        ran = force.run(*command)
        assert ran.code == 6
        assert ran.err.count("\n") == 1
        assert "dacompliance check" in ran.err


def test_a_reference_nobody_knows_is_one_clear_line(force: SmallForce):
    force.put("incidents", [REPORTED])
    assert force.run("check").code == 0
    ran = force.run("explain", "I9")
    assert ran.code == 2
    assert "I9" not in ran.err  # what a person types may be anything


def test_the_rules_are_listed_with_limit_and_approval(force: SmallForce):
    out = force.run("rules", "list").out
    assert "REF-01" in out
    assert "24 hours" in out
    assert "bundled default, not force policy" in out


def test_a_rule_is_shown_in_plain_english(force: SmallForce):
    out = force.run("rules", "show", "REF-01").out
    assert "MASH" in out
    assert "24 hours" in out
    ran = force.run("rules", "show", "XX-01")
    assert ran.code == 2
    assert "It has:" in ran.err


def test_every_worked_case_passes_and_a_wrong_one_fails_by_name(force: SmallForce):
    assert "all as expected" in force.run("rules", "test").out
    from dacompliance.resources import rules_folder

    rules = force.folder / "rules"
    rules.mkdir()
    for path in rules_folder().iterdir():
        if path.is_file():
            (rules / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    path = next(each for each in rules.iterdir() if each.name.startswith("REF-01"))
    path.write_text(path.read_text(encoding="utf-8").replace('expect = "met"', 'expect = "late"', 1), encoding="utf-8")
    ran = force.run("rules", "test", "--rules", str(rules))
    assert ran.code == 4
    assert "REF-01" in ran.err
    assert 'case "' in ran.err


def test_a_story_is_told_by_the_number_a_sergeant_can_type(force: SmallForce):
    force.put("incidents", [REPORTED])
    force.put("assessments", [FORM])
    assert force.run("check").code == 0
    out = force.run("explain", "I1").out
    assert "high risk" in out
    assert "overdue" in out
    assert "run 1" in out
