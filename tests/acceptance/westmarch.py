"""The demonstration's force on PostgreSQL: the same rows in tables with types of their own, its own configuration."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from dacompliance.config import Settings, load_settings
from dacompliance.demo.approval import copy_pack
from dacompliance.resources import rules_folder

SCHEMAS: Final = Path(__file__).parent / "schemas"
SINCE: Final = "records_from = 2024-11-01"
TYPED: Final[Mapping[str, Callable[[Any], Any]]] = {
    "TIMESTAMP": lambda text: dt.datetime.strptime(text, "%d/%m/%Y %H:%M"),  # noqa: DTZ007 - a wall time
    "DATE": lambda text: dt.datetime.strptime(text, "%d/%m/%Y").date(),  # noqa: DTZ007
    "BOOLEAN": {"Y": True, "N": False}.__getitem__,
}
"""What a typed column makes of the text in the demonstration's file; any other column keeps the cell as it is."""


def on_sqlite(folder: Path, source: Path, *, since: str = SINCE) -> Settings:
    """Set the force up in a folder as the demonstration does, its records in `source`."""
    text = (resources.files("dacompliance.demo") / "config.toml").read_text(encoding="utf-8")
    return _set_up(folder, text.replace("sqlite:///force.db", f"sqlite:///{source}").replace(SINCE, since), {})


def on_postgresql(folder: Path, records: str, ledger: str, *, since: str = SINCE, slice_days: int = 61) -> Settings:
    """Set the force up in a folder with its records on PostgreSQL, and its ledger where it is told."""
    text = (SCHEMAS / "westmarch-postgresql.toml").read_text(encoding="utf-8")
    text = text.replace(SINCE, since).replace("slice_days   = 61", f"slice_days = {slice_days}")
    return _set_up(folder, text.replace("WESTMARCH_LEDGER", ledger), {"WESTMARCH_RECORDS": records})


def _set_up(folder: Path, config: str, environment: Mapping[str, str]) -> Settings:
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(config, encoding="utf-8")
    copy_pack(rules_folder(), folder / "rules")
    return load_settings(folder / "config.toml", environment)


def load(source: Path, address: str) -> None:
    """Copy every table of the force's SQLite file into typed tables on PostgreSQL, made for it."""
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql((SCHEMAS / "westmarch-postgresql.sql").read_text(encoding="utf-8"))
        tables = sa.MetaData()
        tables.reflect(connection)
        with closing(sqlite3.connect(source)) as file:
            for table in tables.sorted_tables:
                _copy(file, connection, table)
        connection.exec_driver_sql((SCHEMAS / "westmarch-postgresql-indexes.sql").read_text(encoding="utf-8"))


def _copy(file: sqlite3.Connection, connection: sa.Connection, table: sa.Table) -> None:
    names = ", ".join(column.name for column in table.columns)
    typed = [TYPED.get(column.type.__class__.__name__) for column in table.columns]
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in file.execute(f"SELECT {names} FROM {table.name}"):
            cells = zip(typed, row, strict=True)
            copy.write_row([cell if cell is None or make is None else make(cell) for make, cell in cells])
