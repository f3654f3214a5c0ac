"""A past run judged again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dacompliance.cli.common import CONFIG, ConfigOption, settings_of

app = typer.Typer()


@app.command()
def replay(
    run: Annotated[int, typer.Argument(help="The run's number: see `dacompliance runs`.")],
    config: ConfigOption = CONFIG,
    export: Annotated[Path | None, typer.Option("--export", help="Write every verdict to this CSV file.")] = None,
) -> None:
    """Judge a past run again from the ledger alone, and compare verdict by verdict; exit code 9 if any differ."""
    from dacompliance.replaying import replay as judge_again

    again = judge_again(settings_of(config), run, None if export is None else export.resolve())
    for line in again.lines():
        print(line)
    again.insist()
