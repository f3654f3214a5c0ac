"""What happens to single cases over the six mornings, so that exceptions open, stay, close in every way and come back.

Each is recorded in the force's own system at its own minute; the monitor only sees the copy of each night.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from dacompliance.demo import period
from dacompliance.demo.draft import Draft, grown
from dacompliance.demo.faults_cases import Keys
from dacompliance.demo.faults_forms import add_checks, add_forms, add_sign_offs
from dacompliance.demo.links import Links
from dacompliance.exceptions.model import Closing, EventKind
from dacompliance.records.table import BoolArray, IntArray

THURSDAY, FRIDAY, SATURDAY, SUNDAY, MONDAY, TUESDAY = range(6)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the run of one morning records of the case: an event, and for a closing its reason."""

    morning: int
    event: EventKind
    closing: Closing | None = None


@dataclass(frozen=True, slots=True)
class Staged:
    """One turn of events: what happens, to how many, under which rule, and what the monitor records of it when."""

    what: str
    count: int
    rule: str
    expected: tuple[Expected, ...]
    stage: Callable[[Draft, Links, int], Keys]

    @property
    def name(self) -> str:
        """Return its name: its function's."""
        return self.stage.__name__


def handed_in_late(draft: Draft, links: Links, count: int) -> Keys:
    """Hand a form in days late, on Thursday afternoon."""
    rows = draft.take("handed_in_late", _unassessed(links), count)
    at = period.at(period.MORNINGS[THURSDAY], 14) + 13 * np.arange(count)
    forms = add_forms(draft, links, rows, at, "S")
    add_sign_offs(draft, forms, at + 2 * period.HOUR)
    add_checks(draft, rows, at + 18 * period.HOUR)
    return draft.incident_keys(rows)


def sign_off_withdrawn(draft: Draft, links: Links, count: int) -> Keys:
    """Sign a form off on Thursday, and strike that out on Friday: it was meant for another occurrence."""
    return draft.form_keys(_struck_out("sign_off_withdrawn", draft, links, count))


def sign_off_withdrawn_and_given(draft: Draft, links: Links, count: int) -> Keys:
    """Do the same, and on Sunday sign the form after all."""
    forms = _struck_out("sign_off_withdrawn_and_given", draft, links, count)
    add_sign_offs(draft, forms, np.full(count, period.at(period.MORNINGS[SUNDAY], 10, 40)))
    return draft.form_keys(forms)


def marked_as_duplicate(draft: Draft, links: Links, count: int) -> Keys:
    """Find on Saturday that the occurrence is a duplicate."""
    rows = draft.take("marked_as_duplicate", _unassessed(links), count)
    draft.occurrences.status[draft.cases(rows)] = "DUP"
    draft.occurrences.status_known[draft.cases(rows)] = period.at(period.MORNINGS[SATURDAY], 11)
    return draft.incident_keys(rows)


def vanished(draft: Draft, links: Links, count: int) -> Keys:
    """Lose the occurrence from the copy on Friday."""
    rows = draft.take("vanished", _unassessed(links), count)
    _remove(draft, rows, period.at(period.MORNINGS[FRIDAY], 15))
    return draft.incident_keys(rows)


def vanished_and_returned(draft: Draft, links: Links, count: int) -> Keys:
    """Lose the occurrence from the copy on Friday, and have it back on Sunday."""
    rows = draft.take("vanished_and_returned", _unassessed(links), count)
    cases = draft.cases(rows)
    back = period.at(period.MORNINGS[SUNDAY], 12)
    draft.occurrences = grown(draft.occurrences, cases, since=back)
    draft.victims = grown(draft.victims, rows, since=back)
    _remove(draft, rows, period.at(period.MORNINGS[FRIDAY], 15))
    return draft.incident_keys(rows)


def reason_recorded_late(draft: Draft, links: Links, count: int) -> Keys:
    """Record on Sunday why there is no form."""
    rows = draft.take("reason_recorded_late", _unassessed(links), count)
    draft.victims.no_form[rows] = "R1"
    draft.victims.no_form_known[rows] = period.at(period.MORNINGS[SUNDAY], 9, 30)
    return draft.incident_keys(rows)


def arrived_late(draft: Draft, links: Links, count: int) -> Keys:
    """Record an occurrence of last week on Friday only, with nothing done about it."""
    rows = draft.take("arrived_late", _unassessed(links), count)
    recorded = period.at(period.MORNINGS[FRIDAY], 12, 10)
    draft.occurrences.since[draft.cases(rows)] = recorded
    draft.victims.since[rows] = recorded
    return draft.incident_keys(rows)


