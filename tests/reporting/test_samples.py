"""A sample is random or it is nothing: the same draw again, and refused once a row was touched."""

import pandas as pd
import pytest

from dacompliance.errors import UsageError
from dacompliance.judging.measures import Share
from dacompliance.reporting.csvs import safe
from dacompliance.reporting.samples import COLUMNS, answers, draw, run_and_seed

OUTCOMES = ("met", "late", "breached", "undetermined", "pending")


def verdicts(number=100):
    return pd.DataFrame(
        {
            "rule_id": [f"R-{n % 3}" for n in range(number)],
            "item_ref": [f"=I{n:03d}" for n in range(number)],
            "about": "incident",
            "incident_ref": [f"I{n:03d}" for n in range(number)],
            "outcome": [OUTCOMES[n % 5] for n in range(number)],
            "due_at": "2026-10-31T23:40:00Z",
            "done_at": "",
            "reason": "",
        }
    )


def drawn(size=10, seed=7, frame=None):
    return draw(verdicts() if frame is None else frame, {"R-1": "A rule"}, 4, size, seed)


def filled(sample, agree="yes"):
    """Return a sample as it is read back from the file a person filled in."""
    return sample.astype(str).map(safe).assign(agree=agree)


def test_only_what_is_judged_is_drawn_and_each_case_once():
    sample = drawn(80)
    assert list(sample.columns) == list(COLUMNS)
    assert set(sample["verdict"]) == {"done in time", "done late", "overdue", "cannot be judged"}
    assert not sample.duplicated(["rule_id", "item_ref"]).any()
    assert len(drawn(1000)) == 80, "all there are, and no more"


def test_the_same_run_size_and_seed_draw_the_same_whatever_the_order_of_the_rows():
    assert drawn().equals(drawn())
    assert drawn(frame=verdicts().iloc[::-1]).equals(drawn())
    assert not drawn(seed=8).equals(drawn())


def test_each_case_is_as_likely_as_any_other():
    counts = pd.concat([drawn(8, seed) for seed in range(500)])["item_ref"].value_counts()
    assert len(counts) == 80
    assert 20 < counts.min() <= counts.max() < 85, "8 of 80, five hundred times: about fifty each"


def test_what_is_answered_is_counted_and_what_is_not_is_left_out():
    sample = drawn()
    found = answers(filled(sample, ["yes", "Y", " No ", "n", "", "", "yes", "yes", "yes", "yes"]), sample)
    assert (found.run_id, found.seed, found.drawn, found.agreed) == (4, 7, 10, Share(6, 8))


def test_rows_in_another_order_are_the_same_sample():
    sample = drawn()
    assert answers(filled(sample).iloc[::-1], sample).agreed == Share(10, 10)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(lambda rows: rows.iloc[1:], "missing, added or changed", id="a row taken out"),
        pytest.param(lambda rows: pd.concat([rows, rows[:1]]), "missing, added or changed", id="a row twice"),
        pytest.param(
            lambda rows: rows.replace("done in time", "done late"), "missing, added or changed", id="a verdict changed"
        ),
        pytest.param(lambda rows: rows.assign(item_ref="I1"), "missing, added or changed", id="another case"),
        pytest.param(
            lambda rows: rows.assign(agree="maybe"), "line 2, agree: is neither yes nor no", id="another word"
        ),
    ],
)
def test_a_sample_that_was_touched_is_refused(spoil, words):
    sample = drawn()
    with pytest.raises(UsageError, match=words):
        answers(spoil(filled(sample)), sample)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(lambda rows: rows.drop(columns="agree"), "no column agree", id="no column"),
        pytest.param(lambda rows: rows.assign(seed=[7, *[8] * 9]), "not of one run and one seed", id="two seeds"),
        pytest.param(lambda rows: rows.assign(run="one"), "not of one run and one seed", id="a run that is no number"),
        pytest.param(lambda rows: rows.iloc[:0], "not of one run and one seed", id="no rows"),
    ],
)
def test_a_file_that_is_no_sample_is_refused(spoil, words):
    with pytest.raises(UsageError, match=words):
        run_and_seed(spoil(filled(drawn())).astype(str))
