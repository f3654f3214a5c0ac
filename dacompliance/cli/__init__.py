"""Commands and exit codes. The only package that reads the clock, argv and the environment; it passes them down.

Heavy packages are imported inside the command that needs them, so that help is quick.
"""

from __future__ import annotations

import sys

import typer

from dacompliance import __version__, logs
from dacompliance.cli import auditing, deciding, ledger, looking, notices, rules, running
from dacompliance.errors import MonitorError

app = typer.Typer(
    name="dacompliance",
    help="Monitor the completion, supervision and referral of domestic-abuse risk assessments.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with locals would show records
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
for family in (running, looking, deciding, auditing):
    app.add_typer(family.app)
app.add_typer(rules.app, name="rules")
app.add_typer(ledger.app, name="ledger")
app.add_typer(notices.app, name="notices")

STOPPED = 130
"""The exit code of a command that Ctrl-C stopped, as shells have it."""


@app.command()
def version() -> None:
    """Say which version this is."""
    print(__version__)


def main() -> None:
    """Run a command; an error raised on purpose becomes one line on stderr and the exit code of its kind."""
    logs.configure("text")
    sys.excepthook = logs.tell_of_bug
    try:
        app()
    except MonitorError as error:
        sys.stderr.write(f"dacompliance: {error}\n")
        raise SystemExit(error.exit_code) from None
    except SystemExit as end:
        if end.code == STOPPED:  # Typer makes this of KeyboardInterrupt, and says nothing
            sys.stderr.write("dacompliance: stopped; nothing half-done was kept.\n")
        raise
