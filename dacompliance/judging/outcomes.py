"""The six outcomes of a verdict, in the order in which the first that fits decides (semantics §5)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np


class Outcome(IntEnum):
    """What a rule version says of an item."""

    NOT_APPLICABLE = 0
    UNDETERMINED = 1
    PENDING = 2
    MET = 3
    LATE = 4
    BREACHED = 5

    @property
    def word(self) -> str:
        """The word kept in the ledger and in files."""
        return self.name.lower()


OUTCOMES: Final = np.array([outcome.word for outcome in Outcome], dtype=object)
CodeArray = np.ndarray[tuple[int], np.dtype[np.int8]]
"""Outcomes as positions in `OUTCOMES`: words are made only where people or files are told."""
PlaceArray = np.ndarray[tuple[int], np.dtype[np.int16]]
"""Places in a short list: of a rule's versions, of a rule's reasons."""
