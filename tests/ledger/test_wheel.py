"""A ledger made by an installed program, far from any checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

from dacompliance.ledger import migrate
from tests.test_packaging import build

MAKES = """
import sys
from dacompliance.ledger import migrate
from dacompliance.ledger.database import open_ledger
open_ledger(sys.argv[1])
print(migrate.migrations_folder(), *migrate.known_versions())
"""


@pytest.mark.slow
def test_the_wheel_makes_a_ledger(tmp_path):
    (tmp_path / "built").mkdir()
    installed = tmp_path / "installed"
    zipfile.ZipFile(build("wheel", tmp_path / "built")).extractall(installed)
    done = subprocess.run(
        [sys.executable, "-c", MAKES, f"sqlite:///{tmp_path / 'ledger.db'}"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    folder, *versions = done.stdout.split()
    assert folder == str(installed / "dacompliance" / "_migrations")
    assert versions[-1] == migrate.HEAD
