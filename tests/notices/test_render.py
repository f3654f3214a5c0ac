"""Digests as people get them: golden texts, escaping, 78 columns, what HTML must have, and a force's own templates."""

from __future__ import annotations

import dataclasses
import os
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from dacompliance.errors import ConfigError
from dacompliance.notices.digest import compose
from dacompliance.notices.render import WIDTH, environment, house, render, tidy, wrap
from tests.notices.samples import FACTS, HOUSE, KINDS, LAST_LIST, STALE, TEAM, UNIT, digest_of, settings, task

GOLDEN = Path(__file__).parent / "golden"
BUNDLED = environment(None)
UPDATE = "DACOMPLIANCE_UPDATE_GOLDEN"
"""Set to write the golden files anew: then read what changed, as a supervisor would."""


class Page(HTMLParser):
    """What a page holds: its elements with their attributes in order, its text, and the headings by level."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.text += " " if tag in ("br", "td", "th") else ""
        self.elements.append((tag, dict(attrs)))
        self._hidden = tag in ("title", "style")

    def handle_endtag(self, tag):
        self._hidden = False

    def handle_data(self, data):
        self.text += "" if self._hidden else data

    def tags(self):
        return [tag for tag, _ in self.elements]

    def named(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def words(html: str) -> list[str]:
    return Page(html).text.split()


# Golden texts


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", ["txt", "html"])
def test_each_kind_of_e_mail_reads_as_agreed(kind, part):
    rendered = render(digest_of(kind), BUNDLED)
    made = f"Subject: {rendered.subject}\n\n{rendered.text}" if part == "txt" else rendered.html
    agreed = GOLDEN / f"{kind}.{part}"
    if os.environ.get(UPDATE):
        agreed.write_text(made, encoding="utf-8", newline="\n")
    assert made == agreed.read_text(encoding="utf-8"), (
        f"{agreed.name} differs; if it should, set {UPDATE}=1 and read it"
    )


# Both parts


@pytest.mark.parametrize("kind", KINDS)
def test_the_marking_is_first_and_last_in_subject_text_and_page(kind):
    rendered = render(digest_of(kind), BUNDLED)
    lines = rendered.text.splitlines()
    assert rendered.subject.startswith("OFFICIAL-SENSITIVE - ")
    assert (lines[0], lines[-1]) == ("OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE")
    assert (words(rendered.html)[0], words(rendered.html)[-1]) == ("OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE")


@pytest.mark.parametrize("kind", KINDS)
def test_both_parts_say_everything(kind):
    """The text part stands alone, and so does the page."""
    digest = digest_of(kind)
    rendered = render(digest, BUNDLED)
    said = [
        digest.heading,
        digest.dateline,
        digest.full_list,
        *digest.warnings,
        *digest.summary,
        *digest.trust,
        *digest.left_out,
    ]
    said += [*digest.closed, *digest.progress, *digest.foot, digest.policy_contact]
    for listing in digest.listings:
        said += [listing.lead, f"{listing.heading} ({listing.total})"]
        for row in listing.rows:
            said += [row.reference, row.risk, row.label, row.action, row.missing, row.rule, row.officer, row.when]
    for listing in digest.faults:
        said += [listing.lead, f"{listing.heading} ({listing.total})"]
        for row in listing.rows:
            said += [row.where, row.number, row.label, row.what, row.mend, row.keys]
    if digest.still_open:
        said += [f"{words} {number}" for words, number in (*digest.still_open.bands, *digest.still_open.officers)]
    for part in (rendered.text, Page(rendered.html).text):
        whole = " ".join(part.split()).lower()
        assert [each for each in said if each.lower() not in whole] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_part_is_78_columns_wide(kind):
    assert max(map(len, render(digest_of(kind), BUNDLED).text.splitlines())) <= WIDTH


def test_a_link_too_long_for_a_line_is_left_to_the_page():
    long = dataclasses.replace(
        HOUSE, record_link="https://records.westmere.police.example/" + "x" * 60 + "/{incident_ref}"
    )
    rendered = render(compose(TEAM, [task()], [], FACTS, long), BUNDLED)
    assert long.record_link.removesuffix("{incident_ref}") in rendered.html
    assert "https" not in rendered.text
    assert "WM-26-1001" in rendered.text


def test_importance_is_high_or_not_said():
    assert render(digest_of("digest"), BUNDLED).importance == "high"
    assert render(digest_of("nothing_to_do"), BUNDLED).importance == ""


def test_what_the_cap_leaves_out_is_counted_and_its_place_named():
    tasks = [task(f"WM-26-{number}") for number in range(7)]
    rendered = render(compose(TEAM, tasks, [], FACTS, dataclasses.replace(HOUSE, max_rows=4)), BUNDLED)
    for part in (rendered.text, rendered.html):
        assert "and 3 more, not shown here. They are in: reports-out/exceptions.csv" in part


# The page


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_can_be_read_by_machine_and_ear(kind):
    page = Page(render(digest_of(kind), BUNDLED).html)
    tags = page.tags()
    data_tables = [table for table in page.named("table") if table.get("role") != "presentation"]
    assert tags.count("h1") == 1
    assert not {"h3", "h4", "img", "script", "style", "link"} & set(tags)
    assert len(data_tables) == tags.count("caption")
    assert all(header.get("scope") in ("row", "col") for header in page.named("th"))
    assert page.named("html")[0]["lang"] == "en-GB"
    assert any(table.get("width") == "640" for table in page.named("table"))
    assert all(link["href"].startswith(("https://records.", "mailto:")) for link in page.named("a"))


def test_the_page_s_title_is_the_subject():
    rendered = render(digest_of("stale"), BUNDLED)
    assert f"<title>{rendered.subject}</title>" in rendered.html


HOSTILE = "<script>alert(1)</script>\"><img src=x onerror=y> {{ 7*7 }} {% raw %} ' & \r\nBcc: x@y.example"


def test_hostile_text_in_every_field_stays_text():
    bad = dict.fromkeys(("title", "action", "item_ref", "incident_ref", "area", "team", "officer", "missing"), HOSTILE)
    tasks = [task(HOSTILE, section=section, **bad) for section in ("do", "due_soon", "cannot_judge", "oversight")]
    hostile_house = dataclasses.replace(HOUSE, force=HOSTILE, marking=HOSTILE, full_list=HOSTILE)
    rendered = render(compose(dataclasses.replace(TEAM, title=HOSTILE), tasks, [], FACTS, hostile_house), BUNDLED)
    page = Page(rendered.html)
    assert not {"script", "img"} & set(page.tags())
    assert "{{ 7*7 }}" in rendered.html
    assert "49" not in page.text
    assert rendered.subject.isprintable()
    assert "\nBcc" not in rendered.text
    assert max(map(len, rendered.text.splitlines())) <= WIDTH


@given(st.text(min_size=1), st.text(), st.text(), st.text())
def test_no_text_of_a_record_changes_the_page_s_structure(reference, officer, missing, team):
    def made(**changes):
        return render(compose(TEAM, [task(**changes), task(section="oversight", **changes)], [], FACTS, HOUSE), BUNDLED)

    rendered = made(occurrence_ref=reference, officer=officer, missing=missing, team=team)
    assert Page(rendered.html).tags() == Page(made().html).tags()
    assert max(map(len, rendered.text.splitlines())) <= WIDTH


# Templates


@pytest.fixture
def folder(tmp_path):
    """Return a force's own folder of templates."""
    return tmp_path


