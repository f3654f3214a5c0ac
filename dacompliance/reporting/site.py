"""One run as a site of pages and files: every path and its bytes. Told everything; reads no clock, ledger or network.

It works from a file share: pages name each other and their files by relative paths, and need no script. What stands in
a team's folder is that team's alone and needs nothing outside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from jinja2 import Environment

from dacompliance.reporting.csvs import to_csv
from dacompliance.reporting.figures_table import figures_table
from dacompliance.reporting.groupfacts import GroupAnswer, GroupMonths, GroupRow
from dacompliance.reporting.rates import Tally
from dacompliance.reporting.series import chart
from dacompliance.reporting.sitefacts import MeasureFacts, SiteFacts
from dacompliance.reporting.sitehouse import Site
from dacompliance.reporting.sitepages import (
    cross_checks_page,
    definitions_page,
    group_page,
    measure_page,
    overview_page,
)
from dacompliance.reporting.slugs import slug

COMPLETION: Final = "completion"
GROUPS: Final = "completion-groups.html"
"""Completion by every group, beside `completion.html`."""
CHARTED: Final = 30
"""A group with fewer cases in its average month has no control chart: normal limits are wrong there."""


def site_files(facts: SiteFacts, jinja: Environment) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the bytes of every page and file, those that others lead to first and the overview last."""
    links = {kind: _paths(facts, kind) for kind in ("area", "team")}
    site = Site(jinja, facts, links, {each.key: page_path(each.key) for each in facts.measures})
    yield "figures.csv", to_csv(figures_table(facts.measures))
    for each in facts.measures:
        yield from _case_files(each)
    for kind in ("area", "team"):
        months = {each.key: _by_group(each, kind) for each in facts.measures}
        for name, path in links[kind].items():
            yield from _group_files(site, kind, name, path, months)
    for each in facts.measures:
        path = GROUPS if each.key == COMPLETION else page_path(each.key)
        yield path, measure_page(site, each, path)
    yield "definitions.html", definitions_page(site)
    yield "cross-checks.html", cross_checks_page(site)
    yield "index.html", overview_page(site)


def page_path(key: str) -> str:
    """Return the page of a measure: `completion.html`, `fully-compliant.html`, or `rules/RA-01.html`."""
    return f"{key}.html" if key in (COMPLETION, "fully-compliant") else f"rules/{key}.html"


def _paths(facts: SiteFacts, kind: str) -> dict[str, str]:
    """Return the page of each area or team that any incident has, by name."""
    whole = facts.measures[0].cases if facts.measures else None
    names = [] if whole is None else sorted(str(each) for each in whole[kind].unique())
    return {name: f"areas/{slug(name)}.html" if kind == "area" else f"teams/{slug(name)}/index.html" for name in names}


def _case_files(measure: MeasureFacts) -> Iterator[tuple[str, bytes]]:
    for month in measure.rates.chart.months:
        yield f"cases/{measure.key}/{month.month}.csv", measure.csv("month", month.month)
    if measure.gone is not None and len(measure.gone):
        yield f"cases/{measure.key}/gone.csv", to_csv(measure.gone)


def _by_group(measure: MeasureFacts, kind: str) -> dict[str, list[tuple[str, Tally]]]:
    """Return each group's months and counts."""
    found: dict[str, list[tuple[str, Tally]]] = {}
    for (name, month), tally in measure.tallies.by(kind, "month"):
        found.setdefault(name, []).append((month, tally))
    return found


def _group_files(
    site: Site, kind: str, name: str, path: str, months: Mapping[str, Mapping[str, list[tuple[str, Tally]]]]
) -> Iterator[tuple[str, bytes]]:
    facts = site.facts
    own = kind == "team"
    rows = [row for each in facts.measures for row in _rows(each, kind, name, own=own)]
    if own:
        folder = path.rpartition("/")[0]
        for each in facts.measures:
            yield f"{folder}/cases/{each.key}.csv", each.csv(kind, name)
    main = facts.measure(COMPLETION) or (facts.measures[0] if facts.measures else None)
    monthly = answer = None
    if main is not None:
        monthly = GroupMonths(main.words, chart(months[main.key].get(name, []), site.this_month))
        answer = next(
            (
                GroupAnswer(main.words, row.counts, "the last 12 full months", row.everyone, main.how)
                for row in rows
                if row.key == main.key
            ),
            None,
        )
    yield path, group_page(site, kind, name, rows, monthly, answer, charted=monthly is not None and _large(monthly))


def _large(monthly: GroupMonths) -> bool:
    full = [month.counts.n for month in monthly.chart.months if month.over]
    return bool(full) and sum(full) / len(full) >= CHARTED and monthly.chart.centre is not None


def _rows(measure: MeasureFacts, kind: str, name: str, *, own: bool) -> Iterator[GroupRow]:
    everyone = measure.rates.of_year.share
    for group in measure.rates.groups[kind]:
        if group.name == name:
            file = f"cases/{measure.key}.csv" if own else f"../cases/{measure.key}/{measure.rates.year[1]}.csv"  # type: ignore[index]
            yield GroupRow(
                measure.key,
                measure.words,
                group.counts,
                everyone,
                group.band,
                page_path(measure.key),
                file,
                measure.how.n,
            )
