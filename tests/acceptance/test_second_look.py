"""A second look in the afternoon at some rules: those move, every other stays as it was, and a replay says it again."""

from __future__ import annotations

import email
import email.policy

import pytest

from tests.acceptance.force import SmallForce
from tests.acceptance.test_killed import own_pack
from tests.acceptance.test_one_true_morning import FORM, REPORTED, ledger_rows

MORNING, AFTERNOON, NEXT = "Tue 2026-11-03 06:30", "Tue 2026-11-03 14:00", "Wed 2026-11-04 06:30"
HIGH = {**FORM, "risk_grade": "high"}


@pytest.fixture
def looked(force: SmallForce) -> SmallForce:
    """A force with a second look at critical rules, a case overdue under them, and one by another rule."""
    force.edit(
        "[readers]",
        '[schedule]\njobs = [{name = "morning", at = "06:30"}, {name = "afternoon", at = "14:00", rules = "critical"}]\n'
        "[gates]\nshort_share = 0.1\n[readers]",
    )
    force.put("incidents", [{**REPORTED, "incident_ref": f"I{number}"} for number in (1, 2, 3)])
    force.put("assessments", [HIGH])
    assert force.run("run-once", "morning", at=MORNING).code == 0
    return force


ASKED = ("RA-01", "REF-01", "REF-03")


def rows(force: SmallForce, *, asked: bool) -> list[tuple[object, ...]]:
    """Return every exception, and every verdict that holds, of the critical rules or of all others."""
    which = f"rule_id {'' if asked else 'NOT '}IN {ASKED}"
    verdict = "rule_id, item_ref, outcome, due_at, done_at, first_run"
    return [
        *ledger_rows(force, f"SELECT * FROM exception WHERE {which} ORDER BY rule_id, item_ref"),
        *ledger_rows(force, f"SELECT {verdict} FROM verdict_history WHERE last_run IS NULL AND {which} ORDER BY 1, 2"),
    ]


def afternoon(force: SmallForce) -> None:
    """Bring the records forward by eight hours: a case newly overdue at REF-01, an assessment done, a case gone."""
    force.put(
        "assessments", [{**HIGH, "assessment_ref": "A2", "incident_ref": "I2", "submitted_at": "2026-11-02 13:00"}]
    )
    force.execute("DELETE FROM incidents WHERE incident_ref = 'I3'")
    force.load("Tue 2026-11-03 13:30")


def mail(force: SmallForce, pattern: str) -> list[str]:
    texts = []
    for path in sorted((force.folder / "outbox").glob(pattern)):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        texts.append(f"{message['Subject']}\n" + message.get_body(("plain",)).get_content())
    return texts


def test_only_the_rules_asked_move_and_every_other_stays_as_it_was(looked):
    others, before = rows(looked, asked=False), rows(looked, asked=True)
    assert others
    afternoon(looked)
    ran = looked.run("run-once", "afternoon", at=AFTERNOON)
    assert ran.code == 0, ran.err
    assert "afternoon of 2026-11-03: run 2," in ran.out
    assert rows(looked, asked=False) == others
    assert rows(looked, asked=True) != before
    moved = ledger_rows(looked, "SELECT rule_id, item_ref, kind, reason FROM event WHERE run_id = 2 ORDER BY 1, 2")
    assert moved == [
        ("RA-01", "I2", "closed", "done"),
        ("RA-01", "I3", "closed", "withdrawn"),
        ("REF-01", "I2", "opened", ""),
    ]


def test_the_next_whole_run_catches_up_with_the_rest(looked):
    afternoon(looked)
    looked.run("run-once", "afternoon", at=AFTERNOON)
    looked.load("Wed 2026-11-04 05:30")
    looked.run("run-once", "morning", at=NEXT)
    moved = ledger_rows(looked, "SELECT rule_id, item_ref, kind FROM event WHERE run_id = 3")
    assert ("RU-01", "I2", "opened") in moved
    assert not {rule for rule, _, _ in moved} & set(ASKED)


