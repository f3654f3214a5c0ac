"""`make quick` and its like: every check is run, and the last line says which failed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECK = Path(__file__).resolve().parents[1] / "tools" / "check.py"
GOOD = "def test_two():\n    assert 1 + 1 == 2\n"


@pytest.fixture
def check(tmp_path):
    """Return a function that checks a small project with the given test file, and gives back status and lines."""

    def run(test_file: str, *arguments: str) -> tuple[int, list[str]]:
        for folder in ("tools", "dacompliance"):
            (tmp_path / folder).mkdir()
        shutil.copy(CHECK, tmp_path / "tools")
        (tmp_path / "dacompliance" / "long.py").write_text("n = 1\n" * 251, encoding="utf-8")
        (tmp_path / "ruff.toml").write_text('line-length = 120\nlint.select = ["F"]\n', encoding="utf-8")
        (tmp_path / "test_it.py").write_text(test_file, encoding="utf-8")
        command = [sys.executable, "tools/check.py", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, (done.stdout + done.stderr).splitlines()

    return run


def test_when_all_is_well_the_last_line_says_what_passed(check):
    status, said = check(GOOD, "quick")
    assert status == 0
    assert {"lint: passed", "format: passed"} <= set(said)
    assert any(line.startswith("1 passed in ") for line in said)
    assert said[-1] == "Passed: lint, format, fast tests."


@pytest.mark.parametrize(
    ("test_file", "failed"),
    [
        pytest.param(f"import os\n\n\n{GOOD}", "FAILED: lint.", id="lint"),
        pytest.param(GOOD.replace("    ", "  "), "FAILED: format.", id="format"),
        pytest.param(GOOD.replace("2\n", "3\n"), "FAILED: fast tests.", id="tests"),
    ],
)
def test_a_failing_check_stops_no_other_and_is_named_in_the_last_line(check, test_file, failed):
    status, said = check(test_file, "quick")
    assert status == 1
    assert any(re.match(r"1 (passed|failed) in ", line) for line in said)
    assert said[-1] == failed


def test_what_follows_the_set_goes_to_pytest(check):
    _, said = check(GOOD + "\n\n" + GOOD.replace("two", "deux"), "quick", "-k", "deux")
    assert any(line.startswith("1 passed in ") for line in said)


def test_when_pytest_is_ended_from_outside_that_is_said(check):
    killer = "import os\n\n\ndef test_end():\n    os.kill(os.getppid(), 9)  # a worker's parent is pytest\n"
    status, said = check(killer, "quick")
    assert status == 1
    assert "pytest was ended from outside by SIGKILL; its closing line is missing." in said
    assert "FAILED: fast tests." in said  # a worker left alone may write after it


def test_a_long_module_is_named_and_is_no_failure(check):
    status, said = check(GOOD, "quick")
    assert (status, said[0]) == (0, "look twice: dacompliance/long.py has 251 lines")


def test_an_unknown_set_of_checks_is_refused_in_one_line(check):
    assert check(GOOD, "everything") == (2, ["Name a set of checks: all, lint, quick."])
