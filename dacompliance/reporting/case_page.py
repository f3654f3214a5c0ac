"""One case as a self-contained HTML page: where it stands, and its story in order of time. No script, no request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from markupsafe import Markup

from dacompliance.errors import UsageError
from dacompliance.exceptions.words import day, deadline, instant
from dacompliance.reporting import pages
from dacompliance.reporting.case_standing import RuleStanding
from dacompliance.reporting.completion import replace
from dacompliance.reporting.story import WORDS, Entry
from dacompliance.resources import templates_folder


@dataclass(frozen=True, slots=True)
class CasePage:
    """What the page is told. `cases` are reference, standing and story; an occurrence has one for each victim."""

    force: str
    marking: str
    zone: ZoneInfo
    number: str
    as_at: dt.datetime
    cases: tuple[tuple[str, tuple[RuleStanding, ...], tuple[Entry, ...]], ...]

    @property
    def open_count(self) -> int:
        """How many exceptions are open in all."""
        return sum(each.is_open for _, standing, _ in self.cases for each in standing)


def case_page(page: CasePage, templates: Path | None = None) -> str:
    """Render the page; a template in `templates` wins over the bundled one."""
    jinja = pages.environment([each for each in (templates, templates_folder()) if each is not None])
    marking = f"{page.marking} – {pages.NOT_FOR_RELEASE}"
    style = Markup(jinja.get_template("page.css.j2").render(marking=marking))  # noqa: S704 - our own template
    return jinja.get_template("case.html.j2").render(
        page=page,
        marking=marking,
        style=style,
        style_hash=pages.style_hash(style),
        as_at=instant(page.as_at, page.zone, year=True),
        instant=lambda when: "" if when is None else instant(when, page.zone, year=True),
        deadline=lambda when: "" if when is None else deadline(when, page.zone, year=True),
        by_day=lambda entries: tuple(_by_day(entries, page.zone)),
        words=WORDS,
    )


def _by_day(entries: tuple[Entry, ...], zone: ZoneInfo) -> Iterator[tuple[str, list[tuple[str, Entry]]]]:
    """Yield the local days of a story, each with its entries and their local times of day."""
    for date, found in groupby(entries, key=lambda each: each.at.astimezone(zone).date()):
        yield day(date, year=True), [(f"{each.at.astimezone(zone):%H:%M}", each) for each in found]


def write_case_page(path: Path, page: CasePage, templates: Path | None = None) -> Path:
    """Write the page to `path`, whole or not at all. Raises UsageError where it cannot be, or is no HTML file."""
    if path.suffix not in (".html", ".htm"):
        raise UsageError(f"{path}: is no HTML file. Name one that ends in .html with --page.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, case_page(page, templates).encode("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}). Name another file with --page.") from None
    return path
