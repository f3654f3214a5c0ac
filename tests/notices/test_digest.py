"""What a digest says: which kind it is, what is listed, what is counted, in which order, and in which words."""

from __future__ import annotations

import dataclasses
import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.exceptions.model import ClosedTask, Closing, Reader, Task
from dacompliance.notices.digest import compose, kind_of
from dacompliance.notices.model import Aside, Freshness, Progress, RuleNote
from tests.helpers import when
from tests.notices.samples import (
    AS_AT,
    EMPTY,
    FACTS,
    HOUSE,
    LAST_LIST,
    PROGRESS,
    STALE,
    TEAM,
    UNIT,
    a_morning,
    digest_of,
    facts,
    some_closed,
    task,
)

SEEN = {"is_new": False}


def references(digest, section=0):
    return [row.reference for row in digest.listings[section].rows]


def of(*tasks, **more):
    return compose(TEAM, tasks, [], more.pop("facts", FACTS), more.pop("house", HOUSE), **more)


# Kinds


@pytest.mark.parametrize(
    ("run", "tasks", "kind"),
    [
        pytest.param(FACTS, [task()], "digest", id="there is something to say"),
        pytest.param(FACTS, [], "nothing_to_do", id="all was checked and there is nothing"),
        pytest.param(EMPTY, [], "could_not_check", id="nothing was checked"),
        pytest.param(EMPTY, [task()], "could_not_check", id="nothing was checked, and something stands open"),
        pytest.param(STALE, [], "stale", id="stale comes before could not check"),
        pytest.param(STALE, [task()], "stale", id="stale comes before the list"),
        pytest.param(
            facts(not_checked=(RuleNote("RA-01", "held"),)), [], "could_not_check", id="nothing found is no all-clear"
        ),
        pytest.param(facts(not_checked=(RuleNote("RA-01", "held"),)), [task()], "digest", id="one rule was held"),
        pytest.param(
            facts(freshness=(Freshness("staff", None, "short"),)),
            [],
            "nothing_to_do",
            id="a short set no rule rests on",
        ),
    ],
)
def test_which_e_mail_it_is(run, tasks, kind):
    assert kind_of(tasks, run) == kind


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (
            "digest",
            "OFFICIAL-SENSITIVE - DA checks Tue 10 Mar - Cheltenham Response B: 4 to do (1 critical), 2 due soon, 8 open",
        ),
        ("nothing_to_do", "OFFICIAL-SENSITIVE - DA checks Tue 10 Mar - Referral unit: nothing to do"),
        ("could_not_check", "OFFICIAL-SENSITIVE - DA checks Tue 10 Mar - Referral unit: could not check"),
        ("stale", "OFFICIAL-SENSITIVE - DA checks Tue 10 Mar - Referral unit: the records are stale, 31 hours old"),
    ],
)
def test_each_kind_says_so_in_its_subject_and_heading(kind, subject):
    digest = digest_of(kind)
    assert digest.kind == kind
    assert digest.subject == subject
    assert digest.heading in subject


def test_some_rules_not_checked_is_said_before_all_else_and_not_called_nothing():
    digest = of(facts=facts(not_checked=(RuleNote("REF-01", "the referrals came short"),)))
    assert digest.heading == "Cheltenham Response B: could not check everything"
    assert digest.warnings == ("1 rule was not checked: REF-01 (the referrals came short).",)
    assert digest.summary == ()


def test_stale_records_praise_nothing():
    assert digest_of("stale").progress == ()
    assert digest_of("digest").progress != ()


@pytest.mark.parametrize(
    ("freshness", "said"),
    [
        (
            Freshness("assessments", when("Sun 2026-03-08 23:10"), "stale"),
            "The assessments are stale: known only to 23:10 on Sun 8 Mar, 31 hours before this check.",
        ),
        (Freshness("referrals", None, "stale"), "The referrals are stale: known only to an unknown time."),
        (Freshness("incidents", AS_AT, "empty"), "The incidents came empty, and did not before."),
        (
            Freshness("incidents", AS_AT, "short"),
            "The incidents came incomplete: far fewer can be used than at the last check.",
        ),
    ],
)
def test_each_fault_of_the_records_has_its_own_words(freshness, said):
    assert said in of(facts=facts(freshness=(freshness,))).warnings


# Order and rows


