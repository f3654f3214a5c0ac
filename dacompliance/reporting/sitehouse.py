"""What all pages of one site share: templates, style and script by their hashes, navigation, and words for counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup

from dacompliance.exceptions.meanings import MEANINGS, Weight
from dacompliance.judging.measures import Share
from dacompliance.records.contract import Finding
from dacompliance.reporting import brief, charts, pages, plain, prose, spc, wording
from dacompliance.reporting.charts import Shape
from dacompliance.reporting.rates import Tally
from dacompliance.reporting.sitefacts import SiteFacts


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """How many rows and cells were not as they should be. `unlisted`: cells with a word that nobody has listed."""

    set_aside: int
    unmatched: int
    unreadable: int
    unlisted: int


class Site:
    """What all pages of one site share: the templates, the facts, and where each page is."""

    def __init__(
        self,
        jinja: Environment,
        facts: SiteFacts,
        links: Mapping[str, Mapping[str, str]],
        page_of: Mapping[str, str],
    ) -> None:
        self.facts, self.links, self.page_of = facts, links, page_of
        base = facts.base
        self.this_month = f"{base.as_at.astimezone(base.zone):%Y-%m}"
        marking = f"{base.marking} – {pages.NOT_FOR_RELEASE}"
        style = Markup(jinja.get_template("site.css.j2").render(marking=marking))  # noqa: S704 - our own template
        script = Markup(jinja.get_template("site.js").render())  # noqa: S704 - our own script
        self._jinja = jinja
        self._jinja.filters |= {"unsure": unsure, "counted": counted, "done": done, "rule_words": plain.rule_words}
        self._jinja.globals |= {
            "base": base,
            "facts": facts,
            "marking": marking,
            "style": style,
            "style_hash": pages.style_hash(style),
            "script": script,
            "script_hash": pages.style_hash(script),
            "as_at": prose.moment(base.as_at, base.zone),
            "moment": partial(prose.moment, zone=base.zone),
            "prose": prose,
            "brief": brief,
            "wording": wording,
            "charts": charts,
            "Shape": Shape,
            "quality": quality_of(facts),
            "bundled": bundled(facts),
            "links": links,
            "page_of": page_of,
            "pages": [
                ("index.html", "Overview"),
                *((page_of[key], name) for key, name in _NAMED if key in page_of),
                ("definitions.html", "Definitions"),
                ("data-quality.html", "Data quality"),
                ("cross-checks.html", "Cross-checks"),
            ],
            "fewest": spc.FEWEST,
        }

    def render(self, template: str, here: str, **given: Any) -> bytes:
        """Render a page that stands at `here` in the site."""
        root = "../" * here.count("/")
        return self._jinja.get_template(template).render(**{"here": here, "root": root, **given}).encode("utf-8")


_NAMED: Final = (("completion", "Completion"), ("fully-compliant", "Fully compliant"))


def unsure(counts: Tally) -> int:
    """Return how many of the judged cannot be judged; of completion, how many may be complete unseen."""
    names = ("cannot be judged", "something cannot be judged")
    return counts.flags.get("cannot_tell", 0) + sum(counts.categories.get(name, 0) for name in names)


def counted(counts: Tally, category: str) -> int:
    """Return how many are in a category, nought where the measure has none of the name."""
    return counts.categories.get(category, 0)


def done(counts: Tally) -> Share:
    """Return the share done, in time or late."""
    return Share(counts.flags["done"], counts.n)


def quality_of(facts: SiteFacts) -> Quality:
    """Sum what was found in the records, as the data-quality list does."""
    found: Counter[Weight] = Counter()
    for record_set in facts.base.record_sets:
        for finding, number in record_set.findings.items():
            found[MEANINGS[Finding(finding)].weight] += number
    return Quality(found["set aside"], found["unmatched"], found["unreadable"], found["unlisted"])


def bundled(facts: SiteFacts) -> list[str]:
    """Return the rules of which a version that judged a case is nobody's approved policy."""
    found = []
    for each in facts.measures:
        if each.rule is not None:
            used = set(each.cases["version"].unique())
            if any(version.approved is None and str(version.in_force_from) in used for version in each.rule.versions):
                found.append(each.key)
    return found
