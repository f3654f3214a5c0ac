"""A supervisor's words for columns, outcomes, closings and times. Knows no record, so it can say no cell's value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from dacompliance.exceptions.model import Closing

OUTCOMES: Final[Mapping[str, str]] = {
    "met": "done in time",
    "late": "done late",
    "pending": "not yet due",
    "breached": "overdue",
    "undetermined": "cannot be judged",
    "not_applicable": "does not apply",
}
CLOSINGS: Final[Mapping[Closing, str]] = {
    Closing.DONE: "done",
    Closing.NOT_DUE: "not due yet: its start moved or became known",
    Closing.EXCLUDED: "the incident was excluded",
    Closing.NO_LONGER_APPLIES: "no longer applies",
    Closing.WITHDRAWN: "gone from the records",
    Closing.RULE_CHANGED: "the rule changed",
    Closing.RULE_REMOVED: "the rule was removed",
}


class Words(NamedTuple):
    """How a column is spoken of: what to find out when it is not known, and what it is."""

    asked: str
    noun: str


COLUMNS: Final[Mapping[str, Words]] = {
    "incident_ref": Words("which incident it belongs to", "incident"),
    "occurrence_ref": Words("the occurrence number", "occurrence number"),
    "reported_at": Words("when it was reported", "report"),
    "flagged_at": Words("when it was flagged as domestic abuse", "domestic abuse flag"),
    "attended_at": Words("when it was attended", "attendance"),
    "area": Words("the area", "area"),
    "team": Words("the team", "team"),
    "officer_id": Words("who the officer is", "officer"),
    "supervisor_id": Words("who the supervisor is", "supervisor"),
    "crime": Words("whether it is a crime", "crime marker"),
    "repeat_victim": Words("whether the victim is a repeat victim", "repeat victim marker"),
    "children_present": Words("whether children were present", "children present marker"),
    "excluded_reason": Words("why it is excluded", "reason for exclusion"),
    "no_assessment_reason": Words("why there is no risk assessment", "reason for no risk assessment"),
    "checks_completed_at": Words("when the referral unit's checks were completed", "referral unit's checks"),
    "specialist_required": Words("whether a specialist investigator is required", "specialist marker"),
    "specialist_allocated_at": Words("when a specialist was allocated", "specialist allocation"),
    "plan_set_at": Words("when the investigation plan was set", "investigation plan"),
    "investigation_reviewed_at": Words("when the investigation was reviewed", "investigation review"),
    "protection_notice_considered_at": Words(
        "when a protection notice was considered", "protection notice consideration"
    ),
    "protection_notice_decision": Words("what was decided about a protection notice", "protection notice decision"),
    "assessment_ref": Words("which risk assessment it is", "risk assessment reference"),
    "instrument": Words("which risk assessment form was used", "risk assessment form"),
    "submitted_at": Words("when the risk assessment was submitted", "risk assessment submission"),
    "assessor_id": Words("who made the risk assessment", "assessor"),
    "answered_count": Words("how many questions were answered", "count of questions answered"),
    "yes_count": Words("how many answers were yes", "count of yes answers"),
    "not_known_count": Words("how many answers were not known", "count of not known answers"),
    "question_count": Words("how many questions the form has", "count of the form's questions"),
    "blank_questions": Words("which questions are blank", "list of blank questions"),
    "declined": Words("whether the victim declined the questions", "declined marker"),
    "risk_grade": Words("the risk grade", "risk grade"),
    "rationale_recorded": Words("whether the grade has a written reason", "written reason for the grade"),
    "signed_off_at": Words("when it was signed off", "sign-off"),
    "signed_off_by": Words("who signed it off", "signatory"),
    "final_grade": Words("the grade set at sign-off", "grade at sign-off"),
    "final_rationale_recorded": Words(
        "whether the grade at sign-off has a written reason", "written reason for the grade at sign-off"
    ),
    "referral_ref": Words("which referral it is", "referral reference"),
    "destination": Words("where it was referred to", "destination of the referral"),
    "referred_at": Words("when it was referred", "referral"),
    "received_at": Words("when the referral was received", "receipt of the referral"),
    "cancelled": Words("whether the referral was cancelled", "cancellation marker"),
    "staff_id": Words("which member of staff it is", "staff number"),
    "name": Words("the name of the member of staff", "name of the member of staff"),
    "email": Words("the e-mail address of the member of staff", "e-mail address"),
    "role": Words("the role of the member of staff", "role"),
    "manager_id": Words("who the manager is", "manager"),
    "left_on": Words("when the member of staff left", "leaving date"),
    "assessment_count": Words("how many risk assessments there are", "count of risk assessments"),
    "first_submitted_at": Words("when the first risk assessment was submitted", "risk assessment submission"),
    "grade": Words("the risk grade of the incident", "risk grade of the incident"),
    "grade_since": Words("since when the incident has had its grade", "start of the present grade"),
    "highest_grade": Words("the highest risk grade of the incident", "highest risk grade"),
    "first_high_at": Words("when the incident first became high risk", "first high grade"),
    "previous_grade": Words("the risk grade before this one", "risk grade before this one"),
    "lowered": Words("whether the grade was lowered", "lowered grade marker"),
    "superseded": Words("whether a later risk assessment replaces it", "later risk assessment marker"),
    "signed_off_role": Words("the role of who signed it off", "role of the signatory"),
    "minutes_to_sign_off": Words("how long it took to sign off", "number of minutes to sign-off"),
    "assessments_set_aside": Words("whether a risk assessment was set aside", "set-aside risk assessment marker"),
    "referrals_set_aside": Words("whether a referral was set aside", "set-aside referral marker"),
    # The two reasons of a verdict that are not columns: a row beside the item could not be used.
    "assessments": Words("a risk assessment that was set aside", "risk assessment that was set aside"),
    "referrals": Words("a referral that was set aside", "referral that was set aside"),
}

PLACES: Final[Mapping[str, str]] = {
    "children": "children's services",
    "adults": "adult services",
    "encompass": "Operation Encompass",
}
"""The destinations that are no initials, as people call them."""

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _words(name: str) -> Words:
    """Return a column's words; a destination's times by the destination, a force's own column by its name in words."""
    if name in COLUMNS:
        return COLUMNS[name]
    if match := re.fullmatch(r"(.+)_(referred|received)_at", name):
        place = PLACES.get(match[1], match[1].replace("_", " ").upper())
        if match[2] == "referred":
            return Words(f"when it was referred to {place}", f"{place} referral")
        return Words(f"when {place} received it", f"{place} receipt")
    if match := re.fullmatch(r"q(\d\d)", name):
        return Words(f"the answer to question {int(match[1])}", f"answer to question {int(match[1])}")
    plain = name.replace("_", " ")
    return Words(plain, plain)


