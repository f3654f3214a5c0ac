"""The contract of the record sets: columns, kinds and what may be blank. Knows no database and no force's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a column holds. The values are the words a configuration uses for a force's own columns."""

    TEXT = "text"
    ID = "id"  # text, upper-cased
    INSTANT = "instant"
    DATE = "date"
    YES_NO = "yes/no"
    GRADE = "grade"
    ANSWER = "answer"
    NUMBER = "number"

    @property
    def is_time(self) -> bool:
        """True for instants and dates."""
        return self in (Kind.INSTANT, Kind.DATE)

    @property
    def is_words(self) -> bool:
        """True for kinds whose cells are words."""
        return not self.is_time and self is not Kind.NUMBER


GRADES: Final = ("standard", "medium", "high")
WORDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.YES_NO: ("yes", "no"),
    Kind.GRADE: GRADES,
    Kind.ANSWER: ("yes", "no", "not_known"),
}
"""The contract's own words, by kind. A cell of such a kind that holds another word is unreadable."""

QUESTIONS: Final = tuple(f"q{number:02d}" for number in range(1, 28))
COUNTS: Final = ("answered_count", "yes_count", "not_known_count")


class Finding(StrEnum):
    """What can be wrong or worth knowing about a record or a cell. Set-aside rows are in no verdict."""

    MISSING_KEY = "set aside: no key"
    CONFLICTING_KEY = "set aside: key stands twice with different content"
    DECIDING_CELL = "set aside: a cell that decides whether the row counts cannot be read"
    UNMATCHED = "unmatched: no such incident"
    PARENT_SET_ASIDE = "unmatched: its incident is set aside"
    UNREADABLE = "unreadable"
    UNKNOWN_WORD = "unreadable: a word that is neither mapped nor the contract's own"
    UNKNOWN_LETTER = "unreadable: a letter that is neither mapped nor the contract's own"
    UNKNOWN_NUMBER = "unreadable: a number that is neither mapped nor the contract's own"
    UNKNOWN_TRUTH = "unreadable: a true or false that is neither mapped nor the contract's own"
    UNKNOWN_TEXT = "unreadable: a text of signs or digits and letters that is neither mapped nor the contract's own"
    FAR_FUTURE = "unreadable: more than a day after the records are known to"
    REPEATED_ROW = "the same row twice, read once"
    DATE_ONLY = "a date without a time"
    AMBIGUOUS_TIME = "a wall time that happened twice, read as the first"
    IMPOSSIBLE_TIME = "a wall time that never happened, moved forward"
    RECEIVED_AS_REFERRED = "received but not referred: referred at the time of receipt"
    UNLISTED_DESTINATION = "a destination that neither a rule nor the configuration names"
    UNLISTED_INSTRUMENT = "an instrument that instruments.toml does not list"

    @classmethod
    def unknown(cls, text: str) -> Finding:
        """Return which class of unknown word a text is: what may be told of it, where the word itself may not."""
        if text in ("true", "false"):
            return cls.UNKNOWN_TRUTH
        if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
            return cls.UNKNOWN_NUMBER
        if not text.replace(" ", "").isalpha():
            return cls.UNKNOWN_TEXT
        return cls.UNKNOWN_LETTER if len(text) == 1 else cls.UNKNOWN_WORD

    @property
    def is_unknown(self) -> bool:
        """True for a word that a value map could name and none does, of whatever class."""
        return self.name.startswith("UNKNOWN_")

    @property
    def sets_aside(self) -> bool:
        """True when the row takes no part in any verdict."""
        return self.value.startswith(("set aside", "unmatched"))

    @property
    def is_unreadable(self) -> bool:
        """True when the cell could not be read."""
        return self.value.startswith("unreadable")


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column of the contract. `required` columns must be mapped; a required cell may still be missing."""

    name: str
    kind: Kind
    required: bool = False


@dataclass(frozen=True, slots=True)
class RecordSet:
    """One record set: its key column and its other columns."""

    name: str
    key: str
    columns: tuple[ColumnSpec, ...]

    def spec(self, name: str) -> ColumnSpec | None:
        """Return the contract's column of that name, if it has one."""
        return next((column for column in self.columns if column.name == name), None)


