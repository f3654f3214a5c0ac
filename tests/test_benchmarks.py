"""The benchmarks run, and what they compare is compared: a figure nobody can make again is no figure."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import database, duck, judging, replay
from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.invented import T, invent
from dacompliance.judging.items import build
from dacompliance.judging.outcomes import Outcome
from dacompliance.judging.verdicts import judge
from dacompliance.policy.files import load_pack
from dacompliance.resources import rules_folder

PACK = load_pack(rules_folder())


def verdicts(incidents: int):
    records = invent(incidents)
    world = build(records, T, judging.ZONE)
    return records, judge(world, PACK.rules, PACK.holidays, judging.KNOWN_DAY)


def test_hand_written_sql_agrees_on_every_verdict():
    records, ours = verdicts(4000)
    connection = duck.loaded(records, PACK.holidays)
    duck.judge(connection)
    compared = {each.rule.id: judging.alike(each, connection) for each in ours}
    assert min(compared.values()) > 0, compared


def test_one_verdict_that_sql_does_not_share_is_found():
    records, ours = verdicts(300)
    connection = duck.loaded(records, PACK.holidays)
    duck.judge(connection)
    changed = ours[0].outcome.copy()
    changed[np.flatnonzero(changed == Outcome.MET)[0]] = Outcome.LATE
    with pytest.raises(AssertionError, match=f"{ours[0].rule.id}: outcome differs"):
        judging.alike(replace(ours[0], outcome=changed), connection)


def test_a_morning_is_pulled_from_a_database_as_it_was_invented(tmp_path: Path):
    database.write(500, tmp_path / "force.db")
    found = judging.morning(tmp_path / "force.db")
    records, ours = verdicts(500)
    assert found.there.startswith(f"500 incidents, {len(records.assessments)} assessments")
    assert found.applied == sum(int((each.outcome != Outcome.NOT_APPLICABLE).sum()) for each in ours)
    assert [phase.name for phase in found.phases][:3] == ["pull, from SQLite", "items", "verdicts"]


def test_what_was_compared_and_how_it_grows_is_said():
    assert re.search(
        r"300 incidents, judged by us: .*; ratio \d+\.\d\d\n.*\n  [\d,]+ verdicts that apply", judging.beside_sql(300)
    )
    (failing, twice) = judging.extremes(300)
    assert re.search(r"[01]% failing: .* (99|100)% failing: .*; ratio", failing)
    assert "every rule twice" in twice


def test_every_duty_done_and_none_are_what_they_say():
    done, undone = (build(invent(500, duties), T, judging.ZONE) for duties in (True, False))
    assert judging.failing(done, PACK) < 0.02 < 0.98 < judging.failing(undone, PACK)


def test_a_benchmark_nobody_wrote_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["jugding"])
    said = capsys.readouterr().err
    assert "there is no benchmark jugding" in said
    assert all(name in said for name in BENCHMARKS)


def test_every_morning_of_the_invented_years_is_said_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(replay, "YEARS", 1)
    monkeypatch.setattr(replay, "A_YEAR", 200)
    before, mornings = replay.make(tmp_path / "ledger.db")
    assert mornings == 4 + replay.LAST_DAYS - 1
    lines = list(replay.sizes(tmp_path / "ledger.db", before))
    assert [line.split()[0] for line in lines[:4:2]] == list(before)
    for run in range(1, mornings + 1):
        said = replay.timed(tmp_path / "ledger.db", run)
        assert re.search(r": 0 of [1-9][\d,]* verdicts differ, 0 rows", said), said
