"""The operator's list of what falls due while rules are not checked. Pure: tasks and facts in, a digest out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from dacompliance.exceptions.model import Listed, Reader, Task
from dacompliance.exceptions.words import day
from dacompliance.notices import prose, words
from dacompliance.notices.digest import row_of
from dacompliance.notices.model import Digest, House, Listing, RunFacts


def compose_unseen(
    reader: Reader, tasks: Sequence[Task], since: Mapping[str, dt.datetime], facts: RunFacts, house: House
) -> Digest:
    """Make the operator's notice of rules that have not been checked `since` an instant each, and what falls due.

    The cases are as they were last judged. At most `house.max_rows` are listed, the rest is counted.
    """
    why = {note.rule_id: note.why for note in facts.not_checked}
    marking, today = words.plain(house.marking), day(facts.local_date)
    number = words.count(len(tasks), "case falls due unseen", "cases fall due unseen")
    shown = tasks[: house.max_rows]
    lead = "Not yet due when they were last judged. Some may have been done since; those reported since are not here."
    listing = Listing(
        "Due by the next list, unseen",
        lead,
        tuple(row_of(task, facts, house, reader) for task in shown),
        len(tasks) - len(shown),
    )
    return Digest(
        kind="unseen",
        reader_key=reader.key,
        job=facts.job,
        local_date=facts.local_date,
        marking=marking,
        subject=f"{marking} - DA checks {today} - {reader.title}: {number}",
        preheader=f"{words.count(len(since), 'rule')} not checked for too long.",
        heading=f"{reader.title}: {number}",
        dateline=f"{words.plain(house.force)}, domestic abuse checks, {today} {facts.local_date.year}",
        important=any(task.severity == "critical" for task in tasks),
        warnings=tuple(
            f"{rule_id} was last checked as at {prose.moment(as_at, facts)}: "
            f"{words.plain(why.get(rule_id, 'not checked'), 120)}."
            for rule_id, as_at in since.items()
        ),
        summary=("Mend what keeps the rules from being checked, or accept what is held, and run again.",),
        trust=(),
        listings=(listing,) if tasks else (),
        full_list="",
        still_open=None,
        closed_heading="",
        closed=(),
        progress=(),
        policy_contact="",
        foot=tuple(prose.foot(reader.title, facts, rehearsal=house.rehearsal)),
        cases=tuple(Listed(task.rule_id, task.item_ref, "unseen", task.incident_ref) for task in shown),
    )
