"""The records as the doctor finds them: to when they are known, whether a check would trust them, what cannot be read.

Counts by record set, column and class; never a cell.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from dacompliance.config import Settings
from dacompliance.doctor.model import Finding, faults, fine, warning
from dacompliance.errors import SourceError
from dacompliance.exceptions.faults import DataFault, data_faults, quality_list, to_mend, unlisted
from dacompliance.ledger import runs
from dacompliance.localtime import instant
from dacompliance.notices.words import count
from dacompliance.policy.model import Pack
from dacompliance.records.contract import WORDS
from dacompliance.records.contract import Finding as Found
from dacompliance.records.gates import Gate, brought_by, examine, refuse_nothing
from dacompliance.records.table import Records


@dataclass(frozen=True, slots=True)
class RecordsFound:
    """What was found of the records, and which sets a check would not trust, each with why."""

    findings: tuple[Finding, ...]
    untrusted: Mapping[str, str]


def record_findings(
    records: Records, pack: Pack | None, settings: Settings, last: runs.Run | None, now: dt.datetime
) -> RecordsFound:
    """Say what a check would find in these records before it judges any of them."""
    brought = brought_by(records)
    gates = examine(brought, settings.gates, now, last)
    found = [*_gates(gates, settings), *_coverage(records), *_unmet(records, settings)]
    if last is None:
        try:
            refuse_nothing(brought, settings.source.records_from)
        except SourceError as error:
            found += faults("records", error)
    listed = (
        records.findings
        if pack is None
        else quality_list(records.findings, unlisted(records, pack, settings.rules.destinations))
    )
    found += _quality(data_faults(listed))
    return RecordsFound(tuple(found), {name: gate.why for name, gate in gates.items() if not gate.passed})


def _gates(gates: Mapping[str, Gate], settings: Settings) -> Iterator[Finding]:
    for name, gate in gates.items():
        known = (
            "to no instant"
            if gate.known_to is None
            else f"to {instant(gate.known_to).astimezone(settings.zone):%Y-%m-%d %H:%M}"
        )
        if gate.passed:
            yield fine("records", f"{name} are known {known}.")
        else:
            yield warning(
                "records",
                f"{name} {gate.why} (known {known}), so rules that rest on them would not be checked. See that the "
                f"copy is loaded, and that records.{name}.known_to says the truth.",
            )


def _coverage(records: Records) -> Iterator[Finding]:
    """Yield how far the value maps reach: of each column, how many cells hold a word that none names, by class."""
    unknown: dict[tuple[str, str], Counter[str]] = {}
    for fault in data_faults(records.findings, most=0):
        if fault.finding.is_unknown:
            unknown.setdefault((fault.record_set, fault.column), Counter())[_class(fault)] += fault.count
    for (record_set, column), classes in sorted(unknown.items()):
        each = "; ".join(f"a {kind}: {count:,}" for kind, count in classes.most_common())
        yield warning(
            "records",
            f"{record_set}.{column}: {_of(classes.total(), records, record_set, column)} what no map names ({each}). "
            f"A test on them is unknown. Complete records.{record_set}.values.{column}, or correct the records.",
        )
    if not unknown:
        mapped = sum(each.kind in WORDS for name in records.known_to for each in records.table(name).columns.values())
        yield fine("records", f"value maps: every word of {mapped} columns of fixed words is known.")


def _unmet(records: Records, settings: Settings) -> Iterator[Finding]:
    """Yield the words that a value map gives and no cell holds: rightly so of a rare word, or the map has a slip."""
    unmet = []
    for record_set, query in settings.records.mapped():
        columns = records.table(record_set).columns
        for name in sorted(set(query.values) & set(columns)):
            words = set(query.values[name].values()) - {"", *columns[name].words}
            unmet += [f"{record_set}.{name} {word}" for word in sorted(words)]
    if unmet:
        yield fine(
            "records",
            f"value maps: no cell holds {', '.join(unmet)}. Rightly so of what is rare; see that each entry is "
            "written as the database writes it.",
        )


def _class(fault: DataFault) -> str:
    """Return the class of an unknown word: what stands between `unreadable: a` and `that is neither`."""
    return str(fault.finding).removeprefix("unreadable: a ").partition(" that is neither")[0]


def _of(number: int, records: Records, record_set: str, column: str) -> str:
    """Return `4 of 120 cells hold`; of an answer, which is kept as a count only, just how many."""
    found = records.table(record_set).columns.get(column)
    if found is None:
        return f"{number:,} cells hold"
    return f"{number:,} of {number + int(np.count_nonzero(found.present)):,} cells hold"


def _quality(faults_found: list[DataFault]) -> Iterator[Finding]:
    if found := to_mend(faults_found):
        yield warning(
            "records",
            f"to mend: {found}. What rests on them cannot be judged. After a check, `dacompliance report` lists each "
            "in data-quality.csv, with its mend.",
        )
    else:
        yield fine("records", "no row would be set aside, and every cell can be read.")
    for fault in faults_found:
        if fault.finding in (Found.UNLISTED_DESTINATION, Found.UNLISTED_INSTRUMENT):
            yield warning(
                "records",
                f"{fault.record_set}.{fault.column}: {count(fault.count, 'row')} with {fault.finding}. "
                f"{fault.meaning.effect} {fault.meaning.mend}",
            )
