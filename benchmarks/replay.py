"""Ten years of a force with 10,000 incidents a year, checked every morning: the ledger's size, and any morning again.

The 3,650 mornings are judged one by one by the real judge, and what changed is written as the monitor would have; but
an incident is only looked at until LOOKED_AT days after its report, when all that can happen to it has: otherwise
making the ledger would take hours. That nothing was missed is shown by the mornings replayed: 0 verdicts may differ.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa

from benchmarks.database import settings as settings_of
from benchmarks.invented import AS_AT, HOUR, T, invent
from dacompliance import __version__
from dacompliance.audit.difference import NOT_APPLICABLE, moved
from dacompliance.audit.past import past_run
from dacompliance.config import Ledger as LedgerAt
from dacompliance.config import Settings
from dacompliance.judging.checking import check, mapped_columns
from dacompliance.ledger import bulk, runs, tables
from dacompliance.ledger.bodies import Bodies, Shape, encode, shape_json, shape_of
from dacompliance.ledger.changes import digest_of, new_salts
from dacompliance.ledger.database import open_ledger
from dacompliance.ledger.history import SHAPE_KIND
from dacompliance.ledger.runs import Document, RuleState, RuleStatus, RunRecord
from dacompliance.policy.files import load_pack
from dacompliance.policy.model import Pack
from dacompliance.records.table import MISSING, IntArray, Records, Table
from dacompliance.replaying import replay
from dacompliance.run.papers import documents, kept_columns

YEARS: Final = 10
A_YEAR: Final = 10_000
LOOKED_AT: Final = 75
DAY: Final = 24 * HOUR
SIGN_OFF: Final = ("signed_off_by", "final_grade", "final_rationale_recorded")
BEGINS: Final = {"incidents": "reported_at", "assessments": "submitted_at", "referrals": "referred_at"}
_TEXTS: Final = ("rule_id", "item_ref", "about", "incident_ref", "version", "outcome", "reason")


@dataclass(slots=True)
class Spells:
    """What was so from which morning to which: open ones by key, closed ones as rows."""

    open: dict[tuple[str, ...], tuple[int, Any]] = field(default_factory=dict)
    closed: list[tuple[tuple[str, ...], int, int | None, Any]] = field(default_factory=list)

    def says(self, key: tuple[str, ...], run: int, what: Any) -> None:
        """Note what is said of a key from a run on; None for nothing any more."""
        before = self.open.pop(key, None)
        if before is not None:
            self.closed.append((key, before[0], run - 1, before[1]))
        if what is not None:
            self.open[key] = (run, what)

    def rows(self) -> list[tuple[tuple[str, ...], int, int | None, Any]]:
        """Return every spell: key, first run, last run, what."""
        return [*self.closed, *((key, first, None, what) for key, (first, what) in self.open.items())]


def main() -> None:
    """Make the ledger, and replay mornings of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = settings_of(folder / "none.db").model_copy(
            update={"ledger": LedgerAt(url=f"sqlite:///{folder / 'ledger.db'}")}  # type: ignore[arg-type]
        )
        began = time.perf_counter()
        mornings = make(settings)
        spent = time.perf_counter() - began
        print(f"{YEARS} years, {YEARS * A_YEAR:,} incidents, {mornings:,} mornings; made in {spent:.0f} s")
        for line in sizes(folder / "ledger.db"):
            print(line)
        for run in (mornings // 10, mornings // 2, mornings):
            print(timed(settings, run))


_SIZE: Final = sa.text(
    "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = :name)"
)


def sizes(file: Path) -> Iterator[str]:
    """Yield the size of the ledger's tables, indexes and all, and how many rows they have; then of the whole file."""
    with closing(open_ledger(f"sqlite:///{file}", create=False)) as ledger, ledger.read() as connection:
        for table in (tables.record_history, tables.verdict_history, tables.run, tables.run_document):
            size = connection.execute(_SIZE, {"name": table.name}).scalar() or 0
            rows = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            yield f"  {table.name:<16} {rows:>10,} rows {size / 1e6:>8.1f} MB"
    yield f"  the whole file {file.stat().st_size / 1e6:>27.1f} MB"


def timed(settings: Settings, run: int) -> str:
    """Return how long a morning takes to rebuild, and to be judged and compared."""
    url = settings.ledger.url.get_secret_value()
    began = time.perf_counter()
    with closing(open_ledger(url, create=False)) as ledger, ledger.read() as connection:
        past = past_run(connection, run)
    rebuilt = time.perf_counter() - began
    began = time.perf_counter()
    found = replay(settings, run)
    whole = time.perf_counter() - began
    return (
        f"morning {run:>5,}: {len(past.records.incidents):>7,} incidents rebuilt in {rebuilt:.1f} s; replayed whole, "
        f"digests and all, in {whole:.1f} s: {len(found.differ)} of {found.said:,} verdicts differ"
    )


def make(settings: Settings) -> int:
    """Write the ledger of all mornings; return how many there were."""
    records, pack = invent(YEARS * A_YEAR, years=YEARS), load_pack(None)
    shape = shape_of(records, kept_columns(pack, mapped_columns(records)))
    count = YEARS * 365
    first = T - (count - 1) * DAY
    held, said = Spells(), Spells()
    for key, body in zip(*_staff(records, shape, settings), strict=True):
        held.says(("staff", key, ""), 1, body)
    before: pd.DataFrame | None = None
    order = _order(records)
    statuses: dict[str, RuleStatus] = {}
    for run in range(1, count + 1):
        at = first + (run - 1) * DAY
        seen = masked(_active(records, order, at), at)
        _records_said(held, run, encode(seen, shape, settings.zone))
        checked = check(seen, pack, at, settings.zone, {})
        frame = checked.frame()
        frame = frame[frame["outcome"] != NOT_APPLICABLE].reset_index(drop=True)
        statuses = {rule: RuleStatus(RuleState(each.state), each.why) for rule, each in checked.status.items()}
        _verdicts_said(said, run, before, frame, frozenset(seen.incidents.keys))
        before = frame
    _write(settings, pack, statuses, shape, count, held, said)
    return count


def _staff(records: Records, shape: Shape, settings: Settings) -> tuple[list[str], list[str]]:
    staff = next(each for each in encode(records, shape, settings.zone) if each.record_set == "staff")
    return staff.keys.tolist(), staff.texts(np.arange(len(staff)))


def _order(records: Records) -> Mapping[str, tuple[IntArray, IntArray]]:
    """Return, for each record set, its rows in order of their incident's report, and those times."""
    reported = dict(zip(records.incidents.keys, records.incidents.columns["reported_at"].values, strict=True))
    found = {}
    for name in BEGINS:
        table = records.table(name)
        refs = table.keys if name == "incidents" else table.columns["incident_ref"].text()
        times = np.array([reported[ref] for ref in refs], dtype=np.int64)
        rows = np.argsort(times, kind="stable")
        found[name] = rows, times[rows]
    return found


def _active(records: Records, order: Mapping[str, tuple[IntArray, IntArray]], at: int) -> Records:
    """Return what belongs to incidents reported in the days that are looked at."""

    def part(name: str) -> Table:
        rows, times = order[name]
        low, high = np.searchsorted(times, [at - LOOKED_AT * DAY, at], side="right")
        table = records.table(name).take(np.sort(rows[low:high]))
        return Table(table.keys, dict(table.columns))

    return replace(records, incidents=part("incidents"), assessments=part("assessments"), referrals=part("referrals"))


def masked(records: Records, at: int) -> Records:
    """Return the records as a system would have had them: what was entered by then, as soon as it happened."""

    def part(name: str) -> Table:
        table = records.table(name)
        begins = table.columns[BEGINS[name]].values
        table = table.where((begins != MISSING) & (begins <= at))
        columns = {
            key: column.only(column.values <= at) if column.kind.is_time else column
            for key, column in table.columns.items()
        }
        if name == "assessments":
            signed = columns["signed_off_at"].present
            columns |= {key: columns[key].only(signed) for key in SIGN_OFF if key in columns}
        return Table(table.keys, columns)

    return replace(records, incidents=part("incidents"), assessments=part("assessments"), referrals=part("referrals"))


def _records_said(held: Spells, run: int, found: Iterable[Bodies]) -> None:
    for each in found:
        if each.record_set not in BEGINS:
            continue
        rows = np.arange(len(each))
        for key, body, incident in zip(each.keys, each.texts(rows), each.incident_refs(rows), strict=True):
            place = (each.record_set, str(key), incident or "")
            before = held.open.get(place)
            if before is None or before[1] != body:
                held.says(place, run, body)


def _verdicts_said(
    said: Spells, run: int, before: pd.DataFrame | None, frame: pd.DataFrame, active: frozenset[str]
) -> None:
    empty = frame.iloc[:0]
    still = empty if before is None else before[before["incident_ref"].isin(active)]
    found = moved(still, frame)
    now = frame.set_index(["rule_id", "item_ref"])
    places = now.index.get_indexer(pd.MultiIndex.from_frame(found[["rule_id", "item_ref"]]))
    rows = frame.iloc[places[places >= 0]]
    due, done = (rows[name].to_numpy(dtype="datetime64[us]").view(np.int64).tolist() for name in ("due_at", "done_at"))
    cells = zip(*(rows[name].tolist() for name in _TEXTS), due, done, strict=True)
    new = {(row[0], row[1]): row for row in cells}
    for rule_id, item_ref in found[["rule_id", "item_ref"]].itertuples(index=False, name=None):
        said.says((rule_id, item_ref), run, new.get((rule_id, item_ref)))


def _write(
    settings: Settings,
    pack: Pack,
    statuses: Mapping[str, RuleStatus],
    shape: Shape,
    count: int,
    held: Spells,
    said: Spells,
) -> None:
    papers = (*documents(pack, settings), Document(SHAPE_KIND, SHAPE_KIND, shape_json(shape, settings.zone)))
    with closing(open_ledger(settings.ledger.url.get_secret_value())) as ledger, ledger.begin() as connection:
        for run in range(1, count + 1):
            at = AS_AT - dt.timedelta(days=count - run)
            runs.insert(connection, _run(run, at, statuses))
            runs.insert_documents(connection, run, papers)
        _write_records(connection, held)
        _write_verdicts(connection, said)


def _run(run: int, at: dt.datetime, statuses: Mapping[str, RuleStatus]) -> RunRecord:
    sets = dict.fromkeys(("incidents", "assessments", "referrals", "staff"), tables.micros(at))
    return RunRecord(
        job="morning", local_date=at.date(), as_at=at, started_at=at, finished_at=at, code_version=__version__,
        known_to=sets, gates={name: {"passed": True, "why": ""} for name in sets}, rules=statuses, counts={},
        after=run - 1 or None,
    )  # fmt: skip


def _write_records(connection: sa.Connection, held: Spells) -> None:
    rows = held.rows()
    salts = new_salts(len(rows))
    bulk.insert(
        connection,
        tables.record_history,
        {
            "record_set": [key[0] for key, *_ in rows],
            "key": [key[1] for key, *_ in rows],
            "incident_ref": [key[2] or None for key, *_ in rows],
            "first_run": [first for _, first, _, _ in rows],
            "last_run": [last for _, _, last, _ in rows],
            "body": [body for *_, body in rows],
            "salt": salts,
            "digest": [digest_of(salt, body) for salt, (*_, body) in zip(salts, rows, strict=True)],
        },
    )


def _write_verdicts(connection: sa.Connection, said: Spells) -> None:
    rows = said.rows()
    texts = {name: [what[place] for *_, what in rows] for place, name in enumerate(_TEXTS)}
    times = {
        name: [None if what[place] == MISSING else what[place] for *_, what in rows]
        for place, name in enumerate(("due_at", "done_at"), start=len(_TEXTS))
    }
    bulk.insert(
        connection,
        tables.verdict_history,
        {
            **texts,
            "first_run": [first for _, first, _, _ in rows],
            "last_run": [last for _, _, last, _ in rows],
            **times,
        },
    )
