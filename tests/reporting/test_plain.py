"""A rule in plain English: every form of condition, clock and convention has its words."""

import pytest

from dacompliance.policy.files import load_pack
from dacompliance.reporting.conditions import condition_words, what_to_know
from dacompliance.reporting.plain import limit_words, rule_words
from tests.policy.samples import CALENDARS, RULE, changed, pack_folder


def words(tmp_path, rule=RULE, **beside):
    (found,) = load_pack(pack_folder(tmp_path, rule, **beside)).rules
    return list(rule_words(found))


def test_a_whole_rule_reads_as_its_owner_would_say_it(tmp_path):
    assert words(tmp_path) == [
        "REF-01  High-risk cases reach the MASH in time",
        "",
        "It judges every incident. It is chased: what is overdue or cannot be judged opens an exception, and the "
        'referral unit is asked: "Refer to MASH". On the list it stands as critical.',
        "",
        "Version of 1 January 2020: for incidents reported from that day. Bundled default, not force policy: nobody has "
        "approved it.",
        "  It applies where the risk grade of the incident is high.",
        "  Where nobody knows the risk grade of the incident, and nothing else settles it, it cannot be judged.",
        "  What must be done: the MASH referral within 24 hours by the clock from the start of the present grade.",
        "  Hours are real time, day and night, whatever the clocks do. The last instant is in time.",
        "  One up to 48 hours before the start counts; an earlier one does not.",
        "",
        "Source: The force's own policy.",
        "Worked cases: 1, at the end of REF-01-high-risk-to-mash.toml.",
    ]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param('grade = "high"', "the risk grade of the incident is high", id="a word"),
        pytest.param('grade = ["high", "medium"]', "the risk grade of the incident is high or medium", id="one of some"),
        pytest.param('grade = { not = "high" }', "the risk grade of the incident is not high", id="not a word"),
        pytest.param('grade = { is = "present", not = "standard" }', "the risk grade of the incident is recorded and is not standard", id="two tests of one column"),
        pytest.param('area = { is = "missing" }', "the area is not recorded", id="missing"),
        pytest.param("assessment_count = { at_least = 2 }", "the count of risk assessments is 2 or more", id="at least"),
        pytest.param("assessment_count = { at_most = 2 }", "the count of risk assessments is 2 or less", id="at most"),
        pytest.param('officer_id = { same_as = "supervisor_id" }', "the officer is the same as the supervisor", id="the same"),
        pytest.param('officer_id = { differs_from = "supervisor_id" }', "the officer is not the same as the supervisor", id="another"),
        pytest.param('crime = "yes", area = "X"', "it is a crime, and the area is X", id="two columns"),
        pytest.param(
            'any = [{ crime = "yes" }, { area = "X", grade = "high" }]',
            "one of these is so: (a) it is a crime; or (b) the area is X, and the risk grade of the incident is high",
            id="alternatives",
        ),
        pytest.param('crime = "no"', "it is no crime", id="a no"),
        pytest.param('crime = { not = "yes" }', "it is no crime", id="not a yes"),
        pytest.param('crime = { not = "no" }', "it is a crime", id="not a no"),
        pytest.param('crime = ["yes", "no"]', "the crime marker is yes or no", id="a yes or a no"),
        pytest.param('crime = { not = ["yes", "no"] }', "the crime marker is not yes or no", id="neither a yes nor a no"),
        pytest.param('crime = { is = "present", equals = "yes" }', "it is recorded that it is a crime", id="a recorded yes"),
        pytest.param('crime = { is = "present" }', "it is recorded whether it is a crime", id="a yes or no recorded"),
        pytest.param('crime = { is = "missing" }', "it is not recorded whether it is a crime", id="a yes or no missing"),
        pytest.param('crime = { same_as = "repeat_victim" }', "the crime marker is the same as the repeat victim marker", id="two yes or no alike"),
    ],
)  # fmt: skip
def test_every_form_of_condition_has_its_words(tmp_path, condition, expected):
    rule = changed(RULE, 'applies       = { grade = "high" }', f"applies = {{ {condition} }}")
    (found,) = load_pack(pack_folder(tmp_path, rule)).rules
    assert condition_words(found.versions[0].applies) == expected
    assert f"  It applies where {expected}." in list(rule_words(found))


@pytest.mark.parametrize(
    ("within", "clock", "limit", "counting"),
    [
        pytest.param("1 hours", "elapsed", "1 hour by the clock from the start of the present grade", "Hours are real time", id="hours"),
        pytest.param("3 days", "calendar", "3 days from the start of the present grade", "the last ends at midnight", id="days"),
        pytest.param(
            "4 working hours", "office", "4 working hours (office calendar) from the start of the present grade",
            "Hours count only while the office calendar is open: Mon to Fri, 09:00 to 17:00, but not on bank holidays of Scotland.", id="working hours",
        ),
        pytest.param(
            "1 working days", "office", "1 working day (office calendar) from the start of the present grade",
            "Working days are those of the office calendar: Mon to Fri, 09:00 to 17:00, but not on bank holidays of Scotland. The day of the start "
            "does not count; one that is no working day does not count, nor does the first working day after it. The last day ends at 17:00.", id="working days",
        ),
    ],
)  # fmt: skip
def test_every_clock_has_its_words(tmp_path, within, clock, limit, counting):
    rule = changed(changed(RULE, '"24 hours"', f'"{within}"'), '"elapsed"', f'"{clock}"')
    (found,) = load_pack(pack_folder(tmp_path, rule)).rules
    assert limit_words(found.versions[0]) == limit
    assert any(counting in line for line in rule_words(found))


