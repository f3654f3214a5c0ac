"""What a run changes in history where it comes in pieces, in order of their incidents: no more than one at a time.

Twice through the pieces. First all is compared, the rows that hold now being walked beside them; only then is anything
written, for a query may be shown what is written while it is read. What ended is closed before anything is added: a
referral may have moved from an incident of one piece to one of another, and a key holds once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Final

import numpy as np
import sqlalchemy as sa

from dacompliance.judging.verdicts import Cells
from dacompliance.ledger import bulk, tables
from dacompliance.ledger.adding import add_records, add_verdicts, close
from dacompliance.ledger.beside import RECORD_COLUMNS, VERDICT_COLUMNS, FoundRecords, FoundVerdicts, ended
from dacompliance.ledger.bodies import Bodies
from dacompliance.ledger.walk import Walk
from dacompliance.records.table import BoolArray, IntArray

_records: Final = tables.record_history
_verdicts: Final = tables.verdict_history


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A piece as it is to be kept: rows of record sets, and what each rule that was checked says of its items."""

    bodies: tuple[Bodies, ...]
    said: Callable[[], Iterable[tuple[str, Cells]]]


@dataclass(frozen=True, slots=True)
class Scope:
    """What of history a run may change: some record sets of incidents and their children, and what some rules said.

    `keep` and `only` are as `changes.write_verdicts` has them; without `judged` what any rule said stays as it was.
    """

    record_sets: Collection[str]
    judged: bool
    keep: Collection[str] = ()
    only: Collection[str] | None = None

    def has(self, rule_id: str) -> bool:
        """Say whether what a rule said may change."""
        return rule_id not in self.keep and (self.only is None or rule_id in self.only)


@dataclass(frozen=True, slots=True, eq=False)
class _News:
    """Which rows and verdicts of a piece are new, by record set and by rule; those without any are left out."""

    records: dict[str, BoolArray]
    verdicts: dict[str, BoolArray]


def write_pieces(
    connection: sa.Connection,
    run_id: int,
    previous: int | None,
    pieces: Iterable[Encoded],
    again: Callable[[], Iterable[Encoded]],
    scope: Scope,
) -> tuple[int, int]:
    """Write what changed since `previous`, the run before; return how many rows were closed and how many added.

    In each of `pieces` all is of incidents that come, by code point, after those of the piece before it; `again` gives
    the same pieces once more. Raises ValueError where it is not so.
    """
    with ExitStack() as walks:
        compared = _Comparison(connection, scope, walks)
        news = deque(map(compared.piece, pieces))  # a loop would still hold one piece while it asks for the next
        compared.finish()
    closed = close(connection, _records, compared.gone_records, previous)
    closed += close(connection, _verdicts, compared.gone_verdicts, previous)
    if not any(each.records or each.verdicts for each in news):
        return closed, 0

    def add(piece: Encoded) -> int:
        if not news:
            raise _unlike()
        return _add(connection, run_id, piece, news.popleft())

    added = sum(map(add, again()))
    if news:
        raise _unlike()
    return closed, added


class _Comparison:
    """The rows that hold now beside the pieces, one after the other. `gone_…` are the ids of those that do no more."""

    def __init__(self, connection: sa.Connection, scope: Scope, walks: ExitStack) -> None:
        def walk(query: sa.Select[tuple[object, ...]]) -> Walk:
            return walks.enter_context(closing(Walk(connection, query)))

        self._scope = scope
        self._apart = {name: _Apart(connection, name) for name in scope.record_sets}
        self._records = {name: walk(_standing_records(name)) for name in scope.record_sets}
        self._verdicts = walk(_standing_verdicts(scope)) if scope.judged else None
        self.gone_records: list[IntArray] = []
        self.gone_verdicts: list[IntArray] = []

    def piece(self, piece: Encoded) -> _News:
        """Compare a piece with the rows beside it, and return what of it is new."""
        records: dict[str, BoolArray] = {}
        for bodies in piece.bodies:
            found = FoundRecords(bodies)
            self._apart[bodies.record_set].compare(found)
            self.gone_records += ended(found, self._records[bodies.record_set].beside(found.incidents()))
            if found.new.any():
                records[bodies.record_set] = found.new
        if self._verdicts is None:
            return _News(records, {})
        said = FoundVerdicts((rule_id, cells) for rule_id, cells in piece.said() if self._scope.has(rule_id))
        self.gone_verdicts += ended(said, self._verdicts.beside(said.incidents()))
        return _News(records, said.news())

    def finish(self) -> None:
        """End what lies behind the last piece, and what was in none."""
        for name, walk in self._records.items():
            self.gone_records += [np.array(ids, dtype=np.int64) for ids, *_ in walk.rest()]
            self.gone_records.append(self._apart[name].gone())
        if self._verdicts is not None:
            self.gone_verdicts += [np.array(ids, dtype=np.int64) for ids, *_ in self._verdicts.rest()]


class _Apart:
    """The rows of a record set that are looked for in every piece: those of no incident, and those withheld.

    A withheld row holds while its key is there, though that belong to an incident of another piece by now.
    """

    def __init__(self, connection: sa.Connection, record_set: str) -> None:
        query = sa.select(*(_records.c[name] for name in ("id", *RECORD_COLUMNS)))
        those = sa.or_(_records.c.salt.is_(None), _records.c.incident_ref.is_(None))
        result = connection.execute(query.where(_holds(record_set), those))
        ids, *self._block = bulk.columns(result, 1 + len(RECORD_COLUMNS))
        self._ids, self._held = np.array(ids, dtype=np.int64), np.zeros(len(ids), dtype=bool)

    def compare(self, found: FoundRecords) -> None:
        self._held |= found.holding(self._block)

    def gone(self) -> IntArray:
        return self._ids[~self._held]


def _holds(record_set: str) -> sa.ColumnElement[bool]:
    return sa.and_(_records.c.record_set == record_set, _records.c.last_run.is_(None))


def _standing_records(record_set: str) -> sa.Select[tuple[object, ...]]:
    query = sa.select(*(_records.c[name] for name in ("incident_ref", "id", *RECORD_COLUMNS)))
    return query.where(_holds(record_set), _records.c.salt.is_not(None), _records.c.incident_ref.is_not(None))


def _standing_verdicts(scope: Scope) -> sa.Select[tuple[object, ...]]:
    columns = [_verdicts.c[name] for name in ("id", *VERDICT_COLUMNS)]
    order = _verdicts.c.incident_ref.label("of")  # once more, and first: what the rows are walked by
    query = sa.select(order, *columns).where(_verdicts.c.last_run.is_(None), _verdicts.c.rule_id.not_in(scope.keep))
    return query if scope.only is None else query.where(_verdicts.c.rule_id.in_(scope.only))


def _add(connection: sa.Connection, run_id: int, piece: Encoded, news: _News) -> int:
    added = 0
    for bodies in piece.bodies:
        if bodies.record_set in news.records:
            new = _of_size(news.records[bodies.record_set], len(bodies))
            added += add_records(connection, run_id, bodies, new)
    for rule_id, said in piece.said() if news.verdicts else ():
        if rule_id in news.verdicts:
            new = _of_size(news.verdicts[rule_id], len(said["item_ref"]))
            added += add_verdicts(connection, run_id, rule_id, said, new)
    return added


def _of_size(new: BoolArray, size: int) -> BoolArray:
    if len(new) != size:
        raise _unlike()
    return new


def _unlike() -> ValueError:
    return ValueError("the pieces of a run were not the same when they were asked for again")
