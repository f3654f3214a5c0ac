"""Who hears when, and what is new to them: measured by what was handed over to that reader, never by the last run."""

from __future__ import annotations

from contextlib import contextmanager

from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED, ledger_rows
from tests.notices.relay import Handler, relay

SERGEANT = {"staff_id": "77", "email": "sergeant@force.example", "role": "sergeant"}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@contextmanager
def mail_on(force: SmallForce, mode: str = "on"):
    """Have mail leave through a relay of the test's."""
    handler = Handler()
    with relay(handler) as port:
        force.edit(
            "[mail]",
            f'[mail]\nmode = "{mode}"\nallowed_domains = ["force.example"]\nhost = "127.0.0.1"\nport = {port}\n'
            'security = "none"\nshadow_reader = "reviewer@force.example"',
        )
        yield handler


def morning(force: SmallForce, day: int) -> None:
    """Load and run a morning of November 2026, and hand its notices over."""
    date = f"{DAYS[(day - 2) % 7]} 2026-11-{day:02}"
    force.load(f"{date} 05:30")
    ran = force.run("check", "--send", at=f"{date} 06:30")
    assert ran.code in (0, 7, 8), ran.err


def said(handler: Handler, reader: str) -> list[str]:
    """Return the text of every mail a reader was handed, the whitespace made one blank."""
    found = [each for each in handler.messages if str(each["To"]).startswith(reader)]
    return [" ".join(each.get_body(("plain",)).get_content().split()) for each in found]


def silent(number: int) -> dict[str, object]:
    return {**REPORTED, "incident_ref": f"I{number}"}


def test_what_a_refused_mail_would_have_said_is_new_in_the_next(force: SmallForce):
    force.put("staff", [SERGEANT])
    force.put("incidents", [silent(1)])
    with mail_on(force) as handler:
        morning(force, 3)
        force.put("incidents", [silent(2)])
        handler.recipients["sergeant@force.example"] = "550 5.1.1 no such mailbox"
        morning(force, 4)
        handler.recipients.clear()
        force.execute("UPDATE incidents SET no_assessment_reason = 'R1' WHERE incident_ref = 'I1'")
        morning(force, 5)
        first, last = said(handler, "sergeant")
        unit = said(handler, "unit")[-1]
    assert first.count("NEW") == 1
    assert "I2" in last
    assert last.count("NEW") == 1, "opened in the run whose mail was refused"
    assert "CLOSED SINCE THE LAST LIST (TUE 3 NOV)" in last
    assert "CLOSED SINCE THE LAST LIST (WED 4 NOV)" in unit
    assert "NEW" not in unit


def test_two_mornings_over_the_same_records_say_nothing_new(force: SmallForce):
    force.put("staff", [SERGEANT])
    long_ago = {"reported_at": "2026-10-01 21:10"}  # so that nothing falls due between the two
    force.put("incidents", [{**silent(1), **long_ago}, {**silent(2), **long_ago}])
    force.put("assessments", [{**FORM, "submitted_at": "2026-10-01 23:40", "signed_off_at": None}])
    with mail_on(force) as handler:
        morning(force, 3)
        before = ledger_rows(force, "SELECT count(*) FROM event")
        morning(force, 4)
        assert ledger_rows(force, "SELECT count(*) FROM event") == before
        for reader in ("unit", "sergeant"):
            first, second = said(handler, reader)
            assert "NEW" in first
            assert "NEW" not in second
            assert "Nothing was closed." in second


def test_a_person_hears_while_there_is_something_once_when_it_is_done_and_then_weekly(force: SmallForce):
    force.put("staff", [SERGEANT])
    force.put("incidents", [silent(1)])
    with mail_on(force) as handler:
        heard = []
        for day in range(3, 21):
            if day == 5:
                force.execute("UPDATE incidents SET no_assessment_reason = 'R1'")
            before = len(said(handler, "sergeant"))
            morning(force, day)
            heard += [day] * (len(said(handler, "sergeant")) - before)
        assert len(said(handler, "unit")) == 18, "a mailbox hears every day"
        assert len(said(handler, "fallback")) == 18
    assert heard == [3, 4, 5, 12, 19]
    assert "nothing to do" in said(handler, "sergeant")[2]
    assert "1 closed without being done (no longer applies): I1." in said(handler, "sergeant")[2]


