"""Personal-looking and hostile values through the whole job: none comes out in a log, an error or an e-mail."""

from __future__ import annotations

import datetime as dt
import json
import logging
import signal
import subprocess
import sys
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest

from dacompliance import logs
from dacompliance.config import load_settings
from dacompliance.schedule.scheduler import Service
from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED, ledger_rows
from tests.acceptance.test_who_hears import SERGEANT, mail_on, said
from tests.helpers import logging_put_back, when

MARK = "zzyzx"
"""Stands in every value that must not come out."""
PERSON = f"Ann {MARK}, 07700 900123, 1 High Street"
HOSTILE = f'"><script>alert("{MARK}")</script>\r\nBcc: {MARK}@elsewhere.example\r\n=cmd|{MARK}'
VALUES = (PERSON, HOSTILE)

QUERY = "SELECT * FROM incidents WHERE reported_at >= :since OR reported_at IS NULL"
BROKEN = [
    "SELECT *, 1 AS reported_at FROM incidents WHERE :since = :since",
    "SELECT nothing FROM incidents WHERE :since = :since",
    "SELECT json(no_assessment_reason) AS incident_ref, reported_at FROM incidents WHERE :since = :since",
    "SELECT reported_at FROM incidents WHERE no_assessment_reason = :since",
]
"""Queries that fail in one way or another, some in the middle of the rows."""

COMMANDS = [
    *(("check",), ("runs",), ("backlog",), ("explain", "I0"), ("explain", "F1"), ("explain", PERSON)),
    ("waivers", "add", "RA-01", HOSTILE, "--reason", "x", "--until", "2026-11-20", "--by", "y"),
]


def fill(force: SmallForce) -> None:
    """Put such a value wherever a force's own staff may type one, or a query may bring one by mistake."""
    force.put(
        "staff",
        [
            SERGEANT,
            *({"staff_id": f"S{n}", "email": each, "role": each, "left_on": each} for n, each in enumerate(VALUES)),
        ],
    )
    for number, value in enumerate(VALUES):
        texts = dict.fromkeys(("crime", "repeat_victim", "children_present", "checks_completed_at"), value)
        force.put("incidents", [{**REPORTED, "incident_ref": f"I{number}", **texts}])
        force.put("incidents", [{**REPORTED, "incident_ref": f"EX{number}", "excluded_reason": value}])
        force.put("incidents", [{**REPORTED, "incident_ref": f"NO{number}", "no_assessment_reason": value}])
        force.put("incidents", [{**REPORTED, "incident_ref": f"BAD{number}", "reported_at": value}])
        force.put("incidents", [{**REPORTED, "incident_ref": f"F{number}"}])
        odd = dict.fromkeys(
            (
                "instrument",
                "declined",
                "risk_grade",
                "rationale_recorded",
                "answered_count",
                "signed_off_at",
                "final_grade",
            ),
            value,
        )
        force.put("assessments", [
            {**FORM, "assessment_ref": f"A{number}", "incident_ref": f"F{number}", **odd},
            {**FORM, "assessment_ref": f"D{number}", "incident_ref": f"F{number}", "submitted_at": value},
            {**FORM, "assessment_ref": f"S{number}", "incident_ref": f"I{number}", "signed_off_by": value, "assessor_id": value},
            {**FORM, "assessment_ref": f"U{number}", "incident_ref": value},
        ])  # fmt: skip
        force.put("referrals", [
            {"referral_ref": f"R{number}", "incident_ref": f"I{number}", "destination": value, "referred_at": "2026-11-01 09:00"},
            {"referral_ref": f"C{number}", "incident_ref": f"I{number}", "destination": "MASH", "referred_at": value, "cancelled": value},
        ])  # fmt: skip


@pytest.fixture
def logged():
    """Put everything about logging back."""
    with logging_put_back():
        yield


def whole(message: EmailMessage) -> str:
    """Return headers and parts of a mail as a reader's program decodes them."""
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in message.items()), *parts])


def test_no_value_of_a_record_comes_out_in_a_log_an_error_or_an_e_mail(force: SmallForce, logged):
    fill(force)
    spoken = []

    def job(at: str) -> list[dict]:
        """Run the morning's job as the service does, and return its log."""
        force.load(f"{at} 05:30")
        logs.configure("json", level=logging.INFO)  # a command has set it for a terminal
        service = Service(load_settings(force.config, {}), lambda: when(f"{at} 06:30"))
        service.look()
        service.send()
        err = force.capture.readouterr().err
        spoken.append(err)
        return [json.loads(line) for line in err.splitlines()]

    with mail_on(force) as handler:
        first = job("Tue 2026-11-03")
        force.execute("UPDATE incidents SET no_assessment_reason = 'R1' WHERE incident_ref = 'F0'")
        second = job("Wed 2026-11-04")
        handler.recipients["sergeant@force.example"] = f"550 5.1.1 no such mailbox for {PERSON}"
        job("Thu 2026-11-05")
        assert said(handler, "unit")
        for command in COMMANDS:
            ran = force.run(*command, at="Thu 2026-11-05 09:00")
            spoken += [ran.out, ran.err]

        for day, broken in zip(
            ("Fri 2026-11-06", "Sat 2026-11-07", "Sun 2026-11-08", "Mon 2026-11-09"), BROKEN, strict=True
        ):
            force.edit(QUERY, broken)
            assert "job failed" in [line["event"] for line in job(day)], broken
            ran = force.run("check", at=f"{day} 06:40")
            assert ran.code != 0
            spoken += [ran.out, ran.err]
            force.edit(broken, QUERY)
        mails = [whole(each) for each in handler.messages]

    told = [each for each in [*spoken, *mails] if MARK in each.lower()]
    assert told == []
    assert len(mails) > 5
    runs = [line for line in (*first, *second) if line["event"] == "run committed"]
    assert [line["run"] for line in runs] == [1, 2]
    assert runs[0]["set_aside"] > 0
    assert all(line["run"] in (1, 2) for line in (*first, *second) if "run" in line)
    tried = [line for line in first if line["event"] == "notice tried"]
    assert {line["outcome"] for line in tried} == {"handed over"}
    assert len(tried) == ledger_rows(force, "SELECT count(*) FROM notice WHERE run_id = 1")[0][0]


@pytest.mark.slow
def test_the_service_logs_json_lines_that_name_the_run(force: SmallForce):
    now = dt.datetime.now(ZoneInfo("Europe/London"))
    force.put("incidents", [{**REPORTED, "reported_at": f"{now - dt.timedelta(days=3):%Y-%m-%d %H:%M}"}])
    force.load(f"Now {now:%Y-%m-%d %H:%M}")
    force.edit("[readers]", '[schedule]\njobs = [{ name = "morning", at = "00:00" }]\n\n[readers]')
    command = [sys.executable, "-m", "dacompliance", "schedule", "--config", str(force.config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr is not None
        lines = []
        for line in service.stderr:
            lines.append(json.loads(line))
            if lines[-1]["event"] == "job done" and lines[-1]["job"] == "morning":
                service.send_signal(signal.SIGTERM)
    assert service.returncode == 0
    assert lines[0]["event"] == "scheduled"
    assert lines[0]["jobs"] == {"morning": "00:00"}
    assert {
        line["run"]
        for line in lines
        if line["event"] in ("run committed", "notice tried", "job done") and "run" in line
    } == {1}
    assert lines[-1]["event"] == "stopped"
