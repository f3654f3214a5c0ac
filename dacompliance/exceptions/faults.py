"""What the keeper of the data is told: findings by record set, key and column, grouped, and their mend. Pure.

Never a cell's value: a finding says which record and which column, and the keeper looks it up where it is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.exceptions.meanings import MEANINGS, WEIGHTS, Meaning, Weight
from dacompliance.policy.columns import destination_fact, destinations_named
from dacompliance.policy.model import Pack
from dacompliance.records.contract import RECORD_SETS, Finding
from dacompliance.records.table import FINDING_COLUMNS, BoolArray, Column, Records, Table, TextArray


@dataclass(frozen=True, slots=True)
class DataFault:
    """One kind of fault in one column of one record set: how many, of how many keys, and the first of these."""

    record_set: str
    column: str
    finding: Finding
    count: int
    keys: int
    refs: tuple[str, ...]

    @property
    def meaning(self) -> Meaning:
        """What it does, and its mend."""
        return MEANINGS[self.finding]

    @property
    def more(self) -> int:
        """How many keys there are beyond the references."""
        return self.keys - len(self.refs)


_SETS: Final = tuple(RECORD_SETS)
_FINDINGS: Final = tuple(MEANINGS)


def quality_list(findings: pd.DataFrame, *unlisted: pd.DataFrame) -> pd.DataFrame:
    """Return all the data's keeper should look at: what a pull found, and what nobody has listed. One row a finding.

    Worst first, then by record set, column and key.
    """
    parts = [findings[list(FINDING_COLUMNS)], *unlisted]
    return in_order(pd.concat([part.astype(object) for part in parts], ignore_index=True).fillna(""))


def unlisted(records: Records, pack: Pack, destinations: Collection[str]) -> pd.DataFrame:
    """Return the destinations and instruments of some records that nobody has listed, as findings.

    `destinations` are those the configuration lists; the ones that rules of the pack name are known as well.
    """
    return pd.concat(list(_unlisted(records, pack, destinations)), ignore_index=True)


def in_order(findings: pd.DataFrame) -> pd.DataFrame:
    """Return findings worst first, then by record set, column and key; a record without a key stands before others."""
    places = {finding.value: _place_of(finding) for finding in _FINDINGS}
    ranks = pd.DataFrame(
        {
            "finding": findings["finding"].map(places),
            "set": findings["record_set"].map(_SETS.index),
            "column": findings["column"],
            "key": findings["key"],
        }
    )
    return findings.loc[ranks.sort_values(list(ranks.columns), kind="stable").index].reset_index(drop=True)


def data_faults(findings: pd.DataFrame, most: int = 20) -> list[DataFault]:
    """Group findings into faults, worst first; at most `most` references each.

    A row without a key has no reference and is counted all the same.
    """
    faults = []
    for (record_set, column, finding), rows in findings.groupby(["record_set", "column", "finding"], dropna=False):
        refs = sorted({str(key) for key in rows["key"] if key})
        what = str(record_set), str(column), Finding(str(finding))
        faults.append(DataFault(*what, len(rows), len(refs), tuple(refs[:most])))
    return sorted(faults, key=_place)


def by_weight(faults: Collection[DataFault]) -> dict[Weight, int]:
    """Count what was found by what it does, every weight named."""
    return {weight: sum(each.count for each in faults if each.meaning.weight == weight) for weight in WEIGHTS}


def to_mend(faults: Collection[DataFault]) -> str:
    """Return in a few words what there is to mend: `4 rows set aside and 1 cell that cannot be read`; else nothing."""
    counts = by_weight(faults)
    found = [f"{counts[weight]:,} {words[counts[weight] != 1]}" for weight, words in _TO_MEND.items() if counts[weight]]
    return f"{', '.join(found[:-1])}{' and ' if found[1:] else ''}{found[-1]}" if found else ""


_TO_MEND: Final[dict[Weight, tuple[str, str]]] = {
    "set aside": ("row set aside", "rows set aside"),
    "unmatched": ("row without its incident", "rows without their incident"),
    "unreadable": ("cell that cannot be read", "cells that cannot be read"),
    "unlisted": ("word that nobody has listed", "words that nobody has listed"),
}


def _place(fault: DataFault) -> tuple[int, int, str]:
    return _place_of(fault.finding), _SETS.index(fault.record_set), fault.column


def _place_of(finding: Finding) -> int:
    return WEIGHTS.index(MEANINGS[finding].weight) * len(_FINDINGS) + _FINDINGS.index(finding)


def _unlisted(records: Records, pack: Pack, destinations: Collection[str]) -> Iterator[pd.DataFrame]:
    known = {*destinations_named(pack), *map(_stem, destinations)}
    to, form = records.referrals.get("destination"), records.assessments.get("instrument")
    unknown = _of_words(to, [word for word in to.words if _stem(word) not in known])
    yield _rows("referrals", records.referrals, "destination", unknown, Finding.UNLISTED_DESTINATION)
    strange = _of_words(form, [word for word in form.words if word not in pack.instruments])
    yield _rows("assessments", records.assessments, "instrument", strange, Finding.UNLISTED_INSTRUMENT)


def _stem(destination: str) -> str:
    return destination_fact(destination, "referred_at").removesuffix("_referred_at")


def _of_words(column: Column, words: Collection[str]) -> BoolArray:
    """Return which cells hold one of the words."""
    return np.isin(column.values, [column.code(word) for word in words]) & column.present


def _rows(record_set: str, table: Table, column: str, which: BoolArray, finding: Finding) -> pd.DataFrame:
    keys: TextArray = table.keys[which]
    return pd.DataFrame({"record_set": record_set, "key": keys, "column": column, "finding": finding.value})
