"""`[[case]]` tables → worked cases: an invented record, an as-at, and what is expected (semantics §4). Judges nothing.

Times are local wall times with their weekday, and a wrong weekday is refused, so that no case lies about a calendar.
A fault never quotes a record: someone may have worked from a real one.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from dacompliance.policy.calendars import WEEKDAYS
from dacompliance.policy.conditions import Scope
from dacompliance.policy.model import WorkedCase
from dacompliance.policy.parts import Part, did_you_mean, either, type_words
from dacompliance.records.contract import WORDS, Kind

OUTCOMES: Final = ("not_applicable", "undetermined", "pending", "met", "late", "breached")
_KEYS: Final = ("name", "as_at", "record", "expect", "due", "done", "reason")
_TIME: Final = re.compile(r"([A-Z][a-z]{2}) (\d{4}-\d\d-\d\d)(?: (24:00|\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?))?", re.ASCII)
_SHAPE: Final = 'Write the weekday, the date and the time, as "Mon 2026-11-02 21:10"'


def read_cases(file: Part, scope: Scope) -> tuple[WorkedCase, ...]:
    """Read a rule's worked cases, in order. Raises RuleError for two of one name: a case fails by its name."""
    found: dict[str, WorkedCase] = {}
    for part in file.parts("case", "case"):
        case = _case(part, scope)
        if case.name in found:
            raise part.fault("name", "is the name of an earlier case too. Give each a name of its own.")
        found[case.name] = case
    return tuple(found.values())


def _case(part: Part, scope: Scope) -> WorkedCase:
    part.only(*_KEYS)
    record = part.part("record")
    values = {column: _value(record, column, scope) for column in record.table}
    if not isinstance(values.get("reported_at"), dt.date):
        raise record.fault("reported_at", "is missing, and it decides the version. Add it.")
    return WorkedCase(
        name=part.text("name"),
        as_at=wall_time(part, "as_at"),
        record=values,
        expect=part.word("expect", OUTCOMES),
        due=wall_time(part, "due") if "due" in part.table else None,
        done=wall_time(part, "done") if "done" in part.table else None,
        reason=part.text("reason") if "reason" in part.table else None,
    )


def _value(record: Part, column: str, scope: Scope) -> object:
    """Return one cell as its column's kind reads it: a wall time, a date, a whole number or a word."""
    kind = scope.kind(record, column, column)
    if kind.is_time:
        return _time(record, column, dated=True)
    if kind is Kind.NUMBER:
        return record.whole_number(column)
    found = record.table[column]
    if not isinstance(found, str):
        raise record.fault(column, f"holds {kind.value}; this is {type_words(found)}. Write it in quotes.")
    if kind in WORDS and found not in WORDS[kind]:
        remedy = did_you_mean(found, WORDS[kind]) or " Write one of these, or leave the column out."
        raise record.fault(column, f"holds only {either(WORDS[kind])}.{remedy}")
    if not found.strip():
        raise record.fault(column, "is empty, which is missing. Leave the column out.")
    return found.strip().upper() if kind is Kind.ID else found.strip()


def wall_time(part: Part, key: str) -> dt.datetime:
    """Return the local wall time under `key`, which must have a time of day; 24:00 is the next day's midnight."""
    found = _time(part, key, dated=False)
    assert isinstance(found, dt.datetime), "a time without a time of day is refused"
    return found


def _time(part: Part, key: str, *, dated: bool) -> dt.date:
    """Return a wall time, or a date where `dated` allows one without a time of day."""
    part.need(key)
    text = part.table[key]
    if not isinstance(text, str):
        raise part.fault(key, f"is {type_words(text)}. {_SHAPE}, in quotes.")
    found = _TIME.fullmatch(text)
    day = _date(found[2]) if found else None
    if found is None or day is None or (found[3] is None and not dated):
        raise part.fault(key, f"is not a time as cases give it. {_SHAPE}.")
    weekday = WEEKDAYS[day.weekday()]
    if found[1] != weekday:
        raise part.fault(key, f'the weekday does not match: {day} is a {weekday}. Write "{weekday}", or mend the date.')
    if found[3] is None:
        return day
    if found[3] == "24:00":
        return dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
    try:
        return dt.datetime.combine(day, dt.time.fromisoformat(found[3]))
    except ValueError:
        raise part.fault(key, f"is not a time of day there is. {_SHAPE}.") from None


def _date(text: str) -> dt.date | None:
    """Return the date, or None where there is none such, or none anyone now working has seen or will."""
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 <= found.year < 2200 else None
