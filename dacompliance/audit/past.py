"""A past run as it was: its records, its rules, and the same judgement again. From the ledger alone; writes nothing."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
import sqlalchemy as sa

from dacompliance.audit.difference import IDENTITY, moved
from dacompliance.errors import LedgerError
from dacompliance.judging.checking import Checked, check
from dacompliance.ledger import history, runs
from dacompliance.ledger.rows import Rows, record_rows
from dacompliance.localtime import micros
from dacompliance.policy.files import load_pack
from dacompliance.policy.model import Pack
from dacompliance.records.contract import RECORD_SETS, Kind
from dacompliance.records.table import Records

JUDGED: Final = (runs.RuleState.CHECKED, runs.RuleState.SWITCHED_OFF)
"""The states of a rule that a replay comes to by itself. In any other a run left the rule alone, and so does a replay:
a set it rests on was not trusted, it was held, or a second look did not ask for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What a run was judged by, its records apart. `settings` are its settings as they were kept, without secrets."""

    run: runs.Run
    pack: Pack
    settings: Mapping[str, Any]

    @property
    def zone(self) -> ZoneInfo:
        """The force's zone in that run."""
        return ZoneInfo(self.settings["force"]["time_zone"])

    @property
    def untrusted(self) -> dict[str, str]:
        """The record sets whose gates failed, and why."""
        return {name: gate["why"] for name, gate in self.run.gates.items() if not gate["passed"]}

    @property
    def left_alone(self) -> dict[str, str]:
        """The rules that the run left alone, and why."""
        return {rule_id: each.why for rule_id, each in self.run.rules.items() if each.state not in JUDGED}

    def judge(self, records: Records) -> Checked:
        """Judge records by the run's rules as at the run's as-at; what it left alone is left out."""
        checked = check(records, self.pack, micros(self.run.as_at), self.zone, self.untrusted)
        return checked.hold(self.left_alone)


@dataclass(frozen=True, slots=True, eq=False)
class PastRun(Terms):
    """A run and what it was made with."""

    records: Records

    def judged_again(self) -> Checked:
        """Judge the run's own records."""
        return self.judge(self.records)


def past_run(connection: sa.Connection, run_id: int, rows: Mapping[str, Rows] | None = None) -> PastRun:
    """Return a run with its records, rules and settings as they were. Raises LedgerError where one was not kept.

    `rows` are those of its records, where they were read already.
    """
    terms = past_terms(connection, run_id)
    kept = record_rows(connection, run_id) if rows is None else rows
    return PastRun(terms.run, terms.pack, terms.settings, history.records_of(connection, run_id, kept))


def past_terms(connection: sa.Connection, run_id: int) -> Terms:
    """Return what a run was judged by, its records apart. Raises LedgerError where it was not kept."""
    return Terms(runs.run(connection, run_id), *past_pack(connection, run_id))


def past_pack(connection: sa.Connection, run_id: int) -> tuple[Pack, Mapping[str, Any]]:
    """Return the rules and settings of a run as they were. Raises LedgerError where one was not kept."""
    texts = {each.name: each.body for each in runs.documents(connection, run_id, "rules")}
    kept = runs.documents(connection, run_id, "settings")
    if not texts or not kept:
        raise LedgerError(f"ledger: run {run_id} kept no rules or no settings, so it cannot be judged again.")
    settings = json.loads(kept[0].body)
    return pack_of(texts, settings), settings


def pack_of(texts: Mapping[str, str], settings: Mapping[str, Any]) -> Pack:
    """Read rule files as they were kept, from a folder laid out as theirs was."""
    own = {
        name: {column: Kind(kind) for column, kind in query["columns"].items()}
        for name, query in settings["records"].items()
        if name in RECORD_SETS and query is not None
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8", newline="")
        return load_pack(folder, own)


def differences(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return the rules and items on which two verdict frames differ in anything they say (`difference.moved`)."""
    return moved(one, other)[list(IDENTITY)]
