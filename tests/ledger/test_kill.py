"""A process that dies at the worst moment: nothing of its run is there, and the next run is as if it had been the first."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from dacompliance.ledger import slots
from dacompliance.ledger.commit import commit_run
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.ledger.slots import LEASE, Claim
from tests.ledger.builders import NOW, TODAY, everything, notice, opened, run_record, some_records, work
from tests.ledger.test_figures import frame as figures
from tests.ledger.test_history import frame, verdict

pytestmark = pytest.mark.slow

DIES = '''
"""Commit a run, and die after the step named: by SIGKILL, which nothing can catch."""
import os, signal, sys
import sqlalchemy as sa
from dacompliance.ledger import bulk, casework, changes, figures, outbox, pieces, runs, slots
from dacompliance.ledger.database import open_ledger
from tests.ledger.builders import NOW, TODAY
from tests.ledger.test_kill import a_run

url, step = sys.argv[1:]
ledger = open_ledger(url)

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def dying(function):
    def then(*given, **named):
        function(*given, **named)
        die()
    return then

module, _, name = step.partition(".")
places = {each.__name__.rpartition(".")[2]: each for each in (bulk, casework, changes, figures, outbox, pieces, runs, slots)}
claim = slots.claim(ledger, "morning", TODAY, now=NOW, owner="this one")
if step == "commit":
    sa.event.listen(ledger.engine, "commit", die)  # on the point of it: the database has not been asked yet
elif module in places:
    setattr(places[module], name, dying(getattr(places[module], name)))
a_run(ledger, claim, parts=3 if module == "pieces" else 1)
if step == "after":
    die()
'''

STEPS = [
    "runs.insert",
    "runs.insert_documents",
    "runs.insert_versions",
    "bulk.insert",
    "changes.write_records",
    "changes.write_verdicts",
    "pieces.write_pieces",
    "casework.apply",
    "figures.write",
    "outbox.queue",
    "slots.finish",
    "commit",
]


def a_run(ledger: Ledger, claim: Claim | None = None, parts: int = 1) -> int:
    """Commit a whole first run, in a slot; its records and verdicts in so many parts."""
    ours = claim or slots.claim(ledger, "morning", TODAY, now=NOW, owner="this one")
    found = work(
        some_records(),
        parts=parts,
        verdicts=frame(verdict("I1", "breached"), verdict("I2", "met", done_at=NOW)),
        events=[opened("I1")],
        judged_by={("REF-01", "I1"): "d"},
        measures=figures(("completion", "2026-10", "", "", "complete", 7)),
        notices=[notice()],
    )
    return commit_run(ledger, run_record(versions={("REF-01", "2026-01-01"): "d"}), found, claim=ours)


def killed(url: str, step: str) -> None:
    done = subprocess.run([sys.executable, "-c", DIES, url, step], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("step", STEPS)
def test_of_a_run_that_died_before_its_commit_nothing_is_there(ledger_url, step, tmp_path):
    ledger = open_ledger(ledger_url)
    killed(ledger_url, step)
    found = everything(ledger)
    assert {name for name, rows in found.items() if rows} == {"slot"}  # the claim, which will expire

    assert slots.claim(ledger, "morning", TODAY, now=NOW) is None
    heir = slots.claim(ledger, "morning", TODAY, now=NOW + LEASE, owner="this one")
    assert a_run(ledger, heir) == 1

    undisturbed = open_ledger(f"sqlite:///{tmp_path / 'undisturbed.db'}")
    a_run(undisturbed)
    assert everything(ledger) == everything(undisturbed)


def test_of_a_run_that_died_after_its_commit_everything_is_there(ledger_url, tmp_path):
    ledger = open_ledger(ledger_url)
    killed(ledger_url, "after")
    undisturbed = open_ledger(f"sqlite:///{tmp_path / 'undisturbed.db'}")
    a_run(undisturbed)
    assert everything(ledger) == everything(undisturbed)


def test_a_ledger_whose_making_died_is_made_afresh(ledger_url):
    dies = """
import os, signal, sys
import sqlalchemy as sa
from dacompliance.ledger import migrate
from dacompliance.ledger.database import open_ledger
made = migrate.make_engine
def make_engine(*given, **named):
    engine = made(*given, **named)
    sa.event.listen(engine, "commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))
    return engine
migrate.make_engine = make_engine
open_ledger(sys.argv[1])
"""
    done = subprocess.run([sys.executable, "-c", dies, ledger_url], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert a_run(open_ledger(ledger_url)) == 1
