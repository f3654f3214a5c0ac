"""The page of a replayed period: what it says, what it must say, and in a real browser."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from dacompliance.judging.measures import Share
from dacompliance.reporting.charts import Shape
from dacompliance.reporting.lines_chart import Line, LinesChart, lines_chart
from dacompliance.reporting.replay_page import Cell, Measure, Moved, ReplayFacts, Row, answer, chart_of, replay_page
from tests.helpers import LONDON, when
from tests.reporting.test_browser import CUT_OFF, SIDEWAYS, TAGS

NOW = when("Tue 2026-11-03 05:30")
HOSTILE = "<script>alert(1)</script>"


def cell(x: int, n: int, month: int, run: int | None = 7, why: str = "") -> Cell:
    return Cell(Share(x, n), dt.datetime(2026, month, 1, 5, 30, tzinfo=dt.UTC), run, why)


def measure(key: str, title: str) -> Measure:
    months = ("July", "August", "September", "October")
    rows = [
        Row(f"{name} 2026", (name[:3], "2026"), (cell(60 + place, 100, place + 8), cell(70 + place, 101, place + 8)))
        for place, name in enumerate(months)
    ]
    return Measure(key, title, rows)


FACTS = ReplayFacts(
    force="Test Constabulary",
    marking="OFFICIAL-SENSITIVE",
    zone=LONDON,
    every="month",
    first=dt.date(2026, 7, 1),
    last=dt.date(2026, 10, 31),
    known=["then", "now"],
    what_if="",
    whose="those the ledger kept",
    known_at=NOW,
    code_version="0.1.0",
    measures=[measure("completion", "DASH completion"), measure("RA-01", f"Submitted {HOSTILE}")],
    moved=[Moved("August 2026", "then", 12, [("RA-01 not yet due → done in time", 7)])],
    files=["rates.csv", "changes.csv", "replay.html"],
)
ONLY_NOW = replace(
    FACTS,
    known=["now"],
    what_if=f"stricter {HOSTILE}",
    measures=[
        Measure(each.key, each.title, [replace(row, cells=row.cells[1:]) for row in each.rows])
        for each in FACTS.measures
    ],
)


def test_the_answer_is_the_last_step_in_each_way_it_is_known():
    assert answer(FACTS) == (
        "DASH completion, October 2026: 63.0% (63 of 100) as it would have been said then, "
        "72.3% (73 of 101) as it is known now."
    )


def test_too_few_cases_make_no_rate_and_no_point():
    few = replace(
        FACTS,
        measures=[
            Measure(
                "completion", "DASH completion", [Row("July 2026", ("Jul", "2026"), (cell(3, 9, 8), cell(0, 0, 8)))]
            )
        ],
    )
    assert answer(few) == "DASH completion: no step has enough cases for a rate."
    assert [line.rates for line in chart_of(few).lines] == [[None], [None]]


def test_what_known_now_means_is_said_wherever_it_is_shown():
    words = "columns without a time of their own (exclusions, reasons, flags, cancellations, grades overwritten in place) are today’s"
    assert words in replay_page(FACTS)
    assert words in replay_page(ONLY_NOW)
    assert words not in replay_page(replace(ONLY_NOW, known=["then"]))


def test_a_what_if_is_labelled_in_title_heading_chart_and_tables():
    page = replay_page(ONLY_NOW)
    assert "what-if replay" in page.partition("</title>")[0]
    assert "<h1>What-if replay" in page
    assert re.search(r"<title id=\"replay-title\">What-if, by the rules of stricter", page)
    assert page.count("what-if</b>") >= 2
    assert "what-if" not in replay_page(FACTS).lower()


def test_nothing_hostile_is_markup():
    assert "<script" not in replay_page(FACTS)
    assert "<script" not in replay_page(ONLY_NOW)


def test_a_step_that_was_not_measured_says_so():
    rows = [
        replace(row, cells=(cell(0, 0, 8, why="The records were not to be trusted."), row.cells[1]))
        for row in FACTS.measures[0].rows
    ]
    page = replay_page(replace(FACTS, measures=[Measure("completion", "DASH completion", rows)]))
    assert "not measured" in page
    assert "The records were not to be trusted." in page


def test_a_gap_breaks_the_line_and_leaves_no_point():
    chart = LinesChart("k", "t", "d", [("a", "1")] * 4, [Line(Shape.USUAL, [0.5, None, 0.6, 0.7])])
    drawn = str(lines_chart(chart))
    path = re.search(r'<path d="([^"]+)" fill="none" stroke="#12436D"', drawn)
    assert path is not None
    assert path[1].count("M") == 2
    assert path[1].count("L") == 1
    assert drawn.count("<circle") == 3


@pytest.fixture(params=["both", "what-if"])
def show(request, chromium, tmp_path):
    """Return a function that opens the page in a context of its own."""
    path = tmp_path / "replay.html"
    path.write_text(replay_page(FACTS if request.param == "both" else ONLY_NOW), encoding="utf-8")
    contexts = []

    def opened(width: int = 1200, **more: object):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **more)
        contexts.append(context)
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("request", lambda asked: page.asked.append(asked.url))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.slow
@pytest.mark.parametrize("width", [1200, 320])
def test_axe_finds_nothing_wrong_and_it_fits(show, axe, width):
    page = show(width)
    found = axe.run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate(SIDEWAYS) == 0
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.slow
def test_it_needs_no_network_and_no_script(show):
    page = show(java_script_enabled=False, offline=True)
    assert len(page.asked) == 1
    assert page.said == [], "the browser reports what the policy refuses"
    assert page.locator("h1").is_visible()
