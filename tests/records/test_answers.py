"""Answers become counts and the numbers of the blank questions, and go no further unless a rule names one."""

import pytest

from dacompliance.records.contract import COUNTS, QUESTIONS, Finding
from tests.records.given import cells, cleaned, found
from tests.worlds import UNREADABLE

HOW = {"assessments": {"values": {"answers": {"Y": "yes", "N": "no", "NK": "not_known"}}}}
INCIDENT = {"incident_ref": "I", "reported_at": "2026-11-02 21:10"}
ASKED = ("answered_count", "yes_count", "not_known_count", "blank_questions", "question_count")


def assessed(*rows, **how):
    """Return records with an assessment of one incident for each row."""
    given = [{"assessment_ref": f"A{number}", "incident_ref": "I", **row} for number, row in enumerate(rows, start=1)]
    return cleaned([INCIDENT], given, **{"how": HOW, **how})


def answers(text, of=27):
    """Return a row of answers from a letter each: y, n, k for not known, . for blank, ? for unreadable."""
    words = {"y": "Y", "n": "N", "k": "NK", ".": None, "?": "perhaps"}
    return dict.fromkeys(QUESTIONS[:of]) | {name: words[letter] for name, letter in zip(QUESTIONS, text, strict=False)}


@pytest.mark.parametrize(
    ("instrument", "row", "counts"),
    [
        pytest.param("DASH-27", answers("y" * 27), (27, 27, 0, None, 27), id="all answered yes"),
        pytest.param("DASH-27", answers(""), (0, 0, 0, ", ".join(map(str, range(1, 28))), 27), id="all blank is none"),
        pytest.param("DASH-27", answers("ynk." + "n" * 7 + "." + "n" * 15), (25, 1, 1, "4, 12", 27), id="two blank"),
        pytest.param("DASH-27", answers("k" * 27), (27, 0, 27, None, 27), id="not known is an answer"),
        pytest.param("SafeLives-24", answers("y" * 24 + "..."), (24, 24, 0, None, 24), id="three questions not asked"),
        pytest.param("SafeLives-24", answers("y" * 27), (24, 24, 0, None, 24), id="answers past the last do not count"),
        pytest.param("SafeLives-24", answers("y" * 24 + "?"), (24, 24, 0, None, 24), id="nor an unreadable one there"),
        pytest.param("SHORT-3", answers("y.n", of=3), (2, 1, 0, "2", 3), id="only its own questions mapped"),
        pytest.param("DASH-27", answers("y?" + "n" * 25), (UNREADABLE,) * 4 + (27,), id="one unreadable answer"),
        pytest.param("DARA", answers("yyy"), (None,) * 5, id="an instrument that is not listed"),
        pytest.param(None, answers("yyy"), (None,) * 5, id="no instrument"),
        pytest.param(b"DASH", answers("yyy"), (UNREADABLE,) * 5, id="an unreadable instrument"),
        pytest.param("DASH-27", answers("y" * 24, of=24), (None,) * 4 + (27,), id="a question that is not mapped"),
    ],
)
def test_answers_are_counted_over_the_instruments_questions(instrument, row, counts):
    records = assessed({"instrument": instrument, **row}, {"instrument": "DARA"}, {"instrument": "DARA"})
    assert tuple(cells(records, "assessments", name)["A1"] for name in ASKED) == counts


def test_answers_go_no_further_than_their_counts():
    records = assessed({"instrument": "DASH-27", **answers("y" * 27)})
    assert not any(name in records.assessments for name in QUESTIONS)


def test_an_answer_that_a_rule_names_is_kept():
    records = assessed({"instrument": "DASH-27", **answers("nyk")}, keep=frozenset({"q02"}))
    assert cells(records, "assessments", "q02") == {"A1": "yes"}
    assert "q01" not in records.assessments


def test_an_unreadable_answer_is_listed_by_its_question():
    records = assessed({"instrument": "DASH-27", **answers("y?")})
    assert found(records) == [("assessments", "A1", "q02", Finding.UNKNOWN_WORD)]


def test_a_source_that_has_only_counts_keeps_them():
    records = assessed({"instrument": "DASH-27", "answered_count": 20, "yes_count": "7", "not_known_count": None})
    got = [cells(records, "assessments", name)["A1"] for name in (*COUNTS, "question_count")]
    assert got == [20, 7, None, 27]
    assert "blank_questions" not in records.assessments


def test_answers_win_over_counts():
    records = assessed({"instrument": "DASH-27", "answered_count": 3, **answers("y" * 27)})
    assert cells(records, "assessments", "answered_count") == {"A1": 27}


def test_without_an_instrument_answers_make_no_counts_and_no_column_pretends_they_do():
    records = assessed({"answered_count": 27, **answers("y" * 27)})
    assert not any(name in records.assessments for name in ASKED)


def test_forms_of_several_instruments_are_each_counted_by_their_own():
    records = assessed({"instrument": "SHORT-3", **answers("yyy")}, {"instrument": "DASH-27", **answers("yyy")})
    assert cells(records, "assessments", "answered_count") == {"A1": 3, "A2": 3}
    assert cells(records, "assessments", "blank_questions") == {"A1": None, "A2": ", ".join(map(str, range(4, 28)))}


def test_rows_of_one_key_that_differ_in_an_answer_alone_are_in_conflict():
    """Their counts and blank questions are the same."""
    twice = [{"assessment_ref": "A", "instrument": "SHORT-3", **answers(text, of=3)} for text in ("yn.", "ny.")]
    records = assessed(*twice)
    assert list(records.assessments.keys) == []
    assert [finding for *_, finding in found(records)] == [Finding.CONFLICTING_KEY] * 2


def test_a_questions_own_value_map_wins_over_the_one_of_all():
    how = {"assessments": {"values": {"answers": {"Y": "yes"}, "q02": {"Y": "not_known"}}}}
    records = assessed({"instrument": "SHORT-3", **answers("yyy", of=3)}, how=how)
    assert [cells(records, "assessments", name)["A1"] for name in COUNTS] == [3, 2, 1]
