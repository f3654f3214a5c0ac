"""One case before both judges; where they differ, the least of it that still differs, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.generative.cases import WHOSE, Case, judged, rule_and_version
from tests.generative.tables import fast_lines
from tests.generative.tally import Tally
from tests.plain.facts import Records
from tests.plain.judge import Verdict, written


def agree(case: Case, tally: Tally, name: str = "") -> None:
    """Hold the fast judge to the plain one, line by line and cell by cell, and count what was compared."""
    plain = judged(case)
    if fast(case) != [written(verdict) for verdict in plain]:
        raise AssertionError("\n".join([name, *difference(case, plain)]))
    tally.count(case, plain)


def fast(case: Case) -> list[tuple[str, ...]]:
    """Return the fast judge's lines of a case."""
    return fast_lines(case.records, case.rules, case.holidays, case.now, case.known, case.zone)


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
    yield f"as at {case.now.isoformat()}, known at {case.known.isoformat()}, {case.zone}"
    yield f"plain: {written(verdict)}"
    yield f"fast:  {line}{'' if by_itself == line else f', but judged alone {by_itself}'}"
    yield f"by:    {version}"
    for name in WHOSE.values():
        yield from (f"{name}: {row}" for row in getattr(alone.records, name))
    yield f"holidays: {case.holidays}"
