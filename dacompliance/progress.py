"""Progress bars on a terminal; nothing in a log."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from tqdm import tqdm


class Bars:
    """One bar a record set, counting rows as they are read, or a piece of work. Silent where stderr is no terminal."""

    def __init__(self, unit: str = " rows") -> None:
        self._bars: dict[str, Any] = {}
        self._unit = unit

    def __enter__(self) -> Bars:
        return self

    def rows(self, record_set: str, read: int) -> None:
        """Count `read` more rows of a record set."""
        if record_set not in self._bars:
            self._bars[record_set] = tqdm(
                desc=record_set, unit=self._unit, unit_scale=True, leave=False, file=sys.stderr, disable=None
            )
        self._bars[record_set].update(read)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for bar in self._bars.values():
            bar.close()
