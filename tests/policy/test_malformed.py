"""Every malformed shape of a rule file is refused, with its file, its version, its key, and the mend."""

import re
from pathlib import Path

import pytest

from dacompliance.errors import RuleError
from dacompliance.policy.files import load_pack, load_rule
from dacompliance.records.contract import Kind
from tests.policy.samples import CALENDARS, HOLIDAYS, INSTRUMENTS, RULE, RULE_FILE, changed, pack_folder

VERSION = f"{RULE_FILE}, version 2020-01-01"
CASE = f"{RULE_FILE}, case 1"
OWN = {"incidents": {"seen_by_nurse_on": Kind.DATE, "visits": Kind.NUMBER, "ward": Kind.TEXT, "nurse_id": Kind.ID}}
LATER = (
    'in_force_from = 2024-01-01\nstart = "grade_since"\nwithin = "9 hours"\nclock = "elapsed"\ndone = "attended_at"\n'
)


def refused(folder: Path, where: str, said: str) -> None:
    """Hold the one fault of a folder to where it is, what was found, and what to do."""
    with pytest.raises(RuleError) as error:
        load_pack(folder, OWN)
    lines = str(error.value).splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"rules/{where}: "), lines[0]
    assert said in lines[0], lines[0]
    assert lines[0].endswith((".", "?")), lines[0]


RULE_SHAPES = [
    pytest.param(
        'title    = "High',
        'tittle   = "High',
        f"{RULE_FILE}, tittle",
        'unknown key. Did you mean "title"?',
        id="an unknown key",
    ),
    pytest.param(
        "source   =",
        "zzz = 1\nsource =",
        f"{RULE_FILE}, zzz",
        "unknown key. Remove it; the keys here are id,",
        id="an unknown key near none",
    ),
    pytest.param('action   = "Refer to MASH"\n', "", f"{RULE_FILE}, action", "is missing. Add it.", id="a missing key"),
    pytest.param(
        'source   = "The force\'s own policy"', 'source = " "', f"{RULE_FILE}, source", "is empty", id="an empty source"
    ),
    pytest.param(
        '"Refer to MASH"',
        "3",
        f"{RULE_FILE}, action",
        "is a whole number. Write text, in quotes.",
        id="a number for text",
    ),
    pytest.param(
        'id       = "REF-01"', 'id = "ref 01"', f"{RULE_FILE}, id", "Write capital letters", id="an id of no shape"
    ),
    pytest.param(
        'id       = "REF-01"',
        'id = "REF-02"',
        f"{RULE_FILE}, id",
        "Call the file REF-02-….toml, or mend the id.",
        id="a file name that does not begin with its id",
    ),
    pytest.param(
        'id       = "REF-01"',
        'id = "REF-0"',
        f"{RULE_FILE}, id",
        "does not begin the file's name",
        id="an id cut short",
    ),
    pytest.param(
        'about    = "incident"',
        'about = "incidents"',
        f"{RULE_FILE}, about",
        'Did you mean "incident"?',
        id="about something unknown",
    ),
    pytest.param(
        '"referral-unit"',
        '"sergeant"',
        f"{RULE_FILE}, for",
        'is not one of "supervisor" or "referral-unit".',
        id="for nobody known",
    ),
    pytest.param(
        '"critical"', '"high"', f"{RULE_FILE}, severity", '"critical", "major" or "minor"', id="an unknown severity"
    ),
    pytest.param(
        'about    = "incident"',
        'about = "incident"\nchase = "no"',
        f"{RULE_FILE}, chase",
        "Write true or false, without quotes.",
        id="chase that is neither true nor false",
    ),
    pytest.param(
        "[[version]]",
        "[version]",
        f"{RULE_FILE}, version",
        "is a table. Write a list of tables, [[version]]",
        id="a version that is not in a list",
    ),
    pytest.param("[[case]]", "[[cases]]", f"{RULE_FILE}, cases", 'Did you mean "case"?', id="cases by another name"),
    pytest.param(
        'severity = "critical"',
        'severity = "critical"\nseverity = "minor"',
        RULE_FILE,
        "is not TOML: a key or table stands twice",
        id="the same key twice",
    ),
    pytest.param(
        'severity = "critical"',
        "severity = critical",
        RULE_FILE,
        "is not TOML: invalid value (at line 7",
        id="not TOML",
    ),
    pytest.param(
        "[[version]]\nin_force_from = 2020-01-01",
        "[[version]]\n",
        f"{RULE_FILE}, version 1, in_force_from",
        "is missing",
        id="a version without a date",
    ),
    pytest.param(
        "2020-01-01",
        '"2020-01-01"',
        f"{RULE_FILE}, version 1, in_force_from",
        "is text. Write a date without quotes",
        id="a date in quotes",
    ),
    pytest.param(
        "2020-01-01",
        "2020-01-01T00:00:00",
        f"{RULE_FILE}, version 1, in_force_from",
        "is a date and time",
        id="a date with a time",
    ),
    pytest.param("2020-01-01", "2020-02-30", RULE_FILE, "is not TOML", id="a date that never was"),
    pytest.param(
        "2020-01-01",
        "2020-01-01\nin_force_until = 2019-12-31",
        f"{VERSION}, in_force_until",
        "is before in_force_from, 2020-01-01",
        id="until before from",
    ),
    pytest.param(
        "2020-01-01",
        '2020-01-01\npublished = "last year"',
        f"{VERSION}, published",
        "is text. Write a date",
        id="published on no date",
    ),
    pytest.param(
        "2020-01-01",
        "2020-01-01\napproved = true",
        f"{VERSION}, approved",
        "is true or false. Write a table",
        id="approved by nobody",
    ),
    pytest.param(
        "2020-01-01",
        '2020-01-01\napproved = { by = "The board" }',
        f"{VERSION}, approved, on",
        "is missing",
        id="approved on no date",
    ),
    pytest.param(
        "2020-01-01",
        '2020-01-01\napproved = { by = "The board", on = 2020-01-01, where = "x" }',
        f"{VERSION}, approved, where",
        "unknown key",
        id="approved with an unknown key",
    ),
    pytest.param(
        "[[case]]",
        f"[[version]]\n{LATER.replace('2024', '2020')}\n[[case]]",
        VERSION,
        "stands twice",
        id="two versions of one date",
    ),
    pytest.param(
        '"48 hours"',
        f'"48 hours"\nin_force_until = 2024-01-01\n[[version]]\n{LATER}',
        f"{VERSION}, in_force_until",
        "overlaps the version of 2024-01-01",
        id="two versions that overlap",
    ),
    pytest.param(
        "early         =", "earley =", f"{VERSION}, earley", 'Did you mean "early"?', id="an unknown key of a version"
    ),
]

