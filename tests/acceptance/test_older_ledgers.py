"""An upgrade never rewrites: a ledger that an older program left, with data in it, says after it all that it said before.

`tests/ledger/older/<version>.sql.gz` is the whole of such a ledger as SQLite dumped it, from twelve mornings of the
force of `changing.py` (seed 8, three incidents a day): edits, deletions, a copy that was stale, rules held, a waiver, a
dispute, notices, an edited calendar. It was made by the program of that version; a new migration that changes what is
there brings its own.
"""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from dacompliance.audit.difference import moved
from dacompliance.errors import LedgerError
from dacompliance.ledger import history, migrate, runs
from dacompliance.ledger.database import open_ledger
from dacompliance.ledger.engines import parse_url
from dacompliance.replaying.again import again, said_by

OLDER = sorted((Path(__file__).parents[1] / "ledger" / "older").glob("*.sql.gz"))
SAID = (
    "rule_id",
    "item_ref",
    "about",
    "incident_ref",
    "first_run",
    "last_run",
    "version",
    "outcome",
    "due_at",
    "done_at",
    "reason",
)


def restore(dump: Path, file: Path) -> None:
    """Make an SQLite file of a dump."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(gzip.decompress(dump.read_bytes()).decode())


def carry_over(file: Path, url: str, version: str) -> None:
    """Fill a PostgreSQL database with the tables of a version, and the rows of an SQLite file of it."""
    open_ledger(url).close()
    migrate.move(url, "base")
    migrate.move(url, version)
    here, there = sa.create_engine(f"sqlite:///{file}"), sa.create_engine(parse_url(url))
    tables = sa.MetaData()
    tables.reflect(there)
    with here.connect() as old, there.begin() as new:
        for table in tables.sorted_tables:
            if table.name == "alembic_version":
                continue
            kept = sa.Table(table.name, sa.MetaData(), *(sa.Column(each.name, each.type) for each in table.columns))
            rows = [dict(row._mapping) for row in old.execute(sa.select(kept))]
            if rows:
                new.execute(sa.insert(table), rows)
            if "id" in table.c and table.name != "run":
                new.execute(
                    sa.text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), GREATEST(1, (SELECT max(id) FROM {table.name})))"
                    )
                )
    here.dispose()
    there.dispose()


@pytest.fixture(params=OLDER, ids=[each.name.partition(".")[0] for each in OLDER])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return an SQLite ledger of an older version."""
    restore(request.param, tmp_path / "ledger.db")
    return tmp_path / "ledger.db"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, file: Path) -> str:
    """Return the address of such a ledger, on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{file}"
    address: str = request.getfixturevalue("postgres_database")
    carry_over(file, address, version_of(file))
    return address


def version_of(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def verdicts(file: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return sorted(connection.execute(f"SELECT {', '.join(SAID)} FROM verdict_history"), key=str)


def test_an_older_ledger_says_after_the_upgrade_what_it_said_before_and_every_run_replays(url: str, file: Path):
    before = verdicts(file)
    if version_of(file) != migrate.HEAD:
        with pytest.raises(LedgerError, match="ledger upgrade"):
            open_ledger(url)
        assert migrate.upgrade(url).after == migrate.HEAD
    with closing(open_ledger(url)) as ledger, ledger.read() as connection:
        after = connection.execute(sa.select(*(history._verdicts.c[name] for name in SAID)))
        assert sorted(map(tuple, after), key=str) == before
        numbers = [each.id for each in runs.runs(connection)]
        assert numbers == list(range(12, 0, -1))
        for number in numbers:
            past, kept, _ = again(connection, number)
            said = said_by(connection, past.run)
            assert moved(said, past.judged_again().frame()).empty, number
            assert not kept.records, number
            assert not kept.documents, number
            assert len(said) > 0 or number == 6, number  # the sixth morning's copy was stale


def test_the_oldest_ledger_here_has_what_a_run_can_bring():
    """An upgrade is only tried by what is in the ledger."""
    for dump in OLDER:
        text = gzip.decompress(dump.read_bytes()).decode()
        for table in ("hold", "waiver", "dispute", "event", "notice", "measure", "slot", "rule_version"):
            assert f'INSERT INTO "{table}"' in text, (dump.name, table)
