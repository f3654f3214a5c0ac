"""What was recorded after the event, read from record history: of one incident, or all that runs of late came upon."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from dacompliance.audit.after_event import SETS, Late, Sight, recorded_after
from dacompliance.ledger import history, tables
from dacompliance.ledger.bodies import Shape, read_shape

_records: Final = tables.record_history
_run: Final = tables.run


def of_incident(connection: sa.Connection, incident_ref: str, tolerance: dt.timedelta) -> tuple[Late, ...]:
    """Return what of one incident and its children was recorded after the event."""
    spells = history.items_story(connection, incident_ref).records
    return recorded_after(spells, sights(connection), tolerance)


def since(connection: sa.Connection, run_id: int, tolerance: dt.timedelta, window: dt.timedelta) -> tuple[Late, ...]:
    """Return what the runs of a window that ends with a run's as-at first saw, and was recorded after the event."""
    as_at = {row.id: row.as_at for row in connection.execute(sa.select(_run.c.id, _run.c.as_at)) if row.id <= run_id}
    recent = [number for number, at in as_at.items() if at > as_at[run_id] - window]
    first = min(recent, default=run_id)
    found = recorded_after(_touched(connection, first, run_id, as_at), sights(connection, run_id), tolerance)
    return tuple(each for each in found if each.first_run >= first)


def sights(connection: sa.Connection, last: int | None = None) -> dict[int, Sight]:
    """Return what each run up to `last` could see, by number; a run that kept no records saw none."""
    shapes = {run: read_shape(body) for run, body in _papers(connection, history.SHAPE_KIND)}
    settings = {run: json.loads(body) for run, body in _papers(connection, "settings")}
    runs = connection.execute(sa.select(_run.c.id, _run.c.known_to, _run.c.gates))
    return {
        run: _sight(run, _trusted(known_to, gates), shapes[run], settings.get(run, {}))
        for run, known_to, gates in runs
        if run in shapes and (last is None or run <= last)
    }


def _trusted(known_to: Mapping[str, int], gates: Mapping[str, Any]) -> dict[str, int]:
    return {name: value for name, value in known_to.items() if gates.get(name, {"passed": True})["passed"]}


def _sight(run: int, known_to: Mapping[str, int], kept: tuple[Shape, ZoneInfo], settings: Mapping[str, Any]) -> Sight:
    shape, zone = kept
    first = settings.get("records_from")
    return Sight(run, known_to, shape, None if first is None else dt.date.fromisoformat(first), zone)


def _papers(connection: sa.Connection, kind: str) -> Iterator[tuple[int, str]]:
    """Yield each run's document of a kind, each text fetched once."""
    pointers = tables.run_document
    rows = connection.execute(sa.select(pointers.c.run_id, pointers.c.digest).where(pointers.c.kind == kind)).all()
    digests = {row.digest for row in rows}
    texts = connection.execute(sa.select(tables.document).where(tables.document.c.digest.in_(digests)))
    bodies = {row.digest: row.body for row in texts}
    for row in rows:
        yield row.run_id, bodies[row.digest]


def _touched(
    connection: sa.Connection, first: int, last: int, as_at: Mapping[int, dt.datetime]
) -> Iterator[history.RecordSpell]:
    """Yield every spell up to the run `last` of each record of which some spell began in the runs `first` to `last`."""
    new = sa.select(_records.c.record_set, _records.c.key).distinct()
    new = new.where(_records.c.first_run.between(first, last), _records.c.record_set.in_(SETS))
    touched = new.subquery()
    both = (_records.c.record_set == touched.c.record_set) & (_records.c.key == touched.c.key)
    query = sa.select(_records).join(touched, both).where(_records.c.first_run <= last)
    for row in connection.execute(query):
        cells = None if row.body is None else json.loads(row.body)
        ended = row.last_run if row.last_run is not None and row.last_run <= last else None
        yield history.RecordSpell(
            row.record_set, row.key, cells, row.first_run, as_at[row.first_run], ended, as_at.get(ended or 0)
        )
