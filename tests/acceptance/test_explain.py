"""The story of one case, on real parts: every clock, verdict, event, decision and e-mail, on a terminal and as a page."""

from __future__ import annotations

import re

import pytest

from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED
from tests.reporting.test_browser import CUT_OFF, SIDEWAYS, TAGS

SERGEANT = {"staff_id": "77", "email": "sergeant@force.example", "role": "sergeant"}
BY = ("--by", "Insp Hay")
HOSTILE = "<script>alert(1)</script>"


def morning(force: SmallForce, day: str) -> None:
    force.load(f"{day} 05:30")
    ran = force.run("check", "--send", at=f"{day} 06:30")
    assert ran.code == 0, ran.err


@pytest.fixture
def told(force: SmallForce) -> SmallForce:
    """A high-risk case that nobody referred, waived, disputed, referred at last, and struck out again."""
    force.put("staff", [SERGEANT])
    force.put("incidents", [REPORTED])
    force.put("assessments", [FORM])
    morning(force, "Tue 2026-11-03")
    why = ("--reason", f"victim in hospital {HOSTILE}")
    ran = force.run("waivers", "add", "REF-01", "I1", *why, *BY, "--until", "2026-11-20", at="Tue 2026-11-03 10:00")
    assert ran.code == 0, ran.err
    force.run("disputes", "add", "RU-01", "I1", "--says", "done", "--why", "on paper", *BY, at="Tue 2026-11-03 11:00")
    morning(force, "Wed 2026-11-04")
    referred = {"destination": "MASH", "referred_at": "2026-11-04 10:00"}
    force.put("referrals", [{"referral_ref": "R1", "incident_ref": "I1", **referred}])
    morning(force, "Thu 2026-11-05")
    force.execute("UPDATE referrals SET cancelled = 'yes'")
    morning(force, "Fri 2026-11-06")
    return force


def test_the_story_tells_everything_in_order_of_time(told: SmallForce):
    ran = told.run("explain", "I1", at="Fri 2026-11-06 09:00")
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0] == "Incident I1"
    wanted = [
        "Fri 30 Oct 2026 21:10 recorded   incident I1: report (first seen Tue 3 Nov 2026 05:30, run 1)",
        "recorded   assessment A1: risk assessment submission, high risk (first seen",
        "clock      REF-01 of incident I1: the clock starts with the start of the present grade. "
        "High-risk cases reach the MASH within 24 hours: 24 hours by the clock from the start of the present grade",
        "Sat 31 Oct 2026 23:40 clock      REF-01 of incident I1: due",
        "verdict    REF-01 of incident I1: overdue (run 1, version",
        "exception  REF-01 of incident I1: exception opened, for the referral unit (run 1)",
        "e-mail     the daily list, to the referral unit: REF-01 of I1 under do today",
        "decision   REF-01 of I1: waived to the end of Fri 20 Nov 2026 by Insp Hay: victim in hospital",
        "decision   RU-01 of I1: disputed by Insp Hay, already done, not recorded: on paper",
        "exception  REF-01 of incident I1: exception waived to the end of Fri 20 Nov 2026 (run 2)",
        "recorded   referral R1: referral (first seen Thu 5 Nov 2026 05:30, run 3)",
        "clock      REF-01 of incident I1: finished late, by 3 days: MASH referral",
        "verdict    REF-01 of incident I1: done late (run 3",
        "exception  REF-01 of incident I1: exception closed: done (run 3)",
        "exception  REF-01 of incident I1: exception reopened (time 1), for the referral unit (run 4)",
    ]
    places = [next((at for at, line in enumerate(lines) if part in line), None) for part in wanted]
    assert None not in places, [part for part, at in zip(wanted, places, strict=True) if at is None]
    assert places == sorted(places)
    assert "waiver ended: over: the exception closed" in ran.out.replace("exception waiver ended", "waiver ended")
    assert "written to a file, mail being off Tue 3 Nov 2026 06:30" in ran.out
    times = [line[2:23] for line in lines[1:]]
    assert all(re.fullmatch(r"\w{3} [\d ]\d? ?\w{3} \d{4} \d\d:\d\d *", each) for each in times)


