"""How a notice says moments, ages and counts. Pure; knows British English, never a record's value but to clean it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from zoneinfo import ZoneInfo

from dacompliance.exceptions.words import day


def plain(text: str, limit: int = 80) -> str:
    """Return `text` on one line: no control, format or private characters, at most `limit` long.

    Text of records reaches subjects, headings and addresses of links through here, so that a line break cannot add a
    header, and an override of writing direction cannot make one reference look like another.
    """
    kept = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text)
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def count(number: int, one: str, many: str = "") -> str:
    """Return `1 case`, `2 cases`, `1,200 cases`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def moment(instant: dt.datetime, zone: ZoneInfo, today: dt.date) -> str:
    """Return an instant's local time and day: `06:00 today`, `23:40 on Mon 11 Mar`."""
    local = instant.astimezone(zone)
    if local.date() == today:
        return f"{local:%H:%M} today"
    return f"{local:%H:%M} on {day(local.date(), year=local.year != today.year)}"


def deadline(instant: dt.datetime, zone: ZoneInfo, today: dt.date) -> str:
    """Return when something falls due: `by 14:30 today`, `by midnight on Wed 13 Mar` for 24:00 of that day."""
    local = instant.astimezone(zone)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        last = local.date() - dt.timedelta(days=1)
        return "by midnight tonight" if last == today else f"by midnight on {day(last, year=last.year != today.year)}"
    if local.date() == today + dt.timedelta(days=1):
        return f"by {local:%H:%M} tomorrow"
    return f"by {moment(instant, zone, today)}"


def days_between(start: dt.datetime, end: dt.datetime) -> int:
    """Return the whole days (24 hours) from `start` to `end`, 0 when `end` is first."""
    return max((end - start) // dt.timedelta(days=1), 0)


def share(part: int, whole: int) -> str:
    """Return `193 of 212 (91%)`; the rate only from ten on, where it means something; `no cases` of none.

    All but one is never rounded to 100%, nor one to 0%.
    """
    if whole == 0:
        return "no cases"
    percent = round(100 * part / whole)
    if 0 < part < whole:
        percent = min(max(percent, 1), 99)
    rate = f" ({percent}%)" if whole >= 10 else ""
    return f"{part:,} of {whole:,}{rate}"


def hours(start: dt.datetime, end: dt.datetime) -> str:
    """Return the whole hours from `start` to `end`, in days from three days on: `31 hours`, `4 days`."""
    passed = max((end - start) // dt.timedelta(hours=1), 0)
    return count(passed, "hour") if passed < 72 else count(passed // 24, "day")
