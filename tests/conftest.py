"""What every test may ask for, a PostgreSQL server or a browser among it; and a last word on what was not run."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tests import browser, postgres

# Two busy cores make any time limit a coin toss, so no profile has one; and what passed yesterday passes today.
settings.register_profile("quick", max_examples=20, deadline=None, database=None, derandomize=True)
settings.register_profile("ci", max_examples=100, deadline=None, database=None, derandomize=True)
settings.register_profile("soak", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("DACOMPLIANCE_TEST_PROFILE", "ci"))

# No verdict depends on the machine's zone: the tests live in one that no force and no developer shares.
os.environ["TZ"] = "Asia/Kathmandu"
time.tzset()

STOPPED: Final = pytest.StashKey[bool]()
DESELECTED: Final = pytest.StashKey[int]()
LEFT_LONG: Final = pytest.StashKey[int]()
LONG: Final = "DACOMPLIANCE_TEST_LONG"
NEEDS: Final = {"postgres_server": "postgresql", "chromium": "browser", "axe": "browser"}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Yield the address of a PostgreSQL server, as its superuser: one named in the environment, or our own."""
    if address := os.environ.get(postgres.ADDRESS):
        yield address
        return
    programs = postgres.server_programs()
    if programs is None:
        lacking(postgres.NO_SERVER)
    with postgres.running_server(programs) as address:
        yield address


@pytest.fixture
def postgres_database(postgres_server: str) -> Iterator[str]:
    """Yield the address of a fresh PostgreSQL database, dropped afterwards."""
    with postgres.fresh_database(postgres_server) as address:
        yield address


@pytest.fixture(scope="module")  # no longer than needed: it runs an event loop of its own
def chromium() -> Iterator[Any]:
    """Yield a running Chromium, driven by playwright."""
    if missing := browser.what_is_missing():
        lacking(missing)
    with browser.running_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def axe() -> Any:
    """Return axe-core, to be run on a page of `chromium`."""
    if missing := browser.what_is_missing():
        lacking(missing)
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


def lacking(reason: str) -> NoReturn:
    """Skip the test for want of something on this machine; where everything must be there, fail it instead."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI leaves nothing out: {reason}", pytrace=False)
    pytest.skip(reason)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs a server or a browser by what it asks for, and leave what is long to `make long`."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in NEEDS:
                item.add_marker(NEEDS[fixture])
    if os.environ.get(LONG) != "yes":
        long = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if not item.get_closest_marker("long")]
        config.stash[LEFT_LONG] = len(long)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count what was not selected."""
    if items:
        stash = items[0].config.stash
        stash[DESELECTED] = stash.get(DESELECTED, 0) + len(items)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what tests recorded to be read (`record_property`), whichever worker ran them."""
    for report in (*terminalreporter.stats.get("passed", ()), *terminalreporter.stats.get("failed", ())):
        for title, text in report.user_properties:
            terminalreporter.section(title)
            terminalreporter.write_line(text)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember whether pytest stopped before the end; a worker hands its count to the controller."""
    session.config.stash[STOPPED] = bool(session.shouldstop or session.shouldfail) or exitstatus not in (0, 1)
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["deselected"] = session.config.stash.get(DESELECTED, 0)
        session.config.workeroutput["long"] = session.config.stash.get(LEFT_LONG, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take a worker's count: each of them collects everything, so one count is the count of all."""
    output = getattr(node, "workeroutput", {})
    node.config.stash[DESELECTED] = output.get("deselected", 0)
    node.config.stash[LEFT_LONG] = output.get("long", 0)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say, after pytest's own closing line, what was not run and why. xdist's workers leave it to their controller."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    stopped = config.stash.get(STOPPED, None)  # None: pytest was asked something else, such as for help
    if not (reporter is None or stopped is None or hasattr(config, "workerinput") or config.option.collectonly):
        left = config.stash.get(DESELECTED, 0), config.stash.get(LEFT_LONG, 0)
        for line in left_out(reporter.stats, *left, stopped=stopped):
            reporter.write_line(line)


def left_out(stats: Mapping[str, Sequence[Any]], deselected: int, long: int, *, stopped: bool) -> Iterator[str]:
    """Yield a line a reason for the tests that pytest's statistics call skipped or expected to fail, and for the rest."""
    reasons = Counter(_reason(report) for report in stats.get("skipped", ()))
    reasons.update(f"expected to fail: {report.wasxfail}" for report in stats.get("xfailed", ()))
    if deselected:
        reasons["not selected"] = deselected
    if long:
        reasons["long ones, which `make long` runs"] = long
    for reason, count in reasons.most_common():
        yield f"Not run: {count} {'test' if count == 1 else 'tests'}: {reason}."
    if stopped:
        yield "Not run: whatever comes after the place where pytest stopped."
    elif not reasons:
        yield "Nothing was left out."


def _reason(report: Any) -> str:
    """Return why a test or a whole module was skipped, without pytest's own word before it."""
    where = report.longrepr
    said = where[2] if isinstance(where, tuple) else where
    return str(said).removeprefix("Skipped: ").removesuffix(".")
