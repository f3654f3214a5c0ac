"""How each kind of database is opened so that it can only be read, and read as of one instant.

SQLite and PostgreSQL are tried in the tests; SQL Server, Oracle, MariaDB and MySQL are written from their manuals and
untried. The one real protection is an account that may only SELECT; all else is a second lock on the same door.
"""

from __future__ import annotations

import functools
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from dacompliance.errors import ConfigError, SourceError
from dacompliance.records import complaints

WHERE: Final = "source"
CONNECT_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of database is told to be read only, and as of one instant.

    `options` are SQLAlchemy's for the connection. `opening` are statements at the start of the transaction, with
    {seconds} and {milliseconds} of the limit on a statement; `limit` is the driver's own attribute for it, and how many
    of its units are a second. `zone` sets the session's zone, in which a database compares times it keeps with one.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    opening: tuple[str, ...] = ()
    limit: tuple[str, int] | None = None
    zone: str | None = None
    connect: Mapping[str, Any] = field(default_factory=dict)
    extra: str = ""


DIALECTS: Final[Mapping[str, Dialect]] = {
    "sqlite": Dialect(opening=("BEGIN",)),
    "postgresql": Dialect(
        options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
        # psycopg reads no time in another style than ISO, and leaves text of a server without an encoding as bytes.
        opening=("SET LOCAL statement_timeout = {milliseconds}", "SET LOCAL datestyle = 'ISO'"),
        zone="SET LOCAL TIME ZONE '{zone}'",
        connect={"connect_timeout": CONNECT_SECONDS, "client_encoding": "utf8"},
        extra="postgresql",
    ),
    "mssql": Dialect(options={"isolation_level": "SNAPSHOT"}, limit=("timeout", 1), extra="mssql"),
    "oracle": Dialect(
        opening=("SET TRANSACTION READ ONLY",),
        limit=("call_timeout", 1000),
        zone="ALTER SESSION SET TIME_ZONE = '{zone}'",
        extra="oracle",
    ),
    "mariadb": Dialect(
        options={"isolation_level": "REPEATABLE READ"},
        opening=(
            "SET SESSION max_statement_time = {seconds}",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        ),
    ),
    "mysql": Dialect(
        options={"isolation_level": "REPEATABLE READ"},
        opening=(
            "SET SESSION max_execution_time = {milliseconds}",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        ),
    ),
}


def open_engine(address: str) -> sa.Engine:
    """Return an engine for the source's address; nothing is connected yet. No error repeats a part of the address."""
    try:
        url = sa.make_url(address)
        kind = url.get_backend_name()
    except (ArgumentError, ValueError):
        form = "dialect://account:password@host/database"
        raise ConfigError(f"{WHERE}: the address is not one of a database. Write it as {form}.") from None
    if kind not in DIALECTS:
        known = ", ".join(DIALECTS)
        raise ConfigError(f"{WHERE}: nobody has said how to read this kind of database safely. Use one of {known}.")
    if kind == "sqlite":
        return sa.create_engine("sqlite://", creator=_sqlite_opener(url), poolclass=sa.NullPool, hide_parameters=True)
    return _server_engine(url, DIALECTS[kind])


def _server_engine(url: sa.URL, dialect: Dialect) -> sa.Engine:
    connect = {key: value for key, value in dialect.connect.items() if key not in url.query}
    try:
        engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True, connect_args=connect)
    except NoSuchModuleError:
        raise ConfigError(f"{WHERE}: the address names a driver that SQLAlchemy does not know. Correct it.") from None
    except ImportError as error:
        mend = f'pip install "dacompliance[{dialect.extra}]"' if dialect.extra else f"pip install {error.name}"
        raise ConfigError(f"{WHERE}: the driver {error.name} is not installed. Install it with {mend}.") from None
    if engine.dialect.driver == "psycopg":
        sa.event.listen(engine, "connect", _bear_with_odd_cells)
    return engine


@contextmanager
def snapshot(engine: sa.Engine, seconds: int) -> Iterator[sa.Connection]:
    """Yield a connection whose every read sees one instant and that cannot write; nothing of it is ever committed.

    `seconds` limits each statement. Raises SourceError where there is no connection to be had.
    """
    connection = _connected(engine)
    try:
        try:
            _prepare(connection, DIALECTS[engine.dialect.name], seconds)
        except DBAPIError as error:
            raise SourceError(f"{WHERE}: {complaints.of_query(error)}.") from None
        yield connection
    finally:
        with suppress(DBAPIError):  # one that was lost half-way has nothing left to undo, and has been told of
            connection.close()


def _connected(engine: sa.Engine) -> sa.Connection:
    try:
        return engine.connect()
    except DBAPIError as error:
        raise SourceError(f"{WHERE}: {complaints.of_connection(error)}.") from None


def _prepare(connection: sa.Connection, dialect: Dialect, seconds: int) -> None:
    connection.execution_options(**dialect.options)
    driver: Any = connection.connection.dbapi_connection
    if isinstance(driver, _Reading):
        _only_read(driver, seconds)
    elif dialect.limit is not None:
        name, units = dialect.limit
        setattr(driver, name, seconds * units)
    for statement in dialect.opening:
        connection.exec_driver_sql(statement.format(seconds=seconds, milliseconds=seconds * 1000))


