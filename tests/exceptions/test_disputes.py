"""Disputes: said once as an event, shown beside an open exception, counted by rule and by what became of it."""

from __future__ import annotations

from typing import Any

import pytest

from dacompliance.exceptions.disputes import WORDS, Claim, Dispute, beside, counted, events_of
from tests.exceptions.situations import BEFORE, ITEM, NOW, RULE, standing, standings, told

IDENTITY = (RULE, ITEM)


def dispute(number: int = 1, claim: Claim = Claim.WRONG, **given: Any) -> Dispute:
    plain = {"author": "Sgt", "reason": "it is another occurrence", "made_at": NOW}
    return Dispute(number, RULE, given.pop("item_ref", ITEM), claim, **{**plain, **given})


def test_a_dispute_becomes_an_event_once_and_names_its_claim():
    known = standings(standing())
    found = events_of([dispute(2, Claim.CANNOT_BE_DONE), dispute(1, noted=True)], known)
    assert told(found) == [f"{RULE} {ITEM} disputed cannot_be_done"]
    assert "another occurrence" not in repr(dispute())


@pytest.mark.parametrize(
    ("before", "made_at", "shown"),
    [
        pytest.param(standing(), NOW, True, id="open"),
        pytest.param(standing(), BEFORE, True, id="said at the very opening"),
        pytest.param(standing(opened_at=NOW), BEFORE, False, id="said of an earlier life of it"),
        pytest.param(standing(is_open=False), NOW, False, id="closed"),
    ],
)
def test_a_dispute_is_shown_beside_an_exception_that_is(before, made_at, shown):
    assert bool(beside([dispute(made_at=made_at)], standings(before))) is shown


def test_the_last_word_is_shown():
    found = beside([dispute(2, Claim.DONE_NOT_RECORDED), dispute(1)], standings(standing()))
    assert found[IDENTITY].claim is Claim.DONE_NOT_RECORDED


def test_disputes_are_counted_by_rule_claim_and_what_became_of_the_exception():
    other = (RULE, "I2")
    found = counted(
        [dispute(1), dispute(2, item_ref="I2"), dispute(3, Claim.CANNOT_BE_DONE)], {IDENTITY: "", other: "done"}
    )
    assert found == {(RULE, Claim.CANNOT_BE_DONE): {"": 1}, (RULE, Claim.WRONG): {"": 1, "done": 1}}


def test_every_claim_has_words():
    assert set(WORDS) == set(Claim)
