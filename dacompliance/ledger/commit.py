"""The one commit: everything of a run in one transaction. Before it nothing has been said; after it everything has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dacompliance.exceptions.holds import Surge
from dacompliance.exceptions.model import Event, Identity
from dacompliance.exceptions.waivers import Noted
from dacompliance.judging.verdicts import Cells
from dacompliance.ledger import casework, changes, disputes, figures, history, holds, outbox, runs, slots, waivers
from dacompliance.ledger.bodies import Bodies, encode, shape_json, shape_of
from dacompliance.ledger.database import Ledger
from dacompliance.ledger.outbox import Notice
from dacompliance.ledger.runs import Document, RunRecord
from dacompliance.ledger.slots import Claim
from dacompliance.records.table import Records

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """What a run found and decided.

    `columns` are the columns in use, by record set; keys, and columns that must be mapped, are always kept. `leave` are
    record sets whose history stays as it was. `verdicts` gives, a rule at a time, its id and what it says of the items
    it applies to; without it (nothing could be checked) verdict history stays as it was. `judged_by` is the digest each
    open exception is judged by from now on. `waivers` and `disputes` (by id) are what people decided since the run
    before, as this one notes it; `held` are the rules it holds.
    """

    records: Records | None
    columns: Mapping[str, Collection[str]]
    zone: ZoneInfo
    verdicts: Iterable[tuple[str, Cells]] | None
    leave: frozenset[str] = frozenset()
    events: Sequence[Event] = ()
    judged_by: Mapping[Identity, str] = field(default_factory=dict)
    measures: pd.DataFrame | None = None
    notices: Sequence[Notice] = ()
    waivers: Noted = field(default_factory=Noted)
    disputes: Collection[int] = ()
    held: Collection[Surge] = ()


def commit_run(ledger: Ledger, run: RunRecord, work: Work, *, claim: Claim | None = None) -> int:
    """Keep a run and all that came of it, or nothing; return its number.

    Raises OvertakenError when another run finished since this one was reconciled (`run.after`), and LedgerError when
    `claim`, the slot it was made for, was taken over.
    """
    papers = list(run.documents)
    found: Iterable[Bodies] = ()
    if work.records is not None:
        shape = shape_of(work.records, work.columns)
        papers.append(Document(history.SHAPE_KIND, history.SHAPE_KIND, shape_json(shape, work.zone)))
        found = encode(work.records, shape, work.zone, work.leave)
    run = replace(run, counts={**run.counts, runs.PAPERS: len(papers)})
    with ledger.begin() as connection:
        run_id = runs.insert(connection, run)
        runs.insert_documents(connection, run_id, papers)
        runs.insert_versions(connection, run_id, run.versions)
        changes.write_records(connection, run_id, run.after, found)
        if work.verdicts is not None:
            keep, only = run.rules.keys() - run.checked, run.checked if run.second_look else None
            changes.write_verdicts(connection, run_id, run.after, work.verdicts, keep, only)
        casework.apply(connection, run_id, work.events, work.judged_by, run.checked)
        waivers.settle(connection, run_id, work.waivers, run.finished_at)
        disputes.settle(connection, run_id, work.disputes)
        holds.settle(connection, run_id, work.held, run.checked)
        if work.measures is not None:
            figures.write(connection, run_id, work.measures)
        outbox.queue(connection, work.notices, run_id=run_id)
        if claim is not None:
            slots.finish(connection, claim, run_id, run.finished_at)
    return run_id
