"""Bodies read by Arrow and by Python say the same, cell for cell; what only Python can read is left to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.ledger import bodies
from dacompliance.ledger.arrows import columns_of
from dacompliance.ledger.bodies import encode, shape_of
from dacompliance.records.contract import Kind
from dacompliance.records.table import Column
from tests.helpers import LONDON
from tests.ledger.builders import ALL_COLUMNS
from tests.ledger.test_history import any_records

COLUMNS = {"area": Kind.TEXT, "height": Kind.NUMBER, "seen_at": Kind.INSTANT}


def cells(found: dict[str, Column]) -> dict[str, tuple[object, ...]]:
    return {
        name: (each.kind, each.values.tolist(), each.words, each.days.tolist(), each.unread.tolist())
        for name, each in found.items()
    }


@given(any_records("Europe/London"))
def test_whatever_we_write_is_read_by_arrow_as_python_reads_it(found):
    shape = shape_of(found, ALL_COLUMNS)
    for kept in encode(found, shape, LONDON):
        texts, columns = kept.texts(np.arange(len(kept))), shape.get(kept.record_set)
        if texts and columns:
            by_arrow = columns_of(texts, columns, LONDON)
            assert by_arrow is not None, kept.record_set
            assert cells(by_arrow) == cells(bodies._by_python(texts, columns, LONDON))


@pytest.mark.parametrize(
    "altered",
    [
        pytest.param('{"area":1}', id="a number where a word was"),
        pytest.param('{"height":"1"}', id="a word where a number was"),
        pytest.param('{"height":1.5}', id="half a number"),
        pytest.param('{"height":123456789012345678901234567890}', id="a number beyond all numbers"),
        pytest.param('{"area":{"is":"North"}}', id="an object where a word was"),
        pytest.param('{"area":"North","area":"South"}', id="a column twice"),
        pytest.param('{"area":"\\ud800"}', id="half a letter"),
        pytest.param('{"area":"\ud800"}', id="half a letter as it stands"),
        pytest.param('{"seen_at":"31/02/2026 10:00Z"}', id="a time of another form"),
        pytest.param('{"area":"North"}\n{"area":"South"}', id="two rows in one"),
        pytest.param('{"area":"North"} {"area":"South"}', id="two rows on one line"),
        pytest.param('{"area":"North"', id="half a row"),
        pytest.param("", id="no row at all"),
        pytest.param("null", id="no object"),
        pytest.param(' {"area":"North"}', id="a row after a blank"),
    ],
)
def test_what_we_would_not_have_written_is_left_to_python(altered):
    assert columns_of(['{"area":"North"}', altered, '{"area":"South"}'], COLUMNS, LONDON) is None


def test_a_row_that_is_none_makes_no_room_for_another():
    assert columns_of(["", '{"area":"North"}\n{"area":"South"}'], COLUMNS, LONDON) is None


@given(st.lists(st.sampled_from(['{"area":"a"}', "{}", '{"height":7,"other":[1]}', '{"seen_at":"2026-10-25"}'])))
def test_columns_that_are_not_asked_for_are_passed_over(texts):
    found = columns_of(texts, COLUMNS, LONDON)
    assert (found is None) == (not texts)
    if found is not None:
        assert cells(found) == cells(bodies._by_python(texts, COLUMNS, LONDON))
