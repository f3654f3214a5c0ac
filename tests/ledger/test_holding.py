"""A claim is held for as long as its process is at work, and for no longer than ten minutes after its death."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing

from dacompliance.ledger import engines, holding, slots
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.ledger.holding import EVERY, LONGEST, held, keep
from dacompliance.ledger.slots import LEASE, Claim
from tests.ledger.builders import MINUTE, NOW, TODAY

Look = Callable[[dt.datetime], None]


def take(ledger: Ledger, now: dt.datetime) -> Claim | None:
    return slots.claim(ledger, "morning", TODAY, now=now)


def work(ledger: Ledger, claim: Claim, lasts: dt.timedelta, look: Look) -> dt.datetime:
    """Renew a claim through so long a work, and look at it before each renewal; return when the renewing ended."""
    now = NOW

    def wait(seconds: float) -> bool:
        nonlocal now
        now += dt.timedelta(seconds=seconds)
        look(now)
        return now >= NOW + lasts

    keep(ledger, claim, lambda: now, wait)
    return now


def test_a_morning_killed_at_half_past_six_is_made_again_before_a_quarter_to_seven(ledger):
    assert take(ledger, NOW) is not None
    assert take(ledger, NOW + 10 * MINUTE) is not None


def test_nobody_takes_over_from_a_run_that_is_at_work_for_an_hour(ledger):
    claim, tries = take(ledger, NOW), []
    work(ledger, claim, 60 * MINUTE, lambda at: tries.append(take(ledger, at)))
    assert tries == [None] * 30
    assert take(ledger, NOW + 58 * MINUTE + LEASE - dt.timedelta(seconds=1)) is None
    assert take(ledger, NOW + 60 * MINUTE + LEASE) is not None


def test_a_run_that_hangs_loses_its_slot_in_the_end(ledger):
    ended = work(ledger, take(ledger, NOW), 10 * LONGEST, lambda _: None)
    assert ended == NOW + LONGEST
    assert take(ledger, ended + LEASE) is not None


def test_who_was_taken_over_renews_no_more(ledger):
    claim, heirs = take(ledger, NOW), []

    def asleep(at: dt.datetime) -> None:
        if not heirs:
            heirs.append(take(ledger, at + LEASE))

    assert work(ledger, claim, 60 * MINUTE, asleep) == NOW + EVERY
    with ledger.read() as connection:
        (slot,) = slots.slots(connection)
    assert (slot.owner, slot.expires) == (heirs[0].owner, heirs[0].expires)


def test_a_ledger_in_use_for_a_while_costs_no_claim(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.05)
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    claim, tries = take(ledger, NOW), []

    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:

        def look(at: dt.datetime) -> None:
            if at == NOW + EVERY:
                other.execute("BEGIN IMMEDIATE")
            if at == NOW + 4 * EVERY:
                other.execute("ROLLBACK")
            if at >= NOW + 4 * EVERY:
                tries.append(take(ledger, at))

        work(ledger, claim, 10 * EVERY, look)
    assert tries == [None] * 7


def test_the_renewing_goes_on_beside_the_work_and_ends_with_it(ledger, monkeypatch):
    monkeypatch.setattr(holding, "EVERY", dt.timedelta(seconds=0.05))
    claim = take(ledger, NOW)
    with held(ledger, claim, NOW):
        until = time.monotonic() + 20
        while _expires(ledger) == claim.expires and time.monotonic() < until:
            time.sleep(0.01)
        assert claim.expires < _expires(ledger) < claim.expires + MINUTE
    assert "claim" not in {thread.name for thread in threading.enumerate()}
    last = _expires(ledger)
    time.sleep(0.2)
    assert _expires(ledger) == last


def test_work_in_no_slot_holds_nothing(ledger):
    with held(ledger, None, NOW):
        assert "claim" not in {thread.name for thread in threading.enumerate()}


def _expires(ledger: Ledger) -> dt.datetime:
    with ledger.read() as connection:
        (slot,) = slots.slots(connection)
    return slot.expires
