"""One version of a rule against the items it is for: what applies, when it is due, what was done (semantics §5). Pure.

No verdict depends on another item's. Where rows are looked at that are not in question, nothing of them is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dacompliance.judging.conditions import Truth, evaluate, everywhere, missing_columns
from dacompliance.judging.deadlines import due_times
from dacompliance.judging.facts import earliest_referral
from dacompliance.judging.items import World
from dacompliance.judging.outcomes import CodeArray, Outcome
from dacompliance.judging.view import Book, View, nothing
from dacompliance.localtime import HOUR, day_start, local_day
from dacompliance.policy.columns import from_assessments, from_referrals, split_destination_fact
from dacompliance.policy.model import Holiday, Version
from dacompliance.records.contract import Kind
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray

LOST = ("assessments", "referrals")
BitArray = npt.NDArray[np.int8]
"""Which of `LOST` an incident lost: 1 the first, 2 the second, 3 both."""


def judge_version(
    world: World, view: View, version: Version, holidays: Sequence[Holiday], known_day: int, book: Book
) -> None:
    """Judge the items in view by one version, and write their verdicts and reasons into the book."""
    applies, lost = _applies(version, view)
    book.note(view.places(applies.false), "applies")
    view = view.narrowed(~applies.false)
    unsure, lost = view.of(applies.unknown), view.of(lost)
    start, due = _start(version, view, world, holidays, known_day)
    finish = _finish(version, view, start, world)
    judged = _outcomes(version, world.as_at, unsure, start, due, finish)
    book.outcome = view.put(book.outcome, judged)
    if version.deadline is not None:
        book.due_at = view.put(book.due_at, due)
    if version.done is not None:
        shown = (judged == Outcome.MET) | (judged == Outcome.LATE) | (finish.too_soon & ~unsure)
        book.done_at = view.put(book.done_at, np.where(shown, finish.done_at, MISSING))
    open_still = (judged == Outcome.UNDETERMINED) | ((judged == Outcome.PENDING) & (unsure | finish.unknown))
    few = view.only(open_still)
    if len(few):
        book.note_columns(few.rows, _reasons(version, few, few.of(unsure), few.of(lost), finish.seen_by(few)))


def _applies(version: Version, view: View) -> tuple[Truth, BitArray]:
    """Return whether the version applies, and which lost children make that unknown.

    Where a child of the incident was set aside, a rule that names a fact made from such children has an unknown
    `applies`: a lost row never makes anyone compliant, and never invents a breach.
    """
    truth = everywhere(len(view)) if version.applies is None else evaluate(version.applies, view.column)
    lost = np.zeros(len(view), dtype=np.int8)
    names = version.columns()
    for bit, (set_aside, facts) in enumerate(zip(LOST, (from_assessments(names), from_referrals(names)), strict=True)):
        flag = view.column(f"{set_aside}_set_aside")
        if facts and flag.code("yes") >= 0:
            lost |= (flag.values == flag.code("yes")).astype(np.int8) << bit
    gone = lost > 0
    return Truth(truth.true & ~gone, truth.unknown | gone), lost


def _start(
    version: Version, view: View, world: World, holidays: Sequence[Holiday], known_day: int
) -> tuple[Column | None, IntArray]:
    if version.deadline is None:
        return None, nothing(len(view))
    start = view.column(version.deadline.start)
    return start, due_times(version.deadline, start, world.zone, holidays, known_day)


@dataclass(frozen=True, slots=True, eq=False)
class _Finish:
    """How each row stands with its `done` or `holds`. `done_at` is missing where not done; `too_soon` by `early`."""

    so: BoolArray
    unknown: BoolArray
    done_at: IntArray
    dated: BoolArray
    too_soon: BoolArray

    def seen_by(self, view: View) -> _Finish:
        """Return the same for a view narrowed from the one this was made for."""
        of = view.of
        return _Finish(of(self.so), of(self.unknown), of(self.done_at), of(self.dated), of(self.too_soon))


def _finish(version: Version, view: View, start: Column | None, world: World) -> _Finish:
    size = len(view)
    no = np.zeros(size, dtype=bool)
    if version.holds is not None:
        holds = evaluate(version.holds, view.column)
        return _Finish(holds.true, holds.unknown, nothing(size), no, no)
    done = _done(version, view, start, world)
    too_soon = no
    if version.early == "undetermined" and start is not None:
        too_soon = done.present & start.present & (latest_reading(done, world) < start.values)
    return _Finish(done.present, done.unread, done.values, done.days, too_soon)


def _done(version: Version, view: View, start: Column | None, world: World) -> Column:
    """Return when each row was done; a finish longer before the start than `early` allows is none.

    Of several referrals to a destination, the earliest that is not too early is taken.
    """
    assert version.done is not None, "policy.files gives every version one of done and holds"
    if not isinstance(version.early, int) or start is None:
        return view.column(version.done)
    floor = np.where(start.present, start.values - version.early * HOUR, MISSING)
    fact = split_destination_fact(version.done)
    if fact is not None:
        return _earliest_from(*fact, view, floor, world)
    done = view.column(version.done)
    return done.only(~(done.present & (latest_reading(done, world) < floor)))


def _earliest_from(stem: str, time: str, view: View, floor: IntArray, world: World) -> Column:
    """Return, for each row, its incident's earliest time at the destination that is not too early for that row."""
    referrals = world.referrals
    incident = view.rows if view.items.parent is None else view.items.rows[view.rows]
    row, referral = pairs(incident, referrals.rows)
    table = referrals.table.take(referral)
    times = table.get(time, Kind.INSTANT)
    return earliest_referral(
        table, row, stem, time, len(view), times.present & (latest_reading(times, world) < floor[row])
    )


