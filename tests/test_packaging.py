"""The wheel a force installs, built here with no network, and the versions it is tested with."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Final

import pytest

from dacompliance import __version__, resources

ROOT: Final = Path(__file__).resolve().parents[1]
CARRIED: Final = {"rules": "_rules", "migrations": "_migrations", "reports": "_reports"}


def build(target: str, folder: Path) -> Path:
    """Build a distribution with the hatchling that is installed, and return it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build("wheel", tmp_path_factory.mktemp("wheel"))


def files_of(folder: Path) -> set[str]:
    """Return the files a folder of the checkout has, caches and git's own apart."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != ".gitkeep"
    }


@pytest.mark.parametrize(("original", "copy"), CARRIED.items(), ids=CARRIED)
def test_the_wheel_carries_what_lies_beside_the_package(wheel, original, copy):
    there = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"dacompliance/{copy}/{name}" for name in files_of(ROOT / original)}
    assert wanted
    assert wanted <= there


def test_the_wheel_carries_the_package_its_licence_and_the_example_configuration(wheel):
    archive = zipfile.ZipFile(wheel)
    there = set(archive.namelist())
    assert {f"dacompliance/{name}" for name in files_of(ROOT / "dacompliance")} <= there
    assert {"dacompliance/_config.example.toml", "dacompliance/py.typed"} <= there
    info = f"dacompliance-{__version__}.dist-info"
    assert {f"{info}/licenses/LICENSE", f"{info}/licenses/NOTICE"} <= there
    assert b"dacompliance = dacompliance.cli:main" in archive.read(f"{info}/entry_points.txt")
    assert not [name for name in there if not name.startswith(("dacompliance/", info))]


def test_the_wheel_finds_what_it_carries_far_from_any_checkout(wheel, tmp_path):
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    places = "rules_folder", "migrations_folder", "templates_folder", "example_config"
    asked = f"from dacompliance import resources as r; [print(getattr(r, place)()) for place in {places}]"
    said = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    home = installed / "dacompliance"
    assert said == [str(home / name) for name in ("_rules", "_migrations", "_reports", "_config.example.toml")]


def test_a_checkout_finds_the_originals():
    assert resources.rules_folder() == ROOT / "rules"
    assert resources.migrations_folder() == ROOT / "migrations"
    assert resources.templates_folder() == ROOT / "reports"
    assert resources.example_config() == ROOT / "config.example.toml"


def test_the_source_archive_is_enough_to_build_and_to_test(tmp_path):
    with tarfile.open(build("sdist", tmp_path)) as archive:
        there = {name.partition("/")[2] for name in archive.getnames()}
    for folder in ("dacompliance", "rules", "migrations", "reports", "tools", "tests"):
        assert {f"{folder}/{name}" for name in files_of(ROOT / folder)} <= there, folder
    files = {"pyproject.toml", "constraints.txt", "config.example.toml", "Makefile", "LICENSE", "NOTICE", "README.md"}
    assert files <= there


def declared() -> set[str]:
    """Return every package that pyproject.toml names, the product's own extras apart."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for lines in project["optional-dependencies"].values() for line in lines)]
    names = {re.match(r"[A-Za-z0-9._-]+", line).group().lower() for line in lines}
    return names - {"dacompliance"}


def test_the_constraints_pin_every_declared_package_and_name_no_host():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = {line.partition("==")[0] for line in text.splitlines() if "==" in line}
    assert declared() <= pinned
    assert "://" not in text
    assert [line for line in text.splitlines() if "==" not in line and not line.startswith("#")] == []
