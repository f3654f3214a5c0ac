"""Faults of occurrences and the people on them, each sown into so many incidents, returned by the monitor's keys."""

from __future__ import annotations

import datetime as dt

import numpy as np

from dacompliance.demo import period
from dacompliance.demo.draft import Draft, filled, grown
from dacompliance.demo.links import Links
from dacompliance.records.table import IntArray

Keys = tuple[str, ...]
AUTUMN = ("2026-08-03", "2026-10-24")
"""The last weeks before the mornings: where faults show in the digests as well."""


def loaded_twice(draft: Draft, links: Links, count: int) -> Keys:
    """Append an occurrence twice."""
    rows = draft.take("loaded_twice", links.settled, count)
    draft.occurrences = grown(draft.occurrences, draft.cases(rows))
    return draft.incident_keys(rows)


def loaded_twice_differently(draft: Draft, links: Links, count: int) -> Keys:
    """Append an occurrence again after it has changed teams, and leave the old row."""
    alone = (links.form >= 0) & (links.referrals == 0)
    rows = draft.take("loaded_twice_differently", links.settled & alone, count)
    cases = draft.cases(rows)
    others = np.where(draft.occurrences.team[cases] == "RV-C", "RV-D", "RV-C")
    draft.occurrences = grown(draft.occurrences, cases, team=others)
    return draft.incident_keys(rows)


def forms_of_those(draft: Draft, links: Links, count: int) -> Keys:
    """Return the forms of the occurrences that stand twice with different content."""
    rows = draft.chosen["loaded_twice_differently"]
    return draft.form_keys(links.form[rows[:count]])


def no_report_time(draft: Draft, links: Links, count: int) -> Keys:
    """Leave the time of the report blank."""
    rows = draft.take("no_report_time", links.settled & links.silent & (links.referrals == 0), count)
    draft.write("occurrence", "rec_dt", draft.cases(rows), None)
    return draft.incident_keys(rows)


def report_without_time_of_day(draft: Draft, links: Links, count: int) -> Keys:
    """Type only the day of the report."""
    rows = draft.take("report_without_time_of_day", links.settled & links.days(*AUTUMN), count)
    cases = draft.cases(rows)
    draft.write("occurrence", "rec_dt", cases, _days(draft.occurrences.reported[cases]))
    return draft.incident_keys(rows)


def reported_in_repeated_hour(draft: Draft, links: Links, count: int) -> Keys:
    """Move the report between 01:00 and 02:00 in the night of 25 October, an hour that happened twice."""
    after = period.at(dt.date(2026, 10, 25), 2)
    rows = draft.take_first("reported_in_repeated_hour", links.reported >= after, links.reported, count)
    draft.occurrences.reported[draft.cases(rows)] = after - 50 + 9 * np.arange(count)
    return draft.incident_keys(rows)


def reported_in_missing_hour(draft: Draft, links: Links, count: int) -> Keys:
    """Type a time of report between 01:00 and 02:00 on 29 March, an hour that never happened."""
    after = period.at(dt.date(2026, 3, 29), 2)
    rows = draft.take_first("reported_in_missing_hour", links.reported >= after, links.reported, count)
    draft.write("occurrence", "rec_dt", draft.cases(rows), [f"29/03/2026 01:{15 + 12 * each}" for each in range(count)])
    return draft.incident_keys(rows)


def unreadable_check(draft: Draft, links: Links, count: int) -> Keys:
    """Date the unit's check 31 February."""
    checked = links.days("2026-02-25", "2026-03-05") & (links.check >= 0)
    rows = draft.take("unreadable_check", links.settled & checked, count)
    draft.write("unit_check", "checked_dt", links.check[rows], "31/02/2026 10:15")
    return draft.incident_keys(rows)


def no_repeat_flag(draft: Draft, links: Links, count: int) -> Keys:
    """Leave blank whether the victim is a repeat victim."""
    rows = draft.take("no_repeat_flag", links.settled, count)
    draft.victims.repeat[rows] = None
    return draft.incident_keys(rows)


def officer_has_left(draft: Draft, links: Links, count: int) -> Keys:
    """Give the case to an officer who has left the force since."""
    staff = draft.employees
    leavers = staff.collar[filled(staff.left)]
    rows = draft.take("officer_has_left", links.settled & links.days("2026-10-08", "2026-10-16"), count)
    draft.occurrences.officer[draft.cases(rows)] = leavers[np.arange(count) % len(leavers)]
    return draft.incident_keys(rows)


def no_such_supervisor(draft: Draft, links: Links, count: int) -> Keys:
    """Type a supervisor's number that is nobody's."""
    rows = draft.take("no_such_supervisor", links.settled & links.days("2026-10-12", "2026-10-24"), count)
    draft.occurrences.supervisor[draft.cases(rows)] = "WM9999"
    return draft.incident_keys(rows)


def duplicate(draft: Draft, links: Links, count: int) -> Keys:
    """Mark the occurrence as a duplicate of another."""
    return _excluded(draft, links, "duplicate", "DUP", count)


def cancelled(draft: Draft, links: Links, count: int) -> Keys:
    """Cancel the occurrence."""
    return _excluded(draft, links, "cancelled", "CAN", count)


def not_domestic(draft: Draft, links: Links, count: int) -> Keys:
    """Find the occurrence not to be domestic abuse."""
    return _excluded(draft, links, "not_domestic", "NDA", count)


def reason_recorded(draft: Draft, links: Links, count: int) -> Keys:
    """Record a reason why there is no form; with those recorded on the mornings."""
    before = np.flatnonzero(filled(draft.victims.no_form))
    in_time = links.silent & (links.reported < period.LAST - 3 * period.DAY)
    rows = draft.take("reason_recorded", in_time, count - len(before))
    draft.victims.no_form[rows] = np.array(["R1", "R2", "R3"], dtype=object)[draft.dice.between(0, 2, len(rows))]
    later = draft.dice.delay(9 * period.HOUR, 2.0, len(rows))
    draft.victims.no_form_known[rows] = links.reported[rows] + np.minimum(later, 2 * period.DAY)
    return draft.incident_keys(np.concatenate([before, rows]))


def _excluded(draft: Draft, links: Links, name: str, status: str, count: int) -> Keys:
    """Mark occurrences, with those that are so marked on the mornings."""
    occurrences = draft.occurrences
    before = np.flatnonzero(occurrences.status[draft.victims.occurrence] == status)
    rows = draft.take(name, links.settled & links.days("2024-11-01", "2026-10-12"), count - len(before))
    cases = draft.cases(rows)
    occurrences.status[cases] = status
    occurrences.status_known[cases] = links.reported[rows] + draft.dice.between(period.DAY, 10 * period.DAY, len(rows))
    return draft.incident_keys(np.concatenate([before, rows]))


def _days(times: IntArray) -> list[str]:
    return [text[:10] for text in period.wall_text(times).tolist()]
