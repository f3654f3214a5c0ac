"""A period replayed: as known then and as known now, what if, from the ledger, the source and files."""

from __future__ import annotations

import csv
import datetime as dt
import getpass
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from dacompliance.audit.difference import moved
from dacompliance.ledger import access, runs
from dacompliance.ledger.database import open_ledger
from dacompliance.replaying import evidence
from dacompliance.replaying.again import said_by
from dacompliance.replaying.looks import as_known_then
from dacompliance.replaying.steps import Every, steps
from tests.acceptance.changing import FIRST, ChangingForce, days
from tests.acceptance.force import SmallForce, build
from tests.acceptance.test_one_true_morning import FORM, REPORTED
from tests.helpers import LONDON
from tests.ledger.builders import everything

WHY = ("--why", "the inspectorate asks")
MORNINGS = 8


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a force that was checked on eight mornings from 5 January 2026."""
    force = ChangingForce(tmp_path_factory.mktemp("period") / "force", a_day=5)
    for place, day in enumerate(days(FIRST, MORNINGS)):
        force.live(day)
        if place == 4:
            force.edit("rules/calendars.toml", 'day_ends     = "17:00"', 'day_ends     = "16:00"')
        force.check(day)
    return force.folder


@pytest.fixture
def force(checked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> SmallForce:
    """Return a copy of it."""
    shutil.copytree(checked, tmp_path / "force")
    return SmallForce(tmp_path / "force", capsys)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def asked(
    force: SmallForce, *more: str, first: str = "2026-01-05", last: str = "2026-01-11", every: str = "day"
) -> Path:
    """Replay a period into a folder of its own, and return that."""
    folder = force.folder / "replayed"
    shutil.rmtree(folder, ignore_errors=True)
    given = ("--from", first, "--to", last, "--every", every, *WHY, "--folder", str(folder), *more)
    ran = force.run("replay", *given, at="Mon 2026-01-12 12:00")
    assert ran.code == 0, ran.err
    return folder


@pytest.mark.parametrize("size", [7, 10_000])
def test_each_step_as_known_then_is_what_its_run_said_whatever_the_slices(
    force: SmallForce, monkeypatch: pytest.MonkeyPatch, size: int
):
    force.execute("DELETE FROM incidents")
    monkeypatch.setattr(evidence, "SLICE", size)
    with closing(open_ledger(f"sqlite:///{force.ledger}")) as ledger, ledger.read() as connection:
        found = steps(FIRST, dt.date(2026, 1, 11), Every.DAY, LONDON)
        looks = as_known_then(connection, found, None, LONDON)
        assert [look.run for look in looks] == list(range(2, MORNINGS + 1))
        frames: dict[int, list[pd.DataFrame]] = {}
        slices = list(evidence.Remembered(connection, [look.run for look in looks]).slices())
        assert (len(slices) > 3) == (size == 7)
        for _, part in slices:
            for look in looks:
                frames.setdefault(look.run, []).append(look.judge(part(look.run)).frame())
        for run_id, some in frames.items():
            said = said_by(connection, runs.run(connection, run_id))
            assert len(said) > 20
            assert moved(said, pd.concat(some, ignore_index=True)).empty, run_id


def test_what_was_recorded_late_is_seen_now_and_was_not_then(
    force: SmallForce, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    late = build(tmp_path / "late", capsys)
    late.put(
        "incidents",
        [{**REPORTED, "incident_ref": f"I{each}", "reported_at": f"2026-11-02 0{each}:00"} for each in range(4)],
    )
    form = {**FORM, "submitted_at": "2026-11-02 09:00", "signed_off_at": None, "signed_off_by": None}
    late.put("assessments", [{**form, "assessment_ref": "A0", "incident_ref": "I0"}])
    late.load("Wed 2026-11-04 05:30")
    assert late.run("check", at="Wed 2026-11-04 06:30").code == 0
    late.put("assessments", [{**form, "assessment_ref": "A1", "incident_ref": "I1"}])
    late.execute("UPDATE incidents SET excluded_reason = 'duplicate' WHERE incident_ref = 'I3'")
    late.load("Fri 2026-11-06 05:30")
    assert late.run("check", at="Fri 2026-11-06 06:30").code == 0
    day = ("--from", "2026-11-03", "--to", "2026-11-03", "--every", "day")
    first, again = (late.run("replay", *day, *WHY, "--folder", str(tmp_path / "out")) for _ in range(2))
    assert (first.code, again.code) == (0, 0), first.err
    over = "An earlier replay's files of these names were written over.\n"
    assert (over in first.out, over in again.out) == (False, True)
    rates = [row for row in rows(tmp_path / "out" / "rates.csv") if row["measure"] == "completion"]
    said = [
        (row["known"], row["step"], row["run"], row["as_at"], row["met"], row["of"], row["excluded"]) for row in rates
    ]
    assert said == [
        ("then", "2026-11-03", "1", "2026-11-04T05:30:00Z", "1", "4", "0"),
        ("now", "2026-11-03", "2", "2026-11-04T05:30:00Z", "2", "3", "1"),
    ]


def test_a_what_if_says_so_in_every_file_and_touches_nothing_but_the_list_of_accesses(force: SmallForce):
    shutil.copytree(force.folder / "rules", force.folder / "stricter")
    path = force.folder / "stricter" / "RA-01-assessment-submitted.toml"
    path.write_text(
        path.read_text().replace('within        = "24 hours"', 'within        = "1 hours"').partition("[[case]]")[0]
    )
    with closing(open_ledger(f"sqlite:///{force.ledger}")) as ledger:
        before = everything(ledger)
        plain = {
            row["step"]: row
            for row in rows(asked(force) / "rates.csv")
            if row["measure"] == "RA-01" and row["known"] == "now"
        }
        folder = asked(force, "--rules", str(force.folder / "stricter"))
        after = everything(ledger)
        with ledger.read() as connection:
            entries = access.entries(connection)
    assert {name: found for name, found in after.items() if name != "access"} == {
        name: found for name, found in before.items() if name != "access"
    }
    assert [entry.why for entry in entries] == [WHY[1], WHY[1]]
    assert "what-if by the rules of stricter" in entries[0].what
    assert sorted(each.name for each in folder.iterdir()) == [
        "what-if-changes.csv",
        "what-if-rates.csv",
        "what-if-replay.html",
    ]
    assert {row["basis"] for name in ("rates", "changes") for row in rows(folder / f"what-if-{name}.csv")} == {
        "what-if: rules of stricter"
    }
    page = (folder / "what-if-replay.html").read_text()
    assert "What-if replay" in page
    assert "Judged by the rules of stricter, not by those that were in force" in page
    other = {
        row["step"]: row
        for row in rows(folder / "what-if-rates.csv")
        if row["measure"] == "RA-01" and row["known"] == "now"
    }
    assert sum(int(row["met"]) for row in other.values()) < sum(int(row["met"]) for row in plain.values())


def test_the_changes_are_those_between_one_step_and_the_next(force: SmallForce):
    folder = asked(force, "--known", "then")
    found = rows(folder / "changes.csv")
    assert {(row["step_before"], row["step"]) for row in found} == {
        (f"2026-01-{day:02d}", f"2026-01-{day + 1:02d}") for day in range(5, 11)
    }
    with closing(open_ledger(f"sqlite:///{force.ledger}")) as ledger, ledger.read() as connection:
        one, two = (said_by(connection, runs.run(connection, run_id)) for run_id in (2, 3))
        checked = [runs.run(connection, run_id).rules for run_id in (2, 3)]
    both = [rule for rule in checked[0] if all(each[rule].state == "checked" for each in checked)]
    pairs = moved(one[one["rule_id"].isin(both)], two[two["rule_id"].isin(both)])[["rule_id", "item_ref"]]
    wanted = set(pairs.itertuples(index=False, name=None))
    assert len(wanted) > 10
    assert {(row["rule_id"], row["item_ref"]) for row in found if row["step"] == "2026-01-06"} == wanted


@pytest.mark.parametrize("size", [7, 10_000])
def test_each_change_has_the_causes_that_comparing_the_two_runs_names(
    force: SmallForce, monkeypatch: pytest.MonkeyPatch, size: int
):
    monkeypatch.setattr(evidence, "SLICE", size)
    found = rows(asked(force) / "changes.csv")
    then = {(row["step"], row["rule_id"], row["item_ref"]): row["causes"] for row in found if row["known"] == "then"}
    compared = {}
    for run_id in range(2, MORNINGS):
        out = force.folder / "moved.csv"
        assert force.run("compare", str(run_id), str(run_id + 1), "--export", str(out)).code == 0
        step = str(FIRST + dt.timedelta(days=run_id - 1))
        compared |= {(step, row["rule_id"], row["item_ref"]): row["causes"] for row in rows(out)}
    assert then == compared
    assert {"records", "time", "calendar"} <= {each for causes in then.values() for each in causes.split("; ")}
    assert {row["causes"] for row in found if row["known"] == "now"} == {"time"}


def test_with_other_rules_no_change_is_laid_on_the_rules(force: SmallForce):
    shutil.copytree(force.folder / "rules", force.folder / "stricter")
    found = rows(asked(force, "--rules", str(force.folder / "stricter")) / "what-if-changes.csv")
    then = {each for row in found if row["known"] == "then" for each in row["causes"].split("; ")}
    assert then == {"records", "time"}


def write_files(force: SmallForce, folder: Path, kind: str) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(force.folder / "force.db")) as connection:
        for name in ("incidents", "assessments", "referrals", "staff"):
            frame = pd.read_sql_query(f"SELECT * FROM {name}", connection, dtype=object)
            if kind == "csv":
                frame.to_csv(folder / f"{name}.csv", index=False)
            else:
                frame.astype("string").to_parquet(folder / f"{name}.parquet")


def test_the_source_and_files_say_the_same_before_any_run_has_been_made(force: SmallForce):
    force.ledger.unlink()
    force.execute("DELETE FROM assessments WHERE incident_ref NOT IN (SELECT incident_ref FROM incidents)")
    said = []
    for kind in ("csv", "parquet"):
        write_files(force, force.folder / kind, kind)
        folder = asked(force, "--records", str(force.folder / kind), "--known-to", "2026-01-12 05:30")
        said.append((folder / "rates.csv").read_bytes())
    said.append((asked(force, "--source") / "rates.csv").read_bytes())
    assert said[0] == said[1] == said[2]
    completion = [row for row in rows(force.folder / "replayed" / "rates.csv") if row["measure"] == "completion"]
    assert sum(int(row["of"]) for row in completion) > 20
    assert {row["run"] for row in completion} == {""}
    assert {row["known"] for row in completion} == {"now"}
    with closing(open_ledger(f"sqlite:///{force.ledger}")) as ledger:
        kept = {name for name, found in everything(ledger).items() if found}
    assert kept == {"access"}


REFUSED = [
    pytest.param(
        ("--known", "then"), "2025-12-01", "nothing was known at the end of 2025-12-01", id="before the first run"
    ),
    pytest.param(("--known", "now"), "2026-01-05", "", id="fits"),
    pytest.param(
        ("--known", "now", "--to", "2026-01-12"), "2026-01-05", "known to, 2026-01-12 05:30", id="beyond what is known"
    ),
    pytest.param(
        ("--known", "then", "--source"), "2026-01-05", "only the ledger knows", id="the source knows only now"
    ),
    pytest.param(("--source", "--records", "x"), "2026-01-05", "one place", id="two sources"),
    pytest.param(("--known-to", "2026-01-12 05:30"), "2026-01-05", "--known-to", id="known-to without files"),
    pytest.param(("--why", " "), "2026-01-05", "--why: says nothing", id="no reason"),
    pytest.param(("--every", "year"), "2026-01-05", "none of day, week and month", id="a step nobody knows"),
    pytest.param(("--known", "tomorrow"), "2026-01-05", "none of then, now and both", id="known otherwise"),
    pytest.param(("--known", "now", "--to", "2026-01-01"), "2026-01-05", "ends before it begins", id="backwards"),
    pytest.param(("--records", "nowhere"), "2026-01-05", "is no folder", id="no folder"),
    pytest.param(("--from", "monday"), "2026-01-05", "is not a date", id="no date"),
    pytest.param(("--to", ""), "2026-01-05", "--to: is left out", id="no end"),
    pytest.param(("--export", "v.csv"), "2026-01-05", "--export: is of a run", id="a run's option"),
]


@pytest.mark.parametrize(("more", "first", "says"), REFUSED)
def test_what_cannot_be_said_is_refused_in_one_line(force: SmallForce, more: tuple[str, ...], first: str, says: str):
    given = (
        "--from",
        first,
        "--to",
        "2026-01-11",
        "--every",
        "day",
        *WHY,
        "--folder",
        str(force.folder / "out"),
        *more,
    )
    ran = force.run("replay", *given, at="Mon 2026-01-12 12:00")
    if not says:
        assert ran.code == 0, ran.err
        return
    assert ran.code != 0
    assert says in ran.err
    assert ran.err.count("\n") == 1
    assert not (force.folder / "out").exists()


@pytest.mark.parametrize(
    "option",
    [
        ("--rules", "rules"),
        ("--records", "."),
        ("--known", "then"),
        ("--every", "month"),
        ("--known-to", "2026-01-11"),
        ("--source",),
        ("--folder", "out"),
    ],
    ids=lambda option: option[0],
)
def test_an_option_of_a_period_is_refused_of_a_run_and_not_ignored(force: SmallForce, option: tuple[str, ...]):
    ran = force.run("replay", "1", *option)
    assert (ran.code, ran.out) == (2, "")
    assert f"{option[0]}: is of a period" in ran.err


def test_without_a_run_the_ledger_says_where_else_to_look(force: SmallForce):
    force.ledger.unlink()
    open_ledger(f"sqlite:///{force.ledger}").close()
    given = ("--from", "2026-01-05", "--to", "2026-01-11", *WHY)
    assert "there is no run yet" in force.run("replay", *given, "--known", "then").err
    assert "--records FOLDER" in force.run("replay", *given, "--known", "now").err


def test_who_asked_is_listed(force: SmallForce):
    asked(force, "--known", "now", every="week")
    said = force.run("access").out
    assert (
        "replay 2026-01-05 to 2026-01-11 every week, as known now, from the ledger. Why: the inspectorate asks" in said
    )


EXPORTS = [
    (("replay", "3"), "replay run 3"),
    (("replay", "3", "--export", "out.csv"), "replay run 3 and export its verdicts"),
    (("check", "--export", "out.csv"), "check and export verdicts as at 2026-01-12 05:30"),
    (("explain", "I00001", "--page", "out.html"), "explain I00001 as a page"),
    (("sample", "--n", "5", "--out", "out.csv"), "sample 5 verdicts of the last checked run"),
    (("backlog", "--export", "out.csv"), "export the backlog"),
    (("report", "--run", "8", "--folder", "site"), "report on run 8"),
]


def test_whatever_lets_cases_leave_is_listed_with_who_when_and_why(force: SmallForce, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(force.folder)
    for arguments, _ in EXPORTS:
        ran = force.run(*arguments, "--why", "a complaint", at="Mon 2026-01-12 12:00")
        assert ran.code == 0, ran.err
    with closing(open_ledger(f"sqlite:///{force.ledger}")) as ledger, ledger.read() as connection:
        entries = list(reversed(access.entries(connection)))
    assert [(each.what, each.why) for each in entries] == [(what, "a complaint") for _, what in EXPORTS]
    assert {each.who for each in entries} == {getpass.getuser()}


@pytest.mark.parametrize("arguments", [("replay", "1"), ("compare", "1", "2", "--why", "a complaint")])
def test_a_copy_that_can_only_be_read_is_judged_again_and_keeps_no_entry(force: SmallForce, monkeypatch, arguments):
    real = access.note

    def refuse(connection, entry):
        connection.exec_driver_sql("PRAGMA query_only = ON")  # root may write any file, so the database says it
        real(connection, entry)

    monkeypatch.setattr(access, "note", refuse)
    ran = force.run(*arguments)
    assert ran.code == 0, ran.err
    assert "not in the access list, since this ledger can only be read" in ran.err
    with closing(open_ledger(f"sqlite:///{force.ledger}")) as ledger, ledger.read() as connection:
        assert not access.entries(connection)


def test_a_look_that_takes_nothing_away_is_no_entry(force: SmallForce):
    for arguments in (("runs",), ("explain", "I00001"), ("backlog",), ("access",)):
        assert force.run(*arguments).code == 0
    assert "Nobody has" in force.run("access").out


def test_a_run_or_a_period_must_be_named(force: SmallForce):
    for arguments in ((), ("3", "--from", "2026-01-05")):
        ran = force.run("replay", *arguments)
        assert ran.code == 2
        assert "name a run" in ran.err
