"""Rules × items → verdicts (semantics §5). Pure: no verdict depends on another item's, on the clock or on order.

The first outcome that fits decides: not applicable, undetermined, pending, met, late, breached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.judging.conditions import Truth, evaluate, everywhere, missing_columns
from dacompliance.judging.deadlines import day_number, due_times
from dacompliance.judging.items import Items, World, earliest
from dacompliance.localtime import HOUR, day_start, local_day
from dacompliance.policy.columns import from_assessments, from_referrals, split_destination_fact
from dacompliance.policy.model import Holiday, Rule, Version
from dacompliance.records.contract import Kind
from dacompliance.records.table import MISSING, BoolArray, Column, IntArray

COLUMNS: Final = (
    "rule_id",
    "version",
    "about",
    "item_ref",
    "incident_ref",
    "outcome",
    "due_at",
    "done_at",
    "reason",
)
"""The columns of a verdict frame. `overdue_hours` is derived where it is shown, never kept."""


class Outcome(IntEnum):
    """What a rule version says of an item."""

    NOT_APPLICABLE = 0
    UNDETERMINED = 1
    PENDING = 2
    MET = 3
    LATE = 4
    BREACHED = 5

    @property
    def word(self) -> str:
        """The word kept in the ledger and in files."""
        return self.name.lower()


OUTCOMES: Final = np.array([outcome.word for outcome in Outcome], dtype=object)


@dataclass(frozen=True, slots=True, eq=False)
class RuleVerdicts:
    """One rule's verdicts of every item, row by row beside `items`. `version` is a position in the rule's, -1 for none.

    `due_at` and `done_at` are microseconds UTC; `reason` is a position in `reasons`, of which the first is empty.
    """

    rule: Rule
    items: Items
    version: IntArray
    outcome: IntArray
    due_at: IntArray
    done_at: IntArray
    reason: IntArray
    reasons: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """Return the verdicts in words."""
        dates = np.array([*(str(version.in_force_from) for version in self.rule.versions), ""], dtype=object)
        return pd.DataFrame(
            {
                "rule_id": np.full(len(self.items), self.rule.id, dtype=object),
                "version": dates[self.version],
                "about": np.full(len(self.items), self.rule.about, dtype=object),
                "item_ref": self.items.keys,
                "incident_ref": self.items.incident_refs,
                "outcome": OUTCOMES[self.outcome],
                "due_at": _stamps(self.due_at),
                "done_at": _stamps(self.done_at),
                "reason": np.array(self.reasons, dtype=object)[self.reason],
            }
        )


def _stamps(values: IntArray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(values.view("datetime64[us]")).tz_localize("UTC")


def judge(world: World, rules: Iterable[Rule], holidays: Sequence[Holiday], known_day: int) -> list[RuleVerdicts]:
    """Judge every item by every rule about it, by what had been published and announced by the day `known_day`."""
    return [judge_rule(world, rule, holidays, known_day) for rule in rules]


def frame(verdicts: Iterable[RuleVerdicts]) -> pd.DataFrame:
    """Return all verdicts as one frame with the columns `COLUMNS`; text is never missing, times may be NaT."""
    frames = [each.frame() for each in verdicts]
    if frames:
        return pd.concat(frames, ignore_index=True)
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    return empty.astype({"due_at": "datetime64[us, UTC]", "done_at": "datetime64[us, UTC]"})


def judge_rule(world: World, rule: Rule, holidays: Sequence[Holiday], known_day: int) -> RuleVerdicts:
    """Judge every item the rule is about, each by the version in force on its incident's local day of report."""
    items = world.items(rule.about)
    version = versions_in_force(rule, items.reported_day, known_day)
    book = _Book.blank(len(items))
    book.note(np.flatnonzero(version < 0), "no version")
    book.note(np.flatnonzero(items.excluded), "excluded")
    for place, each in enumerate(rule.versions):
        rows = np.flatnonzero((version == place) & ~items.excluded)
        if len(rows):
            _judge_version(world, items, rows, each, holidays, known_day, book)
    return RuleVerdicts(rule, items, version, book.outcome, book.due_at, book.done_at, book.reason, tuple(book.reasons))


def versions_in_force(rule: Rule, days: IntArray, known_day: int) -> IntArray:
    """Return the position of the version in force on each day, among those published by `known_day`; -1 for none."""
    published = [
        (day_number(version.in_force_from), place)
        for place, version in enumerate(rule.versions)
        if day_number(version.published) <= known_day
    ]
    published.sort()
    starts = np.array([start for start, _ in published], dtype=np.int64)
    places = np.array([-1, *(place for _, place in published)], dtype=np.int64)
    found = places[np.searchsorted(starts, days, side="right")]
    ends = [MISSING if v.in_force_until is None else day_number(v.in_force_until) for v in rule.versions]
    end = np.array([*ends, MISSING], dtype=np.int64)[found]
    return np.where((end != MISSING) & (days > end), -1, found)


