# ruff: noqa: D102 - the protocol's own docstring says what each property is
"""A notice as an e-mail message: headers, a plain part, an HTML part. Knows no server; the .eml file is all it writes.

The message is Python's own EmailMessage, never a string glued together. Nothing is attached, whatever a text names.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from dacompliance.config import Settings
from dacompliance.errors import MailError


class Notice(Protocol):
    """What is kept of a notice. `importance` is `high` or empty; `made_at` is aware, and the same on every attempt."""

    @property
    def job(self) -> str: ...
    @property
    def local_date(self) -> dt.date: ...
    @property
    def reader_key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def message_id(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def importance(self) -> str: ...
    @property
    def made_at(self) -> dt.datetime: ...


def message_id(job: str, local_date: dt.date, reader_key: str, kind: str, sender: str) -> str:
    """Return the Message-ID of a notice: the same on every attempt, and after a restore from yesterday's backup."""
    named = f"{job}\x1f{local_date.isoformat()}\x1f{reader_key}\x1f{kind}"
    return f"<{hashlib.sha256(named.encode()).hexdigest()[:40]}@{sender.rpartition('@')[2]}>"


def build(notice: Notice, recipient: str, settings: Settings) -> EmailMessage:
    """Return the whole message for one recipient; the same notice gives the same bytes.

    Raises MailError when the subject, the Message-ID or the address cannot stand in a header.
    """
    if not (recipient.isascii() and all(each.isprintable() for each in (notice.subject, notice.message_id, recipient))):
        raise _unfit(notice)
    message = EmailMessage(policy=policy.SMTP)
    try:
        message["From"] = Address(settings.mail.sender_name, addr_spec=settings.mail.sender)
        message["To"] = Address(addr_spec=recipient)
        message["Subject"] = notice.subject
        message["Date"] = notice.made_at
        message["Message-ID"] = notice.message_id
    except (MessageError, ValueError, AttributeError, LookupError):  # what email raises at one bad address or another
        raise _unfit(notice) from None
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if notice.importance:
        message["Importance"] = notice.importance
    # Quoted-printable whatever the text, so that no line is too long for a relay.
    message.set_content(notice.text, cte="quoted-printable")
    message.add_alternative(notice.html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"={hashlib.sha256(notice.message_id.encode()).hexdigest()[:32]}=")
    return message


def _unfit(notice: Notice) -> MailError:
    return MailError(
        f"{notice.kind} of {notice.local_date} for {notice.reader_key!r}: the subject or an address cannot stand in a "
        "header (a line break, or not an address). Look at force, mail and readers in the configuration."
    )


def write_eml(notice: Notice, recipient: str, settings: Settings) -> Path:
    """Write the message into `mail.folder` as an .eml file and return its path. The same notice has the same file.

    Raises MailError when the folder cannot be written.
    """
    folder = settings.mail.folder
    slug = re.sub(r"[^a-z0-9]+", "-", f"{notice.job} {notice.reader_key} {notice.kind}".lower()).strip("-")
    tail = hashlib.sha256(f"{notice.message_id} {recipient}".encode()).hexdigest()[:8]
    path = folder / f"{notice.local_date.isoformat()}-{slug[:80]}-{tail}.eml"
    content = build(notice, recipient, settings).as_bytes()
    unfinished = path.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.chmod(0o640)
        os.replace(unfinished, path)  # noqa: PTH105 - atomic, and over an older one on Windows too
    except OSError as error:
        raise MailError(f"{folder}: mail.folder: cannot be written ({error.strerror}). Make it writable.") from None
    return path