DEADLINE_SHAPES = [
    pytest.param(
        'within        = "24 hours"\n',
        "",
        f"{VERSION}, within",
        "is missing beside start and clock",
        id="start without within",
    ),
    pytest.param(
        'start         = "grade_since"\n',
        "",
        f"{VERSION}, start",
        "is missing beside within and clock",
        id="within without start",
    ),
    pytest.param(
        'clock         = "elapsed"\n',
        "",
        f"{VERSION}, clock",
        "is missing beside start and within",
        id="within without clock",
    ),
    pytest.param(
        'start         = "grade_since"\nwithin        = "24 hours"\nclock         = "elapsed"\n',
        "",
        f"{VERSION}, early",
        "there is none",
        id="early without a start",
    ),
    pytest.param(
        'start         = "grade_since"\nwithin        = "24 hours"\nclock         = "elapsed"\ndone          = "mash_referred_at"\nearly         = "48 hours"',
        'done = "mash_referred_at"',
        VERSION,
        "has no deadline, and a chased rule needs one",
        id="a chased rule without a deadline",
    ),
    pytest.param(
        '"24 hours"',
        '"0 hours"',
        f"{VERSION}, within",
        '"0 hours" leaves no time to act. Write at least "1 hours", or drop start, within and clock',
        id="a limit of zero",
    ),
    pytest.param('"24 hours"', '"-1 hours"', f"{VERSION}, within", "is not a length of time", id="a limit below zero"),
    pytest.param(
        '"24 hours"', '"1.5 hours"', f"{VERSION}, within", "with N a whole number", id="a limit that is no whole number"
    ),
    pytest.param('"24 hours"', '"24"', f"{VERSION}, within", "is not a length of time", id="a limit without a unit"),
    pytest.param(
        '"24 hours"', '"24 minutes"', f"{VERSION}, within", '"minutes" is not a unit of time', id="an unknown unit"
    ),
    pytest.param(
        '"24 hours"', '"1 hour"', f"{VERSION}, within", 'Did you mean "1 hours"?', id="a unit in the singular"
    ),
    pytest.param('"24 hours"', "24", f"{VERSION}, within", "is a whole number", id="a limit that is a number"),
    pytest.param(
        '"24 hours"', '"99999999 hours"', f"{VERSION}, within", "is more than ten years", id="a limit no one could mean"
    ),
    pytest.param(
        '"elapsed"',
        '"offices"',
        f"{VERSION}, clock",
        '"offices" does not count hours. Write clock = "elapsed"',
        id="hours by a calendar",
    ),
    pytest.param(
        '"elapsed"', '"calendar"', f"{VERSION}, clock", '"calendar" does not count hours', id="hours by calendar days"
    ),
    pytest.param(
        '"24 hours"',
        '"3 days"',
        f"{VERSION}, clock",
        '"elapsed" does not count days. Write clock = "calendar"',
        id="days by elapsed time",
    ),
    pytest.param(
        '"24 hours"',
        '"3 working days"',
        f"{VERSION}, clock",
        '"elapsed" does not count working days',
        id="working days by elapsed time",
    ),
    pytest.param(
        'within        = "24 hours"\nclock         = "elapsed"',
        'within = "3 working days"\nclock = "ofice"',
        f"{VERSION}, clock",
        '"ofice" is not in calendars.toml. Did you mean "office"?',
        id="an unknown clock",
    ),
    pytest.param('"48 hours"', '"48 days"', f"{VERSION}, early", '"days" is not a unit of time', id="early in days"),
    pytest.param(
        '"48 hours"', '"0 hours"', f"{VERSION}, early", "is not a length to count back", id="early by nothing"
    ),
    pytest.param(
        '"48 hours"',
        '"never"',
        f"{VERSION}, early",
        'is not "met", "undetermined" or "N hours"',
        id="early in an unknown word",
    ),
    pytest.param(
        'done          = "mash_referred_at"',
        'holds = { crime = "yes" }',
        f"{VERSION}, early",
        "there is no done",
        id="early without done",
    ),
    pytest.param(
        'done          = "mash_referred_at"\n',
        "",
        f"{VERSION}, done or holds",
        "neither is there",
        id="neither done nor holds",
    ),
    pytest.param(
        "done          =",
        'holds = { crime = "yes" }\ndone =',
        f"{VERSION}, done or holds",
        "both are there",
        id="both done and holds",
    ),
    pytest.param(
        '"mash_referred_at"', '"grade"', f"{VERSION}, done", '"grade" does not hold times', id="done by a grade"
    ),
    pytest.param(
        '"grade_since"', '"assessment_count"', f"{VERSION}, start", "does not hold times", id="a start that is a number"
    ),
    pytest.param(
        '"mash_referred_at"', '"grade_since"', f"{VERSION}, done", "is the start too", id="done at its own start"
    ),
    pytest.param(
        '"mash_referred_at"',
        '"mash_refered_at"',
        f"{VERSION}, done",
        '"mash_refered_at" is not a column of an incident',
        id="done by an unknown column",
    ),
    pytest.param(
        '"mash_referred_at"',
        '"signed_off_at"',
        f"{VERSION}, done",
        "is a column of an assessment, and this rule is about an incident",
        id="done by a column of something else",
    ),
    pytest.param(
        '"mash_referred_at"',
        '"MASH_referred_at"',
        f"{VERSION}, done",
        "is not a column of an incident",
        id="a destination in capitals",
    ),
]

