"""The completion page and its files: what they say, that they cannot do harm, and that they agree with each other."""

import csv
import datetime as dt
import hashlib
import io
import os
import re
from base64 import b64encode
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from dacompliance.judging.completion import Category
from dacompliance.reporting.completion import write_completion
from dacompliance.reporting.facts import CompletionFacts, RecordSetFacts, RuleStanding, record_set_facts
from dacompliance.reporting.figures import figures
from dacompliance.reporting.pages import openings
from tests.reporting.markup import Element, read
from tests.reporting.samples import RULE, case, cases, facts
from tests.worlds import records

GOLDEN = Path(__file__).parent / "golden" / "completion.html"
HOSTILE = "=1+1\"><script>alert(1)</script><style>*{display:none}</style></table>{{ 7*7 }}'&amp;"


def page(folder: Path, told: CompletionFacts) -> Element:
    return read(write_completion(folder, told)[0].read_text(encoding="utf-8"))


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


@pytest.fixture(scope="module")
def html(tmp_path_factory) -> Element:
    return page(tmp_path_factory.mktemp("page"), facts())


def test_the_page_is_the_one_looked_at_and_agreed(tmp_path):
    """Look at the page in a browser after a change, then keep it with GOLDEN=write."""
    written = write_completion(tmp_path, facts())[0].read_bytes()
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_bytes(written)
    assert written.decode("utf-8") == GOLDEN.read_bytes().decode("utf-8")


def test_the_same_facts_give_the_same_bytes_whatever_the_order_of_their_rows(tmp_path):
    first = [path.read_bytes() for path in write_completion(tmp_path / "a", facts())]
    again = [path.read_bytes() for path in write_completion(tmp_path / "b", facts())]
    assert first == again
    turned = facts(cases().iloc[::-1])
    assert write_completion(tmp_path / "c", turned)[0].read_bytes() == first[0]


def test_the_marking_is_the_first_and_the_last_thing_said(html):
    said = html.one("body").text()
    marking = "OFFICIAL-SENSITIVE – not for release"
    assert said.startswith(marking)
    assert said.endswith(marking)
    assert html.one("head").one("title").text().startswith(marking)
    assert html.one("style").text().count("OFFICIAL-SENSITIVE") == 2, "on every printed page, above and below"


def test_the_answer_comes_first_in_one_sentence(html):
    answer = next(each for each in html.all("p") if each.attributes.get("class") == "answer").text()
    found = figures(facts(), cases()).last
    share = found.counts.share
    assert answer == (
        f"{share.x} of the {share.n} incidents reported in October 2026 whose deadline has passed have a complete DASH: "
        f"57.9% (95% interval 48.5% to 66.9%), as at 23 November 2026, 06:30. No real change."
    )


@pytest.mark.parametrize(
    "words",
    [
        "The records are known to: incidents 23 November 2026, 06:30;",
        "stale: nothing newer than 36 hours",
        "Run 41, dacompliance 0.1.0",
        "bundled default, not force policy",
        "approved by Head of Public Protection on 10 December 2025 (DA board, item 4)",
        "1 working day of the calendar “office”",
        "That an assessment was done, in time and supervised does not say that it was good",
        "Not yet due: the deadline has not passed, whether done or not",
        "closed other than as done, so that the incident may have left the rate while something was open: excluded 3, withdrawn 1.",
        "Waived exceptions of this rule: 2. A waived incident still counts as not complete.",
        "PN-01 Protection notice considered switched off not mapped: protection_notice_considered_at",
        "MH-01 High risk reaches the MASH not checked referrals are stale",
        "incidents set aside: no key 2",
        "Unknown is not complete.",
        "Months that chance does not explain: June 2026 (low: outside the limits)",
    ],
)
def test_what_must_be_said_is_said(html, words):
    assert words in html.one("body").text()


