"""What was known and what was said at any run, read back from record history and verdict history. Writes nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa

from dacompliance.errors import LedgerError
from dacompliance.exceptions.model import Identity, Standing
from dacompliance.ledger import bulk, tables
from dacompliance.ledger.bodies import FINDINGS, decode, decode_findings, read_shape
from dacompliance.ledger.rows import Rows, held, record_rows
from dacompliance.ledger.runs import documents, run
from dacompliance.ledger.said import said_at
from dacompliance.localtime import instant, micros
from dacompliance.records.table import Records

_records: Final = tables.record_history
_verdicts: Final = tables.verdict_history

SHAPE_KIND: Final = "columns"
"""The kind of the run's document that says which columns its records were kept with."""


@dataclass(frozen=True, slots=True)
class RecordSpell:
    """What a record said from one run to another; `last_run` is None while it holds, `cells` when it was withheld."""

    record_set: str
    key: str
    cells: Mapping[str, Any] | None
    first_run: int
    first_as_at: dt.datetime
    last_run: int | None
    last_as_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class VerdictSpell:
    """What a rule said of an item from one run to another; `last_run` is None while it holds."""

    rule_id: str
    version: str
    about: str
    item_ref: str
    outcome: str
    due_at: dt.datetime | None
    done_at: dt.datetime | None
    reason: str
    first_run: int
    first_as_at: dt.datetime
    last_run: int | None
    last_as_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Story:
    """All that was recorded and said of one incident and its children, in order of the runs."""

    records: tuple[RecordSpell, ...]
    verdicts: tuple[VerdictSpell, ...]


def records_at(connection: sa.Connection, run_id: int, incident_ref: str | None = None) -> Records:
    """Return the records as a run knew them, in order of key, with the columns that were kept.

    With `incident_ref`, those of that incident and its children alone: no staff, no findings.

    Cell for cell what was judged; but words may be numbered otherwise, and rows withheld by a lawful deletion are not
    there (`withheld_at`). Raises LedgerError for a run that is not there or kept no records.
    """
    those = [] if incident_ref is None else [_records.c.incident_ref == incident_ref]
    return records_of(connection, run_id, record_rows(connection, run_id, *those))


def records_about(connection: sa.Connection, run_id: int, incidents: Iterable[str]) -> Records:
    """Return the records of some incidents and their children as a run knew them, and all staff; without findings."""
    rows = record_rows(connection, run_id, _records.c.record_set == "staff")
    for block in bulk.blocks(incidents):
        for name, more in record_rows(connection, run_id, _records.c.incident_ref.in_(block)).items():
            rows[name] = rows[name].and_more(more) if name in rows else more
    return records_of(connection, run_id, rows)


def records_of(connection: sa.Connection, run_id: int, rows: Mapping[str, Rows]) -> Records:
    """Return the records of a run of which the rows were read already (`rows.record_rows`)."""
    made_by = run(connection, run_id)
    shape, zone = read_shape(shape_text(connection, run_id))
    kept = {name: each.kept() for name, each in rows.items()}
    found = decode(kept, shape, zone)
    return Records(
        found["incidents"],
        found["assessments"],
        found["referrals"],
        found["staff"],
        dict(made_by.known_to),
        decode_findings(*kept.get(FINDINGS, ((), ()))),
    )


def counted_against(connection: sa.Connection, run_id: int) -> pd.DataFrame:
    """Return what runs before one said against items, each outcome once: rule_id, item_ref, incident_ref, outcome.

    Breached, late and undetermined, where that is not what the run itself says.
    """
    names = ("rule_id", "item_ref", "incident_ref", "outcome")
    against = _verdicts.c.outcome.in_(("breached", "late", "undetermined"))
    query = sa.select(*(_verdicts.c[name] for name in names)).where(against, _verdicts.c.last_run < run_id).distinct()
    cells = bulk.columns(connection.execute(query.order_by(*(_verdicts.c[name] for name in names))), len(names))
    return pd.DataFrame({name: pd.Series(each, dtype=object) for name, each in zip(names, cells, strict=True)})


def findings_at(connection: sa.Connection, run_id: int) -> pd.DataFrame:
    """Return what a run found amiss in the records (`Records.findings`); what was lawfully deleted since is gone."""
    query = sa.select(_records.c.key, _records.c.body).where(
        _records.c.record_set == FINDINGS, *held(_records, run_id), _records.c.body.is_not(None)
    )
    keys, bodies = bulk.columns(connection.execute(query), 2)
    return decode_findings(keys, bodies)


def records_changed(connection: sa.Connection, one: int, other: int) -> int:
    """Return how many records two runs do not know alike: changed, new or gone from one to the other."""
    apart = sa.and_(*held(_records, one)) != sa.and_(*held(_records, other))
    pairs = sa.select(_records.c.record_set, _records.c.key).where(_records.c.record_set != FINDINGS, apart).distinct()
    return int(connection.execute(sa.select(sa.func.count()).select_from(pairs.subquery())).scalar_one())


