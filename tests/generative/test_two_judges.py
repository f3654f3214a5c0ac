"""The fast judge and the plain one, over the same cases, cell by cell; and nothing that a rule can say left untried.

`make soak` goes on for DACOMPLIANCE_SOAK_MINUTES, with other cases each time.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings

from tests.generative.agreement import agree
from tests.generative.cases import Case, large_case, small_cases
from tests.generative.tally import Tally

SOAKS: Final = settings.get_current_profile_name() == "soak"
FEWEST, MOST = 60, 200  # large cases; between the two, until every form has occurred
COMPARED: Final = Tally()


@given(small_cases())
def test_the_two_judges_agree_on_small_cases(case: Case):
    agree(case, COMPARED)


@pytest.mark.slow
def test_the_two_judges_agree_on_large_cases_and_every_form_occurs(record_property):
    first = secrets.randbits(40) if SOAKS else 0
    try:
        for seed in _seeds(first):
            agree(large_case(seed), COMPARED, f"large_case({seed})")
            if COMPARED.cases % 500 == 0:
                _write_down(first)  # a soak that is stopped half-way leaves what it has
    finally:
        record_property("the two judges", _write_down(first))
    assert COMPARED.never() == []


def _write_down(first: int) -> str:
    """Return what was compared as text, and write it to the file named in DACOMPLIANCE_SOAK_COUNTS."""
    text = "\n".join([*COMPARED.lines(), f"  large cases from seed {first}"])
    if file := os.environ.get("DACOMPLIANCE_SOAK_COUNTS"):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text(text + "\n", encoding="utf-8")
    return text


def _seeds(first: int) -> Iterator[int]:
    """Yield seeds of large cases: until the minutes are over, or else until every form has occurred."""
    if SOAKS:
        end = time.monotonic() + 60 * float(os.environ.get("DACOMPLIANCE_SOAK_MINUTES", "20"))
        for seed in count(first):
            if time.monotonic() > end:
                return
            yield seed
    for seed in range(first, first + MOST):
        if seed >= first + FEWEST and not COMPARED.never():
            return
        yield seed
