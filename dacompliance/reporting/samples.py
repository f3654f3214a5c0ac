"""Verdicts drawn at random for a person to judge, and what they made of them. Pure: frames in, frames out.

Drawn from the judged ones of one run, each as likely as any other, so that the share agreed with speaks for all of
them. The same run, size and seed draw the same.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dacompliance.errors import UsageError
from dacompliance.exceptions.words import OUTCOMES
from dacompliance.judging.measures import Share
from dacompliance.reporting.csvs import safe

JUDGED: Final = ("breached", "late", "met", "undetermined")
COLUMNS: Final = (
    "run", "seed", "rule_id", "rule", "about", "item_ref", "incident_ref", "verdict", "due_at", "done_at", "reason",
    "agree", "remark",
)  # fmt: skip
"""`agree` and `remark` are empty: a person writes yes or no, and what they like."""

_ANSWERS: Final = {"yes": True, "y": True, "no": False, "n": False}


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person made of a sample: how many were drawn, and the share they agreed with of those answered."""

    run_id: int
    seed: int
    drawn: int
    agreed: Share


def draw(verdicts: pd.DataFrame, titles: Mapping[str, str], run_id: int, size: int, seed: int) -> pd.DataFrame:
    """Return `size` judged verdicts of a run at random (all, where there are fewer), in order of rule and item.

    `verdicts` is the run's frame with its times as text.
    """
    judged = verdicts[verdicts["outcome"].isin(JUDGED)].sort_values(["rule_id", "item_ref"], kind="stable")
    places = random.Random(seed).sample(range(len(judged)), min(size, len(judged)))  # noqa: S311 - to be drawn again
    drawn = judged.iloc[sorted(places)]
    return pd.DataFrame(
        {
            "run": run_id,
            "seed": seed,
            "rule_id": drawn["rule_id"],
            "rule": [titles.get(each, "") for each in drawn["rule_id"]],
            **{name: drawn[name] for name in ("about", "item_ref", "incident_ref")},
            "verdict": [OUTCOMES[each] for each in drawn["outcome"]],
            **{name: drawn[name] for name in ("due_at", "done_at", "reason")},
            "agree": "",
            "remark": "",
        },
        columns=list(COLUMNS),
    ).reset_index(drop=True)


def run_and_seed(sample: pd.DataFrame) -> tuple[int, int]:
    """Return which run and seed a filled-in sample says it was drawn with. Raises UsageError where it does not."""
    if missing := [name for name in COLUMNS if name not in sample]:
        raise UsageError(
            f"--score: the file has no column {missing[0]}. Score a file that `dacompliance sample` wrote."
        )
    found = set(zip(sample["run"], sample["seed"], strict=True))
    numbers = [each for pair in found for each in pair]
    if len(found) != 1 or not all(each.isdecimal() or each.removeprefix("-").isdecimal() for each in numbers):
        raise UsageError(
            "--score: the file is not of one run and one seed. Score a file that `dacompliance sample` wrote."
        )
    ((run_id, seed),) = found
    return int(run_id), int(seed)


def answers(sample: pd.DataFrame, drawn: pd.DataFrame) -> Answers:
    """Return what a person made of a sample, held to the same drawn again.

    Raises UsageError where a row is missing, added or changed, so that it would not be random any more, or where
    `agree` is neither yes, no nor empty.
    """
    kept = [name for name in COLUMNS if name not in ("agree", "remark", "rule")]
    said = sample[kept].astype(str).to_numpy().tolist()
    again = [[safe(str(cell)) for cell in row] for row in drawn[kept].to_numpy().tolist()]
    if sorted(said) != sorted(again):
        raise UsageError(
            "--score: rows are missing, added or changed since they were drawn, so that they speak for nothing any "
            "more. Fill in `agree` and `remark` only; open the file as text where a spreadsheet changes its dates."
        )
    cells = [cell.strip().lower() for cell in sample["agree"]]
    if wrong := [number for number, cell in enumerate(cells, start=2) if cell and cell not in _ANSWERS]:
        raise UsageError(
            f"--score: line {wrong[0]}, agree: is neither yes nor no. Write one of them, or leave it empty."
        )
    answered = [_ANSWERS[cell] for cell in cells if cell]
    return Answers(
        int(drawn["run"].iloc[0]), int(drawn["seed"].iloc[0]), len(drawn), Share(sum(answered), len(answered))
    )
