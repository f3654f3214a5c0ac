"""Whether what a run kept still has the digest it was kept by. Reads the ledger; names keys and files, never a cell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from dacompliance.audit.causes import is_file_of
from dacompliance.audit.fingerprint import NOTHING, of_said
from dacompliance.ledger import history, runs
from dacompliance.ledger.beside import digest_of
from dacompliance.ledger.rows import Rows
from dacompliance.ledger.said import Said
from dacompliance.policy.files import BESIDE
from dacompliance.program import PROGRAM_KIND, program_text

ALWAYS: Final = (
    *(("rules", name) for name in BESIDE),
    ("settings", "config"),
    (history.SHAPE_KIND, history.SHAPE_KIND),
    (PROGRAM_KIND, PROGRAM_KIND),
)
"""The texts, its rules apart, that every run keeps."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a run is no longer what was kept, and whether this program is the one that judged it.

    `records` are set, key and incident of altered rows; `withheld` the same of rows lawfully deleted since; `documents`
    kind and name of texts that were altered or are gone; `rows` the record sets with more or fewer rows than the run
    counted, with both numbers: a row added, taken out or given to other runs has no digest to fail. `said` are the
    rules whose verdicts no longer have the fingerprint that the run kept of them. `same_program` is None where the run,
    of an older version, did not keep its program.
    """

    records: frozenset[tuple[str, str, str | None]] = frozenset()
    withheld: frozenset[tuple[str, str, str | None]] = frozenset()
    documents: frozenset[tuple[str, str]] = frozenset()
    rows: tuple[tuple[str, int, int], ...] = ()
    said: frozenset[str] = frozenset()
    same_program: bool | None = True


def what_is_kept(connection: sa.Connection, run_id: int, rows: Mapping[str, Rows]) -> Kept:
    """Hold every record and text that a run kept to its digest. `rows` are those of its records."""
    run, papers = runs.run(connection, run_id), runs.documents(connection, run_id)
    digests = runs.digests(connection, run_id)
    program = [each.body for each in papers if each.kind == PROGRAM_KIND]
    altered = frozenset((each.kind, each.name) for each in papers if each.digest != digests[each.kind, each.name])
    there = {(each.kind, each.name) for each in papers}
    return Kept(
        records=frozenset(_altered(rows)),
        withheld=frozenset(_withheld(rows)),
        documents=altered | (digests.keys() - there) | frozenset(_gone(run, digests.keys())),
        rows=tuple(_miscounted(run.gates, rows)),
        same_program=program[0] == program_text() if program else None,
    )


def _gone(run: runs.Run, kept: Collection[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the texts that a run was made with and nothing points to any more: by name, or else how many."""
    rules = [name for kind, name in kept if kind == "rules"]
    gone = [("rules", rule_id) for rule_id in run.rules if not any(is_file_of(rule_id, name) for name in rules)]
    number = run.counts.get(runs.PAPERS, len(kept) + len(gone)) - len(kept) - len(gone)
    known = [each for each in ALWAYS if number > 0 and each not in kept]
    yield from (*gone, *known)
    if number > len(known):
        yield "documents", f"({number - len(known)} that nothing names are gone)"


def not_as_said(run: runs.Run, said: Said) -> frozenset[str]:
    """Return the rules of which verdict history no longer says what the run said; of those with a fingerprint."""
    there = of_said(said)
    kept = {rule_id: each.said for rule_id, each in run.rules.items() if each.said}
    return frozenset(rule_id for rule_id, each in kept.items() if there.get(rule_id, NOTHING) != each)


def _altered(rows: Mapping[str, Rows]) -> Iterator[tuple[str, str, str | None]]:
    for record_set, each in rows.items():
        for key, incident, body, salt, digest in zip(*each.columns(), strict=True):
            if body is not None and not _is_digest(salt, body, digest):
                yield record_set, key, incident


def _is_digest(salt: str | None, body: str, digest: str) -> bool:
    return salt is not None and body.isascii() and digest_of(salt, body) == digest


def _miscounted(gates: Mapping[str, Any], rows: Mapping[str, Rows]) -> Iterator[tuple[str, int, int]]:
    """Yield each record set the run trusted that has not the rows it counted: name, how many then, how many now."""
    for name, gate in sorted(gates.items()):
        counted = (gate.get("extent") or {}).get("usable")
        there = len(rows[name].keys) if name in rows else 0
        if gate["passed"] and counted is not None and counted != there:
            yield name, int(counted), there


def _withheld(rows: Mapping[str, Rows]) -> Iterator[tuple[str, str, str | None]]:
    for record_set, each in rows.items():
        for key, incident, body in zip(each.keys, each.incident_refs, each.bodies, strict=True):
            if body is None:
                yield record_set, key, incident
