"""A claim held while its work is done: renewed by a thread of its own, so that it can be short.

A process that was killed renews nothing, and its slot is free within `slots.LEASE`. One that hangs holds it no longer
than `LONGEST`.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from dacompliance.errors import LedgerError, TakenOverError
from dacompliance.ledger import slots
from dacompliance.ledger.database import Ledger
from dacompliance.ledger.slots import LEASE, Claim

log = logging.getLogger(__name__)

EVERY: Final = LEASE / 5
LONGEST: Final = dt.timedelta(hours=2)
"""How long a claim is renewed: no run takes so long, and whoever is at work then hangs."""

Wait = Callable[[float], bool]
"""Waits for so many seconds, and says whether the work has ended: an Event's `wait`."""


@contextmanager
def held(ledger: Ledger, claim: Claim | None, now: dt.datetime) -> Iterator[None]:
    """Renew a claim made at `now` for as long as the block is at work; without one, do nothing."""
    if claim is None:
        yield
        return
    ended, begun = threading.Event(), time.monotonic()

    def clock() -> dt.datetime:
        return now + dt.timedelta(seconds=time.monotonic() - begun)

    thread = threading.Thread(target=keep, args=(ledger, claim, clock, ended.wait), name="claim", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def keep(ledger: Ledger, claim: Claim, clock: Callable[[], dt.datetime], wait: Wait) -> None:
    """Renew a claim every so often, until the work has ended, the slot is no longer ours, or `LONGEST` has gone by.

    A ledger that is in use, or out of reach, is asked again the next time: the claim outlasts four such times.
    """
    until = clock() + LONGEST
    while not wait(EVERY.total_seconds()):
        at = clock()
        if at >= until:
            log.warning("claim no longer renewed", extra={"job": claim.job, "day": claim.local_date.isoformat()})
            return
        try:
            claim = slots.renew(ledger, claim, now=at)
        except TakenOverError:
            return
        except LedgerError as error:
            log.warning("claim not renewed", extra={"job": claim.job, "why": str(error)})
