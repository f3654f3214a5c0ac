"""What comes of handing over a message, by name: from a server's code, or from what an exception of SMTP or TLS says.

Pure. It keeps a code and a status, never the words of an answer. Exceptions are told by their attributes, so that no
module of ours needs smtplib.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_LOGIN_WANTED: Final = frozenset({530, 534, 535, 538})


class Outcome(StrEnum):
    """What came of an attempt. "Handed over" is the relay's word; nobody here knows whether a mail was delivered."""

    HANDED_OVER = "handed over"
    REFUSED_FOR_NOW = "refused for now"
    REFUSED = "refused"
    LOGIN_REFUSED = "login refused"
    NOT_CONNECTED = "not connected"
    NOT_TRUSTED = "certificate not trusted"
    NO_TLS = "no TLS"
    TIMED_OUT = "timed out"
    CONNECTION_LOST = "connection lost"
    NOT_ALLOWED = "domain not allowed"
    TOO_LARGE = "too large"
    MALFORMED = "not a valid message"


_FINAL: Final = frozenset({Outcome.REFUSED, Outcome.NOT_ALLOWED, Outcome.TOO_LARGE, Outcome.MALFORMED})


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one attempt, with the server's code and enhanced status where it gave them, and the step reached.

    `step` is `connect`, `login`, `send` or, when the server was never asked, empty.
    """

    outcome: Outcome
    code: int | None = None
    status: str = ""
    step: str = ""

    @property
    def handed_over(self) -> bool:
        """True when the relay took the message."""
        return self.outcome is Outcome.HANDED_OVER

    @property
    def retry(self) -> bool:
        """True when a later attempt may fare better; what is wrong with the connection is not the notice's fault."""
        return not self.handed_over and self.outcome not in _FINAL

    @property
    def relay_is_out(self) -> bool:
        """True when no other message would fare better now: the relay is not there, not trusted, or lets nobody in."""
        return self.retry and self.step in ("connect", "login")

    @property
    def words(self) -> str:
        """The outcome, code and status on one line, for the ledger and the log."""
        return " ".join(str(each) for each in (self.outcome.value, self.code, self.status) if each)


def failed(error: OSError, step: str) -> Result:
    """Name an exception by its attributes, so that no module of ours needs smtplib."""
    if refused := getattr(error, "recipients", None):
        return refused_by(refused, step)
    code = getattr(error, "smtp_code", None)
    if isinstance(code, int) and code > 0:
        return _coded(code, getattr(error, "smtp_error", b""), step)
    return Result(_unanswered(error, step), step=step)


def refused_by(refused: Mapping[str, tuple[int, bytes]], step: str) -> Result:
    """Return the refusal of the one recipient there is."""
    code, answer = next(iter(refused.values()))
    return _coded(code, answer, step)


def _coded(code: int, answer: object, step: str) -> Result:
    """Tell a temporary refusal from a permanent one by its code. Of the answer's words only the status is kept."""
    text = answer.decode("ascii", "replace") if isinstance(answer, bytes) else str(answer)
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}(?!\d)", text)
    outcome = Outcome.REFUSED
    if code < 500:
        outcome = Outcome.REFUSED_FOR_NOW
    elif step == "connect":
        outcome = Outcome.NOT_CONNECTED
    elif step == "login" or code in _LOGIN_WANTED:
        outcome = Outcome.LOGIN_REFUSED
    return Result(outcome, code, status[0] if status else "", step)


def _unanswered(error: OSError, step: str) -> Outcome:
    """Name an exception that carries no code. A message whose answer was lost may have been taken."""
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return Outcome.TIMED_OUT
    if isinstance(error, ssl.SSLCertVerificationError):
        return Outcome.NOT_TRUSTED
    kind = type(error).__name__
    if step == "send" or kind == "SMTPServerDisconnected":
        return Outcome.CONNECTION_LOST
    if step == "login":
        return Outcome.LOGIN_REFUSED
    no_tls = isinstance(error, ssl.SSLError) or kind == "SMTPNotSupportedError"
    return Outcome.NO_TLS if no_tls else Outcome.NOT_CONNECTED
