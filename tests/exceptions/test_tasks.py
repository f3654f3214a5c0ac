"""What each reader is told: sections, order, what is new, what is missing, and what is counted and not listed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dacompliance.exceptions.disputes import Claim, Dispute
from dacompliance.exceptions.lifecycle import RuleState
from dacompliance.exceptions.model import ClosedTask, Closing, Event, EventKind, Standing, Task
from dacompliance.exceptions.morning import Came, Morning, ReaderList
from dacompliance.exceptions.routing import Directory, LastTold, Mailboxes
from dacompliance.exceptions.tasks import lists
from dacompliance.judging.details import details as real_details
from dacompliance.judging.verdicts import frame, judge
from dacompliance.policy.model import TestKind
from tests.exceptions.situations import (
    BEFORE,
    CHECKED,
    NEXT,
    NOW,
    V1,
    V2,
    all_of,
    rule,
    said,
    standing,
    standings,
    verdicts,
    version,
)
from tests.helpers import when
from tests.worlds import UNREADABLE, world

COLUMNS = (
    "about", "item_ref", "incident_ref", "occurrence_ref", "grade", "area", "team", "officer_id", "supervisor_id",
    "blank_questions", "unreadable", "unassessed", "high", "shared", "unlisted",
)  # fmt: skip
REACHED = Directory(Mailboxes("unit@x.example", "fallback@x.example"), {"S1": "s1@x.example", "S2": "s2@x.example"}, {})
LATE = when("Mon 2026-11-02 21:00")
EARLIER = when("Sun 2026-11-01 21:00")
SOON = when("Tue 2026-11-03 22:00")
LAST = LastTold(BEFORE.date(), 1, run=2, as_at=BEFORE)
THE_RUN_BEFORE = dataclasses.replace(LAST, run=1, as_at=EARLIER)
TOLD = dict.fromkeys(("unit", "staff:S1", "fallback"), LAST)
THIS = 3
BOTH = {run: Came(run, run) for run in (1, 2)}
CRITICAL = rule("C-01", version(done="mash_referred_at"))
MAJOR = rule("M-01", version(done="signed_off_at"), severity="major", reader="supervisor")
MINOR = rule("N-01", version(holds=all_of(rationale_recorded="yes"), approved=False), severity="minor")
RULES = (CRITICAL, MAJOR, MINOR)


def shown(item_ref: str, **given: Any) -> dict[str, Any]:
    """One row of the details frame: an incident, medium, of Response B."""
    plain = dict.fromkeys(COLUMNS, "") | {
        "about": "incident",
        "incident_ref": item_ref,
        "occurrence_ref": f"GC-{item_ref}",
    }
    more = {
        "grade": "medium",
        "area": "North",
        "team": "Response B",
        "officer_id": "1482",
        "unassessed": False,
        "high": False,
        "shared": False,
        "unlisted": False,
    }
    return {**plain, **more, "item_ref": item_ref, **given}


def high(item_ref: str, **given: Any) -> dict[str, Any]:
    return shown(item_ref, grade="high", high=True, **given)


def morning(
    open_now: Iterable[Standing] = (),
    rows: Iterable[dict[str, Any]] = (),
    items: Iterable[dict[str, Any]] = (),
    **given: Any,
) -> Morning:
    open_now = list(open_now)
    plain: dict[str, Any] = {
        "run": THIS,
        "as_at": NOW,
        "due_by": NEXT,
        "came": {
            each.identity: BOTH[1 if each.opened_at <= EARLIER else 2] for each in open_now if each.opened_at < NOW
        },
        "rules": RULES,
        "states": dict.fromkeys((each.id for each in RULES), CHECKED),
        "owners": lambda rule_id, _incident_ref: "staff:S1" if rule_id == "M-01" else "unit",
        "directory": REACHED,
        "last_told": TOLD,
    }
    made = {
        "standings": standings(*open_now),
        "verdicts": verdicts(rows),
        "details": pd.DataFrame(list(items), columns=list(COLUMNS)),
    }
    return Morning(**{**plain, **made, **given})


def brief(tasks: Iterable[Task]) -> list[str]:
    """A task as a golden table shows it."""
    return [
        f"{each.section} {each.rule_id} {each.item_ref}: {each.missing}{' NEW' if each.is_new else ''}"
        for each in tasks
    ]


def test_a_task_carries_references_and_words_and_no_other_value():
    told = lists(morning([standing("C-01", times_reopened=1)], [said("breached", "C-01", due_at=LATE)], [high("I1")]))
    assert told == {
        "unit": ReaderList(
            "unit",
            (
                Task(
                    section="do", rule_id="C-01", title="Title of C-01", action="Do C-01", severity="critical", approved=True,
                    item_ref="I1", incident_ref="I1", occurrence_ref="GC-I1", grade="high", area="North", team="Response B",
                    officer="1482", missing="no MASH referral time recorded", due_at=LATE, opened_at=BEFORE, is_new=False,
                    times_reopened=1,
                ),
            ),
        )
    }  # fmt: skip


@pytest.mark.parametrize(
    ("opened_at", "last_told", "is_new"),
    [
        pytest.param(NOW, TOLD, True, id="opened after the last notice"),
        pytest.param(BEFORE, TOLD, False, id="opened in the run of the last notice"),
        pytest.param(BEFORE, {}, True, id="nothing was ever handed over to this reader"),
        pytest.param(BEFORE, {"unit": THE_RUN_BEFORE}, True, id="the last runs' notices did not get through"),
        pytest.param(
            BEFORE, {"staff:S1": THE_RUN_BEFORE, "unit": LAST}, False, id="another reader's notice says nothing"
        ),
    ],
)
def test_new_is_measured_against_the_last_notice_handed_over_to_that_reader(opened_at, last_told, is_new):
    told = lists(
        morning([standing("C-01", opened_at=opened_at)], [said("breached", "C-01")], [shown("I1")], last_told=last_told)
    )
    assert [task.is_new for task in told["unit"].tasks] == [is_new]


def test_the_worst_come_first():
    open_now = [
        standing(rule_id, ref)
        for rule_id, ref in (("N-01", "1"), ("C-01", "2"), ("C-01", "3"), ("C-01", "4"), ("C-01", "5"), ("N-01", "6"))
    ]
    due = {"1": EARLIER, "2": LATE, "3": EARLIER, "4": LATE, "5": LATE, "6": EARLIER}
    rows = [said("breached", each.rule_id, each.item_ref, due_at=due[each.item_ref]) for each in open_now]
    items = [high("1"), shown("2"), shown("3"), high("4"), shown("5", occurrence_ref="A-first"), shown("6")]
    told = lists(morning(open_now, rows, items))
    order = [f"{task.severity} {task.grade} {task.item_ref}" for task in told["unit"].tasks if task.section == "do"]
    assert order == [
        "critical high 4",
        "critical medium 3",
        "critical medium 5",
        "critical medium 2",
        "minor high 1",
        "minor medium 6",
    ]


def test_without_a_deadline_age_runs_from_the_opening():
    open_now = [
        standing("C-01", "1", opened_at=NOW),
        standing("C-01", "2", opened_at=BEFORE),
        standing("C-01", "3", opened_at=NOW),
    ]
    rows = [said("breached", "C-01", "1"), said("breached", "C-01", "2"), said("breached", "C-01", "3", due_at=EARLIER)]
    told = lists(morning(open_now, rows, map(shown, "123")))
    assert [task.item_ref for task in told["unit"].tasks] == ["3", "2", "1"]


def test_sections_come_in_order():
    open_now = [standing("C-01", "1"), standing("C-01", "2"), standing("M-01", "3", owner_now="staff:S1")]
    rows = [
        said("undetermined", "C-01", "1", reason="grade_since"),
        said("breached", "C-01", "2"),
        said("breached", "M-01", "3"),
        said("pending", "C-01", "4", due_at=SOON),
    ]
    told = lists(morning(open_now, rows, [shown("1"), shown("2"), high("3"), shown("4")]))
    assert brief(told["unit"].tasks) == [
        "do C-01 2: no MASH referral time recorded",
        "due_soon C-01 4: no MASH referral time recorded",
        "cannot_judge C-01 1: since when the incident has had its grade",
        "oversight M-01 3: no sign-off time recorded",
    ]
    assert brief(told["staff:S1"].tasks) == ["do M-01 3: no sign-off time recorded"]


class TestDueSoon:
    """Pending, applying, and due by the next list."""

    @pytest.mark.parametrize(
        ("row", "given", "listed"),
        [
            pytest.param(said("pending", "C-01", due_at=SOON), {}, True, id="due before the next list"),
            pytest.param(said("pending", "C-01", due_at=NEXT), {}, True, id="due as the next list comes"),
            pytest.param(said("pending", "C-01", due_at=when("Wed 2026-11-04 06:31")), {}, False, id="due a minute after"),
            pytest.param(said("met", "C-01", due_at=SOON), {}, False, id="done already"),
            pytest.param(said("pending", "C-01", due_at=SOON, reason="mash_referred_at"), {}, True, id="its milestone cannot be read"),
            pytest.param(said("pending", "C-01", due_at=SOON, reason="assessments"), {}, False, id="an assessment is set aside"),
            pytest.param(said("pending", "C-01", due_at=SOON), {"backlog": {"I1"}}, False, id="backlog"),
            pytest.param(said("pending", "C-01", due_at=SOON), {"waived": {("C-01", "I1")}}, False, id="waived"),
            pytest.param(said("pending", "C-01", due_at=SOON), {"states": {"C-01": RuleState(chase=False)}}, False, id="a rule that is not chased"),
            pytest.param(said("pending", "C-01", due_at=SOON), {"states": {"C-01": RuleState(True, "not_checked")}}, False, id="a rule not checked"),
        ],
    )  # fmt: skip
    def test_is_listed_when(self, row, given, listed):
        told = lists(morning(rows=[row], items=[shown("I1")], **given))
        assert [task.section for task in told["unit"].tasks] == ["due_soon"] if listed else told == {}

    def test_is_not_listed_when_it_may_not_apply(self):
        unsure = rule("C-01", version(done="mash_referred_at", applies=all_of(crime="yes")))
        told = lists(
            morning(rows=[said("pending", "C-01", due_at=SOON, reason="crime")], items=[shown("I1")], rules=[unsure])
        )
        assert told == {}

    def test_goes_to_whoever_will_have_to_act_and_is_neither_new_nor_overseen(self):
        told = lists(morning(rows=[said("pending", "M-01", due_at=SOON)], items=[high("I1")]))
        (task,) = told["staff:S1"].tasks
        assert (task.opened_at, task.is_new, task.due_at) == (None, False, SOON)
        assert list(told) == ["staff:S1"]

    def test_says_how_often_it_was_open_before(self):
        closed = standing("C-01", is_open=False, times_reopened=2)
        told = lists(morning([closed], [said("pending", "C-01", due_at=SOON)], [shown("I1")]))
        assert [task.times_reopened for task in told["unit"].tasks] == [2]


class TestCannotBeJudged:
    """What is missing, one row a case; what only the data's keeper can put right is counted."""

    def test_is_one_row_a_case_saying_all_that_is_missing(self):
        open_now = [
            standing("N-01", "A1", about="assessment", incident_ref="I1", opened_at=NOW, times_reopened=2),
            standing("C-01", "I1", opened_at=EARLIER),
            standing("C-01", "I2"),
        ]
        rows = [
            said(
                "undetermined",
                "N-01",
                "A1",
                about="assessment",
                incident_ref="I1",
                reason="rationale_recorded; risk_grade",
            ),
            said("undetermined", "C-01", "I1", reason="grade_since; risk_grade"),
            said("undetermined", "C-01", "I2", reason="crime"),
        ]
        items = [shown("A1", about="assessment", incident_ref="I1", occurrence_ref="GC-I1"), shown("I1"), shown("I2")]
        tasks = lists(morning(open_now, rows, items))["unit"].tasks
        assert brief(tasks) == [
            "cannot_judge C-01 I1: since when the incident has had its grade; the risk grade; "
            "whether the grade has a written reason NEW",
            "cannot_judge C-01 I2: whether it is a crime",
        ]
        assert (tasks[0].opened_at, tasks[0].times_reopened) == (EARLIER, 2)

    @pytest.mark.parametrize(
        ("reason", "unreadable", "own", "with_data_keeper"),
        [
            pytest.param("signed_off_at", "", ["cannot_judge M-01 I1: when it was signed off"], 0, id="missing"),
            pytest.param(
                "signed_off_at", "signed_off_at", [], 1, id="unreadable: the supervisor is not told it is missing"
            ),
            pytest.param(
                "crime; signed_off_at",
                "signed_off_at",
                ["cannot_judge M-01 I1: whether it is a crime"],
                0,
                id="one of each",
            ),
            pytest.param("assessments", "", [], 1, id="an assessment set aside"),
        ],
    )
    def test_a_reader_hears_what_they_can_put_right(self, reason, unreadable, own, with_data_keeper):
        row, item = said("undetermined", "M-01", reason=reason), shown("I1", unreadable=unreadable)
        told = lists(morning([standing("M-01", owner_now="staff:S1")], [row], [item]))
        assert (brief(told["staff:S1"].tasks), told["staff:S1"].with_data_keeper) == (own, with_data_keeper)

    @pytest.mark.parametrize("owner", ["staff:S1", "unit"])
    def test_a_high_risk_case_only_the_data_s_keeper_can_put_right_is_overseen_by_the_unit(self, owner):
        row = said("undetermined", "M-01", reason="signed_off_at")
        told = lists(morning([standing("M-01", owner_now=owner)], [row], [high("I1", unreadable="signed_off_at")]))
        assert brief(told["unit"].tasks) == ["oversight M-01 I1: when it was signed off"]

    def test_a_record_set_aside_stays_in_sight(self):
        told = lists(morning([standing("C-01", "A1", about="assessment", incident_ref="I1")]))
        (task,) = told["unit"].tasks
        assert brief([task]) == ["cannot_judge C-01 A1: the record itself, which was set aside"]
        assert (task.occurrence_ref, task.approved, task.due_at) == ("I1", True, None)


