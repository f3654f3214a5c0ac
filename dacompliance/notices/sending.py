"""Hand over what the outbox holds, one recipient at a time, and record what came of each. Never composes a word.

"Handed over" is the relay's word for taking a message; nobody knows from it that anything was read or delivered.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import closing

from dacompliance.config import Settings
from dacompliance.errors import MailError
from dacompliance.ledger import outbox
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.notices import mailer

log = logging.getLogger(__name__)


def send_waiting(ledger: Ledger, settings: Settings, clock: Callable[[], dt.datetime]) -> Counter[str]:
    """Hand over every notice that is due, and return how many came to which outcome.

    With `mode = "off"` each is written as an .eml file instead. A temporary refusal is tried again later, by a later
    call; a permanent one is not.
    """
    outcomes: Counter[str] = Counter()
    while (outgoing := outbox.claim(ledger, now=clock())) is not None:
        outcome = _send(ledger, settings, outgoing, clock)
        outcomes[outcome] += 1
        log.info("notice %s to %s: %s", outgoing.notice.message_id, outgoing.notice.reader_key, outcome)
    return outcomes


def _send(ledger: Ledger, settings: Settings, outgoing: outbox.Outgoing, clock: Callable[[], dt.datetime]) -> str:
    if settings.mail.mode == "off":
        try:
            mailer.build(outgoing.notice, outgoing.address, settings)
        except MailError:  # one address that no message can bear keeps nobody else waiting
            outbox.refused(ledger, outgoing, now=clock(), code=mailer.Outcome.MALFORMED.value)
            return mailer.Outcome.MALFORMED.value
        mailer.write_eml(outgoing.notice, outgoing.address, settings)
        outbox.written(ledger, outgoing, now=clock())
        return "written"
    result = mailer.hand_over(outgoing.notice, outgoing.address, settings)
    code = " ".join(str(part) for part in (result.outcome.value, result.code, result.status) if part)
    if result.handed_over:
        outbox.handed_over(ledger, outgoing, now=clock(), code=code, mode=settings.mail.mode)
    elif result.retry:
        outbox.put_off(ledger, outgoing, now=clock(), code=code)
    else:
        outbox.refused(ledger, outgoing, now=clock(), code=code)
    return result.outcome.value


def send_all(settings: Settings, clock: Callable[[], dt.datetime]) -> Counter[str]:
    """Open the ledger, hand over every notice that is due, and return how many came to which outcome."""
    with closing(open_ledger(settings.ledger.url.get_secret_value(), create=False)) as ledger:
        return send_waiting(ledger, settings, clock)
