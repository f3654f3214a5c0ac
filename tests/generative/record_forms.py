"""Which forms of records and facts there are, and which of them a case has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

from tests.generative.cases import Case
from tests.plain.cells import UNREADABLE, Cell, Row, day_of, earliest, is_day, is_known, is_time
from tests.plain.facts import GRADES, Item

Form = tuple[str, str]
"""A family of forms, and one of them."""

CELLS: Final = ("an instant", "a day", "missing", "unreadable")
YES_NO: Final = ("yes", "no", "missing", "unreadable")
GRADE_STATES: Final = (*GRADES, "missing", "unreadable")
FACT_STATES: Final = {
    "assessment_count": ("0", "1", "more"),
    "first_submitted_at": ("an instant", "a day", "missing"),
    "grade": GRADE_STATES,
    "highest_grade": GRADE_STATES,
    "grade_since": CELLS,
    "first_high_at": CELLS,
    "mash_referred_at": ("an instant", "a day", "missing"),
    "mash_received_at": CELLS,
    "previous_grade": GRADE_STATES,
    "lowered": YES_NO,
    "superseded": ("yes", "no"),
    "signed_off_role": ("a word", "missing"),
    "minutes_to_sign_off": ("negative", "0", "more", "missing", "unreadable"),
}
RECORDS: Final = (
    *("an incident not reported yet", "a draft", "an assessment not submitted yet", "a form not signed off yet"),
    *(
        "a referral not made yet",
        "a referral cancelled",
        "a sign-off before its form",
        "a sign-off on the day of its form",
    ),
    *("a grade at a sign-off without a time", "two forms at one time", "a form on a day and one at its midnight"),
    *("two destinations of one name", "a child before its incident"),
)


def record_forms() -> Iterator[Form]:
    """Yield every form of records and facts there must have been."""
    yield from ((name, state) for name, states in FACT_STATES.items() for state in states)
    yield from product(["records"], RECORDS)


def forms_of_records(case: Case, there: Sequence[Item]) -> Iterator[Form]:
    """Yield every form that the records of a case, and the items made from them, have."""
    for item in there:
        yield from _facts(item)
    yield from product(["records"], _records(case))


def state(cell: Cell) -> str:
    """Return what kind of cell it is, in words."""
    if cell is None:
        return "missing"
    if cell is UNREADABLE:
        return "unreadable"
    return "a day" if is_day(cell) else "an instant" if is_time(cell) else "a word"


def _facts(item: Item) -> Iterator[Form]:
    for name, states in FACT_STATES.items():
        if name in item.cells or name.startswith("mash"):
            cell = item.cells.get(name)
            number = (
                ("negative" if cell < 0 else str(cell) if str(cell) in states else "more")
                if isinstance(cell, int)
                else ""
            )
            yield (name, number or (cell if cell in states else state(cell)))


def _records(case: Case) -> Iterator[str]:
    def later(cell: Cell) -> bool:
        return is_time(cell) and earliest(cell, case.zone) > case.now

    reported = {row["incident_ref"]: row["reported_at"] for row in case.records.incidents}
    yield from ("an incident not reported yet" for cell in reported.values() if later(cell))
    for row in case.records.assessments:
        if row["submitted_at"] is None or later(row["submitted_at"]):
            yield "a draft" if row["submitted_at"] is None else "an assessment not submitted yet"
            continue
        if later(row["signed_off_at"]):
            yield "a form not signed off yet"
        elif row["final_grade"] in GRADES:
            yield from _sign_off(case, row)
        if earliest(row["submitted_at"], case.zone) < earliest(reported[row["incident_ref"]], case.zone):
            yield "a child before its incident"
    yield from _ties(case)
    for row in case.records.referrals:
        if later(row["referred_at"]) or row["cancelled"] == "yes":
            yield "a referral cancelled" if row["cancelled"] == "yes" else "a referral not made yet"
    used = Counter({(row["incident_ref"], row["destination"]) for row in case.records.referrals})
    yield from ("two destinations of one name" for ref in reported if used[ref, "IDVA-1"] and used[ref, "IDVA 1"])


def _sign_off(case: Case, row: Row) -> Iterator[str]:
    submitted, signed = row["submitted_at"], row["signed_off_at"]
    if not is_known(signed):
        yield "a grade at a sign-off without a time"
    elif is_day(signed) and signed == day_of(submitted, case.zone):
        yield "a sign-off on the day of its form"
    elif earliest(signed, case.zone) < earliest(submitted, case.zone):
        yield "a sign-off before its form"


def _ties(case: Case) -> Iterator[str]:
    times = Counter(
        (row["incident_ref"], earliest(row["submitted_at"], case.zone), is_day(row["submitted_at"]))
        for row in case.records.assessments
        if row["submitted_at"] is not None
    )
    for (incident, moment, on_a_day), often in times.items():
        if often > 1:
            yield "two forms at one time"
        if on_a_day and times[incident, moment, False]:
            yield "a form on a day and one at its midnight"