class TestOversight:
    """The unit sees high-risk and unassessed cases whoever must act, one row a case."""

    @pytest.mark.parametrize(
        ("item", "overseen"),
        [
            pytest.param(high("I1"), True, id="high risk"),
            pytest.param(shown("I1", grade="", unassessed=True), True, id="unassessed"),
            pytest.param(shown("I1"), False, id="neither"),
        ],
    )
    def test_lists(self, item, overseen):
        told = lists(morning([standing("M-01", owner_now="staff:S1")], [said("breached", "M-01")], [item]))
        assert ("unit" in told) is overseen

    def test_has_one_row_a_case_new_to_the_unit_since_the_unit_last_heard(self):
        more = dataclasses.replace(
            MAJOR, id="M-02", severity="critical", versions=(version(done="checks_completed_at"),)
        )
        open_now = [standing(rule_id, owner_now="staff:S1", opened_at=NOW) for rule_id in ("M-01", "M-02")]
        rows = [said("breached", rule_id) for rule_id in ("M-01", "M-02")]
        told = lists(
            morning(open_now, rows, [high("I1")], rules=[*RULES, more], states=dict.fromkeys(["M-01", "M-02"], CHECKED))
        )
        assert brief(told["unit"].tasks) == [
            "oversight M-02 I1: no referral unit's checks time recorded; no sign-off time recorded NEW"
        ]

    def test_puts_what_is_graded_high_before_what_nobody_has_graded(self):
        open_now = [
            standing("C-01", "1", owner_now="staff:S1", opened_at=EARLIER),
            standing("M-01", "2", owner_now="staff:S1"),
        ]
        rows = [said("breached", each.rule_id, each.item_ref, due_at=LATE) for each in open_now]
        told = lists(morning(open_now, rows, [shown("1", grade="", unassessed=True), high("2")]))
        assert [task.item_ref for task in told["unit"].tasks if task.section == "oversight"] == ["2", "1"]

    def test_leaves_out_what_the_unit_must_do_itself(self):
        told = lists(morning([standing("C-01")], [said("breached", "C-01")], [high("I1")]))
        assert [task.section for task in told["unit"].tasks] == ["do"]

    def test_goes_to_the_fallback_where_there_is_no_unit(self):
        nobody = Directory(Mailboxes(None, "fallback@x.example"), {"S1": "s1@x.example"}, {})
        told = lists(
            morning(
                [standing("M-01", owner_now="staff:S1")], [said("breached", "M-01")], [high("I1")], directory=nobody
            )
        )
        assert [task.section for task in told["fallback"].tasks] == ["oversight"]


