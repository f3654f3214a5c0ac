"""What changed from each step of a period to the next: verdict by verdict, by the one difference engine."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from dacompliance.audit.alike import unlike
from dacompliance.audit.causes import Cause
from dacompliance.audit.difference import IDENTITY, MOVED, moved, turns
from dacompliance.audit.inputs import Inputs, why
from dacompliance.judging.checking import Checked
from dacompliance.records.table import Records
from dacompliance.replaying.looks import Known, Look
from dacompliance.reporting.csvs import to_csv
from dacompliance.reporting.verdicts_csv import instants

HEADER: Final = ("basis", "known", "step_before", "as_at_before", "step", "as_at", *MOVED, "causes")
_TIMES: Final = tuple(f"{name}_{side}" for name in ("due_at", "done_at") for side in ("before", "after"))

Turn = tuple[str, str, str]
"""A rule, the outcome before and the outcome after."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A slice as a look judged it."""

    look: Look
    records: Records
    checked: Checked


class Changes:
    """The changes of a period, kept on disk step by step while slices come: `folder` is thrown away after.

    `turned` counts, for each step, how many verdicts went from which outcome to which.
    """

    def __init__(self, folder: Path, basis: str, looks: Sequence[Look]) -> None:
        self._basis = basis
        keys = [(look.known, look.step.name) for look in looks]
        self._parts = {key: folder / f"{place}.csv" for place, key in enumerate(keys)}
        self.turned: dict[tuple[Known, str], Counter[Turn]] = {key: Counter() for key in keys}

    def add(self, before: Judged, after: Judged) -> None:
        """Note what moved in a slice from one look to the next; rules that either left alone are not compared."""
        alone = _left_alone(before.checked) | _left_alone(after.checked)
        frames = unlike(before.checked, after.checked, alone)
        found = moved(*frames)
        look = after.look
        counted = self.turned[look.known, look.step.name]
        for rule_id, old, new, number in turns(found).itertuples(index=False, name=None):
            counted[rule_id, old, new] += int(number)
        if len(found):
            causes = _causes(before, after, found, frames[1])
            self._append(before.look, look, found.assign(causes=causes))

    def _append(self, before: Look, look: Look, found: pd.DataFrame) -> None:
        table = found.assign(**{name: instants(found[name]) for name in _TIMES})
        ends = [f"{each.as_at:%Y-%m-%dT%H:%M:%SZ}" for each in (before, look)]
        heads = (self._basis, str(look.known), before.step.name, ends[0], look.step.name, ends[1])
        for name, cell in zip(HEADER, heads, strict=False):
            table[name] = cell
        _, _, lines = to_csv(table[list(HEADER)], mark=False).partition(b"\r\n")
        with self._parts[look.known, look.step.name].open("ab") as file:
            file.write(lines)

    def write(self, path: Path) -> Path:
        """Write all of them to `path`, step after step; in a step, slice after slice, by rule, then item."""
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            file.write(to_csv(pd.DataFrame(columns=list(HEADER)), mark=False))
            for part in filter(Path.exists, self._parts.values()):
                with part.open("rb") as found:
                    shutil.copyfileobj(found, file)
        unfinished.chmod(0o640)
        unfinished.replace(path)
        return path


def _causes(before: Judged, after: Judged, found: pd.DataFrame, target: pd.DataFrame) -> list[str]:
    """Return why each verdict moved. As known now all that changes from step to step is the instant."""
    if before.look.run == after.look.run:
        return [str(Cause.TIME)] * len(found)
    wanted = {
        (rule_id, item_ref): incident
        for rule_id, item_ref, incident in found[[*IDENTITY, "incident_ref"]].itertuples(index=False, name=None)
    }
    causes = why(_inputs(before), _inputs(after), wanted, target)
    return ["; ".join(causes[each]) for each in wanted]


def _inputs(judged: Judged) -> Inputs:
    settings = judged.look.settings
    assert settings is not None, "a run keeps its settings"
    return Inputs(judged.look.as_at, judged.look.pack, settings, judged.records)


def _left_alone(checked: Checked) -> set[str]:
    return {rule_id for rule_id, status in checked.status.items() if status.state not in ("checked", "switched_off")}


def biggest(turned: Counter[Turn], number: int) -> Sequence[tuple[Turn, int]]:
    """Return the turns of most verdicts, the most first, then by rule."""
    return sorted(turned.items(), key=lambda each: (-each[1], each[0]))[:number]
