"""SIGKILL at every step of a send, before and after each commit and each verb of SMTP: nothing lost, at most one repeat.

Every step of a run is tests/acceptance/test_killed.py's: there, what it leaves is all of a run or nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dacompliance.ledger import outbox
from tests.acceptance.dying import END, Mortal
from tests.acceptance.force import SmallForce
from tests.acceptance.test_killed import (  # noqa: F401 - fixtures
    TUESDAY,
    force,
    keep,
    mornings,
    on_postgresql,
    rows_of,
    said,
    wait_for_the_server,
)
from tests.notices.relay import Handler, relay

Mail = Counter[tuple[str, str]]
"""How often each message was taken, by recipient and Message-ID."""


@contextmanager
def waiting(force: SmallForce, mornings: Mortal) -> Iterator[Handler]:  # noqa: F811
    """Have a morning done whose four messages wait for a relay, which this runs."""
    handler = Handler()
    with relay(handler) as port:
        mail = f'[mail]\nmode = "on"\nallowed_domains = ["force.example"]\nhost = "127.0.0.1"\nport = {port}\n'
        force.edit("[mail]", mail + 'security = "none"')
        assert mornings.morning(force.config, TUESDAY, sends=False).step == END
        yield handler


def taken(handler: Handler) -> Mail:
    return Counter((str(each["To"]), str(each["Message-ID"])) for each in handler.messages)


def at_every_step(
    force: SmallForce,  # noqa: F811
    mornings: Mortal,  # noqa: F811
    template_folder: Path,
    messages: int,
) -> tuple[int, Counter[str]]:
    """Have a sender die at each step of so many messages, and another go on when its claim has expired.

    Return the number of kills, and how many messages were repeated after a death at each kind of step.
    """
    with waiting(force, mornings) as handler:
        template, wanted = keep(force, template_folder), said(rows_of(force))
        whole = mornings.sending(force.config, TUESDAY)
        once = taken(handler)
        assert (whole.step, len(once), set(once.values())) == (END, 4, {1})
        kills, repeats = (whole.number - 1) * messages // len(once), Counter[str]()
        for number in range(1, kills + 1):
            template.put_back()
            handler.taken.clear()
            death = mornings.sending(force.config, TUESDAY, number)
            assert death.killed
            wait_for_the_server(force)
            assert mornings.sending(force.config, TUESDAY + outbox.LEASE).step == END
            got = taken(handler)
            assert got.keys() == once.keys(), f"lost or strange after {death.step}"
            assert got.total() - once.total() <= 1, f"more than one repeat after {death.step}"
            assert said(rows_of(force)) == wanted, f"what the run said is otherwise after {death.step}"
            repeats[" ".join(death.step.split()[:4])] += got.total() - once.total()
    return kills, repeats


NEVER_REPEATED = {f"about to say {verb}" for verb in ("EHLO", "MAIL", "RCPT", "DATA")} | {"heard 220", "heard 354"}


def holds(kills: int, repeats: Counter[str], messages: int) -> None:
    assert repeats.keys() > NEVER_REPEATED
    assert not any(repeats[step] for step in NEVER_REPEATED), "before the relay's word there is nothing to repeat"
    assert repeats["heard 250"] == messages, "after its last word, and not after those before it"
    assert messages <= repeats.total() < kills / 2, "and until its word is in the ledger"


@pytest.mark.parametrize("force", ["sqlite"], indirect=True)
def test_a_sender_killed_at_any_step_of_its_first_message(force, mornings, tmp_path, record_property):  # noqa: F811
    kills, repeats = at_every_step(force, mornings, tmp_path / "kept", 1)
    holds(kills, repeats, 1)
    record_property("Killed at each step of a first message", f"{kills} kills, 0 lost, {repeats.total()} repeats")


@pytest.mark.long
def test_a_sender_killed_at_any_step_or_verb_loses_nothing_and_repeats_at_most_once(
    force,  # noqa: F811
    mornings,  # noqa: F811
    tmp_path,
    record_property,
):
    kills, repeats = at_every_step(force, mornings, tmp_path / "kept", 4)
    holds(kills, repeats, 4)
    where = "PostgreSQL" if on_postgresql(force) else "SQLite"
    record_property(
        f"Killed at each step of a send, {where}",
        f"{kills} kills, 4 messages each, 0 lost, {repeats.total()} repeats, at most one a kill: {dict(repeats)}",
    )
