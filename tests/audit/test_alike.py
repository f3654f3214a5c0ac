"""What a run said beside what is judged again, as arrays: the very differences that the frames have, and no other."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.audit.alike import moved_since, unlike
from dacompliance.audit.difference import NOT_APPLICABLE, moved
from dacompliance.judging.checking import Checked
from dacompliance.judging.deadlines import day_number
from dacompliance.judging.verdicts import COLUMNS, judge, tally
from dacompliance.ledger import tables
from dacompliance.ledger.changes import write_verdicts
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.ledger.runs import insert
from dacompliance.ledger.said import Said, said_at
from tests.generative.cases import Case, small_cases
from tests.generative.tables import world
from tests.ledger.builders import by_rule, run_record

LATER = pd.Timestamp("2026-11-03T23:40:00Z")


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """One ledger for all examples: each run follows those before, whatever they said."""
    return open_ledger(f"sqlite:///{tmp_path_factory.mktemp('endless') / 'ledger.db'}")


def judged(case: Case) -> Checked:
    made = world(case.records, case.now, case.zone)
    known = day_number(case.known.astimezone(case.zone).date())
    return Checked(made, {}, tuple(judge(made, case.rules, case.holidays, known)))


def kept(ledger: Ledger, verdicts: pd.DataFrame) -> Said:
    """Write verdicts as a run's, and read them back."""
    with ledger.begin() as connection:
        last = connection.execute(sa.select(sa.func.max(tables.run.c.id))).scalar()
        run_id = insert(connection, run_record(last))
        write_verdicts(connection, run_id, last, by_rule(verdicts))
        return said_at(connection, run_id)


@st.composite
def altered(draw: st.DrawFn, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return verdicts of which some say something else, are gone, or are of an item or a rule there is not."""
    found = verdicts.copy()
    changes: list[tuple[str, object]] = [
        ("outcome", "late"), ("outcome", NOT_APPLICABLE), ("version", "2001-01-01"), ("reason", "grade"), ("due_at", LATER),
        ("due_at", pd.NaT), ("done_at", LATER), ("about", "staff"), ("incident_ref", "I-other"), ("incident_ref", "R-00"),
        ("item_ref", "I-none"), ("rule_id", "R-99"),
    ]  # fmt: skip
    for _ in range(draw(st.integers(0, 3)) if len(found) else 0):
        row = draw(st.integers(0, len(found) - 1))
        name, cell = draw(st.sampled_from(changes))
        found.loc[row, name] = cell
    return found.drop_duplicates(["rule_id", "item_ref"], keep="last", ignore_index=True)


@given(data=st.data(), case=small_cases())
def test_what_moved_is_what_the_frames_say_moved(endless, data, case):
    again = judged(case)
    said = data.draw(altered(again.frame().astype({"rule_id": object, "item_ref": object, "incident_ref": object})))
    found = moved_since(kept(endless, said), again)
    pd.testing.assert_frame_equal(found, moved(said, again.frame()), check_dtype=False)


@given(case=small_cases())
def test_what_is_said_again_has_not_moved_and_is_counted_alike(endless, case):
    again = judged(case)
    said = kept(endless, again.frame())
    assert moved_since(said, again).empty
    counted = Counter(again.frame()["outcome"])
    assert {name: number for name, number in tally(again.verdicts).items() if number} == counted
    del counted[NOT_APPLICABLE]
    assert {name: number for name, number in said.outcomes().items() if number} == counted


@pytest.mark.parametrize("mark", ["\x1f", "\x1f\x1f\x1f\x1f\x1f"])
def test_a_part_of_a_ruling_that_holds_the_mark_is_no_ruling_of_ours(endless, mark):
    """Nobody can shift a word from one column to the next so that both are read as they were."""
    cells = dict.fromkeys(COLUMNS, "I1") | {"rule_id": "R-1", "about": "incident", "outcome": "met", "reason": "grade"}
    none = pd.Series([pd.NaT]).astype("datetime64[us]").dt.tz_localize("UTC")
    frame = pd.DataFrame([{**cells, "version": "2026-01-01"}]).assign(due_at=none, done_at=none)
    with endless.begin() as connection:
        last = connection.execute(sa.select(sa.func.max(tables.run.c.id))).scalar()
        run_id = insert(connection, run_record(last))
        write_verdicts(connection, run_id, last, by_rule(frame))
        (plain,) = said_at(connection, run_id).rulings
        change = sa.update(tables.verdict_history).where(tables.verdict_history.c.first_run == run_id)
        connection.execute(change.values(version=f"2026-01-01{mark}incident", about=""))
        (shifted,) = said_at(connection, run_id).rulings
    assert plain != shifted


@given(
    case=small_cases(), later=st.integers(0, 400), alone=st.sets(st.sampled_from(["R-00", "R-01"])), swap=st.booleans()
)
def test_two_judgements_are_unlike_where_their_frames_are(case, later, alone, swap):
    """As at another instant, and with two rules that have exchanged their names."""
    names = {"R-00": "R-01", "R-01": "R-00"} if swap else {}
    rules = tuple(replace(rule, id=names.get(rule.id, rule.id)) for rule in case.rules)
    pair = judged(case), judged(replace(case, now=case.now + dt.timedelta(hours=later), rules=rules))
    frames = [frame[~frame["rule_id"].isin(alone)] for frame in (each.frame() for each in pair)]
    mine, theirs = unlike(*pair, alone)
    wanted = moved(*frames)
    pd.testing.assert_frame_equal(moved(mine, theirs), wanted, check_dtype=False)
    sides = ((mine, "before"), (theirs, "after"))
    assert all(len(side) == (wanted[f"outcome_{name}"] != NOT_APPLICABLE).sum() for side, name in sides)
