"""How the ledger stood before a run: what a run needs of the past to know what is new. Writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd
import sqlalchemy as sa

from dacompliance.exceptions.model import Event, EventKind, Identity, Standing
from dacompliance.exceptions.routing import LastTold
from dacompliance.judging.checking import Status
from dacompliance.judging.verdicts import COLUMNS
from dacompliance.ledger import casework, history, outbox


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """How the ledger stood before the run. `stood` are the last verdicts of rules that this run does not check."""

    standings: Mapping[Identity, Standing]
    judged_by: Mapping[Identity, str]
    told: Mapping[str, dt.datetime]
    closings: Sequence[tuple[dt.datetime, Event]]
    stood: pd.DataFrame


def how_it_stood(
    connection: sa.Connection, zone: ZoneInfo, latest: int | None, status: Mapping[str, Status]
) -> tuple[Before, dict[str, LastTold]]:
    """Return how the ledger stands: exceptions, what each reader was last told, and what unchecked rules last said."""
    told = outbox.last_told(connection)
    empty = outbox.last_told(connection, {"nothing_to_do"})
    since = min((each.run_id for each in told.values()), default=None)
    closed = [] if since is None else casework.events_since(connection, since)
    before = Before(
        casework.standings(connection),
        casework.judged_by(connection),
        {key: each.as_at for key, each in told.items()},
        [(each.as_at, each.event) for each in closed if each.event.kind is EventKind.CLOSED],
        _stood(connection, latest, {rule_id for rule_id, each in status.items() if each.state == "not_checked"}),
    )
    heard = {
        key: LastTold(each.as_at.astimezone(zone).date(), rows=0 if empty.get(key) == each else 1)
        for key, each in told.items()
    }
    return before, heard


def _stood(connection: sa.Connection, latest: int | None, rules: AbstractSet[str]) -> pd.DataFrame:
    if latest is None or not rules:
        return pd.DataFrame(columns=list(COLUMNS))
    said = history.verdicts_at(connection, latest)
    return said[said["rule_id"].isin(rules)]
