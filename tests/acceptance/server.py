"""The small force with its records on a PostgreSQL server, read by an account that may read and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from tests.acceptance.force import COLUMNS, SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED

SECRET: Final = "hunter2"
"""Put wherever an account, a password, a host or a value of a record could stand; no line may hold it."""


@dataclass(frozen=True)
class Server:
    """The force's records on a server of the tests', and its superuser's connection."""

    force: SmallForce
    engine: sa.Engine

    def execute(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def address(self, **changed: object) -> str:
        """Return the address of the records, changed."""
        return self.engine.url.set(**changed).render_as_string(hide_password=False)  # type: ignore[arg-type]

    def use(self, address: str) -> None:
        """Have the configuration name an address."""
        (self.force.folder / "records.url").write_text(address)


@contextmanager
def on_server(force: SmallForce, database: str) -> Iterator[Server]:
    """The same force, its records on PostgreSQL with types of their own, and an account that may read and no more."""
    made = Server(force, sa.create_engine(database, poolclass=sa.NullPool))
    for name, columns in COLUMNS.items():
        typed = (f"{each} {'timestamp' if each.endswith('_at') else 'text'}" for each in columns.split())
        made.execute(f"CREATE TABLE {name} ({', '.join(typed)})")
    for name, row in (("incidents", {**REPORTED, "officer_id": SECRET}), ("assessments", FORM)):
        cells = ", ".join(f"'{cell}'" for cell in row.values())
        made.execute(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({cells})")
    made.execute("CREATE TABLE load_log (loaded_at timestamp)", "INSERT INTO load_log VALUES ('2026-11-03 05:30')")
    made.execute(f"DROP ROLE IF EXISTS {SECRET}", f"CREATE ROLE {SECRET} LOGIN PASSWORD '{SECRET}1'")
    made.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {SECRET}")
    force.edit('url = "sqlite:///force.db"', 'url_file = "records.url"\nstatement_timeout_seconds = 1')
    made.use(made.address(username=SECRET, password=f"{SECRET}1"))
    yield made
    made.execute(f"DROP OWNED BY {SECRET}", f"DROP ROLE {SECRET}")
