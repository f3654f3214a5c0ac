"""What one task means to its reader on one morning: how old, how urgent, whether still worth a row. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dacompliance.exceptions.model import ClosedTask, Section, Task
from dacompliance.exceptions.words import age
from dacompliance.notices import words
from dacompliance.notices.model import RunFacts
from dacompliance.policy.model import SEVERITIES

LISTED_AGAIN, LISTED_AGAIN_ON = 0, "Mondays"
"""The weekday on which cases older than `DAYS_LISTED` are listed again one by one."""
DAYS_LISTED: Final = 3
"""How many days an ordinary case stays in the list before it is only counted."""


@dataclass(frozen=True, slots=True)
class Cases:
    """A reader's tasks: all of them, those to list, and those only counted because they have been listed for days."""

    every: tuple[Task, ...]
    listed: tuple[Task, ...]
    counted: tuple[Task, ...]

    def listed_in(self, section: Section) -> list[Task]:
        """Return the tasks to list in a section."""
        return [task for task in self.listed if task.section == section]

    @property
    def open(self) -> list[Task]:
        """Every open exception of the reader's own; what is due soon is none yet, and oversight is someone else's."""
        return [task for task in self.every if task.section in ("do", "cannot_judge")]

    @property
    def others(self) -> list[Task]:
        """Every open exception of someone else's that the reader is told of: escalated to them, or under oversight."""
        return [task for task in self.every if task.section in ("escalated", "oversight")]


def sort_out(tasks: Sequence[Task], facts: RunFacts) -> Cases:
    """Part the tasks to list from those to count.

    Only counted are open cases of more than `DAYS_LISTED` days that are not new, not critical and not high risk: a list
    that repeats itself is not read. On the day `LISTED_AGAIN` none is only counted, so that none is forgotten.
    """
    if facts.local_date.weekday() == LISTED_AGAIN:
        return Cases(tuple(tasks), tuple(tasks), ())
    old = [_has_been_listed(task, facts) for task in tasks]
    return Cases(
        tuple(tasks),
        tuple(task for task, counted in zip(tasks, old, strict=True) if not counted),
        tuple(task for task, counted in zip(tasks, old, strict=True) if counted),
    )


def _has_been_listed(task: Task, facts: RunFacts) -> bool:
    own = task.section in ("do", "cannot_judge")
    return own and not task.is_new and not stands_out(task) and days_open(task, facts) > DAYS_LISTED


def in_order(section: Section, tasks: Iterable[Task]) -> list[Task]:
    """Sort what is due soon by its due time; all else worst first: critical and high risk, then the longest overdue.

    Under oversight what is graded high stands before what is critical only because nobody has graded it.
    """
    if section == "due_soon":
        return sorted(tasks, key=_first_due)
    worst = sorted(tasks, key=_worst_first)
    return sorted(worst, key=lambda task: task.grade != "high") if section == "oversight" else worst


def with_rows(
    sections: Sequence[tuple[Section, Sequence[Task]]], most: int
) -> Iterator[tuple[Section, list[Task], int]]:
    """Yield each section that has tasks: those with a row of the `most` there are, and how many have none.

    Where there are more cases than rows, what is new or falls due has a row first, then what is high risk, then the
    rest as it stands: a list that is full of what was there yesterday must not hide what came since.
    """
    claims = sorted(
        (_claim(task), place, number) for place, (_, tasks) in enumerate(sections) for number, task in enumerate(tasks)
    )
    chosen = {(place, number) for _, place, number in claims[:most]}
    for place, (section, tasks) in enumerate(sections):
        shown = [task for number, task in enumerate(tasks) if (place, number) in chosen]
        if tasks:
            yield section, shown, len(tasks) - len(shown)


def _claim(task: Task) -> int:
    """Return how near the front a case stands for a row: 0 for what is news today, 1 for high risk, 2 for the rest."""
    if task.is_new or task.section == "due_soon":
        return 0
    return 1 if task.grade == "high" else 2


def _worst_first(task: Task) -> tuple[bool, int, bool, float, str, str]:
    start = age_runs_from(task)
    return (
        not stands_out(task),
        SEVERITIES.index(task.severity),
        task.grade != "high",
        start.timestamp() if start else float("inf"),
        task.rule_id,
        task.item_ref,
    )


def _first_due(task: Task) -> tuple[float, int, str, str]:
    due = task.due_at.timestamp() if task.due_at else float("inf")
    return due, SEVERITIES.index(task.severity), task.rule_id, task.item_ref


def stands_out(task: Task) -> bool:
    """Return whether the case is critical or high risk."""
    return task.severity == "critical" or task.grade == "high"


def age_runs_from(task: Task) -> dt.datetime | None:
    """Return the due time, else the opening; None for neither."""
    return task.due_at or task.opened_at


def days_open(task: Task, facts: RunFacts) -> int:
    """Return the case's age in whole days, 0 when it has none."""
    start = age_runs_from(task)
    return 0 if start is None else words.days_between(start, facts.as_at)


def is_overdue(task: Task, facts: RunFacts) -> bool:
    """Return whether the due time has passed. A deadline includes its last instant."""
    return task.due_at is not None and task.due_at < facts.as_at


def reference(task: Task | ClosedTask) -> str:
    """Return what a list calls a case: the number a sergeant can type, and which victim where there are several."""
    number, incident = task.occurrence_ref or task.incident_ref or task.item_ref, task.incident_ref
    if not task.shared or not incident or incident == number:
        return words.plain(number, 40)
    return words.plain(incident if incident.startswith(number) else f"{number} ({incident})", 60)


def label(task: Task) -> str:
    """Return `NEW`, `BACK` for what was closed and is open again, or nothing for what the reader has seen."""
    if not task.is_new:
        return ""
    if not task.times_reopened:
        return "NEW"
    return "BACK" if task.times_reopened == 1 else f"BACK, {task.times_reopened} times"


def when(task: Task, facts: RunFacts) -> str:
    """Return how long a case has been overdue or open, or by when it is due."""
    if task.section != "cannot_judge" and task.due_at is not None:
        if is_overdue(task, facts):
            return f"{age(task.due_at, facts.as_at)} overdue"
        return words.deadline(task.due_at, facts.zone, facts.local_date)
    start = age_runs_from(task)
    return f"open for {age(start, facts.as_at)}" if start else "open"
