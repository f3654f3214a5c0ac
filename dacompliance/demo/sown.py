"""The faults of the demonstration force: each by name, in a known number, with how the monitor shows it.

The numbers hold for the copy of the last morning. `Force.sown` has the keys of every one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from dacompliance.demo import faults_after as after
from dacompliance.demo import faults_cases as cases
from dacompliance.demo import faults_forms as forms
from dacompliance.demo.draft import Draft
from dacompliance.demo.links import Links
from dacompliance.judging.completion import Category
from dacompliance.records.contract import Finding


@dataclass(frozen=True, slots=True)
class AsFinding:
    """Findings of one kind in one column, and no others; `rows` for each fault."""

    finding: Finding
    record_set: str
    column: str
    rows: int = 1


@dataclass(frozen=True, slots=True)
class AsCell:
    """Each key is an item whose column, its own or a fact, reads so; None is a missing cell."""

    record_set: str
    column: str
    word: str | None


@dataclass(frozen=True, slots=True)
class AsVerdict:
    """Each key is an item of which the rule says so on the last morning."""

    rule: str
    outcome: str


@dataclass(frozen=True, slots=True)
class AsCategory:
    """Each key is an incident, or the form of one, that DASH completion counts under this category."""

    category: Category


@dataclass(frozen=True, slots=True)
class AsStaff:
    """Each key is an incident on which this number is nobody's (`unknown`), or of someone who has left (`left`)."""

    column: str
    state: Literal["unknown", "left"]


Found = AsFinding | AsCell | AsVerdict | AsCategory | AsStaff


@dataclass(frozen=True, slots=True)
class Sown:
    """One fault: what is wrong in the force's records, how often, how it is found, and the function that sows it."""

    what: str
    count: int
    found: Found
    sow: Callable[[Draft, Links, int], tuple[str, ...]]

    @property
    def name(self) -> str:
        """Return the fault's name: its function's."""
        return self.sow.__name__


def _finding(
    what: str,
    count: int,
    finding: Finding,
    where: str,
    sow: Callable[[Draft, Links, int], tuple[str, ...]],
    rows: int = 1,
) -> Sown:
    record_set, _, column = where.partition(".")
    return Sown(what, count, AsFinding(finding, record_set, column, rows), sow)


