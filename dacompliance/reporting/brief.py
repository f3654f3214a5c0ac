"""What a reader in a hurry asks of a measure after its rate: is it changing, where, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dacompliance.judging.measures import Counting
from dacompliance.reporting import prose
from dacompliance.reporting.funnel import Band
from dacompliance.reporting.groupfacts import GroupRow
from dacompliance.reporting.prose import count
from dacompliance.reporting.rates import Rates, Tally

PLACES: Final = ("area", "team")
_NAMED: Final = 6
"""So many areas or teams are named in a sentence; with more, it says how many."""

_BESIDE: Final = {
    Band.LOW_ACT: "below the others by more than chance",
    Band.LOW_LOOK: "low, perhaps by chance",
    Band.HIGH_ACT: "above the others by more than chance",
    Band.HIGH_LOOK: "high, perhaps by chance",
}


def changing(rates: Rates) -> str:
    """Say whether the newest full month is a real change, and from what."""
    if rates.last is None:
        return "Too few full months to say whether it is changing."
    return prose.standing(rates.chart, rates.last)


def where(rates: Rates) -> str:
    """Name the areas and teams of the last twelve full months that stand apart from all together, the lowest first."""
    if rates.of_year.share.rate is None:
        return "Too few cases to compare areas and teams."
    parts = [part for band in _BESIDE for part in _apart(rates, band)]
    if not parts:
        return "No area or team stands apart from all together in the last 12 full months."
    return f"In the last 12 full months: {'; '.join(parts)}."


def _apart(rates: Rates, band: Band) -> Iterator[str]:
    for kind in PLACES:
        names = [group.name for group in rates.groups[kind] if group.band is band]
        if names:
            kinds = f"{kind}s" if len(names) > 1 else kind
            shown = f"{kinds} {prose.listed(names)}" if len(names) <= _NAMED else f"{len(names)} {kinds}"
            yield f"{shown} {_BESIDE[band]}"


def why(counts: Tally, how: Counting) -> str:
    """Say what those that count against a rate of the last twelve full months have, the most common first."""
    others = counts.n - counts.x
    if not others:
        return "Nothing counts against it in the last 12 full months."
    found = sorted(((counts.categories[name], name) for name in how.misses), key=lambda each: -each[0])
    parts = [f"{count(number)} {name} ({100 * number / others:.0f}%)" for number, name in found if number]
    return f"Of the {count(others)} that count against it in the last 12 full months: {'; '.join(parts)}."


def beside(rows: Sequence[GroupRow]) -> str:
    """Name the measures in which one area or team stands apart from all together, the lowest first."""
    named = {band: [row.words.tile for row in rows if row.band is band] for band in _BESIDE}
    parts = [f"{prose.listed(names)} {_BESIDE[band]}" for band, names in named.items() if names]
    return f"{'; '.join(parts)}." if parts else "In no measure does it stand apart from all together."
