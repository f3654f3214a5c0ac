"""Engines for the ledger's own database: transactions that hold, and errors in one line.

Knows SQLite and PostgreSQL and how they differ in beginning a transaction; nothing about tables. An error names a
file, never a database address.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from dacompliance.errors import LedgerError, ReadOnlyError

BUSY_SECONDS: Final = 30
"""How long a writer waits for another before it gives up."""

_WRITER_LOCK: Final = 0x6461636F6D70  # "dacomp": the advisory lock that makes one ledger writer
_BEGIN: Final = "ledger_begin"

_EXAMPLE: Final = 'Write "sqlite:///ledger.db" or "postgresql://user@server/database".'


def parse_url(url: str) -> sa.URL:
    """Return the parsed address of a SQLite file or a PostgreSQL database.

    Raises LedgerError for any other, without repeating it.
    """
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        raise LedgerError(f"ledger.url: is not a database address. {_EXAMPLE}") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise LedgerError(f"ledger.url: the ledger is kept in SQLite or in PostgreSQL, nowhere else. {_EXAMPLE}")
    if parsed.get_backend_name() == "sqlite" and sqlite_file(parsed) is None:
        raise LedgerError(
            "ledger.url: names no plain file: a ledger in memory would forget every run, and a file: address is "
            "not read. Write the file's own path, such as sqlite:///ledger.db."
        )
    return parsed


def sqlite_file(url: sa.URL) -> Path | None:
    """Return the file of a SQLite address; None for PostgreSQL, and for SQLite without a plain file."""
    name = url.database
    if url.get_backend_name() != "sqlite" or not name or name == ":memory:" or name.startswith("file:"):
        return None
    return Path(name)


def name_of(url: sa.URL) -> str:
    """Return what errors may call the ledger: its file, or nothing more than what it is."""
    file = sqlite_file(url)
    return "the PostgreSQL ledger" if file is None else str(file)


def make_engine(url: sa.URL, *, foreign_keys: bool = True) -> sa.Engine:
    """Make an engine whose transactions begin when they say so, and hold what they say.

    The driver's own transaction mode keeps half of a failed migration on SQLite, so BEGIN is ours: IMMEDIATE for a
    writer. `foreign_keys` is off for migrations only: rebuilding a table would empty its children. No connection is
    kept between uses: a monitor works for a minute a day, and firewalls drop what sits idle.
    """
    try:
        engine = sa.create_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            json_serializer=canonical_json,
            connect_args=_connect_arguments(url),
        )
    except (ImportError, NoSuchModuleError):
        raise LedgerError(
            'ledger.url: the driver it names is not installed. Install it with: pip install "dacompliance[postgresql]".'
        ) from None
    if url.get_backend_name() == "sqlite":
        _hook_sqlite(engine, foreign_keys=foreign_keys)
    else:
        _hook_postgresql(engine)
    return engine


def canonical_json(value: Any) -> str:
    """Return JSON of one form only: sorted keys, no blanks, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _connect_arguments(url: sa.URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": BUSY_SECONDS}
    given = {"connect_timeout": 10, "client_encoding": "utf8"}  # whatever the machine or the database would choose
    return {name: value for name, value in given.items() if name not in url.query}


def _hook_sqlite(engine: sa.Engine, *, foreign_keys: bool) -> None:
    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA synchronous = FULL")

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        how = "IMMEDIATE" if _writes(connection) else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {how}")


def _hook_postgresql(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        if _writes(connection):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def _writes(connection: sa.Connection) -> bool:
    return bool(connection.get_execution_options().get(_BEGIN, "read") == "write")


@contextmanager
def transaction(engine: sa.Engine, name: str, *, write: bool) -> Iterator[sa.Connection]:
    """Give a connection within one transaction, committed at the end or undone whole.

    A writer waits for any other writer; a reader sees one instant throughout. What the database refuses for a reason
    someone can mend becomes a LedgerError; anything else is a bug and is raised with its traceback.
    """
    options = {_BEGIN: "write" if write else "read"}
    try:
        with engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection
    except Exception as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        reason = _reason(cause)
        if reason is not None:
            kind = ReadOnlyError if _is_read_only(cause) else LedgerError
            raise kind(f"ledger: {name}: {reason}") from None
        code = getattr(cause, "sqlstate", None)
        if code is None:
            raise
        # The server's own words quote the row it refused.
        raise RuntimeError(f"ledger: PostgreSQL refused with {code}").with_traceback(error.__traceback__) from None


def _is_read_only(error: BaseException | None) -> bool:
    name = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None) or ""
    return name.startswith("SQLITE_READONLY") or name in ("25006", "42501")


def _reason(error: BaseException | None) -> str | None:
    """Return what is wrong and what to do, for an error that a person can mend; None for any other."""
    if isinstance(error, sqlite3.Error):
        return _sqlite_reason(error)
    if hasattr(error, "sqlstate"):  # psycopg's, which may not be installed
        return _postgresql_reason(error)
    return None


_SQLITE_REASONS: Final = {
    "SQLITE_BUSY": f"is in use by another process for more than {BUSY_SECONDS} seconds. Try again when that has ended.",
    "SQLITE_LOCKED": "is in use by another process. Try again when that has ended.",
    "SQLITE_READONLY": "cannot be written. Give the monitor's account the right to write the file and its folder.",
    "SQLITE_CANTOPEN": "cannot be opened. Give the monitor's account the right to write the file and its folder.",
    "SQLITE_FULL": "the disk is full. Nothing of this was kept; make room and try again.",
    "SQLITE_NOTADB": "is not a SQLite database. Name another file in ledger.url.",
    "SQLITE_CORRUPT": "is damaged. Restore it from a backup.",
    "SQLITE_IOERR": "the disk cannot be read or written. Nothing of this was kept.",
    "SQLITE_PERM": "cannot be opened. Give the monitor's account the right to read and write it.",
    "SQLITE_AUTH": "cannot be opened. Give the monitor's account the right to read and write it.",
}


def _sqlite_reason(error: sqlite3.Error) -> str | None:
    code = getattr(error, "sqlite_errorname", "")
    for name, reason in _SQLITE_REASONS.items():
        if code == name or code.startswith(name + "_"):
            return reason
    return None


_POSTGRESQL_REASONS: Final = {
    "55P03": f"another process has been writing for more than {BUSY_SECONDS} seconds. Try again when that has ended.",
    "42501": "its account may not do this. Grant it the right to create and write tables in the ledger's schema.",
    "25006": "the server takes no writes now. Name the primary server in ledger.url.",
    "53100": "the server's disk is full. Nothing of this was kept; make room and try again.",
    "53300": "the server has too many connections. Try again, or raise its limit.",
    "57014": "the server cancelled the statement. Raise its statement_timeout for the ledger's account.",
    "57P01": "the server is shutting down. Nothing of this was kept; try again when it is back.",
    "57P03": "the server is starting up or shutting down. Try again in a moment.",
    "28P01": "the password or the account is wrong. Correct them in ledger.url.",
    "28000": "the server does not let this account in. Correct ledger.url, or the server's pg_hba.conf.",
    "3D000": "there is no such database on the server. Create it, or correct ledger.url.",
}
_CONNECTION_ERRORS: Final = ("OperationalError", "ConnectionTimeout")
_CONNECTION_WORDS: Final = {
    "password authentication failed": "28P01",
    "no password supplied": "28P01",
    "role ": "28P01",
    "pg_hba.conf": "28000",
    "does not exist": "3D000",
    "too many clients": "53300",
    "starting up": "57P03",
}


def _postgresql_reason(error: BaseException | None) -> str | None:
    code = getattr(error, "sqlstate", None)
    if code is not None:
        return _POSTGRESQL_REASONS.get(code)
    return _connection_reason(str(error)) if type(error).__name__ in _CONNECTION_ERRORS else None


def _connection_reason(message: str) -> str:
    """Return what kept us from connecting: psycopg gives no code for it, only the server's words, address and all."""
    for words, code in _CONNECTION_WORDS.items():
        if words in message:
            return _POSTGRESQL_REASONS[code]
    return "the server cannot be reached, or broke off. Check that it runs, and the server and port in ledger.url."
