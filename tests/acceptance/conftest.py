"""Fixtures of whole runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.force import SmallForce, build
from tests.acceptance.server import Server, on_server


@pytest.fixture
def force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> SmallForce:
    """Give a small force with no records yet."""
    return build(tmp_path / "force", capsys)


@pytest.fixture
def server(force: SmallForce, postgres_database: str) -> Iterator[Server]:
    """Give the same force, its records on PostgreSQL: an incident and its form."""
    with on_server(force, postgres_database) as made:
        yield made