def test_a_force_s_own_template_is_taken_before_the_bundled_one(folder):
    (folder / "digest.txt.j2").write_text("{{ digest.marking }}\nOur own: {{ digest.heading }}\n", encoding="utf-8")
    rendered = render(digest_of("nothing_to_do"), environment(folder))
    assert rendered.text == "OFFICIAL-SENSITIVE\nOur own: Referral unit: nothing to do\n"
    assert rendered.html == render(digest_of("nothing_to_do"), BUNDLED).html


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param(
            "a\n{{ digest.headin }}", "line 2: 'dacompliance.notices.model.Digest object' has no", id="misspelt"
        ),
        pytest.param("{{ digset }}", "line 1: 'digset' is undefined", id="unknown name"),
        pytest.param("a\n\n{% if %}", "line 3: Expected an expression", id="not a template"),
        pytest.param("{% include 'none.j2' %}", "line 1: none.j2", id="a part that is missing"),
        pytest.param(
            "{{ digest.__class__.__mro__ }}", "line 1: access to attribute '__class__'", id="out of the sandbox"
        ),
        pytest.param("{{ digest.heading + 1 }}", "line 1: TypeError", id="a mistake in running, its text untold"),
        pytest.param("{{ 1 / 0 }}", "line 1: ZeroDivisionError", id="arithmetic"),
    ],
)
def test_a_template_that_cannot_be_used_is_named_with_its_line(folder, template, message):
    (folder / "digest.txt.j2").write_text(template, encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        render(digest_of("digest"), environment(folder))
    assert f"digest.txt.j2, {message}" in str(told.value)
    assert "Cheltenham" not in str(told.value)


def test_a_template_is_compiled_once_a_process(folder, monkeypatch):
    (folder / "digest.txt.j2").write_text("Our own.", encoding="utf-8")
    texts: list[str] = []
    compiling = Environment.compile

    def compile_(self: Environment, source: str, *given: object, **named: object) -> object:
        texts.append(source)
        return compiling(self, source, *given, **named)

    monkeypatch.setattr(Environment, "compile", compile_)
    for _ in range(2):
        render(digest_of("digest"), environment(folder))
    assert texts.count("Our own.") == 1
    assert len(texts) == len(set(texts))


def test_a_template_added_or_changed_beside_a_running_monitor_is_taken_by_the_next_run(folder):
    bundled = render(digest_of("digest"), environment(folder)).text
    path = folder / "digest.txt.j2"
    path.write_text("Our own.", encoding="utf-8")
    assert render(digest_of("digest"), environment(folder)).text == "Our own.\n"
    path.write_text("Changed.", encoding="utf-8")
    assert render(digest_of("digest"), environment(folder)).text == "Changed.\n"
    path.unlink()
    assert render(digest_of("digest"), environment(folder)).text == bundled


def test_a_template_that_is_not_utf_8_is_named(folder):
    (folder / "digest.txt.j2").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"digest\.txt\.j2: UnicodeDecodeError\. Mend the template\."):
        render(digest_of("digest"), environment(folder))


