"""verdicts.csv: every verdict of a run, for people who judge again and for machines (semantics §5)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from dacompliance.errors import UsageError
from dacompliance.judging.verdicts import COLUMNS, overdue_hours
from dacompliance.reporting.completion import replace
from dacompliance.reporting.csvs import to_csv

HEADER: Final = (*COLUMNS[:-1], "overdue_hours", COLUMNS[-1])


def verdicts_table(verdicts: pd.DataFrame, as_at: dt.datetime) -> pd.DataFrame:
    """Return the verdicts as text in the order of the file: by rule, then item, by code point.

    Instants are `2026-11-02T21:10:00Z`, with microseconds only when there are any; missing is empty.
    """
    table = verdicts.assign(
        overdue_hours=overdue_hours(verdicts, pd.Timestamp(as_at)),
        due_at=instants(verdicts["due_at"]),
        done_at=instants(verdicts["done_at"]),
    )
    return table.sort_values(["rule_id", "item_ref"], kind="stable", ignore_index=True)[list(HEADER)]


def instants(column: pd.Series[Any]) -> pd.Series[str]:
    """Return instants as text, `2026-11-02T21:10:00Z`, with microseconds only when there are any; missing is empty."""
    values = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    whole = np.char.add(np.datetime_as_string(values, unit="s"), "Z").astype(object)
    part = values.astype(np.int64) % 1_000_000 != 0
    if part.any():
        whole[part] = np.char.add(np.datetime_as_string(values[part], unit="us"), "Z").astype(object)
    whole[np.isnat(values)] = ""
    return pd.Series(whole, index=column.index, dtype=object)


def write_verdicts(path: Path, verdicts: pd.DataFrame, as_at: dt.datetime) -> Path:
    """Write the verdicts to `path` as `write_table` does."""
    return write_table(path, verdicts_table(verdicts, as_at))


def write_table(path: Path, table: pd.DataFrame, option: str = "--export") -> Path:
    """Write a table to `path`, whole or not at all, as plain UTF-8 with no mark before the header.

    `option` is what named the path. Raises UsageError where the folder cannot be written to.
    """
    if path.exists() and (not path.is_file() or path.suffix != ".csv"):
        raise UsageError(f"{path}: is there already and is no CSV file. Name another file with {option}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, to_csv(table, mark=False))
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}). Name another file with {option}.") from None
    return path
