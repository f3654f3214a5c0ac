"""One force and one copy of it for all these tests: it is the same every time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dacompliance.demo import period
from dacompliance.demo.database import write_source
from dacompliance.demo.force import Force, make_force


@pytest.fixture(scope="session")
def force() -> Force:
    return make_force()


@pytest.fixture(scope="session")
def last_copy(force: Force, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The force's database as the last morning's load left it."""
    path = tmp_path_factory.mktemp("force") / "force.db"
    write_source(path, period.load_of(period.MORNINGS[-1]), force)
    return path


@pytest.fixture
def records(last_copy: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{last_copy}?mode=ro", uri=True)) as connection:
        yield connection
