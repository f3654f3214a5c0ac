"""The configuration beyond its grammar: secrets where they should not be, folders that cannot be written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from dacompliance.config import Settings
from dacompliance.doctor.model import Finding, fault, warning


def set_up_findings(settings: Settings) -> Iterator[Finding]:
    """Yield what is amiss in a configuration that can be read."""
    address = settings.source.url
    if address is not None and has_password(address.get_secret_value()):
        yield warning(
            "configuration",
            "source.url holds a password, and whoever may read the file may have it. Put the address into the "
            "environment or a file, and name that with source.url_env or source.url_file.",
        )
    folders = {"reports.folder": settings.reports.folder}
    if settings.mail.mode == "off":
        folders["mail.folder"] = settings.mail.folder
    for key, folder in folders.items():
        if not may_be_written(folder):
            yield fault(
                "configuration",
                f"{key}: nothing can be written there as this account. Give it the right, or name another folder.",
            )
    for name, query in settings.records.mapped():
        if query.known_to == "now" and name != "staff":
            yield from _known_to_now(name, settings)


def _known_to_now(name: str, settings: Settings) -> Iterator[Finding]:
    """Yield a warning where a SQLite file, which is a copy, is taken for a live database."""
    if settings.secrets["source_url"].get_secret_value().startswith("sqlite"):
        yield warning(
            "configuration",
            f'records.{name}.known_to is "now", which is for a live database, and a SQLite file is a copy. Deadlines '
            'would be judged on records that were not there yet. Write "query" with known_to_query, or "newest".',
        )


def has_password(address: str) -> bool:
    """Say whether a database's address carries a password; one that is no address does not."""
    try:
        return sa.make_url(address).password is not None
    except (sa.exc.ArgumentError, ValueError):
        return False


def may_be_written(folder: Path) -> bool:
    """Say whether this account could write into a folder, or make it where it is not there yet."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