def _columns(kind: Kind, *names: str, required: bool = False) -> tuple[ColumnSpec, ...]:
    return tuple(ColumnSpec(name, kind, required) for name in names)


INCIDENTS: Final = RecordSet(
    "incidents",
    "incident_ref",
    (
        *_columns(Kind.TEXT, "incident_ref", required=True),
        *_columns(Kind.TEXT, "occurrence_ref"),
        *_columns(Kind.INSTANT, "reported_at", required=True),
        *_columns(Kind.INSTANT, "flagged_at", "attended_at"),
        *_columns(Kind.TEXT, "area", "team"),
        *_columns(Kind.ID, "officer_id", "supervisor_id"),
        *_columns(Kind.YES_NO, "crime", "repeat_victim", "children_present"),
        *_columns(Kind.TEXT, "excluded_reason", "no_assessment_reason"),
        *_columns(Kind.INSTANT, "checks_completed_at"),
        *_columns(Kind.YES_NO, "specialist_required"),
        *_columns(Kind.INSTANT, "specialist_allocated_at", "plan_set_at", "investigation_reviewed_at"),
        *_columns(Kind.INSTANT, "protection_notice_considered_at"),
        *_columns(Kind.TEXT, "protection_notice_decision"),
    ),
)
ASSESSMENTS: Final = RecordSet(
    "assessments",
    "assessment_ref",
    (
        *_columns(Kind.TEXT, "assessment_ref", "incident_ref", required=True),
        *_columns(Kind.TEXT, "instrument"),
        *_columns(Kind.INSTANT, "submitted_at"),
        *_columns(Kind.ID, "assessor_id"),
        *_columns(Kind.ANSWER, *QUESTIONS),
        *_columns(Kind.NUMBER, *COUNTS),
        *_columns(Kind.YES_NO, "declined"),
        *_columns(Kind.GRADE, "risk_grade"),
        *_columns(Kind.YES_NO, "rationale_recorded"),
        *_columns(Kind.INSTANT, "signed_off_at"),
        *_columns(Kind.ID, "signed_off_by"),
        *_columns(Kind.GRADE, "final_grade"),
        *_columns(Kind.YES_NO, "final_rationale_recorded"),
    ),
)
REFERRALS: Final = RecordSet(
    "referrals",
    "referral_ref",
    (
        *_columns(Kind.TEXT, "referral_ref", "incident_ref", required=True),
        *_columns(Kind.ID, "destination"),
        *_columns(Kind.INSTANT, "referred_at", "received_at"),
        *_columns(Kind.YES_NO, "cancelled"),
    ),
)
STAFF: Final = RecordSet(
    "staff",
    "staff_id",
    (
        *_columns(Kind.ID, "staff_id", required=True),
        *_columns(Kind.TEXT, "name", "email", "role", "team", "area"),
        *_columns(Kind.ID, "manager_id"),
        *_columns(Kind.DATE, "left_on"),
    ),
)
RECORD_SETS: Final[Mapping[str, RecordSet]] = {each.name: each for each in (INCIDENTS, ASSESSMENTS, REFERRALS, STAFF)}
OF_INCIDENTS: Final = (INCIDENTS.name, ASSESSMENTS.name, REFERRALS.name)
"""The record sets of which each row is an incident's. Staff are nobody's."""

DERIVED: Final[Mapping[str, Mapping[str, Kind]]] = {
    "incidents": {"assessments_set_aside": Kind.YES_NO, "referrals_set_aside": Kind.YES_NO},
    "assessments": {
        "question_count": Kind.NUMBER,
        **dict.fromkeys(COUNTS, Kind.NUMBER),
        "blank_questions": Kind.TEXT,
    },
    "referrals": {},
    "staff": {},
}
"""Columns made at the door, not mapped. The two of incidents are `yes` where a child of the incident was set aside."""
