"""The demonstration force goes live: its first fortnight, morning by morning, and how much each reader is told.

Every part is the one a real force runs; the counts are taken from the notices themselves, as a reader would count them.
Prints the table of the guide (docs/demonstration-force.md).
"""

from __future__ import annotations

import datetime as dt
import re
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from dacompliance import monitor
from dacompliance.config import Settings, load_settings
from dacompliance.demo import period
from dacompliance.demo.approval import copy_pack
from dacompliance.demo.database import advance, write_source
from dacompliance.demo.force import make_force
from dacompliance.ledger import tables
from dacompliance.ledger.database import open_ledger
from dacompliance.notices.sending import send_waiting
from dacompliance.resources import rules_folder
from dacompliance.run.outcome import RunResult

DAYS: Final = 14
CHASED_BEFORE: Final = dt.timedelta(days=14)
"""How long before the first morning chasing begins: the demonstration's own choice."""
_TOTAL: Final = re.compile(r"^[A-Z][A-Z ]+ \((\d+)\)$", re.MULTILINE)
_NEW: Final = re.compile(r"^(?:! |  )\S.* (?:NEW|BACK(?:, \d+ times)?)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Told:
    """One notice: to whom, how many rows it showed, how many it called new, and how many cases its sections count."""

    reader: str
    rows: int
    new: int
    cases: int

    @property
    def group(self) -> str:
        """The kind of reader: `unit`, `team`, `staff` or `fallback`."""
        return self.reader.partition(":")[0]


@dataclass(frozen=True, slots=True)
class MorningTold:
    """All that was said on one morning."""

    day: dt.date
    run: RunResult
    told: Sequence[Told]

    def of(self, *groups: str) -> list[Told]:
        """Return what was said to readers of these kinds."""
        return [each for each in self.told if each.group in groups]


def first_fortnight(folder: Path, days: int = DAYS) -> Iterator[MorningTold]:
    """Build the force in an empty folder and run its last `days` mornings as its first, yielding each as it is done."""
    force = make_force()
    mornings = [period.MORNINGS[-1] - dt.timedelta(days=each) for each in reversed(range(days))]
    write_source(folder / "force.db", period.load_of(mornings[0]), force)
    settings = _settings(folder, mornings[0] - CHASED_BEFORE)
    for number, day in enumerate(mornings):
        if number:
            advance(folder / "force.db", period.load_of(mornings[number - 1]), period.load_of(day), force)
        now = period.run_of(day)
        run = monitor.run(settings, now=now, job="morning", slot=day, tell=True)
        with closing(open_ledger(settings.ledger.url.get_secret_value())) as ledger:
            send_waiting(ledger, settings, lambda now=now: now)  # type: ignore[misc]
            with ledger.read() as connection:
                yield MorningTold(day, run, _told(connection, run.run_id))


def _settings(folder: Path, chase_from: dt.date) -> Settings:
    template = (resources.files("dacompliance.demo") / "config.toml").read_text(encoding="utf-8")
    text = re.sub(r"^chase_from   = \S+", f"chase_from   = {chase_from}", template, count=1, flags=re.MULTILINE)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    copy_pack(rules_folder(), folder / "rules")
    return load_settings(folder / "config.toml", {})


def _told(connection: sa.Connection, run_id: int | None) -> list[Told]:
    notice, case = tables.notice, tables.notice_case
    shown = sa.select(case.c.notice_id, sa.func.count().label("rows")).where(case.c.section != "closed")
    by_notice = {row.notice_id: row.rows for row in connection.execute(shown.group_by(case.c.notice_id))}
    query = sa.select(notice.c.id, notice.c.reader_key, notice.c.text).where(notice.c.run_id == run_id)
    return [
        Told(
            row.reader_key,
            by_notice.get(row.id, 0),
            len(_NEW.findall(row.text)),
            sum(map(int, _TOTAL.findall(row.text))),
        )
        for row in connection.execute(query.order_by(notice.c.reader_key))
    ]


def table(mornings: Sequence[MorningTold]) -> Iterator[str]:
    """Yield the guide's table: a row a morning; `rows/new` of the unit, and the middle and the most of the others."""
    of_others = "mails; new in the middle one, in the fullest"
    yield (
        f"| morning, mails in all | referral unit: cases, rows, of them new | team mailboxes: {of_others} "
        f"| supervisors: {of_others} |"
    )
    yield "|---|---|---|---|"
    for each in mornings:
        unit, teams, people = each.of("unit"), each.of("team"), each.of("staff")
        first = ", ".join(f"{one.cases}, {one.rows}, {one.new}" for one in unit)
        day = f"{each.day:%a} {each.day.day} {each.day:%b}"
        yield f"| {day}, {len(each.told)} mails | {first} | {_spread(teams)} | {_spread(people)} |"


def _spread(told: Sequence[Told]) -> str:
    news = [each.new for each in told]
    return f"{len(told)}; {statistics.median(news):g}, {max(news)}" if news else "0"


def main() -> None:
    """Run the fortnight in a folder of its own and print the table, and what a supervisor's day comes to."""
    with tempfile.TemporaryDirectory() as folder:
        mornings = list(first_fortnight(Path(folder)))
    for line in table(mornings):
        print(line)
    later = [each.new for morning in mornings[1:] for each in morning.of("team", "staff")]
    print(
        f"After the first morning, new rows a mail to a team or a supervisor: mean {statistics.mean(later):.1f}, "
        f"middle {statistics.median(later):g}, most {max(later)}; "
        f"five or fewer in {sum(each <= 5 for each in later)} of {len(later)}."
    )


if __name__ == "__main__":
    main()
