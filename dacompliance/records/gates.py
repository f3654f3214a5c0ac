"""Whether a record set can be trusted in this run (semantics §6, gates). Pure: counts and instants in, gates out.

A rule that rests on a set that fails is not checked: its verdicts and exceptions stay as they were.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import numpy as np

from dacompliance.errors import SourceError
from dacompliance.localtime import micros
from dacompliance.records.contract import RECORD_SETS, Finding
from dacompliance.records.table import Records, Table

if TYPE_CHECKING:
    from dacompliance.config import Gates

State = Literal["fresh", "stale", "empty", "short"]

_NOT_IN_TABLE: Final = tuple(each.value for each in Finding if each.sets_aside or each is Finding.REPEATED_ROW)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a record set a pull brought: rows, those that can be used, and the instant it is known to."""

    rows: int
    usable: int
    known_to: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """What a pull brought of a record set, in counts; those of its parts add up.

    `rows` can be judged; of them `unreadable` says how many have just these columns unreadable. `apart` were set aside,
    unmatched or repeated. `known_to` is in microseconds UTC, None where nothing says it.
    """

    rows: int
    unreadable: Counter[frozenset[str]]
    apart: int
    known_to: int | None

    def __add__(self, more: Brought) -> Brought:
        return Brought(self.rows + more.rows, self.unreadable + more.unreadable, self.apart + more.apart, self.known_to)

    @property
    def all_rows(self) -> int:
        """How many rows came."""
        return self.rows + self.apart

    def usable(self, unreadable_share: float) -> int:
        """Return how many rows have no unreadable cell in a column that has too many: more than that share of them."""
        by_column: Counter[str] = Counter()
        for columns, number in self.unreadable.items():
            by_column.update(dict.fromkeys(columns, number))
        bad = {name for name, number in by_column.items() if number / self.rows > unreadable_share}
        return self.rows - sum(number for columns, number in self.unreadable.items() if columns & bad)

    def extent(self, unreadable_share: float) -> Extent:
        """Return the extent of the set. A row set aside cannot be used either."""
        return Extent(self.all_rows, self.usable(unreadable_share), self.known_to)


def brought_by(records: Records) -> dict[str, Brought]:
    """Return what a pull brought of each record set that it read."""
    found = records.findings
    apart = found.loc[found["finding"].isin(_NOT_IN_TABLE), "record_set"].value_counts()
    return {
        name: Brought(
            len(records.table(name)),
            unreadable_in(records.table(name)),
            int(apart.get(name, 0)),
            records.known_to.get(name),
        )
        for name in RECORD_SETS
        if records.table(name).columns
    }


def unreadable_in(table: Table) -> Counter[frozenset[str]]:
    """Return how many rows of a table have just these columns unreadable; those with none are not counted."""
    masks = {name: column.unreadable for name, column in table.columns.items() if column.unreadable is not None}
    if not masks:
        return Counter()
    names = np.array(list(masks), dtype=object)
    cells = np.column_stack(list(masks.values()))
    kinds, counts = np.unique(cells[cells.any(axis=1)], axis=0, return_counts=True)
    return Counter({frozenset(names[kind]): int(count) for kind, count in zip(kinds, counts, strict=True)})


@dataclass(frozen=True, slots=True)
class Gate:
    """What one run makes of one record set. `trusted` is the extent that a later run is measured by.

    That is this run's own where the gate is passed, else the last that was: half the records missing two mornings
    running are missing on the second as well.
    """

    record_set: str
    extent: Extent
    state: State = "fresh"
    why: str = ""
    trusted: Extent | None = None

    @property
    def passed(self) -> bool:
        """True where rules that rest on the set can be checked."""
        return self.state == "fresh"

    @property
    def known_to(self) -> int | None:
        """The instant the set is known to, in microseconds UTC; None where that could not be said."""
        return self.extent.known_to

    def as_json(self) -> dict[str, Any]:
        """Return the gate as the ledger keeps it, with names and counts only."""
        return {
            "state": self.state,
            "passed": self.passed,
            "why": self.why,
            "extent": _as_json(self.extent),
            "trusted": None if self.trusted is None else _as_json(self.trusted),
        }


class CheckedRun(Protocol):
    """The last checked run, as far as a gate asks: its as-at, and its own gates as they were kept."""

    @property
    def as_at(self) -> dt.datetime: ...  # noqa: D102
    @property
    def gates(self) -> Mapping[str, Any]: ...  # noqa: D102


def examine(
    brought: Mapping[str, Brought], limits: Gates, now: dt.datetime, last: CheckedRun | None
) -> dict[str, Gate]:
    """Return the gate of each record set that was read, by the configured limits and the last checked run.

    `now` is the instant of the pull, or the as-at of a run that looks back. Without `last`, or for a set that was never
    trusted before, only the configured hours decide.
    """
    pulled, since = micros(now), None if last is None else micros(last.as_at)
    return {
        name: gate(
            name,
            each.extent(limits.unreadable_share),
            trusted_before(name, last),
            now=pulled,
            last_as_at=since,
            stale_hours=limits.stale_hours,
            short_share=limits.short_share,
        )
        for name, each in brought.items()
    }


def refuse_nothing(brought: Mapping[str, Brought], records_from: dt.date) -> None:
    """Raise SourceError for no incident at all, for use before any was ever seen: a wrong filter is likelier than none.

    Later on, a set that comes without rows is a gate's matter.
    """
    if not brought["incidents"].all_rows:
        raise SourceError(
            f"records.incidents.query: returns no row reported since {records_from}, so there is nothing to check. "
            "Correct the query or source.records_from, or see that the records have been loaded."
        )


def gate(
    record_set: str,
    extent: Extent,
    before: Extent | None,
    *,
    now: int,
    last_as_at: int | None,
    stale_hours: int,
    short_share: float,
) -> Gate:
    """Return whether a set is empty, stale or short, the first that fits; instants in microseconds UTC.

    Empty: no rows where `before` had some. Stale: known to an instant more than `stale_hours` before `now`, or before
    the last checked run's as-at, or to nobody knows when. Short: fewer usable rows than `short_share` of `before`.
    """
    state, why = _judged(extent, before, now, last_as_at, stale_hours, short_share)
    return Gate(record_set, extent, state, why, before if state != "fresh" else extent)


def _judged(
    extent: Extent, before: Extent | None, now: int, last_as_at: int | None, stale_hours: int, short_share: float
) -> tuple[State, str]:
    if before is not None and before.rows and not extent.rows:
        return "empty", f"came empty, and had {before.rows} rows before"
    if extent.known_to is None:
        return "stale", "are known to no instant: no time in them can be read"
    if now - extent.known_to > stale_hours * 3_600_000_000:
        return "stale", f"are known to an instant more than {stale_hours} hours ago"
    if last_as_at is not None and extent.known_to < last_as_at:
        return "stale", "are known to an instant before that of the last checked run"
    if before is not None and extent.usable < short_share * before.usable:
        return "short", f"came short: {extent.usable} usable rows, and {before.usable} before"
    return "fresh", ""


def trusted_before(record_set: str, last: CheckedRun | None) -> Extent | None:
    """Return the extent of a set when it was last trusted, if it ever was."""
    kept = None if last is None else last.gates.get(record_set, {}).get("trusted")
    return None if kept is None else Extent(kept["rows"], kept["usable"], kept["known_to"])


def _as_json(extent: Extent) -> dict[str, Any]:
    return {"rows": extent.rows, "usable": extent.usable, "known_to": extent.known_to}
