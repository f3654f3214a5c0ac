"""Rules held for a surge: what each would have changed, who accepted it, which run went by it. Decides nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from dacompliance.errors import UsageError
from dacompliance.exceptions.holds import Surge
from dacompliance.ledger import tables

_hold: Final = tables.hold


@dataclass(frozen=True, slots=True)
class Hold:
    """A rule that a run held. `accepted_at` is None until an operator accepts it."""

    run_id: int
    surge: Surge
    accepted_at: dt.datetime | None
    accepted_by: str = field(repr=False)
    accepted_why: str = field(repr=False)


def pending(connection: sa.Connection) -> tuple[Hold, ...]:
    """Return the newest hold of each rule that no run has gone by since, accepted or not, by rule."""
    newest = sa.select(_hold.c.rule_id, sa.func.max(_hold.c.run_id).label("run_id")).group_by(_hold.c.rule_id)
    last = newest.subquery()
    query = sa.select(_hold).join(last, (last.c.rule_id == _hold.c.rule_id) & (last.c.run_id == _hold.c.run_id))
    rows = connection.execute(query.where(_hold.c.used_run.is_(None)).order_by(_hold.c.rule_id))
    return tuple(_read(row) for row in rows)


def accepted(connection: sa.Connection) -> dict[str, Surge]:
    """Return, by rule, what an operator has accepted and no run has gone by yet."""
    return {each.surge.rule_id: each.surge for each in pending(connection) if each.accepted_at is not None}


def accept(connection: sa.Connection, rule_id: str, *, by: str, why: str, at: dt.datetime) -> Hold:
    """Keep that an operator accepts what a rule would change. Raises UsageError when the rule is not held."""
    held = {each.surge.rule_id: each for each in pending(connection) if each.accepted_at is None}
    if rule_id not in held:
        names = ", ".join(sorted(held)) or "none is"
        raise UsageError(f"no such rule is held and waits to be accepted. Held: {names}.")
    hold = held[rule_id]
    change = sa.update(_hold).where(_hold.c.run_id == hold.run_id, _hold.c.rule_id == rule_id)
    connection.execute(change.values(accepted_at=at, accepted_by=by, accepted_why=why))
    return hold


def settle(connection: sa.Connection, run_id: int, held: Iterable[Surge], checked: Collection[str]) -> None:
    """Keep the rules a run held; and of those it checked, that what was held or accepted before is over."""
    rows = [
        {
            "run_id": run_id,
            "rule_id": each.rule_id,
            "opening": each.opening,
            "closing": each.closing,
            "standing": each.standing,
            "accepted_by": "",
            "accepted_why": "",
        }
        for each in held
    ]
    over = _hold.c.used_run.is_(None) & _hold.c.rule_id.in_(sorted(checked))
    connection.execute(sa.update(_hold).where(over).values(used_run=run_id))
    if rows:
        connection.execute(sa.insert(_hold), rows)


def _read(row: sa.Row[Any]) -> Hold:
    surge = Surge(row.rule_id, row.opening, row.closing, row.standing)
    return Hold(row.run_id, surge, row.accepted_at, row.accepted_by, row.accepted_why)
