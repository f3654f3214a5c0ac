"""A supervisor's words: every column has some, none is a code, and times are read as local people read them."""

from __future__ import annotations

import datetime as dt
import locale

import pytest

from dacompliance.exceptions import words
from dacompliance.exceptions.model import Closing
from dacompliance.judging.outcomes import Outcome
from dacompliance.policy.columns import FACTS
from dacompliance.records.contract import DERIVED, RECORD_SETS
from tests.helpers import LONDON, when

CONTRACT = {spec.name for record_set in RECORD_SETS.values() for spec in record_set.columns}
EVERY = sorted(CONTRACT.union(*FACTS.values(), *DERIVED.values(), {"assessments", "referrals"}))


@pytest.mark.parametrize("name", EVERY)
def test_every_column_and_fact_has_plain_words(name):
    for phrase in (words.column(name), words.noun(name)):
        assert phrase
        assert "_" not in phrase
    if not name.startswith("q"):
        assert name in words.COLUMNS


@pytest.mark.parametrize(
    ("name", "asked", "noun"),
    [
        pytest.param("signed_off_by", "who signed it off", "signatory", id="a column"),
        pytest.param("mash_referred_at", "when it was referred to MASH", "MASH referral", id="a destination's referral"),
        pytest.param("children_referred_at", "when it was referred to children's services", "children's services referral", id="a destination by the name people use"),
        pytest.param("early_help_received_at", "when EARLY HELP received it", "EARLY HELP receipt", id="a destination of two words"),
        pytest.param("q07", "the answer to question 7", "answer to question 7", id="a question"),
        pytest.param("stalking_flag", "stalking flag", "stalking flag", id="a force's own column, by its name"),
    ],
)  # fmt: skip
def test_columns_are_spoken_of_as_people_do(name, asked, noun):
    assert (words.column(name), words.noun(name)) == (asked, noun)


def test_a_reason_is_said_column_by_column():
    assert words.reasons("risk_grade; signed_off_by") == ("the risk grade", "who signed it off")
    assert words.reasons("") == ()


def test_every_outcome_and_closing_has_words_and_only_done_is_done():
    said = [
        words.outcome(each.word)
        for each in (
            Outcome.MET,
            Outcome.LATE,
            Outcome.PENDING,
            Outcome.BREACHED,
            Outcome.UNDETERMINED,
            Outcome.NOT_APPLICABLE,
        )
    ]
    assert said == ["done in time", "done late", "not yet due", "overdue", "cannot be judged", "does not apply"]
    assert [how for how in Closing if words.closing(how).startswith("done")] == [Closing.DONE]


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        pytest.param("Tue 2026-11-03 06:30", "less than an hour", id="now"),
        pytest.param("Tue 2026-11-03 05:31", "less than an hour", id="59 minutes"),
        pytest.param("Tue 2026-11-03 05:30", "1 hour", id="an hour"),
        pytest.param("Tue 2026-11-03 01:00", "5 hours", id="rounded down"),
        pytest.param("Mon 2026-11-02 06:31", "23 hours", id="a minute short of a day"),
        pytest.param("Mon 2026-11-02 06:30", "1 day", id="a day"),
        pytest.param("Sat 2026-10-31 06:00", "3 days", id="three days"),
        pytest.param("Tue 2026-11-03 11:45", "5 hours", id="to come"),
    ],
)
def test_ages_are_in_hours_then_in_days(since, expected):
    assert words.age(when(since), when("Tue 2026-11-03 06:30")) == expected


def test_a_day_across_the_clock_change_is_24_real_hours():
    assert words.age(when("Sat 2026-10-24 12:00"), when("Sun 2026-10-25 11:00")) == "1 day"
    assert words.age(when("Sat 2026-03-28 12:00"), when("Sun 2026-03-29 12:00")) == "23 hours"


@pytest.mark.parametrize(
    ("instant", "expected", "as_deadline"),
    [
        pytest.param("Tue 2026-11-03 23:40", "Tue 3 Nov 23:40", "Tue 3 Nov 23:40", id="winter"),
        pytest.param("Wed 2026-07-01 09:05", "Wed 1 Jul 09:05", "Wed 1 Jul 09:05", id="summer"),
        pytest.param("Wed 2026-07-01 00:00", "Wed 1 Jul 00:00", "Tue 30 Jun 24:00", id="a deadline at midnight ends its day"),
        pytest.param("Fri 2027-01-01 00:00", "Fri 1 Jan 00:00", "Thu 31 Dec 24:00", id="and its year"),
    ],
)  # fmt: skip
def test_instants_are_local(instant, expected, as_deadline):
    assert (words.instant(when(instant), LONDON), words.deadline(when(instant), LONDON)) == (expected, as_deadline)


def test_the_year_is_written_where_asked_for():
    assert words.instant(when("Tue 2026-11-03 23:40"), LONDON, year=True) == "Tue 3 Nov 2026 23:40"
    assert words.deadline(when("Fri 2027-01-01 00:00"), LONDON, year=True) == "Thu 31 Dec 2026 24:00"


def test_days_are_english_whatever_the_locale():
    before = locale.setlocale(locale.LC_TIME)
    try:
        for name in ("de_DE.UTF-8", "cy_GB.UTF-8", "C"):
            try:
                locale.setlocale(locale.LC_TIME, name)
            except locale.Error:
                continue
            assert words.day(dt.date(2026, 5, 6)) == "Wed 6 May"
    finally:
        locale.setlocale(locale.LC_TIME, before)
