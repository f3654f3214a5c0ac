"""What the keeper of the data is told each morning: what to mend, by record set and column, with keys. Pure.

Keys, columns and our own words only: never what stands in a cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import groupby
from typing import Final

import pandas as pd

from dacompliance.exceptions.faults import DataFault, by_weight, data_faults, to_mend
from dacompliance.exceptions.meanings import HEADINGS
from dacompliance.exceptions.model import Reader
from dacompliance.exceptions.words import day
from dacompliance.notices import prose, words
from dacompliance.notices.cases import Cases
from dacompliance.notices.model import Aside, Digest, FaultListing, FaultRow, House, RunFacts
from dacompliance.records.table import FINDING_COLUMNS

Line = tuple[str, str, str, str]
"""A finding: record set, key, column and what was found."""

_NO_CASES: Final = Cases((), (), ())


def compose_quality(
    reader: Reader,
    findings: pd.DataFrame,
    earlier: pd.DataFrame | None,
    waiting: int,
    facts: RunFacts,
    house: House,
) -> Digest:
    """Make the data-quality digest: findings grouped by column and kind, worst first, and within it what is new first.

    `earlier` are the findings of the run the reader was last told of, None for the first list: new is what is not among
    them. `waiting` is how many exceptions of others cannot be judged for want of a mend. At most `house.max_rows` keys
    are shown in all, new ones first; the rest is counted. What needs no mend is only counted.
    """
    new = _new(findings, earlier)
    faults = data_faults(findings, most=len(findings))
    wrong = [fault for fault in faults if fault.meaning.weight != "noted"]
    number = sum(fault.count for fault in wrong)
    kinds = {_of(fault) for fault in wrong}
    fresh = sum(_what(line) in kinds for line in new.elements())
    marking, today = words.plain(house.marking), day(facts.local_date)
    headline = f"{number:,} to mend" if number else "nothing to mend"
    tally = f"{headline}, {fresh:,} new" if fresh and earlier is not None else headline
    return Digest(
        kind="data_quality",
        reader_key=reader.key,
        job=facts.job,
        local_date=facts.local_date,
        marking=marking,
        subject=f"{marking} - DA checks {today} - {words.plain(reader.title, 60)}: {tally}",
        preheader=f"{words.count(waiting, 'exception')} cannot be judged until this is mended."
        if waiting
        else headline,
        heading=f"{words.plain(reader.title, 60)}: {headline}",
        dateline=f"{words.plain(house.force)}, domestic abuse checks, {today} {facts.local_date.year}",
        important=False,
        warnings=tuple(prose.warnings(_NO_CASES, facts, Aside())),
        summary=tuple(_summary(faults, fresh if earlier is not None else None, waiting)),
        trust=tuple(prose.trust(replace(facts, set_aside=0, unreadable=0))),  # the summary says these
        left_out=tuple(prose.left_out(replace(facts, backlog=0), Aside())),
        listings=(),
        full_list=words.plain(house.full_list, 300),
        still_open=None,
        closed_heading="",
        closed=(),
        progress=(),
        policy_contact=house.policy_contact or "",
        foot=tuple(prose.foot(words.plain(reader.title, 60), facts, rehearsal=house.rehearsal)),
        faults=tuple(_listings(wrong, new if earlier is not None else Counter(), house.max_rows)),
    )


def _new(findings: pd.DataFrame, earlier: pd.DataFrame | None) -> Counter[Line]:
    """Return the findings that were not there before, each as often as it is new."""
    return Counter(_lines(findings)) - Counter([] if earlier is None else _lines(earlier))


def _lines(findings: pd.DataFrame) -> Iterator[Line]:
    return findings[list(FINDING_COLUMNS)].itertuples(index=False, name=None)


def _what(line: Line) -> tuple[str, str, str]:
    return line[0], line[2], line[3]


def _of(fault: DataFault) -> tuple[str, str, str]:
    return fault.record_set, fault.column, fault.finding.value


def _summary(faults: Sequence[DataFault], fresh: int | None, waiting: int) -> Iterator[str]:
    """Yield what there is to mend, what is new, who waits for it, and what was only noted."""
    found = to_mend(faults)
    yield f"To mend: {found}." if found else "Nothing to mend: no row was set aside, and every cell could be read."
    if found and fresh is not None:
        yield f"{fresh:,} of these are new since your last list." if fresh else "None of these is new."
    if waiting:
        exceptions = words.count(waiting, "open exception")
        yield f"{exceptions} cannot be judged by anybody until a cell or a row here is mended."
    if noted := by_weight(faults)["noted"]:
        yield f"{words.count(noted, 'cell or row was', 'cells or rows were')} read and noted, which need no mend."


def _listings(faults: Sequence[DataFault], new: Counter[Line], most: int) -> Iterator[FaultListing]:
    """Yield the listings in order; of the `most` keys each row takes what is left, but one for each row after it."""
    fresh: dict[tuple[str, str, str], Counter[str]] = {}
    for line, times in new.items():
        fresh.setdefault(_what(line), Counter())[line[1]] += times
    left, waiting = most, len(faults)
    for weight, group in groupby(faults, key=lambda fault: fault.meaning.weight):
        heading, lead = HEADINGS[weight]
        found = sorted(group, key=lambda fault: _of(fault) not in fresh)
        rows = []
        for fault in found[:most]:
            waiting -= 1
            row, taken = _row(fault, fresh.get(_of(fault), Counter()), max(left - waiting, min(left, 1)))
            left -= taken
            rows.append(row)
        total = sum(fault.count for fault in found)
        yield FaultListing(heading, lead, total, tuple(rows), max(len(found) - most, 0))


def _row(fault: DataFault, fresh: Counter[str], left: int) -> tuple[FaultRow, int]:
    """Return a fault as a row, with as many keys as are left, new ones first; and how many those are."""
    keys = _in_order(fault.refs, fresh.keys())[:left]
    one = "cell" if fault.meaning.weight == "unreadable" else "row"
    return (
        FaultRow(
            where=words.plain(f"{fault.record_set}.{fault.column}" if fault.column else fault.record_set, 60),
            number=words.count(fault.count, one),
            label=f"{fresh.total():,} NEW" if fresh else "",
            what=str(fault.finding),
            mend=f"{fault.meaning.effect} {fault.meaning.mend}",
            keys=", ".join(words.plain(key, 40) for key in keys),
            more=fault.keys - len(keys),
        ),
        len(keys),
    )


def _in_order(keys: Sequence[str], fresh: AbstractSet[str]) -> list[str]:
    return sorted(keys, key=lambda key: (key not in fresh, key))