def test_a_rehearsal_goes_to_its_reviewer_alone_and_the_first_real_list_is_all_new(force: SmallForce):
    force.put("staff", [SERGEANT])
    force.put("incidents", [silent(1)])
    with mail_on(force, "shadow") as handler:
        morning(force, 3)
        morning(force, 4)
        assert {str(each["To"]) for each in handler.messages} == {"reviewer@force.example"}
        texts = [text for text in said(handler, "reviewer") if "For: Supervisor 77. A rehearsal" in text]
        assert [text.count("NEW") for text in texts] == [1, 0], "a rehearsal is told as the reader would be"
        force.edit('mode = "shadow"', 'mode = "on"')
        morning(force, 5)
        (real,) = said(handler, "sergeant")
    assert real.count("NEW") == 1
    assert "CLOSED" not in real
    assert "A rehearsal" not in real
    modes = "SELECT DISTINCT run_id, mode FROM notice JOIN notice_recipient ON notice_id = notice.id ORDER BY 1"
    assert ledger_rows(force, modes) == [(1, "shadow"), (2, "shadow"), (3, "on")]


def test_a_case_handed_on_is_new_to_who_must_act_now_and_both_owners_are_kept(force: SmallForce):
    force.put("staff", [SERGEANT, {"staff_id": "78", "email": "other@force.example", "role": "sergeant"}])
    force.put("incidents", [silent(1), {**silent(2), "supervisor_id": "78"}])
    with mail_on(force) as handler:
        morning(force, 3)
        force.execute("UPDATE incidents SET supervisor_id = '78' WHERE incident_ref = 'I1'")
        morning(force, 4)
        other = said(handler, "other")[-1]
    assert other.count("NEW") == 1
    owners = "SELECT owner_then, owner_now FROM exception WHERE item_ref = 'I1' AND rule_id = 'RA-01'"
    assert ledger_rows(force, owners) == [("staff:77", "staff:78")]


def test_who_has_left_is_passed_over_and_the_fallback_is_counted(force: SmallForce):
    force.edit('unit = "unit@force.example"', 'unit = "unit@force.example"\nescalation = "inspector@force.example"')
    force.edit("[readers]", "[exceptions]\nescalate_after_days = { critical = 5 }\n\n[readers]")
    force.put("staff", [{**SERGEANT, "left_on": "2026-11-03"}])
    force.put("incidents", [silent(1)])
    with mail_on(force) as handler:
        morning(force, 3)
        morning(force, 4)
        ran = force.run("check", at="Wed 2026-11-04 07:00")
        assert len(said(handler, "sergeant")) == 1
        assert len(said(handler, "fallback")) == 2, "one a morning: nobody hears the lists of who has left"
        assert "I1" in said(handler, "unit")[-1]
        assert "1 with the unit for want of a supervisor" in ran.out
        assert "nothing to do" in said(handler, "inspector")[-1]
        morning(force, 5)
        morning(force, 6)
    assert "ESCALATED (1)" in said(handler, "inspector")[-1], "overdue since Sat 31 Oct 21:10"
    assert "NEW" in said(handler, "inspector")[-1]


def test_what_grows_too_old_with_a_supervisor_is_mailed_to_their_manager_and_only_where_that_is_switched_on(
    force: SmallForce,
):
    force.put("staff", [{**SERGEANT, "manager_id": "99"}, {"staff_id": "99", "email": "inspector99@force.example"}])
    force.put("incidents", [silent(1)])
    with mail_on(force) as handler:
        morning(force, 6)
        assert said(handler, "inspector99") == []
        force.edit("[readers]", "[exceptions]\nescalate_after_days = { critical = 7 }\n\n[readers]")
        morning(force, 7)
        assert said(handler, "inspector99") == [], "overdue since Sat 31 Oct 21:10, six days"
        morning(force, 8)
        (mail,) = said(handler, "inspector99")
    assert "ESCALATED (1)" in mail
    assert "1 case escalated to you." in mail
    assert "NEW" in mail
    assert "I1" in mail
    assert "Importance" not in next(each for each in handler.messages if str(each["To"]).startswith("inspector99"))
    assert "DO TODAY (1)" in said(handler, "sergeant")[-1], "its owner still has it"
