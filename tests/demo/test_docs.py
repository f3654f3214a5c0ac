"""The page about the invented force says what the force is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dacompliance.demo.mornings import STAGED
from dacompliance.demo.sown import SOWN

PAGE = (Path(__file__).parents[2] / "docs" / "demonstration-force.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("fault", [*SOWN, *STAGED], ids=lambda fault: fault.name)
def test_every_fault_and_turn_of_events_is_on_the_page_with_its_number(fault):
    assert f"| {fault.what} | {fault.count:,} |" in PAGE


def test_the_page_lists_no_other():
    rows = re.findall(r"^\| [^|]+ \| [\d,]+ \|", PAGE, re.MULTILINE)
    assert len(rows) == len(SOWN) + len(STAGED)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("occ_victim", "{:,}\nincidents"),
        ("risk_form", "{:,} forms"),
        ("form_answer", "{:,} answers"),
        ("endorsement", "{:,} sign-offs"),
        ("unit_check", "{:,} checks"),
        ("referral", "{:,} referrals"),
        ("employee", "{:,} staff"),
    ],
)
def test_its_sizes_are_those_of_the_last_copy(records, table, words):
    size = records.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
    assert words.format(size) in PAGE


def test_every_table_is_explained(force):
    assert all(f"| `{table}` |" in PAGE for table in force.sheets)


def test_the_case_it_names_is_there(force):
    (reference,) = re.findall(r"WM\d\d-\d{6}/\d", PAGE)
    assert reference in {key for keys in force.staged.values() for key in keys}
