"""The folder of a site: each file replaced whole, what did not change left alone, what is no more removed.

`SHA256SUMS` lists what was written, so that anybody can check it (`sha256sum -c`), and so that the next report removes
only files that a report made. While one is being written, the list of the one before it stands under another name:
where the writing was cut short, the report after it still knows what to remove.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from dacompliance.reporting.completion import replace

SUMS: Final = "SHA256SUMS"
BEFORE: Final = "SHA256SUMS.before"
Watch = Callable[[str, int], None]


def write_site(
    folder: Path, files: Iterable[tuple[str, bytes]], watch: Watch | None = None, beside: Iterable[Path] = ()
) -> list[Path]:
    """Write files, given by their path in `folder`, in order; return their paths, the last one first.

    `beside` are files of the report that are there already. The sums are put aside before the first change and written
    after the last: a folder without them is one whose report was cut short. Raises OSError where the folder cannot be
    written to.
    """
    before = _listed(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = list(beside)
    sums = {path.relative_to(folder).as_posix(): _digest(path.read_bytes()) for path in written}
    for name, content in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not (path.is_file() and path.read_bytes() == content):
            _put_aside(folder)
            replace(path, content, durable=False)
        sums[name] = _digest(content)
        written.append(path)
        if watch is not None:
            watch("report", 1)
    _remove(folder, before - sums.keys())
    replace(folder / SUMS, "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode("utf-8"))
    (folder / BEFORE).unlink(missing_ok=True)
    return written[::-1]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _put_aside(folder: Path) -> None:
    if (folder / SUMS).is_file():
        (folder / SUMS).replace(folder / BEFORE)


def _listed(folder: Path) -> frozenset[str]:
    """Return the paths that earlier reports wrote; none where no list is, and none that leads out of the folder."""
    return _names(folder / SUMS) | _names(folder / BEFORE)


def _names(path: Path) -> frozenset[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return frozenset()
    names = re.findall(r"^[0-9a-f]{64}  (.+)$", text, re.MULTILINE)
    return frozenset(name for name in names if ".." not in Path(name).parts and not Path(name).is_absolute())


def _remove(folder: Path, names: Iterable[str]) -> None:
    """Remove files that are no more part of the report, and the folders they leave empty."""
    for name in sorted(names):
        path = folder / name
        if path.is_file() and not path.is_symlink():
            path.unlink()
        for parent in path.parents:
            if parent == folder or not parent.is_dir() or any(parent.iterdir()):
                break
            parent.rmdir()
