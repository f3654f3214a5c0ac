"""Whole rule files become the model they say; what may be left out has the meaning the format gives it."""

import datetime as dt

import pytest

from dacompliance.policy.calendars import calendars_ending, holidays_until
from dacompliance.policy.files import load_pack, load_rule
from dacompliance.policy.model import (
    Approval,
    Calendar,
    Clock,
    Condition,
    Deadline,
    Holiday,
    Test,
    TestKind,
    Version,
    WorkedCase,
)
from dacompliance.records.contract import Kind
from tests.policy.samples import CALENDARS, HOLIDAYS, RULE, RULE_FILE, changed, pack_folder, wall


def versions(tmp_path, old="", new="", **beside):
    return only(tmp_path, changed(RULE, old, new) if old else RULE, **beside).versions


def only(tmp_path, rule, own=None, **beside):
    (found,) = load_pack(pack_folder(tmp_path, rule, **beside), own).rules
    return found


def test_a_rule_says_what_its_file_says(tmp_path):
    rule = only(tmp_path, RULE)
    assert (rule.id, rule.about, rule.reader, rule.severity) == ("REF-01", "incident", "referral-unit", "critical")
    assert (rule.title, rule.action) == ("High-risk cases reach the MASH in time", "Refer to MASH")
    assert (rule.source, rule.chase, rule.note) == ("The force's own policy", True, "")
    assert (rule.file, rule.text) == (RULE_FILE, RULE)
    assert rule.versions == (
        Version(
            in_force_from=dt.date(2020, 1, 1),
            published=dt.date(2020, 1, 1),
            applies=Condition((Test("grade", TestKind.IN, ("high",)),)),
            done="mash_referred_at",
            deadline=Deadline("grade_since", 24, Clock.HOURS),
            early=48,
        ),
    )
    assert rule.cases == (
        WorkedCase(
            name="referred the next morning",
            as_at=wall("2026-11-04 07:00"),
            record={"reported_at": wall("2026-11-02 21:10"), "grade": "high"},
            expect="undetermined",
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        pytest.param('early         = "48 hours"\n', "", "early", "met", id="early left out is met"),
        pytest.param('"48 hours"', '"met"', "early", "met", id="early met"),
        pytest.param('"48 hours"', '"undetermined"', "early", "undetermined", id="early undetermined"),
        pytest.param("applies       =", "# applies =", "applies", None, id="applies left out is always"),
        pytest.param(
            "2020-01-01", "2020-01-01\npublished = 2021-05-06", "published", dt.date(2021, 5, 6), id="published later"
        ),
        pytest.param(
            "2020-01-01",
            '2020-01-01\napproved = { by = "Head of PP", on = 2019-12-10, minute = "item 4" }',
            "approved",
            Approval("Head of PP", dt.date(2019, 12, 10), "item 4"),
            id="approved",
        ),
        pytest.param(
            "2020-01-01",
            "2020-01-01\nin_force_until = 2020-01-01",
            "in_force_until",
            dt.date(2020, 1, 1),
            id="in force for one day",
        ),
    ],
)
def test_a_version_says_what_its_table_says(tmp_path, old, new, field, value):
    (version,) = versions(tmp_path, old, new)
    assert getattr(version, field) == value


@pytest.mark.parametrize(
    ("within", "clock", "amount", "counts", "calendar"),
    [
        pytest.param("1 hours", "elapsed", 1, Clock.HOURS, None, id="elapsed hours"),
        pytest.param("28 days", "calendar", 28, Clock.DAYS, None, id="calendar days"),
        pytest.param("4 working hours", "office", 4, Clock.WORKING_HOURS, "office", id="working hours"),
        pytest.param("1 working days", "office", 1, Clock.WORKING_DAYS, "office", id="working days"),
    ],
)
def test_a_deadline_is_counted_by_one_of_four_clocks(tmp_path, within, clock, amount, counts, calendar):
    old = 'within        = "24 hours"\nclock         = "elapsed"'
    (version,) = versions(tmp_path, old, f'within = "{within}"\nclock = "{clock}"')
    assert version.deadline is not None
    assert (version.deadline.amount, version.deadline.clock) == (amount, counts)
    assert (version.deadline.calendar and version.deadline.calendar.name) == calendar


def test_versions_stand_in_order_of_their_dates(tmp_path):
    earlier = '[[version]]\nin_force_from = 2015-01-01\nin_force_until = 2019-12-31\nholds = { crime = "yes" }\n'
    deadline = 'start = "reported_at"\nwithin = "9 hours"\nclock = "elapsed"\n'
    found = versions(tmp_path, "[[case]]", f"{earlier}{deadline}\n[[case]]")
    assert [version.in_force_from.year for version in found] == [2015, 2020]


def test_a_rule_that_is_only_measured_needs_no_deadline(tmp_path):
    rule = changed(RULE, 'about    = "incident"', 'about = "incident"\nchase = false\nnote = "Counted only."')
    rule = changed(rule, 'start         = "grade_since"\nwithin        = "24 hours"\nclock         = "elapsed"\n', "")
    rule = changed(rule, 'early         = "48 hours"\n', "")
    found = only(tmp_path, rule)
    assert (found.chase, found.note, found.versions[0].deadline) == (False, "Counted only.", None)


def test_every_convention_of_a_calendar_is_read(tmp_path):
    calendars = changed(CALENDARS, '["09:00-17:00"]', '["09:00-12:30", "13:00-24:00"]')
    calendars = changed(changed(calendars, '"day 0"', '"day 1"'), '"scotland"', '"none"')
    pack = load_pack(pack_folder(tmp_path, calendars=calendars))
    assert pack.calendars == {
        "office": Calendar("office", (0, 1, 2, 3, 4), ((540, 750), (780, 1440)), None, 1020, 1440, 1)
    }


