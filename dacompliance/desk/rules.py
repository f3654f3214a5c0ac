"""Lines about the rules for a terminal: lists, one rule in words, worked cases, and what is worth mending.

Everything comes from elsewhere: the pack, and where there is a ledger, what its last run did with each rule.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from dacompliance.config import Settings
from dacompliance.errors import LedgerError, RuleError, UsageError
from dacompliance.judging.cases import case_faults
from dacompliance.ledger import history, runs
from dacompliance.ledger.database import reading
from dacompliance.policy.advice import advice
from dacompliance.policy.columns import OwnColumns, switched_off
from dacompliance.policy.files import load_pack, load_rule, optional_files
from dacompliance.policy.model import Pack, Rule, Version
from dacompliance.records.contract import DERIVED, RECORD_SETS
from dacompliance.reporting.plain import limit_words, rule_words
from dacompliance.run.refusing import refuse_edited

LONDON: Final = ZoneInfo("Europe/London")
WIDTH: Final = 100
_INDENT: Final = " " * 8


@dataclass(frozen=True, slots=True)
class Book:
    """A pack, the folder it was read from (None: the bundled one), and the settings of the force that uses it."""

    pack: Pack
    folder: Path | None = None
    settings: Settings | None = None

    @property
    def own(self) -> OwnColumns:
        """The force's own columns."""
        return {} if self.settings is None else self.settings.own_columns

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which worked cases are read."""
        return LONDON if self.settings is None else self.settings.zone


def open_book(folder: Path | None, settings: Settings | None) -> Book:
    """Read the pack of `folder`, else the one the settings name; with neither, the bundled one."""
    if folder is None and settings is not None:
        folder = settings.rules.folder
    return Book(load_pack(folder, {} if settings is None else settings.own_columns), folder, settings)


def offers(book: Book) -> dict[str, Path]:
    """Return the optional rules the pack has not adopted: their files, by id."""
    found = {_id_of(path): path for path in optional_files(book.folder)}
    return {rule_id: path for rule_id, path in sorted(found.items()) if book.pack.rule(rule_id) is None}


def _id_of(path: Path) -> str:
    """Return the id a rule file's name begins with: `REF-02` of `REF-02-medium-risk-to-mash`."""
    parts = path.stem.split("-")
    upper = [part for part in parts if part == part.upper()]
    return "-".join(parts[: len(upper)])


# The list ------------------------------------------------------------------------------------------------------------


def list_lines(book: Book, today: dt.date) -> Iterator[str]:
    """Yield what each rule is, how it stands today and, if it is not checked, why; then what can be adopted."""
    last = _LastRun.of(book)
    unread = _unread(book)
    for rule in book.pack.rules:
        yield f"{rule.id}  {rule.title}"
        yield f"{_INDENT}{_standing(rule, version_on(rule, today))}"
        if rule.id in unread:
            yield f"{_INDENT}SWITCHED OFF: {unread[rule.id]}"
        elif rule.id in last.said:
            yield f"{_INDENT}{last.said[rule.id]}"
    waiting = offers(book)
    if waiting:
        yield ""
        yield "Off until adopted: copy the file beside the other rules (docs/coverage.md says what each needs first)."
        for rule_id, path in waiting.items():
            yield f"{rule_id}  {path}"
    if last.note:
        yield ""
        yield last.note


def _standing(rule: Rule, version: Version | None) -> str:
    if version is None:
        return "not in force today"
    chased = "chased" if rule.chase else "measured, not chased"
    approved = f"approved by {version.approved.by}" if version.approved else "bundled default, not force policy"
    return f"{chased}; {limit_words(version)}; {rule.reader}; {rule.severity}; {approved}"


def version_on(rule: Rule, day: dt.date) -> Version | None:
    """Return the version in force for an incident of `day`, if there is one."""
    found = [each for each in rule.versions if each.in_force_from <= day]
    version = max(found, key=lambda each: each.in_force_from, default=None)
    if version is None or (version.in_force_until is not None and version.in_force_until < day):
        return None
    return version