def test_do_today_is_critical_and_high_risk_first_then_the_longest_overdue():
    digest = of(
        task("young", due="Tue 2026-03-10 01:00"),
        task("old", due="Sat 2026-03-07 09:00"),
        task("high", "SUP-01", grade="high", due="Tue 2026-03-10 02:00"),
        task("critical", "REF-01", grade="", due="Tue 2026-03-10 03:00"),
        task("critical and high", "REF-01", grade="high", due="Tue 2026-03-10 04:00"),
        task("minor", "SUP-01", due="Fri 2026-03-06 09:00"),
    )
    assert references(digest) == ["critical and high", "critical", "high", "old", "young", "minor"]


def test_what_is_due_soon_is_in_order_of_its_due_time():
    soon = {"section": "due_soon", "opened": None}
    digest = of(
        task("second", "REF-01", due="Tue 2026-03-10 17:00", **soon), task("first", due="Tue 2026-03-10 09:00", **soon)
    )
    assert references(digest) == ["first", "second"]


@given(st.permutations(a_morning()))
def test_the_order_in_which_tasks_come_changes_nothing(tasks):
    assert compose(TEAM, tasks, some_closed(), FACTS, HOUSE, since=LAST_LIST, progress=[PROGRESS]) == digest_of(
        "digest"
    )


@given(st.lists(st.sampled_from(a_morning()), max_size=40), st.integers(1, 60))
def test_rows_never_pass_the_cap_and_nothing_is_lost_in_counting(tasks, most):
    digest = compose(TEAM, tasks, [], FACTS, dataclasses.replace(HOUSE, max_rows=most))
    rows = sum(len(listing.rows) for listing in digest.listings)
    counted = digest.still_open.counted_only if digest.still_open else 0
    assert rows <= most
    assert sum(listing.total for listing in digest.listings) + counted == len(tasks)
    assert rows == most or all(listing.more == 0 for listing in digest.listings)


def test_what_is_new_or_high_risk_has_a_row_before_what_was_there_yesterday():
    old = [task(f"OLD{number}", rule="REF-01", due="Mon 2026-02-02 06:00", **SEEN) for number in range(9)]
    tasks = [
        *old,
        task("NEW", "SUP-01"),
        task("SOON", section="due_soon", due="Tue 2026-03-10 17:00", opened=None, **SEEN),
        task("HIGH", "SUP-01", section="oversight", grade="high", **SEEN),
        task("SEEN", section="oversight", grade="", **SEEN),
    ]
    made = compose(TEAM, tasks, [], FACTS, dataclasses.replace(HOUSE, max_rows=4))
    listed = [[row.reference for row in listing.rows] for listing in made.listings]
    assert listed == [["OLD0", "NEW"], ["SOON"], ["HIGH"]]
    assert [listing.more for listing in made.listings] == [8, 0, 1]
    everything = compose(TEAM, tasks, [], FACTS, HOUSE)
    assert references(everything)[0] == "OLD0", "where there is room the order is that of urgency"


def test_the_cap_is_spent_in_the_order_of_the_sections():
    tasks = [task(f"D{number}") for number in range(3)] + [task("S", section="due_soon", due="Tue 2026-03-10 17:00")]
    digest = compose(TEAM, tasks, [], FACTS, dataclasses.replace(HOUSE, max_rows=2))
    assert [(len(listing.rows), listing.more) for listing in digest.listings] == [(2, 1), (0, 1)]
    assert "3 to do, 1 due soon, 3 open" in digest.subject


# What is only counted


@pytest.mark.parametrize(
    ("found", "listed"),
    [
        pytest.param(task(due="Fri 2026-03-06 06:01", **SEEN), True, id="three days and some hours"),
        pytest.param(task(due="Fri 2026-03-06 06:00", **SEEN), False, id="four days to the minute"),
        pytest.param(task(due="Fri 2026-03-06 06:00"), True, id="old but new to the reader"),
        pytest.param(task(due="Mon 2026-03-02 06:00", times_reopened=1), True, id="old and back"),
        pytest.param(task(rule="REF-01", due="Mon 2026-03-02 06:00", **SEEN), True, id="old and critical"),
        pytest.param(task(grade="high", due="Mon 2026-03-02 06:00", **SEEN), True, id="old and high risk"),
        pytest.param(
            task(section="cannot_judge", due=None, opened="Mon 2026-03-02 06:00", **SEEN), False, id="long unjudged"
        ),
        pytest.param(
            task(section="oversight", due="Mon 2026-03-02 06:00", **SEEN), True, id="oversight is not thinned"
        ),
        pytest.param(task(due=None, opened=None, **SEEN), True, id="no age at all"),
    ],
)
def test_after_day_three_an_ordinary_case_is_only_counted(found, listed):
    digest = of(found)
    assert bool(digest.listings) is listed
    if not listed:
        assert digest.still_open.counted_only == 1
        assert digest.kind == "digest"
        assert digest.heading == "Cheltenham Response B: nothing new to do"


