"""Hand over what the outbox holds, one recipient at a time, and record what came of each. Composes nothing itself.

"Handed over" is the relay's word for taking a message; nobody knows from it that anything was read or delivered.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Final

from dacompliance.config import Settings
from dacompliance.errors import MailError
from dacompliance.ledger import mailroom, outbox
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.notices import mailer
from dacompliance.notices.alarms import write_undelivered
from dacompliance.notices.operating import OPERATING
from dacompliance.notices.outcomes import Outcome

log = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]
Wait = Callable[[float], bool]
"""Waits for so many seconds, and says whether to stop there: an Event's `wait`."""

ANSWERS: Final = 20
"""A claim holds for as many waits of `mail.timeout_seconds`: more than one message can need."""


def sleep(seconds: float) -> bool:
    """Wait, and never stop."""
    time.sleep(max(seconds, 0))
    return False


def send_waiting(ledger: Ledger, settings: Settings, clock: Clock, wait: Wait = sleep) -> Counter[str]:
    """Hand over every notice that is due, and return how many came to which outcome.

    With `mode = "off"` each is written as an .eml file instead. A temporary refusal is tried again later, by a later
    call; a permanent one is not. Where the relay itself is out the rest is left for a later call too, untried. What is
    lost for good is told to the operator. No more than `mail.messages_a_minute` are tried in any minute.
    """
    outcomes: Counter[str] = Counter()
    mail = settings.mail
    lease = max(outbox.LEASE, dt.timedelta(seconds=ANSWERS * mail.timeout_seconds))
    a_minute = None if mail.mode == "off" else mail.messages_a_minute
    while not wait(0):
        found = outbox.claim(ledger, now=clock(), lease=lease, a_minute=a_minute)
        if found is None and _told_of_lost(ledger, settings, clock()):
            continue
        if found is None:
            break
        if isinstance(found, outbox.Later):
            if wait((found.at - clock()).total_seconds()):
                break
            continue
        outcome, goes_on = _send(ledger, settings, found, clock)
        outcomes[outcome] += 1
        log.info("notice tried", extra=_of(found, outcome))
        if not goes_on:
            break
    return outcomes


def _send(ledger: Ledger, settings: Settings, outgoing: outbox.Outgoing, clock: Clock) -> tuple[str, bool]:
    """Try one message; return what came of it, and whether another may fare better."""
    try:
        if settings.mail.mode == "off":
            return _write(ledger, settings, outgoing, clock), True
        result = mailer.hand_over(outgoing.notice, outgoing.address, settings)
    except MailError:  # something only the operator can mend: no fault of the message, which waits
        outbox.put_off(ledger, outgoing, now=clock(), code="mail is not set up")
        raise
    if result.handed_over:
        outbox.handed_over(ledger, outgoing, now=clock(), code=result.words, mode=settings.mail.mode)
    elif result.retry:
        outbox.put_off(ledger, outgoing, now=clock(), code=result.words)
    else:
        outbox.refused(ledger, outgoing, now=clock(), code=result.words)
    return result.outcome.value, not result.relay_is_out


def _of(outgoing: outbox.Outgoing, outcome: str) -> dict[str, object]:
    """Return what a log says of one try: which notice, for which reader, and what came of it; never an address."""
    notice = outgoing.notice
    return {
        "run": outgoing.run_id,
        "message_id": notice.message_id,
        "reader": notice.reader_key,
        "kind": notice.kind,
        "outcome": outcome,
    }


def _write(ledger: Ledger, settings: Settings, outgoing: outbox.Outgoing, clock: Clock) -> str:
    try:
        mailer.build(outgoing.notice, outgoing.address, settings)
    except MailError:  # one address that no message can bear keeps nobody else waiting
        outbox.refused(ledger, outgoing, now=clock(), code=Outcome.MALFORMED.value)
        return Outcome.MALFORMED.value
    mailer.write_eml(outgoing.notice, outgoing.address, settings)
    outbox.written(ledger, outgoing, now=clock())
    return "written"


def _told_of_lost(ledger: Ledger, settings: Settings, now: dt.datetime) -> bool:
    """Queue a notice to the operator of what was lost and not yet told, if anything was; say whether it was."""
    with ledger.read() as connection:
        if not mailroom.undelivered(connection, OPERATING):
            return False
    with ledger.begin() as connection:
        lost = mailroom.undelivered(connection, OPERATING)
        if lost:
            mailroom.report(connection, write_undelivered(lost, now, settings), lost)
    return bool(lost)


def send_all(settings: Settings, clock: Clock, wait: Wait = sleep) -> Counter[str]:
    """Open the ledger, hand over every notice that is due, and return how many came to which outcome."""
    with closing(open_ledger(settings.ledger.url.get_secret_value(), create=False)) as ledger:
        return send_waiting(ledger, settings, clock, wait)
