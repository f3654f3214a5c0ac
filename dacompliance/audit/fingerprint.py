"""What a rule said of all its items, as one short text: whoever alters a verdict afterwards no longer has it. Pure.

It is a witness and no lock: who can write in the ledger can write another. Every verdict that applies is made a number
of 64 bits, of all that it says; their sum does not depend on their order. The recipe is ours alone, so that no next
version of a library makes another of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from dacompliance.judging.checking import Checked
from dacompliance.judging.items import Items
from dacompliance.judging.outcomes import OUTCOMES, Outcome
from dacompliance.judging.verdicts import RuleVerdicts
from dacompliance.ledger.said import Said
from dacompliance.records.table import IntArray

_Numbers = npt.NDArray[np.uint64]
_BETWEEN: Final = "\x1f"


def of_judged(checked: Checked) -> dict[str, str]:
    """Return the fingerprint of each rule that was checked."""
    refs: dict[str, tuple[_Numbers, _Numbers]] = {}
    return {each.rule.id: _of_rule(each, refs) for each in checked.verdicts}


def together(prints: Iterable[str]) -> str:
    """Return the fingerprint of all that was said where these are of its parts: no verdict is in two of them."""
    found = [each.split("-") for each in prints]
    return _stated(sum(int(count) for count, _ in found), sum(int(total, 16) for _, total in found) % 2**64)


def of_said(said: Said) -> dict[str, str]:
    """Return the fingerprint of each rule of which something was said."""
    refs = _numbers(said.refs)
    rulings = _numbers(_BETWEEN.join(each) for each in said.rulings)
    numbers = _mixed(rulings[said.ruling], refs[said.item], refs[said.incident], said.due_at, said.done_at)
    rules = [each[0] for each in said.rulings]
    found = {}
    for rule_id in dict.fromkeys(rules):
        mine = np.array([each == rule_id for each in rules], dtype=bool)[said.ruling]
        if mine.any():
            found[rule_id] = _text(numbers[mine])
    return found


NOTHING: Final = "0-0000000000000000"
"""The fingerprint of a rule that said nothing of anything."""


def _of_rule(verdicts: RuleVerdicts, refs: dict[str, tuple[_Numbers, _Numbers]]) -> str:
    rule, items = verdicts.rule, verdicts.items
    if rule.about not in refs:
        refs[rule.about] = _refs(items)
    rows = np.flatnonzero(verdicts.outcome != Outcome.NOT_APPLICABLE)
    shape = (len(rule.dates), len(OUTCOMES), len(verdicts.reasons))
    places = np.ravel_multi_index(
        (verdicts.version[rows] % len(rule.dates), verdicts.outcome[rows], verdicts.reason[rows]), shape
    )
    there = np.flatnonzero(np.bincount(places))
    rulings = np.zeros(int(np.prod(shape)), dtype=np.uint64)
    rulings[there] = _numbers(
        _BETWEEN.join((rule.id, rule.dates[version], rule.about, OUTCOMES[outcome], verdicts.reasons[reason]))
        for version, outcome, reason in zip(*np.unravel_index(there, shape), strict=True)
    )
    item, incident = (each[rows] for each in refs[rule.about])
    return _text(_mixed(rulings[places], item, incident, verdicts.due_at[rows], verdicts.done_at[rows]))


def _refs(items: Items) -> tuple[_Numbers, _Numbers]:
    """Return the numbers of the items' references, and of their incidents'."""
    own = _numbers(items.keys)
    return own, own if items.parent is None else _numbers(items.parent.keys)[items.rows]


def _numbers(texts: Iterable[str]) -> _Numbers:
    """Return the first 64 bits of each text's SHA-256."""
    digests = b"".join(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8] for text in texts)
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)


def _mixed(first: _Numbers, *others: _Numbers | IntArray) -> _Numbers:
    """Return one number for each row of several, each stirred in after the other (the finish of SplitMix64)."""
    found = first
    for each in others:
        found = found ^ each.view(np.uint64)
        found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        found ^= found >> np.uint64(31)
    return found


def _text(numbers: _Numbers) -> str:
    return _stated(len(numbers), int(np.add.reduce(numbers, dtype=np.uint64)))


def _stated(count: int, total: int) -> str:
    return f"{count}-{total:016x}"