class TestEscalation:
    """What has been open too long is told above its owner, once it is; off unless a severity is given days."""

    ABOVE = Directory(
        Mailboxes("unit@x.example", "fallback@x.example", escalation="esc@x.example"),
        {"S1": "s1@x.example", "BOSS": "boss@x.example"},
        {"S1": "BOSS"},
    )
    DAY = dt.timedelta(days=1)

    def escalated(self, rule_id: str = "M-01", owner: str = "staff:S1", **given: Any) -> dict[str, list[str]]:
        plain = {"directory": self.ABOVE, "escalate_after": {"major": self.DAY, "critical": self.DAY}}
        open_now = given.pop("open_now", [standing(rule_id, owner_now=owner)])
        rows = given.pop("rows", [said("breached", rule_id, due_at=EARLIER)])
        told = lists(morning(open_now, rows, [shown("I1")], **{**plain, **given}))
        return {
            key: found for key, each in told.items() if (found := [b for b in brief(each.tasks) if "escalated" in b])
        }

    def test_goes_to_the_owner_s_manager_and_is_one_row_a_case(self):
        assert self.escalated() == {"staff:BOSS": ["escalated M-01 I1: no sign-off time recorded NEW"]}

    def test_goes_from_a_mailbox_to_the_mailbox_above(self):
        assert list(self.escalated("C-01", "unit")) == ["escalation"]

    @pytest.mark.parametrize(
        ("given", "escalated"),
        [
            pytest.param({"escalate_after": {}}, False, id="off"),
            pytest.param({"escalate_after": {"critical": DAY}}, False, id="another severity"),
            pytest.param({"rows": [said("breached", "M-01", due_at=NOW - DAY)]}, True, id="a day overdue to the second"),
            pytest.param({"rows": [said("breached", "M-01", due_at=NOW - DAY + dt.timedelta(seconds=1))]}, False, id="a second less"),
            pytest.param({"rows": [said("breached", "M-01")]}, True, id="without a deadline by the opening"),
            pytest.param({"waived": {("M-01", "I1")}}, False, id="waived"),
            pytest.param({"directory": REACHED}, False, id="nobody is above"),
            pytest.param({"open_now": [], "rows": [said("pending", "M-01", due_at=SOON)]}, False, id="not open yet"),
        ],
    )  # fmt: skip
    def test_is_told_when(self, given, escalated):
        assert bool(self.escalated(**given)) is escalated

    @pytest.mark.parametrize(
        ("told_as_at", "is_new"),
        [
            pytest.param(EARLIER + DAY - dt.timedelta(hours=1), True, id="it grew too old since they last heard"),
            pytest.param(EARLIER + DAY, False, id="it was too old already"),
        ],
    )
    def test_is_new_when_it_grew_too_old_since_the_last_notice(self, told_as_at, is_new):
        told = {"staff:BOSS": dataclasses.replace(LAST, as_at=told_as_at)}
        (row,) = self.escalated(last_told=told)["staff:BOSS"]
        assert row.endswith("NEW") is is_new


