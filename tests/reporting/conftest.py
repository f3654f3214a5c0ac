"""A real Chromium for the page tests: skipped with a reason where there is none, a failure in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",  # Chromium's own sandbox needs rights that a container seldom gives; the pages are ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")  # no longer than needed: it runs an event loop of its own
def chromium() -> Iterator[Any]:
    """Return a running Chromium: the one in DACOMPLIANCE_TEST_CHROMIUM, else the first found on the path."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _without("playwright is not installed")
    path = os.environ.get("DACOMPLIANCE_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        _without("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe() -> Any:
    """Return axe-core, which finds what keeps people out of a page."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        _without("axe-playwright-python is not installed")
    return Axe()


def _without(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and CI must run the page tests")
    pytest.skip(reason)