APPLIES = f"{VERSION}, applies"
CONDITION_SHAPES = [
    pytest.param("{}", APPLIES, "is empty, and so says nothing", id="a condition of nothing"),
    pytest.param('"high"', APPLIES, "is text. Write a table", id="a condition that is a word"),
    pytest.param(
        '{ grad = "high" }',
        f"{APPLIES}, grad",
        '"grad" is not a column of an incident. Did you mean "grade"?',
        id="an unknown column",
    ),
    pytest.param(
        '{ zzzz = "high" }', f"{APPLIES}, zzzz", "one that the configuration declares", id="an unknown column near none"
    ),
    pytest.param(
        '{ declined = "yes" }',
        f"{APPLIES}, declined",
        "is a column of an assessment",
        id="a column of another kind of item",
    ),
    pytest.param(
        '{ assessments_set_aside = "no" }',
        f"{APPLIES}, assessments_set_aside",
        "is not a column",
        id="a column of the door's own",
    ),
    pytest.param(
        '{ grade = { equal = "high" } }', f"{APPLIES}, grade, equal", 'Did you mean "equals"?', id="an unknown test"
    ),
    pytest.param("{ grade = {} }", f"{APPLIES}, grade", "has no test", id="no test"),
    pytest.param(
        '{ grade = "High" }',
        f"{APPLIES}, grade",
        'holds only "standard", "medium" or "high". Did you mean "high"?',
        id="a grade in capitals",
    ),
    pytest.param(
        '{ grade = ["high", "severe"] }', f"{APPLIES}, grade", "Write one of these", id="a list with an unknown grade"
    ),
    pytest.param("{ grade = [] }", f"{APPLIES}, grade", "is an empty list", id="an empty list"),
    pytest.param(
        "{ grade = 3 }", f"{APPLIES}, grade", "holds grade; this is a whole number", id="a number for a grade"
    ),
    pytest.param(
        "{ grade = { at_least = 2 } }", f"{APPLIES}, grade, at_least", "does not hold numbers", id="at least a grade"
    ),
    pytest.param("{ crime = true }", f"{APPLIES}, crime", 'as "yes" or "no"', id="true for yes"),
    pytest.param('{ crime = "Y" }', f"{APPLIES}, crime", 'holds only "yes" or "no"', id="another word for yes"),
    pytest.param(
        '{ grade_since = "high" }',
        f"{APPLIES}, grade_since",
        'holds times, which take only is = "present"',
        id="a word for a time",
    ),
    pytest.param(
        "{ grade_since = 2020-01-01 }", f"{APPLIES}, grade_since", "holds times", id="a time compared with a date"
    ),
    pytest.param(
        "{ grade_since = { at_least = 3 } }", f"{APPLIES}, grade_since, at_least", "holds times", id="at least a time"
    ),
    pytest.param(
        '{ grade_since = { same_as = "reported_at" } }',
        f"{APPLIES}, grade_since, same_as",
        "holds times",
        id="two times compared",
    ),
    pytest.param(
        '{ seen_by_nurse_on = { not = "x" } }',
        f"{APPLIES}, seen_by_nurse_on, not",
        "holds times",
        id="a force's own date compared with a word",
    ),
    pytest.param(
        '{ grade = { is = "there" } }',
        f"{APPLIES}, grade, is",
        'is not one of "present" or "missing"',
        id="is something else",
    ),
    pytest.param(
        '{ assessment_count = "1" }',
        f"{APPLIES}, assessment_count",
        "holds whole numbers; this is text",
        id="text for a number",
    ),
    pytest.param(
        "{ assessment_count = 1.5 }", f"{APPLIES}, assessment_count", "a number with a point", id="part of a number"
    ),
    pytest.param(
        "{ visits = { at_least = 1.5 } }",
        f"{APPLIES}, visits, at_least",
        "Write a whole number",
        id="at least part of a number",
    ),
    pytest.param(
        "{ visits = { at_most = true } }", f"{APPLIES}, visits, at_most", "is true or false", id="at most true"
    ),
    pytest.param(
        '{ grade = { equals = ["high"] } }', f"{APPLIES}, grade, equals", "is a list. Write in =", id="equal to a list"
    ),
    pytest.param('{ grade = { in = "high" } }', f"{APPLIES}, grade, in", "is text. Write a list", id="in a word"),
    pytest.param('{ area = "" }', f"{APPLIES}, area", 'write is = "missing"', id="equal to nothing"),
    pytest.param('{ area = " North" }', f"{APPLIES}, area", "spaces round it", id="a word no cell can hold"),
    pytest.param(
        '{ officer_id = "pc12" }',
        f"{APPLIES}, officer_id",
        "is kept in capitals",
        id="a number of an officer in small letters",
    ),
    pytest.param(
        '{ area = { same_as = "arena" } }',
        f"{APPLIES}, area, same_as",
        'Did you mean "area"?',
        id="the same as an unknown column",
    ),
    pytest.param(
        '{ area = { same_as = "area" } }',
        f"{APPLIES}, area, same_as",
        "compares the column with itself",
        id="the same as itself",
    ),
    pytest.param(
        '{ area = { same_as = "grade" } }',
        f"{APPLIES}, area, same_as",
        'area holds text and "grade" holds grade',
        id="two kinds compared",
    ),
    pytest.param(
        '{ ward = { differs_from = "nurse_id" } }',
        f"{APPLIES}, ward, differs_from",
        "Name one of the same kind",
        id="text compared with an identifier",
    ),
    pytest.param(
        "{ area = { same_as = 3 } }", f"{APPLIES}, area, same_as", "is a whole number", id="the same as a number"
    ),
    pytest.param(
        '{ any = { crime = "yes" } }', f"{APPLIES}, any", "is a table. Write a list of tables", id="any of a table"
    ),
    pytest.param("{ any = [] }", f"{APPLIES}, any", "is an empty list", id="any of none"),
    pytest.param('{ any = [{ crime = "yes" }, {}] }', f"{APPLIES}, any 2", "is empty", id="any with an empty table"),
    pytest.param(
        '{ any = [{ crime = "yes" }, { grad = "high" }] }',
        f"{APPLIES}, any 2, grad",
        "is not a column",
        id="an unknown column within any",
    ),
]

