"""What a difference is put down to that no input explains."""

from __future__ import annotations

import pytest

from dacompliance.audit.causes import ANY_INPUT, Cause, told_apart, witnessed

THEN, OTHER, THIRD = {"met": 3, "late": 1}, {"met": 4, "late": 0}, {"met": 2, "late": 2}
EITHER = (Cause.CODE, Cause.VERDICTS)


@pytest.mark.parametrize(
    ("said", "again", "same_program", "wanted"),
    [
        pytest.param(OTHER, THEN, False, (Cause.VERDICTS,), id="what was said is not what was counted"),
        pytest.param(THEN, OTHER, False, (Cause.CODE,), id="what is judged again is not what was counted"),
        pytest.param(OTHER, THIRD, False, EITHER, id="neither is"),
        pytest.param(THEN, THEN, False, (Cause.CODE,), id="both are, such as another due time"),
        pytest.param(THEN, THEN, None, EITHER, id="both are, and the run did not keep its program"),
        pytest.param(OTHER, THEN, None, (Cause.VERDICTS,), id="the run did not keep its program"),
        pytest.param(THEN, OTHER, True, (Cause.VERDICTS,), id="the program is the run's own"),
    ],
)
def test_the_run_s_own_counts_are_the_witness(said, again, same_program, wanted):
    assert witnessed(THEN, said, again, same_program) == wanted


def test_without_counts_it_is_the_program_that_is_known_to_be_another():
    assert witnessed({}, THEN, OTHER, None) == EITHER
    assert witnessed({}, THEN, OTHER, False) == (Cause.CODE,)


@pytest.mark.parametrize(
    ("stands", "stands_again", "same_program", "wanted"),
    [
        pytest.param(
            False, True, False, (Cause.VERDICTS,), id="what was said has not the fingerprint, what is judged has"
        ),
        pytest.param(False, False, False, EITHER, id="neither has"),
        pytest.param(False, False, True, (Cause.VERDICTS,), id="neither has, and the program is the run's own"),
        pytest.param(True, False, False, (Cause.CODE,), id="what was said has it"),
        pytest.param(True, False, True, ANY_INPUT, id="what was said has it, and the program is the run's own"),
    ],
)
def test_the_run_s_own_fingerprint_is_a_witness_to_every_cell(stands, stands_again, same_program, wanted):
    assert told_apart(stands, stands_again, same_program) == wanted
