"""A source of 1.5 million incidents and one of a fifth of them, pulled and checked, in slices of several sizes.

Each pull is a process of its own, so that its highest resident memory is its own. Told: what was there before it began,
what is held when it is done (after free memory was given back), and the highest until every part had been read once
more. Then a whole check by all bundled rules of as many incidents of the judging benchmark's, and the next one.

On SQLite always; on PostgreSQL with an address in `DACOMPLIANCE_BENCH_POSTGRESQL` (an empty database, for the larger
source only), or with a server of the tests' own. `DACOMPLIANCE_BENCH_INCIDENTS` sets another number.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import gc
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from benchmarks import database
from benchmarks.apart import apart, forget_peak, peak
from benchmarks.judging import whole
from dacompliance.config import Settings
from dacompliance.records.source import pull_in_parts

INCIDENTS: Final = int(os.environ.get("DACOMPLIANCE_BENCH_INCIDENTS", "1500000"))
SLICES: Final = (92, 366, 100_000)
"""Days in a slice; the last is everything at once."""

FROM: Final = dt.datetime(2016, 1, 1)  # noqa: DTZ001 - wall times, as a records system keeps them
YEARS: Final = 10
NOW: Final = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ANSWERS: Final = ("Y", "N", "N", "U")
QUESTIONS: Final = 27
BLOCK: Final = 20_000

TABLES: Final = {
    "occ": "no bigint primary key, rec timestamp, att timestamp, area text, crime text, officer text",
    "form": "id bigint primary key, no bigint, instr text, sent timestamp, by_whom text, grade text, "
    + ", ".join(f"a{number:02} text" for number in range(1, QUESTIONS + 1)),
    "ref": "id bigint primary key, no bigint, dest text, made timestamp",
}
BETWEEN: Final = "(o.rec >= :since AND o.rec < :until) OR (:undated = 1 AND o.rec IS NULL)"
QUERIES: Final = {
    "incidents": "SELECT o.no AS incident_ref, o.rec AS reported_at, o.att AS attended_at, o.area, o.crime, "
    f"o.officer AS officer_id FROM occ o WHERE {BETWEEN}",
    "assessments": "SELECT f.id AS assessment_ref, f.no AS incident_ref, f.instr AS instrument, "
    "f.sent AS submitted_at, f.by_whom AS assessor_id, f.grade AS risk_grade, "
    + ", ".join(f"f.a{number:02} AS q{number:02}" for number in range(1, QUESTIONS + 1))
    + f" FROM occ o JOIN form f ON f.no = o.no WHERE {BETWEEN}",
    "referrals": "SELECT r.id AS referral_ref, r.no AS incident_ref, r.dest AS destination, r.made AS referred_at "
    f"FROM occ o JOIN ref r ON r.no = o.no WHERE {BETWEEN}",
}
VALUES: Final[dict[str, dict[str, dict[str, str]]]] = {
    "incidents": {"crime": {"C": "yes", "N": "no"}},
    "assessments": {
        "risk_grade": {"S": "standard", "M": "medium", "H": "high"},
        "answers": {"Y": "yes", "N": "no", "U": "not_known"},
    },
    "referrals": {},
}


def main() -> None:
    """Build each source, pull it in slices of each size, and print what each took."""
    address = os.environ.get("DACOMPLIANCE_BENCH_POSTGRESQL")
    for incidents in (INCIDENTS // 5, INCIDENTS):
        print(
            f"{incidents:,} incidents over ten years, {_forms(incidents):,} forms of {QUESTIONS} answers, "
            f"{_referrals(incidents):,} referrals"
        )
        _measure(incidents, address if incidents == INCIDENTS else None)


def _measure(incidents: int, server: str | None) -> None:
    """Build a source of so many incidents in each kind of database, and pull it in slices of each size."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pull-")))
        for kind, address in _sources(folder, stack, server):
            began = time.perf_counter()
            _build(address, incidents)
            print(f"{kind}: built in {time.perf_counter() - began:.0f} s")
            for days in SLICES:
                slices = f"slices of {days} days" if days < SLICES[-1] else "in one piece"
                print(f"{kind}, {slices}: {_told(_pull_apart(address, days))}", flush=True)
        print(f"a whole check of {incidents:,} incidents by all bundled rules, from SQLite to SQLite, and the next:")
        file = folder / "whole-force.db"
        apart(database.write, incidents, file, YEARS)
        for phase in apart(whole, file, YEARS):
            print(
                f"{phase.name}: {phase.seconds:.0f} s ({phase.processor:.0f} s of processor time), "
                f"{phase.megabytes:,.0f} MB at most",
                flush=True,
            )


def _told(told: Mapping[str, float]) -> str:
    return (
        f"{told['seconds']:.0f} s ({told['processor']:.0f} s of processor time), {told['peak']:,.0f} MB at most: "
        f"{told['before']:,.0f} MB before it began, {told['held'] - told['before']:,.0f} MB held when it was done; "
        f"{told['rows']:,.0f} rows kept in {told['parts']:.0f} parts"
    )