def shape_text(connection: sa.Connection, run_id: int) -> str:
    """Return which columns a run kept its records with, as it was kept. Raises LedgerError where it kept none."""
    kept = documents(connection, run_id, SHAPE_KIND)
    if not kept:
        raise LedgerError(f"ledger: run {run_id} kept no records, so they cannot be given back.")
    return kept[0].body


def withheld_at(connection: sa.Connection, run_id: int) -> tuple[tuple[str, str], ...]:
    """Return set and key of each record that the run knew and that was since lawfully deleted."""
    query = sa.select(_records.c.record_set, _records.c.key)
    rows = connection.execute(query.where(*held(_records, run_id), _records.c.body.is_(None)))
    return tuple(sorted((row.record_set, row.key) for row in rows))


def verdicts_at(connection: sa.Connection, run_id: int) -> pd.DataFrame:
    """Return the verdicts that stood after a run, in the judge's columns, by rule and item; none that did not apply.

    A rule not checked in that run is there too, with what an earlier run said: `runs.run(…).rules` tells which.
    """
    return said_at(connection, run_id).frame()


def followed_at(connection: sa.Connection, run_id: int, rules: Collection[str]) -> pd.DataFrame:
    """Return the verdicts of some rules that stood after a run and that a list may speak of, as `verdicts_at` does.

    Those that were not yet due, and those that were ever an exception.
    """
    exception, same = tables.exception, ("rule_id", "item_ref")
    ever = sa.exists().where(*(exception.c[name] == _verdicts.c[name] for name in same))
    of_rules = _verdicts.c.rule_id.in_(sorted(rules))
    return said_at(connection, run_id, of_rules, sa.or_(_verdicts.c.outcome == "pending", ever)).frame()


def due_by(connection: sa.Connection, run_id: int, rules: Collection[str], last: dt.datetime) -> pd.DataFrame:
    """Return the verdicts of some rules that stood after a run, were not yet due, and will be by `last`."""
    of_rules, soon = _verdicts.c.rule_id.in_(sorted(rules)), _verdicts.c.due_at <= micros(last)
    return said_at(connection, run_id, of_rules, _verdicts.c.outcome == "pending", soon).frame()


def last_outcomes(connection: sa.Connection, exceptions: Iterable[Standing]) -> dict[Identity, str]:
    """Return what was last said of each of these exceptions, whether or not it still is: the code of the outcome."""
    found = {}
    for each in exceptions:
        said = sa.select(_verdicts.c.outcome).where(
            _verdicts.c.incident_ref == each.incident_ref,
            _verdicts.c.rule_id == each.rule_id,
            _verdicts.c.item_ref == each.item_ref,
        )
        outcome = connection.execute(said.order_by(_verdicts.c.first_run.desc()).limit(1)).scalar()
        if outcome is not None:
            found[each.identity] = outcome
    return found


def items_story(connection: sa.Connection, incident_ref: str) -> Story:
    """Return every spell of an incident and its children, and of the verdicts on them, in order of runs."""
    as_at = {row.id: row.as_at for row in connection.execute(sa.select(tables.run.c.id, tables.run.c.as_at))}

    def spell(row: sa.Row[Any]) -> tuple[int, dt.datetime, int | None, dt.datetime | None]:
        return row.first_run, as_at[row.first_run], row.last_run, as_at.get(row.last_run)

    records = [
        RecordSpell(row.record_set, row.key, None if row.body is None else json.loads(row.body), *spell(row))
        for row in _of_incident(connection, _records, incident_ref)
    ]
    verdicts = [
        VerdictSpell(
            row.rule_id,
            row.version,
            row.about,
            row.item_ref,
            row.outcome,
            None if row.due_at is None else instant(row.due_at),
            None if row.done_at is None else instant(row.done_at),
            row.reason,
            *spell(row),
        )
        for row in _of_incident(connection, _verdicts, incident_ref)
    ]
    return Story(tuple(records), tuple(verdicts))


def _of_incident(connection: sa.Connection, table: sa.Table, incident_ref: str) -> Iterator[sa.Row[Any]]:
    query = sa.select(table).where(table.c.incident_ref == incident_ref)
    return iter(connection.execute(query.order_by(table.c.first_run, table.c.id)))


def find_incidents(connection: sa.Connection, number: str) -> tuple[str, ...]:
    """Return the incidents a number stands for: that of the reference, else those of the occurrence number."""
    incidents = _records.c.record_set == "incidents"
    by_ref = sa.select(_records.c.key).where(incidents, _records.c.incident_ref == number).limit(1)
    if connection.execute(by_ref).first() is not None:
        return (number,)
    # A body is canonical, so the cell can be found as text; what looks alike elsewhere in a body is ruled out after.
    cell = f'"occurrence_ref":{json.dumps(number)}'
    by_text = sa.select(_records.c.key, _records.c.body).where(
        incidents, _records.c.body.contains(cell, autoescape=True)
    )
    return tuple(
        sorted({key for key, body in connection.execute(by_text) if json.loads(body).get("occurrence_ref") == number})
    )
