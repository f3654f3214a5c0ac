"""Judging again: one past run, a period, two runs beside each other; and who asked for it."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dacompliance.cli.common import (
    CONFIG,
    ConfigOption,
    WhyOption,
    day,
    local_instant,
    noted,
    now,
    refuse_given,
    settings_of,
)
from dacompliance.errors import UsageError

if TYPE_CHECKING:
    from dacompliance.replaying.looks import Known
    from dacompliance.replaying.steps import Every

app = typer.Typer()

PERIOD_ONLY: Final = dict.fromkeys(
    ("every", "known", "rules", "records", "known_to", "source", "folder"),
    "is of a period, and a run is judged again by what it was made with. Drop it, or name --from and --to",
)
RUN_ONLY: Final = {"export": "is of a run; a period writes its files into a folder. Drop it, or name one with --folder"}
"""Options of `replay` that go with one of its two forms, and what is said of one given with the other."""

RunArgument = Annotated[int | None, typer.Argument(help="The run's number: see `dacompliance runs`.")]


@app.command()
def replay(
    context: typer.Context,
    run: RunArgument = None,
    config: ConfigOption = CONFIG,
    export: Annotated[Path | None, typer.Option("--export", help="Of a run: write every verdict to this CSV.")] = None,
    first: Annotated[str, typer.Option("--from", help="Of a period: its first day, such as 2025-11-01.")] = "",
    last: Annotated[str, typer.Option("--to", help="Its last day, included.")] = "",
    every: Annotated[str, typer.Option("--every", help="Its steps: day, week or month.")] = "month",
    known: Annotated[str, typer.Option("--known", help="As known then, as known now, or both.")] = "",
    rules: Annotated[Path | None, typer.Option("--rules", help="What if these rules had been in force?")] = None,
    records: Annotated[
        Path | None, typer.Option("--records", help="A folder of CSV or Parquet files, instead of the ledger.")
    ] = None,
    known_to: Annotated[str | None, typer.Option("--known-to", help="To when those files are known.")] = None,
    source: Annotated[bool, typer.Option("--source", help="The records as the source has them now.")] = False,
    why: Annotated[str, typer.Option("--why", help="What for: kept, with who and when; a period asks for it.")] = "",
    folder: Annotated[Path | None, typer.Option("--folder", help="Write here instead of reports.folder.")] = None,
) -> None:
    """Judge a past run again from the ledger alone, or a period step by step; exit code 9 if a run's verdicts differ.

    A run is compared verdict by verdict, and each difference is told with its cause. A period is written as rates over
    time, what changed from step to step, and a page; the ledger keeps who asked, when and why.
    """
    if (run is None) == (not first and not last):
        raise UsageError('name a run ("replay 17"), or a period ("replay --from 2025-11-01 --to 2026-10-31").')
    refuse_given(context, PERIOD_ONLY if run is not None else RUN_ONLY)
    if run is not None:
        _run(config, run, export, why)
        return
    from dacompliance.progress import Bars
    from dacompliance.replaying.asking import Asked
    from dacompliance.replaying.period import replay_period

    settings = settings_of(config)
    asked = Asked(
        first=day("--from", first),
        last=day("--to", last),
        every=_every(every),
        known=_known(known, from_ledger=not source and records is None),
        who=getpass.getuser(),
        why=why,
        rules=rules,
        records=records,
        known_to=local_instant(known_to, settings),
        source=source,
        folder=None if folder is None else folder.resolve(),
    )
    with Bars() as bars:
        replayed = replay_period(settings, asked, now=now(), progress=bars.rows)
    for line in replayed.lines():
        print(line)


def _run(config: Path, run: int, export: Path | None, why: str) -> None:
    from dacompliance.replaying import replay as judge_again

    settings = settings_of(config)
    noted(settings, f"replay run {run}" + (" and export its verdicts" if export is not None else ""), why)
    again = judge_again(settings, run, None if export is None else export.resolve())
    for line in again.lines():
        print(line)
    again.insist()


def _every(text: str) -> Every:
    from dacompliance.replaying.steps import Every

    try:
        return Every(text)
    except ValueError:
        raise UsageError("--every: is none of day, week and month. Write one of them.") from None


def _known(text: str, *, from_ledger: bool) -> tuple[Known, ...]:
    """Read how the period is to be known; left out, both from the ledger and now from anything else."""
    from dacompliance.replaying.looks import Known

    words = {"then": (Known.THEN,), "now": (Known.NOW,), "both": (Known.THEN, Known.NOW)}
    found = words.get(text or ("both" if from_ledger else "now"))
    if found is None:
        raise UsageError("--known: is none of then, now and both. Write one of them.")
    return found


@app.command()
def compare(
    first: Annotated[int, typer.Argument(help="The run to begin from.")],
    second: Annotated[
        int | None, typer.Argument(help="The run to hold to it; left out, the first one judged again now.")
    ] = None,
    config: ConfigOption = CONFIG,
    export: Annotated[Path | None, typer.Option("--export", help="Write each verdict that moved to this CSV.")] = None,
    why: WhyOption = "",
) -> None:
    """Say which verdicts moved from one run to another, or to its replay: from what to what, and why; and the rates."""
    from dacompliance.ledger.access import Access
    from dacompliance.replaying.comparing import compare as hold_together

    other = "its replay" if second is None else f"run {second}"
    entry = Access(now(), getpass.getuser(), f"compare run {first} with {other}", why)
    path = None if export is None else export.resolve()
    for line in hold_together(settings_of(config), first, second, entry=entry, export=path).lines():
        print(line)


@app.command()
def access(
    config: ConfigOption = CONFIG,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = 50,
) -> None:
    """List who replayed or exported what, when and why, newest first."""
    from dacompliance.desk.lists import access_lines

    for line in access_lines(settings_of(config), limit):
        print(line)
