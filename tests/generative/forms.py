"""Which forms of rule, record and outcome there are, and which of them one verdict met. What never occurred proves nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

from dacompliance.policy.model import Clock, Condition, Rule, TestKind, Version
from tests.generative.cases import Case, rule_and_version
from tests.generative.record_forms import CELLS, Form, forms_of_records, record_forms, state
from tests.plain.cells import DAY, Cell, earliest, is_day, is_time, surely_before
from tests.plain.clocks import day_of
from tests.plain.conditions import truth
from tests.plain.facts import GRADES, Item, items
from tests.plain.judge import Verdict, in_time

TICK: Final = dt.timedelta(microseconds=1)
CLOCKS: Final = (*(clock.value for clock in Clock), "no deadline")
MUSTS: Final = ("milestone", "fact", "referred", "received", "holds")
EARLY: Final = ("early is met", "early is undetermined", "early is N hours")
OUTCOMES: Final = ("not_applicable", "undetermined", "pending", "met", "late", "breached")
TRUTHS: Final = {True: "true", False: "false", None: "unknown"}
ASSESSMENT_FACTS: Final = ("first_submitted_at", "grade_since", "first_high_at")
EDGES: Final = (
    *("as-at at the deadline", "as-at an instant after", "as-at an instant before"),
    *("done at the deadline", "done an instant after", "done on a day that begins at the deadline"),
    *("done on a day in time", "done on a day too late", "done before the start", "done at the start"),
    *("too early to count", "too early by an instant", "just not too early", "a later referral taken"),
    *("a grade without a time", "reported on a day", "clocks forward on the way", "clocks back on the way"),
    *("a holiday on the way", "a holiday announced too late", "a holiday withdrawn", "known later than judged"),
)
REASONS: Final = (
    *("excluded", "no version", "applies is false", "assessments", "referrals", "assessments; referrals"),
    *(
        "applies is unknown",
        "start missing",
        "start unreadable",
        "holds is unknown",
        "done unreadable",
        "before the start",
    ),
)
VERSIONS: Final = ("the only one", "the first of several", "a later one", "not published yet", "not begun yet", "ended")
CALENDARS: Final = (
    *("one spell a day", "several spells", "open round the clock", "with holidays", "without holidays"),
    *(
        "day ends at 24:00",
        "day ends before",
        "no cut-off",
        "a cut-off",
        "closed start is day 0",
        "closed start is day 1",
    ),
)
IMPOSSIBLE: Final = {("no deadline", "pending"), ("no deadline", "late"), ("holds", "late")}


def all_forms() -> Iterator[Form]:
    """Yield every form there must have been."""
    yield from product(["about"], ("incident", "assessment", "referral"))
    yield from product(["outcome"], OUTCOMES)
    for one in (*CLOCKS, *MUSTS):
        family = "by clock" if one in CLOCKS else "by what must be so"
        yield from ((family, f"{one}: {outcome}") for outcome in OUTCOMES if (one, outcome) not in IMPOSSIBLE)
    yield from (("early", f"{early}: {outcome}") for early in EARLY for outcome in OUTCOMES)
    yield from (("start", f"{cell} ({clock})") for cell in CELLS for clock in CLOCKS[:-1])
    yield from product(["done"], CELLS)
    for where in ("applies", "holds"):
        yield from ((where, f"{kind.value} {word}") for kind in TestKind for word in TRUTHS.values())
        yield from ((where, f"{form} {word}") for form in ("any", "any in any", "all") for word in TRUTHS.values())
    yield ("applies", "left out")
    yield from product(["reason"], REASONS)
    yield from product(["version"], VERSIONS)
    yield from product(["calendar"], CALENDARS)
    yield from product(["edge"], EDGES)
    yield from record_forms()


def forms_of(case: Case, verdicts: list[Verdict]) -> Iterator[Form]:
    """Yield every form that a case's verdicts met, as often as they met it."""
    there = {(item.about, item.ref): item for item in items(case.records, case.now, case.zone)}
    yield from forms_of_records(case, list(there.values()))
    for verdict in verdicts:
        item = there[verdict.about, verdict.item_ref]
        rule, version = rule_and_version(case, verdict)
        yield ("about", verdict.about)
        yield ("outcome", verdict.outcome)
        yield from _versions(case, rule, version, item)
        if version is not None and verdict.reason != "excluded":
            yield from _rule(version, verdict, item)
            yield from _edges(case, version, verdict, item)
        yield from _reasons(version, verdict, item)


