"""What verdict history says of a run, as arrays: a word is kept once, however many verdicts there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa

from dacompliance.judging.verdicts import COLUMNS
from dacompliance.ledger import bulk, tables
from dacompliance.ledger.rows import held
from dacompliance.records.table import MISSING, BoolArray, IntArray, TextArray, stamps, words_column

_verdicts: Final = tables.verdict_history

RULING: Final = ("rule_id", "version", "about", "outcome", "reason")
"""What many verdicts have in common: one of a few dozen rulings."""

_MARK: Final = "\x1f"
"""Stands between the parts of a ruling. A part that held it itself would make one more, and no ruling of ours."""

Ruling = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Verdicts as arrays of one length, in no order: none that did not apply.

    `ruling` is a position in `rulings` (cells of `RULING`), `item` and `incident` are positions in `refs`; times are
    microseconds UTC, MISSING where there is none.
    """

    rulings: tuple[Ruling, ...]
    refs: TextArray
    ruling: IntArray
    item: IntArray
    incident: IntArray
    due_at: IntArray
    done_at: IntArray

    def __len__(self) -> int:
        return len(self.ruling)

    def where(self, keep: BoolArray) -> Said:
        """Return those to keep."""
        if keep.all():
            return self
        names = ("ruling", "item", "incident", "due_at", "done_at")
        return replace(self, **{name: getattr(self, name)[keep] for name in names})

    def of(self, rules: Collection[str]) -> Said:
        """Return those of some rules."""
        return self.where(np.array([each[0] in rules for each in self.rulings], dtype=bool)[self.ruling])

    def outcomes(self) -> dict[str, int]:
        """Return how many there are of each outcome."""
        counts = np.bincount(self.ruling, minlength=len(self.rulings)).tolist()
        found: dict[str, int] = {}
        for (_, _, _, outcome, _), count in zip(self.rulings, counts, strict=True):
            found[outcome] = found.get(outcome, 0) + count
        return found

    def frame(self) -> pd.DataFrame:
        """Return them in the judge's columns, by rule and item."""
        cells = dict(zip(RULING, _transposed(self.rulings), strict=True))
        order = np.lexsort(
            (words_column(self.refs).values[self.item], words_column(cells["rule_id"]).values[self.ruling])
        )
        texts = {name: cells[name][self.ruling[order]] for name in RULING}
        texts |= {"item_ref": self.refs[self.item[order]], "incident_ref": self.refs[self.incident[order]]}
        times = {"due_at": stamps(self.due_at[order]), "done_at": stamps(self.done_at[order])}
        columns = {**{name: pd.Series(each, dtype=object) for name, each in texts.items()}, **times}
        return pd.DataFrame({name: columns[name] for name in COLUMNS})


def said_at(connection: sa.Connection, run_id: int, *those: sa.ColumnElement[bool]) -> Said:
    """Return the verdicts that stood after a run, all or `those` of them.

    A rule not checked in that run is there too, with what an earlier run said: `runs.run(…).rules` tells which.
    """
    own_incident = sa.func.nullif(_verdicts.c.incident_ref, _verdicts.c.item_ref)
    query = sa.select(
        _joined(), _verdicts.c.item_ref, own_incident, _or_missing(_verdicts.c.due_at), _or_missing(_verdicts.c.done_at)
    ).where(*held(_verdicts, run_id), *those)
    rulings, refs, parts = _Numbers(), _Numbers(), []
    for ruling, items, incidents, *times in bulk.blocks_of(connection.execute(query)):
        of_items = refs.numbers(items)
        others = [place for place, incident in enumerate(incidents) if incident is not None]
        of_incidents = of_items.copy()
        of_incidents[others] = refs.numbers([incidents[place] for place in others])
        parts.append((rulings.numbers(ruling), of_items, of_incidents, *(np.array(each, np.int64) for each in times)))
    none = np.zeros(0, dtype=np.int64)
    columns = [np.concatenate(each) for each in zip(*parts, strict=True)] if parts else [none] * 5
    split = tuple(tuple(text.split(_MARK, len(RULING) - 1)) for text in rulings)
    return Said(split, np.array(list(refs), dtype=object), *columns)


def _joined() -> sa.ColumnElement[str]:
    """Return a ruling as one text: one cell to fetch and to look up, and not five."""
    first, *others = (_verdicts.c[name] for name in RULING)
    joined: sa.ColumnElement[str] = first
    for each in others:
        joined = joined.concat(sa.literal(_MARK)).concat(each)
    return joined


def _or_missing(column: sa.Column[Any]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(column, sa.literal(MISSING, sa.BigInteger))


class _Numbers(dict[str, int]):
    """Texts, and the number of each: that of its first coming."""

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        return number

    def numbers(self, texts: Collection[str]) -> IntArray:
        """Return the numbers of some texts."""
        return np.fromiter(map(self.__getitem__, texts), dtype=np.int64, count=len(texts))


def _transposed(rulings: Iterable[Ruling]) -> list[TextArray]:
    return [np.array(column, dtype=object) for column in zip(*rulings, strict=True)] or [
        np.array([], dtype=object) for _ in RULING
    ]
