"""The demonstration from start to finish, on real parts: six mornings, and what each reader is left with."""

from __future__ import annotations

import csv
import email
import email.policy
import hashlib
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from dacompliance.demo import period
from dacompliance.demo.mornings import STAGED
from dacompliance.demo.story import REPLAYED, DemoResult, run_demo
from dacompliance.errors import UsageError
from dacompliance.exceptions.model import Closing, EventKind
from dacompliance.ledger import casework
from dacompliance.ledger.casework import PastEvent
from dacompliance.ledger.database import open_ledger

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    return run_demo(tmp_path_factory.mktemp("story") / "demo")


@pytest.fixture(scope="module")
def events(result: DemoResult) -> tuple[PastEvent, ...]:
    """Everything that happened to any exception, in order of runs."""
    with closing(open_ledger(f"sqlite:///{result.folder / 'ledger.db'}")) as ledger, ledger.read() as connection:
        return casework.events_since(connection, 0)


def morning_of(event: PastEvent) -> int:
    return period.MORNINGS.index(event.as_at.astimezone(period.ZONE).date())


@pytest.mark.parametrize("staged", [pytest.param(each, id=each.name) for each in STAGED])
def test_what_was_staged_is_what_the_ledger_tells(result, force, events, staged):
    expected = [(each.morning, each.event, str(each.closing or "")) for each in staged.expected]
    for key in force.staged[staged.name]:
        told = [
            (morning_of(each), each.event.kind, each.event.reason if each.event.kind is EventKind.CLOSED else "")
            for each in events
            if each.event.identity == (staged.rule, key) and each.event.kind is not EventKind.OWNER_CHANGED
        ]
        assert told == expected


def test_exceptions_open_stay_open_close_and_come_back(result, events):
    kinds = Counter(each.event.kind for each in events)
    assert kinds[EventKind.OPENED] > kinds[EventKind.CLOSED] > kinds[EventKind.REOPENED] >= 4
    closings = {each.event.reason for each in events if each.event.kind is EventKind.CLOSED}
    assert closings >= {Closing.DONE, Closing.EXCLUDED, Closing.WITHDRAWN, Closing.NO_LONGER_APPLIES}


def test_each_morning_something_is_new_and_from_the_second_on_something_is_done(result):
    counts = [run.counts for run in result.runs]
    assert all(each["exceptions_opened"] for each in counts)
    assert all(each["exceptions_closed"] for each in counts[1:])
    assert "exceptions_closed" not in counts[0]


OFF = {"INV-01", "PN-01"}
"""Westmarch's records system holds neither specialists nor protection notices."""


def test_every_rule_was_checked_every_morning_but_those_its_records_have_no_columns_for(result):
    for run in result.runs:
        assert {rule for rule, status in run.status.items() if status.state != "checked"} == OFF
        assert {run.status[rule].state for rule in OFF} == {"switched_off"}


def test_the_closing_words_say_which_rules_are_off(result):
    assert "Switched off, since its records have no such columns: INV-01, PN-01" in result.closing_words()


def test_no_morning_knew_more_than_its_copy(result):
    assert [run.as_at for run in result.runs] == [period.load_of(day) for day in period.MORNINGS]


def test_the_supervisor_has_a_digest(result):
    message = email.message_from_bytes(result.digest.read_bytes(), policy=email.policy.default)
    assert message["To"] == "referral-unit@westmarch.example"
    body = message.get_body("plain").get_content()
    assert "MASH" in body
    assert "bundled default" not in body


def test_the_performance_team_has_a_page(result):
    page = result.page.read_text(encoding="utf-8")
    assert "Westmarch Constabulary" in page
    assert "<script src" not in page


def test_the_auditor_has_the_verdicts_of_a_past_morning(result):
    with result.verdicts.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:6] == ["rule_id", "version", "about", "item_ref", "incident_ref", "outcome"]
    assert {row["outcome"] for row in rows} >= {"met", "late", "pending", "breached", "undetermined", "not_applicable"}
    assert sum(row["outcome"] != "not_applicable" for row in rows) == result.replay.said


def test_the_past_morning_says_the_same_again(result):
    assert result.replay.as_at == period.load_of(REPLAYED)
    assert result.replay.said > 90_000
    assert result.replay.differ == ()


def test_judging_again_wrote_nothing(result):
    with closing(sqlite3.connect(result.folder / "ledger.db")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM run").fetchone() == (len(period.MORNINGS),)


def test_every_notice_goes_to_an_address_reserved_for_examples(result):
    notices = sorted((result.folder / "notices").glob("*.eml"))
    messages = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in notices]
    assert len(messages) == sum(run.notices for run in result.runs)
    assert all(message["To"].endswith(".example") for message in messages)


def test_the_closing_words_name_three_paths_that_are_there(result):
    words = result.closing_words()
    for path in (result.digest, result.page, result.verdicts):
        assert path.is_file()
        assert str(path) in words


def test_a_folder_with_somebody_s_files_is_refused_before_anything_is_made(tmp_path):
    (tmp_path / "thesis.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError):
        run_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.long
def test_a_second_demonstration_takes_the_place_of_the_first_and_is_the_same(result):
    """Run by the command, so that nothing of the first is left but its folder."""

    def made():
        return {
            path.relative_to(result.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in result.folder.rglob("*")
            if path.suffix in (".eml", ".html", ".csv", ".toml")
        }

    first = made()
    done = subprocess.run(
        [sys.executable, "-m", "dacompliance", "demo", "--folder", str(result.folder)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert made() == first
    assert done.stdout.strip() == result.closing_words().strip()
    assert done.stderr == ""  # no progress bar where there is no terminal


def test_figures_of_the_report_are_those_of_hand_written_sql_over_the_records(result):
    """Excluded, complete of due, and RA-01 in time of judged: five counts of two measures a month, worked out twice."""
    with (result.page.parent / "figures.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [
            row for row in csv.DictReader(file) if row["grouping"] == "force" and len(row["period"]) == len("2026-11")
        ]
    completion, rule = (
        {row["period"]: row for row in rows if row["measure"] == measure} for measure in ("completion", "RA-01")
    )
    published = [
        (
            month,
            *(int(completion[month][name]) for name in ("excluded", "denominator", "numerator")),
            *(int(rule[month][name]) for name in ("denominator", "numerator")),
        )
        for month in sorted(completion)
    ]
    with closing(sqlite3.connect(result.folder / "force.db")) as records:
        by_hand = records.execute((Path(__file__).parent / "by_hand.sql").read_text(encoding="utf-8")).fetchall()
    assert len(by_hand) == 25
    assert by_hand == published