def test_every_convention_of_a_calendar_has_its_words(tmp_path):
    calendar = CALENDARS.replace('["Mon", "Tue", "Wed", "Thu", "Fri"]', '["Mon", "Wed"]')
    calendar = calendar.replace('["09:00-17:00"]', '["09:00-12:30", "13:00-17:00"]').replace('"24:00"', '"16:00"')
    calendar = calendar.replace('"day 0"', '"day 1"').replace('"scotland"', '"none"')
    rule = changed(changed(RULE, '"24 hours"', '"2 working days"'), '"elapsed"', '"office"')
    lines = words(tmp_path, rule, calendars=calendar, holidays=None)
    assert (
        "  Working days are those of the office calendar: Mon, Wed, 09:00 to 12:30 and 13:00 to 17:00. The day of the start, "
        "after 16:00 the next day does not count; one that is no working day does not count. The last day ends at 17:00."
    ) in lines


def test_a_measured_rule_says_that_nobody_hears(tmp_path):
    lines = words(tmp_path, changed(RULE, 'severity = "critical"', 'severity = "critical"\nchase = false'))
    assert (
        lines[2] == "It judges every incident. It is measured and listed only: nothing is opened, and nobody is mailed."
    )


@pytest.mark.parametrize(
    ("early", "said"),
    [
        ('"met"', "One dated before the start counts as in time."),
        ('"undetermined"', "One dated before the start cannot be judged: somebody has to look."),
        ('"6 hours"', "One up to 6 hours before the start counts; an earlier one does not."),
    ],
)
def test_an_early_finish_has_its_words(tmp_path, early, said):
    assert f"  {said}" in words(tmp_path, changed(RULE, '"48 hours"', early))


def test_an_approval_its_minute_a_last_day_and_a_publication_are_said(tmp_path):
    dates = """in_force_from = 2020-01-01
in_force_until = 2026-12-31
published = 2019-12-01
approved = { by = "Head of Public Protection", on = 2019-11-30, minute = "item 4" }"""
    assert (
        "Version of 1 January 2020: for incidents reported from that day to 31 December 2026, its last day. Published on "
        "1 December 2019. Approved by Head of Public Protection on 30 November 2019 (item 4)."
    ) in words(tmp_path, changed(RULE, "in_force_from = 2020-01-01", dates))


def test_a_state_that_must_be_so_and_what_keeps_it_from_being_judged(tmp_path):
    milestone = 'done          = "mash_referred_at"\nearly         = "48 hours"'
    lines = words(tmp_path, changed(RULE, milestone, 'holds = { crime = "yes", area = { is = "present", not = "X" } }'))
    assert lines[7:9] == [
        "  What must be so within 24 hours by the clock from the start of the present grade: it is a crime, and "
        "the area is recorded and is not X.",
        "  Where nobody knows whether it is a crime, and nothing else settles it, it cannot be judged.",
    ]


@pytest.mark.parametrize(
    ("condition", "unknown"),
    [
        pytest.param('crime = "yes"', "whether it is a crime", id="a test"),
        pytest.param('crime = { is = "missing" }', "", id="is alone"),
        pytest.param('crime = { is = "present", equals = "yes" }', "", id="is beside the test"),
        pytest.param('officer_id = { same_as = "supervisor_id" }', "who the officer is or who the supervisor is", id="two columns"),
        pytest.param('any = [{ crime = "yes" }, { area = "X" }]', "whether it is a crime or the area", id="alternatives"),
        pytest.param('any = [{ crime = { is = "missing" } }, { crime = "no" }]', "", id="the other alternative is that it is missing"),
        pytest.param('any = [{ crime = { is = "missing" }, area = "X" }, { crime = "no" }]', "the area or whether it is a crime", id="missing alone does not settle it"),
        pytest.param('crime = { is = "present" }, any = [{ crime = "yes" }, { area = "X" }]', "the area", id="what the whole asks, its alternatives need not"),
    ],
)  # fmt: skip
def test_what_has_to_be_known_is_what_can_leave_a_condition_unknown(tmp_path, condition, unknown):
    rule = changed(RULE, 'applies       = { grade = "high" }', f"applies = {{ {condition} }}")
    (found,) = load_pack(pack_folder(tmp_path, rule)).rules
    assert what_to_know(found.versions[0].applies) == unknown


@pytest.mark.parametrize("rule", load_pack(None).rules, ids=lambda rule: rule.id)
def test_no_bundled_rule_is_told_in_a_column_s_own_name(rule):
    told = "\n".join(line for line in rule_words(rule) if not line.startswith(("Source:", "Note:", "Worked cases:")))
    assert "_" not in told
    assert "None" not in told