@pytest.mark.parametrize(
    ("came", "is_new", "to_the_unit"),
    [
        pytest.param(Came(1, 1), False, False, id="both have seen it"),
        pytest.param(Came(THIS, THIS), True, True, id="back from a waiver"),
        pytest.param(Came(1, THIS), True, False, id="it became this supervisor's: the unit has seen it"),
    ],
)
def test_what_comes_back_or_changes_hands_is_new_to_whom_it_comes(came, is_new, to_the_unit):
    told = lists(
        morning(
            [standing("M-01", owner_now="staff:S1")],
            [said("breached", "M-01")],
            [high("I1")],
            came={("M-01", "I1"): came},
        )
    )
    assert [told[key].tasks[0].is_new for key in ("staff:S1", "unit")] == [is_new, to_the_unit]


def test_a_dispute_is_shown_beside_its_exception():
    dispute = Dispute(1, "C-01", "I1", Claim.DONE_NOT_RECORDED, "Sgt", "told by phone", NOW)
    told = lists(
        morning([standing("C-01")], [said("breached", "C-01")], [shown("I1")], disputes={("C-01", "I1"): dispute})
    )
    (task,) = told["unit"].tasks
    assert (task.disputed, task.disputed_at) == ("already done, not recorded", NOW)


class TestUnlisted:
    """Counted and said, never listed."""

    def test_waived_suspended_and_not_checked_exceptions_are_counted_by_reader(self):
        open_now = [
            standing("C-01", "1"),
            standing("C-01", "2"),
            standing("M-01", "3", suspended=True),
            standing("N-01", "4", owner_now="staff:S1"),
        ]
        states = {"C-01": CHECKED, "M-01": RuleState(True, "switched_off"), "N-01": RuleState(True, "not_checked")}
        rows = [said("breached", "C-01", "1"), said("breached", "C-01", "2")]
        told = lists(morning(open_now, rows, map(shown, "12"), states=states, waived={("C-01", "1")}))
        assert [task.item_ref for task in told["unit"].tasks] == ["2"]
        assert (told["unit"].waived, told["unit"].suspended, told["staff:S1"].not_checked) == (1, 1, 1)

    def test_what_was_not_checked_is_listed_as_last_judged_where_that_is_at_hand(self):
        states = {"C-01": RuleState(True, "not_checked")}
        told = lists(morning([standing("C-01")], [said("breached", "C-01", due_at=LATE)], [shown("I1")], states=states))
        assert brief(told["unit"].tasks) == ["do C-01 I1: no MASH referral time recorded"]

    def test_an_owner_who_has_left_is_replaced_by_the_fallback(self):
        told = lists(morning([standing("M-01", owner_now="staff:GONE")], [said("breached", "M-01")], [shown("I1")]))
        assert list(told) == ["fallback"]


