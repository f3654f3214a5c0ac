"""What a run changes: the table of semantics §6, each row for an exception that was open, was closed, or never was."""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dacompliance.exceptions.lifecycle import RuleState, Seen, Situation, after, judged_by, reconcile
from dacompliance.exceptions.model import Closing, Event, EventKind, Identity, Standing
from dacompliance.judging.verdicts import frame, judge
from dacompliance.policy.model import Clock, Deadline
from tests.exceptions.situations import (
    BEFORE,
    CHECKED,
    ITEM,
    NEXT,
    NOW,
    RULE,
    V1,
    V2,
    rule,
    said,
    situation,
    standing,
    standings,
    told,
    verdicts,
    version,
)
from tests.worlds import world

GONE: dict[str, RuleState] = {}
UNCHASED = {RULE: RuleState(chase=False)}
OFF = {RULE: RuleState(chase=True, status="switched_off")}
UNCHECKED = {RULE: RuleState(chase=True, status="not_checked")}
NEW_DIGEST = {(RULE, V1): "second"}
NOTHING_SEEN = Seen(frozenset())
IN_SOURCE = {"incident": Seen(frozenset({ITEM}))}
ASIDE = {"incident": Seen(frozenset(), frozenset({ITEM}))}
ASIDE_TOO = {"incident": Seen(frozenset({ITEM}), frozenset({ITEM}))}
NO_ROW: tuple[dict[str, Any], ...] = ()


def row(outcome: str, **more: Any) -> tuple[dict[str, Any], ...]:
    return (said(outcome, **more),)


STAYS = ""
TABLE = [
    pytest.param(row("breached"), {"rules": GONE}, "closed rule_removed", "", "", id="the rule is gone from the pack"),
    pytest.param(
        row("met"), {"rules": GONE}, "closed rule_removed", "", "", id="the rule is gone, though the duty was done"
    ),
    pytest.param(
        row("breached"), {"rules": UNCHASED}, "closed rule_removed", "", "", id="the rule is no longer chased"
    ),
    pytest.param(
        row("breached"),
        {"rules": {RULE: RuleState(chase=False, status="switched_off")}},
        "closed rule_removed",
        "",
        "",
        id="no longer chased comes before switched off",
    ),
    pytest.param(row("breached"), {"rules": OFF}, "suspended", "", "", id="the rule is switched off"),
    pytest.param(NO_ROW, {"rules": OFF}, "suspended", "", "", id="switched off comes before a row that is gone"),
    pytest.param(row("breached"), {"rules": UNCHECKED}, STAYS, "", "", id="the rule is not checked"),
    pytest.param(NO_ROW, {"rules": UNCHECKED}, STAYS, "", "", id="not checked comes before a row that is gone"),
    pytest.param(row("met"), {"rules": UNCHECKED}, STAYS, "", "", id="not checked closes nothing, whatever was judged"),
    pytest.param(NO_ROW, {"seen": ASIDE}, STAYS, "", "", id="the row is set aside or unmatched"),
    pytest.param(NO_ROW, {"seen": ASIDE_TOO}, STAYS, "", "", id="set aside comes before in the source"),
    pytest.param(NO_ROW, {}, "closed withdrawn", "", "", id="the row is not in the source at all"),
    pytest.param(NO_ROW, {"seen": IN_SOURCE}, "closed no_longer_applies", "", "", id="no longer an item"),
    pytest.param(
        row("breached", about="assessment"),
        {"seen": IN_SOURCE},
        "closed no_longer_applies",
        "reopened",
        "opened",
        id="the rule now judges another kind of item, of the same reference",
    ),
    pytest.param(
        row("met"), {"judged_by_now": NEW_DIGEST}, "closed rule_changed", "", "", id="met by a changed version"
    ),
    pytest.param(
        row("late"), {"judged_by_now": NEW_DIGEST}, "closed rule_changed", "", "", id="late by a changed version"
    ),
    pytest.param(
        row("pending"),
        {"judged_by_now": NEW_DIGEST},
        "closed rule_changed",
        "",
        "",
        id="not yet due by a changed version",
    ),
    pytest.param(
        row("not_applicable", reason="applies"),
        {"judged_by_now": NEW_DIGEST},
        "closed rule_changed",
        "",
        "",
        id="a changed version does not apply",
    ),
    pytest.param(
        row("not_applicable", reason="excluded"),
        {"judged_by_now": NEW_DIGEST},
        "closed rule_changed",
        "",
        "",
        id="a changed version comes before an excluded incident",
    ),
    pytest.param(
        row("met", version=V2),
        {"judged_by_now": {(RULE, V1): "first", (RULE, V2): "second"}},
        "closed rule_changed",
        "",
        "",
        id="met by another version, for the report was moved to its time",
    ),
    pytest.param(
        row("met", version=V2),
        {"judged_by_now": {(RULE, V2): "first"}},
        "closed done",
        "",
        "",
        id="met by a version that says the same",
    ),
    pytest.param(
        row("not_applicable", version="", reason="no version"),
        {},
        "closed rule_changed",
        "",
        "",
        id="no version is in force any more",
    ),
    pytest.param(
        row("met"),
        {"judged_by_before": {}},
        "closed rule_changed",
        "",
        "",
        id="what it was judged by is not known: never called done",
    ),
    pytest.param(
        row("breached"), {"judged_by_now": NEW_DIGEST}, STAYS, "reopened", "opened", id="breached by a changed version"
    ),
    pytest.param(
        row("undetermined"),
        {"judged_by_now": NEW_DIGEST},
        STAYS,
        "reopened",
        "opened",
        id="undetermined by a changed version",
    ),
    pytest.param(row("breached"), {}, STAYS, "reopened", "opened", id="breached"),
    pytest.param(row("undetermined", reason="crime"), {}, STAYS, "reopened", "opened", id="undetermined"),
    pytest.param(row("breached"), {"backlog": {ITEM}}, STAYS, "", "", id="breached, reported before chase_from"),
    pytest.param(
        row("undetermined"), {"backlog": {ITEM}}, STAYS, "", "", id="undetermined, reported before chase_from"
    ),
    pytest.param(row("met"), {}, "closed done", "", "", id="met"),
    pytest.param(row("late"), {}, "closed done", "", "", id="late"),
    pytest.param(row("pending"), {}, "closed not_due", "", "", id="pending: its start moved, or became known"),
    pytest.param(
        row("not_applicable", reason="excluded"), {}, "closed excluded", "", "", id="the incident is excluded"
    ),
    pytest.param(
        row("not_applicable", reason="applies"),
        {},
        "closed no_longer_applies",
        "",
        "",
        id="the version no longer applies",
    ),
]


