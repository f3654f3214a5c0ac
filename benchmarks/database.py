"""Invented records as a force's own database: an SQLite file with a column for each answer, and the queries for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import SecretStr

from benchmarks.invented import AS_AT, QUESTIONS, YEARS, invent
from dacompliance.config import Force, Mail, Query, Readers, RecordQueries, Settings, Source
from dacompliance.records.contract import RECORD_SETS
from dacompliance.records.table import Column, Table

ANSWERS: Final = tuple(f"q{number:02d}" for number in range(1, QUESTIONS + 1))
COUNTS: Final = ("question_count", "answered_count", "yes_count", "not_known_count")
MAPPED: Final = ("incidents", "assessments", "referrals")


def write(incidents: int, file: Path, years: int = YEARS) -> None:
    """Invent records of so many incidents and write them to `file`, answers instead of their counts."""
    records = invent(incidents, years=years)
    with closing(sqlite3.connect(file)) as connection, connection:
        for name in MAPPED:
            table = records.table(name)
            columns = {each: _cells(column) for each, column in table.columns.items() if each not in COUNTS}
            heads, rows = [RECORD_SETS[name].key, *columns], zip(table.keys.tolist(), *columns.values(), strict=True)
            if name == "assessments":
                _create(connection, name, [*heads, *ANSWERS], _with_answers(rows, table))
            else:
                _create(connection, name, heads, rows)


def _create(
    connection: sqlite3.Connection, name: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)


def _cells(column: Column) -> list[object]:
    """Return cells as a records system keeps them: words, and times as text in UTC."""
    if column.kind.is_words:
        return list(column.text())
    texts = np.datetime_as_string((column.values // 1_000_000).view("datetime64[s]")).tolist()
    return [text.replace("T", " ") if there else None for text, there in zip(texts, column.present, strict=True)]


def _with_answers(rows: Iterable[tuple[object, ...]], table: Table) -> Iterator[tuple[object, ...]]:
    answered, yes = table.get("answered_count").values.tolist(), table.get("yes_count").values.tolist()
    for row, given, affirmed in zip(rows, answered, yes, strict=True):
        yield (*row, *["Y"] * affirmed, *["N"] * (given - affirmed), *[None] * (QUESTIONS - given))


def settings(file: Path, years: int = YEARS) -> Settings:
    """Return the settings by which `file` is pulled."""

    def query(select: str) -> Query:
        return Query(query=select, time_zone="UTC", values={"answers": {"Y": "yes", "N": "no"}})

    return Settings(
        folder=file.parent,
        force=Force(name="Benchmark"),
        source=Source(
            url=SecretStr("sqlite://"),
            records_from=AS_AT.date().replace(year=AS_AT.year - years),
            statement_timeout_seconds=7200,  # a busy machine is slow, and not at fault
        ),
        records=RecordQueries(
            incidents=query("SELECT * FROM incidents WHERE reported_at >= :since"),
            assessments=query("SELECT * FROM assessments"),
            referrals=query("SELECT * FROM referrals"),
        ),
        readers=Readers(unit="unit@force.example", fallback="fallback@force.example"),
        mail=Mail(sender="monitor@force.example"),
        secrets={"source_url": SecretStr(f"sqlite:///{file}")},
    )
