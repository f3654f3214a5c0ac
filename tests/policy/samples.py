"""A whole rule file, its calendars and its bank holidays, for tests that change a line of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

RULE: Final = """
id       = "REF-01"
title    = "High-risk cases reach the MASH in time"
action   = "Refer to MASH"
about    = "incident"
for      = "referral-unit"
severity = "critical"
source   = "The force's own policy"

[[version]]
in_force_from = 2020-01-01
applies       = { grade = "high" }
start         = "grade_since"
within        = "24 hours"
clock         = "elapsed"
done          = "mash_referred_at"
early         = "48 hours"

[[case]]
name   = "referred the next morning"
as_at  = "Wed 2026-11-04 07:00"
record = { reported_at = "Mon 2026-11-02 21:10", grade = "high" }
expect = "undetermined"
"""

CALENDARS: Final = """
[office]
weekdays     = ["Mon", "Tue", "Wed", "Thu", "Fri"]
hours        = ["09:00-17:00"]
holidays     = "scotland"
day_ends     = "17:00"
cut_off      = "24:00"
closed_start = "day 0"
"""

HOLIDAYS: Final = """
holiday = [
  { date = 2026-12-25, nation = "scotland", name = "Christmas Day", announced = 2024-01-01 },
  { date = 2026-12-28, nation = "scotland", name = "Boxing Day (substitute day)", announced = 2024-01-01 },
]
"""

INSTRUMENTS: Final = """
"DASH-27" = 27
"""

RULE_FILE: Final = "REF-01-high-risk-to-mash.toml"


wall: Final = dt.datetime.fromisoformat
"""Read a wall time, which has no zone."""


def changed(text: str, old: str, new: str) -> str:
    """Return `text` with the one `old` in it made `new`."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)


def pack_folder(
    tmp_path: Path,
    rule: str = RULE,
    *,
    name: str = RULE_FILE,
    calendars: str | None = CALENDARS,
    holidays: str | None = HOLIDAYS,
    instruments: str | None = INSTRUMENTS,
    more: dict[str, str] | None = None,
) -> Path:
    """Write a pack of one rule, and of whatever `more` there is, into a folder called rules."""
    folder = tmp_path / "rules"
    folder.mkdir()
    beside = {"calendars.toml": calendars, "bank-holidays.toml": holidays, "instruments.toml": instruments}
    for file, text in {name: rule, **beside, **(more or {})}.items():
        if text is not None:
            (folder / file).write_text(text, encoding="utf-8")
    return folder