def nobody_came_back(draft: Draft, links: Links, count: int) -> Keys:
    """Do nothing from the first morning to the last."""
    return draft.incident_keys(draft.take("nobody_came_back", _unassessed(links), count))


def raised_on_friday(draft: Draft, links: Links, count: int) -> Keys:
    """Raise the grade to high by a second form on Friday morning, and tell the MASH on Monday only."""
    medium = (links.grade == "M") & links.endorsed & (links.referrals == 0) & (links.check >= 0)
    rows = draft.take("raised_on_friday", links.settled & medium & _last_week(links), count)
    at = np.full(count, period.at(period.MORNINGS[FRIDAY], 4, 30))
    forms = add_forms(draft, links, rows, at, "H")
    add_sign_offs(draft, forms, at + 40)
    sent = period.at(period.MORNINGS[MONDAY], 9, 50)
    draft.referrals = grown(
        draft.referrals,
        np.zeros(count, dtype=np.int64),
        number=[f"R8{each:05d}" for each in range(count)],
        victim=rows,
        hub="MSH",
        sent=sent,
        acknowledged=period.NONE,
        acknowledged_known=period.NEVER,
        cancelled="N",
        since=sent + 3,
    )
    return draft.incident_keys(rows)


def _last_week(links: Links) -> BoolArray:
    return links.days("2026-10-17", "2026-10-24")


def _unassessed(links: Links) -> BoolArray:
    """Return incidents of the last weeks with no form, long overdue by any limit."""
    return np.asarray(links.settled & links.silent & (links.referrals == 0) & _last_week(links))


def _unsigned(links: Links) -> BoolArray:
    """Return incidents of the last weeks whose form nobody signed."""
    return np.asarray(links.settled & ~links.silent & ~links.endorsed & _last_week(links))


def _remove(draft: Draft, victims: IntArray, moment: int) -> None:
    draft.occurrences.until[draft.cases(victims)] = moment
    draft.victims.until[victims] = moment


def _struck_out(name: str, draft: Draft, links: Links, count: int) -> IntArray:
    """Sign forms off on Thursday and strike that out on Friday; return the forms."""
    forms = links.form[draft.take(name, _unsigned(links), count)]
    added = add_sign_offs(draft, forms, np.full(count, period.at(period.MORNINGS[THURSDAY], 16, 20)))
    draft.endorsements.void[added] = "Y"
    draft.endorsements.void_known[added] = period.at(period.MORNINGS[FRIDAY], 20, 5)
    return forms


def _closed(morning: int, closing: Closing) -> Expected:
    return Expected(morning, EventKind.CLOSED, closing)


_OPEN: Final = Expected(THURSDAY, EventKind.OPENED)

STAGED: Final = (
    Staged("a form is handed in days late", 5, "RA-01", (_OPEN, _closed(FRIDAY, Closing.DONE)), handed_in_late),
    Staged(
        "a sign-off is struck out", 2, "SUP-01",
        (_OPEN, _closed(FRIDAY, Closing.DONE), Expected(SATURDAY, EventKind.REOPENED)), sign_off_withdrawn,
    ),
    Staged(
        "a sign-off is struck out, and given again", 1, "SUP-01",
        (_OPEN, _closed(FRIDAY, Closing.DONE), Expected(SATURDAY, EventKind.REOPENED), _closed(MONDAY, Closing.DONE)),
        sign_off_withdrawn_and_given,
    ),
    Staged(
        "an occurrence turns out to be a duplicate", 1, "RA-01", (_OPEN, _closed(SUNDAY, Closing.EXCLUDED)),
        marked_as_duplicate,
    ),
    Staged("an occurrence vanishes", 1, "RA-01", (_OPEN, _closed(SATURDAY, Closing.WITHDRAWN)), vanished),
    Staged(
        "an occurrence vanishes and returns", 1, "RA-01",
        (_OPEN, _closed(SATURDAY, Closing.WITHDRAWN), Expected(MONDAY, EventKind.REOPENED)), vanished_and_returned,
    ),
    Staged(
        "a reason for no form is recorded days late", 2, "RA-01",
        (_OPEN, _closed(MONDAY, Closing.NO_LONGER_APPLIES)), reason_recorded_late,
    ),
    Staged(
        "an occurrence is recorded days late", 2, "RA-01", (Expected(SATURDAY, EventKind.OPENED),), arrived_late,
    ),
    Staged("nothing is done all week", 3, "RA-01", (_OPEN,), nobody_came_back),
    Staged(
        "a grade is raised to high, and the MASH is told days later", 1, "REF-01",
        (Expected(SATURDAY, EventKind.OPENED), _closed(TUESDAY, Closing.DONE)), raised_on_friday,
    ),
)  # fmt: skip
