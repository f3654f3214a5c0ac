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
            # Unbuffered: what could not be written would else be tried again when the file is closed.
            self._file = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115 - closed with its last owner
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
            self._write(memoryview(len(head).to_bytes(_NUMBER, "big") + head))
            for array in arrays:
                self._write(np.ascontiguousarray(array).data.cast("B") if len(array) else memoryview(b""))
        except OSError as error:
            raise _unwritable(error) from None
        return place

    def get(self, place: int) -> tuple[Any, list[npt.NDArray[Any]]]:
        """Give back the heading and the arrays that were laid by at a place."""
        self._file.seek(place)
        length = int.from_bytes(self._read(_NUMBER), "big")
        heading, kinds = json.loads(self._read(length))
        return heading, [np.frombuffer(self._read(size * np.dtype(kind).itemsize), dtype=kind) for kind, size in kinds]

    def _write(self, left: memoryview) -> None:
        while left:
            written = self._file.write(left)  # less, where only so much of a disk is left
            left = left[written:]

    def _read(self, size: int) -> bytearray:
        found = bytearray(size)
        left = memoryview(found)
        while left:
            read = self._file.readinto(left)
            if not read:
                raise SourceError("source.scratch_folder: what was laid by there is gone. Look into the disk.")
            left = left[read:]
        return found


def _unwritable(error: OSError) -> SourceError:
    return SourceError(
        f"source.scratch_folder: what a large pull lays by cannot be written there: {error.strerror}. "
        "Name a folder on a disk with room: a million incidents with their forms and referrals take about a gigabyte."
    )
