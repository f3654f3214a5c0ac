"""What the ledger says: pages, runs, one case, the backlog."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from dacompliance.cli.common import CONFIG, ConfigOption, WhyOption, noted, now, settings_of

app = typer.Typer()


@app.command()
def report(
    config: ConfigOption = CONFIG,
    run: Annotated[
        int | None, typer.Option("--run", help="Report on this run; left out, the last checked one.")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--folder", help="Write here instead of reports.folder.")] = None,
    why: WhyOption = "",
) -> None:
    """Write a site of pages and CSV files about a run, from the ledger alone; it needs no server and no script.

    index.html is the overview. Each team's own page and cases are in a folder of its own under teams.
    """
    from dacompliance.progress import Bars
    from dacompliance.publishing import publish

    settings = settings_of(config)
    noted(settings, f"report on {_which(run)}", why)
    with Bars(unit=" files") as bars:
        written = publish(settings, run_id=run, folder=folder, progress=bars.rows)
    print(f"{written[0]} and {len(written) - 1:,} more pages and files.")


@app.command()
def doctor(config: ConfigOption = CONFIG) -> None:
    """Say what is wrong with a set-up and how to mend it; write and send nothing.

    Looked at: the configuration, the rules, the ledger, the source's grants and every record, mail. The exit code is 0
    where all is fine, 10 for warnings only, 11 where something keeps a check or its mail from working.
    """
    from dacompliance.doctor import Level, examine, exit_code
    from dacompliance.notices.words import count
    from dacompliance.progress import Bars

    levels: list[Level] = []
    with Bars() as bars:
        for finding in examine(config, os.environ, now=now(), progress=bars.rows):
            levels.append(finding.level)
            print("\n".join(finding.lines()), flush=True)
    print(f"{count(levels.count(Level.FAULT), 'fault')}, {count(levels.count(Level.WARNING), 'warning')}.")
    raise typer.Exit(exit_code(levels))


@app.command()
def sample(
    config: ConfigOption = CONFIG,
    number: Annotated[int, typer.Option("--n", min=1, help="How many verdicts are drawn.")] = 30,
    seed: Annotated[int, typer.Option("--seed", help="The same seed draws the same again.")] = 1,
    run: Annotated[int | None, typer.Option("--run", help="Of this run; left out, the last checked one.")] = None,
    out: Annotated[Path, typer.Option("--out", help="Write them to this CSV file.")] = Path("sample.csv"),
    score: Annotated[Path | None, typer.Option("--score", help="Score this filled-in file instead.")] = None,
    by: Annotated[str, typer.Option("--by", help="With --score: who looked.")] = "",
    why: WhyOption = "",
) -> None:
    """Draw verdicts at random for a person to judge, or score what they made of them.

    Look each case up in the records system and write yes or no under agree. The score is kept, and reports show it.
    """
    from dacompliance.desk.samples import score_sample, write_sample

    settings = settings_of(config)
    if score is not None:
        print(score_sample(settings, score, by=by, now=now()))
    else:
        noted(settings, f"sample {number} verdicts of {_which(run)}", why)
        print(write_sample(settings, size=number, seed=seed, run_id=run, path=out))


@app.command()
def runs(
    config: ConfigOption = CONFIG,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = 20,
) -> None:
    """List the runs of the ledger, newest first: as-at, what was checked, what came of it."""
    from dacompliance.desk.lists import run_lines

    for line in run_lines(settings_of(config), limit):
        print(line)


@app.command()
def explain(
    incident: Annotated[str, typer.Argument(help="The incident's reference, or the occurrence's.")],
    config: ConfigOption = CONFIG,
    page: Annotated[Path | None, typer.Option("--page", help="Write it as a page to this HTML file instead.")] = None,
    why: WhyOption = "",
) -> None:
    """Tell the story of one incident from the ledger: what was recorded, every clock, verdict, event and e-mail."""
    from dacompliance.desk.stories import story_lines, story_page

    settings = settings_of(config)
    if page is not None:
        noted(settings, f"explain {incident} as a page", why)
    told = story_lines(settings, incident) if page is None else [story_page(settings, incident, page.resolve())]
    for line in told:
        print(line)


@app.command()
def backlog(
    config: ConfigOption = CONFIG,
    export: Annotated[Path | None, typer.Option("--export", help="List them in this CSV file.")] = None,
    why: WhyOption = "",
) -> None:
    """Count the cases of incidents reported before chase_from: measured, and neither chased nor mailed."""
    from dacompliance.desk.lists import backlog_lines

    settings = settings_of(config)
    if export is not None:
        noted(settings, "export the backlog", why)
    for line in backlog_lines(settings, None if export is None else export.resolve()):
        print(line)


def _which(run: int | None) -> str:
    return "the last checked run" if run is None else f"run {run}"
