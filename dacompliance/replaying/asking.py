"""What somebody asks to be replayed, and how it is said of them. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from dacompliance.errors import UsageError
from dacompliance.replaying.looks import Known
from dacompliance.replaying.steps import Every


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asked to be replayed. `records` are a folder of files, `rules` a pack for a what-if.

    `source` asks for the records as the configured database has them now.
    """

    first: dt.date
    last: dt.date
    every: Every
    known: tuple[Known, ...]
    who: str
    why: str
    rules: Path | None = None
    records: Path | None = None
    known_to: dt.datetime | None = None
    source: bool = False
    folder: Path | None = None

    @property
    def from_ledger(self) -> bool:
        """Whether the records are those the ledger kept."""
        return not self.source and self.records is None

    def words(self) -> str:
        """Return in a line what was asked for, as the access entry says it; of a folder, its name only."""
        whose = "the ledger" if self.from_ledger else "the source" if self.source else f"files of {self.records_name}"
        what_if = f", what-if by the rules of {self.rules.resolve().name}" if self.rules else ""
        known = " and ".join(f"as known {each}" for each in self.known)
        return f"replay {self.first} to {self.last} every {self.every}, {known}, from {whose}{what_if}"

    @property
    def records_name(self) -> str:
        """The name of the folder of files."""
        return "" if self.records is None else self.records.resolve().name

    @property
    def basis(self) -> str:
        """What every row of every file says of the rules it was judged by."""
        return "rules in force" if self.rules is None else f"what-if: rules of {self.rules.resolve().name}"

    def refuse(self) -> None:
        """Raise UsageError for what cannot be asked for together, or without a reason."""
        if not self.why.strip():
            raise UsageError("--why: says nothing. Say what the replay is for: it is kept with who asked and when.")
        if self.source and self.records is not None:
            raise UsageError("--source, --records: the records come from one place. Drop one of them.")
        if Known.THEN in self.known and not self.from_ledger:
            raise UsageError(
                "--known then: only the ledger knows what was known then; the source and files say what is known now. "
                "Write --known now."
            )
        if self.known_to is not None and self.records is None:
            raise UsageError("--known-to: says to when files are known. Drop it, or name them with --records.")
