"""Versions of the ledger's tables: making them, checking them, moving between them through Alembic.

A ledger is upgraded only on request, after a SQLite file was backed up beside itself, and in one transaction: it is
of the old version or of the new, never between.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from dacompliance.errors import LedgerError
from dacompliance.ledger.engines import make_engine, name_of, parse_url, sqlite_file, transaction
from dacompliance.resources import migrations_folder

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0005"
"""The version this program reads and writes; a test holds it to the newest file in `migrations/versions`."""

_VERSION_TABLE: Final = "alembic_version"
_TRIES: Final = 100


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did. `before` is empty for a ledger newly made; `backup` is the copy of a SQLite file."""

    before: str
    after: str
    backup: Path | None


def no_ledger(name: str) -> LedgerError:
    """Return the error for a ledger that has not been made yet."""
    return LedgerError(f'ledger: {name}: there is no ledger yet. Make one by running "dacompliance check".')


def is_current(engine: sa.Engine, name: str) -> bool:
    """Return True for a ledger of this version, False for none at all.

    Raises LedgerError for a database that is something else, and for a ledger too old or too new.
    """
    with transaction(engine, name, write=False) as connection:
        found = version(connection, name)
    if found == "":
        return False
    if found != HEAD:
        raise _other_version(name, found)
    return True


def version(connection: sa.Connection, name: str) -> str:
    """Return the version of the ledger in a database, "" when it holds nothing at all.

    A database with tables but no version is not ours: LedgerError, so that no table is ever made in a force's records.
    """
    inspector = sa.inspect(connection)
    if inspector.has_table(_VERSION_TABLE):
        found = connection.execute(sa.text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalars().all()  # noqa: S608
        return str(found[0]) if found else ""
    if inspector.get_table_names():
        raise LedgerError(
            f"ledger: {name}: holds other tables and no ledger. Name a database or schema of its own in ledger.url."
        )
    return ""


def create(url: sa.URL) -> None:
    """Make the tables in an empty database. Two processes may try at once: the second finds the work done."""
    _move(url, HEAD)
    if sqlite_file(url) is not None:
        _write_ahead(url)


def upgrade(url: str) -> Upgrade:
    """Bring a ledger to this version; a SQLite file is first copied beside itself.

    Raises LedgerError when there is no ledger, or it is of a newer program's version. One that is of this version
    already is left as it is.
    """
    parsed = parse_url(url)
    name, file = name_of(parsed), sqlite_file(parsed)
    if file is not None and not file.exists():
        raise no_ledger(name)
    engine = make_engine(parsed)
    with transaction(engine, name, write=False) as connection:
        before = version(connection, name)
    if before == "":
        raise no_ledger(name)
    if before == HEAD:
        return Upgrade(before, HEAD, None)
    if before not in known_versions():
        raise _other_version(name, before)
    backup = None if file is None else back_up(file, before)
    _move(parsed, HEAD)
    return Upgrade(before, HEAD, backup)


def move(url: str, revision: str) -> None:
    """Bring a ledger to `revision`, up or down ("base" empties it). For tests, and for a database administrator."""
    _move(parse_url(url), revision)


def known_versions() -> tuple[str, ...]:
    """Return the versions this program knows, oldest first."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config())
    return tuple(reversed([script.revision for script in scripts.walk_revisions()]))


def back_up(file: Path, label: str) -> Path:
    """Copy a SQLite ledger beside itself, whole even while others use it, and return the copy; never over another."""
    numbers = chain([""], (f"-{number}" for number in count(2)))
    copies = (file.with_name(f"{file.name}.{label}{number}.backup") for number in numbers)
    copy = None
    try:
        copy = next(each for each in copies if not each.exists())
        with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
    except (sqlite3.Error, OSError):
        if copy is not None:
            copy.unlink(missing_ok=True)
        raise LedgerError(
            f"ledger: {file}: no backup could be written beside it. Make room there, or give the right to write."
        ) from None
    return copy


def _move(url: sa.URL, revision: str) -> None:
    from alembic import command

    config = _config()
    with _migrating(url) as connection:
        config.attributes["connection"] = connection
        here = "" if revision == "base" else version(connection, name_of(url))
        down = revision == "base" or (here != "" and known_versions().index(revision) < known_versions().index(here))
        (command.downgrade if down else command.upgrade)(config, revision)


@contextmanager
def _migrating(url: sa.URL) -> Iterator[sa.Connection]:
    """Give a connection for migrations: foreign keys off while tables are rebuilt, all of them checked at the end."""
    engine = make_engine(url, foreign_keys=False)
    with transaction(engine, name_of(url), write=True) as connection:
        yield connection
        if engine.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise LedgerError(
                f"ledger: {name_of(url)}: rows would be left without the rows they belong to. Nothing was changed."
            )
    engine.dispose()


def _write_ahead(url: sa.URL) -> None:
    """Let readers go on reading while the one writer writes; the mode is kept in the file itself.

    SQLite does not wait here as it does elsewhere: while another process makes the same ledger it refuses at once.
    """
    engine = make_engine(url)
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        for patience in range(_TRIES, 0, -1):
            try:
                raw.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if patience == 1:
                    raise
                time.sleep(0.05)
            else:
                return


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _other_version(name: str, found: str) -> LedgerError:
    if found in known_versions():
        return LedgerError(
            f"ledger: {name}: is of version {found} and this program needs {HEAD}. "
            'Run "dacompliance ledger upgrade"; it backs a SQLite file up first.'
        )
    return LedgerError(
        f"ledger: {name}: was written by a newer dacompliance than this one, which needs version {HEAD}. "
        "Upgrade the program."
    )