@dataclass(slots=True)
class _Book:
    """The verdicts of one rule while they are being written; rows nobody writes do not apply."""

    outcome: IntArray
    due_at: IntArray
    done_at: IntArray
    reason: IntArray
    reasons: list[str]

    @classmethod
    def blank(cls, size: int) -> _Book:
        missing = np.full(size, MISSING, dtype=np.int64)
        return cls(np.zeros(size, dtype=np.int64), missing, missing.copy(), np.zeros(size, dtype=np.int64), [""])

    def note(self, rows: IntArray, reason: str) -> None:
        """Write down one reason for all of `rows`."""
        if len(rows) == 0:
            return
        if reason not in self.reasons:
            self.reasons.append(reason)
        self.reason[rows] = self.reasons.index(reason)

    def note_columns(self, rows: IntArray, columns: Mapping[str, BoolArray]) -> None:
        """Write down, for each of `rows`, the names of the columns marked for it, sorted and joined."""
        names = sorted(name for name, where in columns.items() if where.any())
        if not names:
            return
        marks = np.stack([columns[name] for name in names], axis=1)
        patterns, which = np.unique(marks, axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            words = "; ".join(name for name, marked in zip(names, pattern, strict=True) if marked)
            self.note(rows[np.reshape(which, -1) == number], words)


class _View:
    """Some rows of the items, with each column taken once."""

    def __init__(self, items: Items, rows: IntArray) -> None:
        self.items, self.rows = items, rows
        self._whole = len(rows) == len(items)
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> Column:
        if name not in self._columns:
            column = self.items.column(name)
            self._columns[name] = column if self._whole else column.take(self.rows)
        return self._columns[name]

    def among(self, keep: BoolArray) -> _View:
        return self if keep.all() else _View(self.items, self.rows[keep])


def _judge_version(
    world: World,
    items: Items,
    rows: IntArray,
    version: Version,
    holidays: Sequence[Holiday],
    known_day: int,
    book: _Book,
) -> None:
    view = _View(items, rows)
    applies, lost = _applies(version, view)
    book.note(rows[applies.false], "applies")
    keep = ~applies.false
    view, unsure, lost = view.among(keep), applies.unknown[keep], lost[keep]
    size = len(view)
    start, due = _start(version, view, world, holidays, known_day)
    finish = _finish(version, view, start, world)
    judged = _outcomes(version, world.as_at, unsure, start, due, finish)
    book.outcome[view.rows] = judged
    book.due_at[view.rows] = due
    shown = (judged == Outcome.MET) | (judged == Outcome.LATE) | (finish.too_soon & ~unsure)
    if version.done is not None:
        book.done_at[view.rows] = np.where(shown, finish.done_at, MISSING)
    unclear = np.flatnonzero(
        (judged == Outcome.UNDETERMINED) | ((judged == Outcome.PENDING) & (unsure | finish.unknown))
    )
    if len(unclear):
        reasons = _reasons(
            version, view.among(_mask(unclear, size)), unsure[unclear], lost[unclear], finish.at(unclear)
        )
        book.note_columns(view.rows[unclear], reasons)


def _mask(rows: IntArray, size: int) -> BoolArray:
    mask = np.zeros(size, dtype=bool)
    mask[rows] = True
    return mask


LOST = ("assessments", "referrals")


def _applies(version: Version, view: _View) -> tuple[Truth, IntArray]:
    """Return whether the version applies, and which lost children (1 assessments, 2 referrals, 3 both) make it unknown.

    Where a child of the incident was set aside, a rule that names a fact made from such children has an unknown
    `applies`: a lost row never makes anyone compliant, and never invents a breach.
    """
    truth = everywhere(len(view)) if version.applies is None else evaluate(version.applies, view.column, len(view))
    lost = np.zeros(len(view), dtype=np.int64)
    names = version.columns()
    for bit, (set_aside, facts) in enumerate(zip(LOST, (from_assessments(names), from_referrals(names)), strict=True)):
        if facts:
            flag = view.column(f"{set_aside}_set_aside")
            lost += np.where(flag.present & (flag.values == flag.code("yes")), 1 << bit, 0)
    gone = lost > 0
    return Truth(truth.true & ~gone, truth.unknown | gone), lost


def _start(
    version: Version, view: _View, world: World, holidays: Sequence[Holiday], known_day: int
) -> tuple[Column | None, IntArray]:
    if version.deadline is None:
        return None, np.full(len(view), MISSING, dtype=np.int64)
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

    def at(self, rows: IntArray) -> _Finish:
        return _Finish(self.so[rows], self.unknown[rows], self.done_at[rows], self.dated[rows], self.too_soon[rows])


def _finish(version: Version, view: _View, start: Column | None, world: World) -> _Finish:
    size = len(view)
    nothing = np.zeros(size, dtype=bool)
    if version.holds is not None:
        holds = evaluate(version.holds, view.column, size)
        return _Finish(holds.true, holds.unknown, np.full(size, MISSING, dtype=np.int64), nothing, nothing)
    done = _done(version, view, start, world)
    too_soon = nothing
    if version.early == "undetermined" and start is not None:
        too_soon = done.present & start.present & (latest_reading(done, world) < start.values)
    return _Finish(done.present, done.unread, done.values, done.days, too_soon)


def _done(version: Version, view: _View, start: Column | None, world: World) -> Column:
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


def _earliest_from(stem: str, time: str, view: _View, floor: IntArray, world: World) -> Column:
    """Return, for each row, its incident's earliest time at the destination that is not too early for that row."""
    referrals = world.referrals
    incident = view.rows if view.items.parent is None else view.items.rows[view.rows]
    row, referral = pairs(incident, referrals.rows)
    table = referrals.table.take(referral)
    times = table.get(time, Kind.INSTANT)
    return earliest(table, row, stem, time, len(view), times.present & (latest_reading(times, world) < floor[row]))


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
) -> IntArray:
    """Return the first outcome that fits each row to which the version applies or may apply.

    The deadline includes its last instant; a finish on a date without a time is in time if its day begins before it.
    """
    has_due = due != MISSING
    unknown = unsure | finish.unknown
    no_start = np.zeros(len(due), dtype=bool) if start is None else ~start.present
    running = has_due & (as_at <= due)
    in_time = ~has_due | np.where(finish.dated, finish.done_at < due, finish.done_at <= due)
    if version.holds is not None:
        in_time = np.ones(len(due), dtype=bool)
    undetermined = no_start | (unknown & ~running) | (finish.too_soon & ~unsure)
    return np.select(
        [undetermined, running & (unknown | ~finish.so), finish.so & in_time, finish.so],
        [Outcome.UNDETERMINED, Outcome.PENDING, Outcome.MET, Outcome.LATE],
        Outcome.BREACHED,
    ).astype(np.int64)


