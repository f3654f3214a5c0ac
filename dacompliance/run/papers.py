"""What a run keeps beside its findings: the texts it was made with, and which columns of the records it rests on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from dacompliance.config import Settings
from dacompliance.errors import MonitorError
from dacompliance.judging.checking import Status
from dacompliance.ledger.runs import Document, RuleState, RuleStatus
from dacompliance.policy.columns import Mapped, rests_on
from dacompliance.policy.model import Pack
from dacompliance.program import PROGRAM_KIND, program_text
from dacompliance.records.control import control_counts

SHOWN: Final = {
    "incidents": frozenset({"occurrence_ref", "area", "team", "officer_id", "supervisor_id", "excluded_reason"})
    | {"crime", "repeat_victim", "children_present", "no_assessment_reason", "reported_at"}
    | {"assessments_set_aside", "referrals_set_aside"},
    "assessments": frozenset({"incident_ref", "instrument", "submitted_at", "declined", "risk_grade", "final_grade"})
    | {"signed_off_at", "assessor_id", "answered_count", "yes_count", "not_known_count", "question_count"}
    | {"blank_questions"},
    "referrals": frozenset({"incident_ref", "destination", "referred_at", "received_at", "cancelled"}),
    "staff": frozenset({"email", "role", "team", "area", "manager_id", "left_on"}),
}
"""What routing and reports read, whatever the rules. A name is never among them: nobody is called by it."""


CONTROL_KIND: Final = "control"
"""The kind of the run's document that has another system's count by month."""


def kept_columns(pack: Pack, mapped: Mapped) -> dict[str, frozenset[str]]:
    """Return, by record set, the mapped columns that rules, routing or reports use: those record history keeps."""
    used = {name: set(columns) for name, columns in SHOWN.items()}
    for rule in pack.rules:
        for record_set, column in rests_on(rule, mapped):
            used[record_set].add(column)
    return {name: frozenset(columns & mapped[name]) for name, columns in used.items()}


def documents(pack: Pack, settings: Settings) -> tuple[Document, ...]:
    """Return what a run was made with: every file of the pack, the settings without any secret, and what judged it."""
    rules = [Document("rules", name, text) for name, text in sorted(pack.texts.items())]
    program = Document(PROGRAM_KIND, PROGRAM_KIND, program_text())
    return (*rules, Document("settings", "config", settings_text(settings)), program, *_control(settings))


def rule_statuses(status: Mapping[str, Status], said: Mapping[str, str]) -> dict[str, RuleStatus]:
    """Return what a run did with each rule, with the fingerprint of what it said, if anything."""
    return {
        rule_id: RuleStatus(RuleState(each.state), each.why, said.get(rule_id, "")) for rule_id, each in status.items()
    }


def _control(settings: Settings) -> Iterator[Document]:
    """Yield what another system counts by month, where one is asked; that it could not be asked stops no run."""
    control = settings.reports.control
    if control is None:
        return
    kept: dict[str, object] = {"name": control.name}
    try:
        kept["months"] = control_counts(settings, control)
    except MonitorError as error:
        kept["fault"] = str(error)
    yield Document(CONTROL_KIND, CONTROL_KIND, json.dumps(kept, sort_keys=True, ensure_ascii=False, indent=1))


def settings_text(settings: Settings) -> str:
    """Return the settings as canonical JSON, without secrets, database addresses or where things lie."""
    kept = settings.model_dump(
        mode="json", include={"force", "records", "rules", "gates", "readers", "mail", "schedule"}
    )
    kept["records_from"] = settings.source.records_from.isoformat()
    for part, names in {
        "rules": ["folder"],
        "mail": ["folder", "ca_file", "secret_env", "secret_file", "login"],
    }.items():
        for name in names:
            kept[part].pop(name, None)
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, indent=1)
