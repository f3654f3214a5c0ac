"""The daily work: check the records, tell, and keep doing so by the clock."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dacompliance import logs
from dacompliance.cli.common import CONFIG, ConfigOption, WhyOption, local_instant, noted, now, settings_of
from dacompliance.errors import MailError, NotCheckedError

if TYPE_CHECKING:
    from dacompliance.config import Settings

app = typer.Typer()


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the invented force is built.")] = Path("demo"),
    months: Annotated[
        int, typer.Option("--months", min=0, max=23, help="Check it after each of so many months before, too.")
    ] = 0,
) -> None:
    """Build an invented force, check it on six mornings, and say where to look: no set-up, nothing sent."""
    from dacompliance.demo.story import run_demo

    print(run_demo(folder, months).closing_words())


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
    why: WhyOption = "",
) -> None:
    """Check the records against every rule in force; send nothing unless --send.

    An --as-at before the last checked run judges, shows and exports; all it writes is who exported.
    """
    from dacompliance import monitor
    from dacompliance.progress import Bars

    settings = settings_of(config)
    with Bars() as bars:
        result = monitor.run(
            settings,
            now=now(),
            as_at=local_instant(as_at, settings),
            tell=send,
            export=None if export is None else export.resolve(),
            progress=bars.rows,
        )
    if export is not None and result.run_id is not None:  # one as at an earlier instant writes nothing
        noted(settings, f"check and export verdicts as at {result.as_at.astimezone(settings.zone):%Y-%m-%d %H:%M}", why)
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
def schedule(config: ConfigOption = CONFIG) -> None:
    """Run the daily jobs of the configuration until stopped, each at its local time, each local day once."""
    from dacompliance.schedule.scheduler import serve

    settings = settings_of(config)
    logs.configure(settings.schedule.log_format, level=logging.INFO)
    serve(settings, now)


@app.command("run-once")
def run_once(
    job: Annotated[
        str | None, typer.Argument(help='A job of the schedule, now, for today; or "send". Left out: whatever is due.')
    ] = None,
    config: ConfigOption = CONFIG,
) -> None:
    """Do one job of the schedule, or all that is due, hand over what waits, and end: for cron, systemd, Task Scheduler.

    The same slots as `schedule`: a job that is done for its day, or that another process has, is left alone, exit 0.
    """
    from dacompliance.schedule.once import run_once as once

    for line in once(settings_of(config), job, now):
        print(line)
