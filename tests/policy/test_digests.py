"""What changes a version's digest is what changes a verdict; approval is not."""

import dataclasses

import pytest

from dacompliance.policy.digests import version_digest
from dacompliance.policy.files import load_pack
from dacompliance.policy.model import Version
from tests.policy.samples import CALENDARS, RULE, changed, pack_folder

WORKING = changed(
    RULE, 'within        = "24 hours"\nclock         = "elapsed"', 'within = "2 working days"\nclock = "office"'
)
ANY = changed(RULE, '{ grade = "high" }\n', '{ any = [{ crime = "yes" }, { area = ["A", "B"], grade = "high" }] }\n')


def digest(tmp_path_factory, rule, calendars=CALENDARS):
    (found,) = load_pack(pack_folder(tmp_path_factory.mktemp("pack"), rule, calendars=calendars)).rules
    (only,) = found.digests
    return only


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('"24 hours"', '"25 hours"', id="the limit"),
        pytest.param('"grade_since"', '"reported_at"', id="the start"),
        pytest.param('"mash_referred_at"', '"marac_referred_at"', id="the milestone"),
        pytest.param('"48 hours"', '"undetermined"', id="early"),
        pytest.param('{ grade = "high" }\n', '{ grade = "medium" }\n', id="when it applies"),
        pytest.param('{ grade = "high" }\n', '{ grade = { not = "high" } }\n', id="a test turned round"),
        pytest.param("applies       =", "# applies =", id="that it always applies"),
        pytest.param("2020-01-01", "2020-01-02", id="the day it comes into force"),
        pytest.param("2020-01-01", "2020-01-01\nin_force_until = 2030-01-01", id="the day it ends"),
        pytest.param("2020-01-01", "2020-01-01\npublished = 2021-01-01", id="the day it was published"),
    ],
)
def test_a_change_of_meaning_changes_the_digest(tmp_path_factory, old, new):
    assert digest(tmp_path_factory, changed(RULE, old, new)) != digest(tmp_path_factory, RULE)


def test_what_the_rule_is_about_is_part_of_its_meaning(tmp_path_factory):
    (rule,) = load_pack(pack_folder(tmp_path_factory.mktemp("pack"))).rules
    assert version_digest("referral", rule.versions[0]) != rule.digests[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            "2020-01-01", '2020-01-01\napproved = { by = "The board", on = 2019-12-10 }', id="that it is approved"
        ),
        pytest.param("2020-01-01", "2020-01-01\npublished = 2020-01-01", id="a date that was meant anyway"),
        pytest.param('"Refer to MASH"', '"Send to the MASH"', id="the words of the mail"),
        pytest.param("reach the MASH in time", "reach the MASH", id="the title"),
        pytest.param('"critical"', '"major"', id="how bad it is"),
        pytest.param('{ grade = "high" }\n', '{ grade = { equals = "high" } }\n', id="the form of a test"),
        pytest.param('{ grade = "high" }\n', '{ grade = ["high", "high"] }\n', id="a word said twice"),
        pytest.param('expect = "undetermined"', 'expect = "met"', id="a worked case"),
        pytest.param("[[version]]", "# a note\n[[version]]", id="a comment"),
    ],
)
def test_a_change_of_words_does_not(tmp_path_factory, old, new):
    assert digest(tmp_path_factory, changed(RULE, old, new)) == digest(tmp_path_factory, RULE)


def test_the_order_of_tests_and_tables_does_not_matter(tmp_path_factory):
    turned = changed(
        ANY,
        '[{ crime = "yes" }, { area = ["A", "B"], grade = "high" }]',
        '[{ grade = "high", area = ["B", "A"] }, { crime = "yes" }]',
    )
    assert digest(tmp_path_factory, turned) == digest(tmp_path_factory, ANY)
    assert digest(tmp_path_factory, changed(ANY, '"A", "B"', '"A", "C"')) != digest(tmp_path_factory, ANY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('["Mon", "Tue", "Wed", "Thu", "Fri"]', '["Mon", "Tue", "Wed", "Thu"]', id="weekdays"),
        pytest.param('"09:00-17:00"', '"09:00-12:00", "13:00-17:00"', id="hours"),
        pytest.param('"scotland"', '"none"', id="holidays"),
        pytest.param('day_ends     = "17:00"', 'day_ends = "24:00"', id="day_ends"),
        pytest.param('cut_off      = "24:00"', 'cut_off = "15:00"', id="cut_off"),
        pytest.param('"day 0"', '"day 1"', id="closed_start"),
    ],
)
def test_every_convention_of_its_calendar_is_part_of_its_meaning(tmp_path_factory, old, new):
    calendars = changed(CALENDARS, old, new)
    assert digest(tmp_path_factory, WORKING, calendars) != digest(tmp_path_factory, WORKING)
    assert digest(tmp_path_factory, RULE, calendars) == digest(tmp_path_factory, RULE)


def test_a_published_version_is_the_same_whatever_becomes_of_its_calendar(tmp_path_factory):
    def of_the_version_alone(calendars):
        (rule,) = load_pack(pack_folder(tmp_path_factory.mktemp("pack"), WORKING, calendars=calendars)).rules
        return version_digest(rule.about, rule.versions[0], with_calendar=False)

    assert of_the_version_alone(CALENDARS) == of_the_version_alone(changed(CALENDARS, '"day 0"', '"day 1"'))


def test_no_part_of_a_version_is_forgotten():
    covered = {"in_force_from", "in_force_until", "published", "applies", "done", "holds", "deadline", "early"}
    assert {field.name for field in dataclasses.fields(Version)} == covered | {"approved"}
