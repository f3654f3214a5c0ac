"""Records as canonical JSON and back: exact for every kind of cell, and of one form only."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from dacompliance.ledger.bodies import (
    FINDINGS,
    Bodies,
    Shape,
    decode,
    decode_findings,
    encode,
    read_shape,
    shape_json,
    shape_of,
)
from dacompliance.records.contract import RECORD_SETS, Finding, Kind
from dacompliance.records.table import Records
from tests.helpers import LONDON
from tests.ledger.builders import ALL_COLUMNS, incident, some_records
from tests.worlds import UNREADABLE, Row, records


def encoded(found: Records, shape: Shape) -> dict[str, Bodies]:
    return {each.record_set: each for each in encode(found, shape, LONDON)}


def texts(made: Bodies) -> list[str]:
    return made.texts(np.arange(len(made)))


def bodies(found: Records, record_set: str = "incidents") -> dict[str, str]:
    made = encoded(found, shape_of(found, ALL_COLUMNS))[record_set]
    return dict(zip(made.keys, texts(made), strict=True))


@pytest.mark.parametrize(
    ("cells", "body"),
    [
        pytest.param(
            {"reported_at": "Mon 2026-07-06 21:10"}, {"reported_at": "2026-07-06T20:10:00Z"}, id="an instant in UTC"
        ),
        pytest.param({"reported_at": "Mon 2026-07-06"}, {"reported_at": "2026-07-06"}, id="a date in the force's zone"),
        pytest.param(
            {"reported_at": "Mon 2026-11-02 21:10:30.5"},
            {"reported_at": "2026-11-02T21:10:30.500000Z"},
            id="microseconds when there are any",
        ),
        pytest.param(
            {"reported_at": "Sun 1969-12-28 12:00:00.25"},
            {"reported_at": "1969-12-28T11:00:00.250000Z"},
            id="before 1970",
        ),
        pytest.param({"area": 'a "b" \\ é\t\n'}, {"area": 'a "b" \\ é\t\n'}, id="a word of any letters"),
        pytest.param({"area": ""}, {"area": ""}, id="an empty word, if it is a word at all"),
        pytest.param({"area": "null"}, {"area": "null"}, id="a word that looks like JSON"),
        pytest.param({"area": ':null,"team":null'}, {"area": ':null,"team":null'}, id="a word that looks unreadable"),
        pytest.param({"crime": "no"}, {"crime": "no"}, id="yes or no"),
        pytest.param({"height": 0}, {"height": 0}, id="zero is a number"),
        pytest.param({"height": -(2**62)}, {"height": -(2**62)}, id="a large number"),
        pytest.param(
            {"area": UNREADABLE, "height": UNREADABLE}, {"area": None, "height": None}, id="unreadable is null"
        ),
        pytest.param({"area": None, "height": None}, {}, id="missing is left out"),
        pytest.param({"seen_on": "Sun 2026-10-25"}, {"seen_on": "2026-10-25"}, id="the day the clocks go back"),
    ],
)
def test_a_cell_has_one_form(cells: Row, body: dict[str, object]):
    own = {"height": Kind.NUMBER, "seen_on": Kind.DATE}
    (text,) = bodies(records(incidents=[{"incident_ref": "I1", **cells}], own=own)).values()
    assert json.loads(text) == body
    assert text == json.dumps(body, sort_keys=True, separators=(",", ":"))
    assert text.isascii()


def test_only_columns_in_use_are_kept_and_those_that_must_be_mapped():
    found = some_records()
    shape = shape_of(found, {"incidents": {"area", "not_mapped"}})
    assert shape["incidents"] == {"area": Kind.TEXT, "reported_at": Kind.INSTANT}
    assert shape["assessments"] == {"incident_ref": Kind.TEXT}
    assert shape["staff"] == {}
    assert texts(encoded(found, shape)["staff"]) == ["{}"]


def test_a_shape_is_read_back_with_its_zone():
    shape = shape_of(some_records(), ALL_COLUMNS)
    assert read_shape(shape_json(shape, LONDON)) == (shape, LONDON)


def test_each_record_knows_its_incident():
    made = encoded(some_records(), shape_of(some_records(), {}))
    refs = {name: each.incident_refs(np.arange(len(each))) for name, each in made.items()}
    assert refs == {
        "incidents": ["I1", "I2", "I3"],
        "assessments": ["I1", "I2"],
        "referrals": ["I1"],
        "staff": [None],
        FINDINGS: [],
    }


def test_findings_are_kept_each_as_often_as_it_was_found():
    lines = [
        ["incidents", "I9", "reported_at", Finding.DECIDING_CELL],
        ["assessments", "", "", Finding.MISSING_KEY],
        ["assessments", "", "", Finding.MISSING_KEY],
    ]
    found = some_records()
    frame = pd.DataFrame(lines, columns=["record_set", "key", "column", "finding"])
    tables = Records(*(found.table(name) for name in RECORD_SETS), {}, frame)
    made = encoded(tables, shape_of(found, {}))[FINDINGS]
    assert made.keys.tolist() == [
        '["incidents", "I9", "reported_at", "set aside: a cell that decides whether the row counts cannot be read"]',
        '["assessments", "", "", "set aside: no key"]',
    ]
    assert texts(made) == ["{}", '{"times":2}']
    assert made.incident_refs(np.arange(2)) == [None, None]
    back = decode_findings(made.keys, texts(made))
    assert back.to_numpy().tolist() == sorted([*map(str, line)] for line in lines)


def test_no_findings_are_an_empty_frame():
    assert decode_findings([], []).columns.tolist() == ["record_set", "key", "column", "finding"]


def test_tables_come_back_in_order_of_key_with_every_column_of_the_shape():
    shape = {name: {"area": Kind.TEXT, "height": Kind.NUMBER} if name == "incidents" else {} for name in RECORD_SETS}
    found = decode({"incidents": (["b", "a"], ['{"area":"x"}', "{}"])}, shape, LONDON)
    assert found["incidents"].keys.tolist() == ["a", "b"]
    assert found["incidents"].columns["area"].text().tolist() == [None, "x"]
    assert not found["incidents"].columns["height"].present.any()
    assert len(found["staff"]) == 0


def test_the_order_of_rows_and_columns_makes_no_difference():
    found = records(incidents=[incident(1, area="N", team="T"), incident(2)])
    turned = Records(
        found.incidents.take(np.array([1, 0])), found.assessments, found.referrals, found.staff, {}, found.findings
    )
    assert bodies(turned) == bodies(found)
