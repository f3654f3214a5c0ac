"""What is worth mending in a pack that can be read."""

import datetime as dt

import pytest

from dacompliance.policy.advice import advice, outcomes
from dacompliance.policy.files import load_pack
from tests.policy.samples import CALENDARS, RULE, changed, pack_folder

TODAY = dt.date(2026, 11, 3)
APPROVED = 'in_force_from = 2020-01-01\napproved = { by = "Somebody", on = 2025-12-10 }'
ALL_CASES = "".join(
    f"""
[[case]]
name   = "{expect}"
as_at  = "{as_at}"
record = {{ reported_at = "Mon 2026-11-02 21:10", grade_since = "Mon 2026-11-02 23:40", {record} }}
expect = "{expect}"
due    = "Tue 2026-11-03 23:40"
"""
    for expect, as_at, record in [
        ("pending", "Tue 2026-11-03 23:40", 'grade = "high"'),
        ("met", "Wed 2026-11-04 07:00", 'grade = "high", mash_referred_at = "Tue 2026-11-03 09:15"'),
        ("late", "Fri 2026-11-06 07:00", 'grade = "high", mash_referred_at = "Thu 2026-11-05 09:15"'),
        ("breached", "Wed 2026-11-04 07:00", 'grade = "high"'),
        ("not_applicable", "Wed 2026-11-04 07:00", 'grade = "medium"'),
    ]
)
GOOD = changed(RULE, "in_force_from = 2020-01-01", APPROVED) + ALL_CASES
UNTIL_2028 = """
holiday = [
  { date = 2026-12-25, nation = "scotland", name = "Christmas Day", announced = 2024-01-01 },
  { date = 2027-12-27, nation = "scotland", name = "Christmas Day (substitute day)", announced = 2025-01-01 },
]
"""


def advised(tmp_path, rule=GOOD, known=("MASH",), holidays=UNTIL_2028, **beside):
    pack = load_pack(pack_folder(tmp_path, rule, holidays=holidays, **beside))
    return list(advice(pack, TODAY, known))


def test_a_pack_with_nothing_to_mend_is_told_nothing(tmp_path):
    assert advised(tmp_path) == []


def test_a_destination_that_nobody_knows_is_named_with_its_rules(tmp_path):
    (line,) = advised(tmp_path, known=("MARAC",))
    assert line.startswith("REF-01: no referral goes to MASH")


def test_a_destination_is_known_however_it_is_written(tmp_path):
    rule = GOOD.replace("mash_referred_at", "children_s_services_referred_at")
    assert advised(tmp_path, rule, known=("CHILDREN'S SERVICES",)) == []


def test_where_nobody_can_say_what_is_known_no_destination_is_named(tmp_path):
    assert advised(tmp_path, known=None) == []


def test_a_calendar_without_next_year_is_named(tmp_path):
    (line,) = advised(tmp_path, holidays=UNTIL_2028.replace("2027-12-27", "2026-12-28"))
    assert line.startswith("calendars.toml, office: its bank holidays end before 2027 does.")


def test_a_calendar_of_nobody_s_holidays_never_ends(tmp_path):
    assert advised(tmp_path, calendars=changed(CALENDARS, '"scotland"', '"none"'), holidays=None) == []


def test_a_version_nobody_has_approved_is_named(tmp_path):
    (line,) = advised(tmp_path, changed(GOOD, APPROVED, "in_force_from = 2020-01-01"))
    assert line == "REF-01: nobody has approved version 2020-01-01. Whoever may, adds approved to it."


def test_a_rule_without_cases_is_named_once(tmp_path):
    (line,) = advised(tmp_path, GOOD[: GOOD.index("[[case]]")])
    assert line.startswith("REF-01: has no worked case.")


@pytest.mark.parametrize("missing", ["met", "late", "not_applicable"])
def test_an_outcome_without_a_case_is_named(tmp_path, missing):
    other = {"met": "breached", "late": "breached", "not_applicable": "breached"}[missing]
    (line,) = advised(tmp_path, GOOD.replace(f'expect = "{missing}"', f'expect = "{other}"'))
    assert line == f"REF-01: no worked case expects {missing}. Add one of each."


def test_a_rule_never_looked_at_in_its_last_instant_is_named(tmp_path):
    (line,) = advised(tmp_path, changed(GOOD, '"Tue 2026-11-03 23:40"\nrecord', '"Tue 2026-11-03 23:00"\nrecord'))
    assert line.startswith("REF-01: no worked case is looked at in the last instant")


@pytest.mark.parametrize(
    ("old", "new", "without"),
    [
        pytest.param('applies       = { grade = "high" }\n', "", {"not_applicable", "undetermined"}, id="it applies to all"),
        pytest.param('done          = "mash_referred_at"\nearly         = "48 hours"', "holds = { grade = \"high\" }", {"late"}, id="a state is never late"),
        pytest.param(
            'done          = "mash_referred_at"\nearly         = "48 hours"',
            'holds = { area = { is = "present" } }', {"late", "undetermined"}, id="a state that is never unknown",
        ),
        pytest.param('early         = "48 hours"', 'early = "undetermined"', set(), id="a finish that cannot be judged"),
        pytest.param("not there", "not there", {"undetermined"}, id="as it is"),
    ],
)  # fmt: skip
def test_the_outcomes_asked_for_are_those_a_rule_can_surely_have(tmp_path, old, new, without):
    (rule,) = load_pack(pack_folder(tmp_path, RULE.replace(old, new))).rules
    every = {"not_applicable", "undetermined", "pending", "met", "late", "breached"}
    assert set(outcomes(rule)) == every - without


def test_without_a_limit_nothing_is_pending_or_late(tmp_path):
    text = RULE.replace('start         = "grade_since"\nwithin        = "24 hours"\nclock         = "elapsed"\n', "")
    text = text.replace('early         = "48 hours"\n', "").replace(
        'severity = "critical"', 'severity = "critical"\nchase = false'
    )
    (rule,) = load_pack(pack_folder(tmp_path, text)).rules
    assert set(outcomes(rule)) == {"not_applicable", "met", "breached"}


def test_the_bundled_pack_lacks_only_an_approval_and_a_list_of_destinations():
    lines = list(advice(load_pack(None), dt.datetime.now(dt.UTC).date(), ("MASH", "MARAC", "CHILDREN")))
    assert all("nobody has approved" in line for line in lines)