def _reasons(
    version: Version, view: _View, unsure: BoolArray, lost: IntArray, finish: _Finish
) -> Mapping[str, BoolArray]:
    """Return which columns keep each row from being judged (semantics §5, `reason`)."""
    size = len(view)
    found = {name: (lost >> bit) & 1 == 1 for bit, name in enumerate(LOST)}

    def note(name: str, where: BoolArray) -> None:
        found[name] = found.get(name, np.zeros(size, dtype=bool)) | where

    if version.applies is not None:
        for name, where in missing_columns(version.applies, view.column, size).items():
            note(name, where & unsure & (lost == 0))
    settled = ~unsure
    if version.deadline is not None:
        no_start = settled & ~view.column(version.deadline.start).present
        note(version.deadline.start, no_start | (finish.too_soon & settled))
        settled = settled & ~no_start
    if version.holds is not None:
        for name, where in missing_columns(version.holds, view.column, size).items():
            note(name, where & settled)
    if version.done is not None:
        note(version.done, (finish.unknown | finish.too_soon) & settled)
    return found


def overdue_hours(verdicts: pd.DataFrame, as_at: pd.Timestamp) -> pd.Series[str]:
    """Return hours overdue, cut off to hundredths, as text with two decimals; empty where nothing is overdue.

    Late: done less due. Breached with a deadline: the as-at less due.
    """
    due = verdicts["due_at"]
    over = (verdicts["done_at"] - due).where(verdicts["outcome"] == "late", as_at - due)
    shown = verdicts["outcome"].isin(["late", "breached"]) & due.notna()
    microseconds = over.where(shown, pd.Timedelta(0)).to_numpy().astype("timedelta64[us]").astype(np.int64)
    cut = microseconds // (HOUR // 100)
    words = [f"{each // 100}.{each % 100:02d}" if there else "" for each, there in zip(cut, shown, strict=True)]
    return pd.Series(words, index=verdicts.index, dtype=object)
