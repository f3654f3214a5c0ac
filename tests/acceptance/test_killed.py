"""A morning killed at any of its steps: all of the run is there or nothing, and the next morning is none the wiser."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dacompliance.config import load_settings
from dacompliance.errors import LedgerError
from dacompliance.ledger import slots
from dacompliance.ledger.database import open_ledger
from dacompliance.ledger.slots import LEASE
from dacompliance.ledger.tables import metadata, notice_recipient
from dacompliance.replaying import replay
from dacompliance.resources import rules_folder
from tests.acceptance.dying import END, Mortal, mortal
from tests.acceptance.force import SmallForce, build
from tests.acceptance.test_one_true_morning import FORM, REPORTED
from tests.helpers import when
from tests.ledger.builders import everything

pytestmark = pytest.mark.slow

TUESDAY, WEDNESDAY = when("Tue 2026-11-03 06:30"), when("Wed 2026-11-04 06:30")

Rows = Mapping[str, list[tuple[Any, ...]]]


@dataclass(slots=True)
class Template:
    """A force with its ledger as they stood before a morning, to be put back in place after each death."""

    force: SmallForce
    kept: Path

    def put_back(self) -> None:
        """Make the force's folder, and its ledger wherever that is, what they were."""
        shutil.rmtree(self.force.folder)
        shutil.copytree(self.kept, self.force.folder)
        if on_postgresql(self.force):
            run_sql(url_of(self.force), RESTORE)


def keep(force: SmallForce, folder: Path) -> Template:
    """Remember a force with its ledger as they are."""
    shutil.copytree(force.folder, folder)
    if on_postgresql(force):
        run_sql(url_of(force), KEEP)
    return Template(force, folder)


TABLES = ", ".join(f"'{table.name}'" for table in metadata.sorted_tables)
KEEP = f"""
DO $$ DECLARE name text; BEGIN
    DROP SCHEMA IF EXISTS kept CASCADE;
    CREATE SCHEMA kept;
    FOREACH name IN ARRAY ARRAY[{TABLES}] LOOP
        IF to_regclass(format('public.%I', name)) IS NOT NULL THEN
            EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name);
        END IF;
    END LOOP;
END $$
"""
RESTORE = f"""
DO $$ DECLARE name text; numbers text; BEGIN
    IF to_regclass('kept.run') IS NULL THEN
        DROP SCHEMA public CASCADE;
        CREATE SCHEMA public;
        RETURN;
    END IF;
    EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('public.%I', each), ', ') FROM unnest(ARRAY[{TABLES}]) AS each);
    FOREACH name IN ARRAY ARRAY[{TABLES}] LOOP
        EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE TABLE kept.%I', name, name);
        IF EXISTS (SELECT FROM information_schema.columns
                   WHERE table_schema = 'public' AND table_name = name AND column_name = 'id') THEN
            numbers := pg_get_serial_sequence(format('public.%I', name), 'id');
            IF numbers IS NOT NULL THEN
                EXECUTE format('SELECT setval(%L, (SELECT coalesce(max(id), 0) + 1 FROM public.%I), false)', numbers, name);
            END IF;
        END IF;
    END LOOP;
END $$
"""


