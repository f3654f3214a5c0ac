"""What items are counted by: period, place, and what is known of the case. Pure: a world in, text out.

By grade means the incident's grade as at the as-at; by instrument, the form the item is, or the forms its incident has.
A group that is missing is a group of its own, and so is one that cannot be read.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from dacompliance.judging.items import Items, World
from dacompliance.policy.model import About
from dacompliance.records.table import Column, IntArray, TextArray

NOT_RECORDED: Final = "not recorded"
"""The group of the items whose group is missing."""

CANNOT_BE_READ: Final = "cannot be read"
"""The group of the items whose group is unreadable."""

NO_FORM: Final = "no assessment"
"""The instrument of an incident without a submitted assessment."""

PERIODS: Final = ("month", "week")
RECORDED: Final = ("area", "team", "grade", "repeat_victim", "children_present", "crime")
BREAKDOWNS: Final = (*RECORDED, "instrument")
"""The columns a rate is broken down by, in order."""

HEADS: Final = ("incident_ref", "occurrence_ref", "reported_on", *PERIODS, *BREAKDOWNS)
"""What every case file says of the incident of a case."""


def incident_groups(world: World) -> pd.DataFrame:
    """Return one row for each incident of the world, in its order: the columns `HEADS`, all text."""
    incidents = world.incidents
    occurrences = incidents.column("occurrence_ref")
    return pd.DataFrame(
        {
            "incident_ref": incidents.keys,
            "occurrence_ref": np.where(occurrences.present, occurrences.text(), incidents.keys),
            **_periods(incidents.reported_day),
            **{name: _group(incidents.column(name)) for name in RECORDED},
            "instrument": _instruments(world.assessments, len(incidents)),
        }
    )


def item_groups(world: World, about: About, incidents: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each item, in the world's order: `item_ref`, then its incident's row of `incidents`.

    An assessment's instrument is its own.
    """
    items = world.items(about)
    rows = incidents if items.parent is None else incidents.take(items.rows)
    found = rows.reset_index(drop=True)
    if about == "assessment":
        found["instrument"] = _group(items.column("instrument"))
    found.insert(0, "item_ref", items.keys)
    return found


def _periods(days: IntArray) -> dict[str, TextArray]:
    """Return the local date of report, its month `2026-11` and its ISO week `2026-W45`."""
    dates = days.view("datetime64[D]")
    found, place = np.unique(dates, return_inverse=True)
    weeks = [f"{each.year}-W{each.week:02d}" for each in (date.isocalendar() for date in found.astype(object))]
    return {
        "reported_on": np.datetime_as_string(dates, unit="D"),
        "month": np.datetime_as_string(dates, unit="M"),
        "week": np.array(weeks, dtype=object)[place],
    }


def _instruments(assessments: Items, size: int) -> TextArray:
    """Return the instruments of each incident's submitted assessments, in order of name, joined by `and`."""
    found = pd.DataFrame({"row": assessments.rows, "instrument": _group(assessments.column("instrument"))})
    each = found.drop_duplicates().sort_values(["row", "instrument"], kind="stable")
    words = np.full(size, NO_FORM, dtype=object)
    words[each["row"]] = each["instrument"]
    several = each[each["row"].duplicated(keep=False)]
    joined = several.groupby("row")["instrument"].agg(" and ".join)
    words[joined.index.to_numpy()] = joined.to_numpy()
    return words


def _group(cells: Column) -> TextArray:
    return np.where(cells.present, cells.text(), np.where(cells.unread, CANNOT_BE_READ, NOT_RECORDED))
