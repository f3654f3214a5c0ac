"""What each reader is told: the open exceptions they must act on, what is due soon, and what closed. Pure.

A task carries references, the grade's word, the officer's number, question numbers, area and team; no other value of a
record. A reader is told what is missing; what only the data's keeper can put right is counted.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final, NamedTuple, get_args

import pandas as pd

from dacompliance.exceptions.casebook import Casebook, Said, open_book
from dacompliance.exceptions.gaps import surely_applies, unknown, wanting
from dacompliance.exceptions.lifecycle import RuleState
from dacompliance.exceptions.model import ClosedTask, Closing, Event, Identity, Section, Standing, Task
from dacompliance.exceptions.routing import UNIT, Directory, heard_by
from dacompliance.policy.model import SEVERITIES, Rule

_SECTIONS: Final[tuple[Section, ...]] = get_args(Section)


@dataclass(frozen=True, slots=True, eq=False)
class Morning:
    """Everything a run knows when it says what each reader should be told.

    `standings` are those after the run's events. `verdicts` is the frame of the rules checked; rows of rules that were
    not, as they were last judged, may stand in it too. `details` has one row an item: about, item_ref, incident_ref,
    occurrence_ref, grade, area, team, officer_id, blank_questions, unreadable (the names of its unreadable columns,
    joined by "; "), unassessed, high; text "" where missing. `due_by` is when the next list comes. `last_told` is, by
    reader key, the as-at of the run of the last notice handed over. `closings` are closed events with their run's
    as-at, going back at least that far. Who has been `waived` is not chased.
    """

    due_by: dt.datetime
    standings: Mapping[Identity, Standing]
    verdicts: pd.DataFrame
    details: pd.DataFrame
    rules: Sequence[Rule]
    states: Mapping[str, RuleState]
    owners: Callable[[str, str], str]
    directory: Directory
    last_told: Mapping[str, dt.datetime]
    closings: Sequence[tuple[dt.datetime, Event]] = ()
    backlog: AbstractSet[str] = frozenset()
    waived: AbstractSet[Identity] = frozenset()


@dataclass(frozen=True, slots=True)
class ReaderList:
    """What one reader is told. `tasks` stand by section, worst first. The numbers count open exceptions not listed.

    `suspended`: the rule is switched off. `not_checked`: it was not checked, and how it was last judged is not at hand.
    `with_data_keeper`: it cannot be judged for a cell or a row that only the data's keeper can put right.
    """

    reader: str
    tasks: tuple[Task, ...] = ()
    closed: tuple[ClosedTask, ...] = ()
    suspended: int = 0
    not_checked: int = 0
    waived: int = 0
    with_data_keeper: int = 0


class _Row(NamedTuple):
    """A task and its owner. `theirs`: a reader can put it right. `overseen`: the unit sees it whoever must act."""

    task: Task
    owner: str
    high: bool
    overseen: bool = False
    theirs: bool = True

    def place(self) -> tuple[int, int, bool, dt.datetime, str, str, str]:
        """Return the order of a list: section, critical first, high risk, longest overdue, then reference."""
        task = self.task
        since = task.due_at or task.opened_at
        assert since is not None
        section, severity = _SECTIONS.index(task.section), SEVERITIES.index(task.severity)
        return section, severity, not self.high, since, task.occurrence_ref, task.item_ref, task.rule_id


@dataclass(slots=True)
class _Draft:
    """One reader's list while it is being written."""

    rows: list[_Row] = field(default_factory=list)
    closed: list[ClosedTask] = field(default_factory=list)
    unlisted: Counter[str] = field(default_factory=Counter)


def lists(morning: Morning) -> dict[str, ReaderList]:
    """Return what each reader is told, by reader key; readers with nothing at all are left out.

    New is what opened after the last notice handed over to the reader; to someone never told everything is new, and
    nothing has closed. What cannot be judged, and what the unit oversees, is one row a case: that of its worst rule.
    """
    items = {standing.item_ref for standing in morning.standings.values() if standing.is_open}
    items |= {event.item_ref for _, event in morning.closings}
    book = open_book(morning.verdicts, morning.details, morning.rules, items, morning.due_by)
    drafts: dict[str, _Draft] = defaultdict(_Draft)
    unit = heard_by(morning.directory, UNIT)
    for row in [*_open_rows(morning, book), *_due_soon_rows(morning, book)]:
        owner = heard_by(morning.directory, row.owner)
        if row.theirs:
            drafts[owner].rows.append(row)
        else:
            drafts[owner].unlisted["with_data_keeper"] += 1
        if row.overseen and (owner != unit or not row.theirs):
            drafts[unit].rows.append(row._replace(task=replace(row.task, section="oversight")))
    for standing in _open(morning):
        if why := _why_unlisted(standing, morning, book):
            drafts[heard_by(morning.directory, standing.owner_now)].unlisted[why] += 1
    for owner, closed in _closed(morning, book):
        drafts[owner].closed.append(closed)
    return {key: _written(key, draft, morning.last_told.get(key)) for key, draft in sorted(drafts.items())}


def _written(key: str, draft: _Draft, told: dt.datetime | None) -> ReaderList:
    tasks: list[Task] = []
    for section, group in groupby(sorted(draft.rows, key=_Row.place), key=lambda row: row.task.section):
        found = [replace(row.task, is_new=_is_new(row.task, told)) for row in group]
        tasks += _one_a_case(found) if section in ("cannot_judge", "oversight") else found
    closed = sorted(draft.closed, key=lambda task: (task.rule_id, task.item_ref))
    return ReaderList(key, tuple(tasks), tuple(closed), **draft.unlisted)


