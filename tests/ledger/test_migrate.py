"""Versions of the ledger: up, down and up again with data in it, too old, too new, and never half-way."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from dacompliance.errors import LedgerError
from dacompliance.ledger import engines, history, migrate, outbox, slots, tables
from dacompliance.ledger.database import open_ledger
from dacompliance.resources import migrations_folder
from tests.ledger.builders import (
    DAY,
    NOW,
    TODAY,
    commit,
    everything,
    notice,
    opened,
    row_counts,
    some_records,
)

HEAD = migrate.HEAD
LATER = '''
"""A version to come."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "later", "{head}", None, None

def upgrade():
    op.create_table("extra", sa.Column("id", sa.Integer(), primary_key=True))
    with op.batch_alter_table("run") as run:
        run.add_column(sa.Column("mood", sa.Text(), nullable=True))
        run.alter_column("code_version", new_column_name="program")
    {fault}

def downgrade():
    with op.batch_alter_table("run") as run:
        run.alter_column("program", new_column_name="code_version")
        run.drop_column("mood")
    op.drop_table("extra")
'''


@pytest.fixture
def later(tmp_path, monkeypatch):
    """Return a function that makes this program one of a later version, with a fault in its migration if wanted."""

    def become(fault: str = "pass") -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(migrations_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "later.py").write_text(LATER.format(fault=fault, head=HEAD))
        monkeypatch.setattr(migrate, "migrations_folder", lambda: folder)
        monkeypatch.setattr(migrate, "HEAD", "later")

    return become


def fill(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Put rows into every table that a run writes, over two runs, and return them all."""
    ledger = open_ledger(url)
    claim = slots.claim(ledger, "morning", TODAY, now=NOW)
    commit(ledger, some_records(), events=[opened("I1"), opened("I2")], notices=[notice()], claim=claim)
    commit(ledger, some_records(area="South"), run={"as_at": NOW + DAY})
    with ledger.begin() as connection:
        slots.miss(connection, "morning", [TODAY + DAY], now=NOW + DAY)
    ledger.close()
    return everything(ledger)


def differences(url: str) -> list[object]:
    with open_ledger(url).read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, tables.metadata)


def test_the_migrations_make_exactly_the_tables_the_program_knows(ledger_url):
    open_ledger(ledger_url)
    assert differences(ledger_url) == []


def test_checks_and_partial_indexes_are_those_of_the_program(ledger_url):
    """Alembic compares neither, so each database is asked to refuse what must be refused."""
    ledger = open_ledger(ledger_url)
    commit(ledger, some_records())
    wrong = [
        "INSERT INTO slot (job, local_date, state, owner, why, changed_at) VALUES ('j', 'd', 'odd', '', '', 0)",
        "UPDATE record_history SET key = 'same', record_set = 'same'",
    ]
    for statement in wrong:
        with pytest.raises((sa.exc.IntegrityError, RuntimeError)), ledger.begin() as connection:
            connection.exec_driver_sql(statement)


def test_the_program_reads_the_newest_version_there_is():
    assert migrate.known_versions()[-1] == migrate.HEAD


def test_a_ledger_goes_down_and_up_again(ledger_url):
    fill(ledger_url)
    migrate.move(ledger_url, "base")
    ledger = open_ledger(ledger_url)  # an emptied database is made a ledger again
    assert differences(ledger_url) == []
    assert sum(row_counts(ledger).values()) == 0


@pytest.mark.parametrize("version", [each for each in migrate.known_versions() if each != HEAD])
def test_each_version_goes_up_and_down_and_up_with_data_in_it(ledger_url, version):
    before = fill(ledger_url)
    migrate.move(ledger_url, version)
    assert migrate.upgrade(ledger_url).before == version
    migrate.move(ledger_url, version)
    migrate.move(ledger_url, HEAD)
    assert differences(ledger_url) == []
    assert everything(open_ledger(ledger_url)) == before


def test_a_message_that_left_before_anyone_noted_how_is_taken_to_have_left_by_its_state(ledger_url):
    fill(ledger_url)
    ledger = open_ledger(ledger_url)
    for kind, settle in (("1", outbox.handed_over), ("2", outbox.written), ("3", None)):
        with ledger.begin() as connection:
            outbox.queue(connection, [notice(message_id=f"<{kind}@x>", reader_key=kind, kind=kind)], run_id=1)
        if settle is not None:
            while (outgoing := outbox.claim(ledger, now=NOW)) is not None:
                settle(ledger, outgoing, now=NOW)
    migrate.move(ledger_url, "0001")
    migrate.upgrade(ledger_url)
    with open_ledger(ledger_url).read() as connection:
        found = connection.exec_driver_sql(
            "SELECT kind, mode FROM notice JOIN notice_recipient ON notice_id = notice.id"
        )
        assert dict(map(tuple, found)) == {"digest": "on", "1": "on", "2": "off", "3": ""}


def test_an_upgrade_keeps_every_row_and_a_way_back(ledger_url, later):
    before = fill(ledger_url)
    later()
    done = migrate.upgrade(ledger_url)
    assert (done.before, done.after) == (HEAD, "later")
    with open_ledger(ledger_url).read() as connection:
        programs = connection.exec_driver_sql("SELECT DISTINCT program FROM run").scalars().all()
        assert programs == ["0.1"]
        assert connection.exec_driver_sql("SELECT count(*) FROM event").scalar_one() == 2
    migrate.move(ledger_url, HEAD)
    migrate.move(ledger_url, "later")
    migrate.move(ledger_url, HEAD)
    engine = engines.make_engine(engines.parse_url(ledger_url))
    with engines.transaction(engine, "", write=False) as connection:
        assert sorted(map(repr, connection.execute(sa.select(tables.run)))) == [
            f"({', '.join(row)})" for row in before["run"]
        ]


def test_an_upgrade_that_fails_leaves_the_old_version_whole(ledger_url, later):
    before = fill(ledger_url)
    later("raise ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        migrate.upgrade(ledger_url)
    assert _version(ledger_url) == HEAD
    assert "extra" not in _tables(ledger_url)
    assert sorted(_rows(ledger_url, tables.run)) == [f"({', '.join(row)})" for row in before["run"]]


def test_an_upgrade_that_would_orphan_rows_changes_nothing(tmp_path, later):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    before = fill(url)
    later("op.execute('DELETE FROM run WHERE id = 1')")
    with pytest.raises(LedgerError, match=r"rows would be left without the rows they belong to\. Nothing was changed"):
        migrate.upgrade(url)
    assert _version(url) == HEAD
    assert len(_rows(url, tables.run)) == len(before["run"])


def test_an_older_ledger_is_refused_with_the_command_that_upgrades_it(ledger_url, later):
    fill(ledger_url)
    later()
    for create in (True, False):
        with pytest.raises(
            LedgerError, match=rf'is of version {HEAD} and this program needs later\. Run "dacompliance ledger upgrade"'
        ):
            open_ledger(ledger_url, create=create)
    assert _version(ledger_url) == HEAD
    migrate.upgrade(ledger_url)
    open_ledger(ledger_url)


def test_a_newer_ledger_is_refused_by_an_older_program(ledger_url):
    open_ledger(ledger_url)
    with open_ledger(ledger_url).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
    for refused in (open_ledger, migrate.upgrade):
        with pytest.raises(LedgerError, match=r"written by a newer dacompliance than this one.*Upgrade the program"):
            refused(ledger_url)


def test_a_sqlite_ledger_is_copied_beside_itself_before_an_upgrade(tmp_path, later):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    before = fill(url)
    later()
    done = migrate.upgrade(url)
    assert done.backup == tmp_path / f"ledger.db.{HEAD}.backup"
    with closing(sqlite3.connect(done.backup)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
        assert copy.execute("SELECT count(*) FROM record_history").fetchone() == (len(before["record_history"]),)


def test_a_backup_is_never_written_over_another(tmp_path):
    file = tmp_path / "ledger.db"
    fill(f"sqlite:///{file}")
    names = [migrate.back_up(file, "0001").name for _ in range(3)]
    assert names == ["ledger.db.0001.backup", "ledger.db.0001-2.backup", "ledger.db.0001-3.backup"]


def test_without_a_backup_there_is_no_upgrade(tmp_path, later):
    url = f"sqlite:///{tmp_path / ('ledger' * 40 + '.db')}"  # its name is as long as can be, so a longer one cannot be
    fill(url)
    later()
    with pytest.raises(LedgerError, match="no backup could be written beside it"):
        migrate.upgrade(url)
    assert _version(url) == HEAD


def test_a_ledger_of_this_version_is_left_as_it_is(ledger_url, tmp_path):
    before = fill(ledger_url)
    assert migrate.upgrade(ledger_url) == migrate.Upgrade(HEAD, HEAD, None)
    assert everything(open_ledger(ledger_url)) == before
    assert not list(tmp_path.glob("*.backup"))


def test_there_is_nothing_to_upgrade_where_there_is_no_ledger(ledger_url):
    with pytest.raises(LedgerError, match="there is no ledger yet"):
        migrate.upgrade(ledger_url)


def test_alembic_alone_runs_no_migration(tmp_path):
    from alembic import command

    with pytest.raises(LedgerError, match='Run "dacompliance ledger upgrade"'):
        command.upgrade(migrate._config(), "head")


def test_a_path_with_a_percent_sign_is_read_as_it_stands(tmp_path, monkeypatch):
    folder = tmp_path / "100% migrations"
    shutil.copytree(migrations_folder(), folder)
    monkeypatch.setattr(migrate, "migrations_folder", lambda: folder)
    assert migrate.known_versions()[-1] == migrate.HEAD


def test_what_was_known_is_still_known_after_an_upgrade(ledger_url, later):
    fill(ledger_url)
    with open_ledger(ledger_url).read() as connection:
        before = history.records_at(connection, 1).incidents.keys.tolist()
    later()
    migrate.upgrade(ledger_url)
    migrate.move(ledger_url, HEAD)
    with engines.transaction(engines.make_engine(engines.parse_url(ledger_url)), "", write=False) as connection:
        assert history.records_at(connection, 1).incidents.keys.tolist() == before == ["I1", "I2", "I3"]


def _rows(url: str, table: sa.Table) -> list[str]:
    with engines.transaction(engines.make_engine(engines.parse_url(url)), "", write=False) as connection:
        return [repr(row) for row in connection.execute(sa.select(table))]


def _version(url: str) -> str:
    with engines.transaction(engines.make_engine(engines.parse_url(url)), "", write=False) as connection:
        return migrate.version(connection, "")


def _tables(url: str) -> list[str]:
    with engines.transaction(engines.make_engine(engines.parse_url(url)), "", write=False) as connection:
        return sa.inspect(connection).get_table_names()
