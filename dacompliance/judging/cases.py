"""A rule file's worked cases, judged as records are. Pure: a case's columns are given, so no fact is made here.

What is dated after a case's as-at has not happened, and nothing is known of a sign-off that has not. Columns not given
are missing, and what is known is known as at the as-at (K = T).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from dacompliance.judging.items import SIGN_OFF, Items, World
from dacompliance.judging.outcomes import OUTCOMES
from dacompliance.judging.verdicts import judge_rule
from dacompliance.localtime import local_day, to_instant, to_wall
from dacompliance.policy.columns import split_destination_fact
from dacompliance.policy.model import About, Pack, Rule, WorkedCase
from dacompliance.records.contract import Kind
from dacompliance.records.table import MISSING, Column, IntArray, Table, words_column

_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - wall times have no zone
_EXISTS_FROM: Final[Mapping[About, str]] = {
    "incident": "reported_at",
    "assessment": "submitted_at",
    "referral": "referred_at",
}

Cells = Mapping[str, object]


def case_faults(rules: Sequence[Rule], pack: Pack, zone: ZoneInfo) -> tuple[str, ...]:
    """Return a line for each worked case that is not judged as it expects: its file, its name and what differs."""
    return tuple(
        f'{rule.file or rule.id}, case "{case.name}": {"; ".join(differences)}.'
        for rule in rules
        for case in rule.cases
        if (differences := run_case(rule, case, pack, zone))
    )


def run_case(rule: Rule, case: WorkedCase, pack: Pack, zone: ZoneInfo) -> list[str]:
    """Return how the verdict on a case differs from what it expects; nothing where it does not.

    Times are compared as the wall times they are written in. What a case does not say is not compared.
    """
    as_at = _instant(case.as_at, zone)
    happened = _happened(case.record, as_at, zone)
    for needed in {"reported_at", _EXISTS_FROM[rule.about]}:
        if needed in case.record and needed not in happened:
            return [f"{needed} is after as_at, so there is nothing to judge yet"]
    world = _world(rule.about, happened, as_at, zone)
    verdict = judge_rule(world, rule, pack.holidays, int(local_day(_array(as_at), zone)[0]))
    found = {
        "expect": str(OUTCOMES[verdict.outcome[0]]),
        "due": _wall(verdict.due_at[:1], zone),
        "done": _wall(verdict.done_at[:1], zone),
        "reason": verdict.reasons[verdict.reason[0]],
    }
    return list(_differences(case, found))


def _differences(case: WorkedCase, found: Mapping[str, object]) -> Iterator[str]:
    expected = {"expect": case.expect, "due": case.due, "done": case.done, "reason": case.reason}
    for name, wanted in expected.items():
        if wanted is not None and wanted != found[name]:
            yield f"{name} should be {_words(wanted)} and is {_words(found[name])}"


def _words(found: object) -> str:
    if isinstance(found, dt.datetime):
        return f"{found:%a} {found}"
    return str(found) if found else "nothing"


def _happened(record: Cells, as_at: int, zone: ZoneInfo) -> Cells:
    """Return the cells that had happened by the as-at."""
    later = {name for name, cell in record.items() if isinstance(cell, dt.date) and _instant(cell, zone) > as_at}
    if "signed_off_at" in later:
        later.update(SIGN_OFF)
    return {name: cell for name, cell in record.items() if name not in later}


def _world(about: About, cells: Cells, as_at: int, zone: ZoneInfo) -> World:
    """Return a world of the one item, and of the referrals that its destinations' times stand for."""
    referrals = list(_referrals(cells))
    rows: dict[About, Sequence[Cells]] = {"incident": [], "assessment": [], "referral": referrals}
    rows[about] = [cells, *referrals] if about == "referral" else [cells]
    items = {each: _items(each, rows[each], cells, zone) for each in rows}
    return World(items["incident"], items["assessment"], items["referral"], as_at, zone)


def _referrals(cells: Cells) -> Iterator[Cells]:
    """Yield a referral for each destination's time that is given."""
    for name, cell in cells.items():
        fact = split_destination_fact(name)
        if fact is not None:
            yield {"destination": fact[0].upper(), fact[1]: cell}


def _items(about: About, rows: Sequence[Cells], incident: Cells, zone: ZoneInfo) -> Items:
    """Return rows as items of one kind, all of the one incident."""
    names = sorted({name for row in rows for name in row})
    keys = np.array([f"case-{number}" for number in range(len(rows))], dtype=object)
    table = Table(keys, {name: _column([row.get(name) for row in rows], zone) for name in names})
    reported = local_day(_column([incident["reported_at"]], zone).values, zone)
    excluded = np.full(len(rows), "excluded_reason" in incident)
    return Items(
        about, table, np.repeat(reported, len(rows)), excluded, keys, None, np.zeros(len(rows), dtype=np.int64)
    )


def _column(cells: Sequence[object], zone: ZoneInfo) -> Column:
    """Return cells as a column of the kind their type says; what is not given is missing."""
    given = [cell for cell in cells if cell is not None]
    if isinstance(given[0], dt.date):
        instants = [_instant(cell, zone) if isinstance(cell, dt.date) else MISSING for cell in cells]
        dated = np.array([type(cell) is dt.date for cell in cells], dtype=bool)
        return Column(Kind.INSTANT, np.array(instants, dtype=np.int64), (), None, dated if dated.any() else None)
    if isinstance(given[0], int):
        return Column(Kind.NUMBER, np.array([cell if isinstance(cell, int) else MISSING for cell in cells], np.int64))
    return words_column([cell if isinstance(cell, str) else None for cell in cells])


def _array(value: int) -> IntArray:
    return np.array([value], dtype=np.int64)


def _instant(cell: dt.date, zone: ZoneInfo) -> int:
    """Return the instant of a wall time, or of the start of a day."""
    wall = cell if isinstance(cell, dt.datetime) else dt.datetime.combine(cell, dt.time())
    return int(to_instant(_array((wall - _EPOCH) // dt.timedelta(microseconds=1)), zone)[0])


def _wall(instants: IntArray, zone: ZoneInfo) -> dt.datetime | None:
    wall = int(to_wall(instants, zone)[0])
    return None if wall == MISSING else _EPOCH + dt.timedelta(microseconds=wall)