CASE_SHAPES = [
    pytest.param(
        'name   = "referred the next morning"\n', "", f"{CASE}, name", "is missing", id="a case without a name"
    ),
    pytest.param('expect = "undetermined"\n', "", f"{CASE}, expect", "is missing", id="a case that expects nothing"),
    pytest.param(
        'expect = "undetermined"',
        'expect = "ok"',
        f"{CASE}, expect",
        'is not one of "not_applicable"',
        id="a case that expects an unknown outcome",
    ),
    pytest.param(
        "expect =", "expected =", f"{CASE}, expected", 'Did you mean "expect"?', id="an unknown key of a case"
    ),
    pytest.param('as_at  = "Wed 2026-11-04 07:00"\n', "", f"{CASE}, as_at", "is missing", id="a case at no time"),
    pytest.param(
        '"Wed 2026-11-04 07:00"',
        '"Tue 2026-11-04 07:00"',
        f"{CASE}, as_at",
        "the weekday does not match: 2026-11-04 is a Wed",
        id="a weekday that does not match its date",
    ),
    pytest.param(
        '"Wed 2026-11-04 07:00"',
        '"Wed 2026-11-04"',
        f"{CASE}, as_at",
        "is not a time as cases give it",
        id="an as-at without a time",
    ),
    pytest.param(
        '"Wed 2026-11-04 07:00"',
        '"2026-11-04 07:00"',
        f"{CASE}, as_at",
        'as "Mon 2026-11-02 21:10"',
        id="a time without its weekday",
    ),
    pytest.param(
        '"Wed 2026-11-04 07:00"',
        '"Wed 2026-11-04 27:00"',
        f"{CASE}, as_at",
        "is not a time of day there is",
        id="a time of day there is not",
    ),
    pytest.param(
        '"Wed 2026-11-04 07:00"', '"Wed 2026-13-04 07:00"', f"{CASE}, as_at", "is not a time", id="a month there is not"
    ),
    pytest.param(
        '"Wed 2026-11-04 07:00"', '"Fri 9999-12-31 24:00"', f"{CASE}, as_at", "is not a time", id="a year of no one's"
    ),
    pytest.param(
        '"Wed 2026-11-04 07:00"',
        "2026-11-04T07:00:00",
        f"{CASE}, as_at",
        "is a date and time without quotes. Write the weekday",
        id="a time as TOML has it",
    ),
    pytest.param(
        '"Mon 2026-11-02 21:10"',
        '"Sun 2026-11-02 21:10"',
        f"{CASE}, record, reported_at",
        "the weekday does not match",
        id="a weekday that does not match in the record",
    ),
    pytest.param(
        'reported_at = "Mon 2026-11-02 21:10", ',
        "",
        f"{CASE}, record, reported_at",
        "it decides the version",
        id="a case without a report",
    ),
    pytest.param(
        'grade = "high" }\nexpect',
        'grad = "high" }\nexpect',
        f"{CASE}, record, grad",
        'Did you mean "grade"?',
        id="a case whose record has an unknown column",
    ),
    pytest.param(
        'grade = "high" }\nexpect',
        'grade = "hihg" }\nexpect',
        f"{CASE}, record, grade",
        'Did you mean "high"?',
        id="a case with an unknown grade",
    ),
    pytest.param(
        'grade = "high" }\nexpect',
        "grade = 3 }\nexpect",
        f"{CASE}, record, grade",
        "Write it in quotes",
        id="a case with a number for a grade",
    ),
    pytest.param(
        'grade = "high" }\nexpect',
        'area = "" }\nexpect',
        f"{CASE}, record, area",
        "Leave the column out",
        id="a case with empty text",
    ),
    pytest.param(
        'grade = "high" }\nexpect',
        'visits = "3" }\nexpect',
        f"{CASE}, record, visits",
        "Write a whole number",
        id="a case with text for a number",
    ),
    pytest.param(
        'record = { reported_at = "Mon 2026-11-02 21:10", grade = "high" }\n',
        "",
        f"{CASE}, record",
        "is missing",
        id="a case without a record",
    ),
    pytest.param(
        'expect = "undetermined"\n',
        'expect = "undetermined"\ndue = "Thu 2026-11-04 07:00"\n',
        f"{CASE}, due",
        "the weekday does not match",
        id="a due time on the wrong weekday",
    ),
    pytest.param(
        'expect = "undetermined"\n',
        'expect = "undetermined"\n\n[[case]]\nname = "referred the next morning"\nas_at = "Wed 2026-11-04 07:00"\nrecord = { reported_at = "Mon 2026-11-02 21:10" }\nexpect = "met"\n',
        f"{RULE_FILE}, case 2, name",
        "is the name of an earlier case too",
        id="two cases of one name",
    ),
]


