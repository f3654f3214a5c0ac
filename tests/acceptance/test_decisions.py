"""What people decide, through whole runs: waivers, disputes, rules held for a surge, and going live."""

from __future__ import annotations

import email
import email.policy

import pytest

from tests.acceptance.force import Ran, SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED, ledger_rows, unit_mail

SILENT = {**REPORTED, "supervisor_id": None, "officer_id": None}
"""An incident without a form: RA-01 is overdue, and the unit hears for want of a supervisor."""
BY = ("--by", "Insp Hay")
WHY = ("--reason", "the victim is in hospital")
MORNINGS = {day: f"{name} 2026-11-{day:02}" for day, name in enumerate(("Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), 3)}


def morning(force: SmallForce, day: int, *more: str) -> str:
    """Load and run a morning of November 2026, and return the unit's mail."""
    force.load(f"{MORNINGS[day]} 05:30")
    ran = force.run("check", "--send", *more, at=f"{MORNINGS[day]} 06:30")
    assert ran.code == 0, ran.err
    return unit_mail(force, f"2026-11-{day:02}")


def waive(force: SmallForce, until: str = "2026-11-04", *, day: int = 3, item: str = "I1") -> Ran:
    return force.run("waivers", "add", "RA-01", item, *WHY, *BY, "--until", until, at=f"{MORNINGS[day]} 10:00")


def events(force: SmallForce) -> list[tuple[int, str, str]]:
    return ledger_rows(force, "SELECT run_id, kind, reason FROM event WHERE rule_id = 'RA-01' ORDER BY id")


class TestWaivers:
    """Not chased, counted, still not compliant; back when it ends."""

    def test_a_waived_exception_is_not_listed_is_counted_and_is_back_when_it_expires(self, force: SmallForce):
        force.put("incidents", [SILENT])
        assert "DO TODAY (1)" in morning(force, 3)
        ran = waive(force)
        assert ran.code == 0, ran.err
        assert "still counts as not compliant" in ran.out
        mail = morning(force, 4)
        assert "DO TODAY" not in mail
        assert "1 open exception waived: not chased, still counted as not compliant." in mail
        assert ledger_rows(
            force, "SELECT outcome FROM verdict_history WHERE rule_id = 'RA-01' AND last_run IS NULL"
        ) == [("breached",)]
        mail = morning(force, 5)
        assert "DO TODAY (1)" in mail
        assert "NEW" in mail, "what comes back is news"
        assert "exception waived" not in mail
        assert events(force) == [
            (1, "opened", ""),
            (2, "waived", "2026-11-04"),
            (3, "waiver_ended", "expired"),
        ]
        assert "NEW" not in morning(force, 6).partition("DO TODAY")[2]

    def test_one_ended_by_a_person_is_back_in_the_next_list(self, force: SmallForce):
        force.put("incidents", [SILENT])
        morning(force, 3)
        waive(force, "2026-11-20")
        morning(force, 4)
        ran = force.run("waivers", "end", "RA-01", "I1", "--by", "Sgt Lee", at="Wed 2026-11-04 11:00")
        assert ran.code == 0, ran.err
        assert "NEW" in morning(force, 5)
        assert events(force)[-1] == (3, "waiver_ended", "ended")
        out = force.run("waivers", "list", "--all").out
        assert "ended by Sgt Lee Wed 4 Nov 2026 11:00" in out
        assert force.run("waivers", "list").out == "No waiver stands.\n"

    def test_one_ends_when_the_exception_closes_and_a_return_is_chased(self, force: SmallForce):
        force.put("incidents", [SILENT])
        morning(force, 3)
        waive(force, "2026-11-20")
        force.execute("UPDATE incidents SET no_assessment_reason = 'R1'")
        morning(force, 4)
        force.execute("UPDATE incidents SET no_assessment_reason = NULL")
        assert "DO TODAY (1)" in morning(force, 5)
        assert events(force) == [
            (1, "opened", ""),
            (2, "waived", "2026-11-20"),
            (2, "closed", "no_longer_applies"),
            (2, "waiver_ended", "closed"),
            (3, "reopened", ""),
        ]

    def test_one_ends_when_what_could_not_be_judged_turns_out_to_be_overdue(self, force: SmallForce):
        force.put("incidents", [{**SILENT, "reported_at": "2026-10-30"}])
        force.put("assessments", [{**FORM, "submitted_at": "2026-10-30 04:00", "signed_off_at": "31/02/2026"}])
        morning(force, 3)
        (rule, item), *_ = ledger_rows(
            force, "SELECT rule_id, item_ref FROM verdict_history WHERE outcome = 'undetermined' ORDER BY rule_id"
        )
        ran = force.run("waivers", "add", rule, item, *WHY, *BY, "--until", "2026-11-20", at="Tue 2026-11-03 10:00")
        assert ran.code == 0, ran.err
        morning(force, 4)
        force.execute("UPDATE assessments SET signed_off_at = NULL")
        morning(force, 5)
        ended = "SELECT rule_id, reason FROM event WHERE kind = 'waiver_ended'"
        assert ledger_rows(force, ended) == [(rule, "breached")]

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            pytest.param(("RA-01", "I1", *WHY, *BY, "--until", "2026-12-02"), "more than 28 days", id="longer than the longest"),
            pytest.param(("RA-01", "I1", *WHY, *BY, "--until", "2026-11-02"), "is past", id="over already"),
            pytest.param(("RA-01", "I1", *WHY, *BY, "--until", "tomorrow"), "is not a date", id="not a date"),
            pytest.param(("RA-01", "I1", *BY, "--reason", " \n ", "--until", "2026-11-04"), "--reason: is empty", id="without a reason"),
            pytest.param(("RA-01", "I1", *WHY, "--by", "", "--until", "2026-11-04"), "--by: is empty", id="without an author"),
            pytest.param(("RA-01", "I1", *BY, "--reason", "x" * 501, "--until", "2026-11-04"), "longer than 500", id="a whole letter"),
            pytest.param(("RA-01", "Jane Doe", *WHY, *BY, "--until", "2026-11-04"), "no open exception", id="no such item"),
            pytest.param(("SUP-01", "I1", *WHY, *BY, "--until", "2026-11-04"), "no open exception", id="nothing open of that rule"),
        ],
    )  # fmt: skip
    def test_a_wrong_one_is_refused_in_one_line(self, force: SmallForce, arguments, says):
        force.put("incidents", [SILENT])
        morning(force, 3)
        ran = force.run("waivers", "add", *arguments, at="Tue 2026-11-03 10:00")
        assert ran.code == 2
        assert says in ran.err
        assert ran.err.count("\n") == 1
        assert "Jane" not in ran.err
        assert ledger_rows(force, "SELECT count(*) FROM waiver") == [(0,)]

    def test_the_longest_is_allowed_and_a_second_one_is_not(self, force: SmallForce):
        force.put("incidents", [SILENT])
        morning(force, 3)
        assert waive(force, "2026-12-01").code == 0
        ran = waive(force, "2026-11-20")
        assert (ran.code, "waived already" in ran.err) == (2, True)

    def test_an_occurrence_with_two_is_asked_which(self, force: SmallForce):
        force.put("incidents", [SILENT])
        force.put(
            "assessments",
            [
                {**FORM, "assessment_ref": ref, "instrument": form, "signed_off_at": None, "signed_off_by": None}
                for ref, form in (("A1", "DASH-27"), ("A2", "DARA"))
            ],
        )
        morning(force, 3)
        arguments = (*WHY, *BY, "--until", "2026-11-04")
        ran = force.run("waivers", "add", "SUP-01", "I1", *arguments, at="Tue 2026-11-03 10:00")
        assert ran.code == 2
        assert "Name one: A1, A2." in ran.err
        assert force.run("waivers", "add", "SUP-01", "A2", *arguments, at="Tue 2026-11-03 10:00").code == 0


def test_a_dispute_is_shown_beside_the_exception_counted_and_closes_nothing(force: SmallForce):
    force.put("incidents", [SILENT, {**SILENT, "incident_ref": "I2"}])
    morning(force, 3)
    for item, says in (("I1", "done"), ("I2", "wrong")):
        ran = force.run("disputes", "add", "RA-01", item, "--says", says, "--why", "Mrs Ann Other told me", *BY)
        assert ran.code == 0, ran.err
    force.execute("UPDATE incidents SET no_assessment_reason = 'R1' WHERE incident_ref = 'I2'")
    mail = morning(force, 4)
    assert "DO TODAY (1)" in mail
    assert "disputed on Tue 3 Nov: already done, not recorded" in mail
    assert "Ann" not in mail
    out = force.run("disputes", "list").out
    assert "RA-01  already done, not recorded: 1 (1 still open)" in out
    assert "RA-01  wrong: 1 (1 closed: no longer applies)" in out
    assert "RA-01  2 of 2 exceptions ever opened were disputed" in out
    assert "open: RA-01  I1  already done, not recorded, by Insp Hay Tue 3 Nov 2026 06:30: Mrs Ann Other told me" in out
    told = ledger_rows(force, "SELECT item_ref, kind, reason FROM event WHERE run_id = 2 ORDER BY id")
    assert told == [
        ("I1", "disputed", "done_not_recorded"),
        ("I2", "disputed", "wrong"),
        ("I2", "closed", "no_longer_applies"),
    ]
    wrong = force.run("disputes", "add", "RA-01", "I1", "--says", "maybe", "--why", "x", *BY)
    assert (wrong.code, "--says: is not one of wrong, done, cannot." in wrong.err) == (2, True)


def many(number: int, **cells: object) -> list[dict[str, object]]:
    return [{**SILENT, "incident_ref": f"I{each}", **cells} for each in range(number)]


@pytest.fixture
def small_limits(force: SmallForce) -> SmallForce:
    """Give a force that holds a rule beyond three exceptions and half of those open."""
    force.edit("[readers]", "[exceptions]\nhold_number = 3\nhold_share = 0.5\n\n[readers]")
    return force


class TestHolds:
    """A surge is held: verdicts and exceptions stay, everybody is told, until an operator accepts it."""

    def test_opening_too_many_at_once_waits_to_be_accepted(self, small_limits: SmallForce):
        force = small_limits
        force.put("incidents", many(5))
        ran = force.run("check", "--send")
        assert ran.code == 0, ran.err
        assert "RA-01 not checked: held: it would open 5 at once, and has 0 open." in ran.out
        assert events(force) == []
        assert ledger_rows(force, "SELECT count(*) FROM verdict_history WHERE rule_id = 'RA-01'") == [(0,)]
        assert "not checked: RA-01 (held: it would open 5 at once, and has 0 open)" in " ".join(
            unit_mail(force, "2026-11-03").split()
        )
        assert "RA-01  held: it would open 5 at once" in force.run("accept").out
        assert "0 of" in force.run("replay", "1").out
        refused = force.run("accept", "SUP-01", "--by", "Op 7", "--reason", "x")
        assert (refused.code, "Held: RA-01." in refused.err) == (2, True)
        assert "--by: is empty" in force.run("accept", "RA-01", "--reason", "going live").err
        assert "may open 5" in force.run("accept", "RA-01", "--by", "Op 7", "--reason", "going live").out
        mail = morning(force, 4)
        assert mail.count("NEW") == 5
        assert [kind for _, kind, _ in events(force)] == ["opened"] * 5
        assert force.run("accept").out == "No rule is held.\n"
        assert "0 of" in force.run("replay", "2").out

    def test_closing_too_many_other_than_as_done_is_held_and_they_stay_listed(self, small_limits: SmallForce):
        force = small_limits
        force.edit("hold_number = 3", "hold_number = 9")
        force.put("incidents", many(8))
        morning(force, 3)
        force.edit("hold_number = 9", "hold_number = 3")
        force.execute("UPDATE incidents SET excluded_reason = 'duplicate'")
        mail = morning(force, 4)
        assert "it would close 8 other than as done at once" in " ".join(mail.split())
        assert "DO TODAY (8)" in mail, "as they stood at the last check"
        assert len(events(force)) == 8
        force.run("accept", "RA-01", "--by", "Op 7", "--reason", "they are duplicates")
        mail = morning(force, 5)
        assert "8 closed without being done (the incident was excluded)" in " ".join(mail.split())

    def test_a_rule_taken_out_of_the_pack_with_many_open_is_held_too(self, small_limits: SmallForce):
        force = small_limits
        force.edit("hold_number = 3", "hold_number = 9")
        force.put("incidents", many(8))
        rules = own_rules(force)
        morning(force, 3)
        force.edit("hold_number = 9", "hold_number = 3")
        next(rules.glob("RA-01-*")).unlink()
        force.edit('folder = "rules"', 'folder = "rules"\ncompletion_rule = "RU-01"')
        mail = morning(force, 4)
        assert "8 open exceptions of rules not checked: counted here, not listed." in " ".join(mail.split())
        assert len(events(force)) == 8
        assert force.run("report").code == 0
        assert "0 of" in force.run("replay", "2").out
        force.run("accept", "RA-01", "--by", "Op 7", "--reason", "the duty has ended")
        morning(force, 5)
        assert [reason for _, _, reason in events(force)[8:]] == ["rule_removed"] * 8

    def test_work_that_was_done_is_never_held(self, small_limits: SmallForce):
        force = small_limits
        force.edit("hold_number = 3", "hold_number = 9")
        force.put("incidents", many(8))
        morning(force, 3)
        force.edit("hold_number = 9", "hold_number = 3")
        force.put(
            "assessments",
            [
                {**FORM, "assessment_ref": f"A{each}", "incident_ref": f"I{each}", "risk_grade": "standard",
                 "submitted_at": "2026-11-03 10:00", "signed_off_at": "2026-11-03 11:00"}
                for each in range(8)
            ],
        )  # fmt: skip
        force.execute("UPDATE incidents SET checks_completed_at = '2026-11-03 12:00'")
        assert "8 done, 8 of them late" in " ".join(morning(force, 4).split())


def own_rules(force: SmallForce):
    """Give the force its own copy of the bundled rules, and return the folder."""
    from dacompliance.resources import rules_folder

    rules = force.folder / "rules"
    rules.mkdir()
    for path in rules_folder().iterdir():
        if path.is_file():
            (rules / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    force.edit("[readers]", '[rules]\nfolder = "rules"\n\n[readers]')
    return rules


def test_the_backlog_is_counted_and_listed_and_not_mailed(force: SmallForce):
    force.edit("[readers]", "[rules]\nchase_from = 2026-11-01\n\n[readers]")
    force.put("incidents", [*many(4), {**SILENT, "incident_ref": "YOUNG", "reported_at": "2026-11-01 04:00"}])
    mail = morning(force, 3)
    assert "4 older cases, reported before Sun 1 Nov: measured, not chased." in mail
    assert [ref for ref in ("I0", "I1", "I2", "I3", "YOUNG") if ref in mail] == ["YOUNG"]
    listed = force.folder / "backlog.csv"
    out = force.run("backlog", "--export", str(listed)).out
    assert "Reported before 2026-11-01, measured and not chased: 4 (run 1)." in out
    assert "RA-01  4 overdue" in out
    assert [line.split(",")[3] for line in listed.read_text().splitlines()[1:]] == ["I0", "I1", "I2", "I3"]
    assert "Backlog, measured and not chased: 4." in force.run("check", at="Tue 2026-11-03 07:00").out


def test_after_two_days_of_not_checking_the_operator_is_told_what_falls_due_unseen(force: SmallForce):
    force.put("incidents", many(8, reported_at="2026-11-03 04:00"))
    morning(force, 3)
    force.execute("DELETE FROM incidents WHERE incident_ref NOT IN ('I0', 'I1')")
    force.load("Wed 2026-11-04 05:30")
    assert force.run("check", "--send", at="Wed 2026-11-04 06:30").code == 8
    assert "fall due unseen" not in operator_mail(force, "2026-11-04")
    force.load("Thu 2026-11-05 05:30")
    assert force.run("check", "--send", at="Thu 2026-11-05 06:30").code == 8
    mail = operator_mail(force, "2026-11-05")
    assert "8 cases fall due unseen" in mail
    assert "RA-01 was last checked as at 05:30 on Tue 3 Nov: incidents came short: 2 usable rows, and 8 before." in mail
    assert [ref for ref in ("I0", "I7") if ref in mail] == ["I0", "I7"], "those that are not in the copy too"
    assert "NEW" not in unit_mail(force, "2026-11-05")
    cases = "SELECT count(*) FROM notice_case WHERE section = 'unseen'"
    assert ledger_rows(force, cases) == [(8,)]


def operator_mail(force: SmallForce, day: str) -> str:
    """Return the text of all that the operator was told on a day, the whitespace made one blank."""
    texts = []
    for path in sorted((force.folder / "outbox").glob(f"{day}*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if "operator@force.example" in str(message["To"]):
            texts.append(message.get_body(("plain",)).get_content())
    return " ".join(" ".join(texts).split())


def test_a_rule_switched_off_keeps_its_exceptions_open_counted_and_said(force: SmallForce):
    force.put("incidents", [SILENT])
    force.put("assessments", [FORM])
    morning(force, 3)
    everything, without_checks = (
        "SELECT * FROM incidents",
        "SELECT incident_ref, reported_at, area, team FROM incidents",
    )
    force.edit(everything, without_checks)
    force.load("Wed 2026-11-04 05:30")
    ran = force.run("check", "--send", at="Wed 2026-11-04 06:30")
    assert "1 suspended, for their rule is switched off" in ran.out
    mail = " ".join(unit_mail(force, "2026-11-04").split())
    assert "1 open exception suspended: the rule is switched off." in mail
    assert "RU-01 (incidents.checks_completed_at is not mapped)" in mail
    suspended = "SELECT rule_id, state, suspended FROM exception WHERE suspended"
    assert ledger_rows(force, suspended) == [("RU-01", "open", 1)]
    force.edit(without_checks, everything)
    assert "suspended" not in morning(force, 5), "a run that checks it again lifts that"
    assert ledger_rows(force, suspended) == []
