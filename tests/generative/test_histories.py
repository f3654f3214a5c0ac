"""Random histories of whole cases, judged by the real judge: whatever is edited, exceptions go by the table of semantics §6.

Each morning a case's record is edited as people edit: done, undone, excluded, moved, lost, found, made unreadable; and
the rule is rewritten, switched off, held or taken out. What should then happen is said here from the cells alone, one
case at a time. Closing by an edit is never called done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dacompliance.exceptions.lifecycle import RuleState, Seen, Situation, after, judged_by, reconcile
from dacompliance.exceptions.model import Closing, EventKind, Identity, Standing
from dacompliance.judging.verdicts import frame, judge
from dacompliance.localtime import instant
from dacompliance.policy.model import Clock, Deadline, Rule
from tests.exceptions.situations import V1, all_of, rule, told, version
from tests.helpers import micros
from tests.worlds import UNREADABLE, world

REFS: Final = tuple(f"I{number:02d}" for number in range(25))
MORNINGS: Final = tuple(
    f"{day} 2026-11-{date:02d} 06:30"
    for date, day in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mon"), 2)
)
RULE: Final = "RU-01"


@dataclass(frozen=True, slots=True)
class Cells:
    """What is recorded of one case on one morning. `where`: in the source, not in it, or set aside."""

    where: str = "there"
    excluded: bool = False
    crime: str | None = "yes"
    reported: str = "Sun 2026-11-01 05:00"
    done: str | None = None


@dataclass(frozen=True, slots=True)
class Morning:
    """The cases of one morning, and what has become of the rule: its limit in hours, and its state (None: gone)."""

    cases: tuple[Cells, ...]
    hours: int
    state: RuleState | None


cells = st.builds(
    Cells,
    where=st.sampled_from(("there", "there", "there", "there", "gone", "aside")),
    excluded=st.sampled_from((False, False, False, True)),
    crime=st.sampled_from(("yes", "yes", "yes", "no", None, UNREADABLE)),
    reported=st.sampled_from(("Sun 2026-11-01 05:00", "Sun 2026-11-01 05:00", "Thu 2026-11-05 04:00")),
    done=st.sampled_from((None, None, "Sun 2026-11-01 20:00", "Tue 2026-11-03 20:00", "Fri 2026-11-06 09:00", UNREADABLE)),
)  # fmt: skip
CHECKED: Final = RuleState(chase=True)
states = st.sampled_from(
    (*[CHECKED] * 8, RuleState(chase=False), RuleState(chase=True, status="switched_off"), RuleState(chase=True, status="not_checked"), None)
)  # fmt: skip
mornings = st.builds(
    Morning,
    st.lists(cells, min_size=len(REFS), max_size=len(REFS)).map(tuple),
    st.sampled_from((24, 24, 24, 48)),
    states,
)


def duty(hours: int) -> Rule:
    """The rule of that morning: a changed limit is a changed version, though it bears the same date."""
    return rule(
        RULE,
        version(
            applies=all_of(crime="yes"),
            done="checks_completed_at",
            deadline=Deadline("reported_at", hours, Clock.HOURS),
        ),
    )


def situation(morning: Morning, at: str, last: tuple[dict[Identity, Standing], dict[Identity, str]]) -> Situation:
    """Return what a run of that morning knows, its verdicts by the real judge."""
    named = dict(zip(REFS, morning.cases, strict=True))
    rows = [
        {
            "incident_ref": ref,
            "reported_at": each.reported,
            "crime": each.crime,
            "checks_completed_at": each.done,
            "excluded_reason": "duplicate" if each.excluded else None,
        }
        for ref, each in named.items()
        if each.where == "there"
    ]
    judged = judge(world(at, incidents=rows), [duty(morning.hours)], (), micros(at))
    return Situation(
        standings=last[0],
        verdicts=frame(judged),
        rules={RULE: morning.state} if morning.state is not None else {},
        seen={
            "incident": Seen(
                frozenset(ref for ref, each in named.items() if each.where == "there"),
                frozenset(ref for ref, each in named.items() if each.where == "aside"),
            )
        },
        judged_by_before=last[1],
        judged_by_now={(RULE, V1): f"{morning.hours} hours"},
        owners=lambda _rule_id, _incident_ref: "unit",
    )


def outcome(each: Cells, hours: int, at: str) -> str:
    """Say from the cells alone what a morning's verdict is; "" where there is no item."""
    if each.where != "there" or micros(each.reported) > micros(at):
        return ""
    if each.excluded or each.crime == "no":
        return "not_applicable"
    is_over = micros(at) > micros(each.reported) + hours * 3_600_000_000
    if each.crime != "yes" or each.done == UNREADABLE:
        return "undetermined" if is_over else "pending"
    if each.done is None or micros(each.done) > micros(at):
        return "breached" if is_over else "pending"
    return "met" if micros(each.done) <= micros(each.reported) + hours * 3_600_000_000 else "late"


