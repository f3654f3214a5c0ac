"""Lines for a terminal: runs, and one incident's story. Everything comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from dacompliance.config import Settings
from dacompliance.errors import UsageError
from dacompliance.ledger import casework, history, runs
from dacompliance.ledger.database import reading
from dacompliance.reporting.story import story


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


def story_lines(settings: Settings, number: str) -> Iterator[str]:
    """Yield the story of one incident, in order of time. Raises UsageError when the ledger knows no such reference."""
    with reading(settings.ledger.url.get_secret_value()) as connection:
        references = history.find_incidents(connection, number)
        if not references:
            raise UsageError("the ledger knows no incident or occurrence of that reference. Check the number.")
        told = [(ref, history.items_story(connection, ref), casework.events_of(connection, ref)) for ref in references]
    for reference, spells, events in told:
        yield from story(reference, spells, events, settings.zone)
