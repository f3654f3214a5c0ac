"""What is wrong with a configured query before any database is asked. Pure: texts and names in, sentences out.

A query may name `:since` and `:until`, between which an incident was reported, and `:undated`, which is 1 where the
incidents without a report time are wanted too. Colons inside quotes and comments name nothing.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from dacompliance.policy.columns import clashes
from dacompliance.records.contract import DERIVED, QUESTIONS, RECORD_SETS, WORDS, Kind

if TYPE_CHECKING:
    from dacompliance.config.source import Query

PARAMETERS: Final = ("since", "until", "undated")
ANSWERS: Final = "answers"
"""What stands in `values` for every question that has no entry of its own."""

_QUOTED: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAME: Final = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")  # what SQLAlchemy takes for a parameter
_SAMPLE: Final = dt.datetime(2026, 11, 22, 13, 45, tzinfo=dt.UTC)


def parameters(query: str) -> frozenset[str]:
    """Return the names of the parameters of a query."""
    return frozenset(_NAME.findall(_QUOTED.sub(" ", query)))


def escaped(query: str) -> str:
    """Return the query as `sqlalchemy.text` wants it, which would take a colon in quotes for a parameter."""
    return _QUOTED.sub(lambda found: found[0].replace(":", r"\:"), query.strip()).rstrip("; \n\t")


def faults(queries: Iterable[tuple[str, Query]]) -> Iterator[str]:
    """Yield a sentence for each fault of the record sets' queries, with its key, without a full stop."""
    own: dict[str, Mapping[str, Kind]] = {}
    for name, query in queries:
        own[name] = {each: kind for each, kind in query.columns.items() if not _is_fixed(name, each)}
        where = f"records.{name}"
        yield from (f"{where}.query: {fault}" for fault in _query_faults(query.query, everyone=name == "staff"))
        if query.known_to_query is not None:
            yield from (f"{where}.known_to_query: {fault}" for fault in _plain_faults(query.known_to_query))
        if query.time_format is not None:
            yield from (f"{where}.time_format: {fault}" for fault in _format_faults(query.time_format))
        yield from (f"{where}.{fault}" for fault in _column_faults(name, query))
    for clash in clashes(own):
        yield f"records.{clash.replace('.', '.columns.', 1)}: the name already means something else. Choose another"


def _query_faults(query: str, *, everyone: bool) -> Iterator[str]:
    """Yield the faults of a record set's query; `everyone` for staff, who are read whole."""
    names = parameters(query)
    yield from _statement_faults(query)
    if unknown := sorted(names.difference(PARAMETERS)):
        yield f"names :{unknown[0]}, and only :since, :until and :undated are given. Remove it"
    if "since" not in names and not everyone:
        yield "names no :since, so it would read every record ever made. Add a test such as reported >= :since"
    if "until" in names and not {"since", "undated"} <= names:
        yield (
            "names :until, so it is asked slice by slice, and has to name :since and :undated too. Write "
            "(reported >= :since AND reported < :until) OR (:undated = 1 AND reported IS NULL)"
        )


def _plain_faults(query: str) -> Iterator[str]:
    yield from _statement_faults(query)
    if names := sorted(parameters(query)):
        yield f"names :{names[0]}, and is given nothing. Remove it"


def _statement_faults(query: str) -> Iterator[str]:
    bare = _QUOTED.sub(" ", query).strip().rstrip("; \n\t")
    if not re.match(r"\(*\s*(SELECT|WITH)\b", bare, re.IGNORECASE):
        yield "is not a SELECT, and nothing else is ever sent to the force's database. Write one SELECT"
    if ";" in bare:
        yield "is more than one statement. Write one SELECT"


def _format_faults(time_format: str) -> Iterator[str]:
    """Yield why a format cannot carry a day to text and back."""
    if "%Z" in time_format:
        yield "%Z is the name of a zone, which more than one zone can have. Write %z, or drop it and give time_zone"
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of a format without a year, which is refused below
            back = dt.datetime.strptime(_SAMPLE.strftime(time_format), time_format)  # noqa: DTZ007 - its day is read
    except ValueError:
        back = None
    if back is None or back.date() != _SAMPLE.date():
        yield 'cannot be read back into the day it came from. Write one such as "%d/%m/%Y %H:%M"'


def _column_faults(name: str, query: Query) -> Iterator[str]:
    """Yield the faults of `columns`, `values` and `dates`."""
    contract = RECORD_SETS[name]
    known = {spec.name: spec.kind for spec in contract.columns}
    for own in query.columns:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", own):
            yield f"columns.{own}: is not a name for a column. Use small letters, digits and _ only"
        elif _is_fixed(name, own):
            yield f"columns.{own}: is the contract's own, of a kind already fixed. Remove it"
    kinds = {**query.columns, **known}
    maps = {**kinds, ANSWERS: Kind.ANSWER} if name == "assessments" else kinds
    for column, words in query.values.items():
        if column not in maps:
            yield f"values.{column}: is no column of {name}{did_you_mean(column, maps)}. Correct it"
        else:
            yield from (f"values.{column}: {fault}" for fault in _map_faults(words, maps[column]))
    for column in query.dates:
        if column not in kinds:
            yield f'dates: "{column}" is no column of {name}{did_you_mean(column, kinds)}. Correct it'
        elif not kinds[column].is_time:
            yield f'dates: "{column}" holds no time. Remove it'


def _is_fixed(record_set: str, column: str) -> bool:
    return RECORD_SETS[record_set].spec(column) is not None or column in DERIVED[record_set]


def _map_faults(words: Mapping[str, str], kind: Kind) -> Iterator[str]:
    """Yield why a value map could never do what it says. Its words are a force's own, so none is repeated here."""
    if any(word != word.strip() or not word for word in words):
        yield "a word to be looked up is empty, or has a space at an end, which is stripped before. Write it without"
    if kind is Kind.ID and any(word != word.upper() for word in words):
        yield "a word to be looked up has small letters, and this column is in capitals by then. Write it in capitals"
    allowed = WORDS.get(kind)
    if allowed is not None and not set(words.values()) <= {*allowed, ""}:
        yield f'maps to a word that is not the contract\'s. Use {", ".join(allowed)} or "" for missing'


def words_of(query: Query, column: str) -> Mapping[str, str]:
    """Return the value map of a column."""
    shared = query.values.get(ANSWERS, {}) if column in QUESTIONS and ANSWERS not in query.columns else {}
    return query.values.get(column, shared)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a hint at the nearest of `names`, or nothing."""
    close = difflib.get_close_matches(name, sorted(names), n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""
