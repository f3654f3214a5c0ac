"""Measures as runs published them: counts by period, group and category. A past figure is never written again.

A run writes only the figures that differ from what was last published, so that ten years of mornings stay small: what a
figure was in a run is the newest row of it up to that run.
"""

from __future__ import annotations

from typing import Final

import pandas as pd
import sqlalchemy as sa

from dacompliance.ledger import bulk, tables

_measure: Final = tables.measure
_KEY: Final = ("measure", "period", "grouping", "group_name", "category")


def write(connection: sa.Connection, run_id: int, figures: pd.DataFrame) -> None:
    """Keep a run's figures, a frame with columns measure, period, grouping, group_name, category (text) and count.

    A figure of a measure in the frame that was published before and is not in the frame is nought from now on. Measures
    that are not in the frame stay as they were last published.
    """
    before = {tuple(row[:-1]): row[-1] for row in figures_of(connection, run_id).itertuples(index=False, name=None)}
    columns = [[str(cell) for cell in figures[name]] for name in _KEY]
    now = list(zip(zip(*columns, strict=True), (int(count) for count in figures["count"]), strict=True))
    said = {key for key, _ in now}
    measured = {key[0] for key in said}
    gone = [(key, 0) for key, count in before.items() if count and key[0] in measured and key not in said]
    changed = [(key, count) for key, count in [*now, *gone] if before.get(key, 0) != count]
    rows = {name: [key[place] for key, _ in changed] for place, name in enumerate(_KEY)}
    counts = [count for _, count in changed]
    bulk.insert(connection, _measure, {"run_id": [run_id] * len(counts), **rows, "count": counts})


def figures_of(connection: sa.Connection, run_id: int) -> pd.DataFrame:
    """Return the figures as they stood after a run, in order of their texts by code point; those of nought left out."""
    found: dict[tuple[str, ...], int] = {}
    for row in _rows(connection, run_id).itertuples(index=False, name=None):
        found[row[1:-1]] = row[-1]
    rows = sorted((*key, count) for key, count in found.items() if count)
    return pd.DataFrame(rows, columns=[*_KEY, "count"], dtype=object).astype({"count": "int64"})


def restatements(connection: sa.Connection, run_id: int) -> pd.DataFrame:
    """Return every figure each time it was published otherwise, up to a run, in order of runs: `run_id` and as above.

    Of months for the whole force only.
    """
    rows = _rows(connection, run_id)
    return rows[(rows["grouping"] == "force") & (rows["period"] != "all")].reset_index(drop=True)


def _rows(connection: sa.Connection, run_id: int) -> pd.DataFrame:
    names = ("run_id", *_KEY, "count")
    query = sa.select(*(_measure.c[name] for name in names)).where(_measure.c.run_id <= run_id)
    cells = bulk.columns(connection.execute(query.order_by(_measure.c.run_id)), len(names))
    return pd.DataFrame({name: pd.Series(each, dtype=object) for name, each in zip(names, cells, strict=True)})
