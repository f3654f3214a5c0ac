"""Signs of life: a file that says when the monitor last looked at the clock, and a ping after a check that was kept.

A quiet day and a dead monitor look alike in a mailbox. Whoever watches machines watches the file's age, or expects the
ping. Neither holds more than names of jobs, dates and counts.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

from dacompliance import __version__
from dacompliance.config import Settings
from dacompliance.errors import MonitorError
from dacompliance.ledger import mailroom, slots
from dacompliance.ledger.database import reading

log = logging.getLogger(__name__)

PING_SECONDS: Final = 10


def beat(settings: Settings, now: dt.datetime) -> None:
    """Write the heartbeat file, if one is asked for: whole, or not at all. That it cannot be written is only logged."""
    path = settings.schedule.heartbeat_file
    if path is None:
        return
    try:
        _replace(path, json.dumps(state(settings, now), indent=1, sort_keys=True) + "\n")
    except OSError as error:
        log.error("heartbeat_file cannot be written", extra={"why": error.strerror})  # noqa: TRY400


def state(settings: Settings, now: dt.datetime) -> dict[str, Any]:
    """Return what the heartbeat says: when, by which program, each job's newest slot, and how messages stand."""
    found: dict[str, Any] = {"alive_at": f"{now:%Y-%m-%dT%H:%M:%SZ}", "version": __version__, "ledger": "readable"}
    try:
        with reading(settings.ledger.url.get_secret_value()) as connection:
            newest = {job.name: slots.newest(connection, job.name) for job in settings.schedule.jobs}
            counts = mailroom.counts(connection)
    except MonitorError:
        return {**found, "ledger": "cannot be read"}
    found["jobs"] = {
        name: None if slot is None else {"day": slot.local_date.isoformat(), "state": str(slot.state)}
        for name, slot in newest.items()
    }
    found["messages"] = {str(each): number for each, number in counts.items()}
    return found


def ping(settings: Settings) -> bool:
    """Ask for `ping_url`, if there is one, and say whether it answered. That it does not is only logged."""
    url = settings.schedule.ping_url
    if url is None:
        return False
    try:
        # The configuration takes no scheme but http and https.
        with urllib.request.urlopen(url.get_secret_value(), timeout=PING_SECONDS) as answer:  # noqa: S310
            answer.read(1)
    except (OSError, HTTPException, ValueError) as error:
        code = error.code if isinstance(error, urllib.error.HTTPError) else None
        log.error("ping_url did not answer", extra={"error": type(error).__name__, "code": code})  # noqa: TRY400
        return False
    return True


def _replace(path: Path, text: str) -> None:
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)  # noqa: PTH105 - atomic, and over an older one on Windows too
