"""Commands and exit codes. The only module that reads the clock, argv and the environment; it passes them down.

Heavy packages are imported inside the command that needs them, so that help is quick.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dacompliance import __version__
from dacompliance.errors import MailError, MonitorError, NotCheckedError, UsageError

if TYPE_CHECKING:
    from dacompliance.config import Settings
    from dacompliance.rulebook import Book

app = typer.Typer(
    name="dacompliance",
    help="Monitor the completion, supervision and referral of domestic-abuse risk assessments.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with locals would show records
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
rules_app = typer.Typer(help="Look at the rules, and run their worked cases.", no_args_is_help=True)
ledger_app = typer.Typer(help="Look after the monitor's own database.", no_args_is_help=True)
app.add_typer(rules_app, name="rules")
app.add_typer(ledger_app, name="ledger")
waivers_app = typer.Typer(
    help="Exceptions not chased until a day: still open, still not compliant.", no_args_is_help=True
)
disputes_app = typer.Typer(help="What readers say against an exception; it closes nothing.", no_args_is_help=True)
app.add_typer(waivers_app, name="waivers")
app.add_typer(disputes_app, name="disputes")

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.", show_default=True)]
CONFIG = Path("config.toml")


def now() -> dt.datetime:
    """Return the one now."""
    return dt.datetime.now(dt.UTC)


def main() -> None:
    """Run a command; an error raised on purpose becomes one line on stderr and the exit code of its kind."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        app()
    except MonitorError as error:
        sys.stderr.write(f"dacompliance: {error}\n")
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        sys.stderr.write("dacompliance: stopped; nothing half-done was kept.\n")
        raise SystemExit(130) from None


def _settings(config: Path) -> Settings:
    from dacompliance.config import load_settings

    return load_settings(config, os.environ)


def _local_instant(text: str | None, settings: Settings) -> dt.datetime | None:
    """Read a local wall time, or an instant with its offset; a wall time that happens twice is the first."""
    if text is None:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError('--as-at: is not a time. Write "2026-11-02 07:00", local, or one with its offset.') from None
    return (found if found.tzinfo else found.replace(tzinfo=settings.zone)).astimezone(dt.UTC)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the invented force is built.")] = Path("demo"),
) -> None:
    """Build an invented force, check it on six mornings, and say where to look: no set-up, nothing sent."""
    from dacompliance.demo.story import run_demo

    print(run_demo(folder).closing_words())


@app.command()
def check(
    config: ConfigOption = CONFIG,
    as_at: Annotated[
        str | None, typer.Option("--as-at", help='Judge as at this local time, such as "2026-11-02 07:00".')
    ] = None,
    send: Annotated[
        bool,
        typer.Option("--send", help='Queue the notices and hand them over (with mail.mode = "off": write .eml files).'),
    ] = False,
    export: Annotated[Path | None, typer.Option("--export", help="Write every verdict to this CSV file.")] = None,
) -> None:
    """Check the records against every rule in force; send nothing unless --send.

    An --as-at before the last checked run judges, shows and exports, and writes nothing.
    """
    from dacompliance import monitor
    from dacompliance.progress import Bars

    settings = _settings(config)
    with Bars() as bars:
        result = monitor.run(
            settings,
            now=now(),
            as_at=_local_instant(as_at, settings),
            tell=send,
            export=None if export is None else export.resolve(),
            progress=bars.rows,
        )
    print(result.summary(settings.zone))
    if send:
        _send(settings)
    if not result.checked:
        raise NotCheckedError("nothing could be checked: the lines above say why, rule by rule.")


def _send(settings: Settings) -> None:
    from dacompliance.notices.sending import send_all

    outcomes = send_all(settings, now)
    for outcome, number in sorted(outcomes.items()):
        print(f"Notices {outcome.replace('_', ' ')}: {number}.")
    stayed = sum(number for outcome, number in outcomes.items() if outcome not in ("written", "handed over"))
    if stayed:
        raise MailError(f"{stayed} notices were not handed over: the lines above say why. Some may be tried again.")


