"""How the ledger stood before a run: what a run needs of the past to know what is new. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, TypeVar

import pandas as pd
import sqlalchemy as sa

from dacompliance.exceptions.disputes import Dispute
from dacompliance.exceptions.holds import Surge
from dacompliance.exceptions.model import Event, EventKind, Identity, Standing
from dacompliance.exceptions.morning import Came
from dacompliance.exceptions.routing import DATA_QUALITY, LastTold
from dacompliance.exceptions.waivers import Waiver
from dacompliance.judging.verdicts import COLUMNS
from dacompliance.ledger import casework, disputes, history, holds, waivers
from dacompliance.ledger.outbox import Mode
from dacompliance.ledger.told import last_told

Value = TypeVar("Value")

LISTS: Final = frozenset({"digest", "nothing_to_do", "could_not_check", "stale", "data_quality"})
"""The kinds of notices that tell a reader of their list, whatever it says. Others tell something else."""


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """How the ledger stood before the run that will have the number `run`.

    `said` is what was last said of the exceptions that are waived; `accepted` what an operator lets through of a rule
    that is held; `findings` those of the run the data's keeper was last told of, None where they never were.
    """

    run: int
    standings: Mapping[Identity, Standing]
    judged_by: Mapping[Identity, str]
    told: Mapping[str, LastTold]
    closings: Sequence[tuple[int, Event]]
    came: Mapping[Identity, Came] = field(default_factory=dict)
    waivers: Sequence[Waiver] = ()
    said: Mapping[Identity, str] = field(default_factory=dict)
    disputes: Sequence[Dispute] = ()
    findings: pd.DataFrame | None = None
    accepted: Mapping[str, Surge] = field(default_factory=dict)

    def only(self, rules: AbstractSet[str]) -> Before:
        """Return the same as far as some rules are concerned: all that a second look at them may touch."""
        return Before(
            run=self.run,
            standings=_of(rules, self.standings),
            judged_by=_of(rules, self.judged_by),
            told=self.told,
            closings=[(run, event) for run, event in self.closings if event.rule_id in rules],
            came=_of(rules, self.came),
            waivers=[each for each in self.waivers if each.rule_id in rules],
            said=_of(rules, self.said),
            disputes=[each for each in self.disputes if each.rule_id in rules],
            accepted={rule_id: each for rule_id, each in self.accepted.items() if rule_id in rules},
        )


def _of(rules: AbstractSet[str], by_identity: Mapping[Identity, Value]) -> dict[Identity, Value]:
    return {identity: value for identity, value in by_identity.items() if identity[0] in rules}


def how_it_stood(connection: sa.Connection, latest: int | None, mode: Mode, second_look: str | None = None) -> Before:
    """Return how the ledger stands: exceptions, what people decided, and what each reader was last told.

    Only what left as mail leaves now counts as told: after a rehearsal everything is new to the readers themselves.
    To a `second_look`, named by its job, what earlier ones of that job told counts as well.
    """
    also = None if second_look is None else ("second_look", second_look)
    told = {
        key: LastTold(each.local_date, 0 if each.kind == "nothing_to_do" else 1, each.run_id, each.as_at)
        for key, each in last_told(connection, LISTS, mode, also=also).items()
    }
    since = min((each.run for each in told.values()), default=None)
    closed = [] if since is None else casework.events_since(connection, since)
    standings, found = casework.standings(connection), waivers.unsettled(connection)
    return Before(
        run=(latest or 0) + 1,
        standings=standings,
        judged_by=casework.judged_by(connection),
        told=told,
        closings=[(each.run_id, each.event) for each in closed if each.event.kind is EventKind.CLOSED],
        came=casework.came(connection),
        waivers=found,
        said=history.last_outcomes(connection, [standings[each.identity] for each in found]),
        disputes=disputes.of_interest(connection),
        findings=history.findings_at(connection, told[DATA_QUALITY].run) if DATA_QUALITY in told else None,
        accepted=holds.accepted(connection),
    )


def last_said(connection: sa.Connection, latest: int | None, rules: AbstractSet[str]) -> pd.DataFrame:
    """Return what stood after the run `latest` of `rules`, those this run does not check, and may be told of."""
    if latest is None or not rules:
        return pd.DataFrame(columns=list(COLUMNS))
    return history.followed_at(connection, latest, rules)
