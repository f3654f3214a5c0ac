"""Worked cases are judged as records are, and a wrong one fails by its name."""

from __future__ import annotations

import dataclasses

import pytest

from dacompliance.judging.cases import case_faults, run_case
from dacompliance.policy.files import load_pack
from tests.helpers import LONDON
from tests.policy.samples import RULE, changed, pack_folder

REPORTED = 'reported_at = "Mon 2026-11-02 21:10"'
CASE = changed(RULE, f'record = {{ {REPORTED}, grade = "high" }}\nexpect = "undetermined"\n', "%s\n")
WAITING = 'grade = "high", grade_since = "Mon 2026-11-02 23:40"'


def differences(tmp_path, case, rule=CASE, **beside):
    pack = load_pack(pack_folder(tmp_path, rule.replace("%s", case), **beside))
    return run_case(pack.rules[0], pack.rules[0].cases[0], pack, LONDON)


def judged(tmp_path, record, expect, rule=CASE, **more):
    says = "".join(f'\n{key} = "{value}"' for key, value in more.items())
    return differences(tmp_path, f'record = {{ {REPORTED}, {record} }}\nexpect = "{expect}"{says}', rule)


@pytest.mark.parametrize(
    ("record", "expect"),
    [
        pytest.param(f'{WAITING}, mash_referred_at = "Tue 2026-11-03 09:15"', "met", id="in time"),
        pytest.param(f'{WAITING}, mash_referred_at = "Wed 2026-11-04 06:59"', "late", id="late"),
        pytest.param(f'{WAITING}, mash_referred_at = "Wed 2026-11-04 07:01"', "breached", id="after the as-at"),
        pytest.param(f'{WAITING}, mash_referred_at = "Tue 2026-11-03"', "met", id="on a day without a time"),
        pytest.param(f'{WAITING}, mash_referred_at = "Wed 2026-11-04"', "late", id="on the day after the deadline"),
        pytest.param(f'{WAITING}, mash_referred_at = "Sat 2026-10-31 23:40"', "met", id="48 hours early"),
        pytest.param(f'{WAITING}, mash_referred_at = "Sat 2026-10-31 23:39"', "breached", id="a minute too early"),
        pytest.param(f'{WAITING}, marac_referred_at = "Tue 2026-11-03 09:15"', "breached", id="somewhere else"),
        pytest.param('grade = "medium"', "not_applicable", id="does not apply"),
        pytest.param(f'{WAITING}, excluded_reason = "duplicate"', "not_applicable", id="an excluded incident"),
        pytest.param('area = "North"', "undetermined", id="a grade that is not given"),
    ],
)
def test_a_case_is_judged_by_its_columns(tmp_path, record, expect):
    assert judged(tmp_path, record, expect) == []


def test_each_difference_is_told_in_words(tmp_path):
    found = judged(
        tmp_path,
        f'{WAITING}, mash_referred_at = "Wed 2026-11-04 06:00"',
        "met",
        due="Tue 2026-11-03 22:40",
        done="Wed 2026-11-04 06:00",
        reason="grade",
    )
    assert found == [
        "expect should be met and is late",
        "due should be Tue 2026-11-03 22:40:00 and is Tue 2026-11-03 23:40:00",
        "reason should be grade and is nothing",
    ]


def test_a_due_time_that_there_is_not_is_told(tmp_path):
    assert judged(tmp_path, 'grade = "high"', "undetermined", due="Tue 2026-11-03 23:40") == [
        "due should be Tue 2026-11-03 23:40:00 and is nothing"
    ]


def test_what_a_case_does_not_say_is_not_compared(tmp_path):
    assert judged(tmp_path, f'{WAITING}, mash_referred_at = "Tue 2026-11-03 09:15"', "met") == []


def test_a_wrong_case_fails_by_its_file_and_its_name(tmp_path):
    right = f'record = {{ {REPORTED}, {WAITING} }}\nexpect = "breached"\n'
    wrong = f'\n[[case]]\nname = "nobody referred it"\nas_at = "Wed 2026-11-04 07:00"\nrecord = {{ {REPORTED}, {WAITING} }}\n'
    pack = load_pack(pack_folder(tmp_path, CASE.replace("%s", f'{right}{wrong}expect = "pending"\nreason = "grade"')))
    assert case_faults(pack.rules, pack, LONDON) == (
        'REF-01-high-risk-to-mash.toml, case "nobody referred it": expect should be pending and is breached; reason should '
        "be grade and is nothing.",
    )


def test_every_bundled_case_fails_when_it_expects_something_else():
    pack = load_pack(None)
    for rule in pack.rules:
        for case in rule.cases:
            wrong = dataclasses.replace(case, expect="late" if case.expect == "met" else "met")
            assert run_case(rule, wrong, pack, LONDON)


def test_a_report_after_the_as_at_is_nothing_to_judge_yet(tmp_path):
    record = 'record = { reported_at = "Wed 2026-11-04 07:01" }\nexpect = "pending"'
    assert differences(tmp_path, record) == ["reported_at is after as_at, so there is nothing to judge yet"]


