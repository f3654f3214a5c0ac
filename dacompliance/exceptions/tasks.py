"""What each reader is told: the open exceptions they must act on, what is due soon, and what closed. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from dacompliance.exceptions.casebook import Casebook, open_book
from dacompliance.exceptions.model import ClosedTask, Closing, Task
from dacompliance.exceptions.morning import Morning, ReaderList
from dacompliance.exceptions.routing import UNIT, LastTold, heard_by
from dacompliance.exceptions.rows import Row, open_ones, rows_for, why_unlisted

__all__ = ["Morning", "ReaderList", "lists"]


@dataclass(slots=True)
class _Draft:
    """One reader's list while it is being written."""

    rows: list[Row] = field(default_factory=list)
    closed: list[ClosedTask] = field(default_factory=list)
    unlisted: Counter[str] = field(default_factory=Counter)


def lists(morning: Morning) -> dict[str, ReaderList]:
    """Return what each reader is told, by reader key; readers with nothing at all are left out.

    New is what came to the reader after the last notice handed over to them: opened, back from a waiver, or become
    theirs. To someone never told everything is new, and nothing has closed. What cannot be judged, and what someone
    oversees, is one row a case: that of its worst rule.
    """
    items = {standing.item_ref for standing in open_ones(morning)}
    items |= {event.item_ref for _, event in morning.closings}
    book = open_book(morning.verdicts, morning.details, morning.rules, items, morning.due_by, morning.failing)
    drafts: dict[str, _Draft] = defaultdict(_Draft)
    for reader, row in rows_for(morning, book, heard_by(morning.directory, UNIT)):
        if row.theirs:
            drafts[reader].rows.append(row)
        else:
            drafts[reader].unlisted["with_data_keeper"] += 1
    for standing in open_ones(morning):
        if why := why_unlisted(standing, morning, book):
            drafts[heard_by(morning.directory, standing.owner_now)].unlisted[why] += 1
    for owner, closed in _closed(morning, book):
        drafts[owner].closed.append(closed)
    return {key: _written(key, draft, morning.last_told.get(key)) for key, draft in sorted(drafts.items())}


def _written(key: str, draft: _Draft, told: LastTold | None) -> ReaderList:
    tasks: list[Task] = []
    for section, group in groupby(sorted(draft.rows, key=Row.place), key=lambda row: row.task.section):
        found = [replace(row.task, is_new=row.is_new(told)) for row in group]
        tasks += _one_a_case(found) if section in ("cannot_judge", "escalated", "oversight") else found
    closed = sorted(draft.closed, key=lambda task: (task.rule_id, task.item_ref))
    return ReaderList(key, tuple(tasks), tuple(closed), **draft.unlisted)


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


def _closed(morning: Morning, book: Casebook) -> Iterator[tuple[str, ClosedTask]]:
    """Yield the reader and the last closing of each exception that is closed now and closed since they last heard."""
    latest = {event.identity: (run, event) for run, event in sorted(morning.closings, key=lambda each: each[0])}
    for identity, (run, event) in latest.items():
        owner = heard_by(morning.directory, event.owner)
        told = morning.last_told.get(owner)
        if told is None or run <= told.run or morning.standings[identity].is_open:
            continue
        said, rule, shown = book.said.get(identity), book.rules.get(event.rule_id), book.shown(event)
        yield (
            owner,
            ClosedTask(
                rule_id=event.rule_id,
                title=rule.title if rule else event.rule_id,
                item_ref=event.item_ref,
                occurrence_ref=shown.occurrence_ref,
                how=Closing(event.reason),
                was_late=said is not None and said.outcome == "late",
                incident_ref=event.incident_ref,
                shared=bool(shown.shared),
            ),
        )
