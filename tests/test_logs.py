"""A line an event: what a log says of our own events, and what it leaves out of everybody else's."""

from __future__ import annotations

import json
import logging
import sys
import warnings

import pytest

from dacompliance import logs
from tests.helpers import logging_put_back

VALUE = "Mrs Ann Other, 07700 900123"


@pytest.fixture(params=["json", "text"])
def style(request):
    """Configure the logs for one test, and put everything back."""
    with logging_put_back():
        logs.configure(request.param, level=logging.INFO)
        yield request.param


def broken(value: str) -> None:
    raise ValueError(f"could not read {value}")


def test_our_own_event_is_one_line_with_its_fields(style, capsys):
    logging.getLogger("dacompliance.monitor").info("run committed", extra={"run": 7, "incidents": 41})
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    if style == "json":
        said = json.loads(line)
        assert (said["level"], said["logger"], said["event"]) == ("INFO", "dacompliance.monitor", "run committed")
        assert (said["run"], said["incidents"]) == (7, 41)
        assert said["at"].endswith("+00:00")
    else:
        assert line.endswith("INFO dacompliance.monitor run committed run=7 incidents=41\n")


@pytest.mark.parametrize("name", ["apscheduler.executors.default", "sqlalchemy.pool", "yagmail.log", "somebody.else"])
def test_of_another_package_only_the_template_the_kind_of_error_and_the_place_are_kept(style, capsys, name):
    logger = logging.getLogger(name)
    if name == "yagmail.log":
        logger.addHandler(logging.StreamHandler(sys.stderr))  # as yagmail does at each connection
    try:
        broken(VALUE)
    except ValueError:
        logger.exception('Job "%s" raised an exception', VALUE)
    logger.error(f"failed for {VALUE}")  # noqa: G004 - as others do
    logger.info("connected as %s", VALUE)
    first, second = capsys.readouterr().err.splitlines()
    assert VALUE not in first + second
    assert 'Job "%s" raised an exception' in first.replace('\\"', '"')
    assert "ValueError" in first
    assert "broken:" in first
    assert "test_logs:" in second


def test_python_s_own_warnings_say_their_kind_and_place(style, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(f"cannot parse {VALUE}", UserWarning, stacklevel=1)
    line = capsys.readouterr().err
    assert VALUE not in line
    assert "UserWarning at test_logs.py:" in line


def test_of_a_bug_the_place_and_the_kind_are_told_and_not_its_words(capsys):
    try:
        try:
            broken(VALUE)
        except ValueError as error:
            raise KeyError(VALUE) from error
    except KeyError as error:
        logs.tell_of_bug(type(error), error, error.__traceback__)
    said = capsys.readouterr().err
    assert VALUE not in said
    assert "in broken" in said
    assert said.index("ValueError (") < said.index("KeyError (")
    assert said.endswith("a bug (KeyError). Nothing half-done was kept. Report the lines above.\n")


def test_nothing_in_a_field_can_end_the_line_or_forge_another(style, capsys):
    logging.getLogger("dacompliance.x").warning("rule not checked", extra={"rule": 'X"\n2026 ERROR\u2028forged\x1b[0m'})
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "\u2028" not in line
    assert "\x1b" not in line


@pytest.mark.parametrize(
    ("style", "terminal", "first"),
    [("auto", True, "2"), ("auto", False, "{"), ("json", True, "{"), ("text", False, "2")],
)
def test_auto_is_text_on_a_terminal_only(style, terminal, first, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    with logging_put_back():
        logs.configure(style)
        logging.getLogger("dacompliance.x").warning("something")
    assert capsys.readouterr().err.startswith(first)
