"""A second opinion is worth nothing if it copies the first: what the plain judge may import."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

PLAIN: Final = Path(__file__).resolve().parents[1] / "plain"
SHARED: Final = "dacompliance.policy.model"


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        if isinstance(node, ast.ImportFrom):
            yield str(node.module)


@pytest.mark.parametrize("file", sorted(PLAIN.glob("*.py")), ids=lambda file: file.name)
def test_the_plain_judge_shares_only_the_rules_model_with_the_fast_one(file: Path):
    own = [name for name in imported(file) if name.split(".")[0] not in sys.stdlib_module_names]
    assert [name for name in own if name != SHARED and not name.startswith("tests.plain.")] == []