def test_the_oldest_is_the_oldest_of_the_list_it_stands_above():
    counted = task("old", due="Fri 2026-02-27 10:00", **SEEN)
    assert "The oldest has been overdue for 21 hours." in of(task("young"), counted).summary
    assert not [each for each in of(counted).summary if "oldest" in each]
    monday = facts(local_date=dt.date(2026, 3, 9), as_at=when("Mon 2026-03-09 06:00"))
    assert "The oldest has been overdue for 9 days." in of(counted, facts=monday).summary


def test_on_a_monday_all_is_listed_one_by_one():
    monday = facts(local_date=FACTS.local_date.replace(day=9), as_at=when("Mon 2026-03-09 06:00"))
    digest = of(task(due="Mon 2026-03-02 06:00", **SEEN), facts=monday)
    assert references(digest) == ["WM-26-1001"]
    assert digest.still_open.counted_only == 0


def test_still_open_counts_every_own_case_by_age_and_the_unlisted_by_officer():
    still = digest_of("digest").still_open
    assert still.bands == (("0 to 3 days", 4), ("4 to 7 days", 3), ("over 7 days", 1))
    assert still.counted_only == 3
    assert still.officers == (("1977", 2), ("not recorded", 1))


@pytest.mark.parametrize(
    ("number", "note"),
    [
        (0, ""),
        (1, "1 of these is over 3 days old, neither critical nor high risk, and listed one by one on Mondays only."),
        (2, "2 of these are over 3 days old, neither critical nor high risk, and listed one by one on Mondays only."),
    ],
)
def test_what_is_only_counted_is_explained(number, note):
    tasks = [task(f"R{each}", due="Mon 2026-03-02 06:00", **SEEN) for each in range(number)]
    assert of(task(), *tasks).still_open.note == note


def test_only_five_officers_are_named_by_number():
    tasks = [task(f"R{each}", due="Mon 2026-03-02 06:00", officer=f"{each:04}", **SEEN) for each in range(13)]
    officers = of(*tasks).still_open.officers
    assert len(officers) == 6
    assert officers[-1] == ("others", 8)


def test_nothing_open_has_no_table_of_ages():
    assert of(task(section="due_soon", due="Tue 2026-03-10 17:00")).still_open is None


# A row


def test_a_row_has_what_a_supervisor_needs():
    (row,) = of(task("WM-26-1007", "RA-02", missing="blank: 5, 9", officer="2210")).listings[0].rows
    assert (row.reference, row.risk, row.officer) == ("WM-26-1007", "medium risk", "2210")
    assert (row.action, row.missing, row.rule) == ("Ask the blank questions", "blank: 5, 9", "RA-02")
    assert (row.when, row.label, row.stands_out) == ("21 hours overdue", "NEW", False)
    assert row.link == "https://records.westmere.police.example/occurrence/WM-26-1007"


@pytest.mark.parametrize(
    ("found", "when_", "label"),
    [
        (task(due="Tue 2026-03-10 05:30"), "less than an hour overdue", "NEW"),
        (task(due="Sun 2026-03-08 06:00", **SEEN), "2 days overdue", ""),
        (task(times_reopened=1), "21 hours overdue", "BACK"),
        (task(times_reopened=3), "21 hours overdue", "BACK, 3 times"),
        (task(times_reopened=3, **SEEN), "21 hours overdue", ""),
        (task(section="due_soon", due="Tue 2026-03-10 17:00", **SEEN), "by 17:00 today", ""),
        (task(section="cannot_judge", due="Sun 2026-03-08 06:00"), "open for 2 days", "NEW"),
        (task(section="cannot_judge", due=None, opened="Tue 2026-03-10 03:00"), "open for 3 hours", "NEW"),
        (task(due=None, opened=None), "open", "NEW"),
        (task(section="oversight", due="Tue 2026-03-10 17:00", **SEEN), "by 17:00 today", ""),
        (task(due="Tue 2026-03-10 06:00"), "by 06:00 today", "NEW"),
    ],
)
def test_a_row_says_how_late_or_by_when(found, when_, label):
    (row,) = of(found).listings[0].rows
    assert (row.when, row.label) == (when_, label)