def column(name: str) -> str:
    """Return what to find out where a column is not known: "who signed it off"."""
    return _words(name).asked


def noun(name: str) -> str:
    """Return what a column is: "sign-off". It follows "no" and stands before "recorded"."""
    return _words(name).noun


def reasons(text: str) -> tuple[str, ...]:
    """Return the words of a verdict's `reason`, a list of columns joined by "; ", in its order."""
    return tuple(column(name) for name in text.split("; ")) if text else ()


def outcome(code: str) -> str:
    """Return the words people are shown for a verdict's outcome."""
    return OUTCOMES[code]


def closing(how: Closing) -> str:
    """Return how an exception closed, in words. Only "done" is success."""
    return CLOSINGS[how]


def age(since: dt.datetime, until: dt.datetime) -> str:
    """Return how long it is from one instant to another, rounded down: whole days from 24 hours of real time on.

    Both know their zone. The order does not matter, so a deadline to come is "5 hours" away.
    """
    hours = int(abs(until - since) / dt.timedelta(hours=1))
    if hours < 1:
        return "less than an hour"
    count, unit = (hours // 24, "day") if hours >= 24 else (hours, "hour")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def instant(when: dt.datetime, zone: ZoneInfo, *, year: bool = False) -> str:
    """Return an instant as local people write it: "Tue 3 Nov 23:40", with the year where it is asked for."""
    local = when.astimezone(zone)
    return f"{day(local.date(), year=year)} {local:%H:%M}"


def deadline(when: dt.datetime, zone: ZoneInfo, *, year: bool = False) -> str:
    """Return a deadline as `instant` does, but one at midnight as the end of its day: "Tue 3 Nov 24:00"."""
    local = when.astimezone(zone)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return instant(when, zone, year=year)
    return f"{day(local.date() - dt.timedelta(days=1), year=year)} 24:00"


def day(date: dt.date, *, year: bool = False) -> str:
    """Return a date as people write it: "Tue 3 Nov". English whatever the machine's locale."""
    text = f"{_DAYS[date.weekday()]} {date.day} {_MONTHS[date.month - 1]}"
    return f"{text} {date.year}" if year else text
