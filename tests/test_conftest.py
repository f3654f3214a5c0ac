"""The servers the tests ask for, and the last word on what was not run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import postgres
from tests.conftest import lacking

HERE = Path(__file__).parent


def test_each_postgresql_test_has_a_database_of_its_own(postgres_server):
    with postgres.fresh_database(postgres_server) as first, postgres.fresh_database(postgres_server) as second:
        for address in (first, second):
            engine = sa.create_engine(address, poolclass=sa.NullPool)
            with engine.begin() as connection:
                connection.execute(sa.text("CREATE TABLE only_here (n int)"))  # a second time would fail
        names = {sa.make_url(address).database for address in (first, second)}
    engine = sa.create_engine(postgres_server, poolclass=sa.NullPool)
    with engine.connect() as connection:
        left = set(connection.execute(sa.text("SELECT datname FROM pg_database")).scalars())
    assert names.isdisjoint(left)


def test_a_database_is_dropped_though_somebody_is_still_connected(postgres_server):
    with postgres.fresh_database(postgres_server) as address:
        connection = sa.create_engine(address, poolclass=sa.NullPool).connect()
        connection.execute(sa.text("SELECT 1"))
    connection.invalidate()


def test_what_this_machine_lacks_is_a_skip_and_in_ci_a_failure(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no such thing"):
        lacking("no such thing")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI leaves nothing out: no such thing"):
        lacking("no such thing")


@pytest.fixture
def run_pytest(tmp_path):
    """Return a function that runs a file of tests with our conftest, and gives back the lines pytest printed."""

    def run(tests: str, *options: str) -> list[str]:
        (tmp_path / "tests").mkdir()
        for name in ("conftest.py", "browser.py", "postgres.py"):
            (tmp_path / "tests" / name).write_text((HERE / name).read_text(encoding="utf-8"), encoding="utf-8")
        (tmp_path / "tests" / "test_it.py").write_text(f"import pytest\n{tests}", encoding="utf-8")
        (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = --import-mode=importlib\n")
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout.splitlines()

    return run


SKIPS = """
pytestmark = pytest.mark.filterwarnings("ignore")
def test_passes(): pass
@pytest.mark.skip(reason="the sea is calm")
def test_storm(): pass
@pytest.mark.parametrize("n", [1, 2])
def test_ship(n): pytest.skip("no ship was found.")
"""


WORKERS = pytest.mark.parametrize(
    "workers", [pytest.param((), id="alone"), pytest.param(("-n", "1"), id="with a worker")]
)


@pytest.mark.slow
@WORKERS
def test_the_last_word_says_what_was_not_run_and_why_after_the_closing_line(run_pytest, workers):
    closing, *said = run_pytest(SKIPS, *workers)[-3:]
    assert "1 passed, 3 skipped" in closing
    assert said == ["Not run: 2 tests: no ship was found.", "Not run: 1 test: the sea is calm."]


@pytest.mark.slow
@WORKERS
def test_the_last_word_counts_what_was_not_selected_and_what_is_expected_to_fail(run_pytest, workers):
    tests = "def test_a(): pass\n@pytest.mark.xfail(reason='one day')\ndef test_b(): assert 0\ndef test_c(): pass\n"
    said = run_pytest(tests, "-k", "not test_c", *workers)[-2:]
    assert said == ["Not run: 1 test: expected to fail: one day.", "Not run: 1 test: not selected."]


@pytest.mark.slow
def test_the_last_word_says_that_nothing_was_left_out(run_pytest):
    assert run_pytest("def test_passes(): pass\n")[-1] == "Nothing was left out."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tests", "options"),
    [
        pytest.param("def test_a(): assert 0\ndef test_b(): pass\n", ("-x",), id="at the first failure"),
        pytest.param("def test_a(): assert 0\ndef test_b(): pass\n", ("-x", "-n", "1"), id="in a worker"),
        pytest.param("import no_such_thing\n", (), id="before the first test"),
        pytest.param("def test_a(): pass\n", ("no_such_file.py",), id="at a file that is not there"),
        pytest.param("", (), id="at no test at all"),
    ],
)
def test_the_last_word_does_not_claim_more_than_was_run(run_pytest, tests, options):
    assert run_pytest(tests, *options)[-1] == "Not run: whatever comes after the place where pytest stopped."


@pytest.mark.slow
@WORKERS
def test_what_a_test_recorded_to_be_read_is_printed_at_the_end(run_pytest, workers):
    said = run_pytest(
        "def test_a(record_property): record_property('the harvest', '3 sheaves\\n4 sheaves')\n", *workers
    )
    under = said[next(place for place, line in enumerate(said) if "the harvest" in line) :]
    assert [line for line in under if "sheaves" in line] == ["3 sheaves", "4 sheaves"]


@pytest.mark.slow
def test_a_test_is_marked_by_what_it_asks_for(run_pytest):
    tests = "def test_plain(): pass\ndef test_server(postgres_database): pass\ndef test_page(chromium): pass\n"
    said = run_pytest(tests, "-m", "not postgresql and not browser", "-W", "ignore")
    assert said[-1] == "Not run: 2 tests: not selected."


@pytest.mark.slow
@WORKERS
def test_a_long_test_is_left_to_make_long_and_that_is_said(run_pytest, workers):
    tests = "@pytest.mark.long\ndef test_a(): assert 0\ndef test_b(): pass\n"
    closing, said = run_pytest(tests, "-W", "ignore", *workers)[-2:]
    assert "1 passed" in closing
    assert said == "Not run: 1 test: long ones, which `make long` runs."


@pytest.mark.slow
def test_a_long_test_is_run_where_that_is_asked_for(run_pytest, monkeypatch):
    monkeypatch.setenv("DACOMPLIANCE_TEST_LONG", "yes")
    tests = "@pytest.mark.long\ndef test_a(): pass\ndef test_b(): pass\n"
    assert run_pytest(tests, "-W", "ignore")[-1] == "Nothing was left out."
