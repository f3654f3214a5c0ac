"""The ledger as the doctor finds it: there, of this version, writable; what waits to be sent, and what is held."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from dacompliance.config import Settings
from dacompliance.doctor.model import Finding, fault, faults, fine, warning
from dacompliance.doctor.set_up import has_password, may_be_written
from dacompliance.errors import LedgerError
from dacompliance.ledger import holds, mailroom, migrate, outbox, runs, slots
from dacompliance.ledger.engines import make_engine, name_of, parse_url, sqlite_file, transaction
from dacompliance.ledger.outbox import State
from dacompliance.ledger.slots import SlotState

SILENT: Final = dt.timedelta(hours=48)
"""How long after its last run a monitor with a daily job is taken to have stopped."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was found of the ledger; what rule versions said when they were last run; the last checked run."""

    findings: tuple[Finding, ...]
    versions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    last_checked: runs.Run | None = None


def ledger_findings(settings: Settings, now: dt.datetime) -> Kept:
    """Look at the ledger, which need not be there yet; it is read in one transaction and never made."""
    address = settings.ledger.url.get_secret_value()
    try:
        url = parse_url(address)
        file = sqlite_file(url)
        if file is not None and not file.exists():
            return Kept((_to_be_made(file),))
        engine = make_engine(url)
        if not migrate.is_current(engine, name_of(url)):
            return Kept((fine("ledger", f"{name_of(url)} is empty: the first check makes its tables."),))
        with transaction(engine, name_of(url), write=False) as connection:
            found = tuple(_of_connection(connection, settings, now))
            versions, last = runs.versions_ran(connection), runs.last_checked(connection)
    except LedgerError as error:
        return Kept(tuple(faults("ledger", error)))
    return Kept((*_of_file(file, address), *found), versions, last)


def _to_be_made(file: Path) -> Finding:
    if not file.parent.is_dir() or not may_be_written(file.parent):
        return fault(
            "ledger", f"{file} is not there and cannot be made. Create its folder, writable by the monitor's account."
        )
    return fine("ledger", f"{file} is not there yet: the first check makes it.")


def _of_file(file: Path | None, address: str) -> Iterator[Finding]:
    if file is not None and not os.access(file, os.W_OK):
        yield fault("ledger", f"{file} cannot be written as this account, so no run can be kept. Give it the right.")
    if file is not None and file.stat().st_mode & 0o007:
        yield warning(
            "ledger",
            f"{file} can be read by every account of this machine, and it holds personal data. Take that right away "
            "(chmod o-rwx).",
        )
    if file is None and has_password(address):
        yield warning(
            "ledger",
            "ledger.url holds a password, and whoever may read the configuration may have it. Let the server know the "
            "account another way: a .pgpass file, a socket, or a certificate.",
        )


def _of_connection(connection: sa.Connection, settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    last = runs.latest(connection)
    if last is None:
        yield fine("ledger", f"of version {migrate.HEAD}, as this program needs it; no run yet.")
    else:
        as_at = last.as_at.astimezone(settings.zone)
        backlog = last.counts.get("backlog", 0)
        yield fine(
            "ledger",
            f"of version {migrate.HEAD}, as this program needs it; run {last.id} was as at {as_at:%Y-%m-%d %H:%M}: "
            f"{last.counts.get('open', 0):,} exceptions open and {backlog:,} older cases in the backlog.",
        )
        if now - last.finished_at > SILENT:
            yield warning(
                "ledger",
                f"nothing has run for {(now - last.finished_at).days} days, and a daily job is configured. See that "
                "`dacompliance schedule` is running.",
            )
    yield from _slots(connection)
    yield from _notices(connection, now)
    for hold in holds.pending(connection):
        if hold.accepted_at is None:
            yield warning(
                "ledger",
                f"{hold.surge.rule_id} is held since run {hold.run_id}: {hold.surge.words}. Find out why; "
                "`dacompliance accept` lets it go on.",
            )


def _slots(connection: sa.Connection) -> Iterator[Finding]:
    newest = slots.slots(connection, limit=1)
    if newest and newest[0].state in (SlotState.FAILED, SlotState.MISSED):
        slot = newest[0]
        why = f" ({slot.why})" if slot.why else ""
        yield warning(
            "ledger",
            f"the job {slot.job} of {slot.local_date} {slot.state}{why}. The log of that day says more; "
            "`dacompliance check` does its work now.",
        )


def _notices(connection: sa.Connection, now: dt.datetime) -> Iterator[Finding]:
    states = mailroom.counts(connection)
    waiting, lost = states[State.PENDING] + states[State.CLAIMED], states[State.REFUSED] + states[State.DEAD]
    if waiting:
        due = outbox.waiting(connection, now)
        yield warning(
            "ledger",
            f"{waiting} notices wait in the outbox, {due} of them may be tried now. `dacompliance check --send` or the "
            "schedule hands them over; see the log where the relay refuses them.",
        )
    if lost:
        yield warning(
            "ledger",
            f"{lost} notices were refused for good or given up: their readers have not heard. Correct the addresses or "
            "the relay; `dacompliance notices retry` has them tried again.",
        )
