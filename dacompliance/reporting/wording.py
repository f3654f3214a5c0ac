"""What a measure is called and how its figures are said: one set of words for charts, tables and answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dacompliance.judging.compliance import Whole
from dacompliance.judging.measures import Place, Share
from dacompliance.policy.model import Rule
from dacompliance.reporting import prose, spc
from dacompliance.reporting.rates import Rates, Tally
from dacompliance.reporting.restated import Restated
from dacompliance.reporting.series import Counted, Month

NOUNS: Final = {"incident": "incidents", "assessment": "assessments", "referral": "referrals"}


@dataclass(frozen=True, slots=True)
class Wording:
    """`short` begins a chart's title, `title` heads a page, `hit` a column; `noun` is what is counted.

    `are` is what those in the numerator are: "were done in time".
    """

    short: str
    title: str
    hit: str
    noun: str
    are: str

    @property
    def tile(self) -> str:
        """The words of a tile: short, beginning with a capital."""
        return self.title if len(self.title) < 30 else self.short


COMPLETION: Final = Wording("Completion", "DASH completion", "Complete", "incidents", "have a complete DASH")
WHOLE: Final = Wording(
    "Full compliance", "Fully compliant incidents", "Fully compliant", "incidents", "met everything judged of them"
)


def of_rule(rule: Rule) -> Wording:
    """Return the words of a rule, by what its newest version asks: a state, something done in time, or done at all."""
    newest = max(rule.versions, key=lambda each: each.in_force_from)
    if newest.holds is not None:
        hit, are, short = "So", "were so at the as-at instant", "as it should be"
    elif newest.deadline is not None:
        hit, are, short = "In time", "were done in time", "in time"
    else:
        hit, are, short = "Done", "were done", "done"
    return Wording(f"{rule.id} {short}", f"{rule.id}: {rule.title}", hit, NOUNS[rule.about], are)


def sentence(words: Wording, counts: Tally, when: str, as_at: str) -> str:
    """Return one figure as a sentence: how many of how many, the rate and its interval, and as at when."""
    share = counts.share
    if share.n == 0:
        return f"None of the {words.noun} reported in {when} could be judged yet, as at {as_at}."
    rate = f"{prose.percent(share)} (95% interval {prose.likely(share)})"
    said = rate if not prose.status(share) else "too few for a rate"
    return (
        f"{prose.count(share.x)} of the {prose.count(share.n)} {words.noun} reported in {when} that are judged "
        f"{words.are}: {said}, as at {as_at}."
    )


def assurance(found: spc.Assurance | None, target: float | None) -> str:
    """Return in words what the limits promise of a target; "" where there is none."""
    if target is None:
        return ""
    goal = whole(target)
    if found is None:
        return f"Target {goal}: too few months to say what to expect"
    return {
        spc.Assurance.MEETS: f"Will reliably meet {goal}",
        spc.Assurance.CANNOT: f"Cannot meet {goal} without a change",
        spc.Assurance.HIT_AND_MISS: f"Hit and miss against {goal}",
    }[found]


def variation(month: Month[Counted] | None) -> str:
    """Return in words whether the newest full month is a real change."""
    return str(prose.verdict(month))


def whole(share: float) -> str:
    """Return a target in per cent, without a nought behind the point."""
    return f"{100 * share:.1f}".removesuffix(".0") + "%"


def moved(each: Restated) -> str:
    """Say by which counts a published figure moved: `12 fewer not yet due; 9 more met`."""
    return "; ".join(f"{abs(by):,} {'more' if by > 0 else 'fewer'} {name}" for name, by in each.moved)


def raised(counts: Tally) -> str:
    """Say what the rate would be, had nothing left it or been turned after it was counted against it; "" if nothing."""
    if not counts.raised:
        return ""
    left, turned = counts.flags.get("left", 0), counts.flags.get("turned", 0)
    parts = []
    if left:
        parts.append(
            f"{prose.count(left)} left the rate (excluded, regraded, no longer applying, or not due after all)"
        )
    if turned:
        parts.append(
            f"{prose.count(turned)} {'is' if turned == 1 else 'are'} met after all (a time or a cell recorded later)"
        )
    return (
        f"After an earlier run had counted them as not met, late or not to be judged, {' and '.join(parts)}. "
        f"Had they stayed as they were, it would be {share_words(counts.had_they_stayed)}."
    )


def share_words(share: Share) -> str:
    """Return a share as `580 of 779, 74.5%`."""
    return f"{prose.count(share.x)} of {prose.count(share.n)}, {prose.percent(share)}"


_WHY: Final[Mapping[str, str]] = {
    Place.NOT_YET_DUE: "Not yet due: the deadline has not passed, whether done or not",
    Place.EXCLUDED: "Excluded in the records",
    Place.NO_VERSION: "No version of the rule was in force on the day of report",
    Place.NOT_APPLICABLE: "Does not apply",
    Whole.NOTHING_JUDGED: "Nothing of the incident was judged yet",
}


def why_left_out(category: str) -> str:
    """Return a category of those in no rate, in words."""
    return _WHY.get(category, category)


def stands_out(found: Sequence[Rates]) -> list[tuple[str, str]]:
    """Return the measures whose newest full month is a special cause, with what it is, the worse first."""
    said = []
    for each in found:
        month = each.last
        if month is not None and month.mark is not None:
            said.append((month.mark.side, each.key, f"{variation(month)} ({prose.signal(month)}), {month.name}"))
    return [(key, words) for _, key, words in sorted(said)]