@pytest.mark.parametrize(("rows", "now", "was_open", "was_closed", "never_was"), TABLE)
@pytest.mark.parametrize("was", ["open", "closed", "never"])
def test_the_first_line_that_fits_decides(rows, now, was_open, was_closed, never_was, was):
    before = {"open": [standing()], "closed": [standing(is_open=False)], "never": []}[was]
    expected = {"open": was_open, "closed": was_closed, "never": never_was}[was]
    now = {"seen": dict.fromkeys(("incident", "assessment", "referral"), NOTHING_SEEN), **now} if not rows else now
    events = reconcile(situation(*rows, before=before, **now))
    assert told(events) == ([f"{RULE} {ITEM} {expected}"] if expected else [])


def test_an_item_is_reopened_with_its_count():
    before = standing(is_open=False, times_reopened=2)
    (event,) = reconcile(situation(said("breached"), before=[before]))
    assert (event.kind, event.count) == (EventKind.REOPENED, 3)


def test_an_opening_is_the_first_of_its_life_and_counts_nothing():
    (event,) = reconcile(situation(said("breached")))
    assert event == Event(RULE, ITEM, "incident", ITEM, EventKind.OPENED, owner="unit")


def test_an_exception_opens_for_the_owner_of_its_rule_and_incident():
    rows = said("breached", item_ref="A1", incident_ref="I1", about="assessment")
    (event,) = reconcile(situation(rows, owners=lambda rule_id, incident_ref: f"staff:{rule_id}/{incident_ref}"))
    assert event.owner == f"staff:{RULE}/I1"


def test_a_closing_names_the_owner_until_now():
    (event,) = reconcile(situation(said("met"), before=[standing(owner_now="staff:S1")], owners=lambda *_: "staff:S2"))
    assert (event.kind, event.owner) == (EventKind.CLOSED, "staff:S1")