def test_a_deadline_ahead_is_said_to_be_still_to_come(force: SmallForce):
    force.put("incidents", [{**REPORTED, "reported_at": "2026-11-03 04:00"}])
    morning(force, "Tue 2026-11-03")
    assert "Wed 4 Nov 2026 04:00  clock      RA-01 of incident I1: due, still to come" in force.run("explain", "I1").out


def test_an_occurrence_tells_the_story_of_each_of_its_victims(force: SmallForce):
    force.execute("ALTER TABLE incidents ADD COLUMN occurrence_ref TEXT")
    force.put("incidents", [{**REPORTED, "incident_ref": ref, "occurrence_ref": "O1"} for ref in ("I1", "I2")])
    morning(force, "Tue 2026-11-03")
    out = force.run("explain", "O1").out
    assert [line for line in out.splitlines() if line.startswith("Incident ")] == ["Incident I1", "Incident I2"]
    page = force.folder / "case.html"
    assert force.run("explain", "O1", "--page", str(page)).code == 0
    assert page.read_text(encoding="utf-8").count("<h2>Incident I2: ") == 2


@pytest.mark.slow
def test_the_page_escapes_what_people_wrote_and_is_accessible_self_contained_and_fits_every_screen(
    told: SmallForce, chromium, axe
):
    page, before = told.folder / "case.html", told.config.read_bytes()
    for wrong in (told.config, told.config / "case.html"):
        ran = told.run("explain", "I1", "--page", str(wrong))
        assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert told.config.read_bytes() == before

    ran = told.run("explain", "I1", "--page", str(page), at="Fri 2026-11-06 09:00")
    assert (ran.code, ran.out.strip()) == (0, str(page)), ran.err
    text = page.read_text(encoding="utf-8")
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text
    assert "not for release" in text
    assert "3 exceptions are open, as at Fri 6 Nov 2026 05:30" in text
    assert "<strong>REF-01 of incident I1</strong>" in text
    assert re.search(r"SUP-02 of assessment A1</th>.*<td>none: measured, not chased</td>", text)
    told.run("explain", "I1", "--page", str(page), at="Sat 2026-11-07 09:00")
    assert page.read_text(encoding="utf-8") == text, "the same ledger, the same bytes"

    for width in (1200, 320):
        context = chromium.new_context(viewport={"width": width, "height": 900}, offline=True)
        opened = context.new_page()
        said, asked = [], []
        opened.on("console", lambda message, said=said: said.append(message.text))
        opened.on("request", lambda request, asked=asked: asked.append(request.url))
        opened.goto(page.as_uri())
        assert opened.evaluate(SIDEWAYS) == 0
        assert opened.evaluate(CUT_OFF) == []
        assert (said, asked) == ([], [page.as_uri()])
        found = axe.run(opened, options={"runOnly": {"type": "tag", "values": TAGS}})
        assert found.violations_count == 0, found.generate_report()
        context.close()


def test_a_sign_off_recorded_after_the_event_is_told_where_it_was_first_seen(force: SmallForce):
    force.put("incidents", [REPORTED])
    force.put("assessments", [{**FORM, "signed_off_at": None, "signed_off_by": None}])
    morning(force, "Tue 2026-11-03")
    force.execute("UPDATE assessments SET signed_off_at = '2026-11-01 09:00'")
    morning(force, "Wed 2026-11-04")
    told = force.run("explain", "I1").out
    assert (
        "Wed 4 Nov 2026 05:30  recorded   assessment A1: sign-off of Sun 1 Nov 2026 09:00 recorded after the event: the "
        "records of the run before were known to Tue 3 Nov 2026 05:30, without it (first seen in run 2)"
    ) in told
    assert force.run("report", "--folder", str(force.folder / "pages")).code == 0
    page = (force.folder / "pages" / "index.html").read_text(encoding="utf-8")
    assert "lay more than 24 hours before a run that looked and did not see them: 1 (sign-off 1). They count" in page
    force.edit("[readers]", "[exceptions]\nrecorded_after_hours = 72\n[readers]")
    assert "recorded after the event" not in force.run("explain", "I1").out