def expected(each: Cells, morning: Morning, at: str, before: Standing | None, judged_before: str) -> str:
    """Say what the table makes of one case, the first line that fits; "" for nothing."""
    was_open = before is not None and before.is_open
    if morning.state is None or not morning.state.chase:
        return "closed rule_removed" if was_open else ""
    if morning.state.status == "switched_off":
        return "suspended" if was_open and not before.suspended else ""  # type: ignore[union-attr]
    if morning.state.status == "not_checked":
        return ""
    said = outcome(each, morning.hours, at)
    if not was_open:
        return "" if said not in ("breached", "undetermined") else "opened" if before is None else "reopened"
    if said in ("breached", "undetermined") or each.where == "aside":
        return ""
    if not said:
        return "closed withdrawn" if each.where == "gone" else "closed no_longer_applies"
    if judged_before != f"{morning.hours} hours":
        return "closed rule_changed"
    applied = "closed excluded" if each.excluded else "closed no_longer_applies"
    return {"not_applicable": applied, "pending": "closed not_due"}.get(said, "closed done")


def obeys_the_table(history: list[Morning]) -> None:
    last: tuple[dict[Identity, Standing], dict[Identity, str]] = ({}, {})
    life: dict[str, list[EventKind]] = {ref: [] for ref in REFS}
    for morning, at in zip(history, MORNINGS, strict=False):
        now = situation(morning, at, last)
        events = reconcile(now)
        found = {
            event.item_ref: words.partition(f"{RULE} {event.item_ref} ")[2]
            for event, words in zip(events, told(events), strict=True)
        }
        for ref, each in zip(REFS, morning.cases, strict=True):
            wanted = expected(each, morning, at, last[0].get((RULE, ref)), last[1].get((RULE, ref), ""))
            assert found.get(ref, "") == wanted, (ref, at, each, morning.hours, morning.state)
            if found.get(ref) == f"closed {Closing.DONE}":
                assert each.where == "there", "done is seen, never guessed"
                assert not each.excluded
                assert each.crime == "yes"
                assert each.done not in (None, UNREADABLE)
                assert micros(str(each.done)) <= micros(at)
        for event in events:
            life[event.item_ref].append(event.kind)
        left = after(now, events, instant(micros(at)))
        last = left, judged_by(now, left)
        assert reconcile(replace(now, standings=left, judged_by_before=last[1])) == [], "the same morning twice"
    for kinds in life.values():
        turns = [kind for kind in kinds if kind in (EventKind.OPENED, EventKind.REOPENED, EventKind.CLOSED)]
        assert all((kind is EventKind.CLOSED) == (place % 2 == 1) for place, kind in enumerate(turns))
        assert turns.count(EventKind.OPENED) == min(len(turns), 1)


histories = st.lists(mornings, min_size=3, max_size=len(MORNINGS))


@given(histories)
@settings(max_examples=10)
def test_two_hundred_and_fifty_random_histories_obey_the_table_and_an_edit_is_never_called_done(history):
    obeys_the_table(history)


@pytest.mark.long
@given(histories)
@settings(max_examples=60)
def test_over_a_thousand_random_histories_obey_the_table_and_an_edit_is_never_called_done(history):
    obeys_the_table(history)
