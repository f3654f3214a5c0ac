"""Digests in a real browser: at the width of a desk and of a phone, nothing runs out of sight."""

from __future__ import annotations

import dataclasses

import pytest

from dacompliance.notices.digest import compose
from dacompliance.notices.render import environment, render
from tests.notices.samples import FACTS, HOUSE, KINDS, LAST_LIST, TEAM, a_morning, digest_of, task

WIDTH = """() => {
  const texts = [...document.querySelectorAll("td, th, h1, h2, p, caption")];
  const right = Math.max(...texts.map((each) => each.getBoundingClientRect().right));
  return Math.max(document.documentElement.scrollWidth, Math.ceil(right));
}"""
SCREENS = (320, 640)


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
def test_a_page_fits_the_screen(chromium, kind, pixels):
    page = chromium.new_page(viewport={"width": pixels, "height": 900})
    page.set_content(long_words() if kind == "long words" else render(digest_of(kind), environment(None)).html)
    wide = page.evaluate(WIDTH)
    page.close()
    assert wide <= pixels