def test_a_due_time_is_compared_by_the_wall_clock_through_a_clock_change(tmp_path):
    october = changed(CASE, "Wed 2026-11-04 07:00", "Mon 2026-10-26 07:00")
    record = 'record = { reported_at = "Sat 2026-10-24 02:00", grade = "high", grade_since = "Sat 2026-10-24 02:00" }'
    says = 'expect = "breached"\ndue = "Sun 2026-10-25 01:00"'  # the second one o'clock of that night
    assert differences(tmp_path, f"{record}\n{says}", october) == []


@pytest.mark.parametrize(
    ("record", "says"),
    [
        pytest.param("", 'expect = "pending"\ndue = "Tue 2026-07-07 23:40"', id="the last instant"),
        pytest.param(', mash_referred_at = "Tue 2026-07-07 23:40"', 'expect = "met"\ndone = "Tue 2026-07-07 23:40"', id="done in it"),
        pytest.param(', mash_referred_at = "Tue 2026-07-07 23:41"', 'expect = "pending"', id="done a minute after, which has not happened"),
    ],
)  # fmt: skip
def test_a_case_in_summer_is_told_by_the_summer_s_clock(tmp_path, record, says):
    july = changed(CASE, "Wed 2026-11-04 07:00", "Tue 2026-07-07 23:40")
    summer = 'reported_at = "Mon 2026-07-06 21:10", grade = "high", grade_since = "Mon 2026-07-06 23:40"'
    assert differences(tmp_path, f"record = {{ {summer}{record} }}\n{says}", july) == []


def test_what_is_published_by_a_case_s_as_at_is_so_by_local_date(tmp_path):
    july = changed(CASE, "Wed 2026-11-04 07:00", "Wed 2026-07-08 00:30")
    july = changed(july, "in_force_from = 2020-01-01", "in_force_from = 2020-01-01\npublished = 2026-07-08")
    record = 'reported_at = "Mon 2026-07-06 21:10", grade = "high", grade_since = "Mon 2026-07-06 23:40"'
    assert differences(tmp_path, f'record = {{ {record} }}\nexpect = "breached"', july) == []


def test_the_version_of_a_case_is_that_of_its_local_day(tmp_path):
    july = changed(CASE, "in_force_from = 2020-01-01", "in_force_from = 2026-07-01")
    record = 'reported_at = "Wed 2026-07-01 00:30", grade = "high", grade_since = "Wed 2026-07-01 00:30"'
    assert differences(tmp_path, f'record = {{ {record} }}\nexpect = "breached"', july) == []


def test_an_evening_in_summer_is_of_its_own_day_whoever_asks_about_the_case(tmp_path):
    july = changed(CASE, "in_force_from = 2020-01-01", "in_force_from = 2026-07-01")
    record = 'reported_at = "Tue 2026-06-30 23:30", grade = "high", grade_since = "Wed 2026-07-01 00:30"'
    says = f'record = {{ {record} }}\nexpect = "not_applicable"\nreason = "no version"'
    pack = load_pack(pack_folder(tmp_path, july.replace("%s", says)))
    assert case_faults(pack.rules, pack, LONDON) == ()


def test_a_night_of_23_hours_is_one_in_the_list_of_faults_too(tmp_path):
    spring = changed(CASE, "Wed 2026-11-04 07:00", "Sun 2026-03-29 13:00")
    record = 'reported_at = "Sat 2026-03-28 11:00", grade = "high", grade_since = "Sat 2026-03-28 12:00"'
    says = f'record = {{ {record} }}\nexpect = "pending"\ndue = "Sun 2026-03-29 13:00"'
    pack = load_pack(pack_folder(tmp_path, spring.replace("%s", says)))
    assert case_faults(pack.rules, pack, LONDON) == ()


@pytest.mark.parametrize(
    ("given", "expect"),
    [
        pytest.param(", assessment_count = 2", "breached", id="enough of them"),
        pytest.param(", assessment_count = 1", "not_applicable", id="one too few"),
        pytest.param("", "undetermined", id="not given"),
    ],
)
def test_a_number_is_read_as_one(tmp_path, given, expect):
    several = changed(CASE, '{ grade = "high" }', "{ assessment_count = { at_least = 2 } }")
    assert judged(tmp_path, f"{WAITING}{given}", expect, several) == []


def test_a_day_without_a_time_is_too_early_only_when_its_local_end_is(tmp_path):
    record = 'reported_at = "Tue 2026-07-07 21:00", grade = "high", grade_since = "Tue 2026-07-07 23:30"'
    ended = f'record = {{ {record}, mash_referred_at = "%s" }}\nexpect = "%s"'
    assert differences(tmp_path, ended.replace("%s", "Sun 2026-07-05", 1).replace("%s", "met")) == []
    other = tmp_path / "other"
    other.mkdir()
    assert differences(other, ended.replace("%s", "Sat 2026-07-04", 1).replace("%s", "breached")) == []


