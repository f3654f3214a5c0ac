"""A small force whose records never stand still: every morning something is new, edited, gone, linked late or regraded.

All chance comes from one seed, so the same year happens each time. Its rules and calendar change on the days a test
says; times are local wall times as text.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from dacompliance import monitor
from dacompliance.config import Settings, load_settings
from dacompliance.resources import rules_folder
from dacompliance.run.outcome import RunResult
from tests.acceptance.force import COLUMNS, CONFIG
from tests.helpers import LONDON

FIRST: Final = dt.date(2026, 1, 5)
AREAS: Final = ("North", "East", "South")
GRADES: Final = ("standard", "medium", "high")
EXTRA: Final = """
[rules]
folder = "rules"

[gates]
short_share = 0.5

[exceptions]
hold_number = 3
hold_share = 0.2
"""


class ChangingForce:
    """A folder with records that change, a pack of its own and a ledger, brought from one morning to the next."""

    def __init__(self, folder: Path, ledger: str = "sqlite:///ledger.db", *, seed: int = 8, a_day: int = 2) -> None:
        folder.mkdir(parents=True)
        self.folder, self.chance, self.a_day, self.made = folder, random.Random(seed), a_day, 0
        with self.database() as connection:
            for name, columns in COLUMNS.items():
                connection.execute(f"CREATE TABLE {name} ({', '.join(columns.split())})")
            connection.execute("CREATE TABLE load_log (loaded_at)")
            for number in range(6):
                role = "sergeant" if number % 2 else "constable"
                row = (f"E{number}", f"e{number}@force.example", role, AREAS[number % 3], f"E{(number + 1) % 6}")
                connection.execute(
                    "INSERT INTO staff (staff_id, email, role, team, manager_id) VALUES (?,?,?,?,?)", row
                )
        (folder / "config.toml").write_text(f'{CONFIG}{EXTRA}\n[ledger]\nurl = "{ledger}"\n')
        shutil.copytree(rules_folder(), folder / "rules")

    @property
    def settings(self) -> Settings:
        """The configuration, read again."""
        return load_settings(self.folder / "config.toml", {})

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """Give the records to write in, in one transaction."""
        with closing(sqlite3.connect(self.folder / "force.db")) as connection, connection:
            yield connection

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a text of the force's own, which must be there."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def check(self, day: dt.date, *, loaded: bool = True, tell: bool = False) -> RunResult:
        """Check the force at 06:30; unless it was `loaded` at 05:30, the copy is that of two days before."""
        with self.database() as connection:
            connection.execute("DELETE FROM load_log")
            copied = day if loaded else day - dt.timedelta(days=2)
            connection.execute("INSERT INTO load_log VALUES (?)", (f"{copied} 05:30",))
        now = dt.datetime.combine(day, dt.time(6, 30), LONDON).astimezone(dt.UTC)
        return monitor.run(self.settings, now=now, job="morning", slot=day, tell=tell)

    def look_again(self, day: dt.date) -> RunResult:
        """Look a second time, at 14:00, at two rules only."""
        now = dt.datetime.combine(day, dt.time(14), LONDON).astimezone(dt.UTC)
        return monitor.run(self.settings, now=now, job="afternoon", slot=day, rules=("RA-01", "RU-01"))

    def live(self, day: dt.date) -> None:
        """Let the day before `day` happen: what is reported and done, and what is changed of older records."""
        yesterday = day - dt.timedelta(days=1)
        with self.database() as connection:
            for _ in range(self.a_day):
                self._reported(connection, yesterday)
            for _ in range(2):
                self._changed(connection, yesterday)

    def _at(self, day: dt.date, hours: float = 0.0) -> str:
        start = dt.datetime.combine(day, dt.time(self.chance.randrange(24), self.chance.randrange(60)))
        return f"{start + dt.timedelta(hours=hours):%Y-%m-%d %H:%M}"

    def _insert(self, connection: sqlite3.Connection, table: str, **row: object) -> None:
        places = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", tuple(row.values()))

    def _reported(self, connection: sqlite3.Connection, day: dt.date) -> None:
        """Report an incident; most have a form the same day, half of the high ones a referral, some not yet linked."""
        self.made += 1
        ref, chance = f"I{self.made:05d}", self.chance
        self._insert(
            connection, "incidents", incident_ref=ref, reported_at=self._at(day),
            area=chance.choice(AREAS), team=chance.choice(AREAS), officer_id=f"E{chance.randrange(6)}",
            supervisor_id=f"E{chance.randrange(6)}", crime=chance.choice(["yes", "no"]),
            children_present=chance.choice(["yes", "no", None]),
        )  # fmt: skip
        if chance.random() < 0.8:
            grade = chance.choice(GRADES)
            self._insert(
                connection, "assessments", assessment_ref=f"A{self.made:05d}", incident_ref=ref, instrument="DASH-27",
                submitted_at=chance.choice([self._at(day, 6), str(day), "31/02/2026"]) if chance.random() < 0.2 else self._at(day, 3),
                answered_count=chance.choice([27, 27, 25]), risk_grade=grade, rationale_recorded=chance.choice(["yes", "no"]),
                assessor_id=f"E{chance.randrange(6)}",
            )  # fmt: skip
            if grade == "high" and chance.random() < 0.5:
                linked = ref if chance.random() < 0.6 else f"late-{ref}"
                self._insert(
                    connection, "referrals", referral_ref=f"R{self.made:05d}", incident_ref=linked, destination="MASH",
                    referred_at=self._at(day, 9),
                )  # fmt: skip

    def _changed(self, connection: sqlite3.Connection, day: dt.date) -> None:
        """Change one older thing, of each sort in its turn of chance."""
        ref = f"I{self.chance.randint(max(1, self.made - 40), max(1, self.made)):05d}"
        form, statement = ref.replace("I", "A"), ""
        what, values = self.chance.randrange(11), ()
        if what <= 2:
            statement = (
                "UPDATE assessments SET signed_off_at = ?, signed_off_by = ?, final_grade = ? WHERE assessment_ref = ?"
            )
            values = (self._at(day), f"E{self.chance.randrange(6)}", self.chance.choice([None, *GRADES]), form)
        elif what == 3:
            statement, values = "DELETE FROM incidents WHERE incident_ref = ?", (ref,)
        elif what == 4:
            statement, values = "UPDATE referrals SET incident_ref = replace(incident_ref, 'late-', '')", ()
        elif what == 5:
            statement, values = (
                "UPDATE assessments SET risk_grade = ? WHERE assessment_ref = ?",
                (self.chance.choice(GRADES), form),
            )
        elif what == 6:
            moved = (
                self.chance.choice(AREAS),
                self.chance.choice(["sergeant", "inspector"]),
                f"E{self.chance.randrange(6)}",
            )
            statement, values = "UPDATE staff SET team = ?, role = ? WHERE staff_id = ?", moved
        elif what == 7:
            statement, values = "UPDATE incidents SET excluded_reason = 'duplicate' WHERE incident_ref = ?", (ref,)
        elif what == 8:
            statement, values = (
                "UPDATE incidents SET checks_completed_at = ? WHERE incident_ref = ?",
                (self._at(day), ref),
            )
        elif what == 9:
            statement, values = (
                "UPDATE staff SET left_on = ? WHERE staff_id = ?",
                (str(day), f"E{self.chance.randrange(6)}"),
            )
        else:
            statement, values = (
                "UPDATE incidents SET area = ?, reported_at = substr(reported_at, 1, 15) || '7' WHERE incident_ref = ?",
                (self.chance.choice(AREAS), ref),
            )
        connection.execute(statement, values)


def days(first: dt.date, number: int) -> Iterator[dt.date]:
    """Yield so many days, one after the other."""
    for each in range(number):
        yield first + dt.timedelta(days=each)
