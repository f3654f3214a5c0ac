"""Records from what a pull brought (semantics §2): children matched to incidents, and all that was amiss. Pure.

Every row that takes no part and every cell that could not be read is a finding: its record set, key and column, and
never its value. Tables stand in order of key and findings in order too, so the order in which rows came is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import compress
from typing import Final

import numpy as np
import pandas as pd

from dacompliance.records.answers import FINGERPRINT
from dacompliance.records.batch import Batch, compact, join_columns, recoded
from dacompliance.records.cells import mask_or_none
from dacompliance.records.contract import RECORD_SETS, Finding, Kind
from dacompliance.records.sifting import Sifted, sift, with_notes
from dacompliance.records.table import MISSING, BoolArray, Column, Records, Table, TextArray, empty_table, places_of

CHILDREN: Final = ("assessments", "referrals")


@dataclass(frozen=True, slots=True, eq=False)
class Parents:
    """The incidents' references, in order, and of each whether some row of it is kept, and some set aside."""

    words: TextArray
    kept: BoolArray
    aside: BoolArray

    @classmethod
    def of(cls, incidents: Sifted) -> Parents:
        """Take them from the incidents."""
        key = incidents.key
        return cls(np.array(key.words, dtype=object), _holding(key, incidents.kept), _holding(key, incidents.aside))


@dataclass(frozen=True, slots=True, eq=False)
class Cleaned:
    """One record set done with: its table in order of key, what was found amiss, and what the others must know of it.

    `known_to` is in microseconds UTC, None where nothing says it. `lost` are the incidents whose row was set aside for
    a fault of its own.
    """

    table: Table
    findings: tuple[TextArray, ...]
    known_to: int | None
    parents: Parents | None
    lost: Sequence[str]


def clean(
    name: str,
    batch: Batch,
    told: int | None,
    now: int,
    parents: Parents | None,
    torn: AbstractSet[str] = frozenset(),
) -> Cleaned:
    """Return a record set as it is kept, its answers already counted.

    `told` says to when it is known, None: to its newest time; `now` stands in where it has none. `parents` are the
    incidents, for the sets of their children; `torn` keys as of `sift`. A caller that keeps no `batch` holds no column
    twice: each is let go of as its rows are taken.
    """
    known_to = newest(batch, now) if told is None else told
    sifted = sift(RECORD_SETS[name], batch, now if known_to is None else known_to, torn)
    del batch
    if name in CHILDREN and parents is not None:
        sifted = match(sifted, parents)
    if name == "referrals":
        sifted = referred_when_received(sifted)
    own = Parents.of(sifted) if name == "incidents" else None
    found, lost = _findings(sifted), _lost(sifted) if name in CHILDREN else ()
    key, kept, columns = sifted.record_set.key, sifted.kept, dict(sifted.batch.columns)
    del sifted
    made = table(key, kept, columns)
    return Cleaned(with_occurrence(made) if name == "incidents" else made, found, known_to, own, lost)


def records(sets: Mapping[str, Cleaned]) -> Records:
    """Return the records of a pull, the sets by name, with everything that was found amiss."""
    tables = {name: each.table for name, each in sets.items()}
    lost = {name: sets[name].lost if name in sets else () for name in CHILDREN}
    flags = {f"{name}_set_aside": _flag(tables["incidents"], refs) for name, refs in lost.items()}
    tables["incidents"] = tables["incidents"].with_columns(flags)
    return Records(
        **{name: tables.get(name, empty_table()) for name in RECORD_SETS},
        known_to={name: each.known_to for name, each in sets.items() if each.known_to is not None},
        findings=findings({name: each.findings for name, each in sets.items()}),
    )


def newest(batch: Batch, now: int) -> int | None:
    """Return the newest time recorded in a batch not after `now`, the days on which staff left apart."""
    times = [column.values for name, column in batch.columns.items() if column.kind.is_time and name != "left_on"]
    past = [int(values.max(where=values <= now, initial=MISSING)) for values in times]
    found = max(past, default=MISSING)
    return None if found == MISSING else found


def match(children: Sifted, parents: Parents) -> Sifted:
    """Return the children without those whose incident does not exist or is set aside."""
    refs = children.column("incident_ref")
    place = recoded(refs, places_of(refs.words, parents.words))
    place[place == MISSING] = -1
    kept, aside = parents.kept[place], parents.aside[place]
    masks = {Finding.UNMATCHED: ~kept & ~aside, Finding.PARENT_SET_ASIDE: ~kept & aside}
    return children.dropping(
        {("incident_ref", finding): np.flatnonzero(mask & children.kept) for finding, mask in masks.items()}
    )


