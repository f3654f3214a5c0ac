"""Three schedulers and one person at once, slot after slot: each slot is one run, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from collections import Counter

import pytest
import sqlalchemy as sa

from dacompliance.config import load_settings
from dacompliance.ledger.database import open_ledger
from dacompliance.ledger.tables import notice, notice_recipient, run, slot
from tests.acceptance.force import SmallForce, build
from tests.acceptance.test_killed import own_pack
from tests.acceptance.test_one_true_morning import REPORTED

FIRST = dt.date(2026, 11, 3)

AT_ONCE = """
import datetime as dt, logging, sys, time
from pathlib import Path
from dacompliance.schedule import jobs
from dacompliance.config import load_settings
from dacompliance.ledger import slots
from dacompliance.ledger.database import open_ledger
from dacompliance.schedule.once import run_once
from dacompliance.schedule.scheduler import Service

config, who, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
settings = load_settings(Path(config), {})
jobs.publish = lambda *_, **__: []   # the pages are not what is raced for
logging.disable()
first = dt.date(2026, 11, 3)

watched = open_ledger(settings.ledger.url.get_secret_value(), create=False)

def done(day):
    with watched.read() as connection:
        last = slots.newest(connection, "morning")
    if last is None or last.local_date < day:
        return False
    return last.local_date > day or last.state is slots.SlotState.DONE

sys.stdin.readline()
for number in range(count):
    day = first + dt.timedelta(days=number)
    now = dt.datetime.combine(day, dt.time(6, 30), settings.zone).astimezone(dt.UTC)
    while not done(day):
        if who == "person":
            list(run_once(settings, "morning", lambda: now))
        else:
            service = Service(settings, lambda: now)
            service.look()
            service.send()
        patience = 200  # who lost waits for who won, and tries again if that takes too long
        while patience and not done(day):
            time.sleep(0.1)
            patience -= 1
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def force(request: pytest.FixtureRequest, tmp_path, capsys) -> SmallForce:
    made = build(tmp_path / "force", capsys)
    own_pack(made, "RA-01")
    on_server = request.param == "postgresql"
    url = request.getfixturevalue("postgres_database") if on_server else "sqlite:///ledger.db"
    made.edit("[readers]", f'[ledger]\nurl = "{url}"\n[gates]\nstale_hours = 100000\n[readers]')
    made.put("incidents", [REPORTED])
    open_ledger(load_settings(made.config, {}).ledger.url.get_secret_value()).close()
    return made


def race(force: SmallForce, count: int) -> tuple[Counter[str], float]:
    """Have four processes at the same slots, one slot after the other; return what the ledger holds, and the seconds."""
    everybody = ("scheduler", "scheduler", "scheduler", "person")
    begun = time.monotonic()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE, str(force.config), who, str(count)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for who in everybody
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said
    ledger = open_ledger(load_settings(force.config, {}).ledger.url.get_secret_value())
    with ledger.read() as connection:
        states = [f"slots {state}" for state in connection.execute(sa.select(slot.c.state)).scalars()]
        found = Counter(states)
        found["runs"] = connection.execute(sa.select(sa.func.count()).select_from(run)).scalar_one()
        dates = connection.execute(sa.select(run.c.local_date)).scalars().all()
        found["days"] = len(set(dates))
        found["notices"] = connection.execute(sa.select(sa.func.count()).select_from(notice)).scalar_one()
        became = connection.execute(sa.select(notice_recipient.c.state)).scalars()
        found.update(f"messages {state}" for state in became)
    return found, time.monotonic() - begun


def holds(found: Counter[str], count: int) -> None:
    assert found["runs"] == found["days"] == found["slots done"] == count
    assert found["slots failed"] == found["slots missed"] == found["slots claimed"] == 0
    # How often each was tried is not said here: a process a day ahead by its clock finds the others' claims expired.
    assert found["messages written"] == found["notices"] == 3 * count


@pytest.mark.slow
def test_three_slots_are_three_runs(force, record_property):
    found, took = race(force, 3)
    holds(found, 3)
    record_property("Together: 3 schedulers, 1 person, 3 slots", f"{dict(found)}, {took:.0f} s")


@pytest.mark.long
def test_two_hundred_slots_are_two_hundred_runs(force, record_property):
    found, took = race(force, 200)
    holds(found, 200)
    record_property("Together: 3 schedulers, 1 person, 200 slots", f"{dict(found)}, {took:.0f} s")