def test_an_open_exception_changes_hands_when_its_owner_does():
    now = situation(
        said("breached"), before=[standing(owner_then="staff:S1", owner_now="staff:S1")], owners=lambda *_: "staff:S2"
    )
    (event,) = reconcile(now)
    assert (event.kind, event.owner, event.reason) == (EventKind.OWNER_CHANGED, "staff:S2", "staff:S1")
    left = after(now, [event], NOW)[event.identity]
    assert (left.owner_then, left.owner_now) == ("staff:S1", "staff:S2"), "owner then and owner now are both kept"


@pytest.mark.parametrize(
    ("rows", "given"),
    [
        pytest.param(
            NO_ROW, {"seen": ASIDE, "owners": lambda *_: ""}, id="the incident is not known now, so nor is its owner"
        ),
        pytest.param(
            row("breached"), {"rules": OFF, "before": [standing(suspended=True)]}, id="the rule is switched off"
        ),
        pytest.param(row("breached"), {"rules": UNCHECKED}, id="the rule is not checked"),
    ],
)
def test_the_owner_stays_when(rows, given):
    assert reconcile(situation(*rows, **{"before": [standing()], "owners": lambda *_: "staff:S2", **given})) == []


def test_a_child_moved_to_another_incident_goes_with_it():
    before = standing(item_ref="A1", incident_ref="I1", about="assessment")
    moved = said("breached", item_ref="A1", incident_ref="I2", about="assessment")
    now = situation(
        moved, before=[before], owners=lambda _, incident_ref: {"I1": "unit", "I2": "staff:S2"}[incident_ref]
    )
    (event,) = reconcile(now)
    assert (event.kind, event.incident_ref) == (EventKind.OWNER_CHANGED, "I2")
    assert after(now, [event], NOW)[event.identity].incident_ref == "I2"


class TestSuspension:
    """A suspension is said once, and lasts until a run checks the rule again."""

    def test_it_is_said_only_when_it_begins(self):
        assert reconcile(situation(before=[standing(suspended=True)], rules=OFF)) == []

    def test_a_run_that_does_not_check_the_rule_does_not_lift_it(self):
        now = situation(before=[standing(suspended=True)], rules=UNCHECKED)
        assert after(now, reconcile(now), NOW)[RULE, ITEM].suspended

    def test_a_run_that_checks_the_rule_lifts_it(self):
        now = situation(said("breached"), before=[standing(suspended=True)])
        assert reconcile(now) == []
        assert not after(now, [], NOW)[RULE, ITEM].suspended

    def test_a_run_that_checks_the_rule_lifts_it_for_a_row_set_aside_too(self):
        now = situation(before=[standing(suspended=True)], seen=ASIDE)
        assert not after(now, reconcile(now), NOW)[RULE, ITEM].suspended

    def test_one_that_was_lifted_can_begin_again(self):
        now = situation(before=[standing()], rules=OFF)
        events = reconcile(now)
        assert told(events) == [f"{RULE} {ITEM} suspended"]
        left = after(now, events, NOW)[RULE, ITEM]
        assert (left.is_open, left.suspended) == (True, True)

    def test_a_suspended_exception_that_was_done_meanwhile_closes_when_it_is_judged_again(self):
        now = situation(said("met"), before=[standing(suspended=True)])
        events = reconcile(now)
        assert told(events) == [f"{RULE} {ITEM} closed done"]
        assert not after(now, events, NOW)[RULE, ITEM].suspended


def test_events_come_in_order_of_rule_then_item_by_code_point():
    rows = [
        said("breached", rule_id=rule_id, item_ref=ref) for rule_id in ("b", "a", "B") for ref in ("é", "z", "10", "9")
    ]
    identities = [event.identity for event in reconcile(situation(*rows))]
    assert identities == [(rule_id, ref) for rule_id in ("B", "a", "b") for ref in ("10", "9", "z", "é")]


def test_opening_and_reopening_start_the_standing_afresh():
    now = situation(
        said("breached", "A"), said("breached", "B"), before=[standing("B", is_open=False, opened_at=BEFORE)]
    )
    left = after(now, reconcile(now), NOW)
    assert left["A", ITEM] == standing("A", opened_at=NOW)
    assert left["B", ITEM] == standing("B", opened_at=NOW, times_reopened=1)


@pytest.mark.parametrize("kind", [EventKind.WAIVED, EventKind.WAIVER_ENDED, EventKind.DISPUTED])
def test_waivers_and_disputes_close_nothing(kind):
    now = situation(before=[standing()], rules=UNCHECKED)
    assert after(now, [Event(RULE, ITEM, "incident", ITEM, kind)], NOW) == now.standings