def run_sql(url: str, statement: str) -> list[Any]:
    """Have a PostgreSQL server run one statement, and return its rows."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        found = connection.execute(sa.text(statement))
        return list(found) if found.returns_rows else []


def wait_for_the_server(force: SmallForce) -> None:
    """Wait until a server has noticed the death of whoever was connected to the ledger."""
    others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    if on_postgresql(force):
        for _ in range(500):
            if not run_sql(url_of(force), others):
                return
            time.sleep(0.02)
        pytest.fail("the server still serves the dead")


@pytest.fixture(scope="module")
def mornings() -> Iterator[Mortal]:
    with mortal() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def force(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> SmallForce:
    """A force with every kind of record, and a ledger that is not there yet."""
    made = build(tmp_path / "force", capsys)
    on_server = request.param == "postgresql"
    url = request.getfixturevalue("postgres_database") if on_server else "sqlite:///ledger.db"
    made.edit("[readers]", f'[ledger]\nurl = "{url}"\n[gates]\nshort_share = 0.1\n[readers]')
    own_pack(made, "RA-01", "RA-02", "REF-01")
    made.put("incidents", [{**REPORTED, "incident_ref": f"I{number}"} for number in range(1, 6)])
    made.put("incidents", [{**REPORTED, "incident_ref": "I6", "reported_at": "31/02/2026"}])
    made.put("assessments", [FORM, {**FORM, "assessment_ref": "A2", "incident_ref": "I2", "risk_grade": "highest"}])
    made.put("staff", [{"staff_id": name, "email": f"{name}@force.example"} for name in ("77", "78")])
    return made


def own_pack(force: SmallForce, *rules: str) -> None:
    """Give a force a pack of its own, of some of the bundled rules."""
    (force.folder / "rules").mkdir()
    for path in rules_folder().glob("*.toml"):
        if path.name.startswith(rules) or path.name in ("calendars.toml", "bank-holidays.toml", "instruments.toml"):
            shutil.copy(path, force.folder / "rules")
    force.edit("[readers]", '[rules]\nfolder = "rules"\n[readers]')


def the_next_day(force: SmallForce) -> None:
    """Bring the records forward by a day: a case done, one new, one changed hands, one gone, one to set aside."""
    force.put(
        "referrals",
        [{"referral_ref": "R1", "incident_ref": "I1", "destination": "MASH", "referred_at": "2026-11-03 10:00"}],
    )
    force.put("incidents", [{**REPORTED, "incident_ref": "I7"}])
    force.execute("UPDATE incidents SET supervisor_id = '78' WHERE incident_ref = 'I3'")
    force.execute("DELETE FROM incidents WHERE incident_ref = 'I4'")
    force.execute("UPDATE assessments SET submitted_at = 'yesterday' WHERE assessment_ref = 'A2'")
    force.load("Wed 2026-11-04 05:30")


def url_of(force: SmallForce) -> str:
    return load_settings(force.config, {}).ledger.url.get_secret_value()


def on_postgresql(force: SmallForce) -> bool:
    return url_of(force).startswith("postgresql")


def rows_of(force: SmallForce) -> Rows:
    """Return every row of the ledger, of slots and recipients what became of them; nothing where there is no ledger."""
    try:
        ledger = open_ledger(url_of(force), create=False)
    except LedgerError:
        return {}
    with ledger.read() as connection:
        slot = [(each.job, each.local_date, each.state, each.run_id) for each in slots.slots(connection)]
        told = [
            tuple(row) for row in connection.execute(sa.select(notice_recipient.c.address, notice_recipient.c.state))
        ]
        return {**everything(ledger), "slot": slot, "notice_recipient": sorted(told)}


def files_of(force: SmallForce) -> dict[str, bytes]:
    """Return every file that was written for people to read, or is left half-written."""
    folders = (force.folder / "outbox", force.folder / "reports-out")
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(force.folder)): path.read_bytes() for path in found}


def said(rows: Rows) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows that come of a run, but for slots and what was sent; empty tables left out."""
    return {name: found for name, found in rows.items() if found and name not in ("slot", "notice_recipient")}


def verdicts_of(force: SmallForce) -> bytes:
    """Return the verdicts of the last run, judged again from the ledger, as they are exported."""
    path = force.folder / "verdicts.csv"
    run = max(int(row[0]) for row in rows_of(force)["run"])
    again = replay(load_settings(force.config, {}), run, path)
    assert again.differ == ()
    return path.read_bytes()


