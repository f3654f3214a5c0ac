"""The rules: whether a run would take them, which are off and why, destinations nobody knows, calendars that end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from dacompliance.config import Settings
from dacompliance.doctor.model import Finding, fault, faults, fine, warning
from dacompliance.errors import ConfigError, RuleError
from dacompliance.judging.checking import statuses
from dacompliance.policy.advice import ending_calendars, unknown_destinations
from dacompliance.policy.model import Pack
from dacompliance.records.table import Records, mapped_columns
from dacompliance.run.refusing import refuse_edited, refuse_unmeasurable


def pack_findings(
    pack: Pack, settings: Settings, ran: Mapping[tuple[str, str], str], now: dt.datetime
) -> Iterator[Finding]:
    """Yield what can be said of the rules without the records; `ran` is what versions said when they were last run."""
    chased = sum(rule.chase for rule in pack.rules)
    whose = "the bundled pack" if settings.rules.folder is None else "the force's own pack"
    yield fine("rules", f"{len(pack.rules)} rules can be read from {whose}, {chased} of them chased.")
    try:
        refuse_edited(pack, ran)
        refuse_unmeasurable(pack, settings)
    except (RuleError, ConfigError) as error:
        yield from faults("rules", error)
    for line in ending_calendars(pack, now.astimezone(settings.zone).date()):
        yield warning("rules", line)
    without = [rule.id for rule in pack.rules if any(version.approved is None for version in rule.versions)]
    if without:
        yield warning(
            "rules",
            f"{len(without)} rules have a version that nobody has approved, and everything they say is labelled "
            f"bundled default, not force policy: {', '.join(without)}. Whoever may, adds approved to them.",
        )


def rule_findings(pack: Pack, settings: Settings, records: Records, untrusted: Mapping[str, str]) -> Iterator[Finding]:
    """Yield which rules a check would run on these records, each that it would not with why, and slips in the rules."""
    status = statuses(pack, mapped_columns(records), untrusted)
    on = sum(each.state == "checked" for each in status.values())
    if on:
        yield fine("rules", f"{on} of {len(pack.rules)} would be checked.")
    else:
        yield fault("rules", "no rule would be checked, so a check would say nothing. Mend what is named below.")
    for rule_id, each in status.items():
        if each.state == "switched_off":
            yield warning(
                "rules", f"{rule_id} is off: {each.why}. Map what it names, or take the rule out of the pack."
            )
    if waiting := [rule_id for rule_id, each in status.items() if each.state == "not_checked"]:
        yield warning(
            "rules",
            f"{len(waiting)} of {len(pack.rules)} would not be checked now, because they rest on records not to be "
            f"trusted: {', '.join(waiting)}. Their exceptions stay as they are until then.",
        )
    known = {*settings.rules.destinations, *records.referrals.get("destination").words}
    for line in unknown_destinations(pack, known):
        yield warning("rules", line)
