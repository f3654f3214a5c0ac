"""A query's result is held to the contract before a row of it is read, by names of columns alone."""

import pytest

from dacompliance.config import Query
from dacompliance.errors import SourceError
from dacompliance.records.contract import Kind
from dacompliance.records.mapping import readings
from tests.helpers import LONDON

NAMES = ("incident_ref", "reported_at")


def how(*returned, record_set="incidents", **query):
    return readings(record_set, Query.model_validate({"query": "SELECT", **query}), returned, LONDON)


def test_each_column_is_read_as_its_kind_in_the_order_returned():
    found = how("reported_at", "beat", "incident_ref", columns={"beat": "id"})
    assert [(each.name, each.kind) for each in found] == [
        ("reported_at", Kind.INSTANT),
        ("beat", Kind.ID),
        ("incident_ref", Kind.TEXT),
    ]


def test_times_are_in_the_forces_zone_unless_the_query_says_otherwise():
    assert [each.zone.key for each in how(*NAMES)] == ["Europe/London"] * 2
    assert [(each.zone.key, each.home.key) for each in how(*NAMES, time_zone="UTC")] == [("UTC", "Europe/London")] * 2


def test_only_columns_listed_as_dates_are_days():
    found = {each.name: each.in_days for each in how(*NAMES, "flagged_at", dates=["flagged_at"])}
    assert found == {"incident_ref": False, "reported_at": False, "flagged_at": True}
    assert how("staff_id", "left_on", record_set="staff")[1].in_days


@pytest.mark.parametrize(
    ("returned", "query", "said"),
    [
        pytest.param(("incident_ref",), {}, 'returns no column "reported_at"', id="a required column"),
        pytest.param(("incident_ref", "reported"), {}, 'did you mean "reported_at"?', id="a renamed column"),
        pytest.param((*NAMES, "zzz"), {}, "knows. Name it with AS", id="a column nobody knows"),
        pytest.param(
            (*NAMES, "beat"), {"columns": {"beet": "text"}}, 'did you mean "beet"?', id="nearly the force's own"
        ),
        pytest.param((*NAMES, "area", "area"), {}, 'returns 2 columns named "area"', id="two of one name"),
        pytest.param((*NAMES, "assessments_set_aside"), {}, "which the monitor makes itself", id="one we make"),
        pytest.param(NAMES, {"columns": {"beat": "text"}}, "an entry in columns", id="a declared column not returned"),
        pytest.param(
            NAMES, {"values": {"crime": {"Y": "yes"}}}, "an entry in values", id="a mapped column not returned"
        ),
        pytest.param(NAMES, {"dates": ["flagged_at"]}, "an entry in dates", id="a date not returned"),
        pytest.param((*NAMES, "Area"), {}, 'did you mean "area"?', id="a capital"),
    ],
)
def test_a_result_that_is_not_the_contracts_is_refused(returned, query, said):
    with pytest.raises(SourceError, match=r"^records\.incidents\.query: ") as refused:
        how(*returned, **query)
    assert said in str(refused.value)


def test_every_fault_is_told_at_once():
    with pytest.raises(SourceError) as refused:
        how("incident_ref", "incident_ref", "x", "y")
    assert len(str(refused.value).splitlines()) == 4