def test_what_is_blank_is_said_in_words():
    (row,) = of(task(officer="", grade="", occurrence_ref="", missing="", approved=False)).listings[0].rows
    assert (row.officer, row.risk) == ("not recorded", "not graded")
    assert row.reference == "I-WM-26-1001"
    assert row.missing == "A risk assessment is submitted by the next working day"
    assert row.rule == "RA-01, bundled default"


def test_oversight_says_who_must_act_and_the_unjudged_what_is_unclear():
    digest = of(
        task(section="cannot_judge", missing="when it was signed off"), task(section="oversight", team="Stroud A")
    )
    assert digest.listings[0].rows[0].missing == "unclear: when it was signed off"
    assert digest.listings[1].rows[0].action == "Submit the assessment (Stroud A)"


@pytest.mark.parametrize(
    ("template", "link"),
    [
        (None, ""),
        ("https://rms/o?ref={occurrence_ref}", "https://rms/o?ref=A%2F1%3F%23%26%22"),
        ("https://rms/i/{incident_ref}", "https://rms/i/I%7Bx%7D"),
        ("https://rms/{incident_ref}/{occurrence_ref}", "https://rms/I%7Bx%7D/A%2F1%3F%23%26%22"),
    ],
)
def test_the_link_to_the_record_quotes_the_reference_whole(template, link):
    found = task(incident_ref="I{x}", occurrence_ref='A/1?#&"')
    (row,) = of(found, house=dataclasses.replace(HOUSE, record_link=template)).listings[0].rows
    assert row.link == link


def test_oversight_puts_what_is_graded_high_before_what_nobody_has_graded():
    ungraded = task("U", rule="REF-01", section="oversight", grade="", due="Mon 2026-03-02 06:00")
    made = of(ungraded, task("H", rule="SUP-01", section="oversight", grade="high"))
    assert references(made) == ["H", "U"]


@pytest.mark.parametrize(
    ("number", "incident", "shared", "expected"),
    [
        pytest.param("WM-1", "WM-1/2", False, "WM-1", id="one victim: the number a sergeant can type"),
        pytest.param("WM-1", "WM-1/2", True, "WM-1/2", id="several: the number and which of them"),
        pytest.param("WM-1", "993", True, "WM-1 (993)", id="several, whose references look otherwise"),
        pytest.param("WM-1", "WM-1", True, "WM-1", id="the number is the reference"),
    ],
)
def test_two_victims_of_one_occurrence_are_told_apart(number, incident, shared, expected):
    made = of(task(number, incident_ref=incident, item_ref=incident, shared=shared))
    assert references(made) == [expected]
    gone = ClosedTask("RA-01", "", incident, number, Closing.DONE, False, incident, shared)
    assert compose(TEAM, [], [gone], FACTS, HOUSE, since=LAST_LIST).closed == (f"1 done: {expected}.",)


def test_two_forms_of_one_incident_with_one_fault_are_told_apart():
    forms = [task(rule="SUP-01", item_ref=ref, about="assessment", missing="no sign-off") for ref in ("A1", "A2")]
    made = of(*forms, task("OTHER", "SUP-01", item_ref="A3", about="assessment", missing="no sign-off"))
    assert {row.missing for row in made.listings[0].rows} == {
        "no sign-off",
        "no sign-off (form A1)",
        "no sign-off (form A2)",
    }


def test_the_dispute_link_names_rule_and_references_to_the_policy_contact():
    (row,) = of(task("WM 1&2", item_ref="F-77")).listings[0].rows
    link = urlsplit(row.dispute)
    query = parse_qs(link.query)
    assert (link.scheme, link.path) == ("mailto", "da.policy@westmere.police.example")
    assert query["subject"] == ["OFFICIAL-SENSITIVE - wrong or already done: RA-01 WM 1&2"]
    assert query["body"][0].startswith(
        "Rule: RA-01\r\nReference: WM 1&2\r\nItem: F-77\r\nList: team:Cheltenham Response B, 2026-03-10\r\n"
    )


def test_without_a_policy_contact_there_is_no_dispute_link():
    (row,) = of(task(), house=dataclasses.replace(HOUSE, policy_contact=None)).listings[0].rows
    assert row.dispute == ""


def test_what_is_kept_beside_a_digest_is_what_it_has_rows_for_and_what_it_says_is_closed():
    few = dataclasses.replace(HOUSE, max_rows=2)
    made = compose(TEAM, [task(str(number)) for number in range(4)], some_closed()[:1], FACTS, few, since=LAST_LIST)
    assert [(each.section, each.incident_ref) for each in made.cases] == [
        ("do", "I-0"),
        ("do", "I-1"),
        ("closed", "I-880"),
    ]


