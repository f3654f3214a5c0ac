"""The one commit: everything of a run in one transaction. Before it nothing has been said; after it everything has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dacompliance.exceptions.holds import Surge
from dacompliance.exceptions.model import Event, Identity
from dacompliance.exceptions.waivers import Noted
from dacompliance.judging.verdicts import Cells
from dacompliance.ledger import (
    casework,
    changes,
    disputes,
    figures,
    history,
    holds,
    outbox,
    pieces,
    runs,
    slots,
    waivers,
)
from dacompliance.ledger.bodies import FINDINGS, encode, shape_json, shape_of
from dacompliance.ledger.database import Ledger
from dacompliance.ledger.outbox import Notice
from dacompliance.ledger.pieces import Encoded, Scope
from dacompliance.ledger.runs import Document, RunRecord
from dacompliance.ledger.slots import Claim
from dacompliance.records.contract import OF_INCIDENTS
from dacompliance.records.table import Records, Table, empty_table

if TYPE_CHECKING:
    import pandas as pd
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What a run found of some incidents: all there is of them, and what was said of it.

    `records` are incidents, assessments and referrals; staff and findings are not looked at here. `verdicts` gives, as
    often as it is called, a rule at a time and in order of id, what each checked rule says of the items it applies to.
    """

    records: Records
    verdicts: Callable[[], Iterable[tuple[str, Cells]]] = tuple


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """What a run found and decided.

    `pieces` gives the pieces, one at least, and the same as often as it is called: an incident and all that is its own
    are in one piece, and what is in a piece comes, by code point of its incident, after all of the piece before it.
    Each may be made when it is asked for; no two are held at once. A list of one piece is asked for once. Without
    `pieces` no records were kept, and record and verdict history stay as they were. `staff` and `findings` are all
    there are. Where nothing could be checked, `judged` is False and verdict history stays as it was.

    `columns` are the columns in use, by record set; keys, and columns that must be mapped, are always kept. `leave` are
    record sets whose history stays as it was. `judged_by` is the digest each open exception is judged by from now on.
    `waivers` and `disputes` (by id) are what people decided since the run before, as this one notes it; `held` are the
    rules it holds.
    """

    pieces: Callable[[], Iterable[Piece]] | None
    columns: Mapping[str, Collection[str]]
    zone: ZoneInfo
    staff: Table
    findings: pd.DataFrame
    judged: bool = True
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
    found = None if work.pieces is None else _Found(work, work.pieces)
    if found is not None:
        papers.append(Document(history.SHAPE_KIND, history.SHAPE_KIND, shape_json(found.shape, work.zone)))
    run = replace(run, counts={**run.counts, runs.PAPERS: len(papers)})
    with ledger.begin() as connection:
        run_id = runs.insert(connection, run)
        runs.insert_documents(connection, run_id, papers)
        runs.insert_versions(connection, run_id, run.versions)
        if found is not None:
            found.write(connection, run_id, run)
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


class _Found:
    """What a run found, on its way into both histories. `shape` is that of the first piece and of the staff."""

    def __init__(self, work: Work, made: Callable[[], Iterable[Piece]]) -> None:
        self._work, self._made = work, made
        given = made()
        later = iter(given)
        first = next(later, None)
        if first is None:
            raise ValueError("a run that keeps records has one piece at least")
        self.shape = shape_of(replace(first.records, staff=work.staff), work.columns)
        self._only = first if isinstance(given, Sequence) and len(given) == 1 else None
        self._begun = _all_of([first], later)

    def write(self, connection: sa.Connection, run_id: int, run: RunRecord) -> None:
        """Close what is no longer so and add what is new."""
        work, shape, only = self._work, self.shape, self._only
        keep, those = run.rules.keys() - run.checked, run.checked if run.second_look else None
        if only is not None:
            whole = replace(only.records, staff=work.staff, findings=work.findings)
            changes.write_records(connection, run_id, run.after, encode(whole, shape, work.zone, work.leave))
            if work.judged:
                changes.write_verdicts(connection, run_id, run.after, only.verdicts(), keep, those)
            return
        scope = Scope(frozenset(OF_INCIDENTS) - work.leave, work.judged, keep, those)
        pieces.write_pieces(connection, run_id, run.after, self._encoded_all(self._begun), self._again, scope)
        none = empty_table()
        apart = Records(none, none, none, work.staff, {}, work.findings)
        left = encode(apart, shape, work.zone, work.leave.union(OF_INCIDENTS))
        changes.write_records(connection, run_id, run.after, left)

    def _again(self) -> Iterator[Encoded]:
        return self._encoded_all(self._made())

    def _encoded_all(self, made: Iterable[Piece]) -> Iterator[Encoded]:
        return map(self._encoded, made)  # a loop would still hold one piece while it asks for the next

    def _encoded(self, piece: Piece) -> Encoded:
        leave = {*self._work.leave, "staff", FINDINGS}
        return Encoded(tuple(encode(piece.records, self.shape, self._work.zone, leave)), piece.verdicts)


def _all_of(first: list[Piece], later: Iterator[Piece]) -> Iterator[Piece]:
    """Yield the first piece, without holding it any longer, and the later ones."""
    yield first.pop()
    yield from later