ABOUT_ASSESSMENT = changed(
    changed(CASE, '"incident"', '"assessment"'), '{ grade = "high" }\n', '{ final_grade = "high" }\n'
)


@pytest.mark.parametrize(
    ("signed", "expect"),
    [
        pytest.param("Tue 2026-11-03 10:00", "breached", id="signed off"),
        pytest.param("Wed 2026-11-04 10:00", "undetermined", id="not signed off yet: nothing is known of it"),
    ],
)
def test_a_sign_off_that_has_not_happened_has_no_other_columns(tmp_path, signed, expect):
    record = f'{WAITING}, submitted_at = "Mon 2026-11-02 23:40", signed_off_at = "{signed}", final_grade = "high"'
    assert judged(tmp_path, record, expect, ABOUT_ASSESSMENT) == []


def test_a_form_submitted_after_the_as_at_is_nothing_to_judge_yet(tmp_path):
    record = f'{WAITING}, submitted_at = "Thu 2026-11-05 10:00"'
    assert judged(tmp_path, record, "pending", ABOUT_ASSESSMENT) == [
        "submitted_at is after as_at, so there is nothing to judge yet"
    ]


def test_an_incident_reported_after_the_as_at_leaves_its_forms_nothing_to_judge(tmp_path):
    record = 'record = { reported_at = "Wed 2026-11-04 07:01", submitted_at = "Tue 2026-11-03 10:00" }'
    assert differences(tmp_path, f'{record}\nexpect = "pending"', ABOUT_ASSESSMENT) == [
        "reported_at is after as_at, so there is nothing to judge yet"
    ]


RECEIVED = """
id       = "REF-04"
title    = "The MASH acknowledges a referral within four working hours"
action   = "Ask the MASH"
about    = "referral"
for      = "referral-unit"
severity = "minor"
source   = "The force's own policy"

[[version]]
in_force_from = 2020-01-01
applies       = { destination = "MASH" }
start         = "referred_at"
within        = "4 working hours"
clock         = "office"
done          = "received_at"

[[case]]
name   = "sent the day before Christmas"
as_at  = "Wed 2026-12-30 09:00"
record = { reported_at = "Thu 2026-12-24 08:00", destination = "mash", referred_at = "Thu 2026-12-24 15:00" }
expect = "breached"
due    = "Tue 2026-12-29 11:00"

[[case]]
name   = "sent the day before Christmas, and known on the day"
as_at  = "Tue 2026-12-29 11:00"
record = { reported_at = "Thu 2026-12-24 08:00", destination = "mash", referred_at = "Thu 2026-12-24 15:00" }
expect = "pending"
due    = "Tue 2026-12-29 11:00"
"""


def test_a_referral_is_judged_by_the_calendar_and_the_holidays_of_its_pack(tmp_path):
    pack = load_pack(pack_folder(tmp_path, RECEIVED, name="REF-04-acknowledged.toml"))
    assert case_faults(pack.rules, pack, LONDON) == ()
    without = dataclasses.replace(pack, holidays=())
    assert len(case_faults(without.rules, without, LONDON)) == 2


@pytest.mark.parametrize(
    ("received", "afterwards", "at_the_deadline"),
    [
        pytest.param("Thu 2026-12-24 13:00", "met", "met", id="two hours early is not too early"),
        pytest.param("Thu 2026-12-24 12:59", "breached", "pending", id="a minute more is"),
    ],
)
def test_a_referral_may_be_judged_by_another_destination_s_receipt(tmp_path, received, afterwards, at_the_deadline):
    rule = changed(RECEIVED, 'done          = "received_at"', 'done = "marac_received_at"\nearly = "2 hours"')
    rule = rule.replace(
        'destination = "mash"', f'destination = "mash", assessment_count = 1, marac_received_at = "{received}"'
    )
    rule = changed(changed(rule, '"breached"', f'"{afterwards}"'), '"pending"', f'"{at_the_deadline}"')
    pack = load_pack(pack_folder(tmp_path, rule, name="REF-04-acknowledged.toml"))
    assert case_faults(pack.rules, pack, LONDON) == ()


def test_a_case_knows_the_versions_published_by_its_own_day(tmp_path):
    later = (
        '[[version]]\nin_force_from = 2026-01-01\npublished = 2026-11-04\nstart = "reported_at"\nwithin = "9 days"\n'
    )
    rule = changed(CASE, "[[case]]", f'{later}clock = "calendar"\ndone = "mash_referred_at"\n\n[[case]]')
    record = f'record = {{ {REPORTED}, {WAITING} }}\nexpect = "%s"\ndue = "%s"'
    assert differences(tmp_path, record.replace("%s", "pending", 1).replace("%s", "Thu 2026-11-12 00:00"), rule) == []
    unpublished = changed(rule, "published = 2026-11-04", "published = 2026-11-05")
    other = tmp_path / "other"
    other.mkdir()
    before = record.replace("%s", "breached", 1).replace("%s", "Tue 2026-11-03 23:40")
    assert differences(other, before, unpublished) == []
