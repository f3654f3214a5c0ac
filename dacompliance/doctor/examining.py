"""The order of the examination: configuration, rules, ledger, source, what a check would do, mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

from dacompliance.config import Settings, load_settings
from dacompliance.doctor.ledger import ledger_findings
from dacompliance.doctor.mail import mail_findings
from dacompliance.doctor.model import Finding, faults, fine
from dacompliance.doctor.records import record_findings
from dacompliance.doctor.rules import pack_findings, rule_findings
from dacompliance.doctor.set_up import set_up_findings
from dacompliance.doctor.source import look_at_source
from dacompliance.errors import ConfigError, RuleError
from dacompliance.policy.files import load_pack
from dacompliance.records.intake import Watch


def examine(
    path: Path, environment: Mapping[str, str], *, now: dt.datetime, progress: Watch | None = None
) -> Iterator[Finding]:
    """Yield what is fine, what to look at and what to mend in the set-up that a configuration file makes.

    Where one thing is at fault, whatever does not rest on it is looked at all the same. All records are read once, as a
    check would read them; nothing is kept.
    """
    try:
        settings = load_settings(path, environment)
    except ConfigError as error:
        yield from faults("configuration", error)
        return
    yield fine("configuration", f"{path} can be read, and so can the secrets it names.")
    yield from set_up_findings(settings)
    yield from _examine(settings, now, progress)


def _examine(settings: Settings, now: dt.datetime, progress: Watch | None) -> Iterator[Finding]:
    pack = None
    try:
        pack = load_pack(settings.rules.folder, settings.own_columns)
    except RuleError as error:
        yield from faults("rules", error)
    kept = ledger_findings(settings, now)
    if pack is not None:
        yield from pack_findings(pack, settings, kept.versions, now)
    yield from kept.findings
    looked = look_at_source(settings, pack, now, progress)
    yield from looked.findings
    if looked.records is not None:
        records = record_findings(looked.records, pack, settings, kept.last_checked, now)
        yield from records.findings
        if pack is not None:
            yield from rule_findings(pack, settings, looked.records, records.untrusted)
    yield from mail_findings(settings, looked.records)