@pytest.mark.parametrize(
    ("by", "versions", "approved"),
    [
        pytest.param(V1, (version(V1, done="signed_off_at"), version(V2, done="signed_off_at", approved=False)), True, id="the version in force is approved"),
        pytest.param(V2, (version(V1, done="signed_off_at"), version(V2, done="signed_off_at", approved=False)), False, id="the version in force is a bundled default"),
    ],
)  # fmt: skip
def test_a_task_says_whether_the_version_it_was_judged_by_is_approved(by, versions, approved):
    told = lists(
        morning(
            [standing("C-01")], [said("breached", "C-01", version=by)], [shown("I1")], rules=[rule("C-01", *versions)]
        )
    )
    assert [task.approved for task in told["unit"].tasks] == [approved]


def closed(how: Closing = Closing.DONE, rule_id: str = "C-01", owner: str = "unit") -> Event:
    return Event(rule_id, "I1", "incident", "I1", EventKind.CLOSED, how, owner=owner)


SHUT = standing("C-01", is_open=False)


class TestClosed:
    """Closed since the last notice handed over to that reader."""

    @pytest.mark.parametrize(
        ("closings", "given", "expected"),
        [
            pytest.param([(THIS, closed())], {}, [Closing.DONE], id="closed in this run"),
            pytest.param([(2, closed())], {}, [], id="closed in the run of the last notice, which said so"),
            pytest.param([(2, closed())], {"last_told": {"unit": THE_RUN_BEFORE}}, [Closing.DONE], id="closed in a run whose notice did not get through"),
            pytest.param([(THIS, closed())], {"last_told": {}}, [], id="to a reader never told anything nothing has closed"),
            pytest.param(
                [(THIS, closed(Closing.EXCLUDED)), (2, closed())], {"last_told": {"unit": THE_RUN_BEFORE}}, [Closing.EXCLUDED],
                id="closed twice, with a return between: the last counts",
            ),
            pytest.param([(THIS, closed())], {"open_now": [standing("C-01")]}, [], id="open again"),
        ],
    )  # fmt: skip
    def test_lists(self, closings, given, expected):
        made = morning(**{"open_now": [SHUT], "items": [shown("I1")], "closings": closings, **given})
        told = lists(made)
        assert [each.how for each in told.get("unit", ReaderList("unit")).closed] == expected

    @pytest.mark.parametrize(("outcome", "was_late"), [("late", True), ("met", False)])
    def test_says_whether_it_was_done_late(self, outcome, was_late):
        told = lists(morning([SHUT], [said(outcome, "C-01")], [shown("I1")], closings=[(THIS, closed())]))
        assert told["unit"].closed == (
            ClosedTask("C-01", "Title of C-01", "I1", "GC-I1", Closing.DONE, was_late, "I1"),
        )

    def test_knows_a_rule_that_is_gone_by_its_id_and_an_incident_that_is_gone_by_its_reference(self):
        gone = standing("OLD-1", is_open=False)
        told = lists(morning([gone], closings=[(THIS, closed(Closing.RULE_REMOVED, "OLD-1"))]))
        assert told["unit"].closed == (ClosedTask("OLD-1", "OLD-1", "I1", "I1", Closing.RULE_REMOVED, False, "I1"),)

    def test_shows_the_occurrence_though_no_rule_judges_it_any_more(self):
        gone = standing("OLD-1", is_open=False)
        told = lists(morning([gone], items=[shown("I1")], closings=[(THIS, closed(Closing.RULE_REMOVED, "OLD-1"))]))
        assert [each.occurrence_ref for each in told["unit"].closed] == ["GC-I1"]

    def test_goes_to_who_owned_it_until_it_closed(self):
        told = lists(
            morning(
                [standing("C-01", is_open=False, owner_now="staff:S1")], closings=[(THIS, closed(owner="staff:S1"))]
            )
        )
        assert list(told) == ["staff:S1"]


