"""What a large pull lays by until it is wanted: a file without a name, which nobody else can open and no crash leaves.

It holds records, so none is made where none is needed, and it is gone with the process that made it.
"""

from __future__ import annotations

import json
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dacompliance.errors import SourceError

Arrays = Sequence[npt.NDArray[Any]]

_NUMBER: Final = 8
"""Bytes of the length of a heading."""


class Scratch:
    """Arrays laid by under a heading, each given back by the place they were laid at, as often as they are wanted."""

    def __init__(self, folder: Path | None = None) -> None:
        """Make an empty one in `folder`, else where the system keeps such files. Raises SourceError if it cannot."""
        try:
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed when nobody wants it any more
        except OSError as error:
            raise _unwritable(error) from None
        weakref.finalize(self, self._file.close)

    def put(self, heading: object, arrays: Arrays) -> int:
        """Lay by arrays of numbers or truth values under a heading of JSON's own types; return where.

        Raises SourceError where there is no room.
        """
        kinds = [(array.dtype.str, len(array)) for array in arrays]
        head = json.dumps([heading, kinds]).encode("ascii")
        try:
            place = self._file.seek(0, 2)
            self._file.write(len(head).to_bytes(_NUMBER, "big") + head)
            for array in arrays:
                self._file.write(np.ascontiguousarray(array).data)
            self._file.flush()
        except OSError as error:
            raise _unwritable(error) from None
        return place

    def get(self, place: int) -> tuple[Any, list[npt.NDArray[Any]]]:
        """Give back the heading and the arrays that were laid by at a place."""
        self._file.seek(place)
        length = int.from_bytes(self._file.read(_NUMBER), "big")
        heading, kinds = json.loads(self._file.read(length))
        return heading, [self._array(np.dtype(kind), size) for kind, size in kinds]

    def _array(self, kind: np.dtype[Any], size: int) -> npt.NDArray[Any]:
        array = np.empty(size, dtype=kind)
        if size:
            self._file.readinto(array.data.cast("B"))
        return array


def _unwritable(error: OSError) -> SourceError:
    return SourceError(
        f"source.scratch_folder: what a large pull lays by cannot be written there: {error.strerror}. "
        "Name a folder on a disk with room: a pull of a million incidents takes about a gigabyte."
    )
