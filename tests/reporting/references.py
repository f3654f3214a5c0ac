"""Reads the published figures beside this file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dacompliance.judging.measures import Share

FOLDER = Path(__file__).parent / "reference"


def reference(name: str) -> dict[str, Any]:
    """Return one file of published figures."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def shares(numerators: list[int], denominators: list[int]) -> list[Share]:
    """Pair numerators with denominators."""
    return [Share(x, n) for x, n in zip(numerators, denominators, strict=True)]
