"""Digests in a real browser: at the width of a desk and of a phone, nothing runs out of sight."""

from __future__ import annotations

import dataclasses
import html
import re
import subprocess

import pytest

from dacompliance.notices.digest import compose
from dacompliance.notices.render import environment, render
from tests.notices.samples import FACTS, HOUSE, KINDS, LAST_LIST, TEAM, a_morning, digest_of, task

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MEASURE = """
<script>onload = () => {
  document.title = [...document.querySelectorAll("iframe")].map((frame) => {
    const page = frame.contentDocument;
    const texts = [...page.querySelectorAll("td, th, h1, h2, p, caption")];
    const right = Math.max(...texts.map((each) => each.getBoundingClientRect().right));
    return Math.max(page.documentElement.scrollWidth, Math.ceil(right));
  }).join(" ");
}</script>
"""
SCREENS = (320, 640)


@pytest.fixture(scope="module")
def widths(chromium, tmp_path_factory):
    """Return how wide each kind of page makes itself on each screen. One browser shows them all, a frame each."""
    folder = tmp_path_factory.mktemp("browser")
    pages = {kind: render(digest_of(kind), environment(None)).html for kind in KINDS} | {"long words": long_words()}
    shown = [(kind, pixels) for kind in pages for pixels in SCREENS]
    frames = "".join(
        f'<iframe width="{pixels}" height="900" style="border:0" srcdoc="{html.escape(pages[kind])}"></iframe>'
        for kind, pixels in shown
    )
    (folder / "pages.html").write_text(f"<!doctype html><body>{frames}{MEASURE}</body>", encoding="utf-8")
    command = [chromium, *QUIET, f"--user-data-dir={folder / 'profile'}", "--window-size=1000,1000", "--dump-dom"]
    dumped = subprocess.run(
        [*command, (folder / "pages.html").as_uri()], capture_output=True, text=True, timeout=60, check=True
    )
    title = re.search(r"<title>([\d ]+)</title>", dumped.stdout)
    return dict(zip(shown, map(int, title[1].split()), strict=True))


def long_words():
    """Return a page with the longest words a record and a force may bring."""
    reference, team = "56/123456/26-CHELTENHAM-RESPONSE-TEAM-B", "A" * 40
    tasks = [
        task(
            reference,
            section=section,
            team=team,
            officer="9" * 20,
            missing="blank: " + ", ".join(map(str, range(1, 28))),
        )
        for section in ("do", "due_soon", "cannot_judge", "oversight")
    ]
    house = dataclasses.replace(HOUSE, full_list="/srv/dacompliance/reports-out/" + "x" * 80, force="B" * 60)
    reader = dataclasses.replace(TEAM, title="C" * 50)
    return render(compose(reader, [*tasks, *a_morning()], [], FACTS, house, since=LAST_LIST), environment(None)).html


@pytest.mark.parametrize("pixels", SCREENS)
@pytest.mark.parametrize("kind", [*KINDS, "long words"])
def test_a_page_fits_the_screen(widths, kind, pixels):
    assert widths[kind, pixels] <= pixels
