"""What a large pull lays by until it is wanted: a file without a name, which nobody else can open and no crash leaves.

It holds records, so it is never made where it is not needed, and is gone with the process that made it.
"""

from __future__ import annotations

import pickle
import tempfile
import weakref
from pathlib import Path
from typing import Any

from dacompliance.errors import SourceError


class Scratch:
    """Things laid by, each given back by the place it was laid at, as often as it is wanted."""

    def __init__(self, folder: Path | None = None) -> None:
        """Make an empty one in `folder`, else where the system keeps such files. Raises SourceError if it cannot."""
        try:
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed when nobody wants it any more
        except OSError as error:
            raise _unwritable(error) from None
        weakref.finalize(self, self._file.close)

    def put(self, thing: object) -> int:
        """Lay something by; return where. Raises SourceError where there is no room."""
        try:
            place = self._file.seek(0, 2)
            pickle.dump(thing, self._file, protocol=pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as error:
            raise _unwritable(error) from None
        return place

    def get(self, place: int) -> Any:
        """Give back what was laid by at a place."""
        self._file.seek(place)
        return pickle.load(self._file)  # noqa: S301 - nobody but this process ever had the file


def _unwritable(error: OSError) -> SourceError:
    return SourceError(
        f"source.scratch_folder: what a large pull lays by cannot be written there: {error.strerror}. "
        "Name a folder on a disk with room: a pull of a million incidents takes about a gigabyte."
    )
