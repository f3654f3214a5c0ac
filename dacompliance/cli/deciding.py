"""What people decide and say about exceptions: waivers, disputes, and what a held rule may change."""

from __future__ import annotations

from typing import Annotated

import typer

from dacompliance.cli.common import CONFIG, ConfigOption, now, settings_of

app = typer.Typer()
waivers_app = typer.Typer(
    help="Exceptions not chased until a day: still open, still not compliant.", no_args_is_help=True
)
disputes_app = typer.Typer(help="What readers say against an exception; it closes nothing.", no_args_is_help=True)
app.add_typer(waivers_app, name="waivers")
app.add_typer(disputes_app, name="disputes")

RuleArgument = Annotated[str, typer.Argument(help="The rule's id, such as REF-01.")]
ItemArgument = Annotated[str, typer.Argument(help="The item's reference, or the incident's or the occurrence's.")]
ByOption = Annotated[str, typer.Option("--by", help="Who decides or says so.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why. No names and no addresses of anyone in the case.")]


@waivers_app.command("add")
def waivers_add(
    rule: RuleArgument,
    item: ItemArgument,
    reason: ReasonOption,
    until: Annotated[str, typer.Option("--until", help='The last day, to its end: "2026-11-30".')],
    by: ByOption,
    config: ConfigOption = CONFIG,
) -> None:
    """Waive an open exception: not chased up to the end of a day, and still counted as not compliant."""
    from dacompliance.desk.decisions import waive

    print(waive(settings_of(config), rule, item, until=until, by=by, reason=reason, now=now()))


@waivers_app.command("end")
def waivers_end(rule: RuleArgument, item: ItemArgument, by: ByOption, config: ConfigOption = CONFIG) -> None:
    """End a waiver before its last day: the exception is back in the next list."""
    from dacompliance.desk.decisions import end_waiver

    print(end_waiver(settings_of(config), rule, item, by=by, now=now()))


@waivers_app.command("list")
def waivers_list(
    config: ConfigOption = CONFIG,
    every: Annotated[bool, typer.Option("--all", help="Those that have ended too.")] = False,
) -> None:
    """List the waivers that stand: what, until when, by whom and why."""
    from dacompliance.desk.decisions import waiver_lines

    for line in waiver_lines(settings_of(config), every=every):
        print(line)


@disputes_app.command("add")
def disputes_add(
    rule: RuleArgument,
    item: ItemArgument,
    says: Annotated[str, typer.Option("--says", help="wrong, done (already, not recorded) or cannot (be done).")],
    by: ByOption,
    why: Annotated[str, typer.Option("--why", help="Why. No names and no addresses of anyone in the case.")],
    config: ConfigOption = CONFIG,
) -> None:
    """Keep what a reader says against an open exception: shown beside it, counted by rule, closing nothing."""
    from dacompliance.desk.decisions import dispute

    print(dispute(settings_of(config), rule, item, says=says, by=by, why=why, now=now()))


@disputes_app.command("list")
def disputes_list(config: ConfigOption = CONFIG) -> None:
    """Count the disputes by rule, by what was said and by what became of them, and list those still open."""
    from dacompliance.desk.decisions import dispute_lines

    for line in dispute_lines(settings_of(config)):
        print(line)


@app.command()
def accept(
    rule: Annotated[str, typer.Argument(help="The rule's id; left out, the rules that are held are listed.")] = "",
    by: Annotated[str, typer.Option("--by", help="Which operator accepts.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why so much may change at once.")] = "",
    config: ConfigOption = CONFIG,
) -> None:
    """Accept what a held rule would change at once: the next run goes by it. Without a rule, list those held."""
    from dacompliance.desk.decisions import accept as accept_hold
    from dacompliance.desk.decisions import hold_lines

    settings = settings_of(config)
    lines = hold_lines(settings) if not rule else [accept_hold(settings, rule, by=by, reason=reason, now=now())]
    for line in lines:
        print(line)
