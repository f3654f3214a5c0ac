"""What every command shares: the one now, the settings, and options read the same way everywhere."""

from __future__ import annotations

import datetime as dt
import getpass
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dacompliance.errors import UsageError

if TYPE_CHECKING:
    from dacompliance.config import Settings

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.", show_default=True)]
WhyOption = Annotated[str, typer.Option("--why", help="What it is for: kept, with who asked and when.")]
CONFIG = Path("config.toml")


def now() -> dt.datetime:
    """Return the one now."""
    return dt.datetime.now(dt.UTC)


def settings_of(config: Path) -> Settings:
    """Read the configuration, with the secrets of the environment."""
    from dacompliance.config import load_settings

    return load_settings(config, os.environ)


def local_instant(text: str | None, settings: Settings) -> dt.datetime | None:
    """Read a local wall time, or an instant with its offset; a wall time that happens twice is the first."""
    if text is None:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError('--as-at: is not a time. Write "2026-11-02 07:00", local, or one with its offset.') from None
    return (found if found.tzinfo else found.replace(tzinfo=settings.zone)).astimezone(dt.UTC)


def refuse_given(context: typer.Context, options: Mapping[str, str]) -> None:
    """Raise UsageError for the first of some options of a command that was written out; their words say why not."""
    for name, why in options.items():
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise UsageError(f"--{name.replace('_', '-')}: {why}.")


def day(option: str, text: str) -> dt.date:
    """Read a date."""
    if not text:
        raise UsageError(f"{option}: is left out. Write a date, such as 2026-11-02.")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option}: is not a date. Write it as 2026-11-02.") from None


def noted(settings: Settings, what: str, why: str) -> None:
    """Keep in the ledger who asked for `what`, when and why, before anything leaves it (not in a copy)."""
    from contextlib import closing

    from dacompliance.ledger.access import Access, keep
    from dacompliance.ledger.database import open_ledger

    url = settings.ledger.url.get_secret_value()
    with closing(open_ledger(url, create=False)) as ledger:
        keep(ledger, Access(now(), getpass.getuser(), what, why))
