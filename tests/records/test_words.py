"""Words and numbers: text as it came becomes a word of ours, a number, nothing, or a cell nobody can read."""

import uuid
from decimal import Decimal

import pytest

from dacompliance.records.cells import Sort
from dacompliance.records.contract import Finding, Kind
from tests.records.given import read, shown
from tests.worlds import UNREADABLE

CODES = {"Y": "yes", "N": "no", "1": "yes", "0": "no", "-": "", "2": "no"}
GRADES = {"H": "high", "M": "medium", "S": "standard", "U": ""}


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        pytest.param("  Northmarch \t", "Northmarch", id="stripped at both ends"),
        pytest.param("North  march", "North  march", id="nothing else is changed"),
        pytest.param("NORTHMARCH", "NORTHMARCH", id="case is kept"),
        pytest.param("", None, id="empty text is missing"),
        pytest.param(" \n ", None, id="blank text is missing"),
        pytest.param(None, None, id="NULL is missing"),
        pytest.param(float("nan"), None, id="NaN is missing"),
        pytest.param(7, "7", id="a whole number"),
        pytest.param(7.0, "7", id="a whole number of a column with NULLs has no point"),
        pytest.param(-0.0, "0", id="minus nothing is nothing"),
        pytest.param(Decimal("7.00"), "7", id="a whole decimal has no point"),
        pytest.param(9_007_199_254_740_993, "9007199254740993", id="a number too long for a float"),
        pytest.param(Decimal("1E+3"), "1000", id="no exponent"),
        pytest.param(7.5, "7.5", id="a fraction"),
        pytest.param(Decimal("7.50"), "7.5", id="a fraction without idle noughts"),
        pytest.param("7.0", "7.0", id="text that looks like a number is text"),
        pytest.param("007", "007", id="leading noughts are kept"),
        pytest.param("NA", "NA", id="NA is a word"),
        pytest.param(True, "true", id="a true"),
        pytest.param(uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001", id="an identifier of the database's"),
        pytest.param(b"7", UNREADABLE, id="bytes are not text"),
        pytest.param(["7"], UNREADABLE, id="a list is not text"),
    ],
)
def test_text_is_read(cell, word):
    assert shown(read(Kind.TEXT, cell).column) == [word]


@pytest.mark.parametrize(
    ("cell", "words", "word"),
    [
        pytest.param(" ab12 ", {}, "AB12", id="in capitals"),
        pytest.param("mash hub", {"MASH HUB": "MASH"}, "MASH", id="capitals come before the value map"),
        pytest.param("mash", {"mash": "MARAC"}, "MASH", id="so a word in small letters is never looked up"),
        pytest.param("x", {"X": "e-Mail"}, "e-Mail", id="what the map says is taken as it stands"),
        pytest.param(4711, {}, "4711", id="a collar number"),
    ],
)
def test_identifiers_are_put_in_capitals_then_looked_up(cell, words, word):
    assert shown(read(Kind.ID, cell, words=words).column) == [word]


@pytest.mark.parametrize(
    ("kind", "cell", "words", "word"),
    [
        pytest.param(Kind.YES_NO, " Y ", CODES, "yes", id="stripped, then looked up"),
        pytest.param(Kind.YES_NO, "y", CODES, UNREADABLE, id="looked up exactly"),
        pytest.param(Kind.YES_NO, 1, CODES, "yes", id="a number is looked up as text"),
        pytest.param(Kind.YES_NO, 0.0, CODES, "no", id="a number of a column with NULLs too"),
        pytest.param(Kind.YES_NO, "-", CODES, None, id="mapped to empty text is missing"),
        pytest.param(Kind.YES_NO, "no", CODES, "no", id="the contract's own word needs no map"),
        pytest.param(Kind.YES_NO, "No", {}, UNREADABLE, id="nearly the contract's own word"),
        pytest.param(Kind.YES_NO, "?", CODES, UNREADABLE, id="neither mapped nor the contract's own"),
        pytest.param(Kind.YES_NO, 1, {}, UNREADABLE, id="a 1 that is not mapped is not assumed to mean yes"),
        pytest.param(Kind.YES_NO, "Y", {}, UNREADABLE, id="nor is a Y"),
        pytest.param(Kind.YES_NO, "true", {}, UNREADABLE, id="nor is the text true"),
        pytest.param(Kind.YES_NO, True, {}, "yes", id="a database's own true is yes"),
        pytest.param(Kind.YES_NO, False, {}, "no", id="a database's own false is no"),
        pytest.param(Kind.YES_NO, True, {"true": "no", "false": "yes"}, "no", id="unless it is mapped"),
        pytest.param(Kind.ANSWER, True, {}, "yes", id="an answer may be a true"),
        pytest.param(Kind.ANSWER, "NK", {"NK": "not_known"}, "not_known", id="not known is an answer"),
        pytest.param(Kind.GRADE, "H", GRADES, "high", id="a grade's code"),
        pytest.param(Kind.GRADE, "U", GRADES, None, id="ungraded is missing"),
        pytest.param(Kind.GRADE, "HIGH RISK", GRADES, UNREADABLE, id="a grade in other words"),
        pytest.param(Kind.GRADE, True, GRADES, UNREADABLE, id="a true is no grade"),
        pytest.param(Kind.TEXT, "H", GRADES, "high", id="text may be mapped"),
        pytest.param(Kind.TEXT, "X", GRADES, "X", id="what the map lacks is read as it stands"),
    ],
)
def test_words_are_looked_up_exactly_and_held_to_the_contracts(kind, cell, words, word):
    assert shown(read(kind, cell, words=words).column) == [word]


