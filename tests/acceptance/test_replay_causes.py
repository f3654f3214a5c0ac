"""A run that is not said again: each cause provoked alone, by itself in the ledger or the program, is named alone."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import dacompliance
from tests.acceptance.changing import FIRST, ChangingForce, days
from tests.acceptance.force import Ran, SmallForce

CAUSES = ("records", "rules", "calendar", "settings", "code", "verdicts", "withheld")
Change = Callable[[sqlite3.Connection], None]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a force that was checked on six mornings."""
    force = ChangingForce(tmp_path_factory.mktemp("causes") / "force", a_day=4)
    for day in days(FIRST, 6):
        force.live(day)
        force.check(day)
    return force.folder


@pytest.fixture
def force(checked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> SmallForce:
    """Return a copy of it, whose records are gone."""
    shutil.copytree(checked, tmp_path / "force")
    (tmp_path / "force" / "force.db").unlink()
    return SmallForce(tmp_path / "force", capsys)


def change(force: SmallForce, how: Change) -> None:
    with closing(sqlite3.connect(force.ledger)) as connection, connection:
        how(connection)


def causes(ran: Ran) -> set[str]:
    """Return the causes that a replay named, of the verdicts that differ."""
    return {cause for cause in CAUSES if f" by {cause}: " in ran.out}


def document(name: str, old: str, new: str) -> Change:
    """Alter a text that runs kept, under the digest it was kept by."""

    def altered(connection: sqlite3.Connection) -> None:
        (digest, body), *_ = connection.execute(
            "SELECT d.digest, d.body FROM document d JOIN run_document r ON r.digest = d.digest WHERE r.name LIKE ?",
            (f"{name}%",),
        ).fetchall()
        assert old in body
        connection.execute("UPDATE document SET body = ? WHERE digest = ?", (body.replace(old, new), digest))

    return altered


def record(connection: sqlite3.Connection) -> None:
    """Take the submission from every form that a body was kept of."""
    rows = connection.execute("SELECT id, body FROM record_history WHERE record_set = 'assessments'").fetchall()
    for row_id, body in rows:
        cells = {name: cell for name, cell in json.loads(body).items() if name != "submitted_at"}
        text = json.dumps(cells, sort_keys=True, separators=(",", ":"))
        connection.execute("UPDATE record_history SET body = ? WHERE id = ?", (text, row_id))


def verdict(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE verdict_history SET outcome = 'met' WHERE outcome = 'breached'")


def due_time(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE verdict_history SET due_at = due_at + 60000000 WHERE due_at IS NOT NULL")


def finish(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE verdict_history SET done_at = done_at - 60000000 WHERE done_at IS NOT NULL")


def reason(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE verdict_history SET reason = 'grade' WHERE outcome = 'breached'")


def no_fingerprints(connection: sqlite3.Connection) -> None:
    """Make every run one of before there were fingerprints."""
    for row_id, rules in connection.execute("SELECT id, rules FROM run").fetchall():
        kept = {rule: {name: each[name] for name in ("state", "why")} for rule, each in json.loads(rules).items()}
        connection.execute("UPDATE run SET rules = ? WHERE id = ?", (json.dumps(kept), row_id))


ALTERED = [
    pytest.param(record, "records", "assessments A0000", id="a record was altered"),
    pytest.param(document("RU-01", "24 hours", "1 hours"), "rules", "rules RU-01", id="a rule was altered"),
    pytest.param(
        document("calendars", 'day_ends     = "17:00"', 'day_ends     = "09:00"'),
        "calendar",
        "rules calendars.toml",
        id="a calendar was altered",
    ),
    pytest.param(
        document("config", "Europe/London", "Pacific/Auckland"),
        "settings",
        "settings config",
        id="the settings were altered",
    ),
    pytest.param(verdict, "verdicts", "verdicts R", id="what was said was altered"),
    pytest.param(due_time, "verdicts", "verdicts R", id="a due time was altered alone"),
    pytest.param(finish, "verdicts", "verdicts R", id="a finish was altered alone"),
    pytest.param(reason, "verdicts", "verdicts R", id="a reason was altered alone"),
]


@pytest.mark.parametrize(("how", "cause", "names"), ALTERED)
def test_what_was_altered_is_named_and_nothing_else(force: SmallForce, how: Change, cause: str, names: str):
    change(force, how)
    ran = force.run("replay", "6")
    assert ran.code == 9, ran.out
    assert causes(ran) == {cause}, ran.out
    assert f"no longer what was kept: {names}" in ran.out


@pytest.mark.parametrize(
    ("how", "names"),
    [
        pytest.param(
            "DELETE FROM record_history WHERE record_set = 'assessments' AND key = (SELECT item_ref FROM verdict_history "
            "WHERE rule_id = 'RA-02' AND last_run IS NULL LIMIT 1)",
            "assessments:",
            id="taken out",
        ),
        pytest.param(
            "INSERT INTO record_history (record_set, key, incident_ref, first_run, last_run, body, salt, digest) "
            "SELECT record_set, 'A99999', incident_ref, first_run, last_run, body, salt, digest FROM record_history "
            "WHERE record_set = 'assessments' AND last_run IS NULL LIMIT 1",
            "assessments:",
            id="added",
        ),
        pytest.param(
            "UPDATE record_history SET last_run = 5 WHERE record_set = 'incidents' AND last_run IS NULL AND key = "
            "(SELECT item_ref FROM verdict_history WHERE rule_id = 'RA-01' AND last_run IS NULL LIMIT 1)",
            "incidents:",
            id="given to other runs",
        ),
    ],
)
def test_rows_that_are_not_those_the_run_counted_are_the_records(force: SmallForce, how: str, names: str):
    change(force, lambda connection: connection.execute(how))
    ran = force.run("replay", "6")
    assert ran.code == 9, ran.out
    assert causes(ran) == {"records"}, ran.out
    assert f"no longer what was kept: {names}" in ran.out
    assert "rows were counted" in ran.out


def by_another_program(force: SmallForce, folder: Path, old: str, new: str) -> Ran:
    """Replay the sixth run by a program of which one module is another."""
    package = Path(dacompliance.__file__).parent
    shutil.copytree(package, folder / "later" / "dacompliance", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("rules", "migrations", "reports"):
        (folder / "later" / name).symlink_to(package.parent / name)
    ruling = folder / "later" / "dacompliance" / "judging" / "ruling.py"
    text = ruling.read_text()
    assert text.count(old) >= 1, "the line this test alters is no longer there"
    ruling.write_text(text.replace(old, new))
    ran = subprocess.run(
        [sys.executable, "-m", "dacompliance", "replay", "6", "--config", str(force.config)],
        env={**os.environ, "PYTHONPATH": str(folder / "later")},
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def test_a_program_that_judges_otherwise_is_named_and_nothing_else(force: SmallForce, tmp_path: Path):
    ran = by_another_program(force, tmp_path, "<= due", "<= due - 36_000_000_000")
    assert ran.code == 9, ran.err
    assert causes(ran) == {"code"}


@pytest.mark.parametrize(("how", "cause", "names"), ALTERED)
def test_a_later_program_is_not_blamed_for_what_was_altered_in_the_ledger(
    force: SmallForce, tmp_path: Path, how: Change, cause: str, names: str
):
    change(force, how)
    ran = by_another_program(force, tmp_path, "<= due", "<= due + 0")
    assert ran.code == 9, ran.err
    assert causes(ran) == {cause}, ran.out
    assert f"no longer what was kept: {names}" in ran.out


def test_where_a_later_program_judges_otherwise_and_verdicts_were_altered_either_may_be_it(
    force: SmallForce, tmp_path: Path
):
    change(force, due_time)
    ran = by_another_program(force, tmp_path, "<= due", "<= due - 36_000_000_000")
    assert ran.code == 9, ran.err
    assert causes(ran) == {"code", "verdicts"}, ran.out


@pytest.mark.parametrize(("how", "cause"), [(verdict, "verdicts"), (due_time, "code")])
def test_of_a_run_without_fingerprints_only_the_outcomes_are_witnesses(
    force: SmallForce, tmp_path: Path, how: Change, cause: str
):
    change(force, no_fingerprints)
    assert force.run("replay", "6").code == 0
    change(force, how)
    ran = by_another_program(force, tmp_path, "<= due", "<= due + 0")
    assert causes(ran) == {cause}, ran.out
    assert "no longer what was kept" not in ran.out


def test_an_input_altered_together_with_its_digest_may_be_any_of_them_and_no_verdict(force: SmallForce):
    def altered(connection: sqlite3.Connection) -> None:
        record(connection)
        for row_id, salt, body in connection.execute("SELECT id, salt, body FROM record_history").fetchall():
            digest = hashlib.sha256(f"{salt}{body}".encode()).hexdigest()
            connection.execute("UPDATE record_history SET digest = ? WHERE id = ?", (digest, row_id))

    change(force, altered)
    ran = force.run("replay", "6")
    assert ran.code == 9, ran.err
    assert causes(ran) == {"records", "rules", "calendar", "settings"}, ran.out
    assert "no longer what was kept" not in ran.out


def test_a_verdict_that_stands_twice_is_one_clear_line(force: SmallForce):
    """The row is one that ended with the run, so that nothing keeps it from standing beside the other."""
    change(
        force,
        lambda connection: connection.execute(
            "INSERT INTO verdict_history (rule_id, item_ref, about, incident_ref, first_run, last_run, version, outcome, "
            "due_at, done_at, reason) SELECT rule_id, item_ref, about, incident_ref, 6, 6, version, outcome, due_at, "
            "done_at, reason FROM verdict_history WHERE rule_id = 'RA-02' AND last_run IS NULL AND first_run < 6 LIMIT 1"
        ),
    )
    for command in (("replay", "6"), ("compare", "5", "6", "--why", "test")):
        ran = force.run(*command)
        assert ran.code == 9, ran.err
        assert "twice" in ran.err
        assert ran.err.count("\n") == 1


def test_a_record_lawfully_deleted_since_is_withheld_and_no_difference(force: SmallForce):
    def delete(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE record_history SET body = NULL, salt = NULL WHERE incident_ref = 'I00003'")

    (before,) = map(int, re.findall(r"0 of (\d+) verdicts", force.run("replay", "6").out))
    change(force, delete)
    ran = force.run("replay", "6")
    assert ran.code == 0, ran.err
    assert "withheld" in ran.out
    (judged,) = map(int, re.findall(r"0 of (\d+) verdicts", ran.out))
    (withheld,) = map(int, re.findall(r"(\d+) more are withheld", ran.out))
    assert (judged + withheld, withheld > 0) == (before, True)


def test_something_altered_that_no_verdict_rests_on_is_said_and_is_no_success(force: SmallForce):
    change(force, document("RU-01", 'title    = "', 'title    = "Other: '))
    ran = force.run("replay", "6")
    assert ran.code == 9
    assert "0 of" in ran.out
    assert "no longer what was kept: rules RU-01" in ran.out


def test_a_rule_that_can_no_longer_be_read_is_one_clear_line(force: SmallForce):
    change(force, document("RU-01", 'about    = "incident"', 'about    = "nothing"'))
    ran = force.run("replay", "6")
    assert ran.code == 9
    assert "no longer what was kept: rules RU-01" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param('"NaT"', id="no time"),
        pytest.param('"NaTZ"', id="no instant"),
        pytest.param('"yesterday"', id="a word"),
        pytest.param("7", id="a number"),
        pytest.param("[]", id="a list"),
    ],
)
def test_a_record_that_can_no_longer_be_read_is_one_clear_line(force: SmallForce, cell: str):
    def altered(connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT id, body FROM record_history WHERE record_set = 'incidents'").fetchall()
        for row_id, body in rows:
            text = re.sub(r'"reported_at":"[^"]*"', f'"reported_at":{cell}', body)
            connection.execute("UPDATE record_history SET body = ? WHERE id = ?", (text, row_id))

    change(force, altered)
    ran = force.run("replay", "3")
    assert ran.code == 9
    assert "incidents I" in ran.out + ran.err
    assert "Traceback" not in ran.out + ran.err


def gone(which: str, *tables: str) -> Change:
    """Take a text away from run 3, and from the ledger too where `document` is among the tables."""

    def altered(connection: sqlite3.Connection) -> None:
        (digest,) = connection.execute(f"SELECT digest FROM run_document WHERE run_id = 3 AND {which}").fetchone()
        if "document" in tables:
            connection.execute("DELETE FROM document WHERE digest = ?", (digest,))
        if "run_document" in tables:
            connection.execute(f"DELETE FROM run_document WHERE run_id = 3 AND {which}")

    return altered


@pytest.mark.parametrize(
    ("which", "cause", "names"),
    [
        pytest.param("name LIKE 'RU-01%'", {"rules"}, "rules RU-01", id="a rule"),
        pytest.param("name = 'calendars.toml'", None, "rules calendars.toml", id="the calendars"),
        pytest.param("kind = 'settings'", None, "settings config", id="the settings"),
        pytest.param("kind = 'columns'", None, "columns", id="the columns"),
        pytest.param("kind = 'program'", set(), "program", id="the program"),
    ],
)
@pytest.mark.parametrize("tables", [("run_document",), ("document",), ("document", "run_document")], ids="+".join)
def test_a_text_that_is_gone_is_named_and_nothing_else(force: SmallForce, which, cause, names, tables):
    change(force, gone(which, *tables))
    ran = force.run("replay", "3")
    assert ran.code == 9
    assert re.search(rf"no longer what was kept: {names}", ran.out + ran.err), ran
    assert (ran.out + ran.err).count("no longer what was kept: ") == 1
    if cause is not None:
        assert causes(ran) == cause


@pytest.mark.parametrize("column", ["gates", "known_to", "rules"])
def test_a_run_whose_row_cannot_be_read_is_one_clear_line(force: SmallForce, column: str):
    change(force, lambda connection: connection.execute(f"UPDATE run SET {column} = 'x' WHERE id = 3"))
    ran = force.run("replay", "3")
    assert (ran.code, ran.err.count("\n")) == (6, 1)
    assert "the row of run 3 cannot be read" in ran.err
    listed = force.run("runs")
    assert (listed.code, listed.err.count("\n")) == (6, 1)
    assert "the row of a run cannot be read" in listed.err


def test_counts_of_a_run_that_were_altered_are_named_where_nothing_differs(force: SmallForce):
    change(force, lambda connection: connection.execute("UPDATE run SET counts = '{}' WHERE id = 3"))
    ran = force.run("replay", "3")
    assert ran.code == 9
    assert "0 of" in ran.out
    assert "no longer what was kept: counts" in ran.out


def test_a_run_before_the_change_is_not_touched_by_it(force: SmallForce):
    change(
        force,
        lambda connection: connection.execute("UPDATE verdict_history SET version = '2001-01-01' WHERE first_run = 6"),
    )
    assert force.run("replay", "5").code == 0
    assert force.run("replay", "6").code == 9
