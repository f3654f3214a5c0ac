"""Every kind of e-mail there is, taken from a relay as its reader's program would: Outlook, 78 columns, references only.

A fortnight in which all goes wrong once, over records in which people have written what must never come out.
"""

from __future__ import annotations

import datetime as dt
import re
from email.message import EmailMessage

import pytest

from dacompliance.config import load_settings
from dacompliance.schedule.scheduler import Service
from tests.acceptance.force import SmallForce, build
from tests.acceptance.test_nothing_personal import MARK, fill, whole
from tests.acceptance.test_one_true_morning import FORM, ledger_rows
from tests.acceptance.test_who_hears import mail_on, silent
from tests.helpers import logging_put_back, when
from tests.notices.outlook import lint

KINDS = {
    *("digest", "nothing_to_do", "could_not_check", "stale", "second_look", "data_quality"),
    *("unseen", "not_checked", "failed", "missed", "undelivered"),
}
"""As the ledger calls them; an escalation is a digest with a section of its own."""
JOBS = """
[schedule]
jobs = [{ name = "morning", at = "06:30" }, { name = "afternoon", at = "14:00", rules = "critical", on = ["tue"] }]
[gates]
unreadable_share = 1
[exceptions]
escalate_after_days = { critical = 9 }
[readers]
escalation = "inspector@force.example"
"""
MARKING = "OFFICIAL-SENSITIVE"


def a_bad_fortnight(force: SmallForce) -> list[EmailMessage]:
    """Run a fortnight in which each kind of mail has its cause, and return every mail that the relay was handed."""
    fill(force)
    force.put("incidents", [silent(7)])
    force.edit("[readers]\n", JOBS.lstrip())

    def at(instant: str, *, loaded: str | None = None) -> None:
        if loaded:
            force.load(loaded)
        service = Service(load_settings(force.config, {}), lambda: when(instant))
        service.look()
        service.send()

    with mail_on(force) as handler:
        at("Tue 2026-11-03 06:30", loaded="Tue 2026-11-03 05:30")
        high = {**FORM, "assessment_ref": "A8", "incident_ref": "I8", "risk_grade": "high"}
        force.put("incidents", [{**silent(8), "reported_at": "2026-11-02 01:00"}])
        force.put("assessments", [{**high, "submitted_at": "2026-11-02 02:00", "signed_off_at": "2026-11-02 03:00"}])
        at("Tue 2026-11-03 14:00", loaded="Tue 2026-11-03 13:30")
        force.put("incidents", [{**silent(9), "reported_at": "2026-11-03 20:00"}])
        handler.recipients["sergeant@force.example"] = "550 5.1.1 no such mailbox"
        at("Wed 2026-11-04 06:30", loaded="Wed 2026-11-04 05:30")
        handler.recipients.clear()
        force.execute("ALTER TABLE incidents RENAME TO all_incidents")
        force.execute("CREATE TABLE incidents AS SELECT * FROM all_incidents WHERE 0")
        for day in ("Thu 2026-11-05", "Fri 2026-11-06"):
            at(f"{day} 06:30", loaded=f"{day} 05:30")
        force.execute("DROP TABLE incidents")
        at("Sat 2026-11-07 06:30", loaded="Sat 2026-11-07 05:30")
        force.execute("ALTER TABLE all_incidents RENAME TO incidents")
        at("Tue 2026-11-10 06:30", loaded="Sat 2026-11-07 05:30")
        at("Wed 2026-11-11 06:30", loaded="Wed 2026-11-11 05:30")
        return handler.messages


@pytest.fixture(scope="module")
def fortnight(tmp_path_factory) -> tuple[list[EmailMessage], set[str]]:
    """The mails of the fortnight, and the kinds that the ledger says were handed over."""

    class Quiet:
        def readouterr(self) -> None:
            """Nothing is captured: what is looked at is the mail."""

    with logging_put_back():
        force = build(tmp_path_factory.mktemp("every") / "force", Quiet())  # type: ignore[arg-type]
        mails = a_bad_fortnight(force)
    handed = (
        "SELECT DISTINCT kind FROM notice JOIN notice_recipient ON notice_id = notice.id WHERE state = 'handed_over'"
    )
    return mails, {kind for (kind,) in ledger_rows(force, handed)}


def part(mail: EmailMessage, kind: str) -> str:
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")


def test_every_kind_was_handed_over(fortnight):
    mails, kinds = fortnight
    assert kinds == KINDS
    escalated = [mail for mail in mails if "ESCALATED (" in part(mail, "plain")]
    assert {mail["To"] for mail in escalated} == {"inspector@force.example"}
    assert [mail["Subject"].rpartition(": ")[2] for mail in escalated] == [
        "the records are stale, 3 days old",
        "5 escalated",
    ]


def test_outlook_shows_every_one_and_none_is_large(fortnight):
    for mail in fortnight[0]:
        html = part(mail, "html")
        assert lint(html) == {}, mail["Subject"]
        assert "<img" not in html
        assert len(html.encode()) < 100_000


def test_each_text_stands_alone_at_78_columns_between_its_markings(fortnight):
    for mail in fortnight[0]:
        lines = part(mail, "plain").strip().splitlines()
        assert max(map(len, lines)) <= 78
        assert (lines[0], lines[-1]) == (MARKING, MARKING)
        assert mail["Subject"].lstrip().startswith(f"{MARKING} - ")


def test_references_only(fortnight):
    told = [mail["Subject"] for mail in fortnight[0] if MARK in whole(mail).lower()]
    assert told == []


def test_importance_is_high_only_where_a_critical_case_is_overdue(fortnight):
    marked = [mail for mail in fortnight[0] if mail["Importance"]]
    assert {mail["Importance"] for mail in marked} == {"high"}
    for mail in marked:
        text = part(mail, "plain")
        assert re.search(r"^(DO TODAY|DUE BY THE NEXT LIST, UNSEEN) \(", text, re.MULTILINE), mail["Subject"]
        assert re.search(r"\[(RA-01|REF-01|REF-03)\b", " ".join(text.split())), mail["Subject"]
    assert len(marked) < len(fortnight[0])


def test_what_a_reader_s_program_must_know_is_in_every_header(fortnight):
    for mail in fortnight[0]:
        assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
        assert mail.get_content_type() == "multipart/alternative"
        assert isinstance(mail["Date"].datetime, dt.datetime)
    assert len({mail["Message-ID"] for mail in fortnight[0]}) == len(fortnight[0])
