"""One page of each kind in a real browser: accessible, self-contained, without script, narrow, large and on paper."""

from __future__ import annotations

import random
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dacompliance import monitor
from dacompliance.config import load_settings
from dacompliance.publishing import publish
from tests.acceptance.force import build
from tests.acceptance.test_one_true_morning import FORM, REPORTED
from tests.helpers import when

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT_OFF = """[...document.querySelectorAll('p, h1, h2, h3, li, caption, dd, dt, figcaption, summary')]
    .filter(each => !each.closest('.scroll') && each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)
    .map(each => each.textContent)"""
KINDS = ("overview", "completion", "groups", "rule", "whole", "area", "team", "definitions", "quality", "cross-checks")
OPTIONS = """
[rules]
chase_from = 2026-10-01

[exceptions]
hold_number = 1000

[reports]
targets = { completion = 0.9, RA-01 = 0.75 }

[reports.control]
name = "Crime statistics"
query = "SELECT substr(reported_at, 1, 7), count(*) + 2 FROM incidents GROUP BY 1"

[[reports.rebase]]
measure = "RA-01"
date = 2026-02-01
reason = "The new form"
author = "Head of Performance"

[readers]"""


def put(folder: Path, table: str, rows: list[dict[str, object]]) -> None:
    with closing(sqlite3.connect(folder / "force.db")) as connection, connection:
        names = list(rows[0])
        marks = ", ".join("?" * len(names))
        connection.executemany(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", [tuple(r.values()) for r in rows]
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A force with twenty months of cases, one team far below the others, and every option of a report."""
    folder = tmp_path_factory.mktemp("site") / "force"
    build(folder, None)  # type: ignore[arg-type]
    dice, incidents, forms = random.Random(3), [], []
    for number in range(1100):
        year, month = divmod(2025 * 12 + 2 + number // 55, 12)
        day = f"{year}-{month + 1:02d}-{dice.randint(1, 28):02d}"
        team = dice.choice(
            ["North response", "South response", "Town", "A team whose name is much longer than it need be"]
        )
        incidents.append({**REPORTED, "incident_ref": f"I{number:04d}", "reported_at": f"{day} 09:00", "team": team,
                          "area": ("North", "South")[team.startswith("S")], "repeat_victim": dice.choice(["yes", "no", None]),
                          "excluded_reason": "duplicate" if dice.random() < 0.03 else None})  # fmt: skip
        if dice.random() < (0.45 if team == "Town" else 0.85):
            forms.append({**FORM, "assessment_ref": f"A{number:04d}", "incident_ref": f"I{number:04d}", "submitted_at": f"{day} 15:00",
                          "risk_grade": dice.choice(["standard", "standard", "high"]), "signed_off_at": f"{day} 18:00",
                          "answered_count": dice.choice([27, 27, 27, 25])})  # fmt: skip
    put(folder, "incidents", incidents)
    put(folder, "assessments", forms)
    config = folder / "config.toml"
    text = config.read_text(encoding="utf-8").replace("records_from = 2026-01-01", "records_from = 2025-01-01")
    config.write_text(text.replace("\n[readers]", OPTIONS), encoding="utf-8")
    settings = load_settings(config, {})
    monitor.run(settings, now=when("Tue 2026-11-03 06:30"))
    out = publish(settings)[0].parent
    (area, *_), (team, *_) = sorted((out / "areas").iterdir()), sorted((out / "teams").iterdir())
    paths = ("index.html", "completion.html", "completion-groups.html", "rules/RA-01.html", "fully-compliant.html", area, team / "index.html",
             "definitions.html", "data-quality.html", "cross-checks.html")  # fmt: skip
    return {kind: out / path for kind, path in zip(KINDS, paths, strict=True)}


@pytest.fixture
def show(chromium, site):
    """Return a function that opens a page of a kind in a context of its own."""
    contexts = []

    def opened(kind, width=1200, **more):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **more)
        contexts.append(context)
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(site[kind].as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("kind", "width"), [*((kind, 1200) for kind in KINDS), *((kind, 320) for kind in ("overview", "rule", "team"))]
)
def test_axe_finds_nothing_wrong(show, axe, kind, width):
    found = axe.run(show(kind, width), options={"runOnly": {"type": "tag", "values": TAGS}})
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 20


@pytest.mark.parametrize("kind", KINDS)
def test_it_needs_no_network_and_no_script_and_its_policy_is_kept(show, site, kind):
    page = show(kind, java_script_enabled=False, offline=True)
    assert page.asked == [site[kind].as_uri()]
    assert page.said == [], "the browser reports what the policy refuses"
    plain = page.locator("main").inner_text()
    assert page.locator("h1").is_visible()
    with_script = show(kind, offline=True)
    assert with_script.said == []
    assert with_script.locator("main").inner_text() == plain, "script adds no content"


@pytest.mark.parametrize("kind", KINDS)
def test_at_320_px_and_with_text_twice_the_size_nothing_is_cut_off_or_scrolls_sideways_as_a_whole(show, kind):
    page = show(kind, 320, bypass_csp=True)
    assert (page.evaluate(SIDEWAYS), page.evaluate(CUT_OFF)) == (0, [])
    page.set_viewport_size({"width": 640, "height": 900})
    page.add_style_tag(content="html { font-size: 200%; }")
    assert (page.evaluate(SIDEWAYS), page.evaluate(CUT_OFF)) == (0, [])


@pytest.mark.parametrize("kind", KINDS)
def test_on_paper_it_is_a4_with_its_marking_on_each_page(show, kind):
    page = show(kind)
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    sizes = {tuple(round(float(side)) for side in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", paper)}
    assert sizes == {(0, 0, 595, 842)}
    assert 1 <= len(re.findall(rb"/Type /Page\b", paper)) <= 16
    assert page.locator("style").inner_text().count("OFFICIAL-SENSITIVE") == 2, "above and below each printed page"


def test_what_is_folded_away_on_the_screen_is_open_on_paper(show):
    page = show("overview")
    folded = page.locator("details table").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.evaluate("each => each.getBoundingClientRect().height") > 100


def test_on_paper_a_heading_holds_its_words_without_a_button_which_chromium_repeats_empty_on_the_next_page(show):
    page = show("overview")
    page.emulate_media(media="print")
    buttons = page.locator("table.sortable thead button")
    assert buttons.count() > 5
    assert {each.evaluate("each => getComputedStyle(each).display") for each in buttons.all()} == {"contents"}


def test_every_link_of_every_page_leads_to_a_file(site):
    out = site["overview"].parent
    for path in out.rglob("*.html"):
        for target in re.findall(r'href="([^"#]+)', path.read_text(encoding="utf-8")):
            assert (path.parent / target).is_file(), (path, target)


def test_a_table_is_sorted_by_a_button_and_says_so(show):
    page = show("overview")
    table = page.locator("table.sortable").first
    head = table.locator("thead th").nth(3)
    head.locator("button").press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    said = [cell.inner_text() for cell in table.locator("tbody tr td:nth-child(4)").all()]
    rates = [float(each.rstrip("%")) for each in said if each.endswith("%")]
    assert rates == sorted(rates)
    head.locator("button").press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert table.locator("thead th[aria-sort]").count() == 1


@pytest.mark.parametrize("kind", ["overview", "area", "team"])
def test_the_table_of_every_measure_fits_at_every_common_width(show, kind):
    page = show(kind)
    for width in (1280, 1000, 640, 320):
        page.set_viewport_size({"width": width, "height": 900})
        hidden = page.locator("[aria-labelledby=table-measures]").evaluate(
            "each => each.scrollWidth - each.clientWidth"
        )
        assert hidden == 0, (width, hidden)


def test_the_overview_says_beside_its_answer_whether_where_and_why(show):
    page = show("overview")
    brief = page.locator(".brief")
    assert [each.inner_text() for each in brief.locator("dt").all()] == ["Is it changing?", "Where?", "Why?"]
    change, where, why = [each.inner_text() for each in brief.locator("dd").all()]
    assert re.match(r"(No real change from|Improving: |Getting worse: )", change)
    assert re.search(r"team Town below the others by more than chance", where)
    assert re.match(r"Of the \d+ that count against it in the last 12 full months: \d+ \S", why)
    assert brief.bounding_box()["y"] + brief.bounding_box()["height"] < 700, "seen without scrolling"


def test_the_overview_answers_in_its_first_sentence_what_whether_and_where(show):
    page = show("overview")
    answer = page.locator(".answer").inner_text()
    assert re.match(
        r"\d+ of the \d+ incidents reported in October 2026 whose deadline has passed have a complete DASH: \d", answer
    )
    assert "Cannot meet 90% without a change." in answer
    assert page.locator(".answer").bounding_box()["y"] < 400
    assert re.match(
        r"Completion: .*Town.* differ.* from all teams by more than chance",
        page.locator("#funnel-caption").inner_text(),
    )


def test_limits_set_anew_break_the_line_and_say_who_and_why(show):
    page = show("rule")
    assert page.locator("svg.chart text", has_text="Set anew").count() == 1
    assert (
        "Set anew from February 2026 by Head of Performance (1 February 2026): The new form"
        in page.locator("main").inner_text()
    )
    assert page.locator("svg.chart text", has_text="Target 75%").count() >= 1
