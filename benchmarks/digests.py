"""400 readers and 5,000 open exceptions: lists made, digests composed and rendered, notices queued. CPU seconds.

Each reader has a dozen or so; one mailbox has oversight of those that are high risk. The verdicts are those of 40,000
incidents by three rules, so that what has to be left aside is there too.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dacompliance.config import Settings
from dacompliance.exceptions.lifecycle import RuleState
from dacompliance.exceptions.model import Standing
from dacompliance.exceptions.morning import Came, Morning
from dacompliance.exceptions.routing import Directory, LastTold, Mailboxes
from dacompliance.exceptions.tasks import lists
from dacompliance.ledger import outbox
from dacompliance.ledger.database import open_ledger
from dacompliance.notices.model import Freshness, Progress, RunFacts
from dacompliance.notices.writing import write_notices
from dacompliance.policy.model import Clock, Deadline, Rule, Severity, Version

READERS: Final = 400
OPEN: Final = 5_000
INCIDENTS: Final = 40_000
LONDON: Final = ZoneInfo("Europe/London")
NOW: Final = dt.datetime(2026, 11, 3, 6, 30, tzinfo=dt.UTC)
V1: Final = dt.date(2015, 1, 1)
DUTIES: Final[tuple[tuple[str, str, str, Severity, str], ...]] = (
    ("RA-01", "A risk assessment is submitted", "Submit the risk assessment", "critical", "first_submitted_at"),
    ("RU-01", "The checks are completed", "Complete the checks", "major", "checks_completed_at"),
    ("REF-01", "High-risk cases reach the MASH", "Refer to MASH", "minor", "mash_referred_at"),
)
RULES: Final = tuple(
    Rule(
        rule_id,
        title=title,
        action=action,
        about="incident",
        reader="supervisor",
        severity=severity,
        source="invented",
        chase=True,
        versions=(Version(V1, V1, approved=None, done=done, deadline=Deadline("reported_at", 24, Clock.HOURS)),),
    )
    for rule_id, title, action, severity, done in DUTIES
)


def a_morning() -> Morning:
    """Return a morning with `OPEN` open exceptions of `READERS` supervisors, half of them a day old, half new."""
    rng = np.random.default_rng(1)
    refs = np.array([f"WM26-{number:06d}/1" for number in range(INCIDENTS)], dtype=object)
    size = len(refs) * len(RULES)
    late = np.zeros(size, dtype=bool)
    late[rng.choice(size, OPEN, replace=False)] = True
    verdicts = pd.DataFrame(
        {
            "rule_id": np.repeat(np.array([each.id for each in RULES], dtype=object), len(refs)),
            "version": str(V1),
            "about": "incident",
            "item_ref": np.tile(refs, len(RULES)),
            "incident_ref": np.tile(refs, len(RULES)),
            "outcome": np.where(late, "breached", "met").astype(object),
            "reason": "",
            "due_at": pd.Series(NOW - pd.to_timedelta(rng.integers(1, 900, size), unit="h")).astype(
                "datetime64[us, UTC]"
            ),
            "done_at": pd.Series([None] * size, dtype="datetime64[us, UTC]"),
        }
    )
    high = rng.random(len(refs)) < 0.1
    details = pd.DataFrame(
        {
            "about": "incident", "item_ref": refs, "incident_ref": refs, "occurrence_ref": [ref[:-2] for ref in refs],
            "grade": np.where(high, "high", "standard").astype(object), "area": "North", "team": "Response B",
            "officer_id": "1482", "supervisor_id": "77", "blank_questions": "", "unreadable": "", "unassessed": False,
            "high": high, "shared": False, "unlisted": False,
        }
    )  # fmt: skip
    breached = [
        (str(rule), str(ref)) for rule, ref in zip(verdicts["rule_id"][late], verdicts["item_ref"][late], strict=True)
    ]
    standings = {
        (rule_id, ref): Standing(
            *(rule_id, ref, "incident", ref),
            is_open=True,
            suspended=False,
            times_reopened=0,
            opened_at=NOW - dt.timedelta(days=place % 2),
            owner_then=f"staff:S{place % READERS}",
            owner_now=f"staff:S{place % READERS}",
        )
        for place, (rule_id, ref) in enumerate(breached)
    }
    people = {f"S{number}": f"s{number}@force.example" for number in range(READERS)}
    told = {
        f"staff:S{number}": LastTold(dt.date(2026, 11, 2), 9, 2, NOW - dt.timedelta(days=1))
        for number in range(READERS)
    }
    return Morning(
        run=3,
        as_at=NOW,
        due_by=NOW + dt.timedelta(days=1),
        standings=standings,
        verdicts=verdicts,
        details=details,
        rules=RULES,
        states={each.id: RuleState(chase=True) for each in RULES},
        owners=lambda _rule_id, _incident_ref: "",
        directory=Directory(Mailboxes("unit@force.example", "fallback@force.example"), people, {}),
        last_told=told,
        came={identity: Came(2, 2) for place, identity in enumerate(standings) if place % 2},
    )


def facts() -> RunFacts:
    """Return what every digest says of the run."""
    return RunFacts(
        run="morning 2026-11-03T06:30",
        job="morning",
        as_at=NOW,
        checked_at=NOW,
        local_date=NOW.date(),
        zone=LONDON,
        incidents_checked=INCIDENTS,
        rules_checked=len(RULES),
        freshness=(Freshness("incidents", NOW), Freshness("assessments", NOW), Freshness("referrals", NOW)),
        bundled=tuple(each.id for each in RULES),
    )


def settings(folder: Path) -> Settings:
    """Return the settings of an invented force."""
    return Settings.model_validate(
        {
            "folder": folder,
            "force": {"name": "Benchmark Constabulary", "record_link": "https://records.example/{occurrence_ref}"},
            "source": {"url": "sqlite:///none.db", "records_from": dt.date(2025, 1, 1)},
            "records": {"incidents": {"query": "SELECT 1"}},
            "readers": {"unit": "unit@force.example", "fallback": "fallback@force.example"},
            "mail": {"sender": "monitor@force.example", "policy_contact": "policy@force.example"},
        }
    )


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how much CPU the block took."""
    started = time.process_time()
    yield
    print(f"  {what}: {time.process_time() - started:.2f} s CPU")


def main() -> None:
    """Time each step once, the first render's warm-up included."""
    morning = a_morning()
    print(f"{READERS} supervisors and two mailboxes, {len(morning.standings):,} open exceptions:")
    whole = time.process_time()
    with tempfile.TemporaryDirectory() as name:
        set_by = settings(Path(name))
        with timed("lists made"):
            found = lists(morning)
        with timed("digests composed and rendered"):
            progress = Progress(193, 212, 180, 204, "No real change.", (0.86, 0.94))
            notices = write_notices(found, morning.directory, facts(), set_by, morning.last_told, {"": progress})
        with (
            closing(open_ledger(f"sqlite:///{name}/ledger.db")) as ledger,
            timed("notices queued in the ledger"),
            ledger.begin() as connection,
        ):
            queued = outbox.queue(connection, notices)
    largest = max(len(each.html.encode()) for each in notices)
    print(
        f"  {queued} notices, {sum(len(each.cases) for each in notices):,} rows, the largest HTML part "
        f"{largest / 1000:.0f} kB; {time.process_time() - whole:.2f} s CPU in all"
    )


if __name__ == "__main__":
    main()
