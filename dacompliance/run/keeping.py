"""What a run gives the ledger to keep: the run itself, and all that it found and decided. Writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

import pandas as pd

from dacompliance import __version__
from dacompliance.config import Settings
from dacompliance.judging.checking import Checked
from dacompliance.ledger.commit import Piece, Work
from dacompliance.ledger.outbox import Notice
from dacompliance.ledger.runs import RunRecord
from dacompliance.records.gates import Gate
from dacompliance.records.table import Records
from dacompliance.run.judging import Judging
from dacompliance.run.outcome import RunResult
from dacompliance.run.papers import documents, kept_columns, rule_statuses
from dacompliance.run.reconciling import Changed
from dacompliance.run.refusing import published_versions


def record_of(
    result: RunResult,
    judging: Judging,
    changed: Changed,
    gates: Mapping[str, Gate],
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
    pack, survey = judging.pack, changed.survey
    return RunRecord(
        job=job,
        local_date=slot,
        as_at=result.as_at,
        started_at=now,
        finished_at=now,
        code_version=__version__,
        known_to=judging.pulled.known_to,
        gates={name: gate.as_json() for name, gate in gates.items()},
        rules=rule_statuses(survey.status, {rule_id: each.said for rule_id, each in survey.ruled.items()}),
        counts=result.counts,
        after=after,
        documents=documents(pack, settings),
        versions=published_versions(pack, result.as_at.astimezone(settings.zone).date()),
    )


def work_of(
    judging: Judging, changed: Changed, findings: pd.DataFrame, notices: Sequence[Notice], leave: Collection[str]
) -> Work:
    """Return what a run found and decided. `findings` are those of its records, `leave` the sets not to be trusted."""
    survey, held, pulled = changed.survey, changed.held, judging.pulled
    why = {rule_id: surge.words for rule_id, surge in held.items()}

    def piece(records: Records, checked: Checked) -> Piece:
        return Piece(records, checked.hold(why).applying)

    def pieces() -> Iterable[Piece]:
        found = judging.each("incidents kept", piece)
        return list(found) if len(pulled) == 1 else found

    return Work(
        pieces=pieces,
        columns=kept_columns(judging.pack, pulled.columns),
        zone=judging.zone,
        staff=pulled.staff,
        findings=findings,
        judged=any(each.state == "checked" for each in survey.status.values()),
        leave=frozenset(leave),
        events=changed.events,
        judged_by=changed.judged_by,
        measures=survey.figures,
        notices=notices,
        waivers=changed.waivers,
        disputes=[each.id for each in changed.disputes if not each.noted],
        held=tuple(held.values()),
    )
