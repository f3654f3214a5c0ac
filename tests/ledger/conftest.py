"""A ledger on each database we keep one in: every test that asks for one runs on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dacompliance.ledger.database import Ledger, open_ledger


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    address: str = request.getfixturevalue("postgres_database")
    return address


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """Yield a new ledger."""
    opened = open_ledger(ledger_url)
    yield opened
    opened.close()
