"""Every way a relay can fail, on a real one: its named outcome, within the time limit, the other notices unharmed."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dacompliance.config import Settings
from dacompliance.ledger import mailroom, outbox
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.notices.sending import send_waiting
from tests.ledger.builders import NOW, notice
from tests.notices.relay import Handler, Papers, dripping, listener, make_papers, relay
from tests.notices.samples import settings

LIMIT = 1
"""`mail.timeout_seconds` of every test: no answer is waited for longer."""
DAY_LATER = NOW + outbox.MINUTE * 60 * 24
READERS = [f"r{number}@westmere.police.example" for number in (1, 2, 3)]


@dataclass(frozen=True)
class World:
    """Certificates of every kind, made once."""

    good: Papers
    expired: Papers
    folder: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    made = {}
    for name in ("good", "expired"):
        folder = tmp_path_factory.mktemp(name)
        made[name] = make_papers(folder, expired=name == "expired")
    return World(**made, folder=tmp_path_factory.mktemp("relay"))


@dataclass
class Fault:
    """A relay with a fault: how it runs, how it is set up, and what must come of the first pass over three notices.

    `states` are those of the three messages after it. `seconds` is how long the pass may take, beyond the relay's own.
    """

    run: Callable[[Handler, World], contextlib.AbstractContextManager[int]]
    outcome: str
    states: list[str]
    mail: dict[str, Any] = field(default_factory=dict)
    seconds: float = LIMIT
    taken: int = 0


def plain(handler: Handler, world: World) -> contextlib.AbstractContextManager[int]:
    return relay(handler)


def starttls(handler: Handler, world: World) -> contextlib.AbstractContextManager[int]:
    return relay(handler, tls_context=world.good.server)


@contextlib.contextmanager
def nobody(handler: Handler, world: World) -> Iterator[int]:
    yield 9


def answering(answer: str, at: str = READERS[1]) -> Callable[[Handler, World], contextlib.AbstractContextManager[int]]:
    def run(handler: Handler, world: World) -> contextlib.AbstractContextManager[int]:
        handler.recipients[at] = answer
        return relay(handler)

    return run


def at_data(first: Callable[[Any, Any], Any]) -> Callable[[Handler, World], contextlib.AbstractContextManager[int]]:
    """Run a relay that does something else with the first message than with the others."""

    def run(handler: Handler, world: World) -> contextlib.AbstractContextManager[int]:
        async def answer(server: Any, envelope: Any) -> str:
            if envelope.rcpt_tos == [READERS[0]] and not getattr(handler, "once", False):
                handler.once = True  # type: ignore[attr-defined]
                return await first(server, (handler, envelope))
            handler.taken.append(envelope)
            return "250 2.0.0 queued"

        handler.at_data = answer
        return relay(handler)

    return run


async def hang(server: Any, given: tuple[Handler, Any]) -> str:
    await asyncio.sleep(60)
    return "250 too late"


async def drop_after_taking(server: Any, given: tuple[Handler, Any]) -> str:
    handler, envelope = given
    handler.taken.append(envelope)
    server.transport.abort()
    return "250 never heard"


async def full_queue(server: Any, given: tuple[Handler, Any]) -> str:
    return "452 4.3.1 insufficient system storage"


async def in_two_thirds_of_the_limit(server: Any, given: tuple[Handler, Any]) -> str:
    handler, envelope = given
    await asyncio.sleep(LIMIT * 2 / 3)
    handler.taken.append(envelope)
    return "250 2.0.0 queued"


def hanging_at_the_door(handler: Handler, world: World) -> contextlib.AbstractContextManager[int]:
    return listener()


def turning_away(handler: Handler, world: World) -> contextlib.AbstractContextManager[int]:
    return listener(b"421 4.3.2 closing down\r\n")


def dripping_a_greeting(handler: Handler, world: World) -> contextlib.AbstractContextManager[int]:
    """Say three bytes a limit: none comes late, and the greeting is never whole, though it looks so when cut off."""
    return dripping(b"220 " + b"welcome " * 1000, LIMIT / 3)


async def drip_an_answer(server: Any, given: tuple[Handler, Any]) -> str:
    """Say 250 and go on for ever, a byte at a time, never ending the line."""
    for byte in b"250 " + b"taken " * 1000:
        server.transport.write(bytes((byte,)))
        await asyncio.sleep(LIMIT / 6)
    return "250 too late"


def guarded(handler: Handler, world: World) -> contextlib.AbstractContextManager[int]:
    return relay(
        handler, tls_context=world.good.server, require_starttls=True, auth_required=True, authenticator=handler.check
    )


TLS = {"host": "localhost", "security": "starttls"}
WAITING, SENT = ["pending", "pending", "pending"], ["handed_over"] * 3
FAULTS = {
    "refused": Fault(nobody, "not connected", WAITING),
    "hung at the door": Fault(hanging_at_the_door, "timed out", WAITING),
    "dripping a greeting": Fault(dripping_a_greeting, "timed out", WAITING),
    "dripping its answer to the message": Fault(
        at_data(drip_an_answer), "timed out", ["pending", "handed_over", "handed_over"], taken=2
    ),
    "turning everybody away": Fault(turning_away, "refused for now 421 4.3.2", WAITING),
    "hung after the message": Fault(at_data(hang), "timed out", ["pending", "handed_over", "handed_over"], taken=2),
    "dropping after the message, before its reply": Fault(
        at_data(drop_after_taking), "connection lost", ["pending", "handed_over", "handed_over"], taken=3
    ),
    "slow, within the limit": Fault(at_data(in_two_thirds_of_the_limit), "handed over", SENT, taken=3),
    "4xx for one of three": Fault(
        answering("451 4.7.1 greylisted"),
        "refused for now 451 4.7.1",
        ["handed_over", "pending", "handed_over"],
        taken=2,
    ),
    "5xx for one of three": Fault(
        answering("550 5.1.1 nobody here"), "refused 550 5.1.1", ["handed_over", "refused", "handed_over"], taken=3
    ),
    "full queue": Fault(
        at_data(full_queue), "refused for now 452 4.3.1", ["pending", "handed_over", "handed_over"], taken=2
    ),
    "expired certificate": Fault(
        lambda handler, world: relay(handler, tls_context=world.expired.server),
        "certificate not trusted",
        WAITING,
        {**TLS, "ca": "expired"},
    ),
    "certificate of another name": Fault(starttls, "certificate not trusted", WAITING, {**TLS, "host": "127.0.0.1"}),
    "certificate of an unknown authority": Fault(starttls, "certificate not trusted", WAITING, {**TLS, "ca": None}),
    "no STARTTLS": Fault(plain, "no TLS", WAITING, TLS),
    "login refused": Fault(
        guarded, "login refused 535 5.7.8", WAITING, {**TLS, "auth": "password", "login": "x", "secret_env": "S"}
    ),
}


def settings_for(fault: Fault, port: int, world: World, folder: Path) -> Settings:
    changes = {
        "mode": "on",
        "port": port,
        "host": "127.0.0.1",
        "security": "none",
        "timeout_seconds": LIMIT,
        **fault.mail,
    }
    ca = changes.pop("ca", "good")
    changes["ca_file"] = None if ca is None else getattr(world, ca).ca_file
    secret = {"secrets": {"mail": "wrong"}} if "auth" in changes else {}
    made = settings(folder, **changes)
    return made.model_validate({**made.model_dump(), "mail": made.mail, **secret}) if secret else made


def queue(ledger: Ledger) -> None:
    made = [notice(number, recipients=(address,)) for number, address in enumerate(READERS, start=1)]
    with ledger.begin() as connection:
        outbox.queue(connection, made)


def standing(ledger: Ledger) -> list[tuple[str, str, int]]:
    """Return state, code and attempts of the three messages."""
    with ledger.read() as connection:
        found = [mailroom.show(connection, number).deliveries[0] for number in (1, 2, 3)]
    return [(str(each.state), each.code, each.attempts) for each in found]


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_outcome_in_time_and_harms_no_other_notice(name, world, tmp_path, record_property):
    fault, handler = FAULTS[name], Handler()
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    queue(ledger)
    with fault.run(handler, world) as port:
        begun = time.monotonic()
        send_waiting(ledger, settings_for(fault, port, world, tmp_path), lambda: NOW)
        took = time.monotonic() - begun
    found = standing(ledger)
    assert [state for state, _, _ in found] == fault.states
    place = next((n for n, state in enumerate(fault.states) if state != "handed_over"), 0)
    assert found[place][1] == fault.outcome
    assert [tries for state, _, tries in found if state == "pending"][1:] == [0] * (fault.states.count("pending") - 1)
    assert took < fault.seconds + 3, "one wait of the limit, and what a busy machine adds"

    again = Handler()
    with relay(again) as port:
        send_waiting(
            ledger, settings_for(dataclasses.replace(fault, mail={}), port, world, tmp_path), lambda: DAY_LATER
        )
    got = [(str(each["To"]), str(each["Message-ID"])) for each in (*handler.messages, *again.messages)]
    ours = {(address, f"<{number}@example.police.uk>") for number, address in enumerate(READERS, start=1)}
    lost = {pair for pair, state in zip(sorted(ours), fault.states, strict=True) if state == "refused"}
    assert {pair for pair in got if pair in ours} == ours - lost, "nothing is lost but what was refused for good"
    repeats = sum(got.count(pair) - 1 for pair in ours - lost)
    assert repeats == (name == "dropping after the message, before its reply")
    record_property(f"SMTP: {name}", f"{fault.outcome}; {took:.1f} s; repeats under the same Message-ID: {repeats}")
