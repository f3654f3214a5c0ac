"""Records as the door lets them in: incidents, their children, staff; ties, gaps, damage and all."""

from __future__ import annotations

from typing import Any, Final

from dacompliance.records.contract import Kind
from tests.generative.choices import Pick, several
from tests.generative.times import Times
from tests.plain.cells import UNREADABLE
from tests.plain.facts import GRADES, Records

OWN: Final = {"force_code": Kind.TEXT, "risk_score": Kind.NUMBER, "own_at": Kind.INSTANT, "own_day": Kind.DATE}
"""A force's own columns of incidents: one of each kind that judges differently."""
DESTINATIONS: Final = ("MASH", "MASH", "MASH", "MARAC", "IDVA-1", "IDVA 1", None)  # two of them have one name for facts
YES_NO: Final = ("yes", "yes", "no", "no", None, UNREADABLE)
GRADE_CELLS: Final = ("high", "high", *GRADES, *GRADES, None, None, UNREADABLE)
WORDS: Final = ("North", "South", None)
PEOPLE: Final = ("S1", "S2", "S9", None)
NUMBERS: Final = (0, 1, 14, 27, None, UNREADABLE)
REFS: Final = (
    "1",
    "10",
    "2",
    "02",
    "A",
    "a",
    "B 1",
    "é",
    "_",
    *(f"{head}-{tail}" for head in "19aZ" for tail in range(30)),
)
"""In no order of code point as they stand here."""


def records(pick: Pick, times: Times, most: int) -> Records:
    """Pick records of up to `most` incidents, and half as many children of each kind again; every column a rule here names."""
    incidents = [_incident(pick, times, f"I{ref}") for ref in several(pick, REFS, 1, most)]
    parents = [row["incident_ref"] for row in incidents]
    children = 3 * most // 2
    return Records(
        tuple(incidents),
        tuple(_assessment(pick, times, f"A{ref}", pick(parents)) for ref in several(pick, REFS, 0, children)),
        tuple(_referral(pick, times, f"R{ref}", pick(parents)) for ref in several(pick, REFS, 0, children)),
        tuple({"staff_id": who, "role": pick(("sergeant", "inspector", None))} for who in ("S1", "S2")),
    )


def _incident(pick: Pick, times: Times, ref: str) -> dict[str, Any]:
    cells = times.cells()
    return {
        "incident_ref": ref,
        "reported_at": pick(times.cells(missing=False, unreadable=False)),
        "attended_at": pick(cells),
        "checks_completed_at": pick(cells),
        "crime": pick(YES_NO),
        "area": pick(WORDS),
        "no_assessment_reason": pick(WORDS),
        "supervisor_id": pick(PEOPLE),
        "excluded_reason": pick((*[None] * 12, "duplicate")),
        "assessments_set_aside": pick((*["no"] * 10, None, "yes")),
        "referrals_set_aside": pick((*["no"] * 10, None, "yes")),
        "force_code": pick(WORDS),
        "risk_score": pick(NUMBERS),
        "own_at": pick(cells),
        "own_day": pick((None, *times.days(), UNREADABLE)),
    }


def _assessment(pick: Pick, times: Times, ref: str, parent: str) -> dict[str, Any]:
    return {
        "assessment_ref": ref,
        "incident_ref": parent,
        "instrument": pick(("DASH-27", "DASH-27", "DARA", None)),
        "submitted_at": pick((None, *times.cells(missing=False, unreadable=False))),
        "assessor_id": pick(PEOPLE),
        "risk_grade": pick(GRADE_CELLS),
        "rationale_recorded": pick(YES_NO),
        "declined": pick(YES_NO),
        "q03": pick(("yes", "no", "not_known", None, UNREADABLE)),
        "answered_count": pick(NUMBERS),
        "yes_count": pick(NUMBERS),
        "question_count": pick((27, 27, None)),
        "signed_off_at": pick(times.cells()),
        "signed_off_by": pick(PEOPLE),
        "final_grade": pick(GRADE_CELLS),
        "final_rationale_recorded": pick(YES_NO),
    }


def _referral(pick: Pick, times: Times, ref: str, parent: str) -> dict[str, Any]:
    """Pick a referral as it passes the door: received without a readable referred, it was referred when received."""
    referred, received = pick((None, *times.cells(missing=False, unreadable=False))), pick(times.cells())
    if referred is None and received is UNREADABLE:
        received = None
    return {
        "referral_ref": ref,
        "incident_ref": parent,
        "destination": pick(DESTINATIONS),
        "referred_at": received if referred is None else referred,
        "received_at": received,
        "cancelled": pick((None, None, "no", "no", "yes")),
    }
