"""What the keeper of the data is told: findings by record set, key and column, grouped, and their mend. Pure.

Never a cell's value: a finding says which record and which column, and the keeper looks it up where it is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from dacompliance.policy.columns import destination_fact, destinations_named
from dacompliance.policy.model import Pack
from dacompliance.records.contract import RECORD_SETS, Finding
from dacompliance.records.table import BoolArray, Column, Records, Table, TextArray

Weight = Literal["set aside", "unmatched", "unreadable", "unlisted", "noted"]
"""What a finding does to the record, worst first. Of the last nothing is lost; the keeper may want to know."""


class Meaning(NamedTuple):
    """What a finding does, and who can do what about it."""

    weight: Weight
    effect: str
    mend: str


WEIGHTS: Final[tuple[Weight, ...]] = ("set aside", "unmatched", "unreadable", "unlisted", "noted")
COLUMNS: Final = ("record_set", "key", "column", "finding")

_LOST: Final = "The row takes part in nothing; facts made from it cannot be judged."
_UNKNOWN: Final = "Not taken for missing: every test on the cell is unknown."
_KEPT: Final = "The row is judged, with the reading named here."

MEANINGS: Final[dict[Finding, Meaning]] = {
    Finding.MISSING_KEY: Meaning("set aside", _LOST, "Give the record its key, or return it in the query."),
    Finding.CONFLICTING_KEY: Meaning(
        "set aside", _LOST, "Make the query return one row a key, or mend the two records that share one."
    ),
    Finding.DECIDING_CELL: Meaning("set aside", _LOST, "Correct the cell in the record."),
    Finding.UNMATCHED: Meaning(
        "unmatched", "Judged by no rule.", "Correct the record's incident reference, or find its incident."
    ),
    Finding.PARENT_SET_ASIDE: Meaning(
        "unmatched", "Judged by no rule.", "Mend its incident, which is in this list as well."
    ),
    Finding.UNREADABLE: Meaning("unreadable", _UNKNOWN, "Correct the cell, or the query's time zone and format."),
    **dict.fromkeys(
        (each for each in Finding if each.is_unknown),
        Meaning("unreadable", _UNKNOWN, "Add what stands there to the column's value map, or correct the record."),
    ),
    Finding.FAR_FUTURE: Meaning("unreadable", _UNKNOWN, "Correct the year of the time."),
    Finding.REPEATED_ROW: Meaning("noted", "Read once.", "Make the query return it once."),
    Finding.DATE_ONLY: Meaning("noted", _KEPT, "Record the time of day as well, where the system can hold it."),
    Finding.AMBIGUOUS_TIME: Meaning("noted", _KEPT, "Nothing, if the first of the two was meant."),
    Finding.IMPOSSIBLE_TIME: Meaning("noted", _KEPT, "Correct the time, or the query's time_zone."),
    Finding.RECEIVED_AS_REFERRED: Meaning("noted", _KEPT, "Record when it was referred."),
    Finding.UNLISTED_DESTINATION: Meaning(
        "unlisted",
        "No rule counts the referral.",
        "List the destination under rules.destinations, map it, or correct the record.",
    ),
    Finding.UNLISTED_INSTRUMENT: Meaning(
        "unlisted",
        "Its number of questions is not known, so its blank answers are not counted.",
        "Add the instrument to instruments.toml, map it, or correct the record.",
    ),
}


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


def quality_list(
    records: Records, pack: Pack, destinations: Collection[str], untrusted: Collection[str] = ()
) -> pd.DataFrame:
    """Return all the data's keeper should look at: what the pull found, and what nobody has listed. One row a finding.

    `destinations` are those the configuration lists; the ones that rules of the pack name are known as well. Nothing is
    said of unlisted words in `untrusted` record sets: the ledger keeps the last trusted rows of those. Worst first,
    then by record set, column and key.
    """
    unlisted = _unlisted(records, pack, destinations)
    parts = [records.findings[list(COLUMNS)], *(part for name, part in unlisted if name not in untrusted)]
    whole = pd.concat([part.astype(object) for part in parts], ignore_index=True).fillna("")
    return in_order(whole)


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


def _place(fault: DataFault) -> tuple[int, int, str]:
    return _place_of(fault.finding), _SETS.index(fault.record_set), fault.column


def _place_of(finding: Finding) -> int:
    return WEIGHTS.index(MEANINGS[finding].weight) * len(_FINDINGS) + _FINDINGS.index(finding)


def _unlisted(records: Records, pack: Pack, destinations: Collection[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    known = {*destinations_named(pack), *map(_stem, destinations)}
    to, form = records.referrals.get("destination"), records.assessments.get("instrument")
    unknown = _of_words(to, [word for word in to.words if _stem(word) not in known])
    yield "referrals", _rows("referrals", records.referrals, "destination", unknown, Finding.UNLISTED_DESTINATION)
    strange = _of_words(form, [word for word in form.words if word not in pack.instruments])
    yield "assessments", _rows("assessments", records.assessments, "instrument", strange, Finding.UNLISTED_INSTRUMENT)


def _stem(destination: str) -> str:
    return destination_fact(destination, "referred_at").removesuffix("_referred_at")


def _of_words(column: Column, words: Collection[str]) -> BoolArray:
    """Return which cells hold one of the words."""
    return np.isin(column.values, [column.code(word) for word in words]) & column.present


def _rows(record_set: str, table: Table, column: str, which: BoolArray, finding: Finding) -> pd.DataFrame:
    keys: TextArray = table.keys[which]
    return pd.DataFrame({"record_set": record_set, "key": keys, "column": column, "finding": finding.value})
