"""The records are down, slow, lost half-way, empty, stale, renamed or a tenth of what they were: nothing is closed, the
operator hears, and the next good morning goes on as if nothing had been."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from tests.acceptance.force import COLUMNS, SmallForce, build
from tests.acceptance.test_killed import own_pack, run_sql
from tests.acceptance.test_one_true_morning import FORM, REPORTED, ledger_rows

MONDAY, TUESDAY, WEDNESDAY = (f"{day} 06:30" for day in ("Mon 2026-11-02", "Tue 2026-11-03", "Wed 2026-11-04"))


@pytest.fixture
def force(tmp_path, capsys) -> SmallForce:
    """A force with a good first morning behind it: twenty incidents, one with a form."""
    made = build(tmp_path / "force", capsys)
    own_pack(made, "RA-01", "RA-02", "REF-01")
    made.put("incidents", [{**REPORTED, "incident_ref": f"I{number}"} for number in range(1, 21)])
    made.put("assessments", [FORM])
    made.load("Mon 2026-11-02 05:30")
    assert made.run("run-once", "morning", at=MONDAY).code == 0
    made.load("Tue 2026-11-03 05:30")
    return made


@dataclass(frozen=True)
class Fault:
    """What happens to the records overnight, the exit code of the run, what its error or the operator's mail says, and
    how it is undone."""

    happens: Callable[[SmallForce], None]
    undone: Callable[[SmallForce], None]
    code: int
    says: str
    kind: str


def statement(*statements: str) -> Callable[[SmallForce], None]:
    def change(force: SmallForce) -> None:
        for each in statements:
            force.execute(each)

    return change


def moved(old: str, new: str) -> Callable[[SmallForce], None]:
    def change(force: SmallForce) -> None:
        (force.folder / old).rename(force.folder / new)

    return change


def loaded(at: str) -> Callable[[SmallForce], None]:
    def change(force: SmallForce) -> None:
        force.load(at)

    return change


def put_back(table: str) -> tuple[str, str]:
    return f"INSERT INTO {table} SELECT * FROM kept", "DROP TABLE kept"


FAULTS = {
    "down": Fault(moved("force.db", "gone.db"), moved("gone.db", "force.db"), 5, "source", "failed"),
    "a table gone": Fault(
        statement("ALTER TABLE incidents RENAME TO elsewhere"),
        statement("ALTER TABLE elsewhere RENAME TO incidents"),
        5,
        "records.incidents",
        "failed",
    ),
    "a column renamed overnight": Fault(
        statement("ALTER TABLE incidents RENAME COLUMN reported_at TO reported_on"),
        statement("ALTER TABLE incidents RENAME COLUMN reported_on TO reported_at"),
        5,
        "reported_at",
        "failed",
    ),
    "empty": Fault(
        statement("CREATE TABLE kept AS SELECT * FROM incidents", "DELETE FROM incidents"),
        statement(*put_back("incidents")),
        8,
        "came empty",
        "not-checked",
    ),
    "a tenth of the rows": Fault(
        statement("CREATE TABLE kept AS SELECT * FROM incidents", "DELETE FROM incidents WHERE rowid > 2"),
        statement("DELETE FROM incidents", *put_back("incidents")),
        8,
        "came short",
        "not-checked",
    ),
    "stale": Fault(
        loaded("Sun 2026-11-01 05:30"), loaded("Tue 2026-11-03 05:30"), 8, "are known to an instant", "not-checked"
    ),
}


def exceptions(force: SmallForce) -> list[tuple[object, ...]]:
    return ledger_rows(force, "SELECT * FROM exception ORDER BY rule_id, item_ref")


def to_operator(force: SmallForce, kind: str) -> list[str]:
    found = sorted((force.folder / "outbox").glob(f"*operator-{kind}*.eml"))
    return [" ".join(path.read_text().replace("=\n", "").split()) for path in found]


QUICK = ("a column renamed overnight", "a tenth of the rows")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in FAULTS]
)
def test_a_fault_of_the_records_changes_no_exception_and_the_next_good_run_is_none_the_wiser(
    force, name, record_property
):
    fault = FAULTS[name]
    before = exceptions(force)
    assert len(before) > 15
    fault.happens(force)
    ran = force.run("run-once", "morning", at=TUESDAY)
    assert ran.code == fault.code, (ran.out, ran.err)
    assert exceptions(force) == before
    told = to_operator(force, fault.kind)
    assert len(told) == 1
    assert fault.says in told[0] or fault.says in ran.err
    fault.undone(force)
    force.load("Wed 2026-11-04 05:30")
    assert force.run("run-once", "morning", at=WEDNESDAY).code == 0
    assert [row[4] for row in exceptions(force)] == [row[4] for row in before], "open is still open"
    assert ledger_rows(force, "SELECT count(*) FROM event WHERE kind IN ('closed', 'reopened')") == [(0,)]
    record_property(
        f"Records: {name}", f"exit code {fault.code}, operator told once, {len(before)} exceptions untouched"
    )


def on_server(force: SmallForce, url: str) -> None:
    """Move the records of a force to a PostgreSQL server."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    source = sa.create_engine(f"sqlite:///{force.folder}/force.db", poolclass=sa.NullPool)
    with engine.begin() as server, source.connect() as file:
        for table, columns in {**COLUMNS, "load_log": "loaded_at"}.items():
            kinds = {name: "timestamp" if name == "reported_at" else "text" for name in columns.split()}
            server.execute(
                sa.text(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in kinds.items())})")
            )
            values = ", ".join(f"CAST(:{name} AS {kind})" for name, kind in kinds.items())
            for row in file.execute(sa.text(f"SELECT * FROM {table}")):
                server.execute(sa.text(f"INSERT INTO {table} VALUES ({values})"), dict(row._mapping))
    force.edit('url = "sqlite:///force.db"', f'url = "{url}"')


