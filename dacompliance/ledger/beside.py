"""What a run found, beside the rows of history that hold now: which of those still hold, what is new. Writes nothing.

A row still holds where its key is found with the same content. What no row has said when all were asked is new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dacompliance.judging.verdicts import Cells
from dacompliance.ledger.bodies import Bodies
from dacompliance.records.table import MISSING, BoolArray, IntArray, TextArray

_PLAIN: Final = ("item_ref", "incident_ref", "due_at", "done_at")
_RULING: Final = ("version", "about", "outcome", "reason")

RECORD_COLUMNS: Final = ("key", "salt", "digest")
"""The columns that `FoundRecords.holding` asks for, in order."""
VERDICT_COLUMNS: Final = ("rule_id", *_PLAIN, *_RULING)
"""The columns that `FoundVerdicts.holding` asks for, in order."""

Block = Sequence[tuple[Any, ...]]
"""Some rows of a history, as columns."""


class FoundRecords:
    """The rows of one record set; `new` says which of them no row has said yet."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies, self._keys = bodies, pd.Index(bodies.keys, dtype=object)
        self.new: BoolArray = np.ones(len(bodies), dtype=bool)

    def holding(self, block: Block) -> BoolArray:
        """Say which rows still hold. One without a salt, withheld by a lawful deletion, does while its key is there."""
        keys, salts, digests = block
        places = self._keys.get_indexer(pd.Index(keys, dtype=object))
        there = np.flatnonzero(places >= 0)
        holds = np.zeros(len(keys), dtype=bool)
        holds[there] = [
            salts[row] is None or digest_of(salts[row], text) == digests[row]
            for row, text in zip(there.tolist(), self._bodies.texts(places[there]), strict=True)
        ]
        self.new[places[holds]] = False
        return holds

    def incidents(self) -> set[str]:
        """Return the references of the incidents the rows belong to."""
        refs = self._bodies.incident_refs(np.arange(len(self._bodies)))
        return {ref for ref in refs if ref is not None}


class FoundVerdicts:
    """What some rules say of items, in few bytes each: rules and items by number, the four words of a ruling as one."""

    def __init__(self, said: Iterable[tuple[str, Cells]]) -> None:
        self._rulings: dict[tuple[str, ...], int] = {}
        parts = {rule_id: self._narrow(cells) for rule_id, cells in said}
        ends = np.cumsum([0, *(len(each["item_ref"]) for each in parts.values())])
        self._spans = {rule_id: slice(*ends[place : place + 2].tolist()) for place, rule_id in enumerate(parts)}
        self._said = {name: _joined([each[name] for each in parts.values()]) for name in (*_PLAIN, "ruling")}
        codes, items = pd.factorize(self._said.pop("item_ref"))
        self._rules, self._items = pd.Index(list(parts), dtype=object), pd.Index(items, dtype=object)
        self._keys = pd.Index(np.repeat(np.arange(len(parts)), np.diff(ends)) * len(items) + codes)
        self._new: BoolArray = np.ones(len(codes), dtype=bool)

    def _narrow(self, cells: Cells) -> Cells:
        return {**{name: cells[name] for name in _PLAIN}, "ruling": self._numbers([cells[name] for name in _RULING])}

    def _numbers(self, words: Sequence[TextArray]) -> npt.NDArray[np.int32]:
        """Return the number of each ruling. There are few of them: each is looked up once, not once a row."""
        codes, found = zip(*map(pd.factorize, words), strict=True)
        sizes = [len(each) + 1 for each in found]
        mixed, mixes = pd.factorize(np.ravel_multi_index(codes, sizes))
        rulings = zip(*(each[at] for each, at in zip(found, np.unravel_index(mixes, sizes), strict=True)), strict=True)
        numbers = [self._rulings.setdefault(each, len(self._rulings)) for each in rulings]
        return np.array(numbers, dtype=np.int32)[mixed]

    def holding(self, block: Block) -> BoolArray:
        """Say which rows still hold."""
        rules, items, incidents, due, done, *words = block
        rule, item = (
            index.get_indexer(pd.Index(refs, dtype=object))
            for index, refs in ((self._rules, rules), (self._items, items))
        )
        places = self._keys.get_indexer(np.where((rule >= 0) & (item >= 0), rule * len(self._items) + item, -1))
        old = {
            "incident_ref": _texts(incidents),
            "due_at": _whole(due),
            "done_at": _whole(done),
            "ruling": self._numbers([_texts(each) for each in words]),
        }
        there = np.flatnonzero(places >= 0)
        equal = np.ones(len(there), dtype=bool)
        for name, cells in old.items():
            equal &= np.asarray(cells[there] == self._said[name][places[there]], dtype=bool)
        holds = np.zeros(len(rules), dtype=bool)
        holds[there] = equal
        self._new[places[holds]] = False
        return holds

    def incidents(self) -> set[str]:
        """Return the references of the incidents the items belong to."""
        return set(self._said["incident_ref"].tolist())

    def news(self) -> dict[str, BoolArray]:
        """Return which of its verdicts no row has said yet, by rule, for each rule that has such."""
        found = {rule_id: self._new[span] for rule_id, span in self._spans.items()}
        return {rule_id: new for rule_id, new in found.items() if new.any()}


def ended(found: FoundRecords | FoundVerdicts, blocks: Iterable[Block]) -> Iterator[IntArray]:
    """Yield the ids of rows that no longer hold; each block has them before the columns that are asked for."""
    for ids, *block in blocks:
        yield np.array(ids, dtype=np.int64)[~found.holding(block)]


def digest_of(salt: str, body: str) -> str:
    """Return the digest of a record's body: SHA-256 of the salt's text and the body's, one after the other."""
    return hashlib.sha256((salt + body).encode("ascii")).hexdigest()


def _joined(parts: Sequence[Any]) -> Any:
    return np.concatenate(parts) if parts else np.array([], dtype=object)


def _texts(cells: tuple[str, ...]) -> TextArray:
    return np.array(cells, dtype=object)


def _whole(cells: tuple[int | None, ...]) -> IntArray:
    return np.array([MISSING if cell is None else cell for cell in cells], dtype=np.int64)
