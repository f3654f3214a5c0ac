"""History written piece by piece is the history written whole: whatever the pieces, and whatever those of earlier runs."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from dacompliance.ledger import tables
from dacompliance.ledger.commit import Piece
from dacompliance.ledger.database import Ledger, open_ledger
from dacompliance.ledger.runs import RuleState, RuleStatus
from dacompliance.records.table import Records, Table
from tests.ledger.builders import NOW, commit, everything, pieces_of, some_records
from tests.ledger.test_history import ZONES, any_records, assert_same_records, at, frame, spells, verdict, withhold
from tests.ledger.test_history import _zone as zone_of
from tests.worlds import records

REFS = ("B1", "Z-2", "_x", "a1", "a10", "é", "😀")
"""In order of code point: any language's own order is another."""

HISTORIES = (tables.record_history, tables.verdict_history)


def found(assessed: dict[str, str], refs: Sequence[str] = REFS, referred: str | None = "B1", **areas: str) -> Records:
    """Records of some incidents: which assessment is of which, and of which the one referral is."""
    return records(
        incidents=[{"incident_ref": ref, "area": areas.get(ref, "North")} for ref in refs],
        assessments=[{"assessment_ref": key, "incident_ref": ref} for key, ref in assessed.items()],
        referrals=[] if referred is None else [{"referral_ref": "R1", "incident_ref": referred}],
        staff=[{"staff_id": "E1", "role": areas.get("role", "sergeant")}],
    )


def said(assessed: dict[str, str], outcome: str = "pending", refs: Sequence[str] = REFS) -> pd.DataFrame:
    """What two rules say: one of incidents, one of assessments."""
    about = {"about": "assessment", "due_at": NOW}
    return frame(
        *(verdict(ref, outcome if ref in ("a1", "é") else "met") for ref in refs),
        *(verdict(key, "late", "SUP-01", incident_ref=ref, **about) for key, ref in assessed.items()),
    )


def rules(**states: str) -> dict[str, Any]:
    return {"rules": {name.replace("_", "-"): RuleStatus(RuleState(state)) for name, state in states.items()}}


HERE, THERE = {"A1": "_x", "A2": "é", "A3": "a1"}, {"A1": "é", "A2": "B1", "A3": "a1"}
BOTH = rules(REF_01="checked", SUP_01="checked")
MORNINGS: list[dict[str, Any]] = [
    {"found": found(HERE), "verdicts": said(HERE), "run": BOTH},
    {"found": found(HERE), "verdicts": said(HERE), "run": BOTH},
    {"found": found(THERE, referred="é", a1="South"), "verdicts": said(THERE, "breached"), "run": BOTH},
    {"found": found(HERE, REFS[2:], "a1"), "verdicts": said(HERE, refs=REFS[2:]), "run": BOTH},
    {"found": found(HERE, role="inspector"), "verdicts": None, "run": BOTH},
    {"found": found(HERE), "verdicts": said({}), "run": rules(REF_01="checked", SUP_01="not_checked")},
    {"found": found({}), "verdicts": said({}), "run": rules(REF_01="checked"), "leave": frozenset({"assessments"})},
    {"found": found(THERE), "verdicts": said(THERE), "run": rules(REF_01="not_asked", SUP_01="checked")},
    {"found": found(THERE, REFS[::2]), "verdicts": said({}, "breached"), "run": rules(REF_01="checked")},
    {"found": found({}, (), None), "verdicts": said({}, refs=()), "run": BOTH},
    {"found": found(THERE), "verdicts": said(THERE), "run": BOTH},
]
"""Changed, moved to another incident and back, gone and come back, not judged, a rule kept, a set left, a rule gone."""


def commit_all(ledger: Ledger, parts: Sequence[int]) -> None:
    for place, morning in enumerate(MORNINGS):
        commit(ledger, parts=parts[place % len(parts)], **morning)


