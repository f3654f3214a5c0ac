"""Records as arrays: what every judgement reads. Knows how a cell is present, missing or unreadable; not what it means.

Every column is one `int64` array, whatever it holds:

- instants and dates: microseconds since 1970 in UTC (a date is the start of its local day, marked in `day_only`);
- whole numbers: themselves;
- words (text, yes/no, grades): positions in `words`.

`MISSING` stands for a cell without a value. A cell that could not be read is `MISSING` too, and marked in `unreadable`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dacompliance.records.contract import RECORD_SETS, Kind

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
TextArray = npt.NDArray[np.object_]

MISSING: Final = int(np.iinfo(np.int64).min)
FINDING_COLUMNS: Final = ("record_set", "key", "column", "finding")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column. `unreadable` and `day_only` are None where no cell is so."""

    kind: Kind
    values: IntArray
    words: tuple[str, ...] = ()
    unreadable: BoolArray | None = None
    day_only: BoolArray | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def present(self) -> BoolArray:
        """True where there is a readable value."""
        return np.not_equal(self.values, MISSING)

    @property
    def unread(self) -> BoolArray:
        """`unreadable` as an array of every row."""
        return np.zeros(len(self.values), dtype=bool) if self.unreadable is None else self.unreadable

    @property
    def days(self) -> BoolArray:
        """`day_only` as an array of every row."""
        return np.zeros(len(self.values), dtype=bool) if self.day_only is None else self.day_only

    def take(self, rows: IntArray) -> Column:
        """Return the cells of `rows`, in that order; row -1 is a missing cell."""
        gone = rows < 0
        if len(self.values) == 0:
            return Column(self.kind, np.full(len(rows), MISSING, dtype=np.int64), self.words)
        values = self.values[rows]
        unreadable = None if self.unreadable is None else self.unreadable[rows] & ~gone
        day_only = None if self.day_only is None else self.day_only[rows] & ~gone
        if gone.any():
            values = np.where(gone, MISSING, values)
        return replace(self, values=values, unreadable=unreadable, day_only=day_only)

    def only(self, keep: BoolArray) -> Column:
        """Return the column with every cell outside `keep` made missing."""
        return replace(
            self,
            values=np.where(keep, self.values, MISSING),
            unreadable=None if self.unreadable is None else self.unreadable & keep,
            day_only=None if self.day_only is None else self.day_only & keep,
        )

    def code(self, word: str) -> int:
        """Return the position of `word` in `words`, or -1 when no cell holds it."""
        return self.words.index(word) if word in self.words else -1

    def text(self) -> TextArray:
        """Return the words themselves, None where missing or unreadable. For columns of words."""
        lookup = np.array([*self.words, None], dtype=object)
        return np.asarray(lookup[np.where(self.present, self.values, len(self.words))], dtype=object)

    def instants(self) -> pd.Series[pd.Timestamp]:
        """Return instants as a `datetime64[us, UTC]` series, NaT where missing or unreadable."""
        return pd.Series(stamps(self.values))


def stamps(values: IntArray) -> pd.DatetimeIndex:
    """Return instants as `datetime64[us, UTC]`, NaT where missing."""
    return pd.DatetimeIndex(values.view("datetime64[us]")).tz_localize("UTC")  # MISSING is NaT's own bit pattern


def places_of(words: Sequence[str] | TextArray, among: TextArray) -> IntArray:
    """Return where each word stands in an array in order of code point, -1 where it is not there.

    Words that are in order themselves are found several times faster.
    """
    wanted = np.array(words, dtype=object)
    if not len(among):
        return np.full(len(wanted), -1, dtype=np.int64)
    places = np.minimum(np.searchsorted(among, wanted), len(among) - 1)
    return np.where(among[places] == wanted, places, -1)


