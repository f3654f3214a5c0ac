"""A record set that is stale, empty or short is not to be trusted, and says why."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from dacompliance.config import Gates
from dacompliance.errors import SourceError
from dacompliance.records.contract import Kind
from dacompliance.records.gates import Brought, Extent, Gate, brought_by, examine, gate, refuse_nothing, unreadable_in
from dacompliance.records.table import Column, Table
from tests.helpers import micros, when
from tests.records.given import cleaned

NOW = "Sun 2026-11-22 08:00"
YESTERDAY = when("Sat 2026-11-21 08:00")
LIMITS = Gates()


@dataclass(frozen=True)
class Checked:
    """A checked run, as far as a gate asks."""

    gates: dict[str, Any] = field(default_factory=dict)
    as_at: dt.datetime = YESTERDAY


def judged(rows=100, usable=100, known_to=NOW, before=(100, 100), last_as_at=None):
    """Return the gate of a set of so many rows, where so many of so many could be used before."""
    return gate(
        "incidents",
        Extent(rows, usable, None if known_to is None else micros(known_to)),
        None if before is None else Extent(*before, micros(NOW)),
        now=micros(NOW),
        last_as_at=None if last_as_at is None else micros(last_as_at),
        stale_hours=36,
        short_share=0.9,
    )


@pytest.mark.parametrize(
    ("case", "state"),
    [
        pytest.param({}, "fresh", id="as ever"),
        pytest.param({"known_to": "Fri 2026-11-20 20:00"}, "fresh", id="known to 36 hours ago"),
        pytest.param({"known_to": "Fri 2026-11-20 19:59:59"}, "stale", id="a second more"),
        pytest.param({"last_as_at": NOW}, "fresh", id="known to the last run's as-at"),
        pytest.param({"last_as_at": "Sun 2026-11-22 08:00:01"}, "stale", id="known to a second before it"),
        pytest.param({"known_to": None}, "stale", id="known to no instant"),
        pytest.param({"usable": 90}, "fresh", id="nine tenths of the last"),
        pytest.param({"usable": 89}, "short", id="less than nine tenths"),
        pytest.param({"rows": 200, "usable": 89}, "short", id="twice the rows, most of them set aside"),
        pytest.param({"rows": 0, "usable": 0}, "empty", id="no rows where there were some"),
        pytest.param({"rows": 0, "usable": 0, "known_to": None}, "empty", id="no rows, so no newest time either"),
        pytest.param({"rows": 0, "usable": 0, "before": (0, 0)}, "fresh", id="no rows, as before"),
        pytest.param({"rows": 0, "usable": 0, "before": None}, "fresh", id="no rows, the first time"),
        pytest.param({"rows": 3, "usable": 0, "before": None}, "fresh", id="nothing usable, the first time"),
        pytest.param({"usable": 50, "known_to": "Mon 2026-11-16 08:00"}, "stale", id="stale is said before short"),
        pytest.param({"rows": 120, "usable": 120}, "fresh", id="more than before"),
    ],
)
def test_a_set_is_fresh_or_the_first_fault_that_fits(case, state):
    found = judged(**case)
    assert (found.state, found.passed) == (state, state == "fresh")
    assert bool(found.why) == (state != "fresh")


def test_a_gate_says_why_in_counts_and_hours_only():
    assert judged(usable=89).why == "came short: 89 usable rows, and 100 before"
    assert judged(rows=0, usable=0).why == "came empty, and had 100 rows before"
    assert judged(known_to="Mon 2026-11-16 08:00").why == "are known to an instant more than 36 hours ago"


def incidents(count, **more):
    return [{"incident_ref": number, "reported_at": "2026-11-02 21:10", **more} for number in range(count)]


def test_what_a_pull_brought_is_counted_with_what_was_set_aside_and_repeated():
    twice = {"incident_ref": "x", "reported_at": "2026-11-02 21:10"}
    records = cleaned([*incidents(5), {"incident_ref": None}, {"incident_ref": "late"}, twice, twice])
    assert brought_by(records)["incidents"].extent(0.2) == Extent(9, 6, micros(NOW))


def test_unmatched_children_cannot_be_used():
    rows = [{"assessment_ref": number, "incident_ref": ref} for number, ref in enumerate([0, 1, "x", None])]
    assert brought_by(cleaned(incidents(2), rows))["assessments"].extent(0.2) == Extent(4, 2, micros(NOW))


@pytest.mark.parametrize(
    ("unreadable", "usable"),
    [
        pytest.param({}, 10, id="none"),
        pytest.param({"area": 2}, 10, id="a fifth of a column is borne with"),
        pytest.param({"area": 3}, 7, id="more than a fifth is not: those rows cannot be used"),
        pytest.param({"area": 3, "team": 2}, 7, id="another column is borne with by itself"),
        pytest.param({"area": 3, "team": 5}, 5, id="a row counts once"),
    ],
)
def test_a_column_with_too_many_unreadable_cells_counts_against_a_set(unreadable, usable):
    def column(bad):
        return Column(Kind.TEXT, np.zeros(10, dtype=np.int64), ("x",), np.arange(10) < bad)

    table = Table(np.arange(10).astype(object), {name: column(bad) for name, bad in unreadable.items()})
    assert Brought(len(table), unreadable_in(table), 0, None).usable(0.2) == usable


def test_every_set_that_was_read_has_a_gate_and_no_other():
    gates = examine(brought_by(cleaned(incidents(1), referrals=[])), LIMITS, when(NOW), None)
    assert list(gates) == ["incidents", "referrals"]
    assert all(each.passed for each in gates.values())


def test_a_set_half_missing_two_mornings_running_is_missing_on_the_second_too():
    """A failed set is not what the next one is measured by: the ledger keeps what was last trusted."""
    mornings = [incidents(10), incidents(4), incidents(4), incidents(9)]
    last, states = None, []
    for rows in mornings:
        gates = examine(brought_by(cleaned(rows)), LIMITS, when(NOW), last)
        states.append(gates["incidents"].state)
        last = Checked(gates={name: each.as_json() for name, each in gates.items()})
    assert states == ["fresh", "short", "short", "fresh"]


def test_a_set_read_for_the_first_time_is_measured_by_nothing():
    assert examine(brought_by(cleaned(incidents(1))), LIMITS, when(NOW), Checked())["incidents"].state == "fresh"


def test_no_incident_at_all_is_refused_but_not_one_that_is_set_aside():
    refuse_nothing(brought_by(cleaned(incidents(1))), dt.date(2026, 1, 1))
    refuse_nothing(brought_by(cleaned([{"incident_ref": None}])), dt.date(2026, 1, 1))
    with pytest.raises(SourceError, match="returns no row reported since 2026-01-01, so there is nothing to check"):
        refuse_nothing(brought_by(cleaned(assessments=[{"assessment_ref": "A1"}])), dt.date(2026, 1, 1))


def test_a_gate_is_kept_as_names_and_counts():
    kept = Gate(
        "incidents", Extent(3, 2, 5), "short", "came short: 2 usable rows, and 3 before", Extent(3, 3, 4)
    ).as_json()
    assert kept == {
        "state": "short",
        "passed": False,
        "why": "came short: 2 usable rows, and 3 before",
        "extent": {"rows": 3, "usable": 2, "known_to": 5},
        "trusted": {"rows": 3, "usable": 3, "known_to": 4},
    }
