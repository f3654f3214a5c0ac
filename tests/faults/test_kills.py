"""SIGKILL at every step of a send, before and after each commit and each verb of SMTP: nothing lost, at most one repeat.

Every step of a run is tests/acceptance/test_killed.py's: there, what it leaves is all of a run or nothing.
"""

from __future__ import annotations

from collections import Counter

import pytest

from dacompliance.ledger.slots import LEASE
from tests.acceptance.dying import END
from tests.acceptance.test_killed import (  # noqa: F401 - fixtures
    TUESDAY,
    force,
    keep,
    mornings,
    rows_of,
    said,
    wait_for_the_server,
)
from tests.notices.relay import Handler, relay

pytestmark = pytest.mark.long


def test_a_sender_killed_at_any_step_or_verb_loses_nothing_and_repeats_at_most_once(
    force,  # noqa: F811
    mornings,  # noqa: F811
    tmp_path,
    record_property,
):
    handler = Handler()
    with relay(handler) as port:
        mail = f'[mail]\nmode = "on"\nallowed_domains = ["force.example"]\nhost = "127.0.0.1"\nport = {port}\n'
        force.edit("[mail]", mail + 'security = "none"')
        template = keep(force, tmp_path / "kept")
        whole = mornings.morning(force.config, TUESDAY, verbs=True)
        assert whole.step == END
        once = sorted((str(each["To"]), str(each["Message-ID"])) for each in handler.messages)
        wanted = said(rows_of(force))
        kills, repeats, steps = 0, 0, Counter()
        for number in range(whole.number - 1, 0, -1):
            template.put_back()
            handler.taken.clear()
            death = mornings.morning(force.config, TUESDAY, number, verbs=True)
            assert death.killed
            wait_for_the_server(force)
            if not said(rows_of(force)).get("run"):
                assert handler.taken == [], "nothing is said before it is kept"
                break
            assert mornings.morning(force.config, TUESDAY + LEASE).step == END
            got = Counter((str(each["To"]), str(each["Message-ID"])) for each in handler.messages)
            assert sorted(got) == once, f"lost or strange after {death.step}"
            assert max(got.values()) <= 2, f"more than one repeat after {death.step}"
            assert sum(got.values()) - len(once) <= 1, f"more than one recipient had a repeat after {death.step}"
            assert said(rows_of(force)) == wanted, f"the exceptions are others after {death.step}"
            kills, repeats = kills + 1, repeats + sum(got.values()) - len(once)
            steps[death.step.partition(" has")[0].split(" ")[0]] += 1
    assert kills > 40
    assert repeats > 0, "some kill must fall between the relay's word and its record"
    record_property(
        "Killed while sending", f"{kills} kills, {len(once)} messages each time, 0 lost, {repeats} repeats in all"
    )
