"""Runs and what they find, each part given only where a test is about it."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa

from dacompliance.exceptions.model import Event, EventKind
from dacompliance.judging.verdicts import COLUMNS, Cells
from dacompliance.ledger import tables
from dacompliance.ledger.bodies import FINDINGS
from dacompliance.ledger.commit import Piece, Work, commit_run
from dacompliance.ledger.database import Ledger
from dacompliance.ledger.outbox import Notice
from dacompliance.ledger.runs import Document, RuleState, RuleStatus, RunRecord, latest
from dacompliance.ledger.slots import Claim
from dacompliance.localtime import micros
from dacompliance.records.contract import DERIVED, RECORD_SETS
from dacompliance.records.table import BoolArray, Records, Table
from tests.helpers import LONDON, when
from tests.worlds import Row, records

NOW: Final = when("Tue 2026-11-03 06:30")
TODAY: Final = dt.date(2026, 11, 3)
DAY: Final = dt.timedelta(days=1)
MINUTE: Final = dt.timedelta(minutes=1)

ALL_COLUMNS: Final = {
    name: (*(spec.name for spec in each.columns), *DERIVED[name], "height", "seen_on")
    for name, each in RECORD_SETS.items()
}
"""Every column a test may use, a force's own two among them."""


def incident(number: int = 1, **cells: object) -> Row:
    """An incident, as `tests.worlds.records` takes it."""
    return {"incident_ref": f"I{number}", "reported_at": "Mon 2026-11-02 21:10", "area": "North", **cells}


def some_records(**cells: object) -> Records:
    """Three incidents, two assessments, a referral and a member of staff; `cells` of the first incident."""
    return records(
        incidents=[incident(1, **cells), incident(2), incident(3, occurrence_ref="OCC/3")],
        assessments=[
            {
                "assessment_ref": "A1",
                "incident_ref": "I1",
                "submitted_at": "Tue 2026-11-03 01:00",
                "risk_grade": "high",
            },
            {"assessment_ref": "A2", "incident_ref": "I2", "risk_grade": "unreadable!"},
        ],
        referrals=[
            {"referral_ref": "R1", "incident_ref": "I1", "destination": "MASH", "referred_at": "Tue 2026-11-03"}
        ],
        staff=[{"staff_id": "E1", "role": "sergeant"}],
    )


def run_record(after: int | None = None, **given: Any) -> RunRecord:
    """A run that checked REF-01, reconciled against run `after`."""
    plain = RunRecord(
        job="check",
        local_date=None,
        as_at=NOW,
        started_at=NOW,
        finished_at=NOW + MINUTE,
        code_version="0.1",
        known_to={"incidents": micros(NOW)},
        gates={"incidents": {"passed": True}},
        rules={"REF-01": RuleStatus(RuleState.CHECKED)},
        counts={"incidents": 3},
        after=after,
        documents=(Document("rule", "REF-01.toml", 'id = "REF-01"\n'),),
    )
    return replace(plain, **given)


def work(found: Records | None = None, verdicts: pd.DataFrame | None = None, *, parts: int = 1, **given: Any) -> Work:
    """What a run found: the given records, with every column in use, and nothing else unless told.

    Records and verdicts are cut into so many `parts`. With verdicts alone no records are kept.
    """
    if found is None and verdicts is not None:
        given["leave"] = frozenset({*RECORD_SETS, FINDINGS})
    whole = records() if found is None else found
    kept = found is not None or verdicts is not None
    return Work(
        **{
            "pieces": (lambda: pieces_of(whole, verdicts, parts)) if kept else None,
            "columns": ALL_COLUMNS,
            "zone": LONDON,
            "staff": whole.staff,
            "findings": whole.findings,
            "judged": verdicts is not None,
            **given,
        }
    )


def pieces_of(found: Records, verdicts: pd.DataFrame | None, parts: int) -> list[Piece]:
    """Cut records and verdicts into pieces, of about as many incidents each; there may be more pieces than incidents."""
    said = pd.DataFrame(columns=list(COLUMNS)) if verdicts is None else verdicts
    sets = {name: found.table(name) for name in ("incidents", "assessments", "referrals")}
    refs = {name: refs_of(name, table) for name, table in sets.items()}
    every = sorted({ref for each in (*refs.values(), said["incident_ref"]) for ref in each if ref is not None})
    begins = [every[len(every) * part // parts] for part in range(1, parts)] if every else []

    def of_part(each: Iterable[str | None], part: int) -> BoolArray:
        return np.array([bisect_right(begins, ref or "") == part for ref in each], dtype=bool)

    def piece(part: int) -> Piece:
        mine = {name: table.where(of_part(refs[name], part)) for name, table in sets.items()}
        its = said[of_part(said["incident_ref"], part)]
        return Piece(replace(found, **mine), lambda: by_rule(its))

    return [piece(part) for part in range(parts)]


def refs_of(name: str, table: Table) -> list[str | None]:
    """Return the incident each row of a record set belongs to."""
    return list(table.keys if name == "incidents" else table.get("incident_ref").text())


def by_rule(verdicts: pd.DataFrame) -> Iterator[tuple[str, Cells]]:
    """Give a frame of verdicts as the judge does: by rule, those that apply, times in microseconds."""
    for rule_id, said in verdicts[verdicts["outcome"] != "not_applicable"].groupby("rule_id"):
        times = {name: said[name].to_numpy(dtype="datetime64[us]").view(np.int64) for name in ("due_at", "done_at")}
        yield str(rule_id), {**{name: said[name].to_numpy(dtype=object) for name in said.columns}, **times}


def commit(
    ledger: Ledger,
    found: Records | None = None,
    *,
    claim: Claim | None = None,
    run: Mapping[str, Any] | None = None,
    **given: Any,
) -> int:
    """Commit a run after the latest one."""
    with ledger.read() as connection:
        last = latest(connection)
    given_run = {"after": last.id if last else None, **(run or {})}
    return commit_run(ledger, run_record(**given_run), work(found, **given), claim=claim)


def opened(item_ref: str = "I1", kind: EventKind = EventKind.OPENED, **given: Any) -> Event:
    """An event of REF-01 about an incident; the exception is opened for the unit unless told otherwise."""
    return Event(
        **{
            "rule_id": "REF-01",
            "item_ref": item_ref,
            "about": "incident",
            "incident_ref": item_ref,
            "kind": kind,
            "owner": "unit",
            **given,
        }
    )


def notice(number: int = 1, **given: Any) -> Notice:
    """A digest for the unit's mailbox."""
    plain = Notice(
        job="morning",
        local_date=TODAY,
        reader_key="unit",
        kind="digest",
        message_id=f"<{number}@example.police.uk>",
        subject=f"List {number}",
        text="text",
        html="<p>text</p>",
        importance="",
        made_at=NOW,
        recipients=("unit@example.police.uk",),
    )
    return replace(plain, **given)


def everything(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, salts, digests and row numbers apart: two ledgers that say the same are equal."""
    found = {}
    apart = ("salt", "digest", "notice_id")
    with ledger.read() as connection:
        for table in tables.metadata.sorted_tables:
            numbered = table.name != "run" and "id" in table.c
            columns = [column for column in table.c if column.name not in (*apart, "id" if numbered else "")]
            found[table.name] = sorted(tuple(map(repr, row)) for row in connection.execute(sa.select(*columns)))
    return found


def row_counts(ledger: Ledger) -> dict[str, int]:
    """Return how many rows each table has."""
    return {name: len(rows) for name, rows in everything(ledger).items()}