@pytest.mark.parametrize(("old", "new", "where", "said"), [*RULE_SHAPES, *DEADLINE_SHAPES, *CASE_SHAPES])
def test_a_malformed_rule_is_refused(tmp_path, old, new, where, said):
    refused(pack_folder(tmp_path, changed(RULE, old, new)), where, said)


@pytest.mark.parametrize(("condition", "where", "said"), CONDITION_SHAPES)
def test_a_malformed_condition_is_refused(tmp_path, condition, where, said):
    refused(pack_folder(tmp_path, changed(RULE, '{ grade = "high" }\n', f"{condition}\n")), where, said)


@pytest.mark.parametrize(("condition", "where", "said"), CONDITION_SHAPES[:3])
def test_holds_is_read_as_strictly_as_applies(tmp_path, condition, where, said):
    rule = changed(RULE, 'done          = "mash_referred_at"\nearly         = "48 hours"', f"holds = {condition}")
    refused(pack_folder(tmp_path, rule), where.replace("applies", "holds"), said)


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        pytest.param(
            'closed_start = "day 0"\n', "", ", office, closed_start", "is missing", id="a convention left out"
        ),
        pytest.param(
            '"day 0"', '"day 2"', ", office, closed_start", '"day 0" or "day 1"', id="an unknown closed start"
        ),
        pytest.param(
            '["Mon", "Tue", "Wed", "Thu", "Fri"]',
            '["Mon", "Teu"]',
            ", office, weekdays",
            'Did you mean "Tue"?',
            id="an unknown weekday",
        ),
        pytest.param(
            '["Mon", "Tue", "Wed", "Thu", "Fri"]',
            '["Mon", "Mon"]',
            ", office, weekdays",
            '"Mon" stands twice',
            id="a weekday twice",
        ),
        pytest.param(
            '["Mon", "Tue", "Wed", "Thu", "Fri"]', "[]", ", office, weekdays", "is not a list of texts", id="no weekday"
        ),
        pytest.param(
            '["09:00-17:00"]',
            '["09:00-13:00", "12:00-17:00"]',
            ", office, hours",
            "two spells overlap",
            id="spells that overlap",
        ),
        pytest.param(
            '["09:00-17:00"]',
            '["13:00-17:00", "09:00-12:00"]',
            ", office, hours",
            "out of order",
            id="spells out of order",
        ),
        pytest.param(
            '["09:00-17:00"]',
            '["22:00-06:00"]',
            ", office, hours",
            "closes before it opens",
            id="a spell over midnight",
        ),
        pytest.param(
            '["09:00-17:00"]', '["9-17"]', ", office, hours", '"9" is not a time of day', id="hours without minutes"
        ),
        pytest.param(
            '["09:00-17:00"]', '["09:00"]', ", office, hours", "is not a spell", id="an opening without a closing"
        ),
        pytest.param(
            '["09:00-17:00"]', '"09:00-17:00"', ", office, hours", "is not a list of texts", id="hours that are no list"
        ),
        pytest.param(
            'day_ends     = "17:00"',
            'day_ends = "25:00"',
            ", office, day_ends",
            "is not a time of day",
            id="an hour there is not",
        ),
        pytest.param(
            'cut_off      = "24:00"',
            "cut_off = 24",
            ", office, cut_off",
            "is a whole number",
            id="a cut-off that is a number",
        ),
        pytest.param(
            '"scotland"', '"scotlnd"', ", office, holidays", 'Did you mean "scotland"?', id="an unknown nation"
        ),
        pytest.param(
            '"scotland"',
            '"northern-ireland"',
            ", office, holidays",
            'bank-holidays.toml has none of "northern-ireland"',
            id="a nation without bank holidays",
        ),
        pytest.param(
            "[office]",
            "[elapsed]",
            ", elapsed",
            "is the name of a clock that needs no calendar",
            id="a calendar by a clock's name",
        ),
        pytest.param(
            "[office]",
            'office = "09:00"\n[other]',
            ", office",
            "is text. Write a table",
            id="a calendar that is no table",
        ),
        pytest.param("day_ends", "lunch = 1\nday_ends", ", office, lunch", "unknown key", id="an unknown convention"),
        pytest.param(
            'cut_off      = "24:00"',
            'cut_off = "24:00"\ncut_off = "12:00"',
            "",
            "stands twice",
            id="a convention twice",
        ),
    ],
)
def test_a_malformed_calendar_is_refused(tmp_path, old, new, where, said):
    refused(pack_folder(tmp_path, calendars=changed(CALENDARS, old, new)), f"calendars.toml{where}", said)


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        pytest.param("date = 2026-12-25, ", "", ", holiday 1, date", "is missing", id="a holiday without a date"),
        pytest.param(
            'nation = "scotland", name = "Christmas',
            'nation = "wales", name = "Christmas',
            ", holiday 1, nation",
            "is not one of",
            id="an unknown nation",
        ),
        pytest.param(
            '"Christmas Day", announced = 2024-01-01',
            '"Christmas Day", announced = 2027-01-01',
            ", holiday 1, announced",
            "is after the day itself",
            id="announced afterwards",
        ),
        pytest.param(
            '"Christmas Day", announced = 2024-01-01',
            '"Christmas Day", announced = 2024-01-01, withdrawn = 2023-01-01',
            ", holiday 1, withdrawn",
            "is not between",
            id="withdrawn before it was announced",
        ),
        pytest.param(
            '"Christmas Day", announced = 2024-01-01',
            '"Christmas Day"',
            ", holiday 1, announced",
            "is missing",
            id="announced on no day",
        ),
        pytest.param(
            "date = 2026-12-28",
            "date = 2026-12-25",
            ", holiday",
            "2026-12-25 stands twice for scotland",
            id="the same day twice",
        ),
        pytest.param(
            'name = "Christmas Day"',
            'called = "Christmas Day"',
            ", holiday 1, called",
            "unknown key",
            id="an unknown key",
        ),
        pytest.param(
            "holiday = [", "holidays = [", ", holidays", 'Did you mean "holiday"?', id="holidays by another name"
        ),
    ],
)
def test_a_malformed_bank_holiday_is_refused(tmp_path, old, new, where, said):
    refused(pack_folder(tmp_path, holidays=changed(HOLIDAYS, old, new)), f"bank-holidays.toml{where}", said)


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        pytest.param('"DASH-27" = "27"', ", DASH-27", "is text. Write a whole number", id="a number in quotes"),
        pytest.param('"DASH-27" = 27.0', ", DASH-27", "is a number with a point", id="no whole number"),
        pytest.param('"DASH-27" = true', ", DASH-27", "is true or false", id="true"),
        pytest.param('"DASH-27" = 0', ", DASH-27", "0 questions is no instrument", id="no question"),
        pytest.param("DARA.1 = 18", ", DARA", "is a table", id="a name that needs quotes"),
    ],
)
def test_a_malformed_instrument_is_refused(tmp_path, text, where, said):
    refused(pack_folder(tmp_path, instruments=text), f"instruments.toml{where}", said)


