"""Site facts → pages. Jinja2, strict, all escaped; a small script sorts tables and adds nothing, and may be off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from markupsafe import Markup

from dacompliance.judging.completion import HOW_SOON, NOT_COMPLETE
from dacompliance.judging.groups import BREAKDOWNS
from dacompliance.reporting import spc, wording
from dacompliance.reporting.groupfacts import GroupAnswer, GroupMonths, GroupRow
from dacompliance.reporting.rates import within
from dacompliance.reporting.sitecharts import drawn, rule_changes, team_funnel
from dacompliance.reporting.sitefacts import ControlMonth, MeasureFacts, SiteFacts
from dacompliance.reporting.sitehouse import Site

TITLES: Final = {
    "area": "area",
    "team": "team",
    "grade": "grade",
    "repeat_victim": "repeat victim",
    "children_present": "children present",
    "crime": "crime or not",
    "instrument": "instrument",
}
"""What each breakdown is called, in the order of `groups.BREAKDOWNS`."""


def overview_page(site: Site) -> bytes:
    """Render the overview, which answers first."""
    facts = site.facts
    main = facts.measure("completion")
    months = {each.rates.last.month for each in facts.measures if each.rates.last is not None}
    tiles = [main, facts.measure(facts.base.rule.id), facts.measure("fully-compliant")]
    return site.render(
        "overview.html.j2",
        "index.html",
        main=main,
        measures=facts.measures,
        month=months.pop() if len(months) == 1 else None,
        raised=[each for each in facts.measures if each.rates.everything.raised],
        tiles=[each for each in tiles if each is not None and each.rates.last is not None],
        not_measured=facts.not_measured,
        out=wording.stands_out([each.rates for each in facts.measures]),
        targets=any(each.rates.target is not None for each in facts.measures),
        open=sum(facts.overdue.values()),
        overdue=facts.overdue,
        waived=sum(each.waived for each in facts.measures),
        chart=None if main is None else _own_chart(site, main),
        funnel=None if main is None else team_funnel(main),
        reasons=() if main is None else _reasons(main),
        how_soon=() if main is None else _how_soon(main),
        control=facts.control,
        control_last=control_last(facts),
        sample=facts.sample,
        open_list=facts.open_list,
    )


def _reasons(main: MeasureFacts) -> list[tuple[str, int]]:
    counts = [(str(each), main.rates.of_year.categories[each]) for each in NOT_COMPLETE]
    return sorted(counts, key=lambda each: -each[1])


def _how_soon(main: MeasureFacts) -> list[tuple[str, int]]:
    inside = main.cases[within(main.cases, main.rates.year) & main.cases[main.how.n].to_numpy(dtype=bool)]
    found = inside["submitted"].value_counts()
    return [(words, int(found.get(words, 0))) for words in HOW_SOON]


def measure_page(site: Site, measure: MeasureFacts, path: str) -> bytes:
    """Render the page of a measure, which stands at `path`."""
    excluded = measure.cases.loc[measure.cases["category"] == "excluded", "excluded_reason"].value_counts()
    reasons = sorted(((str(name), int(number)) for name, number in excluded.items()), key=lambda e: (-e[1], e[0]))
    return site.render(
        "measure.html.j2",
        path,
        measure=measure,
        chart=_own_chart(site, measure),
        changes=rule_changes(measure, site.facts.base.rule),
        funnel=team_funnel(measure),
        breakdowns=[(name, TITLES[name]) for name in BREAKDOWNS],
        excluded=reasons,
    )


def _own_chart(site: Site, measure: MeasureFacts) -> Markup:
    rates = measure.rates
    return drawn(rates.chart, measure.words, rates.target, rule_changes(measure, site.facts.base.rule))


def group_page(
    site: Site,
    kind: str,
    name: str,
    rows: Sequence[GroupRow],
    monthly: GroupMonths | None,
    answer: GroupAnswer | None,
    *,
    charted: bool,
) -> bytes:
    """Render the page of an area, or of a team, which leads nowhere outside its own folder."""
    path = site.links[kind][name]
    years = [each.rates.year for each in site.facts.measures if each.rates.year is not None]
    more: dict[str, Any] = {"root": None} if kind == "team" else {}
    return site.render(
        "group.html.j2",
        path,
        kind=kind,
        name=name,
        rows=rows,
        monthly=monthly,
        first=answer,
        year=years[0] if years else None,
        chart=drawn(monthly.chart, monthly.words, None) if monthly is not None and charted else None,
        **more,
    )


def definitions_page(site: Site) -> bytes:
    """Render the page that says what every word and figure means."""
    rules = [each.rule for each in site.facts.measures if each.rule is not None]
    return site.render(
        "definitions.html.j2",
        "definitions.html",
        rules=rules,
        overdispersed=spc.OVERDISPERSED,
        baseline=spc.BASELINE,
        run=spc.RUN,
    )


def cross_checks_page(site: Site) -> bytes:
    """Render the page that holds the monitor to another system's count, and to a person's judgement."""
    facts = site.facts
    return site.render(
        "cross-checks.html.j2",
        "cross-checks.html",
        control=facts.control,
        control_last=control_last(facts),
        sample=facts.sample,
    )


def control_last(facts: SiteFacts) -> ControlMonth | None:
    """Return the newest full month another system told, else the newest."""
    told = [] if facts.control is None else [month for month in facts.control.months if month.gap is not None]
    month = f"{facts.base.as_at.astimezone(facts.base.zone):%Y-%m}"
    full = [each for each in told if each.month < month]
    return full[-1] if full else told[-1] if told else None
