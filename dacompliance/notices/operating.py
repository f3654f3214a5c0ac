"""What the operator is told: a run that failed, was missed or could not check, and mail that was lost. Pure.

Rules, readers' keys, dates and codes only: never an address, a cell of a record or what a server answered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from dacompliance.exceptions.model import Listed, Reader, Task
from dacompliance.exceptions.words import day
from dacompliance.notices import prose, words
from dacompliance.notices.digest import row_of
from dacompliance.notices.model import Digest, House, Kind, Listing, RunFacts

OPERATING: Final = frozenset({"unseen", "not_checked", "failed", "missed", "undelivered"})
"""The kinds of notices to the operator. One of them that is lost is not told of by another."""

SHOWN: Final = 40


class Lost(Protocol):
    """A message that was not handed over, as far as it is told of."""

    @property
    def notice_id(self) -> int: ...  # noqa: D102
    @property
    def local_date(self) -> dt.date: ...  # noqa: D102
    @property
    def reader_key(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def code(self) -> str: ...  # noqa: D102


def compose_unseen(
    reader: Reader, tasks: Sequence[Task], since: Mapping[str, dt.datetime], facts: RunFacts, house: House
) -> Digest:
    """Make the operator's notice of rules that have not been checked `since` an instant each, and what falls due.

    The cases are as they were last judged. At most `house.max_rows` are listed, the rest is counted.
    """
    why = {note.rule_id: note.why for note in facts.not_checked}
    return _digest(
        "unseen",
        reader,
        facts,
        house,
        headline=words.count(len(tasks), "case falls due unseen", "cases fall due unseen"),
        preheader=f"{words.count(len(since), 'rule')} not checked for too long.",
        warnings=[
            f"{rule_id} was last checked as at {prose.moment(as_at, facts)}: "
            f"{words.plain(why.get(rule_id, 'not checked'), 120)}."
            for rule_id, as_at in since.items()
        ],
        summary=["Mend what keeps the rules from being checked, or accept what is held, and run again."],
        tasks=tasks,
    )


def compose_not_checked(reader: Reader, facts: RunFacts, house: House) -> Digest:
    """Make the operator's notice of a run that left rules unchecked: which, and why."""
    number = words.count(len(facts.not_checked), "rule was", "rules were")
    return _digest(
        "not_checked",
        reader,
        facts,
        house,
        headline=f"{number} not checked",
        preheader="Open cases stay open, as they stood at the last check.",
        warnings=[f"{note.rule_id}: {words.plain(note.why, 160)}." for note in facts.not_checked],
        summary=[
            "Every reader who expects to hear was told. Mend the copy of the records and run again, or accept what is "
            "held. What falls due unseen is listed here once the rules have not been checked for long."
        ],
    )


def compose_failed(
    reader: Reader, why: str, so: Sequence[str], tasks: Sequence[Task], facts: RunFacts, house: House
) -> Digest:
    """Make the operator's notice of a job that failed: why, what became of its run (`so`), and what falls due."""
    return _digest(
        "failed",
        reader,
        facts,
        house,
        headline=f"{facts.job} failed",
        preheader=words.plain(so[0], 120),
        warnings=[words.plain(why, 400)],
        summary=so,
        tasks=tasks,
    )


def compose_missed(
    reader: Reader, dates: Sequence[dt.date], tasks: Sequence[Task], facts: RunFacts, house: House
) -> Digest:
    """Make the operator's notice of a job's slots that no run was made for, and of what falls due."""
    missed = words.count(len(dates), "run")
    shown = [f"{day(each)} {each.year}" for each in dates[:SHOWN]]
    more = [f"and {len(dates) - SHOWN} more"] if len(dates) > SHOWN else []
    return _digest(
        "missed",
        reader,
        facts,
        house,
        headline=f"{missed} of {facts.job} missed",
        preheader="The monitor was not running, or died at work.",
        warnings=[f"No run was made for {', '.join([*shown, *more])}."],
        summary=["They are recorded as missed and are not made up for. The newest run that was due is made now."],
        tasks=tasks,
    )


def compose_undelivered(reader: Reader, lost: Sequence[Lost], facts: RunFacts, house: House) -> Digest:
    """Make the operator's notice of messages that the relay refused for good, or for so long that they are given up."""
    number = words.count(len(lost), "notice was", "notices were")
    shown = [
        f"Notice {each.notice_id}, {each.kind.replace('_', ' ')} of {day(each.local_date)} for "
        f"{words.plain(each.reader_key, 40)}: {words.plain(each.code, 80) or 'no answer'}."
        for each in lost[:SHOWN]
    ]
    more = [f"And {len(lost) - SHOWN} more."] if len(lost) > SHOWN else []
    return _digest(
        "undelivered",
        reader,
        facts,
        house,
        headline=f"{number} not handed over",
        preheader="Their readers have not heard.",
        warnings=[f"{number} not handed over, and will not be tried again."],
        summary=["When the cause is mended: dacompliance notices retry NUMBER, or --all."],
        closed_heading="Not handed over",
        closed=[*shown, *more],
    )


def _digest(
    kind: Kind,
    reader: Reader,
    facts: RunFacts,
    house: House,
    *,
    headline: str,
    preheader: str,
    warnings: Sequence[str],
    summary: Sequence[str],
    tasks: Sequence[Task] = (),
    closed_heading: str = "",
    closed: Sequence[str] = (),
) -> Digest:
    marking, today = words.plain(house.marking), day(facts.local_date)
    shown = tasks[: house.max_rows]
    lead = "Not yet due when they were last judged. Some may have been done since; those reported since are not here."
    rows = tuple(row_of(task, facts, house, reader) for task in shown)
    listing = Listing("Due by the next list, unseen", lead, rows, len(tasks) - len(shown))
    return Digest(
        kind=kind,
        reader_key=reader.key,
        job=facts.job,
        local_date=facts.local_date,
        marking=marking,
        subject=f"{marking} - DA checks {today} - {reader.title}: {headline}",
        preheader=preheader,
        heading=f"{reader.title}: {headline}",
        dateline=f"{words.plain(house.force)}, domestic abuse checks, {today} {facts.local_date.year}",
        important=any(_is_critical_and_late(task, facts) for task in tasks),
        warnings=tuple(warnings),
        summary=tuple(summary),
        trust=(),
        listings=(listing,) if tasks else (),
        full_list="",
        still_open=None,
        closed_heading=closed_heading,
        closed=tuple(closed),
        progress=(),
        policy_contact="",
        foot=tuple(_foot(reader, facts, house)),
        cases=tuple(Listed(task.rule_id, task.item_ref, "unseen", task.incident_ref) for task in shown),
    )


def _is_critical_and_late(task: Task, facts: RunFacts) -> bool:
    """Say whether a critical case has fallen due by now, the moment of telling: the last check was before it."""
    return task.severity == "critical" and task.due_at is not None and task.due_at < facts.checked_at


def _foot(reader: Reader, facts: RunFacts, house: House) -> Iterator[str]:
    """Yield to whom it went, and what made it: a run, or the monitor beside its runs."""
    sent, *about_the_run = prose.foot(reader.title, facts, rehearsal=house.rehearsal)
    yield sent
    if facts.run:
        yield from about_the_run
    else:
        yield f"Made by the monitor at {prose.moment(facts.checked_at, facts)}."
