"""Tidy CSV that opens safely in a spreadsheet: no cell of text can become a formula. Pure: frames in, bytes out."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

BOM: Final = "\ufeff"  # without it Excel reads UTF-8 as the machine's own code page
_FORMULA: Final = ("=", "+", "-", "@")


def to_csv(frame: pd.DataFrame, *, mark: bool = True) -> bytes:
    """Return a frame as UTF-8 CSV with a header row and, unless `mark` is false, a byte-order mark for Excel.

    Text that a spreadsheet would take for a formula is given a leading apostrophe; numbers are left alone. True and
    false are `yes` and `no`, missing is empty, and a float is written in full, as Python writes it.
    """
    return Lines(frame).csv(mark=mark)


class Lines:
    """The rows of a frame as lines of CSV, made once for several files that hold some of them each."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._lines: list[str] = []
        writer = csv.writer(_Collected(self._lines), lineterminator="\r\n")
        writer.writerow([safe(str(name)) for name in frame.columns])
        writer.writerows(zip(*(_cells(frame[name]) for name in frame.columns), strict=True))

    def csv(self, rows: Iterable[int] | None = None, *, mark: bool = True) -> bytes:
        """Return the header and the rows at some positions, or all, as `to_csv` does."""
        lines = self._lines if rows is None else [self._lines[0], *(self._lines[row + 1] for row in rows)]
        return ((BOM if mark else "") + "".join(lines)).encode("utf-8")


class _Collected:
    """A file that keeps each line it is given."""

    def __init__(self, lines: list[str]) -> None:
        self.write = lines.append


def safe(text: str) -> str:
    """Return text that no spreadsheet takes for a formula, even where it trims what stands before one."""
    return "'" + text if text.startswith(("\t", "\r")) or text.lstrip().startswith(_FORMULA) else text


def _cells(column: pd.Series[Any]) -> list[str]:
    """Return a column's cells as text; text that stands there often is looked at once."""
    values = column.tolist()
    if column.dtype == bool:
        return ["yes" if value else "no" for value in values]
    made: dict[object, str] = {}
    if values and isinstance(values[0], str):
        return [made[value] if value in made else made.setdefault(value, _cell(value)) for value in values]
    return [_cell(value) for value in values]


def _cell(value: object) -> str:
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]
