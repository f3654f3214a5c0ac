"""The demonstration force's first fortnight: what the guide prints is what is told, and a supervisor is not flooded."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.fortnight import first_fortnight, table

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "demonstration-force.md"
A_HANDFUL = 5


@pytest.mark.long
def test_the_guide_s_table_is_what_is_told_and_no_supervisor_has_more_than_a_handful_of_new_rows(tmp_path):
    mornings = list(first_fortnight(tmp_path))
    guide = GUIDE.read_text(encoding="utf-8")
    assert [line for line in table(mornings) if line not in guide] == []
    after_the_first = [each for morning in mornings[1:] for each in morning.of("team", "staff")]
    assert max(each.new for each in after_the_first) <= A_HANDFUL
    assert all(morning.run.run_id is not None and not morning.run.note for morning in mornings)
    assert not any("held" in status.why for morning in mornings for status in morning.run.status.values())
