"""An invented force's completion, small enough to check by hand and seeded, so that a page can be compared to the letter."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pandas as pd

from dacompliance.judging.completion import COUNTED, Category
from dacompliance.policy.model import Approval, Calendar, Clock, Deadline, Rule, Version
from dacompliance.records.contract import Finding
from dacompliance.records.table import FINDING_COLUMNS
from dacompliance.reporting.facts import CompletionFacts, QualityFacts, RecordSetFacts, RuleStanding
from tests.helpers import LONDON, when

OFFICE = Calendar("office", (0, 1, 2, 3, 4), ((540, 1020),), "england-and-wales", 1020, 1440, 0)
RULE = Rule(
    "RA-01",
    "A risk assessment is submitted, or a reason recorded",
    "Submit the DASH",
    "incident",
    "supervisor",
    "critical",
    "an invented source; the limit is the force's to set",
    chase=True,
    versions=(
        Version(
            dt.date(2024, 1, 1),
            dt.date(2024, 1, 1),
            done="first_submitted_at",
            deadline=Deadline("reported_at", 24, Clock.HOURS),
        ),
        Version(
            dt.date(2026, 1, 1),
            dt.date(2026, 1, 1),
            approved=Approval("Head of Public Protection", dt.date(2025, 12, 10), "DA board, item 4"),
            done="first_submitted_at",
            deadline=Deadline("reported_at", 1, Clock.WORKING_DAYS, OFFICE),
        ),
    ),
)
AREAS = ("Eastholm", "Northmoor", "Southley", "Westbrook")
OTHERS = (
    Category.INCOMPLETE,
    Category.INCOMPLETE,
    Category.SILENT,
    Category.SILENT,
    Category.REASON,
    Category.DECLINED,
)
AS_AT = "Mon 2026-11-23 06:30"


def case(number: int, day: dt.date, area: str, category: Category, **more: Any) -> dict[str, Any]:
    """Return one row as `judging.completion.completion` makes them."""
    return {
        "incident_ref": f"I{number:06d}",
        "occurrence_ref": f"50{number:08d}",
        "reported_on": f"{day}",
        "month": f"{day:%Y-%m}",
        "area": area,
        "team": f"{area} Response",
        "grade": "standard",
        "category": str(category),
        "complete": category is Category.COMPLETE,
        "counted": category in COUNTED,
        "cannot_tell": False,
        "version": "2026-01-01" if day.year == 2026 else "2024-01-01",
        "excluded_reason": "",
        **more,
    }


def cases(seed: int = 5, months: int = 26, each: int = 110, quality: float = 0.68) -> pd.DataFrame:
    """Return `months` months of about `each` incidents up to the as-at, one month of them bad; the newest not yet due."""
    dice = random.Random(seed)
    last, rows = when(AS_AT).date(), []
    first = dt.date(last.year, last.month, 1)
    for ago in reversed(range(months)):
        year, month = divmod(first.year * 12 + first.month - 1 - ago, 12)
        bad = ago == 5
        for _ in range(dice.randint(each - 12, each + 12)):
            day = dt.date(year, month + 1, dice.randint(1, 28))
            if day <= last:
                rows.append(_case(dice, len(rows), day, last, quality - 0.25 * bad))
    return pd.DataFrame(rows)


def _case(dice: random.Random, number: int, day: dt.date, last: dt.date, quality: float) -> dict[str, Any]:
    area = dice.choice(AREAS)
    luck = dice.random()
    if luck < 0.02:
        reason = dice.choice(("duplicate", "cancelled", "not domestic"))
        return case(number, day, area, Category.EXCLUDED, excluded_reason=reason)
    if (last - day).days <= 1:
        return case(number, day, area, Category.NOT_YET_DUE)
    if luck < quality - (0.12 if area == "Southley" else 0):
        return case(number, day, area, Category.COMPLETE)
    return case(number, day, area, dice.choice(OTHERS), cannot_tell=luck > 0.99)


def facts(frame: pd.DataFrame | None = None, **more: Any) -> CompletionFacts:
    """Return what a page is told of `frame`, `cases()` when left out; any of it may be replaced."""
    known: dict[str, Any] = {
        "force": "Exampleshire Constabulary",
        "marking": "OFFICIAL-SENSITIVE",
        "zone": LONDON,
        "run": "41",
        "as_at": when(AS_AT),
        "code_version": "0.1.0",
        "records_from": dt.date(2024, 10, 1),
        "record_sets": (
            RecordSetFacts("incidents", when("Mon 2026-11-23 06:30"), 2840, {"set aside: no key": 2, "unreadable": 5}),
            RecordSetFacts("assessments", when("Mon 2026-11-23 06:30"), 2310, {"unmatched: no such incident": 3}),
            RecordSetFacts(
                "referrals", when("Sat 2026-11-21 02:00"), 610, {}, gate="stale: nothing newer than 36 hours"
            ),
        ),
        "rule": RULE,
        "cases": cases() if frame is None else frame,
        "unchecked": (
            RuleStanding("MH-01", "High risk reaches the MASH", "not checked", "referrals are stale"),
            RuleStanding(
                "PN-01", "Protection notice considered", "switched off", "not mapped: protection_notice_considered_at"
            ),
        ),
        "left_while_open": {"excluded": 3, "withdrawn": 1},
        "waived": 2,
    }
    return CompletionFacts(**(known | more))


FOUND: tuple[tuple[str, str, str, Finding], ...] = (
    ("incidents", "", "incident_ref", Finding.MISSING_KEY),
    ("incidents", "I000007", "reported_at", Finding.DECIDING_CELL),
    ("incidents", "I000012", "attended_at", Finding.AMBIGUOUS_TIME),
    ("assessments", "A000003", "assessment_ref", Finding.CONFLICTING_KEY),
    ("assessments", "A000003", "assessment_ref", Finding.CONFLICTING_KEY),
    ("assessments", "A000044", "incident_ref", Finding.UNMATCHED),
    ("assessments", "A000051", "incident_ref", Finding.PARENT_SET_ASIDE),
    *(("assessments", f"A0001{number:02}", "risk_grade", Finding.UNKNOWN_WORD) for number in range(25)),
    ("assessments", "A000210", "signed_off_at", Finding.FAR_FUTURE),
    ("assessments", "A000220", "submitted_at", Finding.IMPOSSIBLE_TIME),
    ("assessments", "A000230", "instrument", Finding.UNLISTED_INSTRUMENT),
    ("referrals", "R000005", "destination", Finding.UNLISTED_DESTINATION),
    ("referrals", "R000006", "referred_at", Finding.RECEIVED_AS_REFERRED),
    ("referrals", "R000008", "referral_ref", Finding.REPEATED_ROW),
)


def found(rows: tuple[tuple[str, str, str, Finding], ...] = FOUND) -> pd.DataFrame:
    """Return findings as the data-quality list has them."""
    return pd.DataFrame([(*row[:3], row[3].value) for row in rows], columns=list(FINDING_COLUMNS), dtype=object)


def quality_facts(rows: tuple[tuple[str, str, str, Finding], ...] = FOUND) -> QualityFacts:
    """Return what the data-quality page is told of `rows`."""
    told = facts(pd.DataFrame())
    return QualityFacts(
        force=told.force,
        marking=told.marking,
        zone=told.zone,
        run=told.run,
        as_at=told.as_at,
        code_version=told.code_version,
        records_from=told.records_from,
        record_sets=told.record_sets,
        findings=found(rows),
    )
