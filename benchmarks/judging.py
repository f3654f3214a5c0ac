"""A morning's judging by the bundled pack: what each part takes and how it grows, and hand-written SQL beside it.

Each measured size has a process of its own. DACOMPLIANCE_BENCH_INCIDENTS names other sizes, such as `2000,20000`.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from pydantic import SecretStr

from benchmarks import database, duck
from benchmarks.apart import Phase, Stopwatch, apart, machine, median
from benchmarks.invented import AS_AT, YEARS, T, invent
from dacompliance import monitor
from dacompliance.judging.checking import Checked, check
from dacompliance.judging.items import World, build
from dacompliance.judging.outcomes import OUTCOMES, Outcome
from dacompliance.judging.verdicts import RuleVerdicts, judge
from dacompliance.ledger.commit import Piece, Work, commit_run
from dacompliance.ledger.database import open_ledger
from dacompliance.ledger.runs import RuleState, RuleStatus, RunRecord
from dacompliance.policy.files import load_pack
from dacompliance.policy.model import Pack
from dacompliance.records.source import pull
from dacompliance.records.table import MISSING, Records, mapped_columns
from dacompliance.resources import rules_folder
from dacompliance.run.papers import kept_columns

SIZES: Final = tuple(map(int, os.environ.get("DACOMPLIANCE_BENCH_INCIDENTS", "100000,1000000").split(",")))
ZONE: Final = ZoneInfo("Europe/London")
KNOWN_DAY: Final = (AS_AT.date() - dt.date(1970, 1, 1)).days
TURNS: Final = 5


def main() -> None:
    """Print what a morning takes at each size, how it grows, and how it compares with SQL."""
    print(f"judging: {machine()}")
    mornings = {size: _print_morning(size) for size in SIZES}
    for size in SIZES:
        print(apart(beside_sql, size))
    print(_growth(mornings))
    for line in apart(extremes, SIZES[0]):
        print(line)


# --- A morning: pull, items, verdicts, history


@dataclass(frozen=True, slots=True)
class Morning:
    """What there was to judge, how many verdicts that made and how many applied, and what each part took."""

    there: str
    verdicts: int
    applied: int
    phases: tuple[Phase, ...]


def _print_morning(size: int) -> Morning:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "force.db"
        apart(database.write, size, file)
        found = apart(morning, file)
        found = replace(found, phases=(*found.phases, *(apart(whole, file) if size == SIZES[0] else ())))
    print(f"\n{found.there}")
    print(f"  {'':26} {'on the clock':>12} {'processor':>12} {'memory':>12}")
    for phase in found.phases:
        rate = f"  {found.verdicts / phase.seconds:,.0f} verdicts a second" if phase.name == "verdicts" else ""
        print(f"  {phase.name:26} {phase.seconds:10.2f} s {phase.processor:10.2f} s {phase.megabytes:9,} MB{rate}")
    return found


def morning(file: Path) -> Morning:
    """Pull the records in `file`, judge them and keep them in a new ledger; then keep them again, nothing changed."""
    pack, watch = load_pack(rules_folder()), Stopwatch()
    with watch.phase("pull, from SQLite"):
        records = pull(database.settings(file), now=AS_AT, instruments=pack.instruments)
    with watch.phase("items"):
        world = build(records, T, ZONE)
    with watch.phase("verdicts"):
        verdicts = judge(world, pack.rules, pack.holidays, KNOWN_DAY)
    said = np.concatenate([each.outcome for each in verdicts])
    applied = int(np.count_nonzero(said != Outcome.NOT_APPLICABLE))
    del world, verdicts  # a run judges once
    ledger = open_ledger(f"sqlite:///{file.with_name('ledger.db')}")
    checked = check(records, pack, T, ZONE, {})
    piece = Piece(records, checked.applying)
    for name, after in (("history of a first run", None), ("history of a run like it", 1)):
        with watch.phase(name):
            work = Work(
                pieces=lambda: [piece],
                staff=records.staff,
                findings=records.findings,
                columns=kept_columns(pack, mapped_columns(records)),
                zone=ZONE,
            )
            commit_run(ledger, _run(checked, records, after), work)
    ledger.close()
    return Morning(_there(records, pack), len(said), applied, tuple(watch.phases))


def whole(file: Path, years: int = YEARS) -> tuple[Phase, ...]:
    """Check the records in `file` from start to finish, twice, by the command's own way; nothing is sent.

    Chased are the last two months, and no rule is held for what that opens.
    """
    given, watch = database.settings(file, years), Stopwatch()
    url, since = SecretStr(f"sqlite:///{file.with_name('whole.db')}"), AS_AT.date() - dt.timedelta(days=60)
    settings = given.model_copy(
        update={
            "ledger": given.ledger.model_copy(update={"url": url}),
            "rules": given.rules.model_copy(update={"chase_from": since}),
            "exceptions": given.exceptions.model_copy(update={"hold_number": 1_000_000_000}),
        }
    )
    for minutes, name in ((10, "a whole check"), (20, "the next")):
        with watch.phase(name):
            monitor.run(settings, now=AS_AT + dt.timedelta(minutes=minutes), tell=True)
    return tuple(watch.phases)


def _run(checked: Checked, records: Records, after: int | None) -> RunRecord:
    at = AS_AT + dt.timedelta(days=after or 0)
    return RunRecord(
        job="benchmark",
        local_date=None,
        as_at=at,
        started_at=at,
        finished_at=at,
        code_version="benchmark",
        known_to=records.known_to,
        gates={},
        rules={name: RuleStatus(RuleState(status.state), status.why) for name, status in checked.status.items()},
        counts={},
        after=after,
    )


def _there(records: Records, pack: Pack) -> str:
    sets = ", ".join(f"{len(records.table(name)):,} {name}" for name in database.MAPPED)
    return f"{sets}; {len(pack.rules)} rules"


def _growth(mornings: Mapping[int, Morning]) -> str:
    small, large = mornings[SIZES[0]], mornings[SIZES[-1]]
    grown = (f"{a.name} × {b.processor / a.processor:.1f}" for a, b in zip(small.phases, large.phases, strict=False))
    return f"\n{SIZES[-1] / SIZES[0]:.0f} times the incidents, of processor time: {', '.join(grown)}"


# --- Beside SQL: the same rules over the same records, each in the form it is quickest with


def beside_sql(size: int) -> str:
    """Judge and let DuckDB judge, turn about; say what each took, and that every verdict is alike."""
    pack, records = load_pack(rules_folder()), invent(size)
    connection = duck.loaded(records, pack.holidays)

    def ours() -> list[RuleVerdicts]:
        return judge(build(records, T, ZONE), pack.rules, pack.holidays, KNOWN_DAY)

    def sql() -> None:
        duck.judge(connection)

    taken = _turn_about(ours, sql)
    compared = sum(alike(each, connection) for each in ours())
    ratio = statistics.median(mine / other for (mine, _), (other, _) in zip(*taken, strict=True))
    clock, processor = ([[each[which] for each in side] for side in taken] for which in (0, 1))
    return (
        f"\n{size:,} incidents, judged by us: {median(clock[0])}; by SQL in DuckDB, {duck.THREADS} threads: "
        f"{median(clock[1])}; ratio {ratio:.2f}\n"
        f"  of processor time: {median(processor[0])} and {median(processor[1])}\n"
        f"  {compared:,} verdicts that apply: outcome, due and done alike, every one"
    )


def _turn_about(*sides: Callable[[], object]) -> list[list[tuple[float, float]]]:
    """Return seconds on the clock and of the processor for each side, `TURNS` times after one to warm up."""
    taken: list[list[tuple[float, float]]] = [[] for _ in sides]
    for turn in range(TURNS + 1):
        for side, times in zip(sides, taken, strict=True):
            clock, processor = time.perf_counter(), time.process_time()
            side()
            if turn:
                times.append((time.perf_counter() - clock, time.process_time() - processor))
    return taken


def alike(ours: RuleVerdicts, connection: duck.Connection) -> int:
    """Return how many items of a rule have the same verdict in SQL; raise AssertionError where one has not."""
    said = duck.verdicts(connection, ours.rule.id)
    shown = (Outcome.MET, Outcome.LATE)
    rows = np.flatnonzero(ours.outcome != Outcome.NOT_APPLICABLE)
    rows = rows[np.argsort(ours.items.keys[rows], kind="stable")]
    mine = {
        "item_ref": ours.items.keys[rows],
        "outcome": OUTCOMES[ours.outcome[rows]],
        "due_at": ours.due_at[rows],
        "done_at": np.where(np.isin(ours.outcome[rows], shown), ours.done_at[rows], MISSING),
    }
    other = said.assign(done_at=said["done_at"].where(said["outcome"].isin(OUTCOMES[list(shown)])))
    assert len(rows) == len(said), f"{ours.rule.id}: {len(rows)} items it applies to, {len(said)} in SQL"
    for name, cells in mine.items():
        theirs = other[name] if cells.dtype == object else other[name].astype("Int64").fillna(MISSING)
        different = np.flatnonzero(cells != theirs.to_numpy(dtype=cells.dtype))
        assert not len(different), f"{ours.rule.id}: {name} differs for {ours.items.keys[rows][different[:5]]}"
    return len(rows)


# --- Growth: with failures, and with rules


def extremes(size: int) -> Sequence[str]:
    """Say what it takes when every duty is done, when none is, and with every rule twice."""
    pack = load_pack(rules_folder())
    done, undone = (build(invent(size, duties), T, ZONE) for duties in (True, False))
    twice = [*pack.rules, *(replace(rule, id=f"{rule.id}-again") for rule in pack.rules)]

    def once(world: World) -> Callable[[], object]:
        return lambda: judge(world, pack.rules, pack.holidays, KNOWN_DAY)

    taken = _turn_about(once(done), once(undone), lambda: judge(done, twice, pack.holidays, KNOWN_DAY))
    none, every, double = (statistics.median(processor for _, processor in side) for side in taken)
    return [
        f"\n{size:,} incidents, verdicts alone, of processor time, {failing(done, pack):.0%} failing: {none:.3g} s; "
        f"{failing(undone, pack):.0%} failing: {every:.3g} s; ratio {every / none:.2f}",
        f"  every rule twice: {double:.3g} s; ratio {double / none:.2f}",
    ]


def failing(world: World, pack: Pack) -> float:
    """Return the share of the chased verdicts that are late or breached, of those met, late or breached."""
    chased = [rule for rule in pack.rules if rule.chase]
    outcomes = np.concatenate([each.outcome for each in judge(world, chased, pack.holidays, KNOWN_DAY)])
    failed = np.isin(outcomes, [Outcome.LATE, Outcome.BREACHED])
    return float(failed.sum() / (failed | (outcomes == Outcome.MET)).sum())
