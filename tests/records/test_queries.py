"""Queries that could never be asked, and settings that could never be meant, are refused before any database is."""

import pytest
import sqlalchemy as sa

from dacompliance.config import Query
from dacompliance.records.queries import escaped, faults, parameters

SINCE = "SELECT reported FROM incident WHERE reported >= :since"
SLICED = "SELECT 1 FROM i WHERE (r >= :since AND r < :until) OR (:undated = 1 AND r IS NULL)"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param(SINCE, {"since"}, id="one"),
        pytest.param(SLICED, {"since", "until", "undated"}, id="three"),
        pytest.param("SELECT reported::timestamp FROM i", set(), id="a cast is none"),
        pytest.param("SELECT to_char(r, 'HH24:MI') FROM i", set(), id="nor a colon in quotes"),
        pytest.param("SELECT ' :since' FROM i", set(), id="nor a name in quotes"),
        pytest.param("SELECT 'it''s :since' FROM i", set(), id="nor after a doubled quote"),
        pytest.param('SELECT ":since" FROM i', set(), id="nor in a quoted name"),
        pytest.param("SELECT 1 -- since :since\nFROM i", set(), id="nor in a comment"),
        pytest.param("SELECT 1 /* :since\n :until */ FROM i", set(), id="nor in a long one"),
    ],
)
def test_a_querys_parameters_are_what_is_not_quoted(query, names):
    assert parameters(query) == names
    assert set(sa.text(escaped(query)).compile().params) == names


def test_what_is_quoted_reaches_the_database_as_it_was_written():
    query = "SELECT ' :x' , strftime('%H:%M', r) , '::' -- a :comment\nFROM i WHERE r >= :since ;\n"
    assert str(sa.text(escaped(query))) == query.rstrip("; \n")


def told(name="incidents", **query):
    """Return the faults of one query."""
    return list(faults([(name, Query.model_validate({"query": SINCE, **query}))]))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param({"query": SINCE}, None, id="a good one"),
        pytest.param({"query": SLICED}, None, id="a good one in slices"),
        pytest.param({"query": "-- the good ones\nWITH a AS (SELECT 1) " + SINCE}, None, id="WITH, after a comment"),
        pytest.param({"query": SINCE + " ;\n"}, None, id="one that ends in a semicolon"),
        pytest.param({"query": "SELECT 1"}, "names no :since", id="no :since"),
        pytest.param({"query": SINCE + " AND r < :until"}, "has to name :since and :undated", id="half a slice"),
        pytest.param({"query": SINCE + " AND r < :today"}, "names :today", id="a parameter nobody gives"),
        pytest.param({"query": "DELETE FROM i WHERE r < :since"}, "is not a SELECT", id="not a SELECT"),
        pytest.param({"query": SINCE + "; DROP TABLE i"}, "more than one statement", id="two statements"),
        pytest.param({"query": SINCE + "; -- done"}, None, id="a comment after the end"),
        pytest.param(
            {"known_to": "query", "known_to_query": "SELECT MAX(at) FROM log WHERE at > :since"},
            "known_to_query: names :since, and is given nothing",
            id="known_to is asked without parameters",
        ),
        pytest.param({"time_format": "%d/%m/%Y %H:%M"}, None, id="a good format"),
        pytest.param({"time_format": "%d/%m/%Y %H:%M %z"}, None, id="a format with an offset"),
        pytest.param({"time_format": "DD/MM/YYYY"}, "cannot be read back", id="a format of another tool"),
        pytest.param({"time_format": "%d/%m/%Y %Q"}, "cannot be read back", id="a directive nobody knows"),
        pytest.param({"time_format": "%d/%m"}, "cannot be read back", id="a format without a year"),
        pytest.param({"time_format": "%H:%M"}, "cannot be read back", id="a format without a day"),
        pytest.param({"time_format": "%Y-%m-%d %Z"}, "%Z is the name of a zone", id="a zone's letters"),
        pytest.param({"columns": {"beat": "text"}}, None, id="a column of the force's own"),
        pytest.param({"columns": {"Beat No": "text"}}, "is not a name for a column", id="a name no rule could write"),
        pytest.param(
            {"columns": {"area": "text"}}, "columns.area: is the contract's own", id="a column of the contract's"
        ),
        pytest.param({"columns": {"grade": "text"}}, "columns.grade: the name already means", id="a fact"),
        pytest.param({"columns": {"mash_referred_at": "instant"}}, "already means", id="a destination's fact"),
        pytest.param({"columns": {"referrals_set_aside": "yes/no"}}, "is the contract's own", id="one we make"),
        pytest.param({"values": {"crime": {"Y": "yes"}}}, None, id="a value map"),
        pytest.param({"values": {"crimes": {"Y": "yes"}}}, 'did you mean "crime"?', id="a map of no column"),
        pytest.param({"values": {"crime": {"Y": "ja"}}}, 'Use yes, no or ""', id="a word not the contract's"),
        pytest.param({"values": {"crime": {"-": ""}}}, None, id="a map to missing"),
        pytest.param({"values": {"area": {"N": "Anywhere"}}}, None, id="text may become any word"),
        pytest.param({"values": {"crime": {" Y": "yes"}}}, "has a space at an end", id="a word never met"),
        pytest.param({"values": {"crime": {"": "no"}}}, "is empty", id="a missing cell is not looked up"),
        pytest.param({"values": {"officer_id": {"pc1": "PC2"}}}, "Write it in capitals", id="small letters never met"),
        pytest.param({"values": {"answers": {"Y": "yes"}}}, "is no column of incidents", id="answers of incidents"),
        pytest.param({"dates": ["reported_at"]}, None, id="a date"),
        pytest.param({"dates": ["reported"]}, 'did you mean "reported_at"?', id="a date of no column"),
        pytest.param({"dates": ["area"]}, "holds no time", id="a date of words"),
        pytest.param({"dates": ["bail"], "columns": {"bail": "instant"}}, None, id="a date of the force's own"),
    ],
)
def test_a_query_and_its_settings_are_held_to_what_can_be_meant(query, said):
    found = told(**query)
    assert (found == []) if said is None else (len(found) == 1 and said in found[0])


def test_answers_are_mapped_at_once_or_by_question():
    assert told("assessments", values={"answers": {"Y": "yes"}, "q07": {"N": "not_known"}}) == []


def test_staff_are_read_whole_and_need_no_since():
    assert told("staff", query="SELECT collar FROM employee") == []


def test_every_fault_is_told_with_its_key():
    found = told(query="SELECT 1; SELECT 2", dates=["x"], time_format="x")
    assert [fault.split(":")[0] for fault in found] == ["records.incidents.query"] * 2 + [
        "records.incidents.time_format",
        "records.incidents.dates",
    ]


def test_no_fault_repeats_a_word_of_the_forces_own():
    found = told(values={"crime": {" Secret": "hidden"}, "officer_id": {"secret": "x"}})
    assert len(found) == 3
    assert not any("ecret" in fault or "hidden" in fault for fault in found)