SERVER_FAULTS = {
    "slow: no answer within the time allowed": ("pg_sleep(30)", "statement_timeout"),
    "disconnecting half-way": ("pg_terminate_backend(pg_backend_pid())", "records.referrals.query"),
}


@pytest.mark.long
@pytest.mark.parametrize("name", SERVER_FAULTS)
def test_a_server_that_fails_half_way_through_a_pull_changes_no_exception(
    force, name, postgres_database, record_property
):
    does, says = SERVER_FAULTS[name]
    before = exceptions(force)
    on_server(force, postgres_database)
    text = force.config.read_text()
    good = text[text.index('query = "SELECT r.*') : text.index("\n", text.index('query = "SELECT r.*'))]
    force.edit(good, good.replace("SELECT r.*", f"SELECT r.*, {does}"))
    force.edit("records_from = 2026-01-01", "records_from = 2026-01-01\nstatement_timeout_seconds = 1")
    run_sql(postgres_database, "INSERT INTO referrals (referral_ref, incident_ref) VALUES ('R1', 'I1')")
    begun = time.monotonic()
    ran = force.run("run-once", "morning", at=TUESDAY)
    took = time.monotonic() - begun
    assert (ran.code, says in ran.err) == (5, True), (ran.out, ran.err)
    assert exceptions(force) == before
    assert len(to_operator(force, "failed")) == 1
    assert took < 20
    force.edit(f"SELECT r.*, {does}", "SELECT r.*")
    assert force.run("run-once", "morning", at="Tue 2026-11-03 06:45").code == 0
    assert ledger_rows(force, "SELECT state FROM slot WHERE local_date = '2026-11-03'") == [("done",)]
    assert run_sql(postgres_database, "SELECT count(*) FROM incidents") == [(20,)]
    record_property(f"Records: {name}", f"exit code 5, {took:.1f} s, operator told once, exceptions untouched")