def test_there_is_one_h1_and_no_level_is_skipped(html):
    levels = [int(each.name[1]) for each in html.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_table_has_a_caption_and_every_header_its_scope(html):
    tables = list(html.all("table"))
    assert len(tables) >= 8
    for table in tables:
        assert table.children[0].name == "caption"
        assert table.children[0].text()
        assert all(header.attributes["scope"] in ("col", "row") for header in table.all("th"))
        assert all(header.text() for header in table.all("th"))
        width = len(list(table.one("thead").all("th")))
        assert {len(row.children) for row in table.all("tr")} == {width}


def test_wide_parts_can_be_scrolled_from_the_keyboard_and_have_a_name(html):
    ids = {each.attributes["id"] for each in html.all() if "id" in each.attributes}
    regions = [each for each in html.all("div") if each.attributes.get("role") == "region"]
    assert len(regions) == len(list(html.all("table"))) + 1
    assert all(each.attributes["tabindex"] == "0" and each.attributes["aria-labelledby"] in ids for each in regions)


def test_ids_are_unique_and_every_link_on_the_page_leads_somewhere(html):
    ids = [each.attributes["id"] for each in html.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    targets = [each.attributes["href"] for each in html.all("a")]
    assert {target[1:] for target in targets if target.startswith("#")} <= set(ids)
    assert {target for target in targets if not target.startswith("#")} == {"completion.csv", "completion-cases.csv"}


def test_language_landmarks_and_a_way_past_the_top(html):
    assert html.attributes["lang"] == "en-GB"
    assert [each.name for each in html.one("body").children] == ["header", "main", "footer"]
    assert next(html.all("a")).attributes["href"] == "#main"
    assert html.one("main").attributes["id"] == "main"


def test_the_policy_comes_first_and_allows_one_style_and_nothing_else(tmp_path):
    text = write_completion(tmp_path, facts())[0].read_text(encoding="utf-8")
    head = read(text).one("head")
    assert head.children[0].attributes["http-equiv"] == "Content-Security-Policy"
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL).group(1)
    allowed = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = head.children[0].attributes["content"]
    assert policy == f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"


def test_no_script_no_inline_style_and_nothing_from_elsewhere(html):
    names = {each.name for each in html.all()}
    assert not names & {"script", "link", "img", "iframe", "object", "form", "base"}
    for each in html.all():
        assert "style" not in each.attributes
        assert not any(name.startswith("on") for name in each.attributes)
        assert not any("//" in value for name, value in each.attributes.items() if name != "xmlns")
    assert "url(" not in html.one("style").text()
    assert "@import" not in html.one("style").text()


def test_the_chart_stands_beside_a_table_with_the_same_numbers(html):
    figure = html.one("figure")
    svg = next(each for each in figure.all("svg") if each.attributes.get("role") == "img")
    assert "October 2024 to November 2026" in svg.one("desc").text()
    body = next(html.all("table")).one("tbody")
    assert len(body.children) == len([each for each in svg.all("circle", "path") if drawn_point(each)])


def drawn_point(each: Element) -> bool:
    return each.name == "circle" or each.attributes["d"].endswith("Z")


def test_every_figure_opens_to_exactly_its_cases(tmp_path):
    told = facts()
    html = page(tmp_path, told)
    kept = rows_of(tmp_path / "completion-cases.csv")
    found = figures(told, told.cases)
    assert len(kept) == found.everything.population
    shown = list(openings(found))
    assert len(shown) >= 6
    for opening in shown:
        assert len([row for row in kept if fits(row, opening.filters)]) == opening.rows
        assert opening.figure in html.one("main").text()
    for month in found.chart.months:
        assert (
            len([row for row in kept if row["month"] == month.month and row["complete"] == "yes"])
            == month.counts.complete
        )
        assert len([row for row in kept if row["month"] == month.month and row["counted"] == "yes"]) == month.counts.due


def fits(row, filters) -> bool:
    for column, value in filters:
        first, _, last = value.partition(" to ")
        if not first <= row[column] <= (last or first):
            return False
    return True


def test_the_table_file_has_every_count_of_the_page_and_adds_up(tmp_path):
    told = facts()
    write_completion(tmp_path, told)
    kept = rows_of(tmp_path / "completion.csv")
    found = figures(told, told.cases)
    by = {name: [row for row in kept if row["grouping"] == name] for name in {row["grouping"] for row in kept}}
    (whole,) = by["everything"]
    assert (int(whole["complete"]), int(whole["due"])) == (found.everything.complete, found.everything.due)
    assert (whole["from_month"], whole["to_month"], whole["area"]) == ("2024-10", "2026-11", "all")
    for grouping in ("month", "month and area"):
        for column in ("population", "excluded", "not_yet_due", "due", "complete", "declined", "silent", "cannot_tell"):
            assert sum(int(row[column]) for row in by[grouping]) == int(whole[column])
    for row, month in zip(by["month"], found.chart.months, strict=True):
        assert (row["from_month"], int(row["complete"]), int(row["due"])) == (month.month, *pair(month))
        assert float(row["rate"]) == pytest.approx(month.counts.share.rate, abs=1e-6)
        assert bool(row["upper_limit"]) == month.over
    assert [row["area"] for row in by["12 full months, area"]] == [area.name for area in found.areas]
    assert {row["team"] for row in by["12 full months, team"]} == {f"{area.name} Response" for area in found.areas}
    assert all(row["upper_limit"] == "" for row in kept if row["grouping"] != "month")


def pair(month) -> tuple[int, int]:
    return month.counts.complete, month.counts.due


def test_too_few_for_a_rate_is_empty_with_a_code_never_nought(tmp_path):
    few = [case(n, dt.date(2026, 10, 2), "Northmoor", Category.SILENT) for n in range(9)]
    html = page(tmp_path, facts(pd.DataFrame([*few, case(9, dt.date(2026, 11, 23), "Southley", Category.NOT_YET_DUE)])))
    assert "[u] fewer than 10" in html.one("main").text()
    assert "too few for a rate, as at" in html.one("main").text()
    kept = {(row["grouping"], row["area"], row["from_month"]): row for row in rows_of(tmp_path / "completion.csv")}
    october, november = kept["month", "all", "2026-10"], kept["month", "all", "2026-11"]
    assert (october["rate"], october["lower_95"], october["rate_status"]) == ("", "", "u")
    assert (november["rate"], november["rate_status"], november["due"]) == ("", "z", "0")


def test_excluded_incidents_are_counted_by_reason(html):
    said = html.one("main").text()
    for reason, number in figures(facts(), cases()).excluded_reasons:
        assert f"– {reason} {number}" in said


@pytest.mark.parametrize("field", ["force", "marking", "run", "code_version", "note"])
def test_hostile_text_in_any_field_stays_text(tmp_path, field):
    html = page(tmp_path, facts(**{field: HOSTILE}))
    assert HOSTILE in html.text()
    assert "script" not in {each.name for each in html.all()}


def test_hostile_text_in_every_record_rule_and_finding_stays_text(tmp_path):
    frame = cases().assign(area=HOSTILE, team=HOSTILE, grade=HOSTILE, occurrence_ref=HOSTILE)
    frame["excluded_reason"] = frame["excluded_reason"].where(frame["excluded_reason"] == "", HOSTILE)
    told = facts(
        frame,
        rule=replace(RULE, title=HOSTILE, source=HOSTILE),
        unchecked=(RuleStanding(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
        record_sets=(RecordSetFacts(HOSTILE, None, 1, {HOSTILE: 1}, HOSTILE),),
        left_while_open={HOSTILE: 1},
    )
    html = page(tmp_path, told)
    assert {each.name for each in html.all()} == {each.name for each in page(tmp_path / "plain", facts()).all()}
    assert html.text().count("<script>") > 10
    for row in rows_of(tmp_path / "completion-cases.csv"):
        assert row["area"] == row["team"] == row["occurrence_ref"] == "'" + HOSTILE


def test_a_run_that_could_not_measure_says_why_and_leaves_no_old_figures_behind(tmp_path):
    write_completion(tmp_path, facts())
    told = replace(facts(), cases=None, not_measured="The assessments could not be trusted: they are stale.")
    (only,) = write_completion(tmp_path, told)
    assert [path.name for path in tmp_path.iterdir()] == [only.name]
    html = read(only.read_text(encoding="utf-8"))
    assert "Completion was not measured in this run. The assessments could not be trusted" in html.one("main").text()
    assert "%" not in html.one("h1").text()
    assert not list(html.all("figure"))


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(cases(months=1).iloc[:0], id="no incident at all"),
        pytest.param(
            pd.DataFrame([case(1, dt.date(2026, 11, 23), "Northmoor", Category.NOT_YET_DUE)]), id="none due yet"
        ),
        pytest.param(
            pd.DataFrame([case(1, dt.date(2026, 11, 2), "Northmoor", Category.SILENT)]), id="due, in a month not over"
        ),
        pytest.param(pd.DataFrame([case(1, dt.date(2026, 10, 2), "Northmoor", Category.COMPLETE)]), id="all complete"),
    ],
)
def test_a_young_ledger_has_a_page_too(tmp_path, frame):
    html = page(tmp_path, facts(frame))
    assert html.one("h1").text().startswith("DASH completion")
    assert len(rows_of(tmp_path / "completion-cases.csv")) == len(frame)


def test_incidents_without_a_limit_are_shown_only_where_there_are_any(tmp_path, html):
    assert "No limit" not in html.one("main").text()
    frame = pd.DataFrame([case(1, dt.date(2026, 10, 2), "Northmoor", Category.NO_VERSION, version="")])
    assert "No limit" in page(tmp_path / "without", facts(frame)).one("main").text()


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (None, "was not asked of the ledger"),
        ({}, "No exception of this rule was closed other than as done"),
        ({"rule_changed": 1200}, "rule changed 1,200."),
    ],
)
def test_what_left_the_rate_while_open_is_said_or_that_it_is_not_known(tmp_path, left, words):
    assert words in page(tmp_path, facts(left_while_open=left)).one("main").text()


