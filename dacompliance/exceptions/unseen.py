"""What falls due while a rule is not checked: the cases that were not yet due when it last was. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from dacompliance.exceptions.casebook import open_book
from dacompliance.exceptions.gaps import surely_applies
from dacompliance.exceptions.model import Task
from dacompliance.exceptions.morning import Morning
from dacompliance.exceptions.rows import missing_of, task_of


def too_long(last_checked: Mapping[str, dt.datetime], now: dt.datetime, hours: int) -> dict[str, dt.datetime]:
    """Return the rules that were last checked as at an instant `hours` or more before `now`, with that instant."""
    limit = dt.timedelta(hours=hours)
    return {rule_id: as_at for rule_id, as_at in sorted(last_checked.items()) if now - as_at >= limit}


def unseen(morning: Morning, rules: Collection[str]) -> list[Task]:
    """Return the cases of these rules, none of which is checked, that will have fallen due by the next list.

    As they were last judged: a case may have been done since, and one reported since is not among them. What falls due
    first stands first.
    """
    chased = {rule_id for rule_id in rules if rule_id in morning.states and morning.states[rule_id].chase}
    book = open_book(morning.verdicts, morning.details, morning.rules, frozenset(), morning.due_by, morning.failing)
    found = [
        task_of("due_soon", said, missing_of(said, book)[0], 0, book)
        for said in book.said.values()
        if said.rule_id in chased
        and said.outcome == "pending"
        and said.incident_ref not in morning.backlog
        and (said.rule_id, said.item_ref) not in morning.waived
        and surely_applies(said, book.versions[said.rule_id, said.version])
    ]
    return sorted(found, key=lambda task: (task.due_at or morning.due_by, task.rule_id, task.item_ref))
