"""A rule in plain English, for whoever signs it: when it applies, what must be so, by when, who approved it. Pure.

Sentences a policy owner can hold against the policy: every condition, limit and convention is said, and nothing that
the file does not say but what a missing value means.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from dacompliance.exceptions.words import noun
from dacompliance.policy.model import Calendar, Clock, Condition, Deadline, Rule, Version
from dacompliance.reporting.conditions import condition_words, what_to_know

_READERS: Final = {"supervisor": "the supervisor", "referral-unit": "the referral unit"}
_NATIONS: Final = {
    "england-and-wales": "England and Wales",
    "scotland": "Scotland",
    "northern-ireland": "Northern Ireland",
}
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def rule_words(rule: Rule) -> Iterator[str]:
    """Yield the paragraphs that say what one rule asks, whom, since when and by whose authority; "" between them."""
    yield f"{rule.id}  {rule.title}"
    yield ""
    yield f"It judges every {_ABOUT[rule.about]}. {_chased(rule)}"
    for version in sorted(rule.versions, key=lambda each: each.in_force_from):
        yield ""
        yield from version_words(version)
    yield ""
    yield f"Source: {_sentence(rule.source)}"
    if rule.note:
        yield f"Note: {_sentence(rule.note)}"
    yield f"Worked cases: {len(rule.cases)}, at the end of {rule.file or 'its file'}."


_ABOUT: Final = {
    "incident": "incident",
    "assessment": "risk assessment, once it is submitted",
    "referral": "referral that was made and not cancelled",
}


def _chased(rule: Rule) -> str:
    if not rule.chase:
        return "It is measured and listed only: nothing is opened, and nobody is mailed."
    who = _READERS[rule.reader]
    return (
        f'It is chased: what is overdue or cannot be judged opens an exception, and {who} is asked: "{rule.action}". '
        f"On the list it stands as {rule.severity}."
    )


def version_words(version: Version) -> Iterator[str]:
    """Yield the paragraphs that say what one version asks."""
    yield f"{_in_force(version)} {_approved(version)}"
    conditions = condition_words(version.applies) if version.applies else ""
    yield f"  It applies where {conditions}." if conditions else "  It applies to all of them."
    yield from _unsure(version.applies)
    yield f"  {_demand(version)}"
    yield from _unsure(version.holds)
    if version.deadline is not None:
        yield f"  {_counting(version.deadline)}"
    if version.done is not None and version.deadline is not None:
        yield f"  {early_words(version)}"


def _in_force(version: Version) -> str:
    begins = date_words(version.in_force_from)
    until = f" to {date_words(version.in_force_until)}, its last day" if version.in_force_until else ""
    published = "" if version.published == version.in_force_from else f" Published on {date_words(version.published)}."
    return f"Version of {begins}: for incidents reported from that day{until}.{published}"


def _approved(version: Version) -> str:
    if version.approved is None:
        return "Bundled default, not force policy: nobody has approved it."
    minute = f" ({version.approved.minute})" if version.approved.minute else ""
    return f"Approved by {version.approved.by} on {date_words(version.approved.on)}{minute}."


def _unsure(condition: Condition | None) -> Iterator[str]:
    unknown = condition and what_to_know(condition)
    if unknown:
        yield f"  Where nobody knows {unknown}, and nothing else settles it, it cannot be judged."


def _demand(version: Version) -> str:
    by = f" within {_length(version.deadline)}" if version.deadline else ""
    if version.done is not None:
        return f"What must be done: the {noun(version.done)}{by or ', at whatever time'}."
    assert version.holds is not None, "policy.files gives every version one of done and holds"
    return f"What must be so{by}: {condition_words(version.holds)}."


def limit_words(version: Version) -> str:
    """Return the limit of a version: "24 hours by the clock from the start of the present grade"."""
    return _length(version.deadline) if version.deadline else "no deadline"


def _length(deadline: Deadline) -> str:
    unit = deadline.clock.value
    if deadline.amount == 1:
        unit = unit.removesuffix("s")
    calendar = f" ({deadline.calendar.name} calendar)" if deadline.calendar else ""
    counted = " by the clock" if deadline.clock is Clock.HOURS else ""
    return f"{deadline.amount} {unit}{calendar}{counted} from the {noun(deadline.start)}"


def _counting(deadline: Deadline) -> str:
    """Return how a limit is counted, in a sentence: whoever signs the rule signs this too."""
    if deadline.clock is Clock.HOURS:
        return "Hours are real time, day and night, whatever the clocks do. The last instant is in time."
    if deadline.clock is Clock.DAYS:
        return "Days are counted from the day after, whatever day it is, and the last ends at midnight."
    assert deadline.calendar is not None, "policy.files gives every working clock its calendar"
    opening = _calendar_words(deadline.calendar)
    if deadline.clock is Clock.WORKING_HOURS:
        return f"Hours count only while the {deadline.calendar.name} calendar is open: {opening}."
    return (
        f"Working days are those of the {deadline.calendar.name} calendar: {opening}. {_day_words(deadline.calendar)}"
    )


def _calendar_words(calendar: Calendar) -> str:
    spells = " and ".join(f"{_time(opens)} to {_time(closes)}" for opens, closes in calendar.hours)
    holidays = f", but not on bank holidays of {_NATIONS[calendar.holidays]}" if calendar.holidays else ""
    return f"{_weekdays(calendar.weekdays)}, {spells}{holidays}"


def _weekdays(days: tuple[int, ...]) -> str:
    if len(days) > 2 and days == tuple(range(days[0], days[-1] + 1)):
        return f"{_DAYS[days[0]]} to {_DAYS[days[-1]]}"
    return ", ".join(_DAYS[day] for day in days)


def _day_words(calendar: Calendar) -> str:
    late = "" if calendar.cut_off == 1440 else f", after {_time(calendar.cut_off)} the next day"
    closed = (
        "does not count, nor does the first working day after it" if calendar.closed_start == 0 else "does not count"
    )
    return (
        f"The day of the start{late} does not count; one that is no working day {closed}. "
        f"The last day ends at {_time(calendar.day_ends)}."
    )


def _time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def early_words(version: Version) -> str:
    """Return what a finish before the start means by a version, in a sentence."""
    if isinstance(version.early, int):
        return f"One up to {version.early} hours before the start counts; an earlier one does not."
    if version.early == "undetermined":
        return "One dated before the start cannot be judged: somebody has to look."
    return "One dated before the start counts as in time."


def date_words(date: dt.date) -> str:
    """Return a date as an approval writes it: "10 December 2025"."""
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!")) else f"{text}."