@app.command()
def report(
    config: ConfigOption = CONFIG,
    run: Annotated[
        int | None, typer.Option("--run", help="Report on this run; left out, the last checked one.")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--folder", help="Write here instead of reports.folder.")] = None,
) -> None:
    """Write the completion page and its CSV files of a run, from the ledger alone."""
    from dacompliance.publishing import publish

    settings = _settings(config)
    for path in publish(settings, run_id=run, folder=folder):
        print(path)


@app.command()
def schedule(config: ConfigOption = CONFIG) -> None:
    """Run the daily jobs of the configuration until stopped, each at its local time, each local day once."""
    from dacompliance.scheduler import serve

    logging.getLogger("dacompliance").setLevel(logging.INFO)
    serve(_settings(config), now)


@app.command()
def runs(
    config: ConfigOption = CONFIG,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = 20,
) -> None:
    """List the runs of the ledger, newest first: as-at, what was checked, what came of it."""
    from dacompliance.listing import run_lines

    for line in run_lines(_settings(config), limit):
        print(line)


@app.command()
def explain(
    incident: Annotated[str, typer.Argument(help="The incident's reference, or the occurrence's.")],
    config: ConfigOption = CONFIG,
) -> None:
    """Tell the story of one incident from the ledger: what was recorded, every clock, verdict, event and notice."""
    from dacompliance.listing import story_lines

    for line in story_lines(_settings(config), incident):
        print(line)


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
    from dacompliance.desk import waive

    print(waive(_settings(config), rule, item, until=until, by=by, reason=reason, now=now()))


@waivers_app.command("end")
def waivers_end(rule: RuleArgument, item: ItemArgument, by: ByOption, config: ConfigOption = CONFIG) -> None:
    """End a waiver before its last day: the exception is back in the next list."""
    from dacompliance.desk import end_waiver

    print(end_waiver(_settings(config), rule, item, by=by, now=now()))


@waivers_app.command("list")
def waivers_list(
    config: ConfigOption = CONFIG,
    every: Annotated[bool, typer.Option("--all", help="Those that have ended too.")] = False,
) -> None:
    """List the waivers that stand: what, until when, by whom and why."""
    from dacompliance.desk import waiver_lines

    for line in waiver_lines(_settings(config), every=every):
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
    from dacompliance.desk import dispute

    print(dispute(_settings(config), rule, item, says=says, by=by, why=why, now=now()))


@disputes_app.command("list")
def disputes_list(config: ConfigOption = CONFIG) -> None:
    """Count the disputes by rule, by what was said and by what became of them, and list those still open."""
    from dacompliance.desk import dispute_lines

    for line in dispute_lines(_settings(config)):
        print(line)


@app.command()
def accept(
    rule: Annotated[str, typer.Argument(help="The rule's id; left out, the rules that are held are listed.")] = "",
    by: Annotated[str, typer.Option("--by", help="Which operator accepts.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why so much may change at once.")] = "",
    config: ConfigOption = CONFIG,
) -> None:
    """Accept what a held rule would change at once: the next run goes by it. Without a rule, list those held."""
    from dacompliance.desk import accept as accept_hold
    from dacompliance.desk import hold_lines

    settings = _settings(config)
    lines = hold_lines(settings) if not rule else [accept_hold(settings, rule, by=by, reason=reason, now=now())]
    for line in lines:
        print(line)


@app.command()
def backlog(
    config: ConfigOption = CONFIG,
    export: Annotated[Path | None, typer.Option("--export", help="List them in this CSV file.")] = None,
) -> None:
    """Count the cases of incidents reported before chase_from: measured, and neither chased nor mailed."""
    from dacompliance.listing import backlog_lines

    for line in backlog_lines(_settings(config), None if export is None else export.resolve()):
        print(line)


@app.command()
def replay(
    run: Annotated[int, typer.Argument(help="The run's number: see `dacompliance runs`.")],
    config: ConfigOption = CONFIG,
    export: Annotated[Path | None, typer.Option("--export", help="Write every verdict to this CSV file.")] = None,
) -> None:
    """Judge a past run again from the ledger alone, and compare verdict by verdict; exit code 9 if any differ."""
    from dacompliance.replaying import replay as judge_again

    again = judge_again(_settings(config), run, None if export is None else export.resolve())
    for line in again.lines():
        print(line)
    again.insist()


@app.command()
def version() -> None:
    """Say which version this is."""
    print(__version__)


PackOption = Annotated[
    Path | None,
    typer.Option("--rules", help="A folder of rules; left out, the configuration's, else the bundled pack."),
]


def _book(config: Path, folder: Path | None) -> Book:
    """Open the pack of `folder`, else the configuration's; without a configuration, the bundled one."""
    from dacompliance.rulebook import open_book

    there = config != CONFIG or config.exists()
    return open_book(folder, _settings(config) if there else None)


def _day(option: str, text: str) -> dt.date:
    """Read a date."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option}: is not a date. Write it as 2026-11-02.") from None


@rules_app.command("list")
def rules_list(config: ConfigOption = CONFIG, folder: PackOption = None) -> None:
    """List every rule: chased or measured, its limit today, who acts, who approved it, and why it is off if it is."""
    from dacompliance.rulebook import list_lines

    for line in list_lines(_book(config, folder), now().date()):
        print(line)


@rules_app.command("show")
def rules_show(
    rule: Annotated[str, typer.Argument(help="The rule's id, such as REF-01.")],
    config: ConfigOption = CONFIG,
    folder: PackOption = None,
) -> None:
    """Say in plain English what one rule asks, its versions, source and approval."""
    from dacompliance.rulebook import show_lines

    for line in show_lines(_book(config, folder), rule):
        print(line)


@rules_app.command("check")
def rules_check(config: ConfigOption = CONFIG, folder: PackOption = None) -> None:
    """Read every file of the pack, and warn of what would surprise somebody later; a file at fault is exit code 4.

    Warned of: destinations nobody refers to, calendars without next year, unapproved versions, missing worked cases.
    """
    from dacompliance.rulebook import check_lines

    for line in check_lines(_book(config, folder), now().date()):
        print(line)


@rules_app.command("test")
def rules_test(config: ConfigOption = CONFIG, folder: PackOption = None) -> None:
    """Run every worked case of every rule file; a wrong one is named, and the exit code is 4."""
    from dacompliance.rulebook import case_lines

    for line in case_lines(_book(config, folder)):
        print(line)


@rules_app.command("preview")
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
    from dacompliance.previewing import Period, preview_lines
    from dacompliance.progress import Bars

    period = Period(_day("--from", first), _day("--to", last))
    path = None if export is None else export.resolve()
    with Bars() as bars:
        lines = list(
            preview_lines(
                _settings(config), file, period, now=now(), from_ledger=from_ledger, export=path, progress=bars.rows
            )
        )
    for line in lines:
        print(line)


@ledger_app.command("upgrade")
def ledger_upgrade(config: ConfigOption = CONFIG) -> None:
    """Bring the ledger to this version's tables; an SQLite file is backed up beside itself first."""
    from dacompliance.ledger.migrate import upgrade

    done = upgrade(_settings(config).ledger.url.get_secret_value())
    print(f"The ledger went from version {done.before or 'none'} to {done.after}.")
    if done.backup is not None:
        print(f"The file as it was: {done.backup}")
