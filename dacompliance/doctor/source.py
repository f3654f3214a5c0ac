"""The force's database as the doctor finds it: reached, readable only, every query as the contract wants it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from dacompliance.config import Settings
from dacompliance.doctor.model import Finding, faults, fine, warning
from dacompliance.errors import ConfigError, SourceError
from dacompliance.policy.columns import questions_named
from dacompliance.policy.model import Pack
from dacompliance.records.dialects import open_engine, snapshot
from dacompliance.records.grants import could_write
from dacompliance.records.intake import Watch
from dacompliance.records.source import pull, query_faults
from dacompliance.records.table import Records


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was found of the source, and its records where every query could be read."""

    findings: tuple[Finding, ...]
    records: Records | None = None


def look_at_source(settings: Settings, pack: Pack | None, now: dt.datetime, progress: Watch | None) -> Looked:
    """Connect, read the grants, and read every record as a check would; each query that cannot be read is named."""
    try:
        found = tuple(_grants(settings))
    except (ConfigError, SourceError) as error:
        return Looked(tuple(faults("source", error)))
    instruments = {} if pack is None else pack.instruments
    keep = frozenset[str]() if pack is None else questions_named(pack)
    try:
        records = pull(settings, now=now, instruments=instruments, keep=keep, progress=progress)
    except SourceError as first:
        each = query_faults(settings, now=now) or [first]
        return Looked((*found, *(one for error in each for one in faults("source", error))))
    rows = ", ".join(f"{name} {len(records.table(name)):,}" for name, _ in settings.records.mapped())
    return Looked((*found, fine("source", f"every query answers as the contract wants it; rows: {rows}.")), records)


def _grants(settings: Settings) -> Iterator[Finding]:
    """Yield that the source can be reached, and what its account could write. Raises where it cannot be reached."""
    address = settings.secrets["source_url"].get_secret_value()
    engine = open_engine(address)
    with snapshot(engine, settings.source.statement_timeout_seconds) as connection:
        yield fine("source", f"the database ({engine.dialect.name}) is reached, and opened to be read only.")
        could = could_write(connection, address)
    if isinstance(could, str):
        yield warning(
            "source",
            f"whether the account could write cannot be told: {could}. Have its grants looked at: SELECT on what the "
            "queries name, and no more.",
        )
    elif could:
        what = ", ".join(f"{number} {name}" if number > 1 else name for name, number in could.items())
        yield warning(
            "source",
            f"the account could write ({what}). The monitor never does, but an account that cannot is the one real "
            "protection. Grant it SELECT on what the queries name, and nothing else.",
        )
    else:
        yield fine("source", "the account can only read.")
