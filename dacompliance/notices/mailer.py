"""Handing over: the only module that knows yagmail. One message to one recipient, one attempt, and what came of it.

yagmail is asked to connect, to start verified TLS and to speak SMTP, and for nothing else. Left to itself it attaches
any file that a text happens to name, fetches style sheets, trusts any certificate, waits for ever, asks for passwords,
and sends up to three times where an answer was lost. So the message is made beforehand (`message.build`), the TLS
context and the time limit are given, and the outbox, not yagmail, decides what is tried again.

It logs nothing; results and errors carry codes, never an address, a word of a notice or what a server answered.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from email.message import EmailMessage
from typing import Any, Final

import yagmail

from dacompliance.config import Mail, Settings
from dacompliance.errors import MailError
from dacompliance.notices.message import Notice, build, message_id, write_eml
from dacompliance.notices.outcomes import Outcome, Result, failed, refused_by

__all__ = ["MAX_BYTES", "Notice", "Outcome", "Result", "build", "hand_over", "is_allowed", "message_id", "write_eml"]

MAX_BYTES: Final = 1_000_000
"""No notice comes near it, and relays take more: a message as large as this is a fault of ours, not a notice."""


def hand_over(notice: Notice, recipient: str, settings: Settings) -> Result:
    """Offer one notice to the relay, for one recipient, once; return what came of it.

    With `mode = "shadow"` it goes to the shadow reader, whoever it was for. No outcome of SMTP raises. MailError is
    raised for what an operator must mend before any mail can leave: `mode = "off"`, no secret, a CA file that is none.
    Each wait for an answer of the server, whole, is bounded by `mail.timeout_seconds`.
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
        return failed(error, relay.step)
    finally:
        relay.close()
    return refused_by(refused, relay.step) if refused else Result(Outcome.HANDED_OVER, step=relay.step)


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


def _bounded(kind: Any, seconds: float) -> Any:
    """Return a kind of SMTP connection that waits so long for a whole answer, not for each of its bytes."""

    class Bounded(kind):  # type: ignore[misc]  # yagmail says which of the two kinds it is
        def getreply(self) -> Any:
            late, waits_at = threading.Event(), self.sock

            def hang_up() -> None:
                late.set()
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(waits_at, socket.SHUT_RDWR)  # under TLS too: no goodbye to wait for

            timer = threading.Timer(seconds, hang_up)
            timer.daemon = True
            timer.start()
            try:
                return super().getreply()
            finally:
                timer.cancel()
                if late.is_set():  # what came of it may look like a whole answer
                    self.close()
                    raise TimeoutError

    return Bounded


class _Relay(yagmail.Client):  # type: ignore[misc]  # yagmail has no types
    """One short-lived connection of yagmail's, for one message. Four of its public members are replaced.

    `login`, so that the login name can differ from the sender, and a refused token is noticed; `prepare_send`, so that
    the message is ours; `send`, so that there is one attempt: yagmail's own retries sleep for 18 seconds and deliver
    again what was taken before a reply was lost; `connection`, so that a server that drips is given up in time.
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

    @property
    def connection(self) -> Any:
        """Return the kind of connection to make, bounded in how long it waits for a whole answer."""
        return _bounded(super().connection, self.kwargs["timeout"])

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
