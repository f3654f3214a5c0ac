"""The set-up on other people's machines: real calls, in a small checkout whose own build back end needs no network."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BOOTSTRAP = ROOT / "tools" / "bootstrap.py"

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "small"
version = "1"
dependencies = []

[project.optional-dependencies]
dev = []
"""

# The least that `pip install -e .` asks of a build back end. Where there is a file `slow`, it never ends.
BACKEND = """
import pathlib, time, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    while pathlib.Path("slow").exists():
        time.sleep(0.05)
    info = "small-1.dist-info/"
    with zipfile.ZipFile(folder + "/small-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1\\nProvides-Extra: dev\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return "small-1-py3-none-any.whl"
"""


class Checkout:
    """A small project in a folder of its own, and the calls made of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.venv = folder / ".venv"
        self.stamp = self.venv / "installed.json"
        folder.mkdir(exist_ok=True)
        for name, text in {"pyproject.toml": PYPROJECT, "backend.py": BACKEND, "constraints.txt": ""}.items():
            (folder / name).write_text(text, encoding="utf-8")

    def start(self, *options: str, before: tuple[str, ...] = (), **environment: str) -> subprocess.Popen[str]:
        """Start a set-up here, on a machine whose pip has no settings and whose only index is a closed door."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        index = {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": f"http://127.0.0.1:{closed_port()}",
            "PIP_RETRIES": "0",
        }
        command = [*before, sys.executable, str(BOOTSTRAP), "--folder", str(self.folder), *options]
        piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=clean | index | environment, start_new_session=True, **piped)

    def start_slowly(self) -> subprocess.Popen[str]:
        """Start a set-up whose build never ends, and wait until it is there."""
        (self.folder / "slow").touch()
        process = self.start()
        log = self.venv / "install.log"
        give_up = time.monotonic() + 30
        while not (log.exists() and "Obtaining" in log.read_text(encoding="utf-8")):
            assert time.monotonic() < give_up
            time.sleep(0.05)
        return process

    def set_up(self, *options: str, before: tuple[str, ...] = (), **environment: str) -> tuple[int, str, str]:
        """Set up here; return the exit status and what was said on stdout and stderr."""
        process = self.start(*options, before=before, **environment)
        said, complained = process.communicate(timeout=60)
        return process.returncode, said, complained

    def refuses(self, *options: str, before: tuple[str, ...] = (), **environment: str) -> str:
        """Set up where it cannot be: exit status 1 and one line on stderr, which is returned."""
        status, _, complained = self.set_up(*options, before=before, **environment)
        assert status == 1
        assert complained.startswith("Not set up: ")
        assert complained.count("\n") == 1
        assert not self.stamp.exists()
        return complained

    def works(self) -> bool:
        """Return whether the project is installed in its `.venv`."""
        question = "import importlib.metadata as m; print(m.version('small'))"
        return subprocess.run([self.venv / "bin" / "python", "-c", question], check=False).returncode == 0


def closed_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "checkout")


