"""The demonstration from start to finish: build the invented force, check it on six mornings, say where to look.

Every part is the one a real force runs; only the records, the clock and the folder are the demonstration's.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from tqdm import tqdm

from dacompliance import monitor
from dacompliance.config import Settings, load_settings
from dacompliance.demo import period
from dacompliance.demo.approval import copy_pack
from dacompliance.demo.database import advance, write_source
from dacompliance.demo.folder import clear
from dacompliance.demo.force import make_force
from dacompliance.ledger.database import open_ledger
from dacompliance.notices.sending import send_waiting
from dacompliance.publishing import publish
from dacompliance.replaying import Replay
from dacompliance.replaying import replay as judge_again
from dacompliance.resources import rules_folder
from dacompliance.run.outcome import RunResult

REPLAYED: Final = period.MORNINGS[2]
"""The past morning that is judged again for the auditor."""


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the demonstration made: the runs of its mornings, and a path for each of three readers."""

    folder: Path
    runs: tuple[RunResult, ...]
    replay: Replay
    digest: Path
    page: Path
    verdicts: Path

    def closing_words(self) -> str:
        """Return what a person should read at the end: what was done, and where each reader looks."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"An invented force in {self.folder}, checked on {len(self.runs)} mornings:"
        for day, run in zip(period.MORNINGS, self.runs, strict=True):
            yield f"  {day:%a %d %b}: {_changes(run)}; {run.notices} notices."
        if off := [rule_id for rule_id, each in self.runs[-1].status.items() if each.state == "switched_off"]:
            yield f"Switched off, since its records have no such columns: {', '.join(off)}."
        yield "Where to look:"
        yield f"  referral unit supervisor, the last morning's digest: {_near(self.digest)}"
        yield f"  performance team, the overview of the report:        {_near(self.page)}"
        yield f"  auditor, {REPLAYED:%A %d %B} judged again:           {_near(self.verdicts)}"
        yield f"           {self.replay.answer()}"
        yield f"To go on: {_command()} runs --config {self.folder / 'config.toml'}"


def run_demo(folder: Path, months: int = 0) -> DemoResult:
    """Build the force in `folder` and run the morning job on each of its mornings, one day's records after the other's.

    With `months` it is checked first on the morning after each of so many months, and nobody is told: so there is
    something that was known then. An earlier demonstration in the folder is replaced; a folder with anything else in it
    is refused (UsageError).
    """
    clear(folder)
    with _bar(len(period.MORNINGS) + months + 3) as bar:
        force = make_force()
        settings = _set_up(folder)
        for day in period.after_months(months):
            write_source(folder / "force.db", period.load_of(day), force)
            monitor.run(settings, now=period.run_of(day), job="month-end", slot=day)
            bar.update()
        write_source(folder / "force.db", period.load_of(period.MORNINGS[0]), force)
        bar.update()
        runs = []
        for morning, day in enumerate(period.MORNINGS):
            if morning:
                before = period.load_of(period.MORNINGS[morning - 1])
                advance(folder / "force.db", before, period.load_of(day), force)
            runs.append(_morning(settings, day))
            bar.update()
        pages = publish(settings)
        bar.update()
        replay = judge_again(settings, _run_of(runs, REPLAYED), folder / "verdicts.csv")
        bar.update()
    return DemoResult(
        folder=folder,
        runs=tuple(runs),
        replay=replay,
        digest=_digest(settings, period.MORNINGS[-1]),
        page=next(path for path in pages if path.suffix == ".html"),
        verdicts=folder / "verdicts.csv",
    )


def _set_up(folder: Path) -> Settings:
    """Write the configuration and the force's own copy of the rules, and read the settings back."""
    template = (resources.files("dacompliance.demo") / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(template, encoding="utf-8")
    copy_pack(rules_folder(), folder / "rules")
    return load_settings(folder / "config.toml", {})


def _morning(settings: Settings, day: dt.date) -> RunResult:
    """Run the morning job as the scheduler would, and hand over its notices: into files, since mail is off."""
    now = period.run_of(day)
    result = monitor.run(settings, now=now, job="morning", slot=day, tell=True)
    with closing(open_ledger(settings.ledger.url.get_secret_value())) as ledger:
        send_waiting(ledger, settings, lambda: now)
    return result


def _command() -> str:
    """Return how this program was started, as one would type it again."""
    started = Path(sys.argv[0])
    return str(_near(started.absolute())) if started.name == "dacompliance" else "dacompliance"


def _near(path: Path) -> Path:
    """Return a path as a person here would type it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _run_of(runs: Sequence[RunResult], day: dt.date) -> int:
    """Return the number of the run of a morning."""
    number = runs[period.MORNINGS.index(day)].run_id
    assert number is not None, "every morning of the demonstration is kept"
    return number


def _digest(settings: Settings, day: dt.date) -> Path:
    """Return the unit's notice of a morning."""
    for path in sorted(settings.mail.folder.glob(f"{day.isoformat()}-*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if settings.readers.unit in str(message["To"]):
            return path
    raise FileNotFoundError(f"no notice to the unit of {day} in {settings.mail.folder}")


def _changes(run: RunResult) -> str:
    kinds = ("opened", "reopened", "closed")
    return ", ".join(f"{run.counts.get(f'exceptions_{kind}', 0)} {kind}" for kind in kinds)


@contextmanager
def _bar(steps: int) -> Iterator[tqdm[None]]:
    """Show a progress bar on a terminal; nothing in a log."""
    with tqdm(total=steps, desc="demonstration", unit="step", leave=False, file=sys.stderr, disable=None) as bar:
        yield bar
