"""A real Chromium for the pages and e-mails, and axe-core, which finds what keeps people out of them."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
from collections.abc import Iterator
from typing import Any, Final

PROGRAM: Final = "DACOMPLIANCE_TEST_CHROMIUM"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS: Final = (
    "--no-sandbox",  # Chromium's own sandbox needs rights that a container seldom gives; the pages are ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def what_is_missing() -> str | None:
    """Return in words what the browser tests lack on this machine, or None."""
    if program() is None:
        return f"no Chromium was found (install chromium, or name one in {PROGRAM})"
    if not all(map(importlib.util.find_spec, ("playwright", "axe_playwright_python"))):
        return "playwright and axe-playwright-python are not installed"
    return None


def program() -> str | None:
    """Return the Chromium that the environment names, else the first on the path, or None."""
    return os.environ.get(PROGRAM) or next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def running_chromium() -> Iterator[Any]:
    """Run Chromium until the end of the block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=list(OPTIONS))
        yield browser
        browser.close()
