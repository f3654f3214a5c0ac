"""Whatever stands in a file, it is read or refused in one line: nothing else ever comes of it."""

import copy
import datetime as dt
import tomllib
from pathlib import Path
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from dacompliance.errors import RuleError
from dacompliance.policy.calendars import NATIONS, read_calendars, read_holidays, read_instruments
from dacompliance.policy.files import _rule
from dacompliance.policy.parts import Part
from tests.policy.samples import CALENDARS, HOLIDAYS, INSTRUMENTS, RULE, RULE_FILE

OFFICE: Final = read_calendars(Part("calendars.toml", tomllib.loads(CALENDARS)), NATIONS)
FILES: Final = {
    "rule": (tomllib.loads(RULE), lambda part: _rule(part, "", Path(RULE_FILE), {}, OFFICE)),
    "calendars": (tomllib.loads(CALENDARS), lambda part: read_calendars(part, NATIONS)),
    "holidays": (tomllib.loads(HOLIDAYS), read_holidays),
    "instruments": (tomllib.loads(INSTRUMENTS), read_instruments),
}

WORDS: Final = st.sampled_from(
    [
        "",
        " ",
        "any",
        "grade",
        "high",
        "is",
        "present",
        "missing",
        "reported_at",
        "mash_referred_at",
        "same_as",
        "equals",
        "0 hours",
        "1 working days",
        "elapsed",
        "office",
        "24:00",
        "09:00-17:00",
        "Mon 2026-11-02",
        "Mon 2026-11-02 24:00",
        "Fri 9999-12-31 24:00",
    ]
)
PLAIN: Final = st.one_of(
    WORDS,
    st.text(max_size=12),
    st.integers(),
    st.booleans(),
    st.floats(),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.sampled_from([None, dt.UTC])),
)
VALUES: Final = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(WORDS | st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(table, path=()):
    """Yield the path to everything in a table, lists and tables too."""
    entries = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from places(value, (*path, key))


def put(table, path, value):
    """Return a copy of the table with another value at the path, or without it."""
    made = copy.deepcopy(table)
    inside = made
    for key in path[:-1]:
        inside = inside[key]
    if value is None:
        del inside[path[-1]]
    else:
        inside[path[-1]] = value
    return made


def fault(read, table):
    """Return what a table is refused with; nothing where it is read."""
    try:
        read(Part("rules/file.toml", table))
    except RuleError as error:
        return str(error)
    return None


@given(data=st.data())
def test_any_value_anywhere_is_read_or_refused_in_one_line(data):
    table, read = FILES[data.draw(st.sampled_from(sorted(FILES)))]
    for _ in range(data.draw(st.integers(1, 3))):
        if table:
            path = data.draw(st.sampled_from(sorted(places(table), key=str)))
            table = put(table, path, data.draw(st.none() | VALUES))
    said = fault(read, table)
    assert said is None or (said.startswith("rules/file.toml") and said.splitlines() == [said])