def test_bank_holidays_and_instruments_are_read(tmp_path):
    pack = load_pack(pack_folder(tmp_path))
    assert pack.instruments == {"DASH-27": 27}
    assert pack.holidays[0] == Holiday(dt.date(2026, 12, 25), "scotland", "Christmas Day", dt.date(2024, 1, 1))


def test_a_day_withdrawn_may_be_announced_again(tmp_path):
    moved = changed(
        HOLIDAYS, '"Christmas Day", announced = 2024-01-01', '"A", announced = 2020-01-01, withdrawn = 2021-01-01'
    )
    again = changed(moved, "date = 2026-12-28", "date = 2026-12-25")
    assert len(load_pack(pack_folder(tmp_path, holidays=again)).holidays) == 2


def test_what_lies_beside_the_rules_may_be_left_out(tmp_path):
    pack = load_pack(pack_folder(tmp_path, calendars=None, holidays=None, instruments=None))
    assert (pack.holidays, pack.instruments, pack.calendars) == ((), {}, {})
    assert len(pack.rules) == 1


def test_the_pack_keeps_the_text_of_every_file_it_was_read_from(tmp_path):
    folder = pack_folder(tmp_path, more={"README.md": "not a rule", ".hidden.toml": "nor this", "notes.txt": ""})
    assert set(load_pack(folder).texts) == {RULE_FILE, "calendars.toml", "bank-holidays.toml", "instruments.toml"}


def test_rules_stand_in_order_of_id(tmp_path):
    folder = pack_folder(tmp_path, more={"RA-01-first.toml": changed(RULE, '"REF-01"', '"RA-01"')})
    assert [rule.id for rule in load_pack(folder).rules] == ["RA-01", "REF-01"]


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path):
    folder = pack_folder(tmp_path)
    (folder / RULE_FILE).write_bytes(b"\xef\xbb\xbf" + RULE.replace("\n", "\r\n").encode())
    pack = load_pack(folder)
    assert pack.texts[RULE_FILE] == RULE


def test_a_file_may_be_called_by_its_id_alone(tmp_path):
    assert only(tmp_path, RULE, name="REF-01.toml").file == "REF-01.toml"


def test_one_file_is_read_by_the_calendars_of_a_pack_it_is_not_in(tmp_path):
    folder = pack_folder(tmp_path)
    draft = tmp_path / "REF-01-draft.toml"
    draft.write_text(changed(RULE, '"24 hours"\nclock         = "elapsed"', '"2 working days"\nclock = "office"'))
    rule = load_rule(draft, folder)
    assert rule.versions[0].deadline is not None
    assert rule.versions[0].deadline.calendar == load_pack(folder).calendars["office"]


def test_a_force_s_own_columns_are_known_in_conditions_and_cases(tmp_path):
    rule = changed(RULE, '{ grade = "high" }\n', "{ visits = { at_least = 2 } }\n")
    rule = changed(rule, 'grade = "high" }', "visits = 3 }")
    found = only(tmp_path, rule, {"incidents": {"visits": Kind.NUMBER}})
    assert found.versions[0].applies == Condition((Test("visits", TestKind.AT_LEAST, number=2),))
    assert found.cases[0].record["visits"] == 3


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("Mon 2026-11-02 21:10", wall("2026-11-02 21:10"), id="a minute"),
        pytest.param("Mon 2026-11-02 21:10:30", wall("2026-11-02 21:10:30"), id="a second"),
        pytest.param("Mon 2026-11-02 24:00", wall("2026-11-03 00:00"), id="the end of a day"),
        pytest.param("Mon 2026-11-02", dt.date(2026, 11, 2), id="a date without a time"),
    ],
)
def test_a_case_writes_times_as_people_do(tmp_path, written, read):
    rule = changed(RULE, 'grade = "high" }\nexpect', f'attended_at = "{written}" }}\nexpect')
    found = only(tmp_path, rule).cases[0].record["attended_at"]
    assert (found, type(found)) == (read, type(read))


def test_a_case_writes_identifiers_as_records_keep_them(tmp_path):
    rule = changed(RULE, 'grade = "high" }\nexpect', 'officer_id = " pc12 ", area = " North " }\nexpect')
    record = only(tmp_path, rule).cases[0].record
    assert (record["officer_id"], record["area"]) == ("PC12", "North")


def test_a_case_may_say_when_it_was_done_and_why_it_cannot_be_judged(tmp_path):
    more = 'expect = "undetermined"\ndone = "Tue 2026-11-03 01:00"\nreason = "grade_since"\n'
    case = only(tmp_path, changed(RULE, 'expect = "undetermined"\n', more)).cases[0]
    assert (case.done, case.reason) == (wall("2026-11-03 01:00"), "grade_since")


@pytest.mark.parametrize(
    ("today", "ending"),
    [
        pytest.param(dt.date(2025, 12, 31), (), id="next year is there"),
        pytest.param(dt.date(2026, 1, 1), ("office",), id="next year is not there"),
    ],
)
def test_a_calendar_without_bank_holidays_for_next_year_is_named(tmp_path, today, ending):
    pack = load_pack(pack_folder(tmp_path))
    assert calendars_ending(pack, today) == ending
    assert holidays_until(pack, "scotland") == dt.date(2026, 12, 31)
    assert holidays_until(pack, "northern-ireland") is None
