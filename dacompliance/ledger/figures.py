"""Measures as a run published them: counts by period, group and category. A past figure is never written again."""

from __future__ import annotations

from typing import Final

import pandas as pd
import sqlalchemy as sa

from dacompliance.ledger import bulk, tables

_measure: Final = tables.measure
_KEY: Final = ("measure", "period", "grouping", "group_name", "category")


def write(connection: sa.Connection, run_id: int, figures: pd.DataFrame) -> None:
    """Keep a run's figures, a frame with columns measure, period, grouping, group_name, category (text) and count."""
    columns = {name: [str(cell) for cell in figures[name]] for name in _KEY}
    counts = [int(count) for count in figures["count"]]
    bulk.insert(connection, _measure, {"run_id": [run_id] * len(counts), **columns, "count": counts})


def figures_of(connection: sa.Connection, run_id: int) -> pd.DataFrame:
    """Return a run's figures, in order of their texts by code point."""
    columns = [_measure.c[name] for name in (*_KEY, "count")]
    rows = sorted(tuple(row) for row in connection.execute(sa.select(*columns).where(_measure.c.run_id == run_id)))
    frame = pd.DataFrame(rows, columns=[*_KEY, "count"], dtype=object)
    return frame.astype({"count": "int64"})