def words_column(values: Iterable[str | None] | TextArray | pd.Series[Any], kind: Kind = Kind.TEXT) -> Column:
    """Make a column of words from text; None and NaN are missing. Words stand in order of code point."""
    codes, found = pd.factorize(pd.Series(list(values), dtype="object"))
    words = [str(word) for word in found]
    order = sorted(range(len(words)), key=words.__getitem__)
    place = np.full(len(words) + 1, MISSING, dtype=np.int64)  # the last is for code -1, missing
    place[order] = np.arange(len(words))
    return Column(kind, place[codes], tuple(words[each] for each in order))


def empty_column(kind: Kind, size: int) -> Column:
    """Make a column in which every cell is missing."""
    return Column(kind, np.full(size, MISSING, dtype=np.int64))


class Taken(Mapping[str, Column]):
    """Some rows of a table's columns, each taken when it is first asked for: most readers read few of them."""

    __slots__ = ("_made", "_rows", "_source")

    def __init__(self, source: Mapping[str, Column], rows: IntArray, made: Mapping[str, Column] | None = None) -> None:
        self._source, self._rows, self._made = source, rows, dict(made or {})

    def __getitem__(self, name: str) -> Column:
        if name not in self._made:
            self._made[name] = self._source[name].take(self._rows)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._made or name in self._source

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._source, *self._made)))

    def __len__(self) -> int:
        return len(self._source.keys() | self._made.keys())

    def under(self, more: Mapping[str, Column]) -> Taken:
        """Return these columns with `more` added, or in place of those of the same name."""
        return Taken(self._source, self._rows, {**self._made, **more})


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows of one record set, or of one kind of item: a key each, and columns of the same length."""

    keys: TextArray
    columns: Mapping[str, Column] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def get(self, name: str, kind: Kind = Kind.TEXT) -> Column:
        """Return a column; one that is not mapped is a column of missing cells of `kind`."""
        found = self.columns.get(name)
        return empty_column(kind, len(self)) if found is None else found

    def take(self, rows: IntArray) -> Table:
        """Return the given rows, in that order; a column is taken when it is first asked for."""
        return Table(self.keys[rows], Taken(self.columns, rows))

    def where(self, keep: BoolArray) -> Table:
        """Return the rows to keep; the table itself where that is all of them."""
        return self if keep.all() else self.take(np.flatnonzero(keep))

    def key_ranks(self) -> IntArray:
        """Return each key's place in order of code point."""
        if np.all(self.keys[1:] >= self.keys[:-1]):
            return np.arange(len(self), dtype=np.int64)
        order = np.array(sorted(range(len(self)), key=self.keys.__getitem__), dtype=np.int64)
        return np.asarray(np.argsort(order), dtype=np.int64)

    def with_columns(self, more: Mapping[str, Column]) -> Table:
        """Return the table with columns added or replaced."""
        mine = self.columns
        return Table(self.keys, mine.under(more) if isinstance(mine, Taken) else {**mine, **more})


def empty_table() -> Table:
    """Make a table with no rows and no columns."""
    return Table(np.array([], dtype=object))


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Everything one pull brought, cast to the contract.

    `findings` lists what the data's keeper should know, one row a cell or record, with columns
    `record_set`, `key`, `column`, `finding` (a `contract.Finding` value): never a cell's value.
    """

    incidents: Table
    assessments: Table
    referrals: Table
    staff: Table
    known_to: Mapping[str, int]
    findings: pd.DataFrame

    def table(self, record_set: str) -> Table:
        """Return the table of a record set by its name."""
        return {
            "incidents": self.incidents,
            "assessments": self.assessments,
            "referrals": self.referrals,
            "staff": self.staff,
        }[record_set]


def mapped_columns(found: Records) -> dict[str, AbstractSet[str]]:
    """Return the columns each record set brought, keys among them; a set that was not read brings none."""
    return {
        name: {contract.key, *found.table(name).columns} if found.table(name).columns else set()
        for name, contract in RECORD_SETS.items()
    }


def no_findings() -> pd.DataFrame:
    """Return findings (`Records.findings`) of which there is none."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in FINDING_COLUMNS})
