"""The data-quality list of a run as a page and a CSV file, for the keeper of the data. References, never values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final

import pandas as pd
from jinja2 import Environment
from markupsafe import Markup

from dacompliance.exceptions.faults import DataFault, data_faults, in_order, to_mend
from dacompliance.exceptions.meanings import HEADINGS, MEANINGS
from dacompliance.records.contract import Finding
from dacompliance.reporting import pages, prose
from dacompliance.reporting.completion import replace
from dacompliance.reporting.csvs import to_csv
from dacompliance.reporting.facts import QualityFacts
from dacompliance.resources import templates_folder

QUALITY_PAGE: Final = "data-quality.html"
QUALITY_LIST: Final = "data-quality.csv"

SHOWN: Final = 20
"""How many references of a fault stand on the page; the CSV file has them all."""


@dataclass(frozen=True, slots=True)
class Part:
    """The faults of one weight, under a heading; `count` is how many rows or cells they are in all."""

    anchor: str
    heading: str
    lead: str
    count: int
    faults: tuple[DataFault, ...]


def write_quality(folder: Path, facts: QualityFacts, templates: Path | None = None) -> list[Path]:
    """Write the page, and the CSV file it opens to, into `folder`; return their paths, the page first.

    Each is replaced whole, the page last. A template in `templates` wins over the bundled one.
    """
    jinja = pages.environment([each for each in (templates, templates_folder()) if each is not None])
    page = quality_page(jinja, facts).encode("utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    replace(folder / QUALITY_LIST, to_csv(quality_table(facts.findings)))
    replace(folder / QUALITY_PAGE, page)
    return [folder / QUALITY_PAGE, folder / QUALITY_LIST]


def quality_table(findings: pd.DataFrame) -> pd.DataFrame:
    """Return every finding as a tidy row: what it does, where it is, what was found and its mend. Worst first."""
    found = in_order(findings)
    meant = [MEANINGS[Finding(word)] for word in found["finding"]]
    return pd.DataFrame(
        {
            "weight": [each.weight for each in meant],
            "record_set": found["record_set"],
            "key": found["key"],
            "column": found["column"],
            "finding": found["finding"],
            "mend": [each.mend for each in meant],
        },
        dtype=object,
    )


def quality_page(jinja: Environment, facts: QualityFacts) -> str:
    """Render the page. Pure: the same facts and templates, the same text."""
    marking = f"{facts.marking} – {pages.NOT_FOR_RELEASE}"
    style = Markup(jinja.get_template("page.css.j2").render(marking=marking))  # noqa: S704 - our own template
    faults = data_faults(facts.findings, most=SHOWN)
    return jinja.get_template("quality.html.j2").render(
        facts=facts,
        marking=marking,
        style=style,
        style_hash=pages.style_hash(style),
        as_at=prose.moment(facts.as_at, facts.zone),
        moment=partial(prose.moment, zone=facts.zone),
        answer=answer(faults),
        parts=tuple(parts(faults)),
        csv=QUALITY_LIST,
    )


def parts(faults: Sequence[DataFault]) -> Iterator[Part]:
    """Yield the faults by weight, worst first, those that are there."""
    for weight, group in groupby(faults, key=lambda fault: fault.meaning.weight):
        found = tuple(group)
        heading, lead = HEADINGS[weight]
        yield Part(weight.replace(" ", "-"), heading, lead, sum(each.count for each in found), found)


def answer(faults: Sequence[DataFault]) -> str:
    """Return the answer in a sentence."""
    found = to_mend(faults)
    return f"To mend: {found}." if found else "Nothing to mend: no row was set aside, and every cell could be read."
