"""Lines for a terminal: runs, and the backlog. Everything comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dacompliance.config import Settings
from dacompliance.errors import UsageError
from dacompliance.exceptions.words import outcome
from dacompliance.ledger import access, casework, history, runs
from dacompliance.ledger.database import reading
from dacompliance.policy.files import load_pack
from dacompliance.reporting.verdicts_csv import write_verdicts


def run_lines(settings: Settings, limit: int) -> Iterator[str]:
    """Yield a line a run, newest first, after a heading."""
    with reading(settings.ledger.url.get_secret_value()) as connection:
        found = runs.runs(connection, limit=limit)
    if not found:
        yield "No run yet. Run `dacompliance check` first."
        return
    yield "  run  job          as at (local)     rules incidents  overdue opened closed"
    for run in found:
        counts = run.counts
        yield (
            f"{run.id:>5}  {run.job:<12} {run.as_at.astimezone(settings.zone):%Y-%m-%d %H:%M}  "
            f"{sum(each.state == 'checked' for each in run.rules.values()):>5} {counts.get('incidents', 0):>9,} "
            f"{counts.get('verdicts_breached', 0):>8,} "
            f"{counts.get('exceptions_opened', 0) + counts.get('exceptions_reopened', 0):>6,} "
            f"{counts.get('exceptions_closed', 0):>6,}"
        )


def backlog_lines(settings: Settings, export: Path | None) -> Iterator[str]:
    """Yield how many cases are overdue or cannot be judged and are not chased, by rule; with `export`, list them in it.

    They are those of incidents reported before `rules.chase_from`: no exception is opened for them.
    """
    pack = load_pack(settings.rules.folder, settings.own_columns)
    chased = [rule.id for rule in pack.rules if rule.chase]
    with reading(settings.ledger.url.get_secret_value()) as connection:
        last = runs.latest(connection)
        if last is None:
            raise UsageError("nothing has been checked yet. Run `dacompliance check` first.")
        said = history.verdicts_at(connection, last.id)
        open_now = {each.identity for each in casework.standings(connection).values() if each.is_open}
    found = said[said["outcome"].isin(("breached", "undetermined")) & said["rule_id"].isin(chased)]
    is_open = [identity in open_now for identity in zip(found["rule_id"], found["item_ref"], strict=True)]
    backlog = found[~np.array(is_open, dtype=bool)]
    yield f"Reported before {settings.chase_from}, measured and not chased: {len(backlog):,} (run {last.id})."
    for (rule_id, code), rows in backlog.groupby(["rule_id", "outcome"]):
        yield f"  {rule_id}  {len(rows):,} {outcome(str(code))}"
    if export is not None:
        yield f"Listed in {write_verdicts(export, backlog, last.as_at)}."


def access_lines(settings: Settings, limit: int) -> Iterator[str]:
    """Yield a line an entry of who replayed or exported what, newest first."""
    with reading(settings.ledger.url.get_secret_value()) as connection:
        found = access.entries(connection, limit)
    if not found:
        yield "Nobody has replayed or exported anything yet."
    for each in found:
        at = each.at.astimezone(settings.zone)
        yield f"{at:%Y-%m-%d %H:%M}  {each.who}: {each.what}. Why: {each.why or 'not said'}"
