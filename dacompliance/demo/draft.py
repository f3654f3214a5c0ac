"""The force while it is being made: a table is a bundle of arrays, so a fault is sown by writing into a few cells.

Knows the shape of the invented records, not how many of anything there are. `sheets.py` turns a draft into text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, TypeVar

import numpy as np

from dacompliance.demo.dice import Dice
from dacompliance.demo.period import NEVER, NONE
from dacompliance.records.table import BoolArray, IntArray, TextArray

CodeArray = np.ndarray[tuple[int, ...], np.dtype[np.int8]]

BLANK, YES, NO, NOT_KNOWN, ODD = range(5)
"""How an answer is kept while the force is made; `ODD` is a word that nobody mapped."""

QUESTIONS: Final = 27


@dataclass(slots=True, eq=False)
class Occurrences:
    """One row an occurrence. `status` is what it became at `status_known`; before, it was open."""

    number: TextArray
    reported: IntArray
    flagged: IntArray
    attended: IntArray
    station: TextArray
    team: TextArray
    officer: TextArray
    supervisor: TextArray
    crime: TextArray
    children: TextArray
    status: TextArray
    status_known: IntArray
    since: IntArray
    until: IntArray


@dataclass(slots=True, eq=False)
class Victims:
    """One row a victim of an occurrence: the monitor's incident."""

    occurrence: IntArray
    number: IntArray
    repeat: TextArray
    no_form: TextArray
    no_form_known: IntArray
    since: IntArray
    until: IntArray


@dataclass(slots=True, eq=False)
class Forms:
    """One row a form, with its answers beside it: what was answered, and when that was recorded."""

    number: IntArray
    victim: IntArray
    code: TextArray
    started: IntArray
    submitted: IntArray
    handed_in: IntArray
    author: TextArray
    declined: TextArray
    grade: TextArray
    rationale: TextArray
    rationale_known: IntArray
    since: IntArray
    until: IntArray
    answers: CodeArray
    answered: IntArray


@dataclass(slots=True, eq=False)
class Endorsements:
    """One row a sign-off."""

    form: IntArray
    at: IntArray
    by: TextArray
    final_grade: TextArray
    final_rationale: TextArray
    void: TextArray
    void_known: IntArray
    since: IntArray
    until: IntArray


@dataclass(slots=True, eq=False)
class Checks:
    """One row a finished check of the referral unit."""

    victim: IntArray
    at: IntArray
    by: TextArray
    since: IntArray
    until: IntArray


@dataclass(slots=True, eq=False)
class Referrals:
    """One row a referral."""

    number: TextArray
    victim: IntArray
    hub: TextArray
    sent: IntArray
    acknowledged: IntArray
    acknowledged_known: IntArray
    cancelled: TextArray
    cancelled_known: IntArray
    since: IntArray
    until: IntArray


@dataclass(slots=True, eq=False)
class Employees:
    """One row a member of staff. `left` is a day as text."""

    collar: TextArray
    role: TextArray
    team: TextArray
    station: TextArray
    manager: TextArray
    left: TextArray


@dataclass(slots=True, eq=False)
class Draft:
    """The whole force. `texts` are cells whose text is not what their value would be.

    `taken` victims have a fault already, or share their occurrence with another victim; `chosen` are the victims of
    each fault.
    """

    dice: Dice
    employees: Employees
    occurrences: Occurrences
    victims: Victims
    forms: Forms
    endorsements: Endorsements
    checks: Checks
    referrals: Referrals
    taken: BoolArray
    chosen: dict[str, IntArray] = field(default_factory=dict)
    texts: dict[tuple[str, str], dict[int, str | None]] = field(default_factory=dict)

    def take(self, name: str, among: BoolArray, count: int) -> IntArray:
        """Choose `count` victims that have no fault yet; they are taken from now on."""
        return self.taking(name, self.dice.pick(among & ~self.taken, count))

    def take_first(self, name: str, among: BoolArray, times: IntArray, count: int) -> IntArray:
        """Choose the `count` victims without a fault that come first by `times`."""
        rows = np.flatnonzero(among & ~self.taken)
        return self.taking(name, rows[np.argsort(times[rows], kind="stable")[:count]])

    def taking(self, name: str, rows: IntArray) -> IntArray:
        """Mark victims as taken by a fault."""
        self.taken[rows] = True
        self.chosen[name] = rows
        return rows

    def write(self, table: str, column: str, rows: IntArray, words: Sequence[str | None] | str | None) -> None:
        """Give cells of the finished table a text of their own: one for all of them, or one each."""
        each = [words] * len(rows) if words is None or isinstance(words, str) else words
        self.texts.setdefault((table, column), {}).update(zip(rows.tolist(), each, strict=True))

    def cases(self, victims: IntArray) -> IntArray:
        """Return the occurrence of each victim."""
        return np.asarray(self.victims.occurrence[victims])

    def incident_keys(self, victims: IntArray) -> tuple[str, ...]:
        """Return the monitor's keys of victims."""
        numbers = self.occurrences.number[self.cases(victims)].tolist()
        return tuple(f"{n}/{v}" for n, v in zip(numbers, self.victims.number[victims].tolist(), strict=True))

    def form_keys(self, forms: IntArray) -> tuple[str, ...]:
        """Return the monitor's keys of forms."""
        return tuple(str(number) for number in self.forms.number[forms].tolist())

    def referral_keys(self, referrals: IntArray) -> tuple[str, ...]:
        """Return the monitor's keys of referrals."""
        return tuple(self.referrals.number[referrals].tolist())


Bundle = TypeVar("Bundle", Occurrences, Victims, Forms, Endorsements, Checks, Referrals)


def length(table: Any) -> int:
    """Return how many rows a table has."""
    return len(getattr(table, fields(table)[0].name))


def grown(table: Bundle, rows: IntArray, **changes: Any) -> Bundle:
    """Return the table with copies of `rows` at its end that differ in `changes` (arrays, or one value for all)."""
    columns: dict[str, Any] = {}
    for each in fields(table):
        old = getattr(table, each.name)
        more = old[rows]
        if each.name in changes:
            more = more.copy()
            more[:] = changes[each.name]
        columns[each.name] = np.concatenate([old, more])
    return replace(table, **columns)


def texts(words: Any, size: int) -> TextArray:
    """Return a text column: one word for all rows."""
    column = np.empty(size, dtype=object)
    column[:] = words
    return column


def filled(column: TextArray) -> BoolArray:
    """Return where a text column has a word."""
    return np.array([word is not None for word in column.tolist()], dtype=bool)


def either(where: BoolArray, column: TextArray | str | None, other: TextArray | str | None) -> TextArray:
    """Return the cells of one text column where told, of the other elsewhere."""
    size = len(where)
    return np.where(where, texts(column, size), texts(other, size))


def never(size: int) -> IntArray:
    """Return `until` for rows that stay."""
    return np.full(size, NEVER, dtype=np.int64)


def none(size: int) -> IntArray:
    """Return times that were never recorded."""
    return np.full(size, NONE, dtype=np.int64)


def first_of(links: IntArray, size: int) -> IntArray:
    """Return, for each of `size` parents, the first row that links to it, or -1."""
    found = np.full(size, -1, dtype=np.int64)
    found[links[::-1]] = np.arange(len(links) - 1, -1, -1)
    return found
