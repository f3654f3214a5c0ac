"""What each rule says of each item: one verdict at a time, by the table of outcomes, from the top."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final
from zoneinfo import ZoneInfo

from dacompliance.policy.model import Holiday, Rule, Version
from tests.plain.cells import UNREADABLE, Cell, day_of, earliest, first, is_day, is_known, is_time, surely_before
from tests.plain.clocks import due as due_after
from tests.plain.conditions import Truth, doubts, truth
from tests.plain.facts import Item, Records, items

MADE_FROM_ASSESSMENTS: Final = {
    *("assessment_count", "first_submitted_at", "grade", "grade_since", "highest_grade", "first_high_at"),
    *("previous_grade", "lowered", "superseded"),
}
HUNDREDTH: Final = dt.timedelta(seconds=36)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row of the verdicts, in the order of their columns."""

    rule_id: str
    version: str
    about: str
    item_ref: str
    incident_ref: str
    outcome: str
    due_at: dt.datetime | None = None
    done_at: dt.datetime | None = None
    overdue_hours: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that decides one verdict. `before` says that it was done before the start, and the rule minds."""

    applies: Truth
    holds: Truth
    start: Cell
    due: dt.datetime | None
    done: Cell
    before: bool


def written(verdict: Verdict) -> tuple[str, ...]:
    """Return a verdict as its line of the exported file: instants with microseconds only when there are any."""
    cells = (getattr(verdict, each.name) for each in fields(verdict))
    return tuple(cell if isinstance(cell, str) else "" if cell is None else _stamp(cell) for cell in cells)


def _stamp(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"


def judge(
    records: Records,
    rules: Sequence[Rule],
    holidays: Iterable[Holiday],
    now: dt.datetime,
    known_at: dt.datetime,
    zone: ZoneInfo,
) -> list[Verdict]:
    """Return the verdict of every rule on every item there is as at `now`, with what was known at `known_at`."""
    there, known = items(records, now, zone), day_of(known_at, zone)
    rows = [
        verdict(rule, item, tuple(holidays), now, known, zone)
        for rule in rules
        for item in there
        if item.about == rule.about
    ]
    return sorted(rows, key=lambda row: (row.rule_id, row.item_ref))


def version_in_force(rule: Rule, day: dt.date, known: dt.date) -> Version | None:
    """Return the latest version by the day of the report, of those published; None if its duty has ended by then."""
    started = [each for each in rule.versions if each.published <= known and each.in_force_from <= day]
    latest = max(started, key=lambda each: each.in_force_from, default=None)
    ended = latest is not None and latest.in_force_until is not None and day > latest.in_force_until
    return None if ended else latest


def verdict(
    rule: Rule, item: Item, holidays: Sequence[Holiday], now: dt.datetime, known: dt.date, zone: ZoneInfo
) -> Verdict:
    """Return what a rule says of an item: the first outcome that fits."""
    version = version_in_force(rule, day_of(item.incident["reported_at"], zone), known)

    def said(outcome: str, reason: str = "", due: dt.datetime | None = None, done: Cell = None) -> Verdict:
        done_at = earliest(done, zone) if is_time(done) else None
        return Verdict(
            rule.id,
            "" if version is None else version.in_force_from.isoformat(),
            item.about,
            item.ref,
            item.incident["incident_ref"],
            outcome,
            due,
            done_at,
            overdue_hours(outcome, due, done_at or now),
            reason,
        )

    if item.incident.get("excluded_reason") is not None:
        return said("not_applicable", "excluded")
    if version is None:
        return said("not_applicable", "no version")
    lost = lost_rows(version, item)
    seen = evidence(version, item, holidays, known, zone, lost=bool(lost))
    if seen.applies is False:
        return said("not_applicable", "applies")
    outcome = outcome_of(version, seen, now, zone)
    if outcome == "undetermined" and seen.applies and seen.before:
        return said(outcome, _joined(finished_before_start(version)), seen.due, seen.done)
    in_doubt = outcome == "undetermined" or (outcome == "pending" and _unknown(seen))
    reason = _joined(lost or why(version, item, seen)) if in_doubt else ""
    return said(outcome, reason, seen.due, seen.done if outcome in ("met", "late") else None)


def overdue_hours(outcome: str, due: dt.datetime | None, until: dt.datetime) -> str:
    """Return how long after the deadline, in hundredths of an hour cut off; empty where nothing is overdue."""
    if due is None or outcome not in ("late", "breached"):
        return ""
    hundredths = (until - due) // HUNDREDTH
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def finished_before_start(version: Version) -> set[str]:
    """Return the two columns that stand the wrong way round."""
    assert version.deadline is not None
    assert version.done is not None
    return {version.deadline.start, version.done}


def lost_rows(version: Version, item: Item) -> set[str]:
    """Return which of an incident's children, set aside at the door, leave a version that names their facts in doubt."""
    named = version.columns()
    lost = set()
    if item.incident.get("assessments_set_aside") == "yes" and named & MADE_FROM_ASSESSMENTS:
        lost.add("assessments")
    of_referrals = any(name.endswith(("_referred_at", "_received_at")) for name in named)
    if item.incident.get("referrals_set_aside") == "yes" and of_referrals:
        lost.add("referrals")
    return lost