def test_a_failed_write_leaves_the_old_page_and_no_rubbish(tmp_path, monkeypatch):
    before = write_completion(tmp_path, facts())[0].read_bytes()

    def full(descriptor: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        write_completion(tmp_path, facts(cases(seed=6)))
    assert (tmp_path / "completion.html").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 3


def test_a_force_may_bring_its_own_template(tmp_path):
    own = tmp_path / "templates"
    own.mkdir()
    (own / "page.css.j2").write_text("body { color: #000; }", encoding="utf-8")
    written = write_completion(tmp_path / "out", facts(), own)[0].read_text(encoding="utf-8")
    assert "<style>body { color: #000; }</style>" in written


def test_what_a_pull_says_of_itself_is_counted_by_record_set_and_finding():
    pulled = records(incidents=[{"incident_ref": "I1", "reported_at": "Mon 2026-11-02 21:10"}])
    found = pd.DataFrame(
        [("incidents", "I9", "", "set aside: no key"), ("incidents", "I1", "area", "unreadable")] * 2,
        columns=["record_set", "key", "column", "finding"],
    )
    pulled = replace(pulled, findings=found, known_to={"incidents": 1_000_000, "assessments": 0})
    assert record_set_facts(pulled, {"assessments": "stale"}) == (
        RecordSetFacts(
            "incidents", dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC), 1, {"set aside: no key": 2, "unreadable": 2}
        ),
        RecordSetFacts("assessments", dt.datetime(1970, 1, 1, tzinfo=dt.UTC), 0, {}, "stale"),
    )
