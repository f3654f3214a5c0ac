"""What a force has decided, as frozen values: rules, dated versions, conditions, deadlines, calendars. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

About = Literal["incident", "assessment", "referral"]
Reader = Literal["supervisor", "referral-unit"]
Severity = Literal["critical", "major", "minor"]
SEVERITIES: tuple[Severity, ...] = ("critical", "major", "minor")


class TestKind(StrEnum):
    """The tests a condition may make of one column."""

    __test__ = False  # not a pytest class

    IN = "in"  # also `equals` and the bare forms
    NOT_IN = "not"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    PRESENT = "present"
    MISSING = "missing"
    SAME_AS = "same_as"
    DIFFERS_FROM = "differs_from"


@dataclass(frozen=True, slots=True)
class Test:
    """One test of one column. `words` for in/not; `number` for at_least/at_most; `other` for same_as/differs_from."""

    __test__ = False  # not a pytest class

    column: str
    kind: TestKind
    words: tuple[str, ...] = ()
    number: int = 0
    other: str = ""

    def columns(self) -> tuple[str, ...]:
        """Return the columns the test reads."""
        return (self.column, self.other) if self.other else (self.column,)


@dataclass(frozen=True, slots=True)
class Condition:
    """All `tests` must be true and, for each group in `anys`, at least one of its conditions."""

    tests: tuple[Test, ...] = ()
    anys: tuple[tuple[Condition, ...], ...] = ()

    def columns(self) -> frozenset[str]:
        """Return every column the condition reads."""
        own = {name for test in self.tests for name in test.columns()}
        return frozenset(own.union(*(table.columns() for group in self.anys for table in group)))


class Clock(StrEnum):
    """How a deadline is counted."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_HOURS = "working hours"
    WORKING_DAYS = "working days"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A working calendar, every convention named. Times of day are minutes after local midnight, 1440 for 24:00."""

    name: str
    weekdays: tuple[int, ...]  # Monday is 0
    hours: tuple[tuple[int, int], ...]
    holidays: str | None  # the nation, or None
    day_ends: int
    cut_off: int
    closed_start: Literal[0, 1]


@dataclass(frozen=True, slots=True)
class Holiday:
    """A bank holiday of one nation, when it was announced, and when withdrawn if it was moved."""

    date: dt.date
    nation: str
    name: str
    announced: dt.date
    withdrawn: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """`amount` of `clock` after `start`. `calendar` for the two working clocks."""

    start: str
    amount: int
    clock: Clock
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a version, when, and where that is minuted."""

    by: str
    on: dt.date
    minute: str = ""


EarlyKind = Literal["met", "undetermined"]


@dataclass(frozen=True, slots=True)
class Version:
    """One dated version of a rule. Exactly one of `done` and `holds`. `early` in hours, or a word."""

    in_force_from: dt.date
    published: dt.date
    in_force_until: dt.date | None = None
    approved: Approval | None = None
    applies: Condition | None = None
    done: str | None = None
    holds: Condition | None = None
    deadline: Deadline | None = None
    early: EarlyKind | int = "met"

    def columns(self) -> frozenset[str]:
        """Return every column the version reads."""
        found: set[str] = set()
        for condition in (self.applies, self.holds):
            if condition is not None:
                found |= condition.columns()
        if self.done is not None:
            found.add(self.done)
        if self.deadline is not None:
            found.add(self.deadline.start)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """A worked example of a rule file: a record, an as-at, and what is expected of it."""

    name: str
    as_at: dt.datetime
    record: Mapping[str, object]
    expect: str
    due: dt.datetime | None = None
    done: dt.datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One duty from policy. `text` is the file as it was read; `file` its name."""

    id: str
    title: str
    action: str
    about: About
    reader: Reader
    severity: Severity
    source: str
    chase: bool
    versions: tuple[Version, ...]
    cases: tuple[WorkedCase, ...] = ()
    note: str = ""
    file: str = ""
    text: str = field(default="", repr=False)
    digests: tuple[str, ...] = ()
    """One per version: of what it says, `approved` apart, and of the calendar it uses."""

    @property
    def dates(self) -> tuple[str, ...]:
        """The name of each version, its first day; and last, for the place -1 of an item that none is for, ""."""
        return (*(str(version.in_force_from) for version in self.versions), "")


@dataclass(frozen=True, slots=True)
class Pack:
    """A force's whole policy: rules in order of id, and what they rest on. `texts` are the files, by name."""

    rules: tuple[Rule, ...]
    holidays: tuple[Holiday, ...]
    instruments: Mapping[str, int]
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    def rule(self, rule_id: str) -> Rule | None:
        """Return the rule of that id, if the pack has it."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)
