"""Handing over: the only module that knows yagmail. One message to one recipient, one attempt, and what came of it.

yagmail is asked to connect, to start verified TLS and to speak SMTP, and for nothing else. Left to itself it attaches
any file that a text happens to name, fetches style sheets, trusts any certificate, waits for ever, asks for passwords,
and sends up to three times where an answer was lost. So the message is made beforehand (`message.build`), the TLS
context and the time limit are given, and the outbox, not yagmail, decides what is tried again.

It logs nothing; results and errors carry codes, never an address, a word of a notice or what a server answered.
"""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum
from typing import Any, Final

import yagmail

from dacompliance.config import Mail, Settings
from dacompliance.errors import MailError
from dacompliance.notices.message import Notice, build, message_id, write_eml

__all__ = ["MAX_BYTES", "Notice", "Outcome", "Result", "build", "hand_over", "is_allowed", "message_id", "write_eml"]

MAX_BYTES: Final = 1_000_000
"""No notice comes near it, and relays take more: a message as large as this is a fault of ours, not a notice."""
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
    def words(self) -> str:
        """The outcome, code and status on one line, for the ledger and the log."""
        return " ".join(str(each) for each in (self.outcome.value, self.code, self.status) if each)


def hand_over(notice: Notice, recipient: str, settings: Settings) -> Result:
    """Offer one notice to the relay, for one recipient, once; return what came of it.

    With `mode = "shadow"` it goes to the shadow reader, whoever it was for. No outcome of SMTP raises. MailError is
    raised for what an operator must mend before any mail can leave: `mode = "off"`, no secret, a CA file that is none.
    Each wait for the server is bounded by `mail.timeout_seconds`.
    """
    mail = settings.mail
    if mail.mode == "off":
        raise MailError('mail.mode is "off": nothing is handed over. Write mode = "shadow" or "on" to send.')
    if mail.mode == "shadow" and mail.shadow_reader is not None:
        recipient = mail.shadow_reader
    if not is_allowed(recipient, mail.allowed_domains):
        return Result(Outcome.NOT_ALLOWED)
    try:
        message = build(notice, recipient, settings)
    except MailError:
        return Result(Outcome.MALFORMED)
    if len(message.as_bytes()) > MAX_BYTES:
        return Result(Outcome.TOO_LARGE)
    return _attempt(_Relay(mail, _secret(settings)), message, recipient)


def is_allowed(address: str, domains: tuple[str, ...]) -> bool:
    """Return whether the address is in one of the domains; a subdomain is another domain."""
    return address.rpartition("@")[2].lower() in {domain.lower() for domain in domains}


def _attempt(relay: _Relay, message: EmailMessage, recipient: str) -> Result:
    try:
        refused = relay.send(to=recipient, contents=message)
    except UnicodeError:
        if relay.step == "connect":
            raise MailError("mail.host: is not a host name. Write the relay's, such as relay.example.") from None
        raise MailError("mail: the login or its secret is not ASCII, which SMTP cannot carry. Change it.") from None
    except OSError as error:  # every exception of SMTP, sockets and TLS is one
        return _failed(error, relay.step)
    finally:
        relay.close()
    return _refused(refused, relay.step) if refused else Result(Outcome.HANDED_OVER, step=relay.step)


def _failed(error: OSError, step: str) -> Result:
    """Name an exception by its attributes, so that no module of ours needs smtplib."""
    if refused := getattr(error, "recipients", None):
        return _refused(refused, step)
    code = getattr(error, "smtp_code", None)
    if isinstance(code, int) and code > 0:
        return _coded(code, getattr(error, "smtp_error", b""), step)
    return Result(_unanswered(error, step), step=step)


def _refused(refused: Mapping[str, tuple[int, bytes]], step: str) -> Result:
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


def _secret(settings: Settings) -> str:
    """Return the password or token. One in a file is read each time: a token is renewed while the monitor runs."""
    mail = settings.mail
    if mail.auth == "none":
        return ""
    if mail.secret_file is not None:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if text := (settings.folder / mail.secret_file).read_text(encoding="utf-8").strip():
                return text
    if "mail" not in settings.secrets:
        raise MailError("mail: auth needs a secret and there is none. Set what mail.secret_env or secret_file names.")
    return settings.secrets["mail"].get_secret_value()


def _context(mail: Mail) -> ssl.SSLContext:
    """Return a context that checks the certificate's chain and its host name."""
    try:
        return ssl.create_default_context(cafile=mail.ca_file)
    except OSError:
        raise MailError(f"{mail.ca_file}: mail.ca_file: holds no certificate we can read. Name a PEM file.") from None


class _Relay(yagmail.Client):  # type: ignore[misc]  # yagmail has no types
    """One short-lived connection of yagmail's, for one message. Three of its public methods are replaced.

    `login`, so that the login name can differ from the sender, and a refused token is noticed; `prepare_send`, so that
    the message is ours; `send`, so that there is one attempt: yagmail's own retries sleep for 18 seconds and deliver
    again what was taken before a reply was lost.
    """

    def __init__(self, mail: Mail, secret: str) -> None:
        if mail.security == "none" and mail.auth != "none":
            raise MailError('mail: auth without TLS would send a secret in the clear. Write security = "starttls".')
        context = None if mail.security == "none" else _context(mail)
        self.step = "connect"
        self._auth, self._login_name, self._secret = mail.auth, mail.login or mail.sender, secret
        super().__init__(
            user={mail.sender: mail.sender_name},
            password="",  # never used, but None would make yagmail ask for one
            host=mail.host,
            port=mail.port,
            smtp_ssl=mail.security == "tls",
            smtp_starttls={"context": context} if mail.security == "starttls" else False,
            smtp_skip_login=True,
            soft_email_validation=False,
            timeout=mail.timeout_seconds,
            **({"context": context} if mail.security == "tls" else {}),
        )
        self.set_logging(None)

    def login(self) -> None:
        """Connect, start verified TLS, and log in by password or token."""
        super().login()
        self.step = "login"
        if self._auth == "password":
            self.smtp.login(self._login_name, self._secret)
        elif self._auth == "xoauth2":
            self.smtp.ehlo_or_helo_if_needed()
            token = f"user={self._login_name}\x01auth=Bearer {self._secret}\x01\x01"
            # A refused token is answered by a challenge; an empty answer to it brings the refusal out.
            self.smtp.auth("XOAUTH2", lambda challenge=None: "" if challenge else token)

    def prepare_send(self, to: str, contents: EmailMessage) -> tuple[list[str], str]:
        """Return the recipient and the message as it stands."""
        return [to], contents.as_string()

    def send(self, to: str, contents: EmailMessage) -> Any:
        """Log in and send once. Return what smtplib does: refusals by recipient, empty when there are none."""
        self.login()
        self.step = "send"
        recipients, text = self.prepare_send(to, contents)
        return self.smtp.sendmail(self.user, recipients, text)

    def close(self) -> None:
        """Say goodbye and let the connection go, whatever state it is in. What was taken stays taken."""
        with contextlib.suppress(OSError):
            super().close()
        if self.smtp is not None:
            self.smtp.close()
