"""What the doctor finds: how bad, of which part, and in words what, why and how to mend it. Pure values."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

Part = Literal["configuration", "source", "records", "rules", "ledger", "mail"]

WIDTH: Final = 100
WARNED, FAULTY = 10, 11
"""The exit codes for warnings only, and for a fault that keeps a check or its mail from working."""


class Level(StrEnum):
    """How bad a finding is. A check can do its work with a warning, which somebody should know of; not with a fault."""

    FINE = "fine"
    WARNING = "warning"
    FAULT = "FAULT"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `says` is sentences: what was found, why it matters, what to do; references only."""

    level: Level
    part: Part
    says: str

    def lines(self) -> list[str]:
        """Return it as lines of a terminal."""
        head = f"{self.level:<8} {self.part:<14} "
        return textwrap.wrap(
            self.says,
            WIDTH,
            initial_indent=head,
            subsequent_indent=" " * len(head),
            break_long_words=False,
            break_on_hyphens=False,
        )


def fine(part: Part, says: str) -> Finding:
    """Make a finding of something that is in order."""
    return Finding(Level.FINE, part, says)


def warning(part: Part, says: str) -> Finding:
    """Make a finding of something to look at."""
    return Finding(Level.WARNING, part, says)


def fault(part: Part, says: str) -> Finding:
    """Make a finding of something that must be mended."""
    return Finding(Level.FAULT, part, says)


def faults(part: Part, error: Exception) -> list[Finding]:
    """Make findings of an error raised on purpose, one for each of its lines."""
    return [fault(part, line) for line in str(error).splitlines()]


def exit_code(found: Iterable[Level]) -> int:
    """Return 0 where all is fine, 10 for warnings only, 11 for a fault."""
    levels = set(found)
    if Level.FAULT in levels:
        return FAULTY
    return WARNED if Level.WARNING in levels else 0
