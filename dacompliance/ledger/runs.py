"""Runs and the documents they were made with: what was checked, by which texts, how it went. Never what was found."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from dacompliance.errors import LedgerError, OvertakenError
from dacompliance.ledger import tables
from dacompliance.ledger.tables import document, rule_version, run_document

PAPERS: Final = "documents"
"""The count of texts a run was made with, so that one taken away is missed."""

_run: Final = tables.run


class RuleState(StrEnum):
    """What a run did with a rule. Not asked: the run was a second look at others."""

    CHECKED = "checked"
    SWITCHED_OFF = "switched_off"
    NOT_CHECKED = "not_checked"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """What a run did with a rule, and why not more. `why` names columns and record sets, never a value.

    `said` is the fingerprint of what it said of all items, "" where the rule was not checked or none was kept.
    """

    state: RuleState
    why: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A text that a run was made with: a rule file, a calendar, the settings. `kind` and `name` say which."""

    kind: str
    name: str
    body: str = field(repr=False)

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes in UTF-8: what `sha256sum` says of the same file."""
        return hashlib.sha256(self.body.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run about to be kept. `after` is the latest run when this one was reconciled, None for the first.

    `known_to` is microseconds UTC by record set; `gates` is JSON by record set; `versions` is what each rule version
    said, by digest, under (rule_id, version).
    """

    job: str
    local_date: dt.date | None
    as_at: dt.datetime
    started_at: dt.datetime
    finished_at: dt.datetime
    code_version: str
    known_to: Mapping[str, int]
    gates: Mapping[str, Any]
    rules: Mapping[str, RuleStatus]
    counts: Mapping[str, int]
    after: int | None
    documents: tuple[Document, ...] = ()
    versions: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def second_look(self) -> bool:
        """True when the run asked only some of the rules."""
        return any(status.state is RuleState.NOT_ASKED for status in self.rules.values())

    @property
    def checked(self) -> frozenset[str]:
        """The rules the run checked."""
        return frozenset(rule_id for rule_id, status in self.rules.items() if status.state is RuleState.CHECKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as it was kept. `checked`: it checked at least one rule."""

    id: int
    job: str
    local_date: dt.date | None
    as_at: dt.datetime
    started_at: dt.datetime
    finished_at: dt.datetime
    code_version: str
    checked: bool
    known_to: Mapping[str, int]
    gates: Mapping[str, Any]
    rules: Mapping[str, RuleStatus]
    counts: Mapping[str, int]

    @property
    def second_look(self) -> bool:
        """True when the run asked only some of the rules."""
        return any(status.state is RuleState.NOT_ASKED for status in self.rules.values())


def latest(connection: sa.Connection) -> Run | None:
    """Return the newest run, whether or not it checked anything."""
    return next(iter(runs(connection, limit=1)), None)


def last_checked(connection: sa.Connection) -> Run | None:
    """Return the newest run that checked at least one rule."""
    newest = [*_found(connection, sa.select(_run).where(_run.c.checked).order_by(_run.c.id.desc()).limit(1))]
    return newest[0] if newest else None


def last_whole(connection: sa.Connection) -> Run | None:
    """Return the newest run that checked at least one rule and was no second look: what pages are made of."""
    query = sa.select(_run).where(_run.c.checked).order_by(_run.c.id.desc())
    return next((run for run in _found(connection, query) if not run.second_look), None)


def last_checked_by(connection: sa.Connection, rules: Collection[str]) -> dict[str, dt.datetime]:
    """Return what the last run that checked each rule was as at; of one never checked, what the first run was."""
    found: dict[str, dt.datetime] = {}
    oldest: Run | None = None
    for oldest in _found(connection, sa.select(_run).order_by(_run.c.id.desc())):
        for rule_id in set(rules) - set(found):
            if rule_id in oldest.rules and oldest.rules[rule_id].state is RuleState.CHECKED:
                found[rule_id] = oldest.as_at
        if len(found) == len(set(rules)):
            return found
    return found if oldest is None else {rule_id: found.get(rule_id, oldest.as_at) for rule_id in rules}


def run(connection: sa.Connection, run_id: int) -> Run:
    """Return one run. Raises LedgerError when there is none of that number, or its row can no longer be read."""
    found = [*_found(connection, sa.select(_run).where(_run.c.id == run_id), f"run {run_id}")]
    if not found:
        raise LedgerError(f'ledger: there is no run {run_id}. "dacompliance runs" lists them.')
    return found[0]


def runs(connection: sa.Connection, *, limit: int | None = 100) -> tuple[Run, ...]:
    """Return runs, newest first; without a limit, all of them."""
    return tuple(_found(connection, sa.select(_run).order_by(_run.c.id.desc()).limit(limit)))


def documents(connection: sa.Connection, run_id: int, kind: str | None = None) -> tuple[Document, ...]:
    """Return the documents a run was made with, of one kind or all, in order of kind and name."""
    query = (
        sa.select(run_document.c.kind, run_document.c.name, document.c.body)
        .join(document, document.c.digest == run_document.c.digest)
        .where(run_document.c.run_id == run_id)
    )
    if kind is not None:
        query = query.where(run_document.c.kind == kind)
    found = [Document(row.kind, row.name, row.body) for row in connection.execute(query)]
    return tuple(sorted(found, key=lambda each: (each.kind, each.name)))


def digests(connection: sa.Connection, run_id: int) -> dict[tuple[str, str], str]:
    """Return the digest each document of a run was kept by, under (kind, name)."""
    rows = connection.execute(sa.select(run_document).where(run_document.c.run_id == run_id))
    return {(row.kind, row.name): row.digest for row in rows}


def versions_ran(connection: sa.Connection) -> dict[tuple[str, str], str]:
    """Return what each rule version said when it was last run, by digest, under (rule_id, version)."""
    rows = connection.execute(sa.select(rule_version.c.rule_id, rule_version.c.version, rule_version.c.digest))
    return {(row.rule_id, row.version): row.digest for row in rows}


def insert(connection: sa.Connection, record: RunRecord) -> int:
    """Add a run with its documents and rule versions, and return its number: one more than the last.

    Raises OvertakenError when the last run is not the one this run was reconciled against.
    """
    last = connection.execute(sa.select(sa.func.max(_run.c.id))).scalar()
    if last != record.after:
        raise OvertakenError("ledger: another run finished meanwhile, so nothing of this one was kept. Run it again.")
    run_id = (last or 0) + 1
    connection.execute(
        sa.insert(_run).values(
            id=run_id,
            job=record.job,
            local_date=record.local_date,
            as_at=record.as_at,
            started_at=record.started_at,
            finished_at=record.finished_at,
            code_version=record.code_version,
            checked=bool(record.checked),
            known_to=dict(record.known_to),
            gates=dict(record.gates),
            rules={rule_id: _status_json(status) for rule_id, status in record.rules.items()},
            counts=dict(record.counts),
        )
    )
    return run_id


def insert_documents(connection: sa.Connection, run_id: int, papers: Iterable[Document]) -> None:
    """Keep what a run was made with; a text that the ledger has already is only pointed to."""
    by_digest = [(paper.digest, paper) for paper in papers]
    bodies = {digest: paper.body for digest, paper in by_digest}
    known = set(connection.execute(sa.select(document.c.digest).where(document.c.digest.in_(bodies))).scalars())
    new = [{"digest": digest, "body": body} for digest, body in bodies.items() if digest not in known]
    if new:
        connection.execute(sa.insert(document), new)
    rows = [{"run_id": run_id, "kind": paper.kind, "name": paper.name, "digest": digest} for digest, paper in by_digest]
    if rows:
        connection.execute(sa.insert(run_document), rows)


def insert_versions(connection: sa.Connection, run_id: int, versions: Mapping[tuple[str, str], str]) -> None:
    """Keep what each rule version said in this run."""
    known = versions_ran(connection)
    key = (rule_version.c.rule_id == sa.bindparam("of_rule")) & (rule_version.c.version == sa.bindparam("of_version"))
    old = [
        {"of_rule": rule_id, "of_version": version, "digest": digest, "last_run": run_id}
        for (rule_id, version), digest in versions.items()
        if (rule_id, version) in known
    ]
    new = [
        {"rule_id": rule_id, "version": version, "digest": digest, "last_run": run_id}
        for (rule_id, version), digest in versions.items()
        if (rule_id, version) not in known
    ]
    if old:
        connection.execute(sa.update(rule_version).where(key), old)
    if new:
        connection.execute(sa.insert(rule_version), new)


def _status_json(status: RuleStatus) -> dict[str, str]:
    return {"state": status.state, "why": status.why, **({"said": status.said} if status.said else {})}


def _found(connection: sa.Connection, query: sa.Select[Any], which: str = "a run") -> Iterator[Run]:
    """Yield the runs a query finds. Raises LedgerError for a row that was altered so that it cannot be read."""
    try:
        for row in connection.execute(query):
            yield _read(row)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LedgerError(
            f"ledger: the row of {which} cannot be read, so it was altered. Compare it with a backup."
        ) from None


def _read(row: sa.Row[Any]) -> Run:
    rules = {
        rule_id: RuleStatus(RuleState(each["state"]), each["why"], each.get("said", ""))
        for rule_id, each in row.rules.items()
    }
    return Run(**{**row._mapping, "rules": rules})  # noqa: SLF001  (SQLAlchemy's own public name)
