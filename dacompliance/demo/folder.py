"""The folder of a demonstration: what belongs in it, and how it is cleared for the next. Removes only what it knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dacompliance.errors import UsageError
from dacompliance.resources import rules_folder

MARKER: Final = "INVENTED.txt"
MARKER_TEXT: Final = """\
Everything in this folder is invented: the force, its officers, its records and its e-mail addresses.
`dacompliance demo` made it, and makes it again when it is run on this folder, in place of what is here.
"""
_OURS: Final = re.compile(
    r"config\.toml|verdicts\.csv"
    r"|(force|ledger)\.db(-journal|-wal|-shm)?"
    r"|notices/[^/]+\.(eml|part)"
    r"|pages/(([^/]+/)*[^/]+\.(html|csv)|SHA256SUMS)"
)


def clear(folder: Path) -> None:
    """Make `folder` an empty one with its marker, removing what an earlier demonstration left.

    Raises UsageError, and removes nothing, when it holds anything a demonstration did not make, or is no folder.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder}: is not a folder. Name one that is new or empty with --folder.")
    files = [path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir()]
    if files and not (folder / MARKER).is_file():
        raise UsageError(
            f"{folder}: holds files that no demonstration made, and they would be in its way. "
            "Name a new or empty folder with --folder."
        )
    for path in _not_ours(folder, files):
        raise UsageError(
            f"{path}: was not made by the demonstration, which would remove it with its own. "
            "Move it elsewhere, or name another folder with --folder."
        )
    try:
        _empty(folder, files)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARKER).write_text(MARKER_TEXT, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written ({error.strerror}). Name another with --folder.") from None


def _not_ours(folder: Path, files: list[Path]) -> Iterator[Path]:
    rules = {f"rules/{path.name}" for path in rules_folder().glob("*.toml")}
    for path in files:
        name = path.relative_to(folder).as_posix()
        if name != MARKER and name not in rules and not _OURS.fullmatch(name):
            yield path


def _empty(folder: Path, files: list[Path]) -> None:
    """Remove the files, the marker last, so that a removal cut short can be taken up again; then the empty folders."""
    for path in sorted(files, key=lambda path: path.name == MARKER):
        path.unlink()
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir()