def test_what_was_never_opened_cannot_close():
    with pytest.raises(ValueError, match="REF-01 about I1, which was never opened"):
        after(situation(), [Event(RULE, ITEM, "incident", ITEM, EventKind.CLOSED, Closing.DONE)], NOW)


def test_the_digest_kept_is_the_one_an_open_exception_was_last_judged_by():
    now = situation(
        said("breached", "A"),
        said("met", "C"),
        before=[standing("A"), standing("B"), standing("C")],
        rules={"A": CHECKED, "B": RuleState(chase=True, status="not_checked"), "C": CHECKED},
        judged_by_now={("A", V1): "second", ("B", V1): "second", ("C", V1): "first"},
    )
    left = after(now, reconcile(now), NOW)
    assert judged_by(now, left) == {("A", ITEM): "second", ("B", ITEM): "first"}


def test_a_rule_changed_while_its_row_was_set_aside_is_not_called_done_when_the_row_comes_back():
    aside = situation(before=[standing()], seen=ASIDE, judged_by_now=NEW_DIGEST)
    kept = judged_by(aside, after(aside, reconcile(aside), NOW))
    back = situation(said("met"), before=[standing()], judged_by_before=kept, judged_by_now=NEW_DIGEST)
    assert told(reconcile(back)) == [f"{RULE} {ITEM} closed rule_changed"]


def test_the_judge_s_own_verdicts_open_and_close():
    duty = rule(RULE, version(done="checks_completed_at", deadline=Deadline("reported_at", 24, Clock.HOURS)))
    reported = {"incident_ref": ITEM, "reported_at": "Mon 2026-11-02 05:00"}

    def judged(as_at: str, incident: dict[str, str]) -> pd.DataFrame:
        return frame(judge(world(as_at, incidents=[incident]), [duty], (), 30_000))

    first = dataclasses.replace(situation(), verdicts=judged("Tue 2026-11-03 06:30", reported))
    opened = reconcile(first)
    assert told(opened) == [f"{RULE} {ITEM} opened"]
    left = after(first, opened, NOW)
    done = judged("Wed 2026-11-04 06:30", {**reported, "checks_completed_at": "Tue 2026-11-03 09:00"})
    second = dataclasses.replace(first, standings=left, verdicts=done, judged_by_before=judged_by(first, left))
    assert told(reconcile(second)) == [f"{RULE} {ITEM} closed done"]


# The laws, over random histories.

RULES = ("A-01", "B-02")
REFS = ("1", "2", "10")
IDENTITIES = [(rule_id, ref) for rule_id in RULES for ref in REFS]
STATES = [
    None,
    *(RuleState(chase, status) for chase in (True, False) for status in ("checked", "switched_off", "not_checked")),
]  # type: ignore[arg-type]
OUTCOMES = ("breached", "undetermined", "met", "late", "pending", "excluded", "applies", "no version")
ELSEWHERE = ("set aside", "withdrawn", "no item")
Fates = dict[Identity, tuple[str, str, str]]
"""What the world does to each exception's item in one run: an outcome or a place elsewhere, a version, an owner."""


def places_of(fates: Fates) -> dict[str, str]:
    return {ref: fate[0] for (_, ref), fate in sorted(fates.items(), reverse=True)}


def seen_of(fates: Fates) -> dict[str, Seen]:
    """A reference is in one place for all rules: where the first of them says."""
    where = places_of(fates)
    present = frozenset(ref for ref, place in where.items() if place not in ("set aside", "withdrawn"))
    return {"incident": Seen(present, frozenset(ref for ref, place in where.items() if place == "set aside"))}


def rows_of(fates: Fates) -> Iterator[dict[str, Any]]:
    where = places_of(fates)
    for (rule_id, ref), (outcome, of, _) in fates.items():
        if where[ref] in ELSEWHERE or outcome in ELSEWHERE:
            continue
        if outcome in ("excluded", "applies", "no version"):
            yield said("not_applicable", rule_id, ref, reason=outcome, version="" if outcome == "no version" else of)
        else:
            yield said(outcome, rule_id, ref, version=of)


