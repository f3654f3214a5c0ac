"""What every test may ask for: Hypothesis profiles, database servers, and a closing word on what was not run."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# Two busy cores make any time limit a coin toss, so no profile has one.
settings.register_profile("quick", max_examples=20, deadline=None, database=None, derandomize=True)
settings.register_profile("ci", max_examples=100, deadline=None, database=None, derandomize=True)
settings.register_profile("soak", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("DACOMPLIANCE_TEST_PROFILE", "ci"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say, after pytest's own closing line, what was not run and why. xdist's workers leave it to their controller."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput") or config.option.collectonly:
        return
    for line in left_out(reporter.stats):
        reporter.write_line(line)


def left_out(stats: dict[str, list[object]]) -> Iterator[str]:
    """Yield a line a reason for the tests that pytest's statistics say were skipped or deselected."""
    reasons = Counter(_reason(report) for report in stats.get("skipped", []))
    for reason, count in reasons.most_common():
        yield f"Not run: {_tests(count)}: {reason}"
    if deselected := len(stats.get("deselected", [])):
        yield f"Not run: {_tests(deselected)}: not selected"
    if not reasons and not deselected:
        yield "Nothing was left out."


def _reason(report: object) -> str:
    where = getattr(report, "longrepr", None)
    text = str(where[2]) if isinstance(where, tuple) else str(getattr(report, "wasxfail", where))
    return text.removeprefix("Skipped: ")


def _tests(count: int) -> str:
    return "1 test" if count == 1 else f"{count} tests"