def test_two_rules_of_one_id_are_refused(tmp_path):
    folder = pack_folder(tmp_path, more={"REF-01-once-more.toml": RULE})
    refused(folder, "REF-01-once-more.toml, id", f"REF-01 is the id of {RULE_FILE} too")


def test_text_that_is_not_utf8_is_refused(tmp_path):
    folder = pack_folder(tmp_path)
    (folder / RULE_FILE).write_bytes(RULE.replace("Refer", "Référer").encode("latin-1"))
    refused(folder, RULE_FILE, "is not UTF-8 text. Save it as UTF-8.")


def test_the_first_fault_of_every_file_is_told_at_once(tmp_path):
    folder = pack_folder(
        tmp_path,
        changed(changed(RULE, '"critical"', '"grave"'), '"24 hours"', '"0 hours"'),
        calendars=changed(CALENDARS, '"day 0"', '"day 9"'),
        instruments=changed(INSTRUMENTS, "27\n", '"many"\n'),
        more={"REF-02-other.toml": changed(RULE, '"REF-01"', '"REF-03"')},
    )
    with pytest.raises(RuleError) as error:
        load_pack(folder)
    files = [re.match(r"rules/([\w.-]+)", line)[1] for line in str(error.value).splitlines()]  # type: ignore[index]
    assert files == ["calendars.toml", "instruments.toml", RULE_FILE, "REF-02-other.toml"]