def evidence(
    version: Version, item: Item, holidays: Sequence[Holiday], known: dt.date, zone: ZoneInfo, *, lost: bool
) -> Evidence:
    """Return what a version has to decide on. A row lost at the door leaves it unknown whether the rule applies."""
    start = item.cells.get(version.deadline.start) if version.deadline else None
    done = finish(version, item, start, zone)
    before = is_time(start) and is_time(done) and surely_before(done, earliest(start, zone), zone)
    return Evidence(
        applies=None if lost else truth(version.applies, item.cells),
        holds=truth(version.holds, item.cells),
        start=start,
        due=due_after(start, version.deadline, holidays, known, zone) if version.deadline and is_time(start) else None,
        done=done,
        before=before and version.early == "undetermined",
    )


def finish(version: Version, item: Item, start: Cell, zone: ZoneInfo) -> Cell:
    """Return when it was done: for a destination's fact the earliest that is not too early, else the milestone unless it is."""
    if version.done is None:
        return None
    done = item.cells.get(version.done)
    if not isinstance(version.early, int) or done is UNREADABLE or not is_time(start):
        return done
    limit = earliest(start, zone) - dt.timedelta(hours=version.early)
    times = item.times.get(version.done, [done])
    return first((time for time in filter(is_time, times) if not surely_before(time, limit, zone)), zone)


def outcome_of(version: Version, seen: Evidence, now: dt.datetime, zone: ZoneInfo) -> str:
    """Return the outcome of a version that may apply: undetermined, pending, met, late or breached, the first that fits."""
    running = seen.due is not None and now <= seen.due
    if version.deadline and not is_known(seen.start):
        return "undetermined"
    if (_unknown(seen) and not running) or (seen.applies and seen.before):
        return "undetermined"
    if running and (_unknown(seen) or seen.holds is False or (version.done and seen.done is None)):
        return "pending"
    if version.holds:
        return "met" if seen.holds else "breached"
    if not is_time(seen.done):
        return "breached"
    return "met" if seen.due is None or in_time(seen.done, seen.due, zone) else "late"


def in_time(done: dt.date, due: dt.datetime, zone: ZoneInfo) -> bool:
    """Say whether it was done in time, the last instant counting; a day, only if it begins before that."""
    return earliest(done, zone) < due if is_day(done) else earliest(done, zone) <= due


def why(version: Version, item: Item, seen: Evidence) -> set[str]:
    """Return the columns that leave a verdict open."""
    if seen.applies is None:
        return set(doubts(version.applies, item.cells))
    if version.deadline and not is_known(seen.start):
        return {version.deadline.start}
    if version.holds:
        return set(doubts(version.holds, item.cells))
    return {version.done} if version.done else set()


def _unknown(seen: Evidence) -> bool:
    return seen.applies is None or seen.holds is None or seen.done is UNREADABLE


def _joined(names: Iterable[str]) -> str:
    return "; ".join(sorted(names))
