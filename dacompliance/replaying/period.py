"""A period judged again, step by step, as known then or as known now, or with other rules to see what they would say.

From the ledger, from the source, or from files. Writes its pages and files, and to the ledger nothing but who asked for
it, when and why.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from dacompliance.config import Settings
from dacompliance.errors import LedgerError
from dacompliance.ledger import access
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.localtime import instant
from dacompliance.policy.columns import questions_named
from dacompliance.policy.files import load_pack
from dacompliance.policy.model import Pack
from dacompliance.records.files import read_folder
from dacompliance.records.parts import Pulled
from dacompliance.records.source import pull_in_parts
from dacompliance.replaying.asking import Asked
from dacompliance.replaying.changes import Changes, Judged
from dacompliance.replaying.evidence import Read, Remembered, Slice
from dacompliance.replaying.looks import Known, Look, as_known_now, as_known_then, at_each
from dacompliance.replaying.steps import Step, steps
from dacompliance.replaying.tallies import Tallies
from dacompliance.replaying.writing import Replayed, write

Watch = Callable[[str, int], None]
JUDGED: Final = "incidents judged"


def replay_period(settings: Settings, asked: Asked, *, now: dt.datetime, progress: Watch | None = None) -> Replayed:
    """Judge a period again, and write what it says.

    Raises UsageError for what cannot be asked, LedgerError where the ledger does not know enough; then nothing was
    written but that it was asked.
    """
    asked.refuse()
    found = steps(asked.first, asked.last, asked.every, settings.zone)
    pack = None if asked.rules is None else load_pack(asked.rules, settings.own_columns)
    with closing(open_ledger(settings.ledger.url.get_secret_value(), create=not asked.from_ledger)) as ledger:
        access.keep(ledger, access.Access(now, asked.who, asked.words(), asked.why))
        if asked.from_ledger:
            return _of_ledger(settings, asked, found, pack, ledger, progress)
    return _of_records(settings, asked, found, pack, now, progress)


def _of_ledger(
    settings: Settings, asked: Asked, found: Sequence[Step], pack: Pack | None, ledger: Ledger, progress: Watch | None
) -> Replayed:
    with ledger.read() as connection:
        looks: tuple[Look, ...] = ()
        instants = [step.ends for step in found]
        if Known.THEN in asked.known:
            looks = as_known_then(connection, found, pack, settings.zone)
            instants = [look.as_at for look in looks]
        if Known.NOW in asked.known:
            looks += as_known_now(connection, found, pack, instants, settings.zone)
        run_ids = sorted({look.run for look in looks if look.run is not None})
        return _judged(settings, asked, looks, Remembered(connection, run_ids), progress)


def _of_records(
    settings: Settings, asked: Asked, found: Sequence[Step], pack: Pack | None, now: dt.datetime, progress: Watch | None
) -> Replayed:
    rules = load_pack(settings.rules.folder, settings.own_columns) if pack is None else pack
    pulled = _read(settings, asked, rules, now, progress)
    known = [value for name, value in pulled.known_to.items() if name != "staff"]
    if not known:
        raise LedgerError("the records: hold no time that can be read, so nobody knows to when they are known.")
    known_at = instant(min(known))
    look = Look(found[0], Known.NOW, known_at, known_at, rules, settings.rules.completion_rule, settings.zone)
    looks = at_each(look, found, [step.ends for step in found], known_at, settings.zone)
    return _judged(settings, asked, looks, Read(pulled), progress)


def _read(settings: Settings, asked: Asked, pack: Pack, now: dt.datetime, progress: Watch | None) -> Pulled:
    keep = questions_named(pack)
    if asked.records is None:
        return pull_in_parts(settings, now=now, instruments=pack.instruments, keep=keep, progress=progress)
    return read_folder(
        asked.records,
        settings,
        now=now,
        instruments=pack.instruments,
        keep=keep,
        known_to=asked.known_to,
        progress=progress,
    )


def _judged(
    settings: Settings, asked: Asked, looks: Sequence[Look], evidence: Read | Remembered, progress: Watch | None
) -> Replayed:
    tallies = Tallies()
    with tempfile.TemporaryDirectory(dir=settings.source.scratch_folder) as name:
        changes = Changes(Path(name), asked.basis, looks)
        for size, part in evidence.slices():
            for before, after in _in_turn(looks, part):
                tallies.add(after.look, after.checked, after.records)
                if before is not None:
                    changes.add(before, after)
                if progress is not None:
                    progress(JUDGED, size)
        return write(settings, asked, looks, tallies, changes)


def _in_turn(looks: Sequence[Look], part: Slice) -> Iterator[tuple[Judged | None, Judged]]:
    """Yield each look at a slice, with the one before it of the same sort."""
    before: Judged | None = None
    for look in looks:
        records = part(look.run)
        after = Judged(look, records, look.judge(records))
        yield before if before is not None and before.look.known is look.known else None, after
        before = after