@pytest.mark.parametrize("broken", ["calendars", "holidays"])
def test_a_rule_is_not_blamed_for_a_fault_in_what_lies_beside_it(tmp_path, broken):
    rule = changed(
        RULE, 'within        = "24 hours"\nclock         = "elapsed"', 'within = "2 working days"\nclock = "office"'
    )
    folder = pack_folder(tmp_path, rule, **{broken: "not TOML"})
    with pytest.raises(RuleError) as error:
        load_pack(folder)
    assert len(str(error.value).splitlines()) == 1


def test_no_fault_of_a_case_quotes_its_record(tmp_path):
    secret = changed(RULE, 'grade = "high" }\nexpect', 'area = "12 Rose Lane", grade = "Mrs Miggins" }\nexpect')
    with pytest.raises(RuleError) as error:
        load_pack(pack_folder(tmp_path, secret))
    assert "Miggins" not in str(error.value)
    assert "Rose" not in str(error.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RuleError, match="is not a folder of rules"):
        load_pack(tmp_path / "nowhere")


def test_a_folder_without_rules_is_refused(tmp_path):
    folder = pack_folder(tmp_path)
    (folder / RULE_FILE).unlink()
    with pytest.raises(RuleError, match="there is no rule in it"):
        load_pack(folder)


def test_a_rule_without_a_version_is_refused(tmp_path):
    without = RULE[: RULE.index("[[version]]")] + RULE[RULE.index("[[case]]") :]
    refused(pack_folder(tmp_path, without), f"{RULE_FILE}, version", "there is none. Add a [[version]]")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RuleError, match=r"draft\.toml: there is no such file"):
        load_rule(tmp_path / "draft.toml", pack_folder(tmp_path))


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    folder = pack_folder(tmp_path)
    (folder / "REF-02-a-folder.toml").mkdir()
    refused(folder, "REF-02-a-folder.toml", "cannot be read")