def test_a_task_has_no_place_for_a_person():
    """References only, by construction: a new field of a task must be thought about here before it can be shown."""
    assert {field.name for field in dataclasses.fields(Task)} == {
        *("section", "rule_id", "title", "action", "severity", "approved", "item_ref", "incident_ref"),
        *("occurrence_ref", "grade", "area", "team", "officer", "missing", "due_at", "opened_at", "is_new"),
        *("times_reopened", "disputed", "disputed_at", "about", "shared"),
    }


def test_a_dispute_is_said_in_its_row_by_day_and_claim():
    (row,) = of(task(disputed="already done, not recorded", disputed_at=AS_AT)).listings[0].rows
    assert row.disputed == "disputed on Tue 10 Mar: already done, not recorded"
    (row,) = of(task()).listings[0].rows
    assert row.disputed == ""


# Importance, closed, progress, trust


@pytest.mark.parametrize(
    ("found", "important"),
    [
        (task(rule="REF-01"), True),
        (task(rule="REF-01", **SEEN), False),
        (task(rule="REF-01", grade="high", **SEEN), True),
        (task(rule="REF-01", times_reopened=1), True),
        (task(rule="REF-01", due="Tue 2026-03-10 06:00"), False),
        (task(rule="RA-01", grade="high"), False),
        (task(rule="REF-01", section="oversight"), False),
        (task(rule="REF-01", section="cannot_judge"), False),
    ],
)
def test_only_an_overdue_critical_case_of_one_s_own_is_important_a_new_one_once_and_high_risk_daily(found, important):
    assert of(found).important is important


def test_done_is_told_apart_from_what_merely_went_away():
    digest = compose(TEAM, [], some_closed(), FACTS, HOUSE, since=LAST_LIST)
    assert digest.closed_heading == "Closed since the last list (Mon 9 Mar)"
    assert digest.closed == (
        "8 done, 1 of them late: WM-26-0880, WM-26-0881, WM-26-0882, WM-26-0883, WM-26-0884, WM-26-0885 and 2 more.",
        "1 closed without being done (the incident was excluded): WM-26-0871.",
        "1 closed without being done (gone from the records): WM-26-0872.",
    )


@pytest.mark.parametrize("how", [how for how in Closing if how is not Closing.DONE])
def test_only_done_is_called_done(how):
    (sentence,) = compose(TEAM, [], [ClosedTask("RA-01", "", "A-1", "O-1", how, False)], FACTS, HOUSE).closed
    assert sentence.startswith("1 closed without being done (")
    assert sentence.endswith("): O-1.")


def test_a_first_list_has_closed_nothing_and_a_later_one_says_that_nothing_was_closed():
    assert of(task()).closed == ()
    assert of(task(), since=LAST_LIST).closed == ("Nothing was closed.",)


@pytest.mark.parametrize(
    ("progress", "first", "second"),
    [
        (
            PROGRESS,
            "Risk assessments complete, the whole force, last 28 days: 193 of 212 (91%), likely 86 to 94%.",
            "The 28 days before: 180 of 204 (88%). No real change.",
        ),
        (
            Progress(3, 4, 0, 0, "Too few to tell.", (0.3, 0.95)),
            "Risk assessments complete, the whole force, last 28 days: 3 of 4.",
            "The 28 days before: no cases. Too few to tell.",
        ),
    ],
)
def test_how_it_is_going_gives_numbers_and_whether_it_really_changed(progress, first, second):
    assert of(task(), progress=[progress]).progress == (first, second)


def test_a_team_reads_its_own_figure_before_the_force_s():
    team = dataclasses.replace(PROGRESS, done=9, of=9, of_whom="team Cheltenham Response B", interval=None)
    said = of(task(), progress=[team, PROGRESS]).progress
    assert said[0] == "Risk assessments complete, team Cheltenham Response B, last 28 days: 9 of 9."
    assert "the whole force" in said[2]


