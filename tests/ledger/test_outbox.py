"""The outbox: queued once, claimed once, tried again later, and never lost."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections import Counter
from functools import partial

import pytest

from dacompliance.errors import LedgerError
from dacompliance.ledger import outbox
from dacompliance.ledger.database import Ledger
from dacompliance.ledger.outbox import BACKOFF, LEASE, State, Told
from tests.ledger.builders import DAY, MINUTE, NOW, TODAY, commit, notice

MICROSECOND = dt.timedelta(microseconds=1)


def queue(ledger: Ledger, *notices: outbox.Notice, run_id: int | None = None) -> int:
    with ledger.begin() as connection:
        return outbox.queue(connection, notices, run_id=run_id)


def deliveries(ledger: Ledger, notice_id: int = 1) -> list[tuple[State, int, str]]:
    with ledger.read() as connection:
        return [(each.state, each.attempts, each.code) for each in outbox.show(connection, notice_id).deliveries]


def told(ledger: Ledger, **given: object) -> dict[str, Told]:
    with ledger.read() as connection:
        return outbox.last_told(connection, **given)


def test_a_notice_is_queued_once_whatever_is_said_again(ledger):
    first = notice(recipients=("a@example.police.uk", "b@example.police.uk", "a@example.police.uk"))
    assert queue(ledger, first, first) == 1
    assert queue(ledger, notice(subject="another text, the same Message-ID"), notice(2)) == 1
    with ledger.read() as connection:
        newest, oldest = outbox.listing(connection)
    assert oldest.notice == notice(recipients=("a@example.police.uk", "b@example.police.uk"))
    assert newest.notice == notice(2)
    assert deliveries(ledger) == [(State.PENDING, 0, "")] * 2


def test_a_notice_to_nobody_is_kept_and_never_sent(ledger):
    queue(ledger, notice(recipients=()))
    assert outbox.claim(ledger, now=NOW) is None
    assert deliveries(ledger) == []


def test_a_claim_is_one_recipient_with_the_whole_notice(ledger):
    queue(ledger, notice(recipients=("a@example.police.uk", "b@example.police.uk")))
    first, second = outbox.claim(ledger, now=NOW), outbox.claim(ledger, now=NOW)
    assert [first.address, second.address] == ["a@example.police.uk", "b@example.police.uk"]
    assert first.notice == notice(recipients=("a@example.police.uk",))
    assert first.attempts == 1
    assert outbox.claim(ledger, now=NOW) is None


def test_who_has_waited_longest_goes_first(ledger):
    queue(ledger, notice(1, made_at=NOW), notice(2, made_at=NOW - DAY))
    assert outbox.claim(ledger, now=NOW).notice.message_id == notice(2).message_id


def test_nothing_is_sent_before_it_was_made(ledger):
    queue(ledger, notice())
    assert outbox.claim(ledger, now=NOW - MICROSECOND) is None
    assert outbox.claim(ledger, now=NOW) is not None


@pytest.mark.parametrize(
    ("settle", "state", "code"),
    [
        pytest.param(
            lambda *at, now: outbox.handed_over(*at, now=now, code="250"), State.HANDED_OVER, "250", id="handed over"
        ),
        pytest.param(outbox.written, State.WRITTEN, "", id="written to a file"),
        pytest.param(
            lambda *at, now: outbox.refused(*at, now=now, code="550 5.1.1"), State.REFUSED, "550 5.1.1", id="refused"
        ),
    ],
)
def test_a_result_is_recorded_and_nothing_more_is_sent(ledger, settle, state, code):
    queue(ledger, notice())
    assert settle(ledger, outbox.claim(ledger, now=NOW), now=NOW + MINUTE) is True
    assert deliveries(ledger) == [(state, 1, code)]
    assert outbox.claim(ledger, now=NOW + DAY) is None


def test_one_recipients_refusal_is_not_the_others(ledger):
    queue(ledger, notice(recipients=("a@example.police.uk", "b@example.police.uk")))
    first, second = outbox.claim(ledger, now=NOW), outbox.claim(ledger, now=NOW)
    outbox.refused(ledger, first, now=NOW, code="550")
    outbox.handed_over(ledger, second, now=NOW)
    assert [state for state, _, _ in deliveries(ledger)] == [State.REFUSED, State.HANDED_OVER]


def test_what_is_refused_for_now_is_tried_again_later_and_later_and_then_is_dead(ledger):
    queue(ledger, notice())
    now = NOW
    for wait in BACKOFF:
        assert outbox.put_off(ledger, outbox.claim(ledger, now=now), now=now, code="421") is State.PENDING
        assert outbox.claim(ledger, now=now + wait - MICROSECOND) is None
        now += wait
    assert outbox.put_off(ledger, outbox.claim(ledger, now=now), now=now, code="421") is State.DEAD
    assert deliveries(ledger) == [(State.DEAD, len(BACKOFF) + 1, "421")]
    assert outbox.claim(ledger, now=now + DAY) is None


def test_waits_grow_and_end_within_a_day_or_so():
    assert list(BACKOFF) == sorted(BACKOFF)
    assert dt.timedelta(hours=12) < sum(BACKOFF, dt.timedelta()) < dt.timedelta(hours=36)


def test_a_sender_that_died_is_replaced_with_the_same_message_id(ledger):
    queue(ledger, notice())
    dead = outbox.claim(ledger, now=NOW)
    assert outbox.claim(ledger, now=NOW + LEASE - MICROSECOND) is None
    heir = outbox.claim(ledger, now=NOW + LEASE)
    assert heir.notice == dead.notice
    assert heir.attempts == 2
    assert outbox.handed_over(ledger, dead, now=NOW + LEASE) is False
    assert outbox.handed_over(ledger, heir, now=NOW + LEASE) is True


def test_a_slow_sender_whom_nobody_replaced_is_believed(ledger):
    queue(ledger, notice())
    slow = outbox.claim(ledger, now=NOW)
    assert outbox.handed_over(ledger, slow, now=NOW + DAY) is True


def test_a_lost_claim_puts_nothing_off(ledger):
    queue(ledger, notice())
    dead = outbox.claim(ledger, now=NOW)
    heir = outbox.claim(ledger, now=NOW + LEASE)
    outbox.handed_over(ledger, heir, now=NOW + LEASE)
    outbox.put_off(ledger, dead, now=NOW + LEASE, code="421")
    assert deliveries(ledger) == [(State.HANDED_OVER, 2, "")]


def test_a_person_can_have_what_was_lost_tried_again(ledger):
    queue(ledger, notice(recipients=("a@example.police.uk", "b@example.police.uk")))
    outbox.handed_over(ledger, outbox.claim(ledger, now=NOW), now=NOW)
    outbox.refused(ledger, outbox.claim(ledger, now=NOW), now=NOW, code="550")
    assert outbox.retry(ledger, 1, now=NOW + DAY) == 1
    again = outbox.claim(ledger, now=NOW + DAY)
    assert (again.address, again.attempts) == ("b@example.police.uk", 1)
    assert outbox.retry(ledger, 1, now=NOW + DAY) == 0


def test_what_waits_is_counted(ledger):
    queue(ledger, notice(1), notice(2), notice(3, made_at=NOW + DAY))
    outbox.claim(ledger, now=NOW)
    with ledger.read() as connection:
        assert outbox.waiting(connection, NOW) == 1
        assert outbox.waiting(connection, NOW + LEASE) == 2
        assert outbox.waiting(connection, NOW + DAY) == 3


def test_a_reader_has_been_told_once_a_notice_was_handed_over_or_written(ledger):
    for number in (1, 2, 3, 4):
        named = notice(number, reader_key="unit" if number < 4 else "team:North")
        commit(ledger, notices=[named], run={"as_at": NOW + number * DAY})
    assert told(ledger) == {}
    settle = [outbox.handed_over, outbox.written, None, outbox.written]
    for each in settle:
        outgoing = outbox.claim(ledger, now=NOW)
        if each:
            each(ledger, outgoing, now=NOW)
        else:
            outbox.refused(ledger, outgoing, now=NOW, code="550")
    assert told(ledger) == {
        "unit": Told(2, NOW + 2 * DAY, TODAY, "digest"),
        "team:North": Told(4, NOW + 4 * DAY, TODAY, "digest"),
    }


def test_a_rehearsal_has_told_its_reviewer_and_nobody_else(ledger):
    for number in (1, 2, 3):
        commit(ledger, notices=[notice(number)], run={"as_at": NOW + number * DAY})
    for settle in (outbox.handed_over, partial(outbox.handed_over, mode="shadow"), outbox.written):
        settle(ledger, outbox.claim(ledger, now=NOW), now=NOW)
    assert {mode: told(ledger, mode=mode)["unit"].run_id for mode in ("on", "shadow", "off")} == {
        "on": 1,
        "shadow": 2,
        "off": 3,
    }


def test_only_notices_of_a_kind_may_count_as_telling(ledger):
    commit(ledger, notices=[notice(1, kind="digest")])
    commit(ledger, notices=[notice(2, kind="could_not_check")])
    for _ in range(2):
        outbox.handed_over(ledger, outbox.claim(ledger, now=NOW), now=NOW)
    assert told(ledger)["unit"].run_id == 2
    assert told(ledger, kinds=["digest"])["unit"].run_id == 1


def test_an_operators_notice_of_no_run_tells_nothing_about_runs(ledger):
    queue(ledger, notice(reader_key="operator"))
    outbox.handed_over(ledger, outbox.claim(ledger, now=NOW), now=NOW)
    assert told(ledger) == {}
    with ledger.read() as connection:
        assert outbox.show(connection, 1).run_id is None


def test_there_is_no_such_notice(ledger):
    with ledger.read() as connection, pytest.raises(LedgerError, match="there is no notice 7"):
        outbox.show(connection, 7)


def test_listing_is_newest_first_and_as_long_as_asked(ledger):
    queue(ledger, *(notice(number) for number in range(1, 5)))
    with ledger.read() as connection:
        assert [each.id for each in outbox.listing(connection, limit=2)] == [4, 3]


def test_no_address_or_text_is_in_a_notices_own_words(ledger):
    queue(ledger, notice())
    outgoing = outbox.claim(ledger, now=NOW)
    for each in (outgoing, outgoing.notice):
        assert "unit@" not in repr(each)
        assert "<p>" not in repr(each)


SENDER = """
import datetime as dt, sys
from dacompliance.ledger.database import open_ledger
from dacompliance.ledger import outbox
ledger = open_ledger(sys.argv[1])
now = dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC)
sys.stdin.readline()
while outgoing := outbox.claim(ledger, now=now):
    print(outgoing.notice.message_id)
    outbox.handed_over(ledger, outgoing, now=now)
"""


@pytest.mark.slow
def test_senders_at_once_send_each_message_once(ledger, ledger_url):
    queue(ledger, *(notice(number) for number in range(40)))
    command = [sys.executable, "-c", SENDER, ledger_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    senders = [subprocess.Popen(command, **pipes) for _ in range(3)]
    for sender in senders:
        sender.stdin.write("go\n")
        sender.stdin.flush()
    sent = Counter(line for sender in senders for line in sender.communicate()[0].split())
    assert sent == {notice(number).message_id: 1 for number in range(40)}
