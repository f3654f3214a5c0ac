"""Records from what a pull brought (semantics §2): children matched to incidents, and all that was amiss. Pure.

Every row that takes no part and every cell that could not be read is a finding: its record set, key and column, and
never its value. Tables stand in order of key and findings in order too, so the order in which rows came is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import compress

import numpy as np
import pandas as pd

from dacompliance.records.answers import FINGERPRINT
from dacompliance.records.batch import Batch, compact, join_columns
from dacompliance.records.cells import mask_or_none
from dacompliance.records.contract import RECORD_SETS, Finding, Kind
from dacompliance.records.sifting import Sifted, sift, with_notes
from dacompliance.records.table import BoolArray, Column, Records, Table, TextArray, empty_table


def records(batches: Mapping[str, Batch], known_to: Mapping[str, int], now: int) -> Records:
    """Return the records of a pull, each table in order of key, with everything that was found amiss.

    `batches` holds the record sets that have a query, their answers already counted; `known_to` to when each is known,
    `now` standing in where that could not be said.
    """
    sets = {name: sift(RECORD_SETS[name], batch, known_to.get(name, now)) for name, batch in batches.items()}
    incidents = sets["incidents"]
    for name in ("assessments", "referrals"):
        if name in sets:
            sets[name] = match(sets[name], incidents)
    if "referrals" in sets:
        sets["referrals"] = referred_when_received(sets["referrals"])
    tables = {name: table(each) for name, each in sets.items()}
    flags = {f"{name}_set_aside": _flag(tables["incidents"], sets.get(name)) for name in ("assessments", "referrals")}
    tables["incidents"] = with_occurrence(tables["incidents"]).with_columns(flags)
    return Records(
        **{name: tables.get(name, empty_table()) for name in RECORD_SETS},
        known_to=dict(known_to),
        findings=findings(sets.values()),
    )


def match(children: Sifted, incidents: Sifted) -> Sifted:
    """Return the children without those whose incident does not exist or is set aside."""
    refs, keys = children.column("incident_ref"), incidents.key
    places = pd.Index(keys.words, dtype="object").get_indexer(pd.Index(refs.words, dtype="object"))
    place = np.append(places, -1)[np.where(refs.present, refs.values, len(refs.words))]
    kept, aside = (_holding(keys, rows)[place] for rows in (incidents.kept, incidents.aside))
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


def _flag(incidents: Table, children: Sifted | None) -> Column:
    """Return yes for each incident of which a child was set aside for a fault of its own."""
    flagged = np.zeros(len(incidents), dtype=np.int64)
    if children is not None and children.aside.any():
        refs = children.column("incident_ref")
        lost = list(compress(refs.words, _holding(refs, children.aside)))
        flagged[pd.Index(incidents.keys).isin(lost)] = 1
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


def table(sifted: Sifted) -> Table:
    """Return the kept rows in order of key."""
    rows = np.flatnonzero(sifted.kept)
    rows = rows[np.argsort(sifted.key.values[rows], kind="stable")]  # words stand in order of code point
    columns = {name: compact(column.take(rows)) for name, column in sifted.batch.columns.items() if name != FINGERPRINT}
    return Table(columns[sifted.record_set.key].text(), columns)


def findings(sets: Iterable[Sifted]) -> pd.DataFrame:
    """Return everything that was noted, a row a cell or record, by record set, key, column and finding."""
    parts = [_findings(each) for each in sorted(sets, key=lambda each: each.record_set.name)]
    texts = [np.concatenate(part) for part in zip(*parts, strict=True)]
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
    keys = np.array([*key.words, ""], dtype=object)[np.where(key.present, key.values, len(key.words))]
    name = np.full(len(rows), sifted.record_set.name, dtype=object)
    return name, keys[order], columns[note][order], words[note][order]
