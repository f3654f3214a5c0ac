"""Look at the rules, run their worked cases, and try a new one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dacompliance.cli.common import CONFIG, ConfigOption, day, now, settings_of

if TYPE_CHECKING:
    from dacompliance.desk.rules import Book

app = typer.Typer(help="Look at the rules, and run their worked cases.", no_args_is_help=True)

PackOption = Annotated[
    Path | None,
    typer.Option("--rules", help="A folder of rules; left out, the configuration's, else the bundled pack."),
]


def _book(config: Path, folder: Path | None) -> Book:
    """Open the pack of `folder`, else the configuration's; without a configuration, the bundled one."""
    from dacompliance.desk.rules import open_book

    there = config != CONFIG or config.exists()
    return open_book(folder, settings_of(config) if there else None)


@app.command("list")
def rules_list(config: ConfigOption = CONFIG, folder: PackOption = None) -> None:
    """List every rule: chased or measured, its limit today, who acts, who approved it, and why it is off if it is."""
    from dacompliance.desk.rules import list_lines

    for line in list_lines(_book(config, folder), now().date()):
        print(line)


@app.command("show")
def rules_show(
    rule: Annotated[str, typer.Argument(help="The rule's id, such as REF-01.")],
    config: ConfigOption = CONFIG,
    folder: PackOption = None,
) -> None:
    """Say in plain English what one rule asks, its versions, source and approval."""
    from dacompliance.desk.rules import show_lines

    for line in show_lines(_book(config, folder), rule):
        print(line)


@app.command("check")
def rules_check(config: ConfigOption = CONFIG, folder: PackOption = None) -> None:
    """Read every file of the pack, and warn of what would surprise somebody later; a file at fault is exit code 4.

    Warned of: destinations nobody refers to, calendars without next year, unapproved versions, missing worked cases.
    """
    from dacompliance.desk.rules import check_lines

    for line in check_lines(_book(config, folder), now().date()):
        print(line)


@app.command("test")
def rules_test(config: ConfigOption = CONFIG, folder: PackOption = None) -> None:
    """Run every worked case of every rule file; a wrong one is named, and the exit code is 4."""
    from dacompliance.desk.rules import case_lines

    for line in case_lines(_book(config, folder)):
        print(line)


@app.command("preview")
def rules_preview(
    file: Annotated[Path, typer.Argument(help="The rule file to try, in the pack or not yet.")],
    first: Annotated[str, typer.Option("--from", help="The first day of report, such as 2026-08-01.")],
    last: Annotated[str, typer.Option("--to", help="The last day of report, included.")],
    config: ConfigOption = CONFIG,
    from_ledger: Annotated[
        bool, typer.Option("--from-ledger", help="Judge the records of the last run; left out, the source is read.")
    ] = False,
    export: Annotated[Path | None, typer.Option("--export", help="Write each verdict that moves to this CSV.")] = None,
) -> None:
    """Say which verdicts a rule file would change, from what to what. Nothing is kept, opened or sent."""
    from dacompliance.desk.preview import Period, preview_lines
    from dacompliance.progress import Bars

    period = Period(day("--from", first), day("--to", last))
    path = None if export is None else export.resolve()
    with Bars() as bars:
        lines = list(
            preview_lines(
                settings_of(config), file, period, now=now(), from_ledger=from_ledger, export=path, progress=bars.rows
            )
        )
    for line in lines:
        print(line)
