"""Run the project's own checks one after another, and say at the end which failed. `make` calls it, inside `.venv`.

A failing check does not stop the others: one run tells everything. What pytest left out, and why, is said by
tests/conftest.py right after pytest's closing line.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
BIN: Final = Path(sys.executable).parent

LINT: Final = ("lint", ("ruff", "check", "--quiet", "--output-format", "concise"))
FORMAT: Final = ("format", ("ruff", "format", "--check", "--quiet"))
TYPES: Final = ("types", ("mypy", "--no-error-summary"))
CONTRACTS: Final = ("import contracts", ("lint-imports", "--no-logo"))
WORKERS: Final = str(min(os.cpu_count() or 1, 4))
# What a file sets up is set up once. By name, the long ones begin early; by number of tests they would end alone.
SPREAD: Final = ("-n", WORKERS, "--dist", "loadfile", "--no-loadscope-reorder")
TESTS: Final = ("tests", ("pytest", *SPREAD))
QUICK: Final = ("--quiet", "--exitfirst", "-m", "not (slow or postgresql or browser)")
FAST: Final = ("fast tests", ("pytest", *SPREAD, *QUICK))

LONG: Final = 250  # lines; past that a module may be two

Check = tuple[str, tuple[str, ...]]
SETS: Final[dict[str, tuple[Check, ...]]] = {
    "all": (LINT, FORMAT, TYPES, CONTRACTS, TESTS),
    "lint": (LINT, FORMAT, TYPES, CONTRACTS),
    "quick": (LINT, FORMAT, FAST),
}


def main(arguments: Sequence[str]) -> int:
    """Run the set of checks named first, with what follows passed on to pytest; return 1 when any failed."""
    if not arguments or arguments[0] not in SETS:
        print(f"Name a set of checks: {', '.join(SETS)}.", file=sys.stderr)
        return 2
    checks = SETS[arguments[0]]
    environment = {"DACOMPLIANCE_TEST_PROFILE": "quick" if FAST in checks else "ci", **os.environ}
    _look_twice()
    failed = [name for name, command in checks if not _passes(name, command, arguments[1:], environment)]
    names = failed or [name for name, _ in checks]
    print(f"{'FAILED' if failed else 'Passed'}: {', '.join(names)}.", flush=True)
    return 1 if failed else 0


def _look_twice() -> None:
    """Name the modules that have grown long; not a fault, a question."""
    for path in sorted((ROOT / "dacompliance").rglob("*.py")):
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LONG:
            print(f"look twice: {path.relative_to(ROOT)} has {lines} lines", flush=True)


def _passes(name: str, command: Sequence[str], more: Sequence[str], environment: dict[str, str]) -> bool:
    """Run one check. The tests speak for themselves; the others speak when something is wrong."""
    tool, *options = command
    program = [str(BIN / tool), *options]
    if tool == "pytest":
        status = subprocess.run([*program, *more], cwd=ROOT, env=environment, check=False).returncode
        if status < 0:
            print(
                f"\npytest was ended from outside by {signal.Signals(-status).name}; its closing line is missing.",
                flush=True,
            )
        return status == 0
    done = subprocess.run(program, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    print(f"{name}: {'passed' if done.returncode == 0 else 'FAILED'}", flush=True)
    if done.returncode != 0:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
