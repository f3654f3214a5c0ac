"""Figures as a run published them."""

from __future__ import annotations

import pandas as pd
import pytest

from dacompliance.ledger import figures
from tests.ledger.builders import commit

COLUMNS = ["measure", "period", "grouping", "group_name", "category", "count"]


def frame(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=COLUMNS)


def test_figures_are_kept_with_their_run_and_come_back_in_order(ledger):
    first = frame(
        ("completion", "2026-10", "area", "North", "complete", 7), ("completion", "2026-10", "", "", "complete", 9)
    )
    commit(ledger, measures=first)
    commit(ledger, measures=frame(("completion", "2026-10", "", "", "complete", 8)))
    with ledger.read() as connection:
        found = figures.figures_of(connection, 1)
        restated = figures.figures_of(connection, 2)
    assert found.to_numpy().tolist() == sorted(first.to_numpy().tolist())
    assert restated["count"].tolist() == [8]


def test_a_run_without_figures_has_an_empty_frame(ledger):
    commit(ledger)
    with ledger.read() as connection:
        found = figures.figures_of(connection, 1)
    assert found.columns.tolist() == COLUMNS
    assert str(found["count"].dtype) == "int64"


def test_one_figure_is_said_once_by_a_run(ledger):
    row = ("completion", "2026-10", "", "", "complete", 8)
    with pytest.raises(Exception, match=r"(?i)unique|23505"):
        commit(ledger, measures=frame(row, row))
