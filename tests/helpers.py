"""Helpers for tests. In a table a wrong weekday is refused, so that none lies about a calendar."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import warnings
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from dacompliance.records.table import MISSING

LONDON: Final = ZoneInfo("Europe/London")
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def when(text: str, zone: ZoneInfo = LONDON) -> dt.datetime:
    """Read a wall time with its weekday, such as `Thu 2025-04-17 16:00`, into an instant in UTC.

    The time may have seconds, or be left out (then it is the start of the day). A wall time that happens twice
    is read as the first. A wrong weekday, or a wall time that never happens, raises ValueError.
    """
    weekday, _, rest = text.partition(" ")
    local = dt.datetime.fromisoformat(rest).replace(tzinfo=zone)
    right = _WEEKDAYS[local.weekday()]
    if weekday != right:
        raise ValueError(f"{text!r}: {local.date()} is a {right}")
    instant = local.astimezone(dt.UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"{text!r}: the clocks went forward over this time; it never happened")
    return instant


def micros(text: str | None, zone: ZoneInfo = LONDON) -> int:
    """Read a wall time as `when` does, into microseconds since 1970 in UTC; None is MISSING."""
    if text is None:
        return MISSING
    return (when(text, zone) - _EPOCH) // dt.timedelta(microseconds=1)


@contextlib.contextmanager
def logging_put_back() -> Iterator[None]:
    """Let the block configure Python's logging as it will, and put back how it was."""
    root, ours, sender = logging.getLogger(), logging.getLogger("dacompliance"), logging.getLogger("yagmail.log")
    before = list(root.handlers), root.level, ours.level, warnings.showwarning, logging.raiseExceptions
    kept = list(sender.handlers), list(sender.filters)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        root.handlers, root.level, ours.level, warnings.showwarning, logging.raiseExceptions = before
        sender.handlers, sender.filters = kept