def test_a_force_s_template_can_change_nothing(folder):
    (folder / "digest.txt.j2").write_text("{{ changing.append(1) }}", encoding="utf-8")
    made = environment(folder)
    made.globals["changing"] = changing = [0]
    with pytest.raises(ConfigError, match=r"append"):
        render(digest_of("digest"), made)
    assert changing == [0]


def test_a_folder_of_templates_that_is_none_is_told_of(tmp_path):
    with pytest.raises(ConfigError, match=r"reports\.templates: is not a folder\. Create it, or remove the key\."):
        environment(tmp_path / "none")


def test_the_house_comes_from_the_configuration(tmp_path):
    made = house(settings(tmp_path), full_list="reports-out/all.csv")
    assert made == dataclasses.replace(HOUSE, full_list="reports-out/all.csv")


# Text


@pytest.mark.parametrize(
    ("text", "first", "rest", "wrapped"),
    [
        ("short", "", None, "short"),
        ("short", "!! ", "   ", "!! short"),
        ("a " * 40, "", None, ("a " * 39).strip() + "\na"),
        ("x" * 80, "  ", "    ", "  " + "x" * 76 + "\n    xxxx"),
        ("well-known " * 8, "", None, "well-known " * 6 + "well-known\nwell-known"),
        ("", "", None, ""),
    ],
)
def test_paragraphs_are_wrapped_with_their_indents(text, first, rest, wrapped):
    assert wrap(text, first, rest) == wrapped


def test_spaces_at_line_ends_and_repeated_blank_lines_are_dropped():
    assert tidy("\n\na  \n \n\n\nb\n\n") == "a\n\nb\n"


def test_the_warnings_of_stale_records_come_before_any_count():
    text = render(compose(UNIT, [task()], [], STALE, HOUSE, since=LAST_LIST), BUNDLED).text
    assert text.index("!! The assessments are stale") < text.index("1 to do today")
