"""open-exceptions.csv: every open exception, where a digest shows only the rows that fit. References only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pandas as pd

from dacompliance.exceptions.model import Standing
from dacompliance.reporting.completion import replace
from dacompliance.reporting.csvs import to_csv

OPEN_LIST: Final = "open-exceptions.csv"
COLUMNS: Final = (
    *("owner", "owner_at_opening", "rule_id", "about", "item_ref", "incident_ref", "outcome", "due_at", "reason"),
    *("opened_as_at", "times_reopened", "suspended"),
)
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


def open_table(standings: Iterable[Standing], verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return one row an open exception, by owner, then rule, then item; times are UTC, empty where there is none."""
    is_open = [each for each in standings if each.is_open]
    asked = {each.identity for each in is_open}
    identities = list(zip(verdicts["rule_id"], verdicts["item_ref"], strict=True))
    found = verdicts[[each in asked for each in identities]]
    said = dict(zip((each for each in identities if each in asked), found.to_dict("records"), strict=True))
    rows = []
    for standing in sorted(is_open, key=lambda each: (each.owner_now, each.identity)):
        verdict = said.get(standing.identity, {"outcome": "", "due_at": pd.NaT, "reason": ""})
        rows.append(
            {
                "owner": standing.owner_now,
                "owner_at_opening": standing.owner_then,
                "rule_id": standing.rule_id,
                "about": standing.about,
                "item_ref": standing.item_ref,
                "incident_ref": standing.incident_ref,
                "outcome": verdict["outcome"],
                "due_at": "" if pd.isna(verdict["due_at"]) else verdict["due_at"].strftime(_TIME),
                "reason": verdict["reason"],
                "opened_as_at": standing.opened_at.strftime(_TIME),
                "times_reopened": standing.times_reopened,
                "suspended": standing.suspended,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def write_open_list(folder: Path, standings: Iterable[Standing], verdicts: pd.DataFrame) -> Path:
    """Write the list into `folder`, whole or not at all, and return its path."""
    replace(folder / OPEN_LIST, to_csv(open_table(standings, verdicts)))
    return folder / OPEN_LIST
