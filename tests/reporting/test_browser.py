"""The pages in a real browser: accessible, self-contained, narrow, large and on paper."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from dacompliance.reporting.completion import write_completion
from dacompliance.reporting.facts import QualityFacts
from dacompliance.reporting.quality import write_quality
from tests.reporting.samples import cases, facts, quality_facts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT_OFF = """[...document.querySelectorAll('p, h1, h2, h3, li, caption, dd, dt, figcaption')]
    .filter(each => !each.closest('.scroll') && each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)
    .map(each => each.textContent)"""

NOT_MEASURED = {"cases": None, "not_measured": "The assessments are stale."}
PAGES = {
    "measured": facts(),
    "not measured": replace(facts(), **NOT_MEASURED),
    "few": facts(pd.DataFrame(cases(months=3, each=14))),
    "data quality": quality_facts(),
}


@pytest.fixture(scope="module", params=PAGES)
def written(request, tmp_path_factory):
    told = PAGES[request.param]
    write = write_quality if isinstance(told, QualityFacts) else write_completion
    return write(tmp_path_factory.mktemp("page"), told)[0]


@pytest.fixture
def show(chromium, written):
    """Return a function that opens the page in a context of its own."""
    contexts = []

    def opened(width=1200, **more):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **more)
        contexts.append(context)
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(written.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [1200, 320])
def test_axe_finds_nothing_wrong(show, axe, width):
    found = axe.run(show(width), options={"runOnly": {"type": "tag", "values": TAGS}})
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 20


def test_it_needs_no_network_and_no_script_and_its_policy_is_kept(show, written):
    page = show(java_script_enabled=False, offline=True)
    assert page.asked == [written.as_uri()]
    assert page.said == [], "the browser reports what the policy refuses"
    assert page.locator("h1").is_visible()
    assert page.locator("table").first.evaluate("each => getComputedStyle(each).borderCollapse") == "collapse"


@pytest.mark.parametrize("width", [1200, 640, 320])
def test_it_never_scrolls_sideways_as_a_whole(show, width):
    page = show(width)
    assert page.evaluate(SIDEWAYS) == 0
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("width", [1200, 640])
def test_text_twice_the_size_still_fits(show, width):
    page = show(width, bypass_csp=True)
    page.add_style_tag(content="html { font-size: 200%; }")
    assert page.evaluate(SIDEWAYS) == 0
    assert page.evaluate(CUT_OFF) == []


def test_the_first_stop_of_the_keyboard_leads_past_the_top(show):
    page = show()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_on_paper_it_is_a4_and_a_few_pages(show):
    paper = show().pdf(prefer_css_page_size=True, print_background=True)
    sizes = {tuple(round(float(side)) for side in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", paper)}
    assert sizes == {(0, 0, 595, 842)}
    assert 1 <= len(re.findall(rb"/Type /Page\b", paper)) <= 7
