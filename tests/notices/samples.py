"""Invented readers, tasks and runs for the tests of notices. References only, like the real ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from dacompliance.config import Settings
from dacompliance.exceptions.model import ClosedTask, Closing, Reader, Section, Task
from dacompliance.ledger.mailroom import Undelivered
from dacompliance.ledger.outbox import State
from dacompliance.notices import operating
from dacompliance.notices.digest import compose
from dacompliance.notices.message import message_id
from dacompliance.notices.model import Aside, Digest, Freshness, House, Progress, RuleNote, RunFacts
from dacompliance.notices.operating import OPERATING
from dacompliance.notices.quality import compose_quality
from dacompliance.notices.render import environment, render
from dacompliance.policy.model import Severity
from tests.helpers import LONDON, when
from tests.reporting.samples import FOUND, found

AS_AT: Final = when("Tue 2026-03-10 06:00")
TEAM: Final = Reader(
    "team:Cheltenham Response B", "cheltenham.b@westmere.police.example", False, "Cheltenham Response B"
)
UNIT: Final = Reader("unit", "referral.unit@westmere.police.example", False, "Referral unit")
HOUSE: Final = House(
    force="Westmere Police",
    marking="OFFICIAL-SENSITIVE",
    record_link="https://records.westmere.police.example/occurrence/{occurrence_ref}",
    policy_contact="da.policy@westmere.police.example",
    max_rows=50,
    full_list="reports-out/exceptions.csv",
)
FACTS: Final = RunFacts(
    run="128",
    job="morning",
    as_at=AS_AT,
    checked_at=when("Tue 2026-03-10 06:31"),
    local_date=dt.date(2026, 3, 10),
    zone=LONDON,
    incidents_checked=4120,
    rules_checked=9,
    freshness=(
        Freshness("incidents", when("Tue 2026-03-10 06:00")),
        Freshness("assessments", when("Tue 2026-03-10 06:00")),
        Freshness("referrals", when("Mon 2026-03-09 23:40")),
    ),
    set_aside=3,
    unreadable=2,
    switched_off=(RuleNote("DV-02", "protection_notice_considered_at is not mapped"),),
)
PROGRESS: Final = Progress(193, 212, 180, 204, "No real change.", (0.86, 0.94))
LAST_LIST: Final = when("Mon 2026-03-09 06:00")

RULES: Final[dict[str, tuple[str, str, Severity]]] = {
    "RA-01": ("A risk assessment is submitted by the next working day", "Submit the assessment", "major"),
    "RA-02": ("Every question is answered", "Ask the blank questions", "major"),
    "SUP-01": ("A supervisor signs off within 24 hours", "Sign off", "minor"),
    "REF-01": ("High-risk cases reach the MASH within 24 hours", "Refer to MASH", "critical"),
}


def task(
    reference: str = "WM-26-1001",
    rule: str = "RA-01",
    section: Section = "do",
    *,
    due: str | None = "Mon 2026-03-09 09:00",
    opened: str | None = "Mon 2026-03-09 09:00",
    **more: Any,
) -> Task:
    """Make a task of one of `RULES`, overdue since yesterday and new to the list unless told otherwise."""
    title, action, severity = RULES[rule]
    made = Task(
        section=section,
        rule_id=rule,
        title=title,
        action=action,
        severity=severity,
        approved=True,
        item_ref=f"I-{reference}",
        incident_ref=f"I-{reference}",
        occurrence_ref=reference,
        grade="medium",
        area="Cheltenham",
        team="Cheltenham Response B",
        officer="1482",
        missing="no risk assessment submitted",
        due_at=None if due is None else when(due),
        opened_at=None if opened is None else when(opened),
        is_new=True,
        times_reopened=0,
    )
    return replace(made, **more)


def a_morning() -> list[Task]:
    """Return a list with something in every section."""
    seen = {"is_new": False}
    return [
        task("WM-26-1001", missing="no risk assessment submitted", grade=""),
        task("WM-26-0992", "REF-01", grade="high", missing="no MASH referral", due="Wed 2026-03-04 23:40", **seen),
        task("WM-26-1007", "RA-02", officer="2210", missing="questions 5, 9, 13, 14 and 22 are blank"),
        task("WM-26-0950", "SUP-01", officer="1977", missing="no sign-off", due="Fri 2026-02-27 10:00", **seen),
        task("WM-26-0951", "SUP-01", officer="1977", missing="no sign-off", due="Tue 2026-03-03 10:00", **seen),
        task("WM-26-0953", "RA-02", officer="", missing="question 3 is blank", due="Mon 2026-03-02 10:00", **seen),
        task("WM-26-0890", "SUP-01", missing="no sign-off", due="Sun 2026-03-08 10:00", times_reopened=2),
        task("WM-26-1011", section="due_soon", due="Tue 2026-03-10 17:00", opened=None, is_new=False),
        task("WM-26-1012", "SUP-01", "due_soon", due="Wed 2026-03-11 00:00", opened=None, missing="no sign-off"),
        task("WM-26-1004", "SUP-01", "cannot_judge", missing="when it was signed off", opened="Mon 2026-03-09 06:00"),
        task("WM-26-0977", "REF-01", "oversight", grade="high", missing="no MASH referral", team="Stroud Response A"),
    ]


def some_closed() -> list[ClosedTask]:
    """Return cases closed in each of three ways."""
    done = [
        ClosedTask("RA-01", RULES["RA-01"][0], f"I-{number}", f"WM-26-0{number}", Closing.DONE, number == 881)
        for number in range(880, 888)
    ]
    return [
        *done,
        ClosedTask("RA-01", RULES["RA-01"][0], "I-871", "WM-26-0871", Closing.EXCLUDED, False),
        ClosedTask("SUP-01", RULES["SUP-01"][0], "I-872", "WM-26-0872", Closing.WITHDRAWN, False),
    ]


def facts(**changes: Any) -> RunFacts:
    """Return the facts of the run with some of them changed."""
    return replace(FACTS, **changes)


STALE: Final = facts(
    rules_checked=3,
    freshness=(
        Freshness("incidents", when("Tue 2026-03-10 06:00")),
        Freshness("assessments", when("Sun 2026-03-08 23:10"), "stale"),
        Freshness("referrals", when("Tue 2026-03-10 06:00")),
    ),
    not_checked=tuple(RuleNote(rule, "the assessments are stale") for rule in ("RA-01", "RA-02", "SUP-01")),
)
EMPTY: Final = facts(
    incidents_checked=0,
    rules_checked=0,
    freshness=(Freshness("incidents", when("Tue 2026-03-10 06:00"), "empty"),),
    not_checked=tuple(RuleNote(rule, "the incidents came empty") for rule in RULES),
)
KINDS: Final = (
    *("digest", "nothing_to_do", "could_not_check", "stale", "data_quality"),
    *("unseen", "not_checked", "failed", "missed", "undelivered"),
)
KEEPER: Final = Reader("data-quality", "records@westmere.police.example", False, "Data quality")
OPERATOR: Final = Reader("operator", "op@westmere.police.example", False, "Operator")
BESIDE: Final = replace(FACTS, run="", rules_checked=0, incidents_checked=0, freshness=(), switched_off=())
"""The facts of something that is no run."""


def digest_of(kind: str) -> Digest:
    """Return an example of each kind of notice."""
    if kind == "digest":
        return compose(TEAM, a_morning(), some_closed(), FACTS, HOUSE, since=LAST_LIST, progress=[PROGRESS])
    if kind == "nothing_to_do":
        return compose(UNIT, [], [], FACTS, HOUSE, since=LAST_LIST, progress=[PROGRESS])
    if kind == "could_not_check":
        return compose(UNIT, [], [], EMPTY, HOUSE, since=LAST_LIST, progress=[PROGRESS], aside=Aside(not_checked=7))
    if kind in OPERATING:
        return _operators(kind)
    if kind == "data_quality":
        return compose_quality(KEEPER, found(), found(FOUND[3:20]), 12, FACTS, replace(HOUSE, max_rows=10))
    left = [each for each in a_morning() if each.rule_id == "REF-01"]
    return compose(
        UNIT, left, [], STALE, HOUSE, since=LAST_LIST, progress=[PROGRESS], aside=Aside(waived=1, not_checked=6)
    )


def _operators(kind: str) -> Digest:
    soon = [replace(each, is_new=False) for each in a_morning() if each.section == "due_soon"]
    if kind == "unseen":
        since = dict.fromkeys(("RA-01", "SUP-01"), when("Sun 2026-03-08 05:30"))
        return operating.compose_unseen(OPERATOR, soon, since, STALE, HOUSE)
    if kind == "not_checked":
        return operating.compose_not_checked(OPERATOR, STALE, HOUSE)
    if kind == "failed":
        why = "records.incidents.query: the database cannot be reached. See that it is running."
        so = [
            "Nothing of this run was kept, and nobody was told anything by it.",
            "Under `dacompliance schedule` it is tried again every 15 minutes, until the next one is due.",
        ]
        return operating.compose_failed(OPERATOR, why, so, soon, BESIDE, HOUSE)
    if kind == "missed":
        days = [dt.date(2026, 3, 8), dt.date(2026, 3, 9)]
        return operating.compose_missed(OPERATOR, days, soon, BESIDE, HOUSE)
    lost = [
        Undelivered(7, 5, "morning", BESIDE.local_date, "staff:77", "digest", State.REFUSED, "refused 550 5.1.1"),
        Undelivered(9, 6, "morning", BESIDE.local_date, "team:North", "digest", State.DEAD, "timed out"),
    ]
    return operating.compose_undelivered(OPERATOR, lost, BESIDE, HOUSE)


def settings(folder: Path, **mail: Any) -> Settings:
    """Return the settings of an invented force whose mail leaves as told, in `folder`."""
    return Settings.model_validate(
        {
            "folder": folder,
            "force": {"name": HOUSE.force, "record_link": HOUSE.record_link},
            "source": {"url": "sqlite:///none.db", "records_from": dt.date(2025, 1, 1)},
            "records": {"incidents": {"query": "select 1"}},
            "readers": {"unit": UNIT.address, "fallback": "fallback@westmere.police.example"},
            "mail": {
                "sender": "da.monitor@westmere.police.example",
                "policy_contact": HOUSE.policy_contact,
                "folder": folder / "outbox",
                "allowed_domains": ["westmere.police.example"],
                **mail,
            },
        }
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """A notice as the outbox keeps it."""

    job: str
    local_date: dt.date
    reader_key: str
    kind: str
    message_id: str
    subject: str
    text: str
    html: str
    importance: str
    made_at: dt.datetime


def a_notice(kind: str, **changes: Any) -> Kept:
    """Return a rendered notice of a kind, to the referral unit, with some of it changed."""
    rendered = render(digest_of(kind), environment(None))
    kept = Kept(
        job=FACTS.job,
        local_date=FACTS.local_date,
        reader_key="unit",
        kind=kind,
        message_id=message_id(FACTS.job, FACTS.local_date, "unit", kind, "da.monitor@westmere.police.example"),
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        importance=rendered.importance,
        made_at=FACTS.checked_at,
    )
    return replace(kept, **changes)
