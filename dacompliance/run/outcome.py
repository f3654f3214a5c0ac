"""What came of a run, as it is told to whoever started it: counts and references, never a record's value."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from dacompliance.exceptions.model import Event, EventKind
from dacompliance.judging.checking import Status
from dacompliance.judging.outcomes import Outcome
from dacompliance.records.contract import Finding

STANDING: Final = {
    "waived": "waived, still not compliant",
    "suspended": "suspended, for their rule is switched off",
    "disputed": "disputed",
    "owners_unit_instead": "with the unit for want of a supervisor",
    "owners_fallback": "with the fallback for want of anybody",
}
"""What a run says of the open exceptions, by the name of the count."""

_TOLD: Final = (
    *(Outcome.MET, Outcome.LATE, Outcome.PENDING, Outcome.BREACHED),
    *(Outcome.UNDETERMINED, Outcome.NOT_APPLICABLE),
)
"""The outcomes in the order in which a run counts them."""


@dataclass(frozen=True, slots=True, eq=False)
class RunResult:
    """What came of a run. `run_id` is None for a run that wrote nothing."""

    run_id: int | None
    as_at: dt.datetime
    status: Mapping[str, Status]
    counts: Mapping[str, int]
    exported: Path | None = None
    notices: int = 0
    note: str = ""

    @classmethod
    def left_alone(cls, note: str, now: dt.datetime) -> RunResult:
        """Make the result of a run that did not happen, because its slot is not ours."""
        return cls(None, now, {}, {}, note=note)

    @property
    def checked(self) -> bool:
        """True when at least one rule was checked."""
        return any(each.state == "checked" for each in self.status.values())

    def with_events(self, events: Iterable[Event], standing: Mapping[str, int]) -> RunResult:
        """Return the result with what the run changed counted, and how the exceptions stand after it."""
        kinds = Counter(each.kind for each in events)
        changed = {f"exceptions_{kind}": kinds[kind] for kind in EventKind if kinds[kind]}
        return replace(self, counts={**self.counts, **changed, **standing})

    def summary(self, zone: ZoneInfo) -> str:
        """Return what a person should see at the end of a run, a line a fact, in the local time of `zone`."""
        return "\n".join(self._lines(zone))

    def _lines(self, zone: ZoneInfo) -> Iterator[str]:
        if self.note:
            yield f"Note: {self.note}."
        if not self.status:
            return
        named = "not kept" if self.run_id is None else f"run {self.run_id}"
        counts = self.counts
        yield f"As at {self.as_at.astimezone(zone):%Y-%m-%d %H:%M} ({named}): {counts['incidents']:,} incidents judged."
        yield (
            f"Set aside or without an incident: {counts['set_aside']:,} rows. "
            f"Cells that cannot be read: {counts['unreadable']:,}."
        )
        words = (each.word for each in _TOLD)
        yield (
            "Verdicts: " + ", ".join(f"{counts[f'verdicts_{word}']:,} {word.replace('_', ' ')}" for word in words) + "."
        )
        changed = [f"{counts[f'exceptions_{kind}']:,} {kind}" for kind in EventKind if counts.get(f"exceptions_{kind}")]
        if self.run_id is not None:
            yield "Exceptions: " + (", ".join(changed) or "nothing changed") + f". Notices queued: {self.notices}."
            yield from self._standing()
        if any(each.state == "not_asked" for each in self.status.values()):
            asked = [rule_id for rule_id, each in self.status.items() if each.state != "not_asked"]
            yield f"A second look at {', '.join(asked)} only."
        for rule_id, each in self.status.items():
            if each.state not in ("checked", "not_asked"):
                yield f"{rule_id} {each.state.replace('_', ' ')}: {each.why}."
        if self.exported is not None:
            yield f"Verdicts written to {self.exported}."

    def _standing(self) -> Iterator[str]:
        said = {name: self.counts[name] for name in STANDING if self.counts.get(name)}
        if said:
            yield (
                "Of the open ones: " + ", ".join(f"{number:,} {STANDING[name]}" for name, number in said.items()) + "."
            )
        if backlog := self.counts.get("backlog"):
            yield f"Backlog, measured and not chased: {backlog:,}. `dacompliance backlog` lists them."


def counts(findings: pd.DataFrame, sizes: Mapping[str, int], outcomes: Mapping[str, int]) -> dict[str, int]:
    """Return what went in and what came out, as counts: rows, findings by what they mean, verdicts by outcome."""
    found = Counter(Finding(word) for word in findings["finding"])
    return {
        **{name: sizes[name] for name in ("incidents", "assessments", "referrals", "rows_usable")},
        "set_aside": sum(number for finding, number in found.items() if finding.sets_aside),
        "unreadable": sum(number for finding, number in found.items() if finding.is_unreadable),
        "noted": sum(n for finding, n in found.items() if not (finding.sets_aside or finding.is_unreadable)),
        **{f"verdicts_{outcome.word}": outcomes[outcome.word] for outcome in _TOLD},
    }