def pairs(groups: IntArray, members: IntArray) -> tuple[IntArray, IntArray]:
    """Return every pair (i, j) with `groups[i] == members[j]`, in order of i."""
    order = np.argsort(members, kind="stable")
    first = np.searchsorted(members[order], groups, side="left")
    counts = np.searchsorted(members[order], groups, side="right") - first
    left = np.repeat(np.arange(len(groups)), counts)
    within = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
    return left, order[np.repeat(first, counts) + within]


def latest_reading(times: Column, world: World) -> IntArray:
    """Return the last instant each time can stand for: itself, or for a date without a time the end of its day."""
    if times.day_only is None or not times.day_only.any():
        return times.values
    ends = day_start(local_day(times.values, world.zone) + 1, world.zone) - 1
    return np.where(times.day_only, ends, times.values)


def _outcomes(
    version: Version, as_at: int, unsure: BoolArray, start: Column | None, due: IntArray, finish: _Finish
) -> CodeArray:
    """Return the first outcome that fits each row to which the version applies or may apply; the last is written first.

    The deadline includes its last instant; a finish on a date without a time is in time if its day begins before it.
    """
    has_due = due != MISSING
    unknown = unsure | finish.unknown
    running = has_due & (as_at <= due)
    in_time = ~has_due | np.where(finish.dated, finish.done_at < due, finish.done_at <= due)
    if version.holds is not None:
        in_time = np.ones(len(due), dtype=bool)
    undetermined = (unknown & ~running) | (finish.too_soon & ~unsure)
    if start is not None:
        undetermined |= ~start.present
    found = np.full(len(due), Outcome.BREACHED, dtype=np.int8)
    found[finish.so] = Outcome.LATE
    found[finish.so & in_time] = Outcome.MET
    found[running & (unknown | ~finish.so)] = Outcome.PENDING
    found[undetermined] = Outcome.UNDETERMINED
    return found


def _reasons(
    version: Version, view: View, unsure: BoolArray, lost: BitArray, finish: _Finish
) -> Mapping[str, BoolArray]:
    """Return which columns keep each row from being judged (semantics §5, `reason`)."""
    size = len(view)
    found = {name: (lost >> bit) & 1 == 1 for bit, name in enumerate(LOST)}

    def note(name: str, where: BoolArray) -> None:
        found[name] = found.get(name, np.zeros(size, dtype=bool)) | where

    if version.applies is not None:
        for name, where in missing_columns(version.applies, view.column).items():
            note(name, where & unsure & (lost == 0))
    settled = ~unsure
    if version.deadline is not None:
        no_start = settled & ~view.column(version.deadline.start).present
        note(version.deadline.start, no_start | (finish.too_soon & settled))
        settled = settled & ~no_start
    if version.holds is not None:
        for name, where in missing_columns(version.holds, view.column).items():
            note(name, where & settled)
    if version.done is not None:
        note(version.done, (finish.unknown | finish.too_soon) & settled)
    return found