SOWN: Final = (
    # Rows that take no part.
    _finding(
        "an occurrence was loaded twice, the same", 9, Finding.REPEATED_ROW, "incidents.incident_ref",
        cases.loaded_twice,
    ),
    _finding(
        "an occurrence was loaded twice, with another team", 5, Finding.CONFLICTING_KEY,
        "incidents.incident_ref", cases.loaded_twice_differently, rows=2,
    ),
    _finding(
        "a form belongs to an occurrence that stands twice", 5, Finding.PARENT_SET_ASIDE, "assessments.incident_ref",
        cases.forms_of_those,
    ),
    _finding(
        "an occurrence has no time of report", 4, Finding.DECIDING_CELL, "incidents.reported_at", cases.no_report_time,
    ),
    _finding(
        "a form came over without its number", 2, Finding.MISSING_KEY, "assessments.assessment_ref",
        forms.form_without_number,
    ),
    _finding(
        "an occurrence was merged away and its form stayed", 7, Finding.UNMATCHED, "assessments.incident_ref",
        forms.merged_away,
    ),
    _finding(
        "a form is dated 31 February", 3, Finding.DECIDING_CELL, "assessments.submitted_at",
        forms.unreadable_submission,
    ),
    _finding(
        "a referral's occurrence number is nobody's", 6, Finding.UNMATCHED, "referrals.incident_ref",
        after.referral_matches_nothing,
    ),
    # Cells that cannot be read.
    _finding(
        "a check of the unit is dated 31 February", 5, Finding.UNREADABLE, "incidents.checks_completed_at",
        cases.unreadable_check,
    ),
    _finding(
        "a grade is a word nobody mapped", 4, Finding.UNKNOWN_WORD, "assessments.risk_grade", forms.grade_nobody_mapped,
    ),
    _finding(
        "an answer is a sign nobody mapped", 4, Finding.UNKNOWN_TEXT, "assessments.q17", forms.answer_nobody_mapped,
    ),
    _finding(
        "a sign-off is dated 2062", 3, Finding.FAR_FUTURE, "assessments.signed_off_at", after.signed_off_in_2062,
    ),
    # Times that are noted.
    _finding(
        "a report has a day and no time", 6, Finding.DATE_ONLY, "incidents.reported_at",
        cases.report_without_time_of_day,
    ),
    _finding(
        "a sign-off has a day and no time", 14, Finding.DATE_ONLY, "assessments.signed_off_at",
        after.sign_off_without_time_of_day,
    ),
    _finding(
        "a report came in the hour that happened twice", 4, Finding.AMBIGUOUS_TIME, "incidents.reported_at",
        cases.reported_in_repeated_hour,
    ),
    _finding(
        "a form was handed in in the hour that happened twice", 3, Finding.AMBIGUOUS_TIME, "assessments.submitted_at",
        forms.submitted_in_repeated_hour,
    ),
    _finding(
        "a report is timed in the hour that never happened", 3, Finding.IMPOSSIBLE_TIME, "incidents.reported_at",
        cases.reported_in_missing_hour,
    ),
    _finding(
        "a referral was acknowledged and never sent", 5, Finding.RECEIVED_AS_REFERRED, "referrals.referred_at",
        after.received_not_sent,
    ),
    # Words of the force's own, and what is missing.
    Sown("high is written HIGH RISK, High or high", 36, AsCell("assessments", "risk_grade", "high"),
         forms.grade_variant),
    Sown("nobody recorded whether the victim is a repeat victim", 200, AsCell("incidents", "repeat_victim", None),
         cases.no_repeat_flag),
    Sown("the old form was used after the new one had come", 7, AsCell("assessments", "instrument", "SafeLives-24"),
         forms.old_form_after_change),
    Sown("the supervisor's number is nobody's", 8, AsStaff("supervisor_id", "unknown"),
         cases.no_such_supervisor),
    Sown("the officer has left the force", 15, AsStaff("officer_id", "left"), cases.officer_has_left),
    Sown("a referral went to a hub that does not exist", 6, AsVerdict("REF-01", "breached"),
         after.referred_to_wrong_hub),
    Sown("a supervisor's number is in small letters", 25, AsVerdict("SUP-01", "met"),
         after.collar_in_lower_case),
    # What the rules are for.
    Sown("an author signed off their own form", 11, AsVerdict("SUP-01", "breached"), after.author_signed_off),
    Sown("a sign-off is dated before its form", 8, AsVerdict("SUP-02", "undetermined"),
         after.signed_off_before_submission),
    Sown("a form is dated before its incident", 9, AsVerdict("RA-01", "undetermined"), forms.submitted_before_report),
    Sown("a form was begun and never handed in", 12, AsVerdict("RA-01", "breached"), forms.left_as_draft),
    Sown("a second form of the same kind was handed in", 40, AsCell("assessments", "superseded", "yes"),
         forms.assessed_twice),
    Sown("a grade became high three days later, and was referred that day", 6, AsVerdict("REF-01", "met"),
         forms.high_days_later),
    Sown("a referral was sent twice", 10, AsVerdict("REF-01", "met"), after.referred_twice),
    Sown("the only referral was cancelled", 8, AsVerdict("REF-01", "breached"), after.referral_cancelled),
    # What is left out, or shown apart.
    Sown("an occurrence is a duplicate", 111, AsCell("incidents", "excluded_reason", "duplicate"), cases.duplicate),
    Sown("an occurrence was cancelled", 64, AsCell("incidents", "excluded_reason", "cancelled"), cases.cancelled),
    Sown("an occurrence is not domestic abuse", 87, AsCell("incidents", "excluded_reason", "not domestic"),
         cases.not_domestic),
    Sown("there is a recorded reason why there is no form", 1160, AsCategory(Category.REASON), cases.reason_recorded),
    Sown("the victim would not answer", 880, AsCategory(Category.DECLINED), forms.declined),
)  # fmt: skip
"""In the order in which they are sown: the rarest first, since no incident has two."""
