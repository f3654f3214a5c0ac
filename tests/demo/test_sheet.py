"""A table through time: what stood when."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.demo.sheet import Cells, Sheet

SHEET = Sheet(
    {
        "ref": Cells(np.array(["early", "gone", "late"], dtype=object)),
        "stage": Cells(np.array(["S", "S", "S"], dtype=object), np.array([20, 25, 40]), "D"),
    },
    since=np.array([10, 10, 30]),
    until=np.array([99, 30, 99]),
)


@pytest.mark.parametrize(
    ("moment", "rows"),
    [
        pytest.param(9, [], id="before anything"),
        pytest.param(10, [("early", "D"), ("gone", "D")], id="the very minute counts"),
        pytest.param(20, [("early", "S"), ("gone", "D")], id="a cell becomes known"),
        pytest.param(29, [("early", "S"), ("gone", "S")], id="the last minute of a row"),
        pytest.param(30, [("early", "S"), ("late", "D")], id="one goes, one comes"),
        pytest.param(40, [("early", "S"), ("late", "S")], id="all is known"),
    ],
)
def test_rows_and_cells_take_effect_when_they_were_recorded(moment, rows):
    standing = np.flatnonzero(SHEET.standing(moment))
    assert [row[1:] for row in SHEET.rows(standing, moment)] == rows


def test_a_row_keeps_its_number():
    assert [row[0] for row in SHEET.rows(np.flatnonzero(SHEET.standing(30)), 30)] == [1, 3]


@given(st.integers(0, 50), st.integers(0, 50))
def test_what_was_not_touched_between_two_moments_is_the_same_at_both(first, second):
    before, after = sorted((first, second))
    touched = SHEET.touched(before, after)
    for row in np.flatnonzero(~touched):
        here = np.array([row])
        assert SHEET.standing(before)[row] == SHEET.standing(after)[row]
        assert list(SHEET.rows(here, before)) == list(SHEET.rows(here, after))


def test_asking_for_the_past_changes_nothing_in_the_sheet():
    list(SHEET.rows(np.array([0, 1, 2]), 5))
    assert SHEET.columns["stage"].values.tolist() == ["S", "S", "S"]
