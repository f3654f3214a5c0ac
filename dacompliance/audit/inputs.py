"""What two judgements were made by, input by input, and one by any mixture of the two: what of it moved a verdict.

An input is the records, the rules, the calendar (with the bank holidays) or the settings (the zone, and which columns
are mapped). No verdict depends on another incident's, so only the incidents of verdicts that moved are judged again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dacompliance.audit.causes import CALENDAR_FILES, Cause, Identity, smallest
from dacompliance.audit.difference import IDENTITY, moved
from dacompliance.audit.past import PastRun, pack_of
from dacompliance.errors import RuleError
from dacompliance.judging.checking import check
from dacompliance.judging.verdicts import COLUMNS
from dacompliance.localtime import micros
from dacompliance.policy.model import Pack
from dacompliance.records.table import Records, Table, empty_column

INPUTS: Final = (Cause.RECORDS, Cause.RULES, Cause.CALENDAR, Cause.SETTINGS)
_OF_PACK: Final = frozenset({Cause.RULES, Cause.CALENDAR, Cause.SETTINGS})


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What a judgement was made by: as at when, by which rules, settings (as they are kept) and records."""

    as_at: dt.datetime
    pack: Pack
    settings: Mapping[str, Any]
    records: Records

    @classmethod
    def of(cls, past: PastRun) -> Inputs:
        """Return what a past run was judged by."""
        return cls(past.run.as_at, past.pack, past.settings, past.records)

    @property
    def zone(self) -> ZoneInfo:
        """The force's zone."""
        return ZoneInfo(self.settings["force"]["time_zone"])


def why(
    before: Inputs, after: Inputs, wanted: Mapping[Identity, str], target: pd.DataFrame
) -> dict[Identity, tuple[Cause, ...]]:
    """Return why verdicts moved from one judgement to another: the fewest inputs that do it, time where none is needed.

    `wanted` gives the incident of each; `target` are the verdicts of the later judgement.
    """
    if not wanted:
        return {}
    mixing = Mixing(before, after, frozenset(wanted.values()))
    there = _only(target, wanted.keys())

    def agree(some: Collection[Cause]) -> frozenset[Identity]:
        return agreeing(mixing.frame(some), there, wanted.keys())

    found = smallest(mixing.differing(), wanted.keys(), agree)
    return {each: found.get(each, ()) or (Cause.TIME,) for each in wanted}


@dataclass(frozen=True, slots=True, eq=False)
class Mixing:
    """Two judgements of which some incidents are judged by any mixture of inputs, always as at the later's instant."""

    before: Inputs
    after: Inputs
    incidents: frozenset[str]
    _packs: dict[frozenset[Cause], Pack | None] = field(default_factory=dict)

    def differing(self) -> tuple[Cause, ...]:
        """Return the inputs in which the judgements differ at all."""
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
        checked = check(records, pack, micros(self.after.as_at), named.zone, {})
        return checked.frame()

    def _pack(self, new: frozenset[Cause]) -> Pack | None:
        differing = _OF_PACK.intersection(self.differing())
        wanted = new & differing
        if wanted == differing:
            return self.after.pack
        if not wanted:
            return self.before.pack
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


def _settings(one: Inputs) -> tuple[object, object]:
    """Return what of the settings can move a verdict: the zone, and how records are read."""
    return one.settings["force"]["time_zone"], one.settings["records"]


def _texts(one: Inputs, cause: Cause) -> dict[str, str]:
    calendar = cause is Cause.CALENDAR
    return {name: text for name, text in one.pack.texts.items() if (name in CALENDAR_FILES) == calendar}


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
    frame = frame.loc[frame["item_ref"].isin({item_ref for _, item_ref in keys}), list(COLUMNS)]
    here = [pair in keys for pair in zip(frame["rule_id"], frame["item_ref"], strict=True)]
    return frame.loc[here].reset_index(drop=True)