def test_a_word_that_is_not_known_is_told_from_a_cell_of_a_wrong_type():
    cells = read(Kind.YES_NO, "yes", "?", b"?", None)
    assert {finding: rows.tolist() for finding, rows in cells.notes.items()} == {
        Finding.UNKNOWN_TEXT: [1],
        Finding.UNREADABLE: [2],
    }


@pytest.mark.parametrize(
    ("cell", "finding"),
    [
        ("Y", Finding.UNKNOWN_LETTER),
        ("HIGH", Finding.UNKNOWN_WORD),
        ("HIGH RISK", Finding.UNKNOWN_WORD),
        (3, Finding.UNKNOWN_NUMBER),
        ("2.5", Finding.UNKNOWN_NUMBER),
        (True, Finding.UNKNOWN_TRUTH),
        ("?", Finding.UNKNOWN_TEXT),
        ("H1", Finding.UNKNOWN_TEXT),
    ],
)
def test_of_what_no_map_names_only_the_class_is_told(cell, finding):
    assert dict(read(Kind.GRADE, cell, "high").notes).keys() == {finding}


def test_every_class_of_unknown_words_is_unreadable_and_has_a_name_of_its_own():
    classes = [each for each in Finding if each.is_unknown]
    assert len(classes) == 5
    assert all(each.is_unreadable for each in classes)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        pytest.param(12, 12, id="a whole number"),
        pytest.param(12.0, 12, id="with a point and nothing after it"),
        pytest.param(Decimal(12), 12, id="a decimal"),
        pytest.param(" 12 ", 12, id="text"),
        pytest.param("+12", 12, id="with a sign"),
        pytest.param("-3", -3, id="below nothing"),
        pytest.param("12.0", 12, id="text with a point and nothing after it"),
        pytest.param(0, 0, id="nothing is a number"),
        pytest.param("", None, id="empty is missing"),
        pytest.param(None, None, id="NULL is missing"),
        pytest.param("none", 0, id="a mapped word"),
        pytest.param("-", None, id="mapped to empty text is missing"),
        pytest.param(99, None, id="a mapped number"),
        pytest.param(12.5, UNREADABLE, id="half a question"),
        pytest.param("12,5", UNREADABLE, id="a comma"),
        pytest.param("1 234", UNREADABLE, id="a space between"),
        pytest.param("twelve", UNREADABLE, id="in words"),
        pytest.param("\uff11\uff12", UNREADABLE, id="digits of another script"),
        pytest.param(10**18, UNREADABLE, id="more digits than 64 bits are sure to hold"),
        pytest.param(float("inf"), UNREADABLE, id="without end"),
        pytest.param(True, UNREADABLE, id="a true is no number"),
    ],
)
def test_numbers_are_whole(cell, number):
    assert shown(read(Kind.NUMBER, cell, words={"none": "0", "-": "", "99": ""}).column) == [number]


def test_a_cell_is_read_by_itself_whatever_stands_beside_it():
    """1, 1.0 and True are equal to Python, and are three things to us."""
    cells = read(Kind.YES_NO, True, 1, 1.0, "1", False, 0, words={"1": "no"})
    assert shown(cells.column) == ["yes", "no", "no", "no", "no", UNREADABLE]


def test_a_sort_of_cell_that_can_never_fit_is_told():
    cells = read(Kind.GRADE, b"H", "high")
    assert (cells.odd, cells.fitting) == (Sort.OTHER, 1)
