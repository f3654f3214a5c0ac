"""The bundled bank holidays, held to an independent list, and the calendars that use them."""

import datetime as dt

import holidays as independent
import pytest

from dacompliance.policy.calendars import NATIONS, calendars_ending
from dacompliance.policy.files import load_pack

PACK = load_pack(None)
YEARS = range(2014, 2029)
SUBDIVISIONS = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}


def known(nation, day):
    """Return a nation's bank holidays as they were known on a day."""
    return {
        each.date
        for each in PACK.holidays
        if each.nation == nation and each.announced <= day and not (each.withdrawn and each.withdrawn <= day)
    }


@pytest.mark.parametrize("nation", NATIONS)
def test_they_are_those_of_an_independent_list(nation):
    listed = independent.country_holidays("GB", subdiv=SUBDIVISIONS[nation], years=YEARS)
    weekdays = {day for day in listed if day.weekday() < 5}  # it lists a holiday at a weekend and its substitute, both
    assert known(nation, dt.date(2028, 12, 31)) == weekdays


def test_wales_has_the_holidays_of_england():
    england, wales = (independent.country_holidays("GB", subdiv=each, years=YEARS) for each in ("ENG", "WLS"))
    assert set(england) == set(wales)


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        pytest.param("2020-05-08", "2019-06-06", "2019-06-07", id="the early May holiday of 2020, moved to VE Day"),
        pytest.param("2022-06-02", "2020-11-11", "2020-11-12", id="the spring holiday of 2022, moved"),
        pytest.param("2022-06-03", "2020-11-11", "2020-11-12", id="the Platinum Jubilee"),
        pytest.param("2022-09-19", "2022-09-09", "2022-09-10", id="the funeral of Queen Elizabeth II"),
        pytest.param("2023-05-08", "2022-11-05", "2022-11-06", id="the coronation"),
    ],
)
@pytest.mark.parametrize("nation", NATIONS)
def test_a_one_off_day_is_known_from_its_announcement(nation, day, before, after):
    date = dt.date.fromisoformat(day)
    assert date not in known(nation, dt.date.fromisoformat(before))
    assert date in known(nation, dt.date.fromisoformat(after))


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [("2020-05-04", "2019-06-06", "2019-06-07"), ("2022-05-30", "2020-11-11", "2020-11-12")],
)
@pytest.mark.parametrize("nation", NATIONS)
def test_a_day_that_was_moved_is_one_until_it_is_withdrawn(nation, day, before, after):
    date = dt.date.fromisoformat(day)
    assert date in known(nation, dt.date.fromisoformat(before))
    assert date not in known(nation, dt.date.fromisoformat(after))


def test_scotland_alone_had_a_day_for_the_world_cup():
    day = dt.date(2026, 6, 15)
    assert [nation for nation in NATIONS if day in known(nation, day)] == ["scotland"]
    assert day not in known("scotland", dt.date(2026, 2, 3))


def test_no_bank_holiday_is_at_a_weekend():
    assert [each.date for each in PACK.holidays if each.date.weekday() > 4] == []


def test_no_bundled_calendar_ends_before_next_year_does():
    """Fails when the list has not been carried on: add the year after next to rules/bank-holidays.toml."""
    assert calendars_ending(PACK, dt.datetime.now(dt.UTC).date()) == ()


@pytest.mark.parametrize("nation", NATIONS)
def test_every_nation_has_every_year(nation):
    assert {each.date.year for each in PACK.holidays if each.nation == nation} == set(YEARS)
