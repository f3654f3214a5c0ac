"""What each finding of the records does, and who can do what about it, in words for the keeper of the data. Pure."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from dacompliance.records.contract import Finding

Weight = Literal["set aside", "unmatched", "unreadable", "unlisted", "noted"]
"""What a finding does to the record, worst first. Of the last nothing is lost; the keeper may want to know."""


class Meaning(NamedTuple):
    """What a finding does, and who can do what about it."""

    weight: Weight
    effect: str
    mend: str


WEIGHTS: Final[tuple[Weight, ...]] = ("set aside", "unmatched", "unreadable", "unlisted", "noted")

_LOST: Final = "The row takes part in nothing; facts made from it cannot be judged."
_UNKNOWN: Final = "Not taken for missing: every test on the cell is unknown."
_KEPT: Final = "The row is judged, with the reading named here."

MEANINGS: Final[dict[Finding, Meaning]] = {
    Finding.MISSING_KEY: Meaning("set aside", _LOST, "Give the record its key, or return it in the query."),
    Finding.CONFLICTING_KEY: Meaning(
        "set aside", _LOST, "Make the query return one row a key, or mend the two records that share one."
    ),
    Finding.DECIDING_CELL: Meaning("set aside", _LOST, "Correct the cell in the record."),
    Finding.UNMATCHED: Meaning(
        "unmatched", "Judged by no rule.", "Correct the record's incident reference, or find its incident."
    ),
    Finding.PARENT_SET_ASIDE: Meaning(
        "unmatched", "Judged by no rule.", "Mend its incident, which is in this list as well."
    ),
    Finding.UNREADABLE: Meaning("unreadable", _UNKNOWN, "Correct the cell, or the query's time zone and format."),
    **dict.fromkeys(
        (each for each in Finding if each.is_unknown),
        Meaning("unreadable", _UNKNOWN, "Add what stands there to the column's value map, or correct the record."),
    ),
    Finding.FAR_FUTURE: Meaning("unreadable", _UNKNOWN, "Correct the year of the time."),
    Finding.REPEATED_ROW: Meaning("noted", "Read once.", "Make the query return it once."),
    Finding.DATE_ONLY: Meaning("noted", _KEPT, "Record the time of day as well, where the system can hold it."),
    Finding.AMBIGUOUS_TIME: Meaning("noted", _KEPT, "Nothing, if the first of the two was meant."),
    Finding.IMPOSSIBLE_TIME: Meaning("noted", _KEPT, "Correct the time, or the query's time_zone."),
    Finding.RECEIVED_AS_REFERRED: Meaning("noted", _KEPT, "Record when it was referred."),
    Finding.UNLISTED_DESTINATION: Meaning(
        "unlisted",
        "No rule counts the referral.",
        "List the destination under rules.destinations, map it, or correct the record.",
    ),
    Finding.UNLISTED_INSTRUMENT: Meaning(
        "unlisted",
        "Its number of questions is not known, so its blank answers are not counted.",
        "Add the instrument to instruments.toml, map it, or correct the record.",
    ),
}

HEADINGS: Final[dict[Weight, tuple[str, str]]] = {
    "set aside": (
        "Rows set aside",
        "They take part in no verdict and no rate. What rests on them cannot be judged: nobody is compliant by them, "
        "and nobody in breach.",
    ),
    "unmatched": ("Rows without their incident", "They are judged by no rule."),
    "unreadable": (
        "Cells that cannot be read",
        "Unreadable is not missing. A test on such a cell is unknown, and no supervisor is told that it is blank.",
    ),
    "unlisted": ("Words that nobody has listed", "The records are read as they stand, and nothing counts by them."),
    "noted": ("Read, and worth knowing", "Nothing is lost by these. They say how a cell or a row was taken."),
}