def _is_new(task: Task, told: dt.datetime | None) -> bool:
    return task.opened_at is not None and (told is None or task.opened_at > told)


def _one_a_case(tasks: Iterable[Task]) -> list[Task]:
    """Return one task an incident, its first, saying what is missing in all of them."""
    cases: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        cases[task.incident_ref].append(task)
    return [_merged(case) for case in cases.values()]


def _merged(tasks: Sequence[Task]) -> Task:
    missing = dict.fromkeys(part for task in tasks for part in task.missing.split("; ") if part)
    return replace(
        tasks[0],
        missing="; ".join(missing),
        is_new=any(task.is_new for task in tasks),
        opened_at=min(task.opened_at for task in tasks if task.opened_at),
        times_reopened=max(task.times_reopened for task in tasks),
    )


def _open(morning: Morning) -> Iterator[Standing]:
    return (standing for standing in morning.standings.values() if standing.is_open)


def _why_unlisted(standing: Standing, morning: Morning, book: Casebook) -> str:
    """Return why an open exception is counted and not listed, "" when it is listed."""
    status = morning.states[standing.rule_id].status
    if standing.identity in morning.waived:
        return "waived"
    if standing.suspended:
        return "suspended"
    return "not_checked" if status == "not_checked" and standing.identity not in book.said else ""


def _open_rows(morning: Morning, book: Casebook) -> Iterator[_Row]:
    for standing in _open(morning):
        if not _why_unlisted(standing, morning, book):
            yield _open_row(standing, book)


def _open_row(standing: Standing, book: Casebook) -> _Row:
    said = book.said.get(standing.identity)
    if said is None:
        said = Said(standing.rule_id, "", standing.about, standing.item_ref, standing.incident_ref)
        missing, theirs = "the record itself, which was set aside", True
    else:
        missing, theirs = _missing(said, book)
    section: Section = "do" if said.outcome == "breached" else "cannot_judge"
    task = _task(section, said, missing, standing.times_reopened, book)
    shown = book.shown(said)
    overseen = bool(shown.high or shown.unassessed)
    return _Row(replace(task, opened_at=standing.opened_at), standing.owner_now, bool(shown.high), overseen, theirs)


def _missing(said: Said, book: Casebook) -> tuple[str, bool]:
    """Return what is missing of an item, and whether a reader can put it right."""
    version, shown = book.versions[said.rule_id, said.version], book.shown(said)
    if said.outcome == "undetermined":
        return unknown(said, version, shown)
    return wanting(version, shown.blank_questions), True


def _due_soon_rows(morning: Morning, book: Casebook) -> Iterator[_Row]:
    for identity, said in book.said.items():
        if identity in morning.waived or not _is_due_soon(said, morning, book):
            continue
        before, (missing, _) = morning.standings.get(identity), _missing(said, book)
        task = _task("due_soon", said, missing, before.times_reopened if before else 0, book)
        yield _Row(task, morning.owners(said.rule_id, said.incident_ref), bool(book.shown(said).high))


def _is_due_soon(said: Said, morning: Morning, book: Casebook) -> bool:
    """Say whether a chased rule, checked in this run, found an item that will surely be due by the next list."""
    state = morning.states[said.rule_id]
    if not state.chase or state.status != "checked" or said.incident_ref in morning.backlog:
        return False
    by_then = said.outcome == "pending" and said.due_at is not None and said.due_at <= morning.due_by
    return by_then and surely_applies(said, book.versions[said.rule_id, said.version])


def _task(section: Section, said: Said, missing: str, times_reopened: int, book: Casebook) -> Task:
    rule, shown = book.rules[said.rule_id], book.shown(said)
    versions = [each for each in rule.versions if each.in_force_from.isoformat() == said.version] or rule.versions
    return Task(
        section=section,
        rule_id=rule.id,
        title=rule.title,
        action=rule.action,
        severity=rule.severity,
        approved=all(each.approved is not None for each in versions),
        item_ref=said.item_ref,
        incident_ref=said.incident_ref,
        occurrence_ref=shown.occurrence_ref,
        grade=shown.grade,
        area=shown.area,
        team=shown.team,
        officer=shown.officer_id,
        missing=missing,
        due_at=said.due_at,
        opened_at=None,
        is_new=False,
        times_reopened=times_reopened,
    )


def _closed(morning: Morning, book: Casebook) -> Iterator[tuple[str, ClosedTask]]:
    """Yield the reader and the last closing of each exception that is closed now and closed since they last heard."""
    latest = {event.identity: (as_at, event) for as_at, event in sorted(morning.closings, key=lambda each: each[0])}
    for identity, (as_at, event) in latest.items():
        owner = heard_by(morning.directory, event.owner)
        told = morning.last_told.get(owner)
        if told is None or as_at <= told or morning.standings[identity].is_open:
            continue
        said, rule = book.said.get(identity), book.rules.get(event.rule_id)
        yield (
            owner,
            ClosedTask(
                rule_id=event.rule_id,
                title=rule.title if rule else event.rule_id,
                item_ref=event.item_ref,
                occurrence_ref=book.shown(event).occurrence_ref,
                how=Closing(event.reason),
                was_late=said is not None and said.outcome == "late",
            ),
        )
