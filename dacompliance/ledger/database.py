"""Opening the ledger: the monitor's own database, on SQLite or PostgreSQL, of exactly this version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from dacompliance.errors import LedgerError
from dacompliance.ledger import migrate
from dacompliance.ledger.engines import make_engine, name_of, parse_url, sqlite_file, transaction


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open ledger. `name` is what errors may call it: its file, or that it is on PostgreSQL."""

    engine: sa.Engine
    name: str

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Give a connection in one transaction that writes: all of it is kept, or nothing. One writer at a time."""
        with transaction(self.engine, self.name, write=True) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection in one transaction that only reads, and sees the ledger as of one instant."""
        with transaction(self.engine, self.name, write=False) as connection:
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def open_ledger(url: str, *, create: bool = True) -> Ledger:
    """Open the ledger at `url`, a SQLite file or a PostgreSQL database.

    One that is not there yet (no file, an empty database) is made when `create` says so, which is for commands that
    write. Raises LedgerError, one line and never the address: what cannot be opened, what is not a ledger, a ledger of
    an older version (naming the command that upgrades it) and one of a newer.
    """
    parsed = parse_url(url)
    name = name_of(parsed)
    file = sqlite_file(parsed)
    if file is not None:
        if not file.parent.is_dir():
            raise LedgerError(f"ledger: {name}: its folder does not exist. Create it, or correct ledger.url.")
        if not create and not file.exists():
            raise migrate.no_ledger(name)
    engine = make_engine(parsed)
    if not migrate.is_current(engine, name):
        if not create:
            raise migrate.no_ledger(name)
        migrate.create(parsed)
        if file is not None:
            file.chmod(0o600)  # it holds personal data: the monitor's account, and nobody else
    return Ledger(engine, name)


@contextmanager
def reading(url: str) -> Iterator[sa.Connection]:
    """Open the ledger at `url`, which must be there, and give one consistent snapshot of it to read from."""
    ledger = open_ledger(url, create=False)
    try:
        with ledger.read() as connection:
            yield connection
    finally:
        ledger.close()
