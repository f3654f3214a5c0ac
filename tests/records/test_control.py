"""Another system's counts as they come: a month and a whole number, or one line that says no value."""

import datetime as dt

import pytest

from dacompliance.errors import SourceError
from dacompliance.records.control import months


@pytest.mark.parametrize(
    ("month", "count", "expected"),
    [
        pytest.param("2026-10", 4, {"2026-10": 4}, id="text"),
        pytest.param("2026-10-01", "4", {"2026-10": 4}, id="a date as text, a number as text"),
        pytest.param(dt.date(2026, 10, 31), 4.0, {"2026-10": 4}, id="a date, a float"),
        pytest.param(dt.datetime(2026, 10, 1, 0, 0, tzinfo=dt.UTC), 0, {"2026-10": 0}, id="an instant, none"),
    ],
)
def test_a_month_and_a_count_are_read(month, count, expected):
    assert months([(month, count)]) == expected


def test_rows_of_one_month_are_summed_and_months_stand_in_order():
    assert list(months([("2026-10", 1), ("2026-09", 2), ("2026-10", 3)]).items()) == [("2026-09", 2), ("2026-10", 4)]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        pytest.param(("October", 1), "month", id="a name"),
        pytest.param((None, 1), "month", id="no month"),
        pytest.param(("2026-13", 1), "month", id="a thirteenth"),
        pytest.param(("2026-10", None), "count", id="no count"),
        pytest.param(("2026-10", -1), "count", id="less than none"),
        pytest.param(("2026-10", 1.5), "count", id="half a case"),
        pytest.param(("2026-10", "many"), "count", id="a word"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_row_and_never_repeated(row, fault):
    with pytest.raises(SourceError, match=f"row 2 has no readable {fault}") as refused:
        months([("2026-09", 1), row])
    assert str(row[0]) not in str(refused.value).replace("2026-10 or a date", "")
    assert "many" not in str(refused.value)
