"""What a digest is made from and what it is: facts of a run, what the force has set, rows and sections. Pure values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from dacompliance.exceptions.model import Listed

ListKind = Literal["digest", "nothing_to_do", "could_not_check", "stale", "second_look"]
Kind = ListKind | Literal["data_quality", "unseen", "not_checked", "failed", "missed", "undelivered"]
"""Which e-mail a notice is: a reader's list, that of the data's keeper, or something that the operator is told."""
State = Literal["fresh", "stale", "empty", "short"]


@dataclass(frozen=True, slots=True)
class Freshness:
    """One mapped record set: up to when its records are known, and whether they can be trusted."""

    record_set: str
    known_to: dt.datetime | None
    state: State = "fresh"


@dataclass(frozen=True, slots=True)
class RuleNote:
    """A rule and why it is mentioned, in words that hold no value of a record."""

    rule_id: str
    why: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What every reader should know of the run. `as_at` is T; `checked_at` the run's one now; instants are aware.

    `switched_off` are rules a column of which is not mapped; `not_checked` rules that rest on a failed record set, or
    are held; `bundled` rules judged by a version that nobody has approved. `backlog` are cases of incidents reported
    before `chase_from`: measured and not chased.
    """

    run: str
    job: str
    as_at: dt.datetime
    checked_at: dt.datetime
    local_date: dt.date
    zone: ZoneInfo
    incidents_checked: int
    rules_checked: int
    freshness: tuple[Freshness, ...]
    set_aside: int = 0
    unreadable: int = 0
    switched_off: tuple[RuleNote, ...] = ()
    not_checked: tuple[RuleNote, ...] = ()
    bundled: tuple[str, ...] = ()
    backlog: int = 0
    chase_from: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """How many of this reader's exceptions are in no section, by why not."""

    waived: int = 0
    suspended: int = 0
    with_data_keeper: int = 0
    not_checked: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Completion over the last 28 days and the 28 before. `change` says whether it really changed, in words.

    `of_whom` says whose incidents those are.
    """

    done: int
    of: int
    done_before: int
    of_before: int
    change: str
    interval: tuple[float, float] | None = None
    of_whom: str = "the whole force"


@dataclass(frozen=True, slots=True)
class House:
    """What the force has set. `full_list` says where the rest of a list is: words, a path or an address.

    In a `rehearsal` a notice goes to a reviewer, not to the reader it is for.
    """

    force: str
    marking: str
    record_link: str | None
    policy_contact: str | None
    max_rows: int
    full_list: str = ""
    rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One case. `stands_out` is critical or high risk; `label` is NEW, BACK or nothing; links may be empty.

    `dispute` is the link to say that it is wrong; `disputed` is what somebody has said.
    """

    reference: str
    link: str
    risk: str
    stands_out: bool
    label: str
    action: str
    missing: str
    rule: str
    officer: str
    when: str
    dispute: str
    disputed: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """One section: its rows, and how many more there are than rows."""

    heading: str
    lead: str
    rows: tuple[Row, ...]
    more: int

    @property
    def total(self) -> int:
        """How many cases the section holds, shown or not."""
        return len(self.rows) + self.more


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One kind of fault in one column: how many, the keys that fit, and how many more there are. `label` says new."""

    where: str
    number: str
    label: str
    what: str
    mend: str
    keys: str
    more: int


@dataclass(frozen=True, slots=True)
class FaultListing:
    """The faults of the records that do one thing to them; `more` kinds of fault have no row."""

    heading: str
    lead: str
    total: int
    rows: tuple[FaultRow, ...]
    more: int


@dataclass(frozen=True, slots=True)
class StillOpen:
    """Everything open by age, and by officer what is only counted because it has been listed for days.

    `note` says how many those are and when they are listed again; it is empty when there are none.
    """

    bands: tuple[tuple[str, int], ...]
    counted_only: int
    note: str
    officers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """One reader's notice before it is rendered. `important` only for an overdue critical case.

    `cases` are those it has a row for or says are closed: what the ledger keeps of it beside its text. `trust` is what
    the list rests on, `left_out` what is in no section of it and why. `faults` are for the data's
    keeper only.
    """

    kind: Kind
    reader_key: str
    job: str
    local_date: dt.date
    marking: str
    subject: str
    preheader: str
    heading: str
    dateline: str
    important: bool
    warnings: tuple[str, ...]
    summary: tuple[str, ...]
    trust: tuple[str, ...]
    listings: tuple[Listing, ...]
    full_list: str
    still_open: StillOpen | None
    closed_heading: str
    closed: tuple[str, ...]
    progress: tuple[str, ...]
    policy_contact: str
    foot: tuple[str, ...]
    cases: tuple[Listed, ...] = ()
    left_out: tuple[str, ...] = ()
    faults: tuple[FaultListing, ...] = ()