def test_a_rule_gone_from_the_pack_is_a_whole_runs_matter(looked):
    own_pack(looked, "RA-01", "REF-01", "SUP-01")
    others = rows(looked, asked=False)
    afternoon(looked)
    assert looked.run("run-once", "afternoon", at=AFTERNOON).code == 0
    assert rows(looked, asked=False) == others
    assert looked.run("replay", "2", at=AFTERNOON).code == 0


def test_a_second_look_at_the_whole_pack_is_a_whole_check(looked):
    own_pack(looked, "RA-01", "REF-01")
    afternoon(looked)
    assert looked.run("run-once", "afternoon", at=AFTERNOON).code == 0
    assert ledger_rows(looked, "SELECT count(*) FROM measure WHERE run_id = 2")[0][0] > 0
    assert ("RU-01", "rule_removed") in ledger_rows(looked, "SELECT rule_id, reason FROM event WHERE run_id = 2")


def test_a_second_look_publishes_nothing_and_the_pages_stay_those_of_the_morning(looked):
    page = (looked.folder / "reports-out" / "completion.html").read_bytes()
    afternoon(looked)
    looked.run("run-once", "afternoon", at=AFTERNOON)
    assert ledger_rows(looked, "SELECT count(*) FROM measure WHERE run_id = 2") == [(0,)]
    assert (looked.folder / "reports-out" / "completion.html").read_bytes() == page
    refused = looked.run("report", "--run", "2", at=AFTERNOON)
    assert (refused.code, "was a second look at some rules" in refused.err) == (2, True)


def test_a_replay_of_a_second_look_says_it_again(looked):
    afternoon(looked)
    looked.run("run-once", "afternoon", at=AFTERNOON)
    for run in ("1", "2"):
        again = looked.run("replay", run, at=AFTERNOON)
        assert again.code == 0, again.err
        assert ": 0 of" in again.out


def test_who_has_something_new_hears_of_it_and_nobody_else(looked):
    afternoon(looked)
    looked.run("run-once", "afternoon", at=AFTERNOON)
    (unit,) = mail(looked, "*afternoon-unit-second-look*.eml")
    assert "second look - Referral unit" in unit
    assert "A second look at" in unit
    assert "I2" in unit
    assert mail(looked, "*afternoon-fallback*.eml") == []
    quiet = looked.run("run-once", "afternoon", at="Tue 2026-11-03 15:00")
    assert "done already" in quiet.out


def test_an_afternoon_with_nothing_new_is_silent(looked):
    looked.load("Tue 2026-11-03 13:30")
    looked.run("run-once", "afternoon", at=AFTERNOON)
    assert mail(looked, "*afternoon*.eml") == []


def test_the_next_morning_is_measured_against_the_morning_before(looked):
    """What was new in the afternoon is new in the next list too: that is the whole list, and the first it stands in."""
    afternoon(looked)
    looked.run("run-once", "afternoon", at=AFTERNOON)
    looked.load("Wed 2026-11-04 05:30")
    looked.run("run-once", "morning", at=NEXT)
    (unit,) = mail(looked, "2026-11-04-morning-unit-digest*.eml")
    assert "NEW" in unit


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        pytest.param('["REF-01", "REF-99"]', "afternoon, rules: REF-99 is not in the pack", id="no such rule"),
    ],
)
def test_rules_that_are_not_in_the_pack_are_refused(looked, rules, says):
    looked.edit('rules = "critical"', f"rules = {rules}")
    ran = looked.run("run-once", "afternoon", at=AFTERNOON)
    assert (ran.code, says in ran.err) == (3, True), ran.err


def test_a_waiver_of_a_rule_that_is_not_asked_waits_for_the_next_whole_run(looked):
    (rule, item), *_ = ledger_rows(looked, f"SELECT rule_id, item_ref FROM exception WHERE rule_id NOT IN {ASKED}")
    looked.run(
        "waivers", "add", rule, item, "--until", "2026-11-10", "--by", "Op 7", "--reason", "form lost", at=MORNING
    )
    afternoon(looked)
    looked.run("run-once", "afternoon", at=AFTERNOON)
    assert ledger_rows(looked, "SELECT noted_run FROM waiver") == [(None,)]
    looked.load("Wed 2026-11-04 05:30")
    looked.run("run-once", "morning", at=NEXT)
    assert ledger_rows(looked, "SELECT noted_run FROM waiver") == [(3,)]
