"""Tidy CSV that opens safely in a spreadsheet: no cell of text can become a formula. Pure: frames in, bytes out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

import pandas as pd

BOM: Final = "\ufeff"  # without it Excel reads UTF-8 as the machine's own code page
_FORMULA: Final = ("=", "+", "-", "@")


def to_csv(frame: pd.DataFrame, *, mark: bool = True) -> bytes:
    """Return a frame as UTF-8 CSV with a header row and, unless `mark` is false, a byte-order mark for Excel.

    Text that a spreadsheet would take for a formula is given a leading apostrophe; numbers are left alone. True and
    false are `yes` and `no`, missing is empty, and a float is written in full, as Python writes it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe(str(name)) for name in frame.columns])
    writer.writerows(_rows(frame))
    return ((BOM if mark else "") + text.getvalue()).encode("utf-8")


def safe(text: str) -> str:
    """Return text that no spreadsheet takes for a formula, even where it trims what stands before one."""
    return "'" + text if text.startswith(("\t", "\r")) or text.lstrip().startswith(_FORMULA) else text


def _rows(frame: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    columns = [[_cell(value) for value in frame[name].tolist()] for name in frame.columns]
    return zip(*columns, strict=True)


def _cell(value: object) -> str:
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]