def test_nothing_to_tell_is_no_list():
    assert lists(morning()) == {}


def test_over_real_verdicts_and_details_a_blank_form_is_told_by_question_number():
    answered = rule(
        "Q-01", version(holds=all_of(blank_questions=TestKind.MISSING)), about="assessment", reader="supervisor"
    )
    signed = rule("S-01", version(done="signed_off_at"), about="assessment", reader="supervisor")
    made = world(
        "Tue 2026-11-03 06:30",
        incidents=[{"incident_ref": "I1", "reported_at": "Sun 2026-11-01 05:00", "occurrence_ref": "GC-1", "officer_id": "1482"}],
        assessments=[
            {
                "assessment_ref": "A1", "incident_ref": "I1", "submitted_at": "Sun 2026-11-01 06:00", "risk_grade": "high",
                "blank_questions": "4, 12", "signed_off_at": UNREADABLE,
            }
        ],
    )  # fmt: skip
    duties = (answered, signed)
    open_now = [standing(each.id, "A1", about="assessment", incident_ref="I1", owner_now="staff:S1") for each in duties]
    told = lists(
        Morning(
            run=THIS,
            as_at=NOW,
            due_by=NEXT,
            standings=standings(*open_now),
            verdicts=frame(judge(made, duties, (), 30_000)),
            details=real_details(made, duties),
            rules=duties,
            states=dict.fromkeys(("Q-01", "S-01"), CHECKED),
            owners=lambda *_: "staff:S1",
            directory=REACHED,
            last_told=TOLD,
            came={each.identity: BOTH[2] for each in open_now},
        )
    )
    assert brief(told["staff:S1"].tasks) == ["do Q-01 A1: blank: 4, 12"]
    assert told["staff:S1"].with_data_keeper == 1
    assert brief(told["unit"].tasks) == ["oversight Q-01 A1: blank: 4, 12; when it was signed off"]
    assert told["staff:S1"].tasks[0].grade == "high"


