"""Look after the outbox: what is to be said, what became of it, and what is to be tried again."""

from __future__ import annotations

from typing import Annotated

import typer

from dacompliance.cli.common import CONFIG, ConfigOption, day, now, settings_of
from dacompliance.errors import UsageError

app = typer.Typer(help="Look at the outbox, and have what was not handed over tried again.", no_args_is_help=True)

Number = Annotated[int | None, typer.Argument(help="The notice's number: see `dacompliance notices list`.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every notice.")]


@app.command("list")
def notices_list(
    config: ConfigOption = CONFIG,
    state: Annotated[
        list[str] | None,
        typer.Option("--state", help="Only pending, claimed, handed-over, written, refused or dead; may be repeated."),
    ] = None,
    reader: Annotated[str | None, typer.Option("--reader", help="Only this reader's, by key: unit, staff:77.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only of this day on, such as 2026-11-02.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = 40,
) -> None:
    """List notices, newest first: for whom, of which kind, and what became of them. Addresses are not shown."""
    from dacompliance.desk.notices import notice_lines, state_of

    first = None if since is None else day("--since", since)
    states = tuple(state_of(each) for each in state or ())
    for line in notice_lines(settings_of(config), states=states, reader=reader, since=first, limit=limit):
        print(line)


@app.command("show")
def notices_show(
    number: Annotated[int, typer.Argument(help="The notice's number: see `dacompliance notices list`.")],
    config: ConfigOption = CONFIG,
    text: Annotated[bool, typer.Option("--text", help="Its plain part too: references only.")] = False,
) -> None:
    """Say what is known of one notice: its Message-ID, each message's tries, and the cases it has rows for."""
    from dacompliance.desk.notices import show_lines

    for line in show_lines(settings_of(config), number, text=text):
        print(line)


@app.command("retry")
def notices_retry(number: Number = None, every: AllOption = False, config: ConfigOption = CONFIG) -> None:
    """Have what was refused for good or given up tried afresh, under the same Message-ID, by the next send."""
    from dacompliance.desk.notices import retry

    print(retry(settings_of(config), _one_or_all(number, every=every), now=now()))


@app.command("release")
def notices_release(
    number: Number = None,
    every: AllOption = False,
    claimed: Annotated[
        bool, typer.Option("--claimed", help="What a sender known to be dead had claimed, too; it may go twice.")
    ] = False,
    config: ConfigOption = CONFIG,
) -> None:
    """Have what waits for a later try tried by the next send, without waiting any longer."""
    from dacompliance.desk.notices import release

    print(release(settings_of(config), _one_or_all(number, every=every), now=now(), claimed=claimed))


def _one_or_all(number: int | None, *, every: bool) -> int | None:
    """Return the number of a notice, or None for all. Raises UsageError unless exactly one of both is asked for."""
    if (number is None) == (not every):
        raise UsageError("name one notice by its number, or write --all.")
    return number
