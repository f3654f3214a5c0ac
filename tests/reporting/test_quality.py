"""The data-quality list: what its page and file say, that they hold no value, and that they agree with each other."""

import csv
import io
import os
from dataclasses import replace
from pathlib import Path

import pytest

from dacompliance.exceptions.faults import in_order
from dacompliance.exceptions.meanings import HEADINGS
from dacompliance.records.contract import Finding
from dacompliance.records.table import FINDING_COLUMNS
from dacompliance.reporting.quality import QUALITY_LIST, SHOWN, write_quality
from tests.reporting.markup import Element, read
from tests.reporting.samples import FOUND, found, quality_facts

GOLDEN = Path(__file__).parent / "golden" / "data-quality.html"


def page(folder: Path, told) -> Element:
    return read(write_quality(folder, told)[0].read_text(encoding="utf-8"))


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def answer(html: Element) -> str:
    return next(each for each in html.all("p") if each.attributes.get("class") == "answer").text()


def test_the_page_is_the_one_looked_at_and_agreed(tmp_path):
    """Look at the page in a browser after a change, then keep it with GOLDEN=write."""
    written = write_quality(tmp_path, quality_facts())[0].read_bytes()
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.write_bytes(written)
    assert written.decode("utf-8") == GOLDEN.read_bytes().decode("utf-8")


def test_the_answer_counts_what_must_be_mended(tmp_path):
    assert answer(page(tmp_path, quality_facts())) == (
        "To mend: 4 rows set aside, 2 rows without their incident, 26 cells that cannot be read and "
        "2 words that nobody has listed."
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param((), "Nothing to mend: no row was set aside, and every cell could be read.", id="nothing at all"),
        pytest.param(
            [("referrals", "R1", "referral_ref", Finding.REPEATED_ROW)],
            "Nothing to mend: no row was set aside, and every cell could be read.",
            id="only notes",
        ),
        pytest.param(
            [("incidents", "I1", "area", Finding.UNREADABLE)], "To mend: 1 cell that cannot be read.", id="one cell"
        ),
    ],
)
def test_the_answer_fits_what_there_is(tmp_path, rows, said):
    assert answer(page(tmp_path, quality_facts(tuple(rows)))) == said


def test_the_file_has_a_row_a_finding_worst_first_and_its_mend(tmp_path):
    _, path = write_quality(tmp_path, quality_facts())
    rows = rows_of(path)
    assert path.name == QUALITY_LIST
    assert [tuple(row[name] for name in FINDING_COLUMNS) for row in rows] == list(
        in_order(found()).itertuples(index=False)
    )
    assert [row["weight"] for row in rows] == sorted((row["weight"] for row in rows), key=list(HEADINGS).index)
    assert all(row["mend"] for row in rows)


def test_every_count_of_the_page_opens_to_as_many_rows_of_the_file(tmp_path):
    html_path, path = write_quality(tmp_path, quality_facts())
    rows = rows_of(path)
    tables = list(read(html_path.read_text(encoding="utf-8")).all("table"))[:-1]
    counts = [cell.text() for table in tables for cell in table.all("td") if cell.attributes.get("class") == "n"]
    assert sum(map(int, counts)) == len(rows) == len(FOUND)


def test_the_page_shows_the_first_keys_and_counts_the_others(tmp_path):
    said = page(tmp_path, quality_facts()).text()
    assert f"A0001{SHOWN - 1:02} and {25 - SHOWN} more" in said
    assert f"A0001{SHOWN:02}" not in said
    assert "no key to show" in said


def test_the_same_findings_in_any_order_give_the_same_bytes(tmp_path):
    one = [path.read_bytes() for path in write_quality(tmp_path / "a", quality_facts())]
    other = [path.read_bytes() for path in write_quality(tmp_path / "b", quality_facts(FOUND[::-1]))]
    assert one == other


def test_a_key_can_be_no_formula_and_no_markup(tmp_path):
    hostile = '=1+1"><script>alert(1)</script></table>{{ 7*7 }}'
    html_path, path = write_quality(tmp_path, quality_facts((("incidents", hostile, "area", Finding.UNREADABLE),)))
    text = html_path.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "{{ 7*7 }}" in read(text).text()
    assert rows_of(path)[0]["key"] == "'" + hostile


def test_a_set_that_was_not_trusted_says_so(tmp_path):
    assert "no: they stale: nothing newer than 36 hours" in page(tmp_path, quality_facts()).text()


def test_a_note_stands_on_the_page(tmp_path):
    assert "A replay." in page(tmp_path, replace(quality_facts(), note="A replay.")).text()