def _sources(folder: Path, stack: ExitStack, server: str | None) -> Iterator[tuple[str, str]]:
    """Yield the kinds of database there are to try, each with an empty one's address."""
    yield "SQLite", f"sqlite:///{folder / 'force.db'}"
    if server is not None:
        yield "PostgreSQL", server
        return
    try:
        from tests.postgres import fresh_database, running_server, server_programs
    except ImportError:
        return
    if (programs := server_programs()) is not None:
        own = stack.enter_context(running_server(programs))
        yield "PostgreSQL", stack.enter_context(fresh_database(own))


# --- the source ------------------------------------------------------------------------------------------------------


def _forms(incidents: int) -> int:
    return incidents * 9 // 10


def _referrals(incidents: int) -> int:
    return incidents // 3


def _incident_rows(incidents: int) -> Iterator[tuple[Any, ...]]:
    step = dt.timedelta(days=3652) / incidents
    for number in range(incidents):
        reported = (FROM + step * number).replace(microsecond=0)
        attended = None if number % 7 == 0 else reported + dt.timedelta(minutes=number % 240)
        yield number, reported, attended, f"Area {number % 12}", "CN"[number % 2], f"PC{number % 3000}"


def _form_rows(incidents: int) -> Iterator[tuple[Any, ...]]:
    step = dt.timedelta(days=3652) / incidents
    for form in range(_forms(incidents)):
        number = form * 10 // 9
        sent = (FROM + step * number).replace(microsecond=0) + dt.timedelta(hours=1 + form % 60)
        answers = (ANSWERS[(form * 7 + question * 3) % 4] for question in range(QUESTIONS))
        yield form, number, "DASH-27", sent, f"PC{number % 3000}", "SSMH"[form % 4], *answers


def _referral_rows(incidents: int) -> Iterator[tuple[Any, ...]]:
    step = dt.timedelta(days=3652) / incidents
    for referral in range(_referrals(incidents)):
        made = (FROM + step * (referral * 3)).replace(microsecond=0) + dt.timedelta(hours=3 + referral % 40)
        yield referral, referral * 3, ("MASH", "MARAC", "IDVA")[referral % 3], made


ROWS: Final = {"occ": _incident_rows, "form": _form_rows, "ref": _referral_rows}
INDEXES: Final = ("occ (rec)", "form (no)", "ref (no)")


def _build(address: str, incidents: int) -> None:
    """Fill an empty database with the tables."""
    if address.startswith("sqlite"):
        _build_file(address, incidents)
    else:
        _build_on_server(address, incidents)


def _build_file(address: str, incidents: int) -> None:
    with closing(sqlite3.connect(sa.make_url(address).database or "")) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for name, columns in TABLES.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("?" * (columns.count(",") + 1))
            for block in _blocks(ROWS[name](incidents)):
                connection.executemany(f"INSERT INTO {name} VALUES ({marks})", [_as_text(row) for row in block])
        for number, index in enumerate(INDEXES):
            connection.execute(f"CREATE INDEX i{number} ON {index}")


def _build_on_server(address: str, incidents: int) -> None:
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.begin() as connection:
        cursor: Any = connection.connection.cursor()
        for name, columns in TABLES.items():
            cursor.execute(f"CREATE TABLE {name} ({columns})")
            with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for row in ROWS[name](incidents):
                    copy.write_row(row)
        for number, index in enumerate(INDEXES):
            cursor.execute(f"CREATE INDEX i{number} ON {index}")
        cursor.execute("ANALYZE")


def _blocks(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while block := list(islice(rows, BLOCK)):
        yield block


def _as_text(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(str(cell) if isinstance(cell, dt.datetime) else cell for cell in row)


# --- one pull, in a process of its own -------------------------------------------------------------------------------


def _pull_apart(address: str, days: int) -> dict[str, float]:
    """Pull in another process; return what it told: seconds, memory in MB, rows kept."""
    ran = subprocess.run(  # noqa: S603 - this very module
        [sys.executable, "-m", "benchmarks.pull", str(days)],
        input=address,
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, float] = json.loads(ran.stdout)
    return told


def _pull_here(address: str, days: int) -> None:
    settings = Settings.model_validate(
        {
            "folder": Path.cwd(),
            "force": {"name": "Invented"},
            "source": {
                "url": address,
                "records_from": FROM.date(),
                "slice_days": days,
                "statement_timeout_seconds": 3600,
            },
            "records": {name: {"query": query, "values": VALUES[name]} for name, query in QUERIES.items()},
            "readers": {"unit": "unit@force.example", "fallback": "fallback@force.example"},
            "mail": {"sender": "monitor@force.example"},
            "secrets": {"source_url": address},
        }
    )
    before = _held()
    forget_peak()
    began, busy = time.perf_counter(), time.process_time()
    pulled = pull_in_parts(settings, now=NOW, instruments={"DASH-27": QUESTIONS})
    held = _held()
    rows = sum(len(part.incidents) + len(part.assessments) + len(part.referrals) for part in pulled.parts())
    told = {
        "seconds": time.perf_counter() - began,
        "processor": time.process_time() - busy,
        "peak": peak(),
        "held": held,
        "before": before,
        "rows": rows,
        "parts": len(pulled),
    }
    print(json.dumps(told))


def _held() -> float:
    """Return the resident memory of this process once what is free was given back, in MB. Of Linux with glibc only."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


if __name__ == "__main__":
    _pull_here(sys.stdin.read().strip(), int(sys.argv[1]))