def run_of(
    fates: Fates,
    states: dict[str, RuleState | None],
    digests: dict[str, str],
    last: tuple[dict[Identity, Standing], dict[Identity, str]],
    backlog: frozenset[str],
) -> Situation:
    owners = {identity: owner for identity, (_, _, owner) in fates.items()}
    return Situation(
        standings=last[0],
        verdicts=verdicts(rows_of(fates)),
        rules={rule_id: state for rule_id, state in states.items() if state is not None},
        seen=seen_of(fates),
        judged_by_before=last[1],
        judged_by_now={(rule_id, of): f"{of}/{digest}" for rule_id, digest in digests.items() for of in (V1, V2)},
        owners=lambda rule_id, incident_ref: owners[rule_id, incident_ref],
        backlog=backlog,
    )


def plainly(identity: Identity, now: Situation) -> str:
    """The table again, one exception at a time, as a reader of semantics §6 would follow it."""
    before = now.standings.get(identity)
    was_open = before is not None and before.is_open
    state = now.rules.get(identity[0])
    if state is None or not state.chase:
        return "closed rule_removed" if was_open else ""
    if state.status == "switched_off":
        return "suspended" if was_open and not before.suspended else ""  # type: ignore[union-attr]
    if state.status == "not_checked":
        return ""
    return _judged_plainly(identity, now, before if was_open else None)


def _judged_plainly(identity: Identity, now: Situation, before: Standing | None) -> str:
    """The lines for a rule that was checked; `before` is the exception if it was open."""
    changed_hands = before is not None and now.owners(*identity) != before.owner_now
    stays = f"owner_changed {before.owner_now}" if before and changed_hands else ""
    found = now.verdicts[(now.verdicts.rule_id == identity[0]) & (now.verdicts.item_ref == identity[1])]
    if found.empty:
        in_source, set_aside = (
            identity[1] in refs for refs in (now.seen["incident"].present, now.seen["incident"].set_aside)
        )
        fate = "closed no_longer_applies" if in_source else "closed withdrawn"
        return (stays if set_aside else fate) if before else ""
    outcome, of, reason = found.iloc[0][["outcome", "version", "reason"]]
    if outcome in ("breached", "undetermined"):
        opens = "reopened" if identity in now.standings else "opened"
        return stays if before else "" if identity[1] in now.backlog else opens
    if before is None:
        return ""
    if now.judged_by_now.get((identity[0], of)) != now.judged_by_before[identity]:
        return "closed rule_changed"
    applied = "closed excluded" if reason == "excluded" else "closed no_longer_applies"
    return {"not_applicable": applied, "pending": "closed not_due"}.get(outcome, "closed done")


def check_events(events: list[Event], now: Situation) -> None:
    """One event an exception, legal for how it stood; a count that counts; and `done` only for what the judge saw done."""
    assert len({event.identity for event in events}) == len(events)
    done_now = {(row.rule_id, row.item_ref): row for row in now.verdicts.itertuples() if row.outcome in ("met", "late")}
    for event in events:
        before = now.standings.get(event.identity)
        if event.kind is EventKind.OPENED:
            assert before is None
        elif event.kind is EventKind.REOPENED:
            assert before is not None
            assert not before.is_open
            assert event.count == before.times_reopened + 1
        else:
            assert before is not None
            assert before.is_open
        if event.reason == Closing.DONE:
            seen_done = done_now[event.identity]
            assert now.judged_by_now[event.rule_id, seen_done.version] == now.judged_by_before[event.identity]


