"""The force's own copy of the rule pack: the bundled files, each version signed. Edits text as a policy owner would."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Any, Final

from dacompliance.demo.period import FIRST_DAY

APPROVED_BY: Final = "Head of Public Protection"
MINUTE: Final = "Domestic abuse board, item 4"
_FROM: Final = re.compile(r"^in_force_from\s*=\s*(\d{4}-\d{2}-\d{2}).*$", re.MULTILINE)


def copy_pack(bundled: Path, own: Path) -> None:
    """Copy every file of a pack into the folder `own`, with an approval in each version of a rule that has none."""
    own.mkdir(parents=True, exist_ok=True)
    for path in sorted(bundled.glob("*.toml")):
        (own / path.name).write_text(approved(path.read_text(encoding="utf-8")), encoding="utf-8")


def approved(text: str) -> str:
    """Return a rule file's text with an `approved` line below each `in_force_from` of a version that has none.

    A version is approved three weeks before it is in force, those older than the force's records shortly before them.
    Nothing else is changed; a file without versions stays as it is.
    """
    versions: list[dict[str, Any]] = tomllib.loads(text).get("version", [])
    unsigned = iter([("approved" not in version) for version in versions])

    def sign(found: re.Match[str]) -> str:
        if not next(unsigned):
            return found[0]
        on = max(dt.date.fromisoformat(found[1]), FIRST_DAY) - dt.timedelta(days=21)
        line = f'approved      = {{ by = "{APPROVED_BY}", on = {on}, minute = "{MINUTE}" }}'
        return f"{found[0]}\n{line}"

    return _FROM.sub(sign, text) if versions else text
