"""What each reader was last told, and by which run: what "new since" is measured against. Writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from dacompliance.ledger import tables
from dacompliance.ledger.outbox import Mode, State

_notice: Final = tables.notice
_recipient: Final = tables.notice_recipient

TOLD: Final = (State.HANDED_OVER, State.WRITTEN)
"""The states in which a reader has been told, as far as we can know."""


@dataclass(frozen=True, slots=True)
class Told:
    """The run whose notice a reader was last handed, what it was as at, the notice's local date and its kind."""

    run_id: int
    as_at: dt.datetime
    local_date: dt.date
    kind: str


def last_told(
    connection: sa.Connection,
    kinds: Collection[str] | None = None,
    mode: Mode | None = None,
    *,
    also: tuple[str, str] | None = None,
) -> dict[str, Told]:
    """Return, by reader key, the newest run whose notice was handed over or written; of these kinds, or of any.

    With `mode` only what left in that way counts: a rehearsal has told its reviewer and nobody else. `also` is a kind
    and a job: notices of that kind count as well, if that job made them.
    """
    left = [_recipient.c.notice_id == _notice.c.id, _recipient.c.state.in_(TOLD)]
    if mode is not None:
        left.append(_recipient.c.mode == mode)
    told: sa.ColumnElement[bool] = sa.exists().where(*left)
    if kinds is not None:
        of_kind: sa.ColumnElement[bool] = _notice.c.kind.in_(sorted(kinds))
        if also is not None:
            of_kind = of_kind | ((_notice.c.kind == also[0]) & (_notice.c.job == also[1]))
        told = told & of_kind
    newest = sa.select(_notice.c.reader_key, sa.func.max(_notice.c.run_id).label("run_id")).where(told)
    by_reader = newest.group_by(_notice.c.reader_key).subquery()
    run = tables.run
    query = (
        sa.select(_notice.c.reader_key, run.c.id, run.c.as_at, _notice.c.local_date, _notice.c.kind)
        .join(by_reader, (by_reader.c.reader_key == _notice.c.reader_key) & (by_reader.c.run_id == _notice.c.run_id))
        .join(run, run.c.id == _notice.c.run_id)
        .where(told)
        .order_by(_notice.c.id)
    )
    return {row.reader_key: Told(row.id, row.as_at, row.local_date, row.kind) for row in connection.execute(query)}
