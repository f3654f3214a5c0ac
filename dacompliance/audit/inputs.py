"""What two runs were judged by, input by input, and a judgement by any mixture of the two: what of it moved a verdict.

An input is the records, the rules, the calendar (with the bank holidays) or the settings (the zone, and which columns
are mapped). No verdict depends on another incident's, so only the incidents of verdicts that moved are judged again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from dacompliance.audit.causes import CALENDAR_FILES, Cause, Identity
from dacompliance.audit.difference import IDENTITY, moved
from dacompliance.audit.past import PastRun, pack_of
from dacompliance.errors import RuleError
from dacompliance.judging.checking import check
from dacompliance.judging.verdicts import COLUMNS
from dacompliance.ledger.tables import micros
from dacompliance.policy.model import Pack
from dacompliance.records.table import Records, Table, empty_column

INPUTS: Final = (Cause.RECORDS, Cause.RULES, Cause.CALENDAR, Cause.SETTINGS)


@dataclass(frozen=True, slots=True, eq=False)
class Mixing:
    """Two runs of which some incidents are judged by any mixture of inputs, always as at the later run's instant."""

    before: PastRun
    after: PastRun
    incidents: frozenset[str]
    _packs: dict[frozenset[Cause], Pack | None] = field(default_factory=dict)

    def differing(self) -> tuple[Cause, ...]:
        """Return the inputs in which the runs differ at all."""
        return tuple(cause for cause in INPUTS if self._differs(cause))

    def _differs(self, cause: Cause) -> bool:
        one, other = self.before, self.after
        if cause is Cause.RECORDS:
            return True
        if cause is Cause.SETTINGS:
            return _settings(one) != _settings(other)
        return _texts(one, cause) != _texts(other, cause)

    def frame(self, new: Collection[Cause]) -> pd.DataFrame | None:
        """Return what the incidents' verdicts are by the later run's inputs `new` and the earlier one's others.

        None where there can be no such mixture: a rule of one pack names a calendar the other does not have.
        """
        pack = self._pack(frozenset(new))
        if pack is None:
            return None
        named = self.after if Cause.SETTINGS in new else self.before
        records = self._records(new)
        checked = check(records, pack, micros(self.after.run.as_at), named.zone, {})
        return checked.frame()

    def _pack(self, new: frozenset[Cause]) -> Pack | None:
        wanted = new & {Cause.RULES, Cause.CALENDAR, Cause.SETTINGS}
        if wanted not in self._packs:
            rules = _texts(self.after if Cause.RULES in new else self.before, Cause.RULES)
            calendar = _texts(self.after if Cause.CALENDAR in new else self.before, Cause.CALENDAR)
            try:
                self._packs[wanted] = pack_of({**rules, **calendar}, self._settings_of(new))
            except RuleError:
                self._packs[wanted] = None
        return self._packs[wanted]

    def _settings_of(self, new: Collection[Cause]) -> Mapping[str, Any]:
        """Return the settings rules are read by; a rule of the later pack may name a column only those declare."""
        late = Cause.SETTINGS in new or Cause.RULES in new
        return (self.after if late else self.before).settings

    def _records(self, new: Collection[Cause]) -> Records:
        """Return the incidents' records of one run, with the columns that the mixture's settings or rules bring."""
        whose, other = (self.after, self.before) if Cause.RECORDS in new else (self.before, self.after)
        brings = Cause.SETTINGS if self._differs(Cause.SETTINGS) else Cause.RULES
        columns_of = self.after if brings in new else self.before

        def shaped(name: str) -> Table:
            mine = _of(whose.records.table(name), self.incidents)
            return _shaped(mine, other.records.table(name), columns_of.records.table(name))

        return replace(
            whose.records,
            incidents=shaped("incidents"),
            assessments=shaped("assessments"),
            referrals=shaped("referrals"),
            staff=shaped("staff"),
        )


def _settings(run: PastRun) -> tuple[object, object]:
    """Return what of the settings can move a verdict: the zone, and how records are read."""
    return run.settings["force"]["time_zone"], run.settings["records"]


def _texts(run: PastRun, cause: Cause) -> dict[str, str]:
    calendar = cause is Cause.CALENDAR
    return {name: text for name, text in run.pack.texts.items() if (name in CALENDAR_FILES) == calendar}


def _of(table: Table, incidents: frozenset[str]) -> Table:
    """Return the rows of some incidents; of a table that has no incidents, all of them."""
    if "incident_ref" not in table.columns:
        return table
    refs = table.columns["incident_ref"].text()
    return table.where(np.array([ref in incidents for ref in refs], dtype=bool))


def _shaped(table: Table, other: Table, like: Table) -> Table:
    """Return a table with the columns of `like`; one it did not keep says what `other` has of the same key."""
    columns = {}
    for name, column in like.columns.items():
        if name in table.columns:
            columns[name] = table.columns[name]
        elif name in other.columns:
            rows = pd.Index(other.keys).get_indexer(pd.Index(table.keys))
            columns[name] = other.columns[name].take(np.asarray(rows, dtype=np.int64))
        else:
            columns[name] = empty_column(column.kind, len(table))
    return Table(table.keys, columns)


def agreeing(frame: pd.DataFrame | None, target: pd.DataFrame, wanted: Collection[Identity]) -> frozenset[Identity]:
    """Return those of the wanted verdicts that a frame says as the target does."""
    if frame is None:
        return frozenset()
    keys = set(wanted)
    one, other = (_only(each, keys) for each in (frame, target))
    apart = set(moved(one, other)[list(IDENTITY)].itertuples(index=False, name=None))
    return frozenset(keys - apart)


def _only(frame: pd.DataFrame, keys: Collection[Identity]) -> pd.DataFrame:
    here = [pair in keys for pair in zip(frame["rule_id"], frame["item_ref"], strict=True)]
    return frame.loc[here, list(COLUMNS)].reset_index(drop=True)