def _unread(book: Book) -> Mapping[str, str]:
    """Return the rules that are off whatever the queries bring, since the configuration does not read a record set."""
    if book.settings is None:
        return {}
    mapped = {
        name: {contract.key, *(spec.name for spec in contract.columns), *DERIVED[name], *book.own.get(name, {})}
        for name, contract in RECORD_SETS.items()
        if getattr(book.settings.records, name) is not None
    }
    return switched_off(book.pack, mapped)


@dataclass(frozen=True, slots=True)
class _LastRun:
    """What the ledger's last run did with the rules it did not check, and a line about the run or for want of one."""

    said: Mapping[str, str]
    note: str = ""

    @classmethod
    def of(cls, book: Book) -> _LastRun:
        if book.settings is None:
            return cls({})
        try:
            with reading(book.settings.ledger.url.get_secret_value()) as connection:
                run = runs.latest(connection)
        except LedgerError as error:
            return cls({}, f"Which rules a run would switch off is not known: {error}")
        if run is None:
            return cls({}, "Which rules a run would switch off is not known: no run yet.")
        words = {"switched_off": "SWITCHED OFF", "not_checked": "not checked"}
        found = {
            rule_id: f"{words[each.state.value]} in run {run.id}: {each.why}"
            for rule_id, each in run.rules.items()
            if each.state.value in words
        }
        return cls(found, f"As run {run.id} found them, as at {run.as_at.astimezone(book.zone):%Y-%m-%d %H:%M}.")


# One rule, worked cases, advice --------------------------------------------------------------------------------------


def show_lines(book: Book, rule_id: str) -> Iterator[str]:
    """Yield what one rule says, in plain English. Raises UsageError for one neither in the pack nor beside it."""
    rule = book.pack.rule(rule_id)
    if rule is None:
        waiting = offers(book)
        if rule_id not in waiting:
            known = ", ".join(each.id for each in book.pack.rules)
            more = f" Off until adopted: {', '.join(waiting)}." if waiting else ""
            raise UsageError(f"{rule_id}: the pack has no such rule. It has: {known}.{more}")
        rule = load_rule(waiting[rule_id], book.folder, book.own)
        yield from _wrapped("Off until adopted: this rule is in no pack until its file is copied beside the others.")
        yield ""
    for line in rule_words(rule):
        yield from _wrapped(line)


def _wrapped(line: str) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]


def case_lines(book: Book) -> Iterator[str]:
    """Run every worked case, and yield a line a rule. Raises RuleError naming each case that is not as it expects."""
    faults = case_faults(book.pack.rules, book.pack, book.zone)
    if faults:
        raise RuleError("\n".join(faults))
    for rule in book.pack.rules:
        yield f"{rule.id}  {len(rule.cases)} worked cases, all as expected."
    without = [rule.id for rule in book.pack.rules if not rule.cases]
    if without:
        yield f"Without worked cases: {', '.join(without)}. Write some: they are what the policy owner signs."


def check_lines(book: Book, today: dt.date) -> Iterator[str]:
    """Yield what was read and what is worth mending. The pack could be read, or there would be no book.

    Raises RuleError where a run would refuse the pack: a published version says something else than the ledger ran.
    """
    destinations: Collection[str] | None = None
    if book.settings is not None:
        destinations, ran, note = _of_the_ledger(book.settings)
        refuse_edited(book.pack, ran)
        if note:
            yield note
    files = len(book.pack.texts)
    versions = sum(len(rule.versions) for rule in book.pack.rules)
    rules, calendars = len(book.pack.rules), len(book.pack.calendars)
    yield f"{files} files read: {rules} rules with {versions} versions, {calendars} calendars."
    found = list(advice(book.pack, today, destinations))
    for line in found:
        yield f"Warning: {line}"
    yield f"{len(found)} warnings." if found else "Nothing to mend."


def _of_the_ledger(settings: Settings) -> tuple[Collection[str], Mapping[tuple[str, str], str], str]:
    """Return the destinations known to the configuration and the last run's records, and what versions said then."""
    known = set(settings.rules.destinations)
    try:
        with reading(settings.ledger.url.get_secret_value()) as connection:
            run, ran = runs.latest(connection), runs.versions_ran(connection)
            if run is not None:
                known |= set(history.records_at(connection, run.id).referrals.get("destination").words)
    except LedgerError as error:
        return known, {}, f"Held to the configuration only: {error}"
    return known, ran, ""
