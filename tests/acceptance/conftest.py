"""Fixtures of whole runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.force import SmallForce, build


@pytest.fixture
def force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> SmallForce:
    """Give a small force with no records yet."""
    return build(tmp_path / "force", capsys)
