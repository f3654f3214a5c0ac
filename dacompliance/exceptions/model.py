"""The words of exceptions: events, exceptions as they stand, tasks and the readers they go to. Pure values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from dacompliance.policy.model import About, Severity


class EventKind(StrEnum):
    """What can happen to an exception."""

    OPENED = "opened"
    REOPENED = "reopened"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    WAIVED = "waived"
    WAIVER_ENDED = "waiver_ended"
    DISPUTED = "disputed"
    OWNER_CHANGED = "owner_changed"


class Closing(StrEnum):
    """Why an exception closed. Only `done` is success."""

    DONE = "done"
    NOT_DUE = "not_due"
    EXCLUDED = "excluded"
    NO_LONGER_APPLIES = "no_longer_applies"
    WITHDRAWN = "withdrawn"
    RULE_CHANGED = "rule_changed"
    RULE_REMOVED = "rule_removed"


Identity = tuple[str, str]
"""An exception is one rule and one item: (rule_id, item_ref)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One exception as it stands before a run. `opened_at` is the as-at of the run that last opened it."""

    rule_id: str
    item_ref: str
    about: str
    incident_ref: str
    is_open: bool
    suspended: bool
    times_reopened: int
    opened_at: dt.datetime
    owner_then: str
    owner_now: str

    @property
    def identity(self) -> Identity:
        """Which exception this is."""
        return self.rule_id, self.item_ref


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an exception in a run.

    `reason` is a Closing for `closed`, the owner before for `owner_changed`, the last day for `waived`, what ended it
    for `waiver_ended`, and the claim for `disputed`. `owner` is who must act: from now on for `opened`, `reopened` and
    `owner_changed`, until now for the others. `count` is how often it was `reopened`.
    """

    rule_id: str
    item_ref: str
    about: str
    incident_ref: str
    kind: EventKind
    reason: str = ""
    count: int = 0
    owner: str = ""

    @property
    def identity(self) -> Identity:
        """Which exception this is about."""
        return self.rule_id, self.item_ref


@dataclass(frozen=True, slots=True)
class Reader:
    """Who hears: a mailbox hears every day, a person when there is something.

    `key` is stable: `unit`, `team:…`, `staff:…`.
    """

    key: str
    address: str
    is_person: bool
    title: str


Section = Literal["do", "due_soon", "cannot_judge", "escalated", "oversight"]


@dataclass(frozen=True, slots=True)
class Task:
    """One row of a digest: what one reader should know of one exception, or of one item due soon. References only.

    `missing` says in words what is blank or cannot be judged (question numbers, column words); never a value.
    `due_at` is None where there is no due time. `opened_at` is None for what is due soon. `disputed` is what was last
    said against it, in words, and when. `shared`: the occurrence has other victims, so its number alone does not name
    the case.
    """

    section: Section
    rule_id: str
    title: str
    action: str
    severity: Severity
    approved: bool
    item_ref: str
    incident_ref: str
    occurrence_ref: str
    grade: str
    area: str
    team: str
    officer: str
    missing: str
    due_at: dt.datetime | None
    opened_at: dt.datetime | None
    is_new: bool
    times_reopened: int
    disputed: str = ""
    disputed_at: dt.datetime | None = None
    about: About = "incident"
    shared: bool = False


@dataclass(frozen=True, slots=True)
class ClosedTask:
    """One exception closed since the last notice handed over to a reader, and how."""

    rule_id: str
    title: str
    item_ref: str
    occurrence_ref: str
    how: Closing
    was_late: bool
    incident_ref: str = ""
    shared: bool = False


class Listed(NamedTuple):
    """A case that a notice has a row for: which exception, of which incident, in which section."""

    rule_id: str
    item_ref: str
    section: str
    incident_ref: str
