"""The house rules that no linter knows, as tests."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pandas as pd
import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = sorted((ROOT / "dacompliance").rglob("*.py"))
SOURCES: Final = [*PACKAGE, *sorted((ROOT / "tools").rglob("*.py")), *sorted((ROOT / "migrations").rglob("*.py"))]

# Every way to ask what time it is that somebody here might reach for. A monotonic clock tells no time of day.
CLOCKS: Final = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "email.utils.formatdate",
    "email.utils.localtime",
    "pandas.Timestamp.now",
    "pandas.Timestamp.today",
    "pandas.Timestamp.utcnow",
    "pandas.to_datetime.now",
    "sqlalchemy.func.current_date",
    "sqlalchemy.func.current_timestamp",
    "sqlalchemy.func.now",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.strftime",
    "time.time",
    "time.time_ns",
}


def each(paths: list[Path]) -> pytest.MarkDecorator:
    """Run a test once a file, under the file's name."""
    return pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths])


def imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each name an import anywhere in the module makes, and the full name it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (
                    alias.asname or alias.name.partition(".")[0],
                    alias.name if alias.asname else alias.name.partition(".")[0],
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def named(tree: ast.Module) -> Iterator[str]:
    """Yield the full name of every imported thing the module mentions, called or not."""
    origins = dict(imported(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            first, *rest = ast.unparse(node).split(".")
            if first in origins:
                yield ".".join([origins[first], *rest])


def packages(tree: ast.Module) -> set[str]:
    """Return the top-level packages a module imports."""
    nodes = list(ast.walk(tree))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@each(SOURCES)
def test_every_module_says_what_it_knows(path):
    assert (ast.get_docstring(parsed(path)) or "").strip()


@each([path for path in PACKAGE if path.parent.name != "cli"])
def test_only_the_command_line_reads_the_clock(path):
    assert CLOCKS.isdisjoint(named(parsed(path)))


@pytest.mark.parametrize(
    ("source", "clock"),
    [
        pytest.param("import datetime as dt\ndt.datetime.now(dt.UTC)", "datetime.datetime.now", id="a call"),
        pytest.param("from datetime import datetime as d\nread = d.now", "datetime.datetime.now", id="a mention"),
        pytest.param("import email.utils\nemail.utils.localtime()", "email.utils.localtime", id="a submodule"),
        pytest.param("def f():\n  from time import time\n  time()", "time.time", id="an import inside"),
    ],
)
def test_no_way_of_reading_the_clock_is_overlooked(source, clock):
    assert clock in set(named(ast.parse(source)))


@each(SOURCES)
def test_mail_leaves_by_one_module(path):
    used = packages(parsed(path))
    assert "smtplib" not in used
    if path != ROOT / "dacompliance" / "notices" / "mailer.py":
        assert "yagmail" not in used


@each(PACKAGE)
def test_no_text_is_run_as_code(path):
    tree = parsed(path)
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert called.isdisjoint({"eval", "exec", "compile"})
    assert not [name for name in called if name.endswith((".eval", ".query"))]  # those of a pandas frame run anything
    assert packages(tree).isdisjoint({"pickle", "shelve", "marshal"})


@each(PACKAGE)
def test_dataclasses_have_slots_and_those_other_modules_see_are_frozen(path):
    workbench = path == ROOT / "dacompliance" / "demo" / "draft.py"  # an invented force is filled in step by step
    for node in ast.walk(parsed(path)):
        for decorator in getattr(node, "decorator_list", ()):
            if ast.unparse(decorator).startswith("dataclass"):
                assert "slots=True" in ast.unparse(decorator), node.name
                assert workbench or node.name.startswith("_") or "frozen=True" in ast.unparse(decorator), node.name


def committed() -> list[Path]:
    """Return every text file that git keeps, or is about to."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("this is no git checkout, so nothing says what is committed")
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_nothing_committed_names_a_machine_or_a_registry():
    personal = re.compile(r"(?<![\w.])/(?:work|root|home|Users|opt/pypi)/\w|/tmp/w\b")
    registry = re.compile(r"pypi\.(?:org|python)|python" + r"hosted\.org|registry\.npm")
    found = []
    for path in committed():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path != Path(__file__).resolve() and (personal.search(text) or registry.search(text)):
            found.append(str(path.relative_to(ROOT)))
    assert found == []


@each([*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))])
def test_every_link_to_a_file_leads_somewhere(path):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_assigning_to_a_copy_of_a_frame_is_an_error():
    frame = pd.DataFrame({"a": [1, 2]})
    with pytest.raises(pd.errors.ChainedAssignmentError):
        frame["a"][0] = 3
