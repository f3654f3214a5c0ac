"""The digest of what a rule version says. Knows the model; reads nothing.

It covers what judges, and nothing else: what the rule is about, the version's dates, conditions and deadline, and
every convention of its calendar. `approved` is apart, so that approval can be added to a published version; so are
the title, the order of tests and the calendar's name.
"""

from __future__ import annotations

import hashlib
import json

from dacompliance.policy.model import About, Calendar, Condition, Deadline, Test, Version


def version_digest(about: About, version: Version, *, with_calendar: bool = True) -> str:
    """Return the SHA-256, in hexadecimal, of a version's meaning as canonical JSON.

    Without its calendar it is what the version itself says: a calendar may be edited, a published version may not.
    """
    meaning = {
        "about": about,
        "in_force_from": version.in_force_from.isoformat(),
        "in_force_until": version.in_force_until.isoformat() if version.in_force_until else None,
        "published": version.published.isoformat(),
        "applies": _condition(version.applies) if version.applies else None,
        "done": version.done,
        "holds": _condition(version.holds) if version.holds else None,
        "deadline": _deadline(version.deadline, with_calendar) if version.deadline else None,
        "early": version.early,
    }
    return hashlib.sha256(_canonical(meaning).encode()).hexdigest()


def _canonical(meaning: object) -> str:
    return json.dumps(meaning, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _condition(condition: Condition) -> dict[str, object]:
    return {
        "tests": sorted((_test(test) for test in condition.tests), key=_canonical),
        "anys": sorted(
            (sorted((_condition(each) for each in group), key=_canonical) for group in condition.anys), key=_canonical
        ),
    }


def _test(test: Test) -> list[object]:
    return [test.column, test.kind.value, sorted(set(test.words)), test.number, test.other]


def _deadline(deadline: Deadline, with_calendar: bool) -> dict[str, object]:
    calendar: object = None
    if deadline.calendar is not None:
        calendar = _calendar(deadline.calendar) if with_calendar else deadline.calendar.name
    return {"start": deadline.start, "amount": deadline.amount, "clock": deadline.clock.value, "calendar": calendar}


def _calendar(calendar: Calendar) -> dict[str, object]:
    return {
        "weekdays": calendar.weekdays,
        "hours": calendar.hours,
        "holidays": calendar.holidays,
        "day_ends": calendar.day_ends,
        "cut_off": calendar.cut_off,
        "closed_start": calendar.closed_start,
    }
