"""What people decide between runs: waivers, disputes and holds accepted, each kept at its moment and noted by a run."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from dacompliance.errors import UsageError
from dacompliance.exceptions.disputes import Claim
from dacompliance.exceptions.holds import Surge
from dacompliance.exceptions.model import EventKind, Listed
from dacompliance.exceptions.waivers import Ending, Noted
from dacompliance.ledger import disputes, holds, mentions, outbox, waivers
from dacompliance.ledger.database import Ledger
from dacompliance.ledger.outbox import State
from dacompliance.ledger.runs import RuleState, RuleStatus
from tests.ledger.builders import DAY, MINUTE, NOW, TODAY, commit, notice, opened

I1 = ("REF-01", "I1")
LAST_DAY = dt.date(2026, 11, 10)
SURGE = Surge("REF-01", 120, 0, 4)
HELD = {"rules": {"REF-01": RuleStatus(RuleState.NOT_CHECKED, SURGE.words)}}


def waive(ledger: Ledger, item_ref: str = "I1", at: dt.datetime = NOW) -> None:
    with ledger.begin() as connection:
        waivers.add(
            connection, ("REF-01", item_ref), author="Insp Hay", reason="in hospital", made_at=at, last_day=LAST_DAY
        )


def end(ledger: Ledger) -> None:
    with ledger.begin() as connection:
        waivers.end(connection, I1, by="Sgt Lee", at=NOW + MINUTE)


def unsettled(ledger: Ledger) -> tuple[waivers.Waiver, ...]:
    with ledger.read() as connection:
        return waivers.unsettled(connection)


class TestWaivers:
    """One standing waiver an exception; begun and ended once, and never in a past run."""

    def test_one_is_read_back_as_it_was_made(self, ledger):
        commit(ledger, events=[opened("I1")])
        waive(ledger)
        (found,) = unsettled(ledger)
        assert (found.identity, found.author, found.reason) == (I1, "Insp Hay", "in hospital")
        assert (found.made_at, found.last_day, found.noted, found.ending) == (NOW, LAST_DAY, False, None)

    def test_a_second_one_is_refused_while_the_first_stands(self, ledger):
        commit(ledger, events=[opened("I1")])
        waive(ledger)
        with pytest.raises(UsageError, match="waived already"):
            waive(ledger)
        end(ledger)
        waive(ledger)
        assert [each.ending for each in unsettled(ledger)] == [Ending.ENDED, None]

    def test_only_one_that_stands_can_be_ended(self, ledger):
        commit(ledger, events=[opened("I1")])
        with pytest.raises(UsageError, match="is not waived"):
            end(ledger)

    def test_of_what_was_never_open_there_is_none(self, ledger):
        commit(ledger)
        with pytest.raises((sa.exc.IntegrityError, RuntimeError)):
            waive(ledger)

    def test_a_run_notes_its_beginning_and_later_its_end(self, ledger):
        commit(ledger, events=[opened("I1")])
        waive(ledger)
        (made,) = unsettled(ledger)
        commit(ledger, events=[opened("I1", EventKind.WAIVED)], waivers=Noted(begun=(made.id,)))
        assert [each.noted for each in unsettled(ledger)] == [True]
        end(ledger)
        assert [each.ended_by for each in unsettled(ledger)] == ["Sgt Lee"]
        commit(ledger, events=[opened("I1", EventKind.WAIVER_ENDED)], waivers=Noted(ended={made.id: Ending.ENDED}))
        assert unsettled(ledger) == ()
        with ledger.read() as connection:
            (kept,) = waivers.of_incident(connection, "I1")
        assert (kept.ended_at, kept.ended_by) == (NOW + MINUTE, "Sgt Lee"), "a run does not move a person's moment"

    def test_a_run_that_ends_one_says_when_and_why(self, ledger):
        commit(ledger, events=[opened("I1")])
        waive(ledger)
        (made,) = unsettled(ledger)
        run = {"finished_at": NOW + DAY}
        commit(ledger, waivers=Noted(begun=(made.id,), ended={made.id: Ending.EXPIRED}), run=run)
        assert unsettled(ledger) == ()
        with ledger.read() as connection:
            (kept,) = waivers.every(connection)
        assert (kept.ending, kept.ended_at, kept.ended_by) == (Ending.EXPIRED, NOW + DAY, "")


def dispute(ledger: Ledger, item_ref: str, claim: Claim = Claim.WRONG) -> None:
    with ledger.begin() as connection:
        disputes.add(connection, ("REF-01", item_ref), claim, author="Sgt Lee", reason="another case", made_at=NOW)


def test_a_dispute_is_kept_noted_once_and_knows_what_became_of_its_exception(ledger):
    commit(ledger, events=[opened("I1"), opened("I2")])
    dispute(ledger, "I1")
    dispute(ledger, "I2", Claim.CANNOT_BE_DONE)
    with ledger.read() as connection:
        found = disputes.of_interest(connection)
    assert [(each.item_ref, each.claim, each.author, each.noted) for each in found] == [
        ("I1", Claim.WRONG, "Sgt Lee", False),
        ("I2", Claim.CANNOT_BE_DONE, "Sgt Lee", False),
    ]
    closing = opened("I1", EventKind.CLOSED, reason="excluded")
    commit(ledger, events=[opened("I1", EventKind.DISPUTED), closing], disputes=[each.id for each in found])
    with ledger.read() as connection:
        assert [each.item_ref for each in disputes.of_interest(connection)] == ["I2"], "of what is open, noted or not"
        assert disputes.became(connection) == {I1: "excluded", ("REF-01", "I2"): ""}
        assert len(disputes.every(connection)) == 2
        assert [each.item_ref for each in disputes.of_incident(connection, "I1")] == ["I1"]


def accept(ledger: Ledger) -> holds.Hold:
    with ledger.begin() as connection:
        return holds.accept(connection, "REF-01", by="Operator 7", why="the form was renamed", at=NOW)


def accepted(ledger: Ledger) -> dict[str, Surge]:
    with ledger.read() as connection:
        return holds.accepted(connection)


class TestHolds:
    """Held until accepted; accepted for what was held, and only until a run goes by the rule again."""

    def test_a_rule_that_is_not_held_cannot_be_accepted(self, ledger):
        commit(ledger)
        with pytest.raises(UsageError, match="Held: none is"):
            accept(ledger)

    def test_a_rule_once_held_waits_and_is_accepted_by_name_and_with_a_reason(self, ledger):
        commit(ledger, held=[SURGE], run=HELD)
        assert accepted(ledger) == {}
        assert accept(ledger).surge == SURGE
        assert accepted(ledger) == {"REF-01": SURGE}
        with pytest.raises(UsageError, match="Held: none is"):
            accept(ledger)
        with ledger.read() as connection:
            (hold,) = holds.pending(connection)
        assert (hold.run_id, hold.accepted_by, hold.accepted_why, hold.accepted_at) == (
            1,
            "Operator 7",
            "the form was renamed",
            NOW,
        )
        assert "Operator" not in repr(hold)

    def test_a_run_that_checks_the_rule_uses_it_up(self, ledger):
        commit(ledger, held=[SURGE], run=HELD)
        accept(ledger)
        commit(ledger)
        assert accepted(ledger) == {}

    def test_a_run_that_does_not_check_the_rule_leaves_it(self, ledger):
        commit(ledger, held=[SURGE], run=HELD)
        accept(ledger)
        commit(ledger, run={"rules": {"REF-01": RuleStatus(RuleState.NOT_CHECKED, "the assessments are stale")}})
        assert accepted(ledger) == {"REF-01": SURGE}

    def test_a_larger_surge_on_a_later_morning_waits_again(self, ledger):
        commit(ledger, held=[SURGE], run=HELD)
        accept(ledger)
        commit(ledger, held=[Surge("REF-01", 400, 0, 4)], run=HELD)
        assert accepted(ledger) == {}
        assert accept(ledger).surge.opening == 400

    def test_a_surge_that_went_away_by_itself_waits_no_longer(self, ledger):
        commit(ledger, held=[SURGE], run=HELD)
        commit(ledger)
        with ledger.read() as connection:
            assert holds.pending(connection) == ()


def test_the_story_of_a_case_knows_every_notice_that_had_a_row_for_it(ledger):
    cases = (
        Listed("REF-01", "I1", "do", "I1"),
        Listed("REF-01", "I2", "do", "I2"),
        Listed("SUP-01", "A1", "oversight", "I1"),
    )
    commit(ledger, notices=[notice(1, cases=cases), notice(2, reader_key="team:North", cases=cases[:1])])
    outbox.handed_over(ledger, outbox.claim(ledger, now=NOW), now=NOW + MINUTE, mode="shadow")
    with ledger.read() as connection:
        found = mentions.mentions(connection, "I1")
    told = [(each.listed.rule_id, each.listed.section, each.reader_key, each.state, each.mode) for each in found]
    assert sorted(told) == [
        ("REF-01", "do", "team:North", State.PENDING, ""),
        ("REF-01", "do", "unit", State.HANDED_OVER, "shadow"),
        ("SUP-01", "oversight", "unit", State.HANDED_OVER, "shadow"),
    ]
    assert {each.local_date for each in found} == {TODAY}
    assert {each.changed_at for each in found if each.mode} == {NOW + MINUTE}