def _versions(case: Case, rule: Rule, version: Version | None, item: Item) -> Iterator[Form]:
    known, day = day_of(case.known, case.zone), day_of(item.incident["reported_at"], case.zone)
    if version is not None:
        place = rule.versions.index(version)
        yield (
            "version",
            "the only one" if len(rule.versions) == 1 else "a later one" if place else "the first of several",
        )
    if any(each.published > known and each.in_force_from <= day for each in rule.versions):
        yield ("version", "not published yet")
    if version is None and all(each.in_force_from > day for each in rule.versions):
        yield ("version", "not begun yet")
    started = [each for each in rule.versions if each.published <= known and each.in_force_from <= day]
    if version is None and started:
        yield ("version", "ended")


def must_of(version: Version) -> str:
    """Return what kind of thing must be so."""
    if version.done is None:
        return "holds"
    for ending in ("referred", "received"):
        if version.done.endswith(f"_{ending}_at"):
            return ending
    return "fact" if version.done in ASSESSMENT_FACTS else "milestone"


def _rule(version: Version, verdict: Verdict, item: Item) -> Iterator[Form]:
    deadline = version.deadline
    clock = deadline.clock.value if deadline else "no deadline"
    yield ("by clock", f"{clock}: {verdict.outcome}")
    yield ("by what must be so", f"{must_of(version)}: {verdict.outcome}")
    if version.done:
        yield ("done", state(item.cells.get(version.done)))
    if version.done and deadline:
        early = EARLY[2] if isinstance(version.early, int) else f"early is {version.early}"
        yield ("early", f"{early}: {verdict.outcome}")
    for where, condition in (("applies", version.applies), ("holds", version.holds)):
        yield from ((where, form) for form in _condition(condition, item))
    if version.applies is None:
        yield ("applies", "left out")
    if deadline:
        yield ("start", f"{state(item.cells.get(deadline.start))} ({clock})")
        yield from _calendar(version)


def _condition(condition: Condition | None, item: Item, inside: bool = False) -> Iterator[str]:
    if condition is None:
        return
    if len(condition.tests) + len(condition.anys) > 1:
        yield f"all {TRUTHS[truth(condition, item.cells)]}"
    for test in condition.tests:
        yield f"{test.kind.value} {TRUTHS[truth(Condition((test,)), item.cells)]}"
    for group in condition.anys:
        yield f"{'any in any' if inside else 'any'} {TRUTHS[truth(Condition((), (group,)), item.cells)]}"
        for table in group:
            yield from _condition(table, item, inside=True)


def _calendar(version: Version) -> Iterator[Form]:
    calendar = version.deadline.calendar if version.deadline else None
    if calendar is None:
        return
    round_the_clock = calendar.hours == ((0, 1440),)
    said = (
        "open round the clock"
        if round_the_clock
        else "several spells"
        if len(calendar.hours) > 1
        else "one spell a day",
        "with holidays" if calendar.holidays else "without holidays",
        "day ends at 24:00" if calendar.day_ends == 1440 else "day ends before",
        "no cut-off" if calendar.cut_off == 1440 else "a cut-off",
        f"closed start is day {calendar.closed_start}",
    )
    yield from product(["calendar"], said)