def test_what_the_list_rests_on_and_leaves_out_is_said():
    run = facts(bundled=("RA-01", "SUP-01"), unreadable=0)
    made = of(task(), facts=run, aside=Aside(waived=1, suspended=2, with_data_keeper=3, not_checked=4))
    assert made.trust == (
        "4,120 incidents checked by 9 rules, as at 06:00 today.",
        "Records: incidents to 06:00 today, assessments to 06:00 today, referrals to 23:40 on Mon 9 Mar.",
        "3 rows set aside or without an incident: what rests on them is not judged until they are mended.",
        "Bundled defaults, not force policy: RA-01, SUP-01.",
    )
    assert made.left_out == (
        "Switched off: DV-02 (protection_notice_considered_at is not mapped).",
        "1 open exception waived: not chased, still counted as not compliant.",
        "2 open exceptions suspended: the rule is switched off.",
        "4 open exceptions of rules not checked: counted here, not listed.",
        "3 open exceptions with the keeper of the data: a cell cannot be read, or a form is not listed.",
    )


@pytest.mark.parametrize(
    ("set_aside", "unreadable", "said"),
    [
        (1, 0, "1 row set aside or without an incident: "),
        (0, 1, "1 unreadable cell: "),
        (2, 3, "2 rows set aside or without an incident and 3 unreadable cells: "),
    ],
)
def test_bad_rows_are_counted_where_there_are_any(set_aside, unreadable, said):
    trust = of(task(), facts=facts(set_aside=set_aside, unreadable=unreadable)).trust
    assert any(sentence.startswith(said) for sentence in trust)
    assert not any("mended" in sentence for sentence in of(task(), facts=facts(set_aside=0, unreadable=0)).trust)


def test_the_preheader_says_what_is_worth_opening_the_mail_for():
    assert digest_of("digest").preheader == "1 high risk, 8 open, oldest 10 days."
    assert digest_of("nothing_to_do").preheader == "Nothing to do. 4,120 incidents checked."
    assert digest_of("stale").preheader == "Do not take this list for the whole picture."


@pytest.mark.parametrize(
    ("found", "subject", "preheader"),
    [
        pytest.param([task(section="escalated", **SEEN)], "1 escalated", "0 high risk, 1 with others, oldest 0 days.", id="escalated"),
        pytest.param([task(section="oversight", grade="high")], "nothing new to do, 1 under oversight", "1 high risk, 1 with others, oldest 0 days.", id="under oversight"),
        pytest.param([task(section="escalated"), task("B", section="oversight")], "1 escalated, 1 under oversight", "0 high risk, 2 with others, oldest 0 days.", id="both"),
        pytest.param([task(), task("B", section="oversight", grade="high")], "1 to do, 1 open", "0 high risk, 1 open, oldest 0 days.", id="what is one's own comes first"),
        pytest.param([task(section="due_soon", due="Tue 2026-03-10 17:00")], "nothing new to do, 1 due soon, 0 open", "0 high risk, 0 open, oldest 0 days.", id="only what falls due"),
    ],
)  # fmt: skip
def test_a_subject_never_says_that_there_is_nothing_where_someone_else_s_case_is_told_of(found, subject, preheader):
    digest = of(*found)
    assert digest.subject.partition(": ")[2] == subject
    assert digest.preheader == preheader


@given(st.text(), st.text(), st.text())
def test_no_text_from_outside_can_break_the_subject(title, force, marking):
    house = dataclasses.replace(HOUSE, force=force, marking=marking)
    digest = compose(Reader("team:x", "a@b", False, title), [task()], [], FACTS, house)
    assert digest.subject.isprintable()
    assert digest.subject.endswith(": 1 to do, 1 open")


def test_a_rehearsal_says_that_its_reader_has_not_had_it():
    foot = of(task(), house=dataclasses.replace(HOUSE, rehearsal=True)).foot
    assert foot[0] == "For: Cheltenham Response B. A rehearsal: sent to its reviewer and to nobody else."


def test_the_backlog_is_counted_and_not_listed():
    run = facts(backlog=412, chase_from=dt.date(2025, 10, 15))
    assert "412 older cases, reported before Wed 15 Oct 2025: measured, not chased." in of(task(), facts=run).left_out


def test_what_is_escalated_is_a_section_of_its_own_that_says_who_must_act():
    made = of(task("E", section="escalated", **SEEN), task("O", section="oversight", grade="high"))
    assert [each.heading for each in made.listings] == ["Escalated", "Oversight"]
    assert made.listings[0].rows[0].action == "Submit the assessment (Cheltenham Response B)"
    assert "1 case escalated to you." in made.summary


def test_the_reader_is_named_at_the_foot_with_the_run():
    assert compose(UNIT, [], [], FACTS, HOUSE).foot == (
        "Sent to: Referral unit.",
        "Run 128 (morning), checked at 06:31 today.",
        "This list says what was recorded and when. It does not say that an assessment was good.",
    )
