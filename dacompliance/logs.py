"""One line an event, as JSON for a service and as text on a terminal. Counts, codes and references only.

Our own lines say what happened in fixed words, and how much in named fields (`extra`). What another package logs may
quote what it worked on, so of its lines, and of every error, only the template, the kind of error and the place are
kept: never a value, never an error's own words.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Literal

Format = Literal["auto", "text", "json"]

OURS: Final = "dacompliance"
_STANDARD: Final = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
_WARNING: Final = re.compile(r"(?:.*[\\/])?(.+?:\d+): (\w+):")


def configure(style: Format, *, level: int = logging.WARNING) -> None:
    """Send the lines of this process to stderr: ours from `level` on, other packages' and Python's own warnings too.

    `auto` is text on a terminal and JSON anywhere else. May be called again; a handler of someone else's stays.
    """
    as_json = style == "json" or (style == "auto" and not sys.stderr.isatty())
    root, lines = logging.getLogger(), Lines()
    lines.setFormatter(JsonLines() if as_json else TextLines())
    for old in [each for each in root.handlers if isinstance(each, Lines)]:
        root.removeHandler(old)
    root.addHandler(lines)
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # a line that cannot be written must not be quoted instead
    # yagmail gives its logger a handler of its own each time it connects: what comes there goes through ours instead.
    logging.getLogger("yagmail.log").filters = [_handed_to(lines)]


def tell_of_bug(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    """Write where an error that nobody foresaw arose, and its kind: for `sys.excepthook`. Its own words stay unsaid.

    They may quote a cell of a record; the place in the code is what a bug is found by.
    """
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    for each in reversed(causes):
        place = at if each is error else each.__traceback__
        sys.stderr.write(f"{''.join(traceback.format_tb(place))}{type(each).__name__} (its words may quote a record)\n")
    sys.stderr.write(f"dacompliance: a bug ({kind.__name__}). Nothing half-done was kept. Report the lines above.\n")


class Lines(logging.Handler):
    """Writes to whatever stderr is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record as one line."""
        sys.stderr.write(self.format(record) + "\n")
        sys.stderr.flush()


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of ASCII JSON: nothing in it can end the line or forge another."""
        return json.dumps(fields(record), default=str)


class TextLines(logging.Formatter):
    """The same, for people: when, how grave, from where, what, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, whatever stands in it."""
        said = fields(record)
        head = [str(said.pop(name)) for name in ("at", "level", "logger", "event")]
        line = " ".join([*head, *(f"{name}={value}" for name, value in said.items())])
        return "".join(char if char.isprintable() else " " for char in line)


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return what may be said of a record: when, how grave, where, what, and the named numbers and references."""
    at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
    said: dict[str, Any] = {"at": at, "level": record.levelname, "logger": record.name}
    if record.name.partition(".")[0] == OURS:
        said["event"] = record.getMessage()
        said |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
    else:
        said |= {"event": _template(record), "place": f"{record.module}:{record.lineno}"}
    if record.exc_info and record.exc_info[0] is not None:
        frames = traceback.extract_tb(record.exc_info[2])
        said |= {
            "error": record.exc_info[0].__name__,
            "trace": " > ".join(f"{each.name}:{each.lineno}" for each in frames),
        }
    return said


def _template(record: logging.LogRecord) -> str:
    """Return what is fixed in another package's message; one without parts may quote anything, and is left out."""
    if record.name == "py.warnings":
        found = _WARNING.match(record.getMessage())
        return f"{found[2]} at {found[1]}" if found else "a warning"
    return str(record.msg) if isinstance(record.msg, str) and record.args else ""


def _handed_to(lines: Lines) -> Callable[[logging.LogRecord], bool]:
    def hand_over(record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING:
            lines.handle(record)
        return False

    return hand_over