@pytest.mark.long
@pytest.mark.parametrize("morning", [TUESDAY, WEDNESDAY], ids=["the first morning", "a later morning"])
def test_a_morning_killed_at_any_step_leaves_all_or_nothing(force, mornings, morning, tmp_path, record_property):
    kills, kept, states = _killed(force, mornings, morning, tmp_path / "kept", every=1)
    assert kills > 40
    assert 4 < states < 40
    where = "PostgreSQL" if on_postgresql(force) else "SQLite"
    which = "first" if morning == TUESDAY else "later"
    record_property(
        f"Killed at each step of a {which} morning, {where}",
        f"{kills} kills: nothing of the run after {kills - kept}, all of it after {kept}; taken up from {states} states",
    )


@pytest.mark.parametrize("force", ["sqlite"], indirect=True)
def test_a_morning_killed_at_one_step_in_nine_leaves_all_or_nothing(force, mornings, tmp_path):
    kills, kept, states = _killed(force, mornings, TUESDAY, tmp_path / "kept", every=9)
    assert min(kills - kept, kept, states) > 1


def _killed(
    force: SmallForce, mornings: Mortal, morning: dt.datetime, folder: Path, *, every: int
) -> tuple[int, int, int]:
    """Kill a morning at every so many of its steps, and see what is there and that it is made up for.

    Return the number of kills, after how many of them the run was there, and how many states of things they left.
    """
    if morning == WEDNESDAY:
        assert mornings.morning(force.config, TUESDAY).step == END
        the_next_day(force)
    before, files_before = rows_of(force), files_of(force)
    template = keep(force, folder)
    wanted = {}
    for at in (morning + LEASE, morning):
        template.put_back()
        assert mornings.morning(force.config, at).step == END
        wanted[at] = rows_of(force), files_of(force)
    verdicts = verdicts_of(force)
    assert said(wanted[morning][0]) != said(before)

    kept, seen, kills = 0, [], 0
    for number in itertools.count(every, every):
        template.put_back()
        death = mornings.morning(force.config, morning, number)
        if not death.killed:
            break
        kills += 1
        assert death.number == number
        wait_for_the_server(force)
        rows, files = rows_of(force), files_of(force)
        now_kept = said(rows) == said(wanted[morning][0])
        assert now_kept or said(rows) == said(before), f"half a run is there after {death.step}"
        assert now_kept or not kept, f"what was there is gone after {death.step}"
        assert now_kept or files == files_before, f"something was said before it was kept, after {death.step}"
        kept += now_kept
        if (rows, files) not in seen:
            seen.append((rows, files))
            _goes_on(force, mornings, rows, files, morning)
            at = morning if now_kept else morning + LEASE
            assert rows_of(force) == wanted[at][0], death.step
            assert files_of(force) == wanted[at][1], death.step
            assert verdicts_of(force) == verdicts
    assert death.step == END
    return kills, kept, len(seen)


def _goes_on(force: SmallForce, mornings: Mortal, rows: Rows, files: Mapping[str, bytes], morning: dt.datetime) -> None:
    """See that a live claim is left alone, and do the morning when it has expired."""
    if any(state == "claimed" for _, _, state, _ in rows.get("slot", ())):
        assert not mornings.morning(force.config, morning + LEASE / 2).killed
        assert (rows_of(force), files_of(force)) == (rows, files)
    assert mornings.morning(force.config, morning + LEASE).step == END


def test_a_slow_morning_is_left_alone_then_taken_over_and_keeps_nothing_when_it_wakes(force, mornings, tmp_path):
    template = keep(force, tmp_path / "kept")
    assert mornings.morning(force.config, TUESDAY + LEASE).step == END
    wanted = rows_of(force), files_of(force)
    template.put_back()
    with mortal() as slow, slow.slow_morning(force.config, TUESDAY, "dacompliance.monitor.pull_in_parts has ended"):
        claimed = rows_of(force)
        assert said(claimed) == {}
        assert [state for _, _, state, _ in claimed["slot"]] == ["claimed"]
        assert mornings.morning(force.config, TUESDAY + LEASE / 2).step == END
        assert rows_of(force) == claimed
        assert mornings.morning(force.config, TUESDAY + LEASE).step == END
        assert (rows_of(force), files_of(force)) == wanted
    assert (rows_of(force), files_of(force)) == wanted
