"""Slots: claimed once, renewed, taken over when dead, missed; by however many processes."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections import Counter

import pytest

from dacompliance.errors import LedgerError
from dacompliance.ledger import slots
from dacompliance.ledger.database import Ledger
from dacompliance.ledger.slots import LEASE, SlotState
from tests.ledger.builders import DAY, MINUTE, NOW, TODAY, commit

MICROSECOND = dt.timedelta(microseconds=1)


def take(ledger: Ledger, now: dt.datetime = NOW, job: str = "morning") -> slots.Claim | None:
    return slots.claim(ledger, job, TODAY, now=now)


def miss(ledger: Ledger, job: str, days: list[dt.date], now: dt.datetime = NOW) -> list[dt.date]:
    with ledger.begin() as connection:
        return slots.miss(connection, job, days, now=now)


def states(ledger: Ledger) -> dict[tuple[str, dt.date], SlotState]:
    with ledger.read() as connection:
        return {(each.job, each.local_date): each.state for each in slots.slots(connection)}


def test_a_slot_is_claimed_once(ledger):
    assert take(ledger) is not None
    assert take(ledger, NOW + MINUTE) is None


def test_another_job_of_the_same_day_is_another_slot(ledger):
    assert take(ledger) is not None
    assert take(ledger, job="afternoon") is not None


@pytest.mark.parametrize(
    ("later", "taken"),
    [
        pytest.param(LEASE - MICROSECOND, False, id="the claim holds to its last instant"),
        pytest.param(LEASE, True, id="an expired claim is taken over"),
    ],
)
def test_a_claim_holds_until_it_expires(ledger, later, taken):
    take(ledger)
    assert (take(ledger, NOW + later) is not None) is taken


def test_a_renewed_claim_holds_for_longer(ledger):
    claim = take(ledger)
    longer = slots.renew(ledger, claim, now=NOW + LEASE - MINUTE)
    assert longer.expires == NOW + 2 * LEASE - MINUTE
    assert take(ledger, NOW + LEASE) is None
    assert take(ledger, longer.expires) is not None


def test_who_was_slow_but_not_replaced_may_go_on(ledger):
    claim = take(ledger)
    assert slots.renew(ledger, claim, now=NOW + 2 * LEASE).expires == NOW + 3 * LEASE


def test_who_was_replaced_must_stop(ledger):
    slow = take(ledger)
    take(ledger, NOW + LEASE)
    for late in (slots.renew, lambda *given, **named: slots.fail(*given, **named, why="")):
        with pytest.raises(LedgerError, match="the slot morning of 2026-11-03 was taken over by another process"):
            late(ledger, slow, now=NOW + LEASE + MINUTE)


def test_a_failed_slot_may_be_claimed_again(ledger):
    slots.fail(ledger, take(ledger), now=NOW + MINUTE, why="SourceError")
    with ledger.read() as connection:
        (slot,) = slots.slots(connection)
    assert (slot.state, slot.why, slot.expires) == (SlotState.FAILED, "SourceError", None)
    assert take(ledger, NOW + 2 * MINUTE) is not None


def test_a_finished_slot_is_done_for_good_and_knows_its_run(ledger):
    run_id = commit(ledger, claim=take(ledger))
    with ledger.read() as connection:
        (slot,) = slots.slots(connection, job="morning")
    assert (slot.state, slot.run_id) == (SlotState.DONE, run_id)
    assert take(ledger, NOW + LEASE + DAY) is None


def test_missed_slots_are_recorded_once_and_never_run(ledger):
    take(ledger)
    days = [TODAY - DAY, TODAY, TODAY - 2 * DAY]
    assert miss(ledger, "morning", days) == [TODAY - 2 * DAY, TODAY - DAY]
    assert miss(ledger, "morning", days) == []
    assert states(ledger) == {
        ("morning", TODAY): SlotState.CLAIMED,
        ("morning", TODAY - DAY): SlotState.MISSED,
        ("morning", TODAY - 2 * DAY): SlotState.MISSED,
    }
    assert slots.claim(ledger, "morning", TODAY - DAY, now=NOW + 2 * LEASE) is None


def test_a_slot_whose_process_died_at_work_is_missed_once_its_claim_has_expired(ledger):
    take(ledger)
    assert miss(ledger, "morning", [TODAY], NOW + LEASE - MICROSECOND) == []
    assert miss(ledger, "morning", [TODAY], NOW + LEASE) == [TODAY]
    assert states(ledger) == {("morning", TODAY): SlotState.MISSED}
    assert take(ledger, NOW + 2 * LEASE) is None


def test_the_newest_slot_and_those_still_open_are_known(ledger):
    with ledger.read() as connection:
        assert slots.newest(connection, "morning") is None
    take(ledger)
    slots.claim(ledger, "morning", TODAY - DAY, now=NOW)
    with ledger.read() as connection:
        assert slots.newest(connection, "morning").local_date == TODAY
        assert slots.open_dates(connection, "morning", TODAY) == [TODAY - DAY]


def test_slots_are_listed_newest_first(ledger):
    miss(ledger, "morning", [TODAY - DAY, TODAY, TODAY - 2 * DAY])
    miss(ledger, "evening", [TODAY])
    with ledger.read() as connection:
        assert [each.local_date for each in slots.slots(connection, job="morning", limit=2)] == [TODAY, TODAY - DAY]
        assert [each.job for each in slots.slots(connection, limit=2)] == ["evening", "morning"]


def test_no_two_processes_have_one_name():
    assert slots.this_process() != slots.this_process()


RUSH = """
import datetime as dt, sys
from dacompliance.ledger.database import open_ledger
from dacompliance.ledger.slots import claim
ledger = open_ledger(sys.argv[1])
now = dt.datetime(2026, 11, 3, 6, 30, tzinfo=dt.UTC)
sys.stdin.readline()
for day in range(40):
    if claim(ledger, "morning", dt.date(2026, 11, 3) + dt.timedelta(days=day), now=now):
        print(day)
"""


@pytest.mark.slow
def test_processes_that_rush_at_the_same_slots_share_them_without_a_repeat(ledger, ledger_url):
    command = [sys.executable, "-c", RUSH, ledger_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    rushing = [subprocess.Popen(command, **pipes) for _ in range(3)]
    for process in rushing:
        process.stdin.write("go\n")
        process.stdin.flush()
    won = Counter(line for process in rushing for line in process.communicate()[0].split())
    assert won == {str(day): 1 for day in range(40)}
