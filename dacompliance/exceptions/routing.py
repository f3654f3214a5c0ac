"""Who must act and who hears, by staff and configured mailboxes. Pure; whether mail may go there is not its say."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from dacompliance.exceptions.model import Reader, Standing
from dacompliance.localtime import day_of, local_day
from dacompliance.policy.model import Reader as Duty
from dacompliance.policy.model import Rule
from dacompliance.records.contract import Kind
from dacompliance.records.table import Table, TextArray

UNIT: Final = "unit"
FALLBACK: Final = "fallback"
DATA_QUALITY: Final = "data-quality"
OPERATOR: Final = "operator"
ESCALATION: Final = "escalation"
_ADDRESS: Final = re.compile(r"[!#-'*+\-/-9=?A-Z^-~.]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_TEAM: Final = "team:"
_STAFF: Final = "staff:"
WEEKLY: Final = dt.timedelta(days=7)
TITLES: Final = {
    UNIT: "Referral unit",
    FALLBACK: "Fallback",
    DATA_QUALITY: "Data quality",
    OPERATOR: "Operator",
    ESCALATION: "Escalation",
}


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """The addresses the configuration names. `teams` are team mailboxes by team name; without `unit`, the fallback.

    `escalation` hears of what has been open too long with a mailbox, or with a person whose manager cannot be reached.
    """

    unit: str | None
    fallback: str
    data_quality: str | None = None
    operator: str | None = None
    teams: Mapping[str, str] = field(default_factory=dict)
    escalation: str | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """Whom a notice can reach: `addresses` of the staff who are still here and have one, and everyone's manager."""

    mailboxes: Mailboxes
    addresses: Mapping[str, str]
    managers: Mapping[str, str]


class Place(NamedTuple):
    """What of an incident decides who hears; "" where it is not recorded."""

    team: str
    supervisor: str
    officer: str


class By(StrEnum):
    """How an owner was found. The last two say that nobody nearer could be."""

    UNIT = "referral unit"
    TEAM = "team mailbox"
    SUPERVISOR = "supervisor"
    MANAGER = "officer's manager"
    UNIT_INSTEAD = "referral unit for want of a supervisor"
    FALLBACK = "fallback"


class Route(NamedTuple):
    """The reader who owns a task, and how they were found."""

    key: str
    by: By


Router = Callable[[str, str], Route | None]
"""From a rule_id and an incident_ref to a route; None where it cannot tell."""


@dataclass(frozen=True, slots=True)
class LastTold:
    """The last notice handed over to a reader: its local day, how many rows it had, its run and what that was as at."""

    day: dt.date
    rows: int
    run: int
    as_at: dt.datetime


def directory(staff: Table, mailboxes: Mailboxes, as_at: int, zone: ZoneInfo) -> Directory:
    """Return whom a notice can reach on the local day of `as_at` (microseconds UTC).

    Passed over: who has left, from the day after `left_on`; who has no address, or one that no mail can go to; and who
    has a `left_on` that cannot be read, because mail to someone who is gone is read by nobody.
    """
    left, email, manager = staff.get("left_on", Kind.DATE), staff.get("email"), staff.get("manager_id", Kind.ID)
    today = day_of(as_at, zone)
    gone = (left.present & (local_day(left.values, zone) < today)) | left.unread
    fit = np.array([*(_ADDRESS.fullmatch(word) is not None for word in email.words), False], dtype=bool)
    here = fit[np.where(email.present, email.values, len(email.words))] & ~gone
    ids = staff.keys
    return Directory(
        mailboxes,
        dict(zip(ids[here], email.text()[here], strict=True)),
        dict(zip(ids[manager.present], manager.text()[manager.present], strict=True)),
    )


def places(refs: TextArray, team: TextArray, supervisor: TextArray, officer: TextArray) -> dict[str, Place]:
    """Return the place of each incident, from arrays of text in which None is missing."""
    return {
        ref: Place(team or "", supervisor or "", officer or "")
        for ref, team, supervisor, officer in zip(refs, team, supervisor, officer, strict=True)
    }


