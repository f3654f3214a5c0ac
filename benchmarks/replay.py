"""Ten years of a force with 10,000 incidents a year: the ledger's size, and how long any morning of it takes again.

Every run goes through the real judge and the real writer, so records, verdicts and history are what the monitor would
have kept of them; exceptions, notices and figures are left out. 3,650 mornings would take hours to make. So the force
is checked once a quarter, and every day in the last week: what a daily morning adds is measured there.
DACOMPLIANCE_BENCH_YEARS names another number of years.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from benchmarks.apart import Stopwatch, apart, machine
from benchmarks.database import settings as settings_of
from benchmarks.invented import AS_AT, invent
from dacompliance import __version__
from dacompliance.audit.fingerprint import of_judged
from dacompliance.audit.past import past_run
from dacompliance.config import Ledger as LedgerAt
from dacompliance.config import Settings
from dacompliance.judging.checking import check
from dacompliance.judging.verdicts import tally
from dacompliance.ledger import tables
from dacompliance.ledger.commit import Piece, Work, commit_run
from dacompliance.ledger.database import Ledger, open_ledger, reading
from dacompliance.ledger.runs import Document, RunRecord
from dacompliance.localtime import micros
from dacompliance.policy.files import load_pack
from dacompliance.policy.model import Pack
from dacompliance.records.gates import Extent, Gate
from dacompliance.records.table import MISSING, Records, Table, mapped_columns
from dacompliance.replaying import replay
from dacompliance.run.outcome import counts
from dacompliance.run.papers import documents, kept_columns, rule_statuses
from dacompliance.run.survey import sizes as sizes_of

YEARS: Final = int(os.environ.get("DACOMPLIANCE_BENCH_YEARS", "10"))
A_YEAR: Final = 10_000
QUARTER: Final = 91
LAST_DAYS: Final = 7
SIGN_OFF: Final = ("signed_off_by", "final_grade", "final_rationale_recorded")
BEGINS: Final = {"incidents": "reported_at", "assessments": "submitted_at", "referrals": "referred_at"}
HISTORY: Final = (tables.record_history, tables.verdict_history)


def main() -> None:
    """Make the ledger, and replay mornings of it, each in a process of its own."""
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "ledger.db"
        began = time.perf_counter(), time.process_time()
        before, mornings = make(file)
        spent = time.perf_counter() - began[0], time.process_time() - began[1]
        print(
            f"{YEARS} years, {YEARS * A_YEAR:,} incidents, {mornings} mornings, one a quarter and the last {LAST_DAYS} "
            f"days; made in {spent[0]:.0f} s, {spent[1]:.0f} s of processor time"
        )
        for line in sizes(file, before):
            print(line)
        for run in (max(1, mornings // 10), mornings // 2, mornings):
            print(apart(timed, file, run))


def settings_for(file: Path) -> Settings:
    """Return the settings of the invented force with its ledger in `file`."""
    ledger = LedgerAt(url=f"sqlite:///{file}")  # type: ignore[arg-type]
    return settings_of(file.parent / "none.db").model_copy(update={"ledger": ledger})


_SIZE: Final = sa.text(
    "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = :name)"
)


def sizes(file: Path, before: Mapping[str, int]) -> Iterator[str]:
    """Yield the size of the ledger's tables, indexes and all, and how many rows they have; then of the whole file.

    `before` is how many rows the histories had before the last daily mornings.
    """
    with closing(open_ledger(f"sqlite:///{file}", create=False)) as ledger, ledger.read() as connection:
        for table in (tables.record_history, tables.verdict_history, tables.run, tables.run_document):
            size = connection.execute(_SIZE, {"name": table.name}).scalar() or 0
            rows = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            yield f"  {table.name:<16} {rows:>10,} rows {size / 1e6:>8.1f} MB"
            if table in HISTORY:
                yield f"    {(rows - before[table.name]) / (LAST_DAYS - 1):.0f} rows a daily morning"
    yield f"  the whole file {file.stat().st_size / 1e6:>27.1f} MB"


def timed(file: Path, run: int) -> str:
    """Return how long a morning takes to rebuild, and to be held to its digests, judged again and compared."""
    settings, watch = settings_for(file), Stopwatch()
    with watch.phase("rebuilt"):
        with reading(settings.ledger.url.get_secret_value()) as connection:
            past = past_run(connection, run)
        incidents = len(past.records.incidents)
        del past
    with watch.phase("replayed"):
        found = replay(settings, run)
    rebuilt, replayed = watch.phases
    return (
        f"morning {run:>3}: {incidents:>7,} incidents rebuilt in {rebuilt.seconds:.1f} s, {rebuilt.processor:.1f} s of "
        f"processor time; replayed whole in {replayed.seconds:.1f} s, {replayed.processor:.1f} s, {replayed.megabytes} "
        f"MB: {len(found.differ)} of {found.said:,} verdicts differ, {len(found.altered)} rows or texts are altered"
    )


def make(file: Path) -> tuple[dict[str, int], int]:
    """Write the ledger; return the rows of its histories before the daily mornings, and how many mornings there are."""
    settings, pack = settings_for(file), load_pack(None)
    records = invent(YEARS * A_YEAR, years=YEARS)
    papers = documents(pack, settings)
    before: dict[str, int] = {}
    with closing(open_ledger(settings.ledger.url.get_secret_value())) as ledger:
        for run, day in enumerate(days(), start=1):
            if day == 1 - LAST_DAYS + 1:  # the first of them has the rest of a quarter to tell
                before = rows_of(ledger)
            check_morning(ledger, settings, pack, records, papers, run, AS_AT + dt.timedelta(days=day))
    return before, run


def days() -> list[int]:
    """Return the mornings as days before the last: one a quarter, then every day."""
    return [*range(-YEARS * 365 + QUARTER, 1 - LAST_DAYS, QUARTER), *range(1 - LAST_DAYS, 1)]


def rows_of(ledger: Ledger) -> dict[str, int]:
    """Return how many rows the histories have."""
    with ledger.read() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in HISTORY
        }


def check_morning(
    ledger: Ledger,
    settings: Settings,
    pack: Pack,
    records: Records,
    papers: tuple[Document, ...],
    run: int,
    at: dt.datetime,
) -> None:
    """Judge the records as they were known at an instant, and keep what came of it as the monitor does."""
    known = micros(at)
    seen = replace(masked(records, known), known_to=dict.fromkeys((*BEGINS, "staff"), known))
    checked = check(seen, pack, known, settings.zone, {})
    gates = {
        name: Gate(name, Extent(len(seen.table(name)), len(seen.table(name)), known)).as_json()
        for name in seen.known_to
    }
    record = RunRecord(
        job="morning", local_date=at.date(), as_at=at, started_at=at, finished_at=at, code_version=__version__,
        known_to=seen.known_to, gates=gates, rules=rule_statuses(checked.status, of_judged(checked)),
        counts=counts(seen.findings, sizes_of(seen, checked), tally(checked.verdicts)),
        after=run - 1 or None, documents=papers,
    )  # fmt: skip
    columns = kept_columns(pack, mapped_columns(seen))
    work = Work(
        pieces=lambda: [Piece(seen, checked.applying)],
        columns=columns,
        zone=settings.zone,
        staff=seen.staff,
        findings=seen.findings,
    )
    commit_run(ledger, record, work)


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
