"""Sending what waits: one at a time, at a pace, stopped in order; a relay that is out costs one try and no more."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import time

import pytest

from dacompliance.errors import MailError
from dacompliance.ledger import mailroom, outbox
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.ledger.outbox import State
from dacompliance.notices.sending import send_waiting
from tests.ledger.builders import MINUTE, NOW, notice
from tests.notices.relay import Handler, relay
from tests.notices.samples import settings


class Clock:
    """A clock that goes on only while somebody waits, and says for how long they did."""

    def __init__(self, stop_after: int = 10_000) -> None:
        self.now, self.waited, self.left = NOW, [], stop_after

    def __call__(self) -> dt.datetime:
        return self.now

    def wait(self, seconds: float) -> bool:
        if seconds > 0:
            self.waited.append(seconds)
            self.now += dt.timedelta(seconds=seconds)
        self.left -= 1
        return self.left < 0


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    return open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


def queue(ledger: Ledger, count: int, **given: object) -> None:
    made = [
        notice(number, **{"recipients": (f"r{number}@westmere.police.example",), **given})
        for number in range(1, count + 1)
    ]
    with ledger.begin() as connection:
        outbox.queue(connection, made)


def states(ledger: Ledger) -> list[str]:
    with ledger.read() as connection:
        return [str(each.deliveries[0].state) for each in reversed(mailroom.listing(connection))]


def mail(tmp_path, port: int, **more: object):
    return settings(tmp_path, **{"mode": "on", "port": port, "host": "127.0.0.1", "security": "none", **more})


def test_a_pass_sends_at_the_pace_that_is_allowed(ledger, tmp_path):
    queue(ledger, 5)
    handler, clock = Handler(), Clock()
    with relay(handler) as port:
        outcomes = send_waiting(ledger, mail(tmp_path, port, messages_a_minute=2), clock, clock.wait)
    assert dict(outcomes) == {"handed over": 5}
    assert clock.waited == [60, 60]
    assert [str(each["To"]) for each in handler.messages] == [f"r{n}@westmere.police.example" for n in range(1, 6)]


def test_a_pass_ends_between_two_messages_when_it_is_told_to_stop(ledger, tmp_path):
    queue(ledger, 5)
    handler, clock = Handler(), Clock(stop_after=2)
    with relay(handler) as port:
        send_waiting(ledger, mail(tmp_path, port), clock, clock.wait)
    assert states(ledger) == ["handed_over"] * 2 + ["pending"] * 3


def test_a_relay_that_is_out_costs_one_try_and_the_others_none(ledger, tmp_path):
    queue(ledger, 5)
    clock = Clock()
    assert dict(send_waiting(ledger, mail(tmp_path, 9), clock, clock.wait)) == {"not connected": 1}
    with ledger.read() as connection:
        assert [each.deliveries[0].attempts for each in mailroom.listing(connection)] == [0, 0, 0, 0, 1]
    handler = Handler()
    clock.now += MINUTE
    with relay(handler) as port:
        send_waiting(ledger, mail(tmp_path, port), clock, clock.wait)
    assert states(ledger) == ["handed_over"] * 5


def test_one_bad_recipient_costs_the_others_nothing_and_the_operator_is_told_once(ledger, tmp_path):
    queue(ledger, 3)
    handler, clock = Handler(recipients={"r2@westmere.police.example": "550 5.1.1 nobody here"}), Clock()
    with relay(handler) as port:
        made = mail(tmp_path, port)
        assert dict(send_waiting(ledger, made, clock, clock.wait)) == {"handed over": 3, "refused": 1}
        assert send_waiting(ledger, made, clock, clock.wait) == {}
    assert states(ledger) == ["handed_over", "refused", "handed_over", "handed_over"]
    told = handler.messages[-1]
    assert str(told["To"]) == "fallback@westmere.police.example"
    said = told.get_body(("plain",)).get_content()
    assert "Notice 2, digest of Tue 3 Nov for unit: refused 550 5.1.1." in said
    assert "r2@" not in said


def test_a_lost_notice_to_the_operator_is_not_told_of_by_another(ledger, tmp_path):
    queue(ledger, 1, kind="failed")
    clock = Clock()
    with relay(Handler(recipients={"r1@westmere.police.example": "550 no"})) as port:
        assert dict(send_waiting(ledger, mail(tmp_path, port), clock, clock.wait)) == {"refused": 1}
    assert states(ledger) == ["refused"]


def test_mail_that_is_not_set_up_keeps_its_messages_and_is_told_of(ledger, tmp_path):
    queue(ledger, 2)
    clock = Clock()
    made = mail(tmp_path, 9, security="starttls", ca_file=tmp_path / "none.pem")
    with pytest.raises(MailError, match=r"mail\.ca_file"):
        send_waiting(ledger, made, clock, clock.wait)
    assert states(ledger) == ["pending", "pending"]


def test_with_mail_off_no_pace_holds_anything_up(ledger, tmp_path):
    queue(ledger, 3)
    clock = Clock()
    made = settings(tmp_path, mode="off", messages_a_minute=1)
    assert dict(send_waiting(ledger, made, clock, clock.wait)) == {"written": 3}
    assert clock.waited == []
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 3


def test_a_stop_during_a_slow_message_waits_for_that_one_only(ledger, tmp_path):
    queue(ledger, 10)

    async def slow(server, envelope):
        await asyncio.sleep(0.3)
        handler.taken.append(envelope)
        return "250 2.0.0 queued"

    handler, stop = Handler(at_data=slow), threading.Event()
    with relay(handler) as port:
        threading.Timer(0.45, stop.set).start()
        begun = time.monotonic()
        send_waiting(ledger, mail(tmp_path, port), lambda: NOW, stop.wait)
        took = time.monotonic() - begun
    sent = states(ledger).count(State.HANDED_OVER)
    assert sent == len(handler.taken)
    assert sent < 5
    assert took < 2