def route(known: Directory, duty: Duty, place: Place) -> Route:
    """Return who must act on a duty: for the referral unit its mailbox, for a supervisor the first that can be reached.

    In order: the team's mailbox, the incident's supervisor, the officer's manager, the unit, the fallback.
    """
    boxes = known.mailboxes
    if duty == "referral-unit":
        return Route(UNIT, By.UNIT) if boxes.unit else Route(FALLBACK, By.FALLBACK)
    if place.team in boxes.teams:
        return Route(_TEAM + place.team, By.TEAM)
    manager = known.managers.get(place.officer, "")
    for staff_id, by in ((place.supervisor, By.SUPERVISOR), (manager, By.MANAGER)):
        if staff_id in known.addresses:
            return Route(_STAFF + staff_id, by)
    return Route(UNIT, By.UNIT_INSTEAD) if boxes.unit else Route(FALLBACK, By.FALLBACK)


def router(known: Directory, rules: Iterable[Rule], where: Mapping[str, Place]) -> Router:
    """Return a function that routes a rule's duty about an incident; None where it does not know one of them."""
    duties = {rule.id: rule.reader for rule in rules}

    def routed(rule_id: str, incident_ref: str) -> Route | None:
        place, duty = where.get(incident_ref), duties.get(rule_id)
        return route(known, duty, place) if place and duty else None

    return routed


def owners(routed: Router) -> Callable[[str, str], str]:
    """Return a function from a rule_id and an incident_ref to the owner's key, "" when the incident is not known."""

    def owner(rule_id: str, incident_ref: str) -> str:
        found = routed(rule_id, incident_ref)
        return found.key if found else ""

    return owner


def tally(standings: Iterable[Standing], routed: Router) -> Counter[By]:
    """Count the open exceptions by how their owner is found now; those of unknown incidents are in no count."""
    found = (routed(standing.rule_id, standing.incident_ref) for standing in standings if standing.is_open)
    return Counter(each.by for each in found if each)


def heard_by(known: Directory, key: str) -> str:
    """Return the key itself when that reader can be reached, else the fallback's."""
    return key if _address(known, key) else FALLBACK


def role(key: str) -> str:
    """Return who a reader's key stands for, in words and without a name: `referral unit`, `supervisor 77`, `team B`."""
    if key.startswith(_STAFF):
        return f"supervisor {key.removeprefix(_STAFF)}"
    if key.startswith(_TEAM):
        return f"team {key.removeprefix(_TEAM)}"
    return TITLES[key].lower() + ("" if key == UNIT else " mailbox") if key in TITLES else key


def reader(known: Directory, key: str) -> Reader:
    """Return the reader of a key; who cannot be reached is replaced by the fallback mailbox."""
    key = heard_by(known, key)
    address = _address(known, key)
    assert address is not None
    if key.startswith(_STAFF):
        return Reader(key, address, is_person=True, title=f"Supervisor {key.removeprefix(_STAFF)}")
    return Reader(key, address, is_person=False, title=TITLES.get(key, key.removeprefix(_TEAM)))


def above(known: Directory, key: str) -> str | None:
    """Return the reader above an owner: a person's manager, where they can be reached, else the escalation mailbox."""
    manager = known.managers.get(key.removeprefix(_STAFF), "") if key.startswith(_STAFF) else ""
    if manager in known.addresses:
        return _STAFF + manager
    return ESCALATION if known.mailboxes.escalation else None


def mailboxes(known: Directory) -> list[Reader]:
    """Return the mailboxes that hear every day: the unit's first, the teams', the escalation's and the fallback's.

    One that shares its address with another before it hears only when there is something.
    """
    keys = [UNIT, *(_TEAM + team for team in sorted(known.mailboxes.teams)), ESCALATION, FALLBACK]
    by_address: dict[str, Reader] = {}
    for key in keys:
        if address := _address(known, key):
            by_address.setdefault(address, reader(known, key))
    return list(by_address.values())


def hears(who: Reader, rows: int, last: LastTold | None, today: dt.date) -> bool:
    """Say whether a reader hears on the local day `today`, with `rows` to tell.

    A mailbox hears every day. A person hears when there is something, once when the list empties, and after that once
    a week; someone who has never been told anything hears nothing until there is something.
    """
    if not who.is_person or rows:
        return True
    return last is not None and (last.rows > 0 or today - last.day >= WEEKLY)


def _address(known: Directory, key: str) -> str | None:
    boxes = known.mailboxes
    if key.startswith(_STAFF):
        return known.addresses.get(key.removeprefix(_STAFF))
    if key.startswith(_TEAM):
        return boxes.teams.get(key.removeprefix(_TEAM))
    own = {UNIT: boxes.unit, FALLBACK: boxes.fallback, ESCALATION: boxes.escalation}
    return {**own, DATA_QUALITY: boxes.data_quality, OPERATOR: boxes.operator}.get(key)
