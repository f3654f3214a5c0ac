"""Situations for tests of exceptions, each part given only where the test is about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from dacompliance.exceptions.lifecycle import RuleState, Seen, Situation
from dacompliance.exceptions.model import Event, Identity, Standing
from dacompliance.judging.verdicts import COLUMNS
from dacompliance.policy.model import Approval, Clock, Condition, Deadline, Rule, Test, TestKind, Version
from tests.helpers import when

RULE: Final = "REF-01"
ITEM: Final = "I1"
V1: Final = "2015-01-01"
V2: Final = "2026-01-01"
CHECKED: Final = RuleState(chase=True)
BEFORE: Final = when("Mon 2026-11-02 06:30")
NOW: Final = when("Tue 2026-11-03 06:30")
NEXT: Final = when("Wed 2026-11-04 06:30")


def standing(rule_id: str = RULE, item_ref: str = ITEM, **given: Any) -> Standing:
    """An open exception of the unit's, unless told otherwise."""
    plain = {"about": "incident", "incident_ref": item_ref, "is_open": True, "suspended": False, "times_reopened": 0}
    owned = {"opened_at": BEFORE, "owner_then": "unit", "owner_now": "unit"}
    return Standing(rule_id, item_ref, **{**plain, **owned, **given})


def standings(*each: Standing) -> dict[Identity, Standing]:
    """The exceptions by identity."""
    return {one.identity: one for one in each}


def said(outcome: str, rule_id: str = RULE, item_ref: str = ITEM, **given: Any) -> dict[str, Any]:
    """One row of a verdict frame."""
    plain = {
        "version": V1,
        "about": "incident",
        "incident_ref": item_ref,
        "due_at": None,
        "done_at": None,
        "reason": "",
    }
    return {"rule_id": rule_id, "item_ref": item_ref, "outcome": outcome, **plain, **given}


def verdicts(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """A verdict frame, as the judge makes it."""
    made = pd.DataFrame(list(rows), columns=list(COLUMNS)).astype(object)
    times = {name: pd.to_datetime(made[name], utc=True).astype("datetime64[us, UTC]") for name in ("due_at", "done_at")}
    return made.assign(**times)


def situation(*rows: dict[str, Any], before: Iterable[Standing] = (), **given: Any) -> Situation:
    """A checked run over `rows` after `before`; the items of the rows are in the source, and nothing else is."""
    frame = verdicts(rows)
    known = standings(*before)
    refs: dict[str, set[str]] = {"incident": set(), "assessment": set(), "referral": set()}
    for row in rows:
        refs[row["about"]].add(row["item_ref"])
    plain: dict[str, Any] = {
        "rules": dict.fromkeys([RULE, *(row["rule_id"] for row in rows)], CHECKED),
        "seen": {about: Seen(frozenset(found)) for about, found in refs.items()},
        "judged_by_before": dict.fromkeys(known, "first"),
        "judged_by_now": {(rule_id, V1): "first" for rule_id in {RULE, *(row["rule_id"] for row in rows)}},
        "owners": lambda _rule_id, _incident_ref: "unit",
    }
    return Situation(standings=known, verdicts=frame, **{**plain, **given})


def told(events: Iterable[Event]) -> list[str]:
    """Events as a test reads them: `REF-01 I1 closed done`."""
    return [" ".join(filter(None, (each.rule_id, each.item_ref, each.kind.value, str(each.reason)))) for each in events]


def rule(rule_id: str = RULE, *versions: Version, **given: Any) -> Rule:
    """A rule as its file would make it: critical and the unit's, unless told otherwise."""
    plain = {"title": f"Title of {rule_id}", "action": f"Do {rule_id}", "about": "incident", "reader": "referral-unit"}
    more = {"severity": "critical", "source": "invented", "chase": True, "versions": versions or (DONE,)}
    return Rule(rule_id, **{**plain, **more, **given})


def version(in_force_from: str = V1, *, approved: bool = True, **given: Any) -> Version:
    """A version with a day to do something in, from the report."""
    day = dt.date.fromisoformat(in_force_from)
    plain = {"deadline": Deadline("reported_at", 24, Clock.HOURS)}
    return Version(day, day, approved=Approval("Head", day) if approved else None, **{**plain, **given})


def all_of(**by_column: Any) -> Condition:
    """A condition: `all_of(crime="yes", grade=TestKind.PRESENT)`."""
    return Condition(
        tuple(
            Test(name, what) if isinstance(what, TestKind) else Test(name, TestKind.IN, (what,))
            for name, what in by_column.items()
        )
    )


DONE: Final = version(done="mash_referred_at")
