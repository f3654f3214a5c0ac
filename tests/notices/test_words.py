"""How notices say moments, deadlines and shares, and how they clean what comes from a record."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.notices import words
from tests.helpers import LONDON, when

TODAY = dt.date(2026, 3, 10)


@pytest.mark.parametrize(
    ("due", "said"),
    [
        pytest.param("Tue 2026-03-10 14:30", "by 14:30 today", id="today"),
        pytest.param("Wed 2026-03-11 09:00", "by 09:00 tomorrow", id="tomorrow"),
        pytest.param("Wed 2026-03-11 00:00", "by midnight tonight", id="24:00 is the end of the day it closes"),
        pytest.param("Thu 2026-03-12 00:00", "by midnight on Wed 11 Mar", id="the end of tomorrow"),
        pytest.param("Mon 2026-03-30 00:00", "by midnight on Sun 29 Mar", id="the night the clocks go forward"),
        pytest.param("Fri 2026-03-13 17:00", "by 17:00 on Fri 13 Mar", id="later"),
        pytest.param("Mon 2027-01-04 17:00", "by 17:00 on Mon 4 Jan 2027", id="another year"),
    ],
)
def test_a_deadline_is_said_by_the_reader_s_own_clock(due, said):
    assert words.deadline(when(due), LONDON, TODAY) == said


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        pytest.param("  WM-26-1  ", "WM-26-1", id="spaces"),
        pytest.param("WM\r\nBcc: x@y", "WM Bcc: x@y", id="a line break adds no header"),
        pytest.param("WM\u2028 1\x0b2", "WM 1 2", id="nor does any other separator"),
        pytest.param("WM\u202e10\u200b1", "WM 10 1", id="no change of writing direction, nothing of no width"),
        pytest.param("\ud800", "", id="half a character"),
        pytest.param("x" * 90, "x" * 79 + "…", id="too long"),
        pytest.param("x" * 80, "x" * 80, id="just not too long"),
    ],
)
def test_text_of_a_record_becomes_one_plain_line(text, cleaned):
    assert words.plain(text) == cleaned


@given(st.text())
def test_any_text_becomes_one_printable_line_and_stays_so(text):
    cleaned = words.plain(text)
    assert cleaned.isprintable()
    assert len(cleaned) <= 80
    assert words.plain(cleaned) == cleaned


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, "no cases"),
        (3, 4, "3 of 4"),
        (9, 9, "9 of 9"),
        (9, 10, "9 of 10 (90%)"),
        (999, 1000, "999 of 1,000 (99%)"),
        (1, 1000, "1 of 1,000 (1%)"),
        (1000, 1000, "1,000 of 1,000 (100%)"),
        (0, 12, "0 of 12 (0%)"),
    ],
)
def test_a_share_has_its_numbers_and_a_rate_only_where_it_means_something(part, whole, said):
    assert words.share(part, whole) == said


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("Tue 2026-03-10 06:00", "0 hours"),
        ("Tue 2026-03-10 05:00", "1 hour"),
        ("Sun 2026-03-08 23:00", "31 hours"),
        ("Fri 2026-03-06 06:00", "4 days"),
    ],
)
def test_how_old_records_are_is_said_in_hours_until_it_is_days(since, said):
    assert words.hours(when(since), when("Tue 2026-03-10 06:00")) == said
