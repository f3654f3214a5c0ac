"""What the keeper of the data is told: findings grouped, by key and column. Never a cell's value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from dacompliance.records.contract import RECORD_SETS, Finding

_SETS: Final = tuple(RECORD_SETS)
_FINDINGS: Final = tuple(each.value for each in Finding)


@dataclass(frozen=True, slots=True)
class DataFault:
    """One kind of fault in one column of one record set: how many, and the first references that show it."""

    record_set: str
    column: str
    finding: Finding
    count: int
    refs: tuple[str, ...]


def data_faults(findings: pd.DataFrame, most: int = 20) -> list[DataFault]:
    """Group `Records.findings` into faults, in the order of the contract's findings; at most `most` references each.

    A row without a key has no reference and is counted all the same.
    """
    faults = []
    for (record_set, column, finding), rows in findings.groupby(["record_set", "column", "finding"], dropna=False):
        refs = sorted({str(key) for key in rows["key"] if key})
        faults.append(DataFault(str(record_set), str(column), Finding(str(finding)), len(rows), tuple(refs[:most])))
    return sorted(faults, key=_place)


def _place(fault: DataFault) -> tuple[int, int, str]:
    return _FINDINGS.index(fault.finding), _SETS.index(fault.record_set), fault.column