def _holding(column: Column, rows: BoolArray) -> BoolArray:
    """Say of each of a column's words whether some of the rows holds it; and, last, no of the word that is none."""
    held = np.zeros(len(column.words) + 1, dtype=bool)
    held[column.values[rows & column.present]] = True
    return held


def referred_when_received(referrals: Sifted) -> Sifted:
    """Return the referrals with those received but not readably referred as referred when received, and noted."""
    referred, received = referrals.column("referred_at", Kind.INSTANT), referrals.column("received_at", Kind.INSTANT)
    rows = referrals.kept & received.present & ~referred.present
    if "referred_at" not in referrals.batch.columns or not rows.any():
        return referrals
    column = Column(
        Kind.INSTANT,
        np.where(rows, received.values, referred.values),
        (),
        mask_or_none(referred.unread & ~rows),
        mask_or_none(np.where(rows, received.days, referred.days)),
    )
    batch = replace(referrals.batch, columns={**referrals.batch.columns, "referred_at": column})
    noted = {("referred_at", Finding.RECEIVED_AS_REFERRED): np.flatnonzero(rows)}
    return replace(referrals, batch=with_notes(batch, noted))


def _lost(children: Sifted) -> list[str]:
    """Return the references of the incidents of which a child was set aside for a fault of its own."""
    refs = children.column("incident_ref")
    return list(compress(refs.words, _holding(refs, children.aside)))


def _flag(incidents: Table, lost: Sequence[str]) -> Column:
    """Return yes for each incident that lost a child."""
    flagged = np.zeros(len(incidents), dtype=np.int64)
    places = places_of(lost, incidents.keys)
    flagged[places[places >= 0]] = 1
    return compact(Column(Kind.YES_NO, flagged, ("no", "yes")))


def with_occurrence(incidents: Table) -> Table:
    """Return the incidents with their own reference for an occurrence reference they lack."""
    own = incidents.columns["incident_ref"]
    occurrence = incidents.columns.get("occurrence_ref")
    if occurrence is None:
        return incidents.with_columns({"occurrence_ref": own})
    lacking = ~occurrence.present & ~occurrence.unread
    if not lacking.any():
        return incidents
    size = len(incidents)
    both = join_columns([occurrence, own])
    rows = np.arange(size) + np.where(lacking, size, 0)
    return incidents.with_columns({"occurrence_ref": compact(both.take(rows))})


def table(key: str, kept: BoolArray, columns: MutableMapping[str, Column]) -> Table:
    """Return the kept rows, which are in order of key; `columns` is emptied on the way, one for each that is taken."""
    columns.pop(FINGERPRINT, None)
    rows = None if kept.all() else np.flatnonzero(kept)
    taken = {}
    for name in list(columns):
        column = columns.pop(name)
        taken[name] = compact(column if rows is None else column.take(rows))
    return Table(np.array(taken[key].words, dtype=object), taken)  # each key once


def findings(parts: Mapping[str, tuple[TextArray, ...]]) -> pd.DataFrame:
    """Return everything that was noted, a row a cell or record, by record set, key, column and finding."""
    texts = [np.concatenate(part) for part in zip(*(parts[name] for name in sorted(parts)), strict=True)]
    names = ("record_set", "key", "column", "finding")
    return pd.DataFrame({name: pd.Series(text, dtype="str") for name, text in zip(names, texts, strict=True)})


def _findings(sifted: Sifted) -> tuple[TextArray, TextArray, TextArray, TextArray]:
    noted = sorted(sifted.batch.noted.items())
    sizes = [len(rows) for _, rows in noted]
    rows = np.concatenate([np.array([], dtype=np.int64), *(rows for _, rows in noted)])
    key = sifted.key.take(rows)
    note = np.repeat(np.arange(len(noted)), sizes)
    order = np.lexsort((note, key.values))  # a missing key is the smallest, as empty text is
    columns = np.array([column for (column, _), _ in noted], dtype=object)
    words = np.array([finding.value for (_, finding), _ in noted], dtype=object)
    keys = np.array([key.words[at] if at >= 0 else "" for at in key.values.tolist()], dtype=object)
    name = np.full(len(rows), sifted.record_set.name, dtype=object)
    return name, keys[order], columns[note][order], words[note][order]
