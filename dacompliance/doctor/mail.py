"""Mail as the doctor finds it: whether notices could leave, to whom, how safely. It sends nothing and asks no relay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dacompliance.config import Settings
from dacompliance.doctor.model import Finding, fault, fine, warning
from dacompliance.notices.mailer import is_allowed
from dacompliance.records.table import Records

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def mail_findings(settings: Settings, records: Records | None) -> Iterator[Finding]:
    """Yield what is amiss in how notices would leave; `records` tell of the staff's own addresses."""
    mail = settings.mail
    how = {
        "off": "off: notices are written into mail.folder, and nobody hears",
        "shadow": "shadow: one reviewer gets everything, and nobody else hears",
        "on": "on: notices go to their readers",
    }
    yield fine("mail", f"mail.mode is {how[mail.mode]}.")
    if mail.mode != "off":
        yield from _relay(settings)
        yield from _addresses(settings)
        yield from _staff(settings, records)
    missing = {
        "readers.data_quality": "what cannot be read or matched is told to the fallback mailbox",
        "readers.operator": "what goes unchecked is told to the fallback mailbox",
        "mail.policy_contact": "no row of a list says whom to tell that it is wrong",
    }
    there = (settings.readers.data_quality, settings.readers.operator, mail.policy_contact)
    for (key, effect), address in zip(missing.items(), there, strict=True):
        if address is None:
            yield warning("mail", f"{key} is not set: {effect}. Name a mailbox that somebody reads.")


def _relay(settings: Settings) -> Iterator[Finding]:
    mail = settings.mail
    if mail.security == "none" and mail.host not in _LOOPBACK:
        yield warning(
            "mail",
            'mail.security is "none": the lists, with references of cases, would cross the network unencrypted. Write '
            '"starttls" or "tls".',
        )
    if mail.ca_file is not None and not mail.ca_file.is_file():
        yield fault("mail", "mail.ca_file: there is no such file, so no relay can be trusted. Correct the path.")


def _addresses(settings: Settings) -> Iterator[Finding]:
    """Yield the mailboxes whose domain the allow-list refuses."""
    readers, mail = settings.readers, settings.mail
    boxes = {
        f"readers.{name}": getattr(readers, name)
        for name in ("unit", "fallback", "data_quality", "operator", "escalation")
    }
    boxes |= {f"readers.teams[{number}]": box for number, (_, box) in enumerate(sorted(readers.teams.items()), start=1)}
    if mail.mode == "shadow":
        boxes = {"mail.shadow_reader": mail.shadow_reader}
    for key, address in boxes.items():
        if address is not None and not is_allowed(address, mail.allowed_domains):
            yield fault(
                "mail",
                f"{key}: its domain is not in mail.allowed_domains, so nothing would go there. Add the domain, or "
                "correct the address.",
            )


def _staff(settings: Settings, records: Records | None) -> Iterator[Finding]:
    if records is None or settings.mail.mode == "shadow" or "email" not in records.staff:
        return
    words = records.staff.get("email").text()
    outside = sum(address is not None and not is_allowed(address, settings.mail.allowed_domains) for address in words)
    if outside:
        yield warning(
            "mail",
            f"{outside:,} of {len(words):,} members of staff have an address outside mail.allowed_domains: a list for "
            "one of them would be refused. Add the domain if it is the force's own.",
        )
