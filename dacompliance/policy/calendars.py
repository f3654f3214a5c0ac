"""calendars.toml, bank-holidays.toml and instruments.toml → the model. Every convention is named in them, none assumed.

Knows no clock: what ends next year is asked with the day it is asked on.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Final, Literal

from dacompliance.policy.model import Calendar, Holiday, Pack
from dacompliance.policy.parts import Part, did_you_mean, either

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NATIONS: Final = ("england-and-wales", "scotland", "northern-ireland")
PLAIN_CLOCKS: Final = ("elapsed", "calendar")
"""The clocks that need no calendar, whose names no calendar may take."""
_CLOSED_START: Final[Mapping[str, Literal[0, 1]]] = {"day 0": 0, "day 1": 1}
_KEYS: Final = ("weekdays", "hours", "holidays", "day_ends", "cut_off", "closed_start")


def read_calendars(file: Part, nations: Collection[str]) -> Mapping[str, Calendar]:
    """Read calendars.toml: a table a calendar, with every convention. `nations` are those with bank holidays."""
    found = {}
    for name in file.table:
        part = file.part(name)
        if name in PLAIN_CLOCKS:
            raise file.fault(
                name,
                f"is the name of a clock that needs no calendar. Call it something other than {either(PLAIN_CLOCKS)}.",
            )
        found[name] = _calendar(name, part, nations)
    return found


def _calendar(name: str, part: Part, nations: Collection[str]) -> Calendar:
    part.only(*_KEYS)
    part.need(*_KEYS)
    nation = part.word("holidays", (*NATIONS, "none"))
    if nation != "none" and nation not in nations:
        raise part.fault("holidays", f'bank-holidays.toml has none of "{nation}". Add them there, or write "none".')
    return Calendar(
        name=name,
        weekdays=_weekdays(part),
        hours=_hours(part),
        holidays=None if nation == "none" else nation,
        day_ends=_minute(part, "day_ends", part.text("day_ends")),
        cut_off=_minute(part, "cut_off", part.text("cut_off")),
        closed_start=_CLOSED_START[part.word("closed_start", tuple(_CLOSED_START))],
    )


def _weekdays(part: Part) -> tuple[int, ...]:
    found = part.texts("weekdays")
    for day in found:
        if day not in WEEKDAYS:
            raise part.fault("weekdays", f"the days are {either(WEEKDAYS)}.{did_you_mean(day.title(), WEEKDAYS)}")
        if found.count(day) > 1:
            raise part.fault("weekdays", f'"{day}" stands twice. Name it once.')
    return tuple(sorted(WEEKDAYS.index(day) for day in found))


def _hours(part: Part) -> tuple[tuple[int, int], ...]:
    spells = tuple(_spell(part, text) for text in part.texts("hours"))
    for (_, closes), (opens, _) in pairwise(spells):
        if opens < closes:
            raise part.fault(
                "hours", "two spells overlap or are out of order. List them in order of the day, each after the last."
            )
    return spells


def _spell(part: Part, text: str) -> tuple[int, int]:
    opens, dash, closes = text.partition("-")
    if not dash:
        raise part.fault("hours", f'"{text}" is not a spell. Write opening and closing time, as "09:00-17:00".')
    spell = _minute(part, "hours", opens), _minute(part, "hours", closes)
    if spell[0] >= spell[1]:
        raise part.fault(
            "hours", f'"{text}" closes before it opens. Split a spell over midnight into "…-24:00" and "00:00-…".'
        )
    return spell


def _minute(part: Part, key: str, text: str) -> int:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)|24:00", text)
    if found is None:
        raise part.fault(key, f'"{text}" is not a time of day. Write two figures each, as "09:00", or "24:00".')
    return 1440 if text == "24:00" else int(found[1]) * 60 + int(found[2])


def read_holidays(file: Part) -> tuple[Holiday, ...]:
    """Read bank-holidays.toml, in order of date and nation.

    One day of one nation stands once; again only where it was withdrawn before it was announced anew.
    """
    file.only("holiday")
    found = sorted(
        (_holiday(part) for part in file.parts("holiday", "holiday")),
        key=lambda each: (each.nation, each.date, each.announced),
    )
    for one, other in pairwise(found):
        same = (one.nation, one.date) == (other.nation, other.date)
        if same and (one.withdrawn is None or one.withdrawn > other.announced):
            raise file.fault("holiday", f"{one.date} stands twice for {one.nation}. Remove one.")
    return tuple(sorted(found, key=lambda each: (each.date, each.nation, each.announced)))


def _holiday(part: Part) -> Holiday:
    part.only("date", "nation", "name", "announced", "withdrawn")
    date, announced, withdrawn = part.date("date"), part.date("announced"), part.date_or_none("withdrawn")
    if announced > date:
        raise part.fault("announced", "is after the day itself. Write the day it became known, or the day itself.")
    if withdrawn is not None and not announced <= withdrawn <= date:
        raise part.fault(
            "withdrawn", "is not between the announcement and the day itself. Write the day it became known."
        )
    return Holiday(date, part.word("nation", NATIONS), part.text("name"), announced, withdrawn)


def read_instruments(file: Part) -> Mapping[str, int]:
    """Read instruments.toml: how many questions each instrument has."""
    found = {name: file.whole_number(name) for name in file.table}
    for name, count in found.items():
        if count < 1:
            raise file.fault(name, f"{count} questions is no instrument. Write how many it has, from 1.")
    return found


def holidays_until(pack: Pack, nation: str) -> dt.date | None:
    """Return the last day of the last year for which a nation has bank holidays, or None where it has none."""
    years = [holiday.date.year for holiday in pack.holidays if holiday.nation == nation and holiday.withdrawn is None]
    return dt.date(max(years), 12, 31) if years else None


def calendars_ending(pack: Pack, today: dt.date) -> tuple[str, ...]:
    """Return the calendars whose nation has no bank holidays for the whole of the year after `today`'s."""
    return tuple(_ending(pack, today))


def _ending(pack: Pack, today: dt.date) -> Iterator[str]:
    for name, calendar in sorted(pack.calendars.items()):
        if calendar.holidays is not None:
            until = holidays_until(pack, calendar.holidays)
            if until is None or until.year <= today.year:
                yield name
