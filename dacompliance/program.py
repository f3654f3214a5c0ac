"""What judges, by digest: the modules that turn what a run keeps into verdicts, and the libraries they stand on.

A replay that says otherwise may lay it on our own code only if this differs from what the run was judged by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

from dacompliance import __version__

PROGRAM_KIND: Final = "program"
"""The kind of the run's document that says by which program it was judged."""

JUDGES: Final = (
    "judging", "policy", "records/contract.py", "records/table.py", "ledger/arrows.py", "ledger/bodies.py",
    "localtime.py",
)  # fmt: skip
"""The modules and packages a verdict is made by, once the records are cast and kept."""

LIBRARIES: Final = ("numpy", "pandas", "pyarrow", "tzdata")
_PACKAGE: Final = Path(__file__).resolve().parent


@cache
def program_text() -> str:
    """Return the version of this program, of the libraries it judges with, and the SHA-256 of each module of it."""
    return "\n".join([f"dacompliance {__version__}", *_libraries(), *_modules(), ""])


def _libraries() -> Iterator[str]:
    for name in LIBRARIES:
        yield f"{name} {metadata.version(name)}"


def _modules() -> Iterator[str]:
    for part in JUDGES:
        place = _PACKAGE / part
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            yield f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(_PACKAGE).as_posix()}"