def sort_by_language(ledger: Ledger) -> None:
    """Have PostgreSQL sort references as a language does, and not by code point."""
    if ledger.engine.dialect.name == "postgresql":
        with ledger.begin() as connection:
            for table in HISTORIES:
                column = f'ALTER TABLE {table.name} ALTER COLUMN incident_ref TYPE text COLLATE "und-x-icu"'
                connection.execute(sa.text(column))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of a ledger whose runs came in one piece each."""
    ledger = open_ledger(f"sqlite:///{tmp_path_factory.mktemp('whole') / 'ledger.db'}")
    commit_all(ledger, [1])
    assert len(everything(ledger)["record_history"]) > 30
    assert len(everything(ledger)["verdict_history"]) > 30
    return everything(ledger)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([1], id="one"),
        pytest.param([2], id="two"),
        pytest.param([3], id="three"),
        pytest.param([7], id="seven"),
        pytest.param([20], id="more than there are incidents"),
        pytest.param([1, 7, 2, 3, 1, 1, 3], id="other pieces each morning"),
        pytest.param([3, 1, 7, 7, 2], id="others again"),
    ],
)
def test_history_is_the_same_in_however_many_pieces_it_comes(ledger, whole, parts):
    sort_by_language(ledger)
    commit_all(ledger, parts)
    assert everything(ledger) == whole


def test_a_second_look_touches_no_other_rule_in_pieces_either(ledger):
    for parts in (1, 3):
        commit(ledger, found(HERE), verdicts=said(HERE), run=BOTH, parts=parts)
        look = rules(REF_01="not_asked", SUP_01="checked")
        commit(ledger, found(HERE), verdicts=said({}, "breached", ()), run=look, parts=parts)
    table = tables.verdict_history
    with ledger.read() as connection:
        held = connection.execute(sa.select(table.c.rule_id).where(table.c.last_run.is_(None))).scalars().all()
    assert held == ["REF-01"] * len(REFS)


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ledger, Ledger]:
    """Two ledgers for all examples: each run follows those before, whatever they were; one gets each in one piece."""
    folder = tmp_path_factory.mktemp("endless")
    return open_ledger(f"sqlite:///{folder / 'whole.db'}"), open_ledger(f"sqlite:///{folder / 'pieces.db'}")


@settings(max_examples=10)
@given(data=st.data(), zone=ZONES, parts=st.lists(st.integers(2, 5), min_size=3, max_size=3))
def test_any_records_in_any_pieces_make_the_history_they_make_whole(endless, data, zone, parts):
    first, second = data.draw(any_records(zone)), data.draw(any_records(zone))
    for brought, number in zip((first, second, second), parts, strict=True):
        run_ids = [
            commit(ledger, brought, zone=zone_of(zone), parts=each, run={"known_to": brought.known_to})
            for ledger, each in zip(endless, (1, number), strict=True)
        ]
        assert run_ids[0] == run_ids[1]
        assert_same_records(at(endless[1], run_ids[1]), brought)
        assert touched(endless[0], run_ids[0]) == touched(endless[1], run_ids[1])
    assert touched(endless[1], run_ids[1]) == []


def touched(ledger: Ledger, run_id: int) -> list[str]:
    """The rows of record history that a run closed or added."""
    table = tables.record_history
    columns = [column for column in table.c if column.name not in ("id", "salt", "digest")]
    those = sa.or_(table.c.first_run == run_id, table.c.last_run == run_id - 1)
    with ledger.read() as connection:
        return sorted(map(repr, connection.execute(sa.select(*columns).where(those))))


@pytest.mark.parametrize("parts", [1, 2, 7])
@pytest.mark.parametrize(("before", "after"), [("B1", "é"), ("é", "B1")], ids=["a later piece", "an earlier piece"])
def test_what_is_withheld_stays_so_when_it_moves_to_an_incident_of(ledger, parts, before, after):
    commit(ledger, found({"A1": before}), parts=parts)
    withhold(ledger, "A1")
    commit(ledger, found({"A1": after}), parts=parts)
    commit(ledger, found({"A1": before}), parts=parts)
    assert spells(ledger, "assessments") == [("A1", 1, None)]
    assert at(ledger, 3).assessments.keys.tolist() == []
    commit(ledger, found({}), parts=parts)
    assert spells(ledger, "assessments") == [("A1", 1, 3)]


@pytest.mark.parametrize("parts", [1, 3])
def test_a_row_without_an_incident_is_not_lost(ledger, parts):
    commit(ledger, found(HERE), parts=parts)
    with ledger.begin() as connection:
        table = tables.record_history
        connection.execute(sa.update(table).where(table.c.key.in_(["A1", "A2"])).values(incident_ref=None))
    commit(ledger, found({name: HERE[name] for name in ("A1", "A3")}), parts=parts)
    assert spells(ledger, "assessments") == [("A1", 1, None), ("A2", 1, 1), ("A3", 1, None)]


# --- one at a time


def lazily(*made: Callable[[], Piece]) -> Callable[[], Iterator[Piece]]:
    """Give pieces, each made when it is asked for; raise AssertionError where another is still there."""
    alive: list[weakref.ref[Any]] = []

    def make(each: Callable[[], Piece]) -> Piece:
        assert not any(one() is not None for one in alive), "a piece was held while the next was made"
        piece = each()
        copy = Table(piece.records.incidents.keys.copy(), piece.records.incidents.columns)
        alive.append(weakref.ref(copy.keys))
        return Piece(Records(copy, *_rest_of(piece.records)), piece.verdicts)

    return lambda: (make(each) for each in made)


def _rest_of(brought: Records) -> tuple[Any, ...]:
    return brought.assessments, brought.referrals, brought.staff, brought.known_to, brought.findings


def cut(brought: Records, verdicts: pd.DataFrame | None, parts: int) -> list[Callable[[], Piece]]:
    return [lambda part=part: pieces_of(brought, verdicts, parts)[part] for part in range(parts)]


def test_no_piece_is_held_while_the_next_is_made(ledger):
    for brought, verdicts in ((found(HERE), said(HERE)), (found(THERE), said(THERE, "breached"))):
        commit(ledger, brought, verdicts=verdicts, pieces=lazily(*cut(brought, verdicts, 4)), run=BOTH)
    assert len(spells(ledger)) == len(REFS)
    assert spells(ledger, "assessments") == [
        ("A1", 1, 1),
        ("A1", 2, None),
        ("A2", 1, 1),
        ("A2", 2, None),
        ("A3", 1, None),
    ]


def counted(pieces: Sequence[Piece]) -> tuple[Callable[[], Any], list[int]]:
    """Give the pieces as they are given, and note each time."""
    asked: list[int] = []

    def give() -> Sequence[Piece]:
        asked.append(len(pieces))
        return pieces

    return give, asked


@pytest.mark.parametrize(
    ("parts", "first", "second"),
    [pytest.param(1, 1, 1, id="one piece is asked for once"), pytest.param(3, 2, 1, id="several twice, or once if nothing is new")],
)  # fmt: skip
def test_pieces_are_asked_for_as_often_as_is_needed(ledger, parts, first, second):
    for times in (first, second):
        give, asked = counted(pieces_of(found(HERE), said(HERE), parts))
        commit(ledger, found(HERE), verdicts=said(HERE), pieces=give, run=BOTH)
        assert len(asked) == times


@pytest.mark.parametrize(("parts", "sorts"), [(1, False), (2, True)])
def test_one_piece_is_compared_without_sorting_what_holds(ledger, parts, sorts):
    sent: list[str] = []
    sa.event.listen(ledger.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    commit(ledger, found(HERE), verdicts=said(HERE), run=BOTH, parts=parts)
    queries = [each for each in sent if "FROM record_history" in each or "FROM verdict_history" in each]
    assert queries
    assert any("ORDER BY" in each for each in queries) == sorts


# --- what is no such pieces


def refuses(ledger: Ledger, words: str, pieces: Callable[[], Any]) -> None:
    """See that a run which gives these is refused, and nothing of it kept."""
    before = everything(ledger)
    with pytest.raises(ValueError, match=words):
        commit(ledger, found(HERE), verdicts=said(HERE), pieces=pieces, run=BOTH)
    assert everything(ledger) == before


def test_pieces_that_do_not_follow_each_other_are_a_bug(ledger):
    pieces = pieces_of(found(HERE), said(HERE), 3)
    commit(ledger, found(HERE), verdicts=said(HERE), run=BOTH)
    refuses(ledger, "do not follow each other", lambda: pieces[::-1])
    refuses(ledger, "do not follow each other", lambda: [pieces[0], pieces[0]])


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(lambda pieces: pieces[:1], id="fewer"),
        pytest.param(lambda pieces: [*pieces, pieces[0]], id="more"),
        pytest.param(lambda pieces: [pieces[1], pieces[0]], id="others"),
    ],
)
def test_pieces_that_are_others_the_second_time_are_a_bug(ledger, again):
    pieces = pieces_of(found(HERE), said(HERE), 2)
    turns = iter([pieces, again(pieces)])
    refuses(ledger, "not the same", lambda: next(turns))


def test_a_run_that_keeps_records_has_a_piece_though_it_be_empty(ledger):
    refuses(ledger, "one piece at least", list)
    refuses(ledger, "one piece at least", lambda: iter(()))
    commit(ledger, records(), verdicts=said({}, refs=()), run=BOTH, parts=2)
    assert at(ledger, 1).incidents.keys.tolist() == []


def test_the_columns_kept_are_those_of_the_pieces_and_the_staff(ledger):
    brought = some_records(area="South", crime="yes")
    commit(ledger, brought, parts=2, run={"known_to": {}})
    assert_same_records(at(ledger, 1), brought)