def _reasons(version: Version | None, verdict: Verdict, item: Item) -> Iterator[Form]:
    if verdict.outcome == "not_applicable":
        yield ("reason", "applies is false" if verdict.reason == "applies" else verdict.reason)
    if version is None or not verdict.reason or verdict.outcome == "not_applicable":
        return
    if verdict.reason in ("assessments", "referrals", "assessments; referrals"):
        yield ("reason", verdict.reason)
    elif truth(version.applies, item.cells) is None:
        yield ("reason", "applies is unknown")
    elif version.deadline and not is_time(start := item.cells.get(version.deadline.start)):
        yield ("reason", f"start {state(start)}")
    elif version.holds:
        yield ("reason", "holds is unknown")
    else:
        yield ("reason", "before the start" if verdict.done_at else "done unreadable")


def _edges(case: Case, version: Version, verdict: Verdict, item: Item) -> Iterator[Form]:
    start = item.cells.get(version.deadline.start) if version.deadline else None
    if is_day(item.incident["reported_at"]):
        yield ("edge", "reported on a day")
    if item.cells.get("grade") in GRADES and item.cells["grade_since"] is None:
        yield ("edge", "a grade without a time")
    if case.known > case.now:
        yield ("edge", "known later than judged")
    if verdict.due_at is None or not is_time(start):
        return
    late = (case.now - verdict.due_at) // TICK
    yield from (
        ("edge", f"as-at {said}")
        for tick, said in ((0, "at the deadline"), (1, "an instant after"), (-1, "an instant before"))
        if late == tick
    )
    yield from (("edge", said) for said in _on_the_way(case, version, earliest(start, case.zone), verdict.due_at))
    if version.done and is_time(done := item.cells.get(version.done)):
        yield from (("edge", said) for said in _finishes(case, version, start, done, verdict, item))


def _on_the_way(case: Case, version: Version, start: dt.datetime, due: dt.datetime) -> Iterator[str]:
    change = due.astimezone(case.zone).utcoffset() - start.astimezone(case.zone).utcoffset()  # type: ignore[operator]
    if change:
        yield f"clocks {'forward' if change > dt.timedelta(0) else 'back'} on the way"
    if not (version.deadline and version.deadline.calendar and version.deadline.calendar.holidays):
        return
    known = day_of(case.known, case.zone)
    for holiday in case.holidays:
        if day_of(start, case.zone) <= holiday.date <= day_of(due, case.zone):
            gone = holiday.withdrawn is not None and holiday.withdrawn <= known
            late = holiday.announced > known
            yield "a holiday announced too late" if late else "a holiday withdrawn" if gone else "a holiday on the way"


def _finishes(
    case: Case, version: Version, start: dt.date, done: dt.date, verdict: Verdict, item: Item
) -> Iterator[str]:
    begins, began, due = earliest(done, case.zone), earliest(start, case.zone), verdict.due_at
    assert due is not None
    if is_day(done):
        yield "done on a day in time" if in_time(done, due, case.zone) else "done on a day too late"
    if begins == due:
        yield "done on a day that begins at the deadline" if is_day(done) else "done at the deadline"
    elif begins == due + TICK:
        yield "done an instant after"
    if surely_before(done, began, case.zone):
        yield "done before the start"
    elif begins == began:
        yield "done at the start"
    if isinstance(version.early, int):
        yield from _too_early(
            case, began - dt.timedelta(hours=version.early), done, verdict, item.times.get(str(version.done), [])
        )


def _too_early(case: Case, limit: dt.datetime, done: dt.date, verdict: Verdict, times: Sequence[Cell]) -> Iterator[str]:
    if earliest(done, case.zone) == limit:
        yield "just not too early"
    if not surely_before(done, limit, case.zone):
        return
    yield "too early to count"
    if not surely_before(done + (DAY if is_day(done) else TICK), limit, case.zone):
        yield "too early by an instant"
    late_enough = [
        earliest(time, case.zone) for time in filter(is_time, times) if not surely_before(time, limit, case.zone)
    ]
    if verdict.done_at in late_enough:
        yield "a later referral taken"
