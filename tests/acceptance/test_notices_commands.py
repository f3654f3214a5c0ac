"""The outbox at the operator's desk: list, show, retry, release; readers by key, never an address."""

from __future__ import annotations

import pytest

from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import REPORTED
from tests.notices.relay import Handler, relay

STAFF = {"staff_id": "77", "email": "sergeant@force.example", "role": "sergeant"}


@pytest.fixture
def told(force: SmallForce) -> SmallForce:
    """A force whose relay refuses one of three readers for good."""
    force.put("incidents", [REPORTED])
    force.put("staff", [STAFF])
    handler = Handler(recipients={"sergeant@force.example": "550 5.1.1 nobody here"})
    with relay(handler) as port:
        force.edit(
            "[mail]",
            '[mail]\nmode = "on"\nallowed_domains = ["force.example"]\nhost = "127.0.0.1"\n'
            f'port = {port}\nsecurity = "none"',
        )
        assert force.run("check", "--send").code == 7
    return force


def test_notices_are_listed_with_what_became_of_them(told: SmallForce):
    ran = told.run("notices", "list")
    lines = ran.out.splitlines()
    assert lines[0].split() == ["notice", "made", "(local)", "day", "job", "kind", "reader", "state"]
    (refused,) = [line for line in lines if "staff:77" in line]
    assert refused.endswith("refused for good (refused 550 5.1.1)")
    assert any("operator" in line and "undelivered" in line and "handed to the relay" in line for line in lines)
    assert lines[-1] == "In all: 4 handed to the relay, 1 refused for good."
    assert "@" not in ran.out
    assert "delivered" not in ran.out.replace("undelivered", "")


def test_the_list_can_be_narrowed(told: SmallForce):
    assert "staff:77" in told.run("notices", "list", "--state", "refused").out
    assert "unit" not in told.run("notices", "list", "--state", "refused").out.replace("In all", "")
    assert "staff:77" not in told.run("notices", "list", "--reader", "unit").out
    assert told.run("notices", "list", "--since", "2026-11-04").out.startswith("No notice is as asked for.\nIn all: ")
    wrong = told.run("notices", "list", "--state", "lost")
    assert (wrong.code, "Write one of: pending, claimed, handed-over" in wrong.err) == (2, True)


def number_of(force: SmallForce, state: str) -> str:
    return force.run("notices", "list", "--state", state).out.splitlines()[1].split()[0]


def test_one_notice_is_shown_by_its_facts_and_only_on_request_by_its_text(told: SmallForce):
    number = number_of(told, "refused")
    ran = told.run("notices", "show", number)
    assert "for staff:77." in ran.out
    assert "Message-ID <" in ran.out
    assert "refused for good, 1 try, since 2026-11-03 06:30, refused 550 5.1.1" in ran.out
    assert "I1" in ran.out
    assert "OFFICIAL" not in ran.out
    assert "OFFICIAL-SENSITIVE" in told.run("notices", "show", number, "--text").out
    assert "there is no notice 99" in told.run("notices", "show", "99").err


def test_what_was_refused_is_tried_afresh_when_a_person_says_so(told: SmallForce):
    number = number_of(told, "refused")
    ran = told.run("notices", "retry", number, at="Tue 2026-11-03 09:00")
    assert ran.out == "To be tried afresh: 1. The next send takes them.\n"
    assert number_of(told, "pending") == number
    assert told.run("notices", "retry", "--all").out == (
        "To be tried afresh: 0. None of these messages was refused for good or given up.\n"
    )
    for arguments in ((), (number, "--all")):
        assert "name one notice by its number, or write --all" in told.run("notices", "retry", *arguments).err


def test_what_waits_is_let_go_when_a_person_says_so(told: SmallForce):
    told.run("notices", "retry", "--all", at="Tue 2026-11-03 09:00")
    ran = told.run("notices", "release", "--all", at="Tue 2026-11-03 08:00")
    assert ran.out == "To be tried now: 1. The next send takes them.\n"
    assert told.run("notices", "release", "--all", at="Tue 2026-11-03 08:00").out.startswith("To be tried now: 0.")


def test_a_run_says_how_many_notices_it_queued_not_how_many_it_wrote(told: SmallForce):
    again = told.run("check", "--send")
    assert "Notices queued: 0." in again.out
