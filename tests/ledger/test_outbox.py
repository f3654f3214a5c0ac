"""The outbox: queued once, claimed once, tried again later, and never lost."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections import Counter
from functools import partial

import pytest

from dacompliance.errors import LedgerError
from dacompliance.ledger import mailroom, outbox
from dacompliance.ledger.database import Ledger
from dacompliance.ledger.outbox import BACKOFF, LEASE, State
from dacompliance.ledger.told import Told, last_told
from tests.ledger.builders import DAY, MINUTE, NOW, TODAY, commit, notice

MICROSECOND = dt.timedelta(microseconds=1)


def queue(ledger: Ledger, *notices: outbox.Notice, run_id: int | None = None) -> int:
    with ledger.begin() as connection:
        return outbox.queue(connection, notices, run_id=run_id)


def deliveries(ledger: Ledger, notice_id: int = 1) -> list[tuple[State, int, str]]:
    with ledger.read() as connection:
        return [(each.state, each.attempts, each.code) for each in mailroom.show(connection, notice_id).deliveries]


def told(ledger: Ledger, **given: object) -> dict[str, Told]:
    with ledger.read() as connection:
        return last_told(connection, **given)


def test_a_notice_is_queued_once_whatever_is_said_again(ledger):
    first = notice(recipients=("a@example.police.uk", "b@example.police.uk", "a@example.police.uk"))
    assert queue(ledger, first, first) == 1
    assert queue(ledger, notice(subject="another text, the same Message-ID"), notice(2)) == 1
    with ledger.read() as connection:
        newest, oldest = mailroom.listing(connection)
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
    assert mailroom.retry(ledger, 1, now=NOW + DAY) == 1
    again = outbox.claim(ledger, now=NOW + DAY)
    assert (again.address, again.attempts) == ("b@example.police.uk", 1)
    assert mailroom.retry(ledger, 1, now=NOW + DAY) == 0


@pytest.mark.parametrize("command", [mailroom.retry, mailroom.release])
def test_a_notice_that_is_not_there_cannot_be_put_back(ledger, command):
    with pytest.raises(LedgerError, match=r"there is no notice 7\. \"dacompliance notices list\" lists them"):
        command(ledger, 7, now=NOW)


def test_what_waits_for_a_later_try_can_be_let_go_at_once(ledger):
    queue(ledger, notice(1), notice(2))
    for _ in range(2):
        outbox.put_off(ledger, outbox.claim(ledger, now=NOW), now=NOW, code="421")
    assert outbox.claim(ledger, now=NOW) is None
    assert mailroom.release(ledger, 2, now=NOW) == 1
    assert outbox.claim(ledger, now=NOW).notice.message_id == notice(2).message_id
    assert mailroom.release(ledger, None, now=NOW) == 1
    assert outbox.claim(ledger, now=NOW).attempts == 2


def test_what_a_dead_sender_had_claimed_is_let_go_only_when_asked(ledger):
    queue(ledger, notice())
    dead = outbox.claim(ledger, now=NOW)
    assert mailroom.release(ledger, None, now=NOW) == 0
    assert mailroom.release(ledger, None, now=NOW, claimed=True) == 1
    assert outbox.claim(ledger, now=NOW).notice.message_id == dead.notice.message_id
    assert outbox.handed_over(ledger, dead, now=NOW) is False


def test_no_more_are_tried_in_any_minute_than_are_allowed(ledger):
    queue(ledger, *(notice(number) for number in range(1, 6)))
    second = dt.timedelta(seconds=1)
    first = outbox.claim(ledger, now=NOW, a_minute=2)
    outbox.handed_over(ledger, first, now=NOW + second)
    outbox.put_off(ledger, outbox.claim(ledger, now=NOW + 2 * second, a_minute=2), now=NOW + 3 * second, code="421")
    assert outbox.claim(ledger, now=NOW + 4 * second, a_minute=2) == outbox.Later(NOW + second + MINUTE)
    assert isinstance(outbox.claim(ledger, now=NOW + second + MINUTE - MICROSECOND, a_minute=2), outbox.Later)
    assert isinstance(outbox.claim(ledger, now=NOW + second + MINUTE, a_minute=2), outbox.Outgoing)
    assert isinstance(outbox.claim(ledger, now=NOW + second + MINUTE, a_minute=2), outbox.Later)
    assert isinstance(outbox.claim(ledger, now=NOW + second + MINUTE, a_minute=3), outbox.Outgoing)


def test_where_nothing_waits_the_pace_does_not_matter(ledger):
    queue(ledger, notice())
    outbox.claim(ledger, now=NOW, a_minute=1)
    assert outbox.claim(ledger, now=NOW, a_minute=1) is None


def test_what_is_lost_is_told_of_once_and_again_when_it_is_lost_again(ledger):
    queue(ledger, notice(1), notice(2, kind="failed"), notice(3))
    for _ in range(2):
        outbox.refused(ledger, outbox.claim(ledger, now=NOW), now=NOW, code="550")

    def lost() -> list[int]:
        with ledger.read() as connection:
            return [each.notice_id for each in mailroom.undelivered(connection, {"failed"})]

    assert lost() == [1]
    with ledger.begin() as connection:
        mailroom.report(connection, notice(4, kind="undelivered"), mailroom.undelivered(connection, {"failed"}))
    assert lost() == []
    mailroom.retry(ledger, 1, now=NOW)
    assert lost() == []
    outbox.refused(ledger, outbox.claim(ledger, now=NOW), now=NOW, code="550")
    assert lost() == [1]


def test_notices_are_found_by_state_reader_and_day(ledger):
    queue(ledger, notice(1), notice(2, reader_key="staff:77"), notice(3, local_date=TODAY + DAY))
    outbox.refused(ledger, outbox.claim(ledger, now=NOW), now=NOW, code="550")

    def found(**given: object) -> list[int]:
        with ledger.read() as connection:
            return [each.id for each in mailroom.listing(connection, **given)]

    assert found(states=[State.REFUSED]) == [1]
    assert found(states=[State.PENDING]) == [3, 2]
    assert found(reader="staff:77") == [2]
    assert found(since=TODAY + DAY) == [3]
    with ledger.read() as connection:
        counts = mailroom.counts(connection)
    assert {state: number for state, number in counts.items() if number} == {State.REFUSED: 1, State.PENDING: 2}


def test_a_run_counts_the_notices_it_queued_and_no_other(ledger):
    run_id = commit(ledger, notices=[notice(1), notice(2)])
    again = commit(ledger, notices=[notice(2), notice(3)])
    with ledger.read() as connection:
        assert (outbox.queued_by(connection, run_id), outbox.queued_by(connection, again)) == (2, 1)


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
        assert mailroom.show(connection, 1).run_id is None


def test_there_is_no_such_notice(ledger):
    with ledger.read() as connection, pytest.raises(LedgerError, match="there is no notice 7"):
        mailroom.show(connection, 7)


def test_listing_is_newest_first_and_as_long_as_asked(ledger):
    queue(ledger, *(notice(number) for number in range(1, 5)))
    with ledger.read() as connection:
        assert [each.id for each in mailroom.listing(connection, limit=2)] == [4, 3]


def test_no_address_or_text_is_in_a_notices_own_words(ledger):
    queue(ledger, notice())
    outgoing = outbox.claim(ledger, now=NOW)
    for each in (outgoing, outgoing.notice):
        assert "unit@" not in repr(each)
        assert "<p>" not in repr(each)


SENDER = """
import datetime as dt, sys
from dacompliance.ledger.database import open_ledger
from dacompliance.ledger import mailroom, outbox
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
