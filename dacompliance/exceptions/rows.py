"""The rows of the lists: what is open, what is due soon and what has grown too old, each with whose it is. Pure.

A task carries references, the grade's word, the officer's number, question numbers, area and team; no other value of a
record. A reader is told what is missing; what only the data's keeper can put right is told apart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple, get_args

from dacompliance.exceptions.casebook import Casebook, Said
from dacompliance.exceptions.disputes import WORDS
from dacompliance.exceptions.gaps import surely_applies, unknown, wanting
from dacompliance.exceptions.model import Section, Standing, Task
from dacompliance.exceptions.morning import Came, Morning
from dacompliance.exceptions.routing import LastTold, above, heard_by
from dacompliance.policy.model import SEVERITIES

SECTIONS: Final[tuple[Section, ...]] = get_args(Section)


class Row(NamedTuple):
    """A task and its owner. `theirs`: a reader can put it right. `overseen`: the unit sees it whoever must act.

    `came` is the run in which it came to this list, `escalated_at` when it had grown too old.
    """

    task: Task
    owner: str
    high: bool
    came: int = 0
    overseen: bool = False
    theirs: bool = True
    escalated_at: dt.datetime | None = None

    def place(self) -> tuple[int, bool, int, bool, dt.datetime, str, str, str]:
        """Return the order of a list: section, critical first, high risk, longest overdue, then reference.

        Oversight is of high-risk cases before all else: a case nobody has graded stands below one graded high.
        """
        task = self.task
        since = task.due_at or task.opened_at
        assert since is not None
        section, severity = SECTIONS.index(task.section), SEVERITIES.index(task.severity)
        overseen = not self.high if task.section == "oversight" else False
        return section, overseen, severity, not self.high, since, task.occurrence_ref, task.item_ref, task.rule_id

    def is_new(self, told: LastTold | None) -> bool:
        """Say whether it is news to a reader who was last told then; what is due soon never is."""
        if self.task.opened_at is None:
            return False
        if told is None or self.came > told.run:
            return True
        return self.escalated_at is not None and self.escalated_at > told.as_at


def rows_for(morning: Morning, book: Casebook, unit: str) -> Iterator[tuple[str, Row]]:
    """Yield each row with the key of the reader who hears of it; `unit` is who oversees."""
    for standing in open_ones(morning):
        if not why_unlisted(standing, morning, book):
            yield from _open_rows(standing, morning, book, unit)
    for row in _due_soon_rows(morning, book):
        yield heard_by(morning.directory, row.owner), row


def _open_rows(standing: Standing, morning: Morning, book: Casebook, unit: str) -> Iterator[tuple[str, Row]]:
    row, came = _open_row(standing, morning, book), _came(standing, morning)
    owner = heard_by(morning.directory, row.owner)
    yield owner, row
    if row.overseen and (owner != unit or not row.theirs):
        yield unit, row._replace(task=replace(row.task, section="oversight"), came=came.chased, theirs=True)
    if (escalated_at := _escalated_at(row.task, morning)) is not None:
        reader = above(morning.directory, owner)
        if reader is not None and reader != owner:
            task = replace(row.task, section="escalated")
            yield reader, row._replace(task=task, came=came.chased, theirs=True, escalated_at=escalated_at)


def _came(standing: Standing, morning: Morning) -> Came:
    return morning.came.get(standing.identity, Came(morning.run, morning.run))


def _escalated_at(task: Task, morning: Morning) -> dt.datetime | None:
    """Return when a case had been overdue, or open, for as long as its severity allows, if that is past."""
    after, start = morning.escalate_after.get(task.severity), task.due_at or task.opened_at
    if after is None or start is None or start + after > morning.as_at:
        return None
    return start + after


def open_ones(morning: Morning) -> Iterator[Standing]:
    """Return the open exceptions."""
    return (standing for standing in morning.standings.values() if standing.is_open)


def why_unlisted(standing: Standing, morning: Morning, book: Casebook) -> str:
    """Return why an open exception is counted and not listed, "" when it is listed."""
    status = morning.states[standing.rule_id].status
    if standing.identity in morning.waived:
        return "waived"
    if standing.suspended:
        return "suspended"
    return "not_checked" if status == "not_checked" and standing.identity not in book.said else ""


def _open_row(standing: Standing, morning: Morning, book: Casebook) -> Row:
    said = book.said.get(standing.identity)
    if said is None:
        said = Said(standing.rule_id, "", standing.about, standing.item_ref, standing.incident_ref)
        missing, theirs = "the record itself, which was set aside", True
    else:
        missing, theirs = missing_of(said, book)
    section: Section = "do" if said.outcome == "breached" else "cannot_judge"
    task = replace(task_of(section, said, missing, standing.times_reopened, book), opened_at=standing.opened_at)
    if dispute := morning.disputes.get(standing.identity):
        task = replace(task, disputed=WORDS[dispute.claim], disputed_at=dispute.made_at)
    shown, came = book.shown(said), _came(standing, morning)
    overseen = bool(shown.high or shown.unassessed)
    return Row(task, standing.owner_now, bool(shown.high), came.owned, overseen, theirs)


def missing_of(said: Said, book: Casebook) -> tuple[str, bool]:
    """Return what is missing of an item, and whether a reader can put it right."""
    version, shown = book.versions[said.rule_id, said.version], book.shown(said)
    if said.outcome == "undetermined":
        return unknown(said, version, shown)
    return wanting(version, shown.blank_questions, book.failing.get((said.rule_id, said.item_ref), ())), True


def _due_soon_rows(morning: Morning, book: Casebook) -> Iterator[Row]:
    for identity, said in book.said.items():
        if identity in morning.waived or not _is_due_soon(said, morning, book):
            continue
        before, (missing, _) = morning.standings.get(identity), missing_of(said, book)
        task = task_of("due_soon", said, missing, before.times_reopened if before else 0, book)
        yield Row(task, morning.owners(said.rule_id, said.incident_ref), bool(book.shown(said).high))


def _is_due_soon(said: Said, morning: Morning, book: Casebook) -> bool:
    """Say whether a chased rule, checked in this run, found an item that will surely be due by the next list."""
    state = morning.states[said.rule_id]
    if not state.chase or state.status != "checked" or said.incident_ref in morning.backlog:
        return False
    by_then = said.outcome == "pending" and said.due_at is not None and said.due_at <= morning.due_by
    return by_then and surely_applies(said, book.versions[said.rule_id, said.version])


def task_of(section: Section, said: Said, missing: str, times_reopened: int, book: Casebook) -> Task:
    """Return a case as a task: what its rule asks, and what may be shown of it."""
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
        about=rule.about,
        shared=bool(shown.shared),
    )
