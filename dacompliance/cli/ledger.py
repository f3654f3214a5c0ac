"""Look after the monitor's own database."""

from __future__ import annotations

import typer

from dacompliance.cli.common import CONFIG, ConfigOption, settings_of

app = typer.Typer(help="Look after the monitor's own database.", no_args_is_help=True)


@app.command("upgrade")
def ledger_upgrade(config: ConfigOption = CONFIG) -> None:
    """Bring the ledger to this version's tables; an SQLite file is backed up beside itself first."""
    from dacompliance.ledger.migrate import upgrade

    done = upgrade(settings_of(config).ledger.url.get_secret_value())
    print(f"The ledger went from version {done.before or 'none'} to {done.after}.")
    if done.backup is not None:
        print(f"The file as it was: {done.backup}")
