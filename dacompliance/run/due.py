"""Which local dates a job falls on, and which of them is the newest that is due. Pure: wall times in, dates out.

A slot is a local date, never an instant: an hour that happens twice, or never, cannot make it two or none. The wall
clock only ever goes back over times from 01:00 to 01:59, at which no job may be.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from dacompliance.config import Job, Settings

DAY: Final = dt.timedelta(days=1)
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def falls_on(job: Job, day: dt.date) -> bool:
    """Say whether a job runs on a local date."""
    return not job.on or WEEKDAYS[day.weekday()] in job.on


def newest_day(job: Job, day: dt.date) -> dt.date:
    """Return the last date up to `day`, itself included, that a job falls on."""
    while not falls_on(job, day):
        day -= DAY
    return day


def newest_due(job: Job, local: dt.datetime) -> dt.date:
    """Return the newest date whose time for a job has come by a local wall time."""
    return newest_day(job, local.date() if f"{local:%H:%M}" >= job.at else local.date() - DAY)


def between(job: Job, after: dt.date, until: dt.date) -> list[dt.date]:
    """Return the dates a job falls on, after one date and before another, both left out."""
    days = (after + number * DAY for number in range(1, (until - after).days))
    return [day for day in days if falls_on(job, day)]


def next_list(now: dt.datetime, settings: Settings) -> dt.datetime:
    """Return when the next list comes: the next local time of any check by every rule, on a day it falls on.

    Days of 23 and 25 hours are what they are. A second look is no list.
    """
    today = now.astimezone(settings.zone).date()
    times = (
        dt.datetime.combine(day, dt.time.fromisoformat(job.at), settings.zone).astimezone(dt.UTC)
        for job in settings.schedule.jobs
        if job.kind == "check" and not job.is_second_look
        for day in (today + ahead * DAY for ahead in range(8))
        if falls_on(job, day)
    )
    return min(time for time in times if time > now)
