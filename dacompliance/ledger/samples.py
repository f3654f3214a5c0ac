"""Scores of samples: what a person made of verdicts drawn at random. Counts only; their words stay in the file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from dacompliance.ledger.tables import sample_score

_NAMES: Final = ("run_id", "seed", "drawn", "answered", "agreed", "author", "scored_at", "digest")


@dataclass(frozen=True, slots=True)
class Score:
    """One sample scored: `agreed` of `answered` of `drawn` verdicts of a run. `digest` is of the file."""

    run_id: int
    seed: int
    drawn: int
    answered: int
    agreed: int
    author: str
    scored_at: dt.datetime
    digest: str


def add(connection: sa.Connection, score: Score) -> None:
    """Keep a score."""
    connection.execute(sa.insert(sample_score).values({name: getattr(score, name) for name in _NAMES}))


def last(connection: sa.Connection, run_id: int) -> Score | None:
    """Return the newest score of a run or one before it; None where there is none."""
    query = sa.select(*(sample_score.c[name] for name in _NAMES)).where(sample_score.c.run_id <= run_id)
    row = connection.execute(query.order_by(sample_score.c.id.desc()).limit(1)).first()
    return None if row is None else Score(*row)
