"""The bundled rules in SQL for DuckDB, as a good analyst would write them: loaded, run, and read back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd

from benchmarks.invented import AS_AT, arrow
from dacompliance.policy.model import Holiday
from dacompliance.records.contract import RECORD_SETS
from dacompliance.records.table import Records

Connection = duckdb.DuckDBPyConnection
THREADS: Final = 2
SQL: Final = Path(__file__).with_name("rules.sql")
NATION: Final = "england-and-wales"


def loaded(records: Records, holidays: Sequence[Holiday]) -> Connection:
    """Return a database in memory with the records in tables of its own, which is what DuckDB is quickest with."""
    connection = duckdb.connect(config={"threads": THREADS})
    connection.execute("SET enable_progress_bar = false")
    for name in ("incidents", "assessments", "referrals"):
        rows = arrow(records.table(name), RECORD_SETS[name].key)
        connection.register("rows", rows)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM rows")
        connection.unregister("rows")
    days = {each.date for each in holidays if each.nation == NATION and each.withdrawn is None}
    connection.execute("CREATE TABLE holiday (day DATE)")
    connection.executemany("INSERT INTO holiday VALUES (?)", [[day] for day in sorted(days)])
    connection.execute(f"SET VARIABLE as_at = TIMESTAMP '{AS_AT:%Y-%m-%d %H:%M:%S}'")
    return connection


def judge(connection: Connection) -> None:
    """Run the SQL: facts, then a row in `verdict` for whatever applies."""
    connection.execute(SQL.read_text(encoding="utf-8"))


def verdicts(connection: Connection, rule_id: str) -> pd.DataFrame:
    """Return what the SQL says of a rule: `item_ref`, `outcome`, and `due_at` and `done_at` in microseconds."""
    return connection.execute(
        "SELECT item_ref, outcome::VARCHAR AS outcome, epoch_us(due_at) AS due_at, epoch_us(done_at) AS done_at "
        "FROM verdict WHERE rule_id = ? ORDER BY item_ref",
        [rule_id],
    ).df()
