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
        ("completion", "2026-10", "area", "North", "complete", 7), ("completion", "2026-10", "force", "", "complete", 9)
    )
    commit(ledger, measures=first)
    commit(ledger, measures=frame(("completion", "2026-10", "force", "", "complete", 8)))
    with ledger.read() as connection:
        found = figures.figures_of(connection, 1)
        restated = figures.figures_of(connection, 2)
    assert found.to_numpy().tolist() == sorted(first.to_numpy().tolist())
    assert restated["count"].tolist() == [8], "what was published and is no more is nought"


def test_only_what_differs_is_written_and_measures_that_were_not_measured_stay_as_published(ledger):
    same, moved = ("RA-01", "2026-10", "force", "", "met", 7), ("RA-01", "2026-11", "force", "", "met", 1)
    other = ("completion", "2026-10", "force", "", "complete", 9)
    commit(ledger, measures=frame(same, moved, other))
    commit(ledger, measures=frame(same, (*moved[:-1], 2)))
    commit(ledger, measures=frame(same, (*moved[:-1], 2)))
    with ledger.read() as connection:
        assert figures.restatements(connection, 3).to_numpy().tolist() == [
            [1, *same], [1, *moved], [1, *other], [2, *moved[:-1], 2],
        ]  # fmt: skip
        assert len(figures.restatements(connection, 1)) == 3
        assert figures.figures_of(connection, 3).to_numpy().tolist() == sorted(
            [list(same), [*moved[:-1], 2], list(other)]
        )


def test_restatements_are_of_months_of_the_whole_force(ledger):
    commit(
        ledger,
        measures=frame(
            ("completion", "all", "force", "", "complete", 8),
            ("completion", "2026-10", "area", "North", "complete", 8),
        ),
    )
    with ledger.read() as connection:
        assert figures.restatements(connection, 1).empty


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
