"""What a run gives the ledger to keep: the run itself, and all that it found and decided. Writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from dacompliance import __version__
from dacompliance.config import Settings
from dacompliance.judging.checking import Checked, mapped_columns
from dacompliance.ledger.commit import Work
from dacompliance.ledger.outbox import Notice
from dacompliance.ledger.runs import RunRecord
from dacompliance.policy.model import Pack
from dacompliance.records.gates import Gate
from dacompliance.records.table import Records
from dacompliance.run.measuring import figures_of_run
from dacompliance.run.outcome import RunResult
from dacompliance.run.papers import documents, kept_columns, rule_statuses
from dacompliance.run.reconciling import Changed
from dacompliance.run.refusing import published_versions


def record_of(
    result: RunResult,
    checked: Checked,
    records: Records,
    gates: Mapping[str, Gate],
    pack: Pack,
    settings: Settings,
    *,
    job: str,
    now: dt.datetime,
    slot: dt.date | None,
    after: int | None,
) -> RunRecord:
    """Return a run of `job`, made at `now` for the local date `slot`, if for any, as the ledger keeps it.

    `after` is the run that was the latest when it was reconciled.
    """
    return RunRecord(
        job=job,
        local_date=slot,
        as_at=result.as_at,
        started_at=now,
        finished_at=now,
        code_version=__version__,
        known_to=records.known_to,
        gates={name: gate.as_json() for name, gate in gates.items()},
        rules=rule_statuses(checked),
        counts=result.counts,
        after=after,
        documents=documents(pack, settings),
        versions=published_versions(pack, result.as_at.astimezone(settings.zone).date()),
    )


def work_of(
    records: Records,
    changed: Changed,
    cases: pd.DataFrame | None,
    notices: Sequence[Notice],
    pack: Pack,
    settings: Settings,
    leave: Collection[str],
) -> Work:
    """Return what a run found and decided; `cases` are completion case by case, `leave` the sets not to be trusted."""
    checked: Checked = changed.checked
    any_checked = any(each.state == "checked" for each in checked.status.values())
    return Work(
        records=records,
        columns=kept_columns(pack, mapped_columns(records)),
        zone=settings.zone,
        verdicts=checked.applying() if any_checked else None,
        leave=frozenset(leave),
        events=changed.events,
        judged_by=changed.judged_by,
        measures=figures_of_run(checked, cases),
        notices=notices,
        waivers=changed.waivers,
        disputes=[each.id for each in changed.disputes if not each.noted],
        held=tuple(changed.held.values()),
    )