def use_zone(connection: sa.Connection, zone: ZoneInfo) -> None:
    """Make the database compare and show times it keeps with a zone in the zone of the query to come."""
    statement = DIALECTS[connection.dialect.name].zone
    if statement is not None:
        connection.exec_driver_sql(statement.format(zone=zone.key))


@dataclass(frozen=True, slots=True)
class Answer:
    """A query's result: the names of its columns, and its rows, so many at a time."""

    columns: list[str]
    fetch: Callable[[int], Sequence[Sequence[Any]]]


@contextmanager
def ask(connection: sa.Connection, query: str, given: Mapping[str, object]) -> Iterator[Answer]:
    """Yield the answer to a query as the driver gives it, streamed where it would else all be sent at once.

    `query` is as `sqlalchemy.text` wants it. The driver's own cursor, because a Row of SQLAlchemy's for each row costs
    as much again as reading it; its own errors (`driver_errors`), because they come from there.
    """
    dialect = connection.dialect
    compiled = sa.text(query).bindparams(**given).compile(dialect=dialect)
    named = compiled.construct_params()
    given_so = [named[name] for name in compiled.positiontup or ()] if compiled.positional else named
    driver: Any = connection.connection.dbapi_connection
    with closing(driver.cursor(name="records") if dialect.driver == "psycopg" else driver.cursor()) as cursor:
        cursor.execute(compiled.string, given_so)
        names = [column[0] for column in cursor.description]
        if dialect.requires_name_normalize:  # Oracle shouts
            names = [dialect.normalize_name(name) for name in names]
        yield Answer(names, cursor.fetchmany)


def driver_errors(connection: sa.Connection) -> tuple[type[BaseException], ...]:
    """Return what a query may raise."""
    return DBAPIError, connection.dialect.loaded_dbapi.Error


# --- SQLite ----------------------------------------------------------------------------------------------------------

_READING: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
    | {sqlite3.SQLITE_TRANSACTION}
)
_STEPS: Final = 100_000  # of SQLite's machine between two looks at the clock: a few milliseconds


class _Reading(sqlite3.Connection):
    """A connection that knows whether it stopped a statement itself, for having taken too long."""

    timed_out = False


def stopped_by_hand(connection: sa.Connection, error: BaseException) -> bool:
    """Say whether a statement was stopped from outside, as by Ctrl-C, and not for having taken too long.

    SQLite looks at signals only where it calls back into Python, and what is raised there ends the statement as if it
    had been told to stop. PostgreSQL's driver raises KeyboardInterrupt itself.
    """
    driver: Any = connection.connection.dbapi_connection
    interrupted = getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT"
    return interrupted and isinstance(driver, _Reading) and not driver.timed_out


def _sqlite_opener(url: sa.URL) -> Callable[[], sqlite3.Connection]:
    """Return what opens a SQLite file for reading only; it makes no file where there is none."""
    path = Path((url.database or "").removeprefix("file:").partition("?")[0])
    if path.name in ("", ":memory:"):
        raise ConfigError(f"{WHERE}: the address names no file. Write it as sqlite:///records.db.")

    def connect() -> sqlite3.Connection:
        if not path.is_file():
            raise SourceError(
                f"{WHERE}: the SQLite file of the address is not there, and none is made. Correct the path, which is "
                "relative to the configuration's own folder."
            )
        driver = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, factory=_Reading)
        # A cell that is not UTF-8 is one odd word, not the end of the run.
        driver.text_factory = functools.partial(str, encoding="utf-8", errors="backslashreplace")
        return driver

    return connect


def _only_read(driver: _Reading, seconds: int) -> None:
    """Refuse all but reading, and stop a statement that takes too long."""
    started = [time.monotonic()]

    def restart(_statement: str) -> None:
        started[0] = time.monotonic()

    def is_too_late() -> bool:
        driver.timed_out = time.monotonic() - started[0] > seconds
        return driver.timed_out

    driver.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY)
    driver.set_trace_callback(restart)
    driver.set_progress_handler(is_too_late, _STEPS)


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def _bear_with_odd_cells(driver: Any, _record: object) -> None:
    """Let psycopg hand over as text what Python has no place for: infinity, years BC or past 9999, text in no encoding.

    Text is in no encoding on a server of `SQL_ASCII`; told to make UTF-8 of it, the server would refuse the query.
    """
    from psycopg import DataError
    from psycopg.adapt import Loader

    def lenient(base: type[Any]) -> type[Loader]:
        class Lenient(Loader):
            def __init__(self, oid: int, context: Any = None) -> None:
                super().__init__(oid, context)
                self._inner = base(oid, context)

            def load(self, data: Any) -> object:
                try:
                    found = self._inner.load(data)
                except DataError:
                    found = bytes(data)
                return found.decode(errors="backslashreplace") if isinstance(found, bytes) else found

        return Lenient

    odd = ["date", "timestamp", "timestamptz"]
    if driver.info.parameter_status("server_encoding") == "SQL_ASCII":
        driver.execute("SET client_encoding = 'SQL_ASCII'")
        driver.commit()
        odd += ["text", "varchar", "bpchar", "name"]
    for name in odd:
        oid = driver.adapters.types[name].oid
        driver.adapters.register_loader(name, lenient(driver.adapters.get_loader(oid, 0)))
