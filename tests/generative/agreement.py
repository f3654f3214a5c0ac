"""One case before both judges; where they differ, the least of it that still differs, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from dacompliance.policy.model import About
from tests.generative.cases import WHOSE, Case, judged, rule_and_version
from tests.generative.rules import ABOUTS, COLUMNS, TIMES
from tests.generative.tables import lines, plain_cells, world
from tests.generative.tally import Tally
from tests.plain.cells import Cell
from tests.plain.facts import Records, items
from tests.plain.judge import Verdict, written

NAMES: Final = {about: sorted({*COLUMNS[about], *TIMES[about]}) for about in ABOUTS}
"""What a rule of the suite can name: an item's own columns, its facts, its incident's."""


def agree(case: Case, tally: Tally, name: str = "") -> None:
    """Hold the fast judge to the plain one, every cell of every item and of every verdict, and count what was compared."""
    plain = judged(case)
    if differing := list(different_cells(case)):
        raise AssertionError("\n".join([name, *_setting(case), *differing[:10]]))
    if fast(case) != [written(verdict) for verdict in plain]:
        raise AssertionError("\n".join([name, *_setting(case), *difference(case, plain)]))
    tally.count(case, plain)


def fast(case: Case) -> list[tuple[str, ...]]:
    """Return the fast judge's lines of a case."""
    return lines(world(case.records, case.now, case.zone), case.rules, case.holidays, case.known)


def different_cells(case: Case) -> Iterator[str]:
    """Yield each cell of an item that the fast judge reads or makes otherwise than the plain one."""
    found = dict(_fast_items(case))
    plain = {(item.about, item.ref): item for item in items(case.records, case.now, case.zone)}
    if found.keys() != plain.keys():
        yield f"items of one judge only: {sorted(found.keys() ^ plain.keys())}"
        return
    for key, item in plain.items():
        for name in NAMES[item.about]:
            mine, other = item.cells.get(name), found[key][name]
            if (mine, type(mine)) != (other, type(other)):
                yield f"{key}, {name}: plain {mine}, fast {other}"
                yield from _family_of(case, item.incident["incident_ref"])


def _fast_items(case: Case) -> Iterator[tuple[tuple[About, str], dict[str, Cell]]]:
    made = world(case.records, case.now, case.zone)
    for about in ABOUTS:
        there = made.items(about)
        columns = [plain_cells(there.column(name), case.zone) for name in NAMES[about]]
        for ref, *cells in zip(there.keys.tolist(), *columns, strict=True):
            yield (about, ref), dict(zip(NAMES[about], cells, strict=True))


def family(records: Records, incident: str) -> Records:
    """Return the records of one incident alone."""
    return Records(
        *(tuple(row for row in getattr(records, name) if row["incident_ref"] == incident) for name in WHOSE.values()),
        staff=records.staff,
    )


def difference(case: Case, plain: list[Verdict]) -> Iterator[str]:
    """Yield the first verdict on which the judges differ, and all that it rests on."""
    found = {(line[0], line[3]): line for line in fast(case)}
    for verdict in plain:
        line = found.get((verdict.rule_id, verdict.item_ref))
        if line != written(verdict):
            break
    else:
        yield f"the fast judge has {len(found)} verdicts, the plain one {len(plain)}"
        return
    rule, version = rule_and_version(case, verdict)
    alone = replace(case, records=family(case.records, verdict.incident_ref), rules=(rule,))
    by_itself = next((each for each in fast(alone) if each[3] == verdict.item_ref), None)
    yield f"plain: {written(verdict)}"
    yield f"fast:  {line}{'' if by_itself == line else f', but judged alone {by_itself}'}"
    yield f"by:    {version}"
    yield from _family_of(alone, verdict.incident_ref)
    yield f"holidays: {case.holidays}"


def _setting(case: Case) -> Iterator[str]:
    yield f"as at {case.now.isoformat()}, known at {case.known.isoformat()}, {case.zone}"


def _family_of(case: Case, incident: str) -> Iterator[str]:
    rows = family(case.records, incident)
    yield from (f"{name}: {row}" for name in WHOSE.values() for row in getattr(rows, name))
