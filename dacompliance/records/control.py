"""Another system's count of the same incidents, month by month, to stand beside ours. Read and never written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from dacompliance.config import Control, Settings
from dacompliance.errors import MonitorError, SourceError
from dacompliance.records import complaints, dialects
from dacompliance.records.queries import escaped, parameters
from dacompliance.records.slices import bound, whole

WHERE: Final = "reports.control.query"
_MOST: Final = 10_000
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?:\D.*)?")


def control_counts(settings: Settings, control: Control) -> dict[str, int]:
    """Ask the other system, and return its counts by month (`2026-10`), in order.

    Raises SourceError where it cannot be asked, or answers with anything but months and counts; no error says a value.
    """
    address = settings.secrets.get("control_url", settings.secrets["source_url"]).get_secret_value()
    try:
        width, rows = _answer(settings, control, address)
    except MonitorError as error:  # what the records' own address is called is not what this one is
        raise SourceError(str(error).replace(f"{dialects.WHERE}:", "reports.control:", 1)) from None
    if width != 2:
        raise SourceError(f"{WHERE}: returns {width} columns. Return two: the month and the count.")
    return months(rows)


def _answer(settings: Settings, control: Control, address: str) -> tuple[int, Sequence[Sequence[Any]]]:
    """Return how many columns the query has, and its rows."""
    with dialects.snapshot(dialects.open_engine(address), settings.source.statement_timeout_seconds) as connection:
        as_text = connection.dialect.name == "sqlite"
        given = bound(whole(settings.source.records_from, settings.zone), settings.zone, None, as_text=as_text)
        asked = {name: given[name] for name in parameters(control.query) if name in given}
        try:
            with dialects.ask(connection, escaped(control.query), asked) as answer:
                return len(answer.columns), answer.fetch(_MOST)
        except dialects.driver_errors(connection) as error:
            raise SourceError(f"{WHERE}: {complaints.of_query(error)}.") from None


def months(rows: Iterable[Sequence[Any]]) -> dict[str, int]:
    """Return rows of a month (text or a date) and a count as counts by month, in order; a month's rows are summed."""
    found: dict[str, int] = {}
    for number, (month, count) in enumerate(rows, start=1):
        name, whole_number = _month(month), _count(count)
        if name is None or whole_number is None:
            fault = "month" if name is None else "count"
            raise SourceError(
                f"{WHERE}: row {number} has no readable {fault}. Return the month as 2026-10 or a date, and the "
                "count as a whole number from 0."
            )
        found[name] = found.get(name, 0) + whole_number
    return dict(sorted(found.items()))


def _month(cell: object) -> str | None:
    if isinstance(cell, dt.date):
        return f"{cell:%Y-%m}"
    found = _MONTH.fullmatch(str(cell).strip())
    return f"{found[1]}-{found[2]}" if found else None


def _count(cell: object) -> int | None:
    text = str(cell).strip().removesuffix(".0")
    return int(text) if text.isdecimal() and len(text) < 10 else None
