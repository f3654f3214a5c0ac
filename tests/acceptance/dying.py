"""A process that does the morning job and dies at the step it is told to: by SIGKILL, which nothing can catch.

A step is a statement about to change a database, a transaction about to be committed, or the end of a part of the job;
to die before a statement that only reads is to die after the last that wrote. The product has no hook for it: it is
patched from outside, and each morning in a fork of its own, so that what it needs is imported once. A line of JSON in
asks for a morning; a line of JSON out says what came of it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NoReturn

import alembic.command  # noqa: F401 - what a first morning needs, imported once for every fork
import jinja2
import sqlalchemy as sa

from dacompliance import monitor, publishing
from dacompliance.config import load_settings
from dacompliance.ledger import bulk
from dacompliance.notices import mailer, render, sending
from dacompliance.reporting import completion, pages, quality
from dacompliance.resources import templates_folder
from dacompliance.run import telling
from dacompliance.schedule import jobs

PARTS: Final[dict[ModuleType, tuple[str, ...]]] = {
    monitor: ("load_pack", "pull_in_parts", "how_it_stood", "survey", "change", "commit_run"),
    telling: ("lists", "write_notices"),
    bulk: ("insert",),
    mailer: ("write_eml", "hand_over"),
    publishing: ("write_completion", "write_quality"),
    completion: ("replace",),
    quality: ("replace",),
}
"""The parts of a morning whose end is a step, where the rest of the job looks them up."""


END: Final = "the end"
READING: Final = frozenset({"SELECT", "PRAGMA", "SET", "SHOW", "BEGIN"})
"""The first words of statements that change nothing."""


@dataclass(frozen=True, slots=True)
class Death:
    """What became of a morning: whether it was killed, and the last step it came to, by number and name."""

    killed: bool
    number: int
    step: str


class Mortal:
    """A server of mornings, each of which may be told to die."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.acceptance.dying"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def morning(self, config: Path, now: dt.datetime, dies_at: int | None = None, *, sends: bool = True) -> Death:
        """Do the morning job of `now`, and send; die at a step, counted from 1, if it comes to so many."""
        self._ask(config, now, dies_at=dies_at, sends=sends)
        return self._answer()

    def sending(self, config: Path, now: dt.datetime, dies_at: int | None = None) -> Death:
        """Only send what waits; each verb said to the mail server, and each answer heard, is a step too."""
        self._ask(config, now, dies_at=dies_at, works=False, verbs=True)
        return self._answer()

    @contextlib.contextmanager
    def slow_morning(self, config: Path, now: dt.datetime, waits_after: str) -> Iterator[None]:
        """Do the morning job of `now`, and have it wait after a step until the end of the block."""
        waiting = config.with_name("waiting")
        self._ask(config, now, waits_after=waits_after)
        while not waiting.exists():
            time.sleep(0.01)
        try:
            yield
        finally:
            waiting.unlink()
            last = self._answer().step
        assert last == END

    def _ask(self, config: Path, now: dt.datetime, **more: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"config": str(config), "now": now.isoformat(), **more}) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> Death:
        assert self._process.stdout is not None
        return Death(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the server."""
        self._process.communicate()


@contextlib.contextmanager
def mortal() -> Iterator[Mortal]:
    """Give a server of mornings, ended afterwards."""
    server = Mortal()
    try:
        yield server
    finally:
        server.close()


def _compile_templates() -> None:
    """Compile what can be beforehand, once for every fork; what needs more than its environment is left to a morning."""
    mails, site = render.environment(None), pages.environment([templates_folder()])
    site.filters |= dict.fromkeys(("unsure", "counted", "done", "rule_words"), str)  # only that there are such
    for made in (mails, site):
        for name in made.list_templates(["j2"]):
            with contextlib.suppress(jinja2.TemplateAssertionError):
                made.get_template(name)


def serve() -> None:
    """Answer each line on stdin, until there is none."""
    _compile_templates()
    for line in sys.stdin:
        asked = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _live(asked, writing)
        os.close(writing)
        with os.fdopen(reading) as told:
            steps = told.read().splitlines()
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        sys.stdout.write(json.dumps({"killed": killed, "number": len(steps), "step": steps[-1]}) + "\n")
        sys.stdout.flush()


def _live(asked: dict[str, Any], writing: int) -> NoReturn:
    """Do the morning in this process, told step by step to `writing`, and end it one way or the other."""
    count = 0

    def step(name: str) -> None:
        nonlocal count
        count += 1
        os.write(writing, f"{name}\n".encode())
        if count == asked.get("dies_at"):
            os.kill(os.getpid(), signal.SIGKILL)
        if name == asked.get("waits_after"):
            del asked["waits_after"]  # a run that is made again comes by here again
            wait()

    def wait() -> None:
        waiting = config.with_name("waiting")
        waiting.touch()
        while waiting.exists():
            time.sleep(0.01)

    watch(step)
    if asked.get("verbs"):
        watch_verbs(step)
    config, now = Path(asked["config"]), dt.datetime.fromisoformat(asked["now"])
    settings = load_settings(config, {})
    if asked.get("works", True):
        jobs.run_job(settings, jobs.named(settings, "morning"), now.astimezone(settings.zone).date(), now)
    if asked.get("sends", True):
        sending.send_all(settings, lambda: now)
    step(END)
    os._exit(0)


def watch(step: Callable[[str], None]) -> None:
    """Have `step` called at every step of a morning."""

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def before_statement(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        words = statement.split()
        if words[0] not in READING:
            step(f"about to send {' '.join(words)[:60]}")

    @sa.event.listens_for(sa.Engine, "commit")
    def before_commit(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("ledger_begin") == "write":
            step("about to commit")

    for module, names in PARTS.items():
        for name in names:
            setattr(module, name, _watched(getattr(module, name), f"{module.__name__}.{name}", step))


def watch_verbs(step: Callable[[str], None]) -> None:
    """Have `step` called before each verb is said to a mail server, and after each of its answers."""
    say, hear = smtplib.SMTP.putcmd, smtplib.SMTP.getreply

    def putcmd(self: smtplib.SMTP, cmd: str, args: str = "") -> None:
        step(f"about to say {cmd.split(maxsplit=1)[0].upper()}")
        say(self, cmd, args)

    def getreply(self: smtplib.SMTP) -> tuple[int, bytes]:
        found = hear(self)
        step(f"heard {found[0]}")
        return found

    smtplib.SMTP.putcmd, smtplib.SMTP.getreply = putcmd, getreply  # type: ignore[method-assign]


def _watched(part: Callable[..., Any], name: str, step: Callable[[str], None]) -> Callable[..., Any]:
    @functools.wraps(part)
    def watched(*given: Any, **named: Any) -> Any:
        found = part(*given, **named)
        step(f"{name} has ended")
        return found

    return watched


if __name__ == "__main__":
    serve()
