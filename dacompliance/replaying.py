"""A past run judged again, from the ledger alone, and held to what was said then. Writes nothing but an export."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dacompliance.audit.past import differences, past_run
from dacompliance.config import Settings
from dacompliance.errors import ReplayError
from dacompliance.ledger import history
from dacompliance.ledger.database import reading
from dacompliance.reporting.verdicts_csv import write_verdicts

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of judging a run again: how many verdicts stood, and the rule and item of each that differs now."""

    run_id: int
    as_at: dt.datetime
    said: int
    differ: tuple[tuple[str, str], ...]
    exported: Path | None = None

    def answer(self) -> str:
        """Return the answer in one line."""
        return (
            f"Run {self.run_id}, as at {self.as_at:%Y-%m-%d %H:%M} local time, judged again: "
            f"{len(self.differ):,} of {self.said:,} verdicts that apply differ."
        )

    def lines(self) -> Iterator[str]:
        """Yield the answer, and the first of what differs."""
        yield self.answer()
        for rule_id, item_ref in self.differ[:SHOWN]:
            yield f"  {rule_id} {item_ref}"
        if len(self.differ) > SHOWN:
            yield f"  and {len(self.differ) - SHOWN:,} more"
        if self.exported is not None:
            yield f"Verdicts written to {self.exported}."

    def insist(self) -> None:
        """Raise ReplayError unless everything was said again."""
        if self.differ:
            raise ReplayError(f"run {self.run_id}: what was said then is not what is said of the same records now.")


def replay(settings: Settings, run_id: int, export: Path | None = None) -> Replay:
    """Judge a run again by the records, rules and settings it was made with, and compare verdict by verdict.

    The rules it did not check are left out on both sides. Raises LedgerError for a run that is not there.
    """
    with reading(settings.ledger.url.get_secret_value()) as connection:
        past = past_run(connection, run_id)
        said = history.verdicts_at(connection, run_id)
    checked = {rule_id for rule_id, each in past.run.rules.items() if each.state == "checked"}
    said = said[said["rule_id"].isin(checked)]
    again = past.judged_again().frame()
    differ = differences(said, again)
    return Replay(
        run_id,
        past.run.as_at.astimezone(past.zone),
        len(said),
        tuple(differ.itertuples(index=False, name=None)),
        None if export is None else write_verdicts(export, again, past.run.as_at),
    )
