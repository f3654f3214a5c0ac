"""Two runs beside each other, or a run and its replay: which verdicts moved, from what to what, why; and the rates."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import sqlalchemy as sa

from dacompliance.audit.alike import moved_since
from dacompliance.audit.causes import WORDS, Cause, Doubt, Identity
from dacompliance.audit.difference import IDENTITY, SIDES, moved, turns
from dacompliance.audit.inputs import Inputs, why
from dacompliance.audit.past import PastRun
from dacompliance.config import Settings
from dacompliance.exceptions.words import OUTCOMES
from dacompliance.judging.completion import COMPLETION
from dacompliance.judging.measures import Counting, Share
from dacompliance.ledger import access, figures, history, runs
from dacompliance.ledger.database import open_ledger
from dacompliance.replaying.again import SETTINGS_KINDS, SHOWN, again, doubt
from dacompliance.reporting.verdicts_csv import instants, write_table
from dacompliance.run.measuring import COMPLETION_KEY

Rate = tuple[str, Share, Share]
JUDGED: Final = ("met", "late", "breached", "undetermined")
_TIMES: Final = tuple(f"{name}_{side}" for name in ("due_at", "done_at") for side in SIDES)


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two: a run, what it said, what is said of the same now, where these are unlike, what is in doubt."""

    past: PastRun
    said: pd.DataFrame
    again: pd.DataFrame
    unlike: pd.DataFrame
    about: Doubt
    papers: Mapping[tuple[str, str], str]
    completion: Share | None

    def words(self) -> str:
        """Return the run in words."""
        run = self.past.run
        local = run.as_at.astimezone(self.past.zone)
        return f"run {run.id} (as at {local:%Y-%m-%d %H:%M}, dacompliance {run.code_version})"


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What came of it: every verdict that moved with its causes, the rates of both, and the rules left out."""

    one: str
    other: str
    inputs: tuple[str, ...]
    found: pd.DataFrame
    causes: Mapping[Identity, tuple[Cause, ...]]
    rates: tuple[Rate, ...]
    left_out: tuple[str, ...]
    exported: Path | None = None

    def lines(self) -> Iterator[str]:
        """Yield what a person should see: what differs, how many moved, why, from what to what, and the rates."""
        yield f"Before: {self.one}. After: {self.other}."
        nothing = "nothing but the verdicts" if len(self.found) else ""
        if unlike := ", ".join(self.inputs) or nothing:
            yield f"Not the same in both: {unlike}."
        else:
            yield "All that they were made with is the same in both."
        if self.left_out:
            yield f"Left out, since one of them left the rule alone: {', '.join(self.left_out)}."
        yield f"{len(self.found):,} verdicts moved."
        for words, number in Counter(_joined(each) for each in self.causes.values()).most_common():
            yield f"  {number:>7,}  by {words}"
        yield from self._turns()
        yield from self._items()
        yield "Of those judged, in time or as it must be, before and after:"
        for name, before, after in self.rates:
            yield f"  {name:<12} {_rate(before):>22}  {_rate(after):>22}"
        if self.exported is not None:
            yield f"Each of them is in {self.exported}."

    def _turns(self) -> Iterator[str]:
        table = turns(self.found)
        for rule_id, old, new, number in table.itertuples(index=False, name=None):
            yield f"  {number:>7,}  {rule_id} {OUTCOMES[old]} -> {OUTCOMES[new]}"
        kept = len(self.found) - int(table["items"].sum())
        if kept:
            yield f"  {kept:>7,}  keep their outcome, with another due time, version or reason"

    def _items(self) -> Iterator[str]:
        columns = [*IDENTITY, "outcome_before", "outcome_after"]
        for rule_id, item_ref, old, new in self.found[columns].head(SHOWN).itertuples(index=False, name=None):
            why = " and ".join(self.causes[rule_id, item_ref])
            yield f"  {rule_id} {item_ref}: {OUTCOMES[old]} -> {OUTCOMES[new]}, by {why}"
        if len(self.found) > SHOWN:
            yield f"  and {len(self.found) - SHOWN:,} more: --export FILE lists them all"


def compare(
    settings: Settings, first: int, second: int | None, *, entry: access.Access, export: Path | None = None
) -> Comparison:
    """Compare two runs, or a run with its replay where `second` is None. Raises LedgerError for one that is not there.

    Rules that either run left alone are left out. The ledger keeps who asked, where it can be written.
    """
    with closing(open_ledger(settings.ledger.url.get_secret_value(), create=False)) as ledger:
        access.keep(ledger, entry)
        with ledger.read() as connection:
            one = _side(connection, first)
            other = one if second is None else _side(connection, second)
            changed = 0 if second is None else history.records_changed(connection, first, second)
    compared = _replayed(one) if second is None else _two(one, other, changed)
    exported = None if export is None else write_table(export, _table(compared))
    return Comparison(
        compared.one, compared.other, compared.inputs, compared.found, compared.causes, compared.rates,
        compared.left_out, exported,
    )  # fmt: skip


def _side(connection: sa.Connection, run_id: int) -> Side:
    past, kept, said = again(connection, run_id)
    once_more = past.judged_again()
    published = figures.figures_of(connection, run_id)
    return Side(
        past,
        said.frame(),
        once_more.frame(),
        moved_since(said, once_more),
        doubt(kept, past.run, said, once_more),
        runs.digests(connection, run_id),
        _completion(published, COMPLETION),
    )


def _completion(published: pd.DataFrame, how: Counting) -> Share | None:
    """Return completion of everything as a run published it, None where it did not."""
    whole = (published["measure"] == COMPLETION_KEY) & (published["period"] == "all")
    counts = dict(zip(published.loc[whole, "category"], published.loc[whole, "count"], strict=True))
    if not counts:
        return None
    hits, misses = (sum(int(counts.get(str(each), 0)) for each in some) for some in (how.hits, how.misses))
    return Share(hits, hits + misses)


def _replayed(side: Side) -> Comparison:
    """Compare a run with its replay: each difference has the causes a replay names."""
    found = side.unlike
    causes = {
        (rule_id, item_ref): side.about.of(rule_id, incident_ref, side.past.pack.rule(rule_id))
        for rule_id, item_ref, incident_ref in _identified(found)
    }
    rates = _rates(side.said, side.past.run.as_at, side.again, side.past.run.as_at)
    inputs = tuple(dict.fromkeys(cause for each in causes.values() for cause in each))
    return Comparison(side.words(), "the same, judged again now", inputs, found, causes, tuple(rates), ())


def _two(one: Side, other: Side, changed: int) -> Comparison:
    alone = sorted({*one.past.left_alone, *other.past.left_alone})
    said = [side.said[~side.said["rule_id"].isin(alone)] for side in (one, other)]
    found = moved(*said)
    rates = list(_rates(said[0], one.past.run.as_at, said[1], other.past.run.as_at))
    if one.completion is not None and other.completion is not None:
        rates.insert(0, (COMPLETION_KEY, one.completion, other.completion))
    return Comparison(
        one.words(), other.words(), tuple(_inputs(one, other, changed)), found, _causes(one, other, found),
        tuple(rates), tuple(alone),
    )  # fmt: skip


def _inputs(one: Side, other: Side, changed: int) -> Iterator[str]:
    """Yield what is not the same in both runs: the records by how many changed, documents by name, the instant."""
    if changed:
        yield f"records ({changed:,} of them)"
    names = sorted({*one.papers, *other.papers})
    for key in names:
        if one.papers.get(key) != other.papers.get(key):
            kind, name = key
            yield "settings" if kind in SETTINGS_KINDS else kind if kind == name else f"{kind} {name}"
    if one.past.run.as_at != other.past.run.as_at:
        yield "the instant"


def _causes(one: Side, other: Side, found: pd.DataFrame) -> dict[Identity, tuple[Cause, ...]]:
    """Return why each verdict moved: what is not said again by the program or the ledger, the rest by its inputs."""
    wanted = {(rule_id, item_ref): incident for rule_id, item_ref, incident in _identified(found)}
    causes: dict[Identity, tuple[Cause, ...]] = {}
    for side in (one, other):
        for rule_id, item_ref, incident in _identified(side.unlike):
            if (rule_id, item_ref) in wanted:
                causes[rule_id, item_ref] = side.about.of(rule_id, incident, side.past.pack.rule(rule_id))
    left = {each: incident for each, incident in wanted.items() if each not in causes}
    return causes | why(Inputs.of(one.past), Inputs.of(other.past), left, other.again)


def _identified(found: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    yield from found[[*IDENTITY, "incident_ref"]].itertuples(index=False, name=None)


def _rates(one: pd.DataFrame, at: dt.datetime, other: pd.DataFrame, later: dt.datetime) -> Iterator[Rate]:
    for rule_id in sorted({*one["rule_id"], *other["rule_id"]}):
        yield rule_id, _share(one[one["rule_id"] == rule_id], at), _share(other[other["rule_id"] == rule_id], later)


def _share(verdicts: pd.DataFrame, at: dt.datetime) -> Share:
    """Return what was met of what is judged: what applies, and is not due at the instant or later."""
    running = verdicts["due_at"] >= pd.Timestamp(at)
    judged = verdicts["outcome"].isin(JUDGED) & ~running
    return Share(int((judged & (verdicts["outcome"] == "met")).sum()), int(judged.sum()))


def _rate(share: Share) -> str:
    return f"{share.x:,} of {share.n:,}" + ("" if share.rate is None else f" ({100 * share.rate:.1f}%)")


def _joined(causes: tuple[Cause, ...]) -> str:
    return f"{' and '.join(causes)}: {WORDS[causes[0]]}" if len(causes) == 1 else " and ".join(causes)


def _table(compared: Comparison) -> pd.DataFrame:
    """Return every verdict that moved as text, with its causes."""
    found = compared.found
    causes = ["; ".join(compared.causes[pair]) for pair in zip(found["rule_id"], found["item_ref"], strict=True)]
    return found.assign(**{name: instants(found[name]) for name in _TIMES}, causes=causes)