@pytest.mark.parametrize("seed", range(5))
def test_over_a_thousand_random_histories_every_event_obeys_the_table_and_an_edit_is_never_called_done(seed):
    dice = random.Random(seed)
    refs, rules = [f"I{number}" for number in range(22)], [f"R-{number:02d}" for number in range(10)]
    backlog = frozenset(refs[:2])
    identities = [(rule_id, ref) for rule_id in rules for ref in refs]
    last: tuple[dict[Identity, Standing], dict[Identity, str]] = ({}, {})
    history: dict[Identity, list[Event]] = {identity: [] for identity in identities}
    for _ in range(12):
        chosen = dice.choices((*OUTCOMES, *ELSEWHERE), (6, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1), k=len(identities))
        fates = {
            identity: (outcome, dice.choice((V1, V1, V1, V2)), dice.choice(("unit", "unit", "staff:S1")))
            for identity, outcome in zip(identities, chosen, strict=True)
        }
        states = {rule_id: dice.choices(STATES, (1, 14, 2, 2, 1, 1, 1))[0] for rule_id in rules}
        digests = {rule_id: dice.choice(("first", "first", "first", "second")) for rule_id in rules}
        now = run_of(fates, states, digests, last, backlog)
        events = reconcile(now)
        check_events(events, now)
        by_identity = dict(zip((event.identity for event in events), told(events), strict=True))
        for identity in identities:
            expected = plainly(identity, now)
            assert by_identity.get(identity, "") == (f"{' '.join(identity)} {expected}" if expected else "")
        for event in events:
            history[event.identity].append(event)
        left = after(now, events, NOW)
        last = left, judged_by(now, left)
    happened = [event for events in history.values() for event in events]
    assert {event.kind for event in happened} == {*EventKind} - {"waived", "waiver_ended", "disputed"}
    assert {event.reason for event in happened if event.kind is EventKind.CLOSED} == {*Closing}
    for events in history.values():
        steps = [
            event.kind for event in events if event.kind in (EventKind.OPENED, EventKind.REOPENED, EventKind.CLOSED)
        ]
        assert all((kind is EventKind.CLOSED) == (place % 2 == 1) for place, kind in enumerate(steps))
        assert steps.count(EventKind.OPENED) <= 1


fate = st.tuples(
    st.sampled_from((*OUTCOMES, *ELSEWHERE)), st.sampled_from((V1, V2)), st.sampled_from(("unit", "staff:S1"))
)
run = st.tuples(
    st.fixed_dictionaries(dict.fromkeys(IDENTITIES, fate)),
    st.fixed_dictionaries(dict.fromkeys(RULES, st.sampled_from(STATES))),
    st.fixed_dictionaries(dict.fromkeys(RULES, st.sampled_from(("first", "second")))),
)


@given(st.lists(run, min_size=1, max_size=4))
@settings(max_examples=60)
def test_the_same_records_twice_change_nothing(runs):
    last: tuple[dict[Identity, Standing], dict[Identity, str]] = ({}, {})
    for fates, states, digests in runs:
        now = run_of(fates, states, digests, last, frozenset({"10"}))
        left = after(now, reconcile(now), NOW)
        last = left, judged_by(now, left)
        again = dataclasses.replace(now, standings=left, judged_by_before=last[1])
        assert reconcile(again) == []
        assert after(again, [], NEXT) == left


@given(run, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_verdicts_and_of_exceptions_does_not_matter(one, dice):
    before = standings(*(standing(rule_id, ref, is_open=ref != "2") for rule_id, ref in IDENTITIES))
    now = run_of(*one, (before, dict.fromkeys(before, f"{V1}/first")), frozenset())
    shuffled = list(before.items())
    dice.shuffle(shuffled)
    rows = list(range(len(now.verdicts)))
    dice.shuffle(rows)
    other = dataclasses.replace(now, standings=dict(shuffled), verdicts=now.verdicts.iloc[rows])
    assert reconcile(other) == reconcile(now)


@pytest.mark.slow
def test_five_thousand_open_exceptions_over_a_hundred_and_twenty_thousand_verdicts_take_a_moment():
    refs = np.array([f"I{number:06d}" for number in range(10_000)], dtype=object)
    rules = [f"R-{number:02d}" for number in range(12)]
    size = len(refs) * len(rules)
    many = pd.DataFrame(
        {
            "rule_id": np.repeat(np.array(rules, dtype=object), len(refs)),
            "version": np.full(size, V1, dtype=object),
            "about": np.full(size, "incident", dtype=object),
            "item_ref": np.tile(refs, len(rules)),
            "incident_ref": np.tile(refs, len(rules)),
            "outcome": np.where(np.arange(size) % 24 == 0, "breached", "met").astype(object),
            "reason": np.full(size, "", dtype=object),
        }
    )
    breached = many[many.outcome == "breached"]
    before = [standing(each.rule_id, each.item_ref) for each in breached.itertuples()]
    now = dataclasses.replace(
        situation(before=before),
        verdicts=many,
        rules=dict.fromkeys(rules, CHECKED),
        judged_by_now={(rule_id, V1): "first" for rule_id in rules},
    )
    started = time.process_time()
    assert (len(before), reconcile(now)) == (5_000, [])
    assert time.process_time() - started < 2