outcome = st.sampled_from(("breached", "undetermined", "pending", "met"))
cell = st.tuples(st.sampled_from([each.id for each in RULES]), st.sampled_from("12345"))


@given(st.dictionaries(cell, outcome), st.sets(st.sampled_from("12345")), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_every_open_exception_is_in_some_list_or_count_and_order_does_not_matter(found, high_ones, dice):
    open_now = [
        standing(*identity, owner_now="staff:S1")
        for identity, what in found.items()
        if what in ("breached", "undetermined")
    ]
    rows = [
        said(what, *identity, due_at=SOON, reason="crime" if what == "undetermined" else "")
        for identity, what in found.items()
    ]
    items = [high(ref) if ref in high_ones else shown(ref) for ref in "12345"]
    told = lists(morning(open_now, rows, items))
    for each in (open_now, rows, items):
        dice.shuffle(each)
    assert lists(morning(open_now, rows, items)) == told
    mine = told.get("staff:S1", ReaderList("staff:S1")).tasks
    overdue = {identity for identity, what in found.items() if what == "breached"}
    unclear = {ref for (_, ref), what in found.items() if what == "undetermined"}
    assert {(task.rule_id, task.item_ref) for task in mine if task.section == "do"} == overdue
    assert {task.incident_ref for task in mine if task.section == "cannot_judge"} == unclear
    overseen = {task.incident_ref for task in told.get("unit", ReaderList("unit")).tasks if task.section == "oversight"}
    assert overseen == {standing.incident_ref for standing in open_now} & high_ones


@pytest.mark.slow
def test_four_hundred_readers_and_five_thousand_exceptions_take_a_moment():
    refs = np.array([f"I{number:06d}" for number in range(40_000)], dtype=object)
    size = len(refs) * len(RULES)
    many = pd.DataFrame(
        {
            "rule_id": np.repeat(np.array([each.id for each in RULES], dtype=object), len(refs)),
            "version": V1, "about": "incident", "item_ref": np.tile(refs, len(RULES)), "incident_ref": np.tile(refs, len(RULES)),
            "outcome": np.where(np.arange(size) % 24 == 0, "breached", "met").astype(object), "reason": "",
            "due_at": pd.Series([LATE] * size, dtype="datetime64[us, UTC]"),
            "done_at": pd.Series([None] * size, dtype="datetime64[us, UTC]"),
        }
    )  # fmt: skip
    breached = many[many.outcome == "breached"]
    readers = [f"S{number}" for number in range(400)]
    open_now = [
        standing(each.rule_id, each.item_ref, owner_now=f"staff:{readers[place % 400]}")
        for place, each in enumerate(breached.itertuples())
    ]
    known = Directory(REACHED.mailboxes, dict.fromkeys(readers, "s@x.example"), {})
    items = pd.DataFrame(map(high, refs), columns=list(COLUMNS))
    made = dataclasses.replace(morning(open_now, directory=known), verdicts=many, details=items)
    started = time.process_time()
    told = lists(made)
    assert (len(open_now), len(told)) == (5_000, 401)
    assert time.process_time() - started < 3
