"""By what each step of a period is judged: as at when, by what was known when, by which rules. Reads the ledger only.

*As known then*: the run that spoke for the step is judged again, by its own records and rules: the first run after the
step was over, before the next one is; where there is none, the last run before. Without either nothing was known, and
that is refused. *As known now*: the records and rules of the newest run, or of the source as it is, as at the end of
the step; beside *then*, as at the same instant as that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from dacompliance.audit.past import Terms, past_terms
from dacompliance.errors import LedgerError, UsageError
from dacompliance.judging.checking import Checked, check
from dacompliance.ledger import runs
from dacompliance.localtime import micros
from dacompliance.policy.model import Pack
from dacompliance.records.table import Records
from dacompliance.replaying.steps import Step

TERMS_KINDS: Final = frozenset({"rules", "settings"})
"""The kinds of documents that a run's rules and settings are."""


class Known(StrEnum):
    """What we knew: what was known at the time, or what is known now."""

    THEN = "then"
    NOW = "now"


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One judgement of one step. `run` is whose records are judged, None for the source's; `untrusted` are sets.

    `held` are rules left alone, with why. Rules published and holidays announced by `known_at` count. `settings` are
    those the run kept, None without a run.
    """

    step: Step
    known: Known
    as_at: dt.datetime
    known_at: dt.datetime
    pack: Pack = field(repr=False)
    completion_rule: str
    zone: ZoneInfo
    run: int | None = None
    untrusted: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] | None = None

    def judge(self, records: Records) -> Checked:
        """Judge records as this look does."""
        checked = check(records, self.pack, micros(self.as_at), self.zone, self.untrusted, micros(self.known_at))
        return checked.hold(self.held)


def as_known_then(
    connection: sa.Connection, steps: Sequence[Step], pack: Pack | None, zone: ZoneInfo
) -> tuple[Look, ...]:
    """Return the look of each step by the run that spoke for it; `pack` takes the place of the rules of then.

    Raises LedgerError for a step before the first run.
    """
    known = [each for each in reversed(runs.runs(connection, limit=None)) if each.checked and not each.second_look]
    terms = _Terms(connection)
    return tuple(_of_run(step, terms.of(_speaker(step, known, zone)), pack) for step in steps)


def _speaker(step: Step, known: Sequence[runs.Run], zone: ZoneInfo) -> int:
    """Return the run that spoke for a step."""
    after = next((run.id for run in known if step.ends <= run.as_at < step.next_ends), None)
    before = next((run.id for run in reversed(known) if run.as_at < step.ends), None)
    found = before if after is None else after
    if found is None:
        raise LedgerError(_nothing_known(step, known, zone))
    return found


def _nothing_known(step: Step, known: Sequence[runs.Run], zone: ZoneInfo) -> str:
    if not known:
        return "--known then: there is no run yet, so nothing was known. Replay as known now: --known now."
    first = known[0].as_at.astimezone(zone)
    return (
        f"--known then: nothing was known at the end of {step.name}: the first run is as at {first:%Y-%m-%d %H:%M}. "
        "Begin later, or replay as known now: --known now."
    )


def _of_run(step: Step, terms: Terms, pack: Pack | None) -> Look:
    """Return the look of the run itself; with other rules it holds none back."""
    run = terms.run
    return Look(
        step,
        Known.THEN,
        run.as_at,
        run.as_at,
        terms.pack if pack is None else pack,
        terms.settings["rules"]["completion_rule"],
        terms.zone,
        run.id,
        terms.untrusted,
        terms.left_alone if pack is None else {},
        terms.settings,
    )


def as_known_now(
    connection: sa.Connection, steps: Sequence[Step], pack: Pack | None, instants: Sequence[dt.datetime], zone: ZoneInfo
) -> tuple[Look, ...]:
    """Return the look of each step by what the newest run knew, as at `instants`.

    Raises LedgerError without a run, UsageError for a step that ends after what it knew.
    """
    last = runs.last_whole(connection)
    if last is None:
        raise LedgerError(
            "ledger: no run has checked anything yet. Replay the source itself (--source), or files (--records FOLDER)."
        )
    terms = past_terms(connection, last.id)
    look = replace(_of_run(steps[0], terms, pack), known=Known.NOW, held={})
    return at_each(look, steps, instants, last.as_at, zone)


def at_each(
    look: Look, steps: Sequence[Step], instants: Sequence[dt.datetime], known_to: dt.datetime, zone: ZoneInfo
) -> tuple[Look, ...]:
    """Return the look at each step as at its instant. Raises UsageError for one that the records are not known to."""
    for step, instant in zip(steps, instants, strict=True):
        if instant > known_to:
            local = known_to.astimezone(zone)
            day = local.date() - dt.timedelta(days=1)
            raise UsageError(
                f"--to: {step.name} ends after the records are known to, {local:%Y-%m-%d %H:%M} local time; nothing "
                f"later can be judged without its evidence. Name a day no later than {day}."
            )
    return tuple(replace(look, step=step, as_at=instant) for step, instant in zip(steps, instants, strict=True))


class _Terms:
    """What runs were judged by; a pack that many runs share is read once."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._packs: dict[frozenset[tuple[str, str, str]], Terms] = {}

    def of(self, run_id: int) -> Terms:
        papers = runs.digests(self._connection, run_id)
        texts = frozenset((kind, name, digest) for (kind, name), digest in papers.items() if kind in TERMS_KINDS)
        if texts not in self._packs:
            self._packs[texts] = past_terms(self._connection, run_id)
        return replace(self._packs[texts], run=runs.run(self._connection, run_id))