def program(folder: Path, name: str, script: str) -> None:
    """Write a shell script that stands for a program."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def test_the_oldest_python_is_the_one_the_package_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert "\nMINIMUM = (3, 11)\n" in BOOTSTRAP.read_text(encoding="utf-8")
    assert "Install Python 3.11 or newer" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_a_python_as_old_as_3_6_can_read_it_up_to_the_message():
    ast.parse(BOOTSTRAP.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_a_python_that_is_too_old_is_told_so_in_one_line(checkout, tmp_path):
    complaint = checkout.refuses("--minimum", "3.99", PATH=str(tmp_path))
    assert f"{sys.executable} is Python {sys.version_info[0]}.{sys.version_info[1]}, which is too old." in complaint
    assert "Install Python 3.99 or newer" in complaint
    assert not checkout.venv.exists()


def test_a_newer_python_on_the_path_is_taken_instead_of_one_too_old(checkout, tmp_path):
    program(tmp_path / "bin", "python3.14", "exit 127  # a version manager's stand-in for nothing")
    program(tmp_path / "bin", "python3.13", 'test "$1" = -c || echo "3.13 was given: $*"')
    status, said, complained = checkout.set_up("--minimum", "3.99", PATH=str(tmp_path / "bin"))
    assert (status, complained) == (0, "")
    assert said.startswith(f"3.13 was given: {BOOTSTRAP} --folder {checkout.folder}")


def test_a_newer_python_is_tried_once_only(checkout, tmp_path):
    program(tmp_path / "bin", "python3.14", f'test "$1" = -c || exec {sys.executable} "$@"')
    assert "too old" in checkout.refuses("--minimum", "3.99", PATH=str(tmp_path / "bin"))


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_the_venv_module_is_told_so_in_one_line(checkout, tmp_path, module):
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.modules['{module}'] = None\n", encoding="utf-8")
    complaint = checkout.refuses(PYTHONPATH=str(tmp_path))
    assert "has no venv module" in complaint
    assert "apt-get install python3-venv" in complaint
    assert not checkout.venv.exists()


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_checkout_that_lacks_a_file_is_told_so_in_one_line(checkout, name):
    (checkout.folder / name).unlink()
    assert f"{name} cannot be read" in checkout.refuses()


def test_a_read_only_folder_is_told_so_in_one_line(checkout):
    before: tuple[str, ...] = ()
    if os.geteuid() == 0:  # root writes where it likes, until that power is taken from it
        if shutil.which("setpriv") is None:
            pytest.skip("root needs setpriv to be refused a read-only folder (install util-linux)")
        before = ("setpriv", "--bounding-set", "-dac_override")
    checkout.folder.chmod(0o555)
    try:
        complaint = checkout.refuses(before=before)
    finally:
        checkout.folder.chmod(0o755)
    assert f"{checkout.venv} cannot be written (Permission denied)" in complaint


@pytest.mark.slow
def test_no_network_is_told_so_in_one_line_and_the_next_call_starts_afresh(checkout):
    needy = PYPROJECT.replace("dependencies = []", 'dependencies = ["jinja2"]')
    (checkout.folder / "pyproject.toml").write_text(needy, encoding="utf-8")
    backend = BACKEND.replace("Provides-Extra: dev", "Requires-Dist: jinja2")
    (checkout.folder / "backend.py").write_text(backend, encoding="utf-8")
    complaint = checkout.refuses()
    assert "the Python package index cannot be reached" in complaint
    assert str(checkout.venv / "install.log") in complaint
    (checkout.folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (checkout.folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    checkout.stamp.write_text("{", encoding="utf-8")  # a stamp that cannot be read is no stamp
    assert checkout.set_up()[0] == 0
    assert checkout.works()


@pytest.mark.slow
def test_pip_failing_otherwise_is_told_in_its_own_words(checkout):
    (checkout.folder / "constraints.txt").write_text("not a requirement\n", encoding="utf-8")
    complaint = checkout.refuses()
    assert "pip could not install the project: ERROR: " in complaint
    assert "constraints.txt" in complaint


@pytest.mark.slow
def test_a_second_call_does_nothing_until_there_is_something_to_do(checkout):
    status, said, complained = checkout.set_up()
    assert (status, complained) == (0, "")
    assert said.startswith("Installing into .venv")
    assert checkout.works()
    first = checkout.stamp.stat().st_mtime_ns

    assert checkout.set_up() == (0, "", "")
    assert checkout.stamp.stat().st_mtime_ns == first

    status, said, _ = checkout.set_up("--extras", "dev")
    assert (status, "Installed" in said, "again" in said) == (0, True, False)
    assert checkout.set_up() == (0, "", "")  # what has more than is asked for will do

    (checkout.folder / "constraints.txt").write_text("# newer\n", encoding="utf-8")
    status, said, _ = checkout.set_up()
    assert (status, "Installed" in said, "again" in said) == (0, True, False)
    assert checkout.set_up("--extras", "dev") == (0, "", "")  # and keeps what it had


@pytest.mark.slow
def test_an_environment_without_its_python_or_from_another_folder_is_made_again(checkout):
    assert checkout.set_up()[0] == 0
    (checkout.venv / "bin" / "python").unlink()
    assert checkout.set_up()[1].startswith("Making .venv again")
    assert checkout.works()
    moved = Checkout(checkout.folder.rename(checkout.folder.with_name("moved")))
    assert moved.set_up()[1].startswith("Making .venv again")
    assert moved.works()


@pytest.mark.slow
def test_a_set_up_that_is_interrupted_says_so_in_one_line(checkout):
    process = checkout.start_slowly()
    os.killpg(process.pid, signal.SIGINT)
    _, complained = process.communicate(timeout=30)
    assert process.returncode == 130
    assert complained == "Not set up: stopped half-way. Run it again; it starts afresh.\n"
    assert not checkout.stamp.exists()


@pytest.mark.slow
def test_a_set_up_that_is_killed_half_way_is_made_again_by_the_next_call(checkout):
    process = checkout.start_slowly()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    assert not checkout.stamp.exists()
    (checkout.folder / "slow").unlink()
    status, said, complained = checkout.set_up()
    assert (status, said.startswith("Making .venv again"), complained) == (0, True, "")
    assert checkout.works()


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(None, id="none"),
        pytest.param("exit 127", id="a version manager's stand-in"),
        pytest.param('test "$1" = -c && exit 1; echo SyntaxError >&2; exit 1', id="Python 2"),
    ],
)
def test_make_says_in_one_line_that_there_is_no_python(tmp_path, script):
    if shutil.which("make") is None:
        pytest.skip("there is no make")
    if script:
        program(tmp_path, "python", script)
    command = ["make", "-C", ROOT, "install", f"PYTHON={tmp_path / 'python'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert done.returncode != 0
    assert len(said) == 1
    assert said[0].startswith("Not set up: no Python 3 was found.")


def test_make_help_names_every_target():
    if shutil.which("make") is None:
        pytest.skip("there is no make")
    said = subprocess.run(["make", "-C", ROOT, "help"], capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in said.splitlines() if line.startswith("  make ")} >= {
        "demo", "test", "quick", "lint", "clean", "help",
    }  # fmt: skip
