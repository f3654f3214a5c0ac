"""What a replayed period says, written: its rates, what changed, and a page. A what-if is labelled in every file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from dacompliance import __version__
from dacompliance.config import Settings
from dacompliance.errors import UsageError
from dacompliance.exceptions.words import OUTCOMES
from dacompliance.judging.measures import RULE, Place
from dacompliance.replaying.asking import Asked
from dacompliance.replaying.changes import Changes, biggest
from dacompliance.replaying.looks import Known, Look
from dacompliance.replaying.steps import Every, Step
from dacompliance.replaying.tallies import Tallies, Tally
from dacompliance.reporting.completion import replace
from dacompliance.reporting.csvs import to_csv
from dacompliance.reporting.replay_page import Cell, Measure, Moved, ReplayFacts, Row, answer, replay_page
from dacompliance.reporting.series import MONTHS, long_date
from dacompliance.reporting.spc import wilson

RATES: Final = "rates.csv"
CHANGES: Final = "changes.csv"
PAGE: Final = "replay.html"
HEADER: Final = (
    "basis", "known", "step", "first_day", "last_day", "as_at", "known_at", "run", "measure", "title",
    "items", "excluded", "not_yet_due", "undetermined", "of", "met", "rate", "lower", "upper", "not_measured",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was written, and the answer in a sentence. `over`: files of the same names were there before."""

    answer: str
    paths: tuple[Path, ...]
    what_if: str = ""
    over: bool = False

    def lines(self) -> Iterator[str]:
        """Yield the answer and the files."""
        if self.what_if:
            yield f"What-if, by the rules of {self.what_if}: nothing here was ever said, or is anyone's policy."
        yield self.answer
        yield from map(str, self.paths)
        if self.over:
            yield "An earlier replay's files of these names were written over."


def write(settings: Settings, asked: Asked, looks: Sequence[Look], tallies: Tallies, changes: Changes) -> Replayed:
    """Write all of it into the folder asked for, the page last. Raises UsageError where that cannot be written to."""
    mark = "what-if-" if asked.rules else ""
    name = f"{mark}replay-{asked.first}-{asked.last}-{asked.every}"
    folder = asked.folder or settings.reports.folder / name
    rates, moved, page = (folder / f"{mark}{each}" for each in (RATES, CHANGES, PAGE))
    facts = _facts(settings, asked, looks, tallies, changes, (rates.name, moved.name, page.name))
    over = page.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace(rates, to_csv(rates_table(asked.basis, tallies)))
        changes.write(moved)
        replace(page, replay_page(facts, settings.reports.templates).encode("utf-8"))
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written to ({error.strerror}). Name another with --folder.") from None
    return Replayed(answer(facts), (page, rates, moved), facts.what_if, over)


def rates_table(basis: str, tallies: Tallies) -> pd.DataFrame:
    """Return every measure at every step, one row each, in the order they are known, by step, then measure."""
    order = {measure: place for place, measure in enumerate(tallies.measures())}
    found = sorted(tallies, key=lambda each: (each.look.known != Known.THEN, each.step.ends, order[each.measure]))
    return pd.DataFrame([_rate(basis, each) for each in found], columns=list(HEADER), dtype=object)


def _rate(basis: str, tally: Tally) -> tuple[object, ...]:
    look, step, share = tally.look, tally.step, tally.share
    interval = wilson(share)
    counted = [tally.counts[str(place)] for place in (Place.EXCLUDED, Place.NOT_YET_DUE, Place.UNDETERMINED)]
    rate = ("", "", "") if interval is None else (share.x / share.n, interval.lower, interval.upper)
    numbers: tuple[object, ...] = (sum(tally.counts.values()), *counted, share.n, share.x, *rate)
    return (
        basis, str(look.known), step.name, str(step.first), str(step.last), _utc(look.as_at), _utc(look.known_at),
        "" if look.run is None else look.run, tally.measure, tally.title,
        *(("",) * len(numbers) if tally.why else numbers), tally.why,
    )  # fmt: skip


def _utc(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _facts(
    settings: Settings, asked: Asked, looks: Sequence[Look], tallies: Tallies, changes: Changes, files: Sequence[str]
) -> ReplayFacts:
    known = [each for each in Known if each in {look.known for look in looks}]
    now = [look.known_at for look in looks if look.known is Known.NOW]
    return ReplayFacts(
        force=settings.force.name,
        marking=settings.force.marking,
        zone=settings.zone,
        every=str(asked.every),
        first=asked.first,
        last=asked.last,
        known=[str(each) for each in known],
        what_if=asked.rules.resolve().name if asked.rules else "",
        whose=_whose(asked),
        known_at=now[0] if now else None,
        code_version=__version__,
        measures=[_measure(asked, each, known, tallies, looks) for each in tallies.measures()],
        moved=list(_moved(asked, looks, changes)),
        files=files,
    )


def _whose(asked: Asked) -> str:
    if asked.from_ledger:
        return "those the ledger kept"
    return "the source’s, as they are now" if asked.source else f"those of the files in {asked.records_name}"


def _measure(asked: Asked, key: str, known: Sequence[Known], tallies: Tallies, looks: Sequence[Look]) -> Measure:
    found = {(each.look.known, each.step.name): each for each in tallies if each.measure == key}
    by_step: dict[str, dict[Known, Look]] = {}
    for look in looks:
        by_step.setdefault(look.step.name, {})[look.known] = look
    rows = [
        Row(
            step_words(next(iter(of.values())).step, asked.every),
            axis_label(next(iter(of.values())).step, asked.every),
            [_cell(found.get((each, step)), of[each]) for each in known],
        )
        for step, of in by_step.items()
    ]
    title = next(each.title for each in found.values())
    return Measure(key, title, rows)


def _cell(tally: Tally | None, look: Look) -> Cell:
    if tally is None:
        tally = Tally(look, "", RULE, why="The rule is not in the pack of that run.")
    return Cell(tally.share, look.as_at, look.run, tally.why)


def _moved(asked: Asked, looks: Sequence[Look], changes: Changes) -> Iterator[Moved]:
    first = {look.known: look.step.name for look in reversed(looks)}
    for look in looks:
        if look.step.name == first[look.known]:
            continue
        turned = changes.turned[look.known, look.step.name]
        turns = [(f"{rule} {OUTCOMES[old]} → {OUTCOMES[new]}", count) for (rule, old, new), count in biggest(turned, 3)]
        yield Moved(step_words(look.step, asked.every), str(look.known), sum(turned.values()), turns)


def step_words(step: Step, every: Every) -> str:
    """Return a step in words: a month by name, a week by its first day; one cut short, by its days."""
    if every is Every.DAY:
        return long_date(step.last)
    days = (step.last - step.first).days + 1
    if every is Every.WEEK and days == 7:
        return f"week of {long_date(step.first)}"
    if every is Every.MONTH and step.first.day == 1 and (step.last + dt.timedelta(days=1)).day == 1:
        return f"{MONTHS[step.first.month - 1]} {step.first.year}"
    return f"{long_date(step.first)} to {long_date(step.last)}"


def axis_label(step: Step, every: Every) -> tuple[str, str]:
    """Return a step as two short lines."""
    month = MONTHS[step.last.month - 1][:3]
    return (month, str(step.last.year)) if every is Every.MONTH else (f"{step.last.day} {month}", str(step.last.year))
