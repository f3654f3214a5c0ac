"""Bad rows are set aside, listed by key and column, never dropped silently and never guessed."""

import numpy as np
import pytest

from dacompliance.records.contract import Finding, Kind
from tests.records.given import cells, cleaned, found, shown
from tests.worlds import UNREADABLE

AT = "2026-11-02 21:10"
LATER = "2026-11-03 09:00"
BAD = "31/02/2026"
ASIDE = Finding.DECIDING_CELL


def incident(ref="I", reported_at=AT, **more):
    return {"incident_ref": ref, "reported_at": reported_at, **more}


def assessment(ref="A", incident_ref="I", **more):
    return {"assessment_ref": ref, "incident_ref": incident_ref, **more}


def referral(ref="R", incident_ref="I", **more):
    return {"referral_ref": ref, "incident_ref": incident_ref, **more}


@pytest.mark.parametrize(
    ("rows", "kept", "listed"),
    [
        pytest.param([incident()], ["I"], [], id="a good row"),
        pytest.param([incident(None)], [], [("", "incident_ref", Finding.MISSING_KEY)], id="no key"),
        pytest.param([incident("  ")], [], [("", "incident_ref", Finding.MISSING_KEY)], id="a blank key"),
        pytest.param(
            [incident(None), incident("")],
            [],
            [("", "incident_ref", Finding.MISSING_KEY)] * 2,
            id="two without a key are two, and do not repeat one another",
        ),
        pytest.param([incident("7"), incident(8), incident(9.0)], ["7", "8", "9"], [], id="keys are text"),
        pytest.param(
            [incident("7"), incident(7), incident(" 7 ")],
            ["7"],
            [("7", "incident_ref", Finding.REPEATED_ROW)] * 2,
            id="the same row three times, after casting, is one and two notes",
        ),
        pytest.param(
            [incident("7", area="N"), incident("7", area="E"), incident("8", area="N")],
            ["8"],
            [("7", "incident_ref", Finding.CONFLICTING_KEY)] * 2,
            id="a key that stands twice with different content",
        ),
        pytest.param(
            [incident("7", area="N"), incident("7", area="N"), incident("7", area=None)],
            [],
            [("7", "incident_ref", Finding.CONFLICTING_KEY)] * 3,
            id="all rows of that key",
        ),
        pytest.param(
            [incident("7", AT), incident("7", "2026-11-02T21:10:00Z")],
            ["7"],
            [("7", "incident_ref", Finding.REPEATED_ROW)],
            id="the same instant written twice is the same",
        ),
        pytest.param(
            [incident("7", "2026-11-02"), incident("7", "2026-11-02 00:00")],
            [],
            [
                ("7", "incident_ref", Finding.CONFLICTING_KEY),
                ("7", "incident_ref", Finding.CONFLICTING_KEY),
                ("7", "reported_at", Finding.DATE_ONLY),
            ],
            id="a date and the midnight it begins with are not the same",
        ),
        pytest.param([incident(reported_at=None)], [], [("I", "reported_at", ASIDE)], id="no time of report"),
        pytest.param(
            [incident(reported_at=BAD)],
            [],
            [("I", "reported_at", ASIDE), ("I", "reported_at", Finding.UNREADABLE)],
            id="an unreadable time of report",
        ),
        pytest.param(
            [incident(reported_at="2062-11-02 21:10")],
            [],
            [("I", "reported_at", ASIDE), ("I", "reported_at", Finding.FAR_FUTURE)],
            id="a time of report in 2062",
        ),
        pytest.param(
            [incident("7", None), incident("7", AT)],
            [],
            [("7", "incident_ref", Finding.CONFLICTING_KEY)] * 2,
            id="set aside for one reason, the first that fits",
        ),
        pytest.param(
            [incident(attended_at=BAD)], ["I"], [("I", "attended_at", Finding.UNREADABLE)], id="another unreadable time"
        ),
    ],
)
def test_incidents_are_set_aside(rows, kept, listed):
    records = cleaned(rows)
    assert list(records.incidents.keys) == kept
    assert [finding[1:] for finding in found(records)] == listed


@pytest.mark.parametrize(
    ("row", "kept", "listed"),
    [
        pytest.param(assessment(submitted_at=AT), True, [], id="a good row"),
        pytest.param(assessment(submitted_at=None), True, [], id="a draft"),
        pytest.param(
            assessment(submitted_at=BAD),
            False,
            [("A", "submitted_at", ASIDE), ("A", "submitted_at", Finding.UNREADABLE)],
            id="an unreadable submission",
        ),
        pytest.param(
            assessment(submitted_at=AT, signed_off_at=BAD),
            True,
            [("A", "signed_off_at", Finding.UNREADABLE)],
            id="an unreadable sign-off decides nothing",
        ),
        pytest.param(
            assessment(submitted_at=AT, risk_grade="HIGH RISK"),
            True,
            [("A", "risk_grade", Finding.UNKNOWN_WORD)],
            id="nor does an unreadable grade",
        ),
        pytest.param(
            assessment(incident_ref="X"), False, [("A", "incident_ref", Finding.UNMATCHED)], id="no such incident"
        ),
        pytest.param(
            assessment(incident_ref=None), False, [("A", "incident_ref", Finding.UNMATCHED)], id="of no incident"
        ),
        pytest.param(
            assessment(incident_ref="S"),
            False,
            [("A", "incident_ref", Finding.PARENT_SET_ASIDE)],
            id="its incident is set aside",
        ),
    ],
)
def test_assessments_are_set_aside(row, kept, listed):
    records = cleaned([incident(), incident("S", None)], [row])
    assert list(records.assessments.keys) == ["A"] * kept
    assert [finding[1:] for finding in found(records) if finding[0] == "assessments"] == listed


@pytest.mark.parametrize(
    ("row", "told", "listed"),
    [
        pytest.param({"referred_at": AT, "received_at": LATER}, "Mon 2026-11-02 21:10", [], id="a good row"),
        pytest.param({"referred_at": None, "received_at": None}, None, [], id="neither: it is kept"),
        pytest.param(
            {"referred_at": None, "received_at": LATER},
            "Tue 2026-11-03 09:00",
            [("referred_at", Finding.RECEIVED_AS_REFERRED)],
            id="received and not referred: referred when received",
        ),
        pytest.param(
            {"referred_at": None, "received_at": "2026-11-03"},
            "Tue 2026-11-03",
            [("received_at", Finding.DATE_ONLY), ("referred_at", Finding.RECEIVED_AS_REFERRED)],
            id="received on a day: referred on that day",
        ),
        pytest.param(
            {"referred_at": BAD, "received_at": LATER},
            "Tue 2026-11-03 09:00",
            [("referred_at", Finding.RECEIVED_AS_REFERRED), ("referred_at", Finding.UNREADABLE)],
            id="received and not readably referred",
        ),
        pytest.param(
            {"referred_at": AT, "received_at": BAD},
            "Mon 2026-11-02 21:10",
            [("received_at", Finding.UNREADABLE)],
            id="referred and not readably received",
        ),
        pytest.param(
            {"referred_at": BAD, "received_at": None},
            ...,
            [("referred_at", ASIDE), ("referred_at", Finding.UNREADABLE)],
            id="unreadable and nothing else: nobody knows whether it was made",
        ),
        pytest.param(
            {"referred_at": None, "received_at": BAD},
            ...,
            [("received_at", ASIDE), ("received_at", Finding.UNREADABLE)],
            id="the same the other way",
        ),
        pytest.param(
            {"referred_at": BAD, "received_at": BAD},
            ...,
            [("received_at", Finding.UNREADABLE), ("referred_at", ASIDE), ("referred_at", Finding.UNREADABLE)],
            id="both unreadable: set aside once",
        ),
        pytest.param(
            {"referred_at": AT, "received_at": None, "cancelled": "perhaps"},
            ...,
            [("cancelled", ASIDE), ("cancelled", Finding.UNKNOWN_WORD)],
            id="nobody knows whether it was cancelled",
        ),
        pytest.param(
            {"referred_at": AT, "received_at": None, "cancelled": None},
            "Mon 2026-11-02 21:10",
            [],
            id="missing is not cancelled",
        ),
        pytest.param(
            {"referred_at": AT, "received_at": None, "cancelled": "yes"},
            "Mon 2026-11-02 21:10",
            [],
            id="a cancelled one is kept, to count for nothing",
        ),
    ],
)
def test_referrals_are_set_aside_or_referred_when_received(row, told, listed):
    records = cleaned([incident()], referrals=[referral(**row)])
    assert cells(records, "referrals", "referred_at") == ({} if told is ... else {"R": told})
    assert [finding[2:] for finding in found(records)] == listed


def test_a_referral_of_which_only_receipt_is_mapped_makes_no_column_of_its_own():
    records = cleaned([incident()], referrals=[referral(received_at=LATER)])
    assert "referred_at" not in records.referrals


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        pytest.param("2026-11-23 08:00", "Mon 2026-11-23 08:00", id="a day after the records are known to"),
        pytest.param("2026-11-23 08:00:00.000001", UNREADABLE, id="an instant more"),
        pytest.param("2026-11-24", UNREADABLE, id="a date that begins more than a day after"),
        pytest.param("2026-11-23", "Mon 2026-11-23", id="a date that begins within it"),
    ],
)
def test_a_time_more_than_a_day_after_the_records_are_known_to_is_unreadable(hours, told):
    records = cleaned([incident(attended_at=hours)], known_to="Sun 2026-11-22 08:00")
    assert cells(records, "incidents", "attended_at") == {"I": told}
    assert (("incidents", "I", "attended_at", Finding.FAR_FUTURE) in found(records)) == (told == UNREADABLE)


def test_the_day_someone_leaves_may_be_years_ahead():
    records = cleaned(staff=[{"staff_id": "s1", "left_on": "2062-03-31"}])
    assert cells(records, "staff", "left_on") == {"S1": "Fri 2062-03-31"}
    assert found(records) == []


def test_a_date_far_ahead_is_no_longer_noted_as_a_date():
    records = cleaned([incident(attended_at="2062-03-31")])
    assert found(records) == [("incidents", "I", "attended_at", Finding.FAR_FUTURE)]


@pytest.mark.parametrize(
    ("rows", "flags"),
    [
        pytest.param([assessment(submitted_at=AT)], {"I": "no", "J": "no"}, id="a good one"),
        pytest.param([assessment(submitted_at=BAD)], {"I": "yes", "J": "no"}, id="one set aside"),
        pytest.param([assessment(None)], {"I": "yes", "J": "no"}, id="one without a key"),
        pytest.param(
            [assessment(incident_ref="I"), assessment(incident_ref="J")], {"I": "yes", "J": "yes"}, id="one in conflict"
        ),
        pytest.param([assessment(), assessment()], {"I": "no", "J": "no"}, id="one that stands twice"),
        pytest.param([assessment(incident_ref="X", submitted_at=BAD)], {"I": "no", "J": "no"}, id="one of no incident"),
    ],
)
def test_an_incident_says_that_an_assessment_of_it_was_set_aside(rows, flags):
    records = cleaned([incident(), incident("J")], rows)
    assert cells(records, "incidents", "assessments_set_aside") == flags
    assert set(cells(records, "incidents", "referrals_set_aside").values()) == {"no"}


def test_an_incident_says_that_a_referral_of_it_was_set_aside():
    records = cleaned([incident(), incident("J")], referrals=[referral(referred_at=BAD)])
    assert cells(records, "incidents", "referrals_set_aside") == {"I": "yes", "J": "no"}
    assert set(cells(records, "incidents", "assessments_set_aside").values()) == {"no"}


def test_notes_of_a_repeated_row_are_told_once_whichever_row_they_were_made_of():
    """Both rows are the first half past one; only the one without an offset is in doubt."""
    rows = [incident(attended_at="2026-10-25 01:30"), incident(attended_at="2026-10-25 01:30+01:00")]
    for order in (rows, rows[::-1]):
        assert found(cleaned(order)) == [
            ("incidents", "I", "attended_at", Finding.AMBIGUOUS_TIME),
            ("incidents", "I", "incident_ref", Finding.REPEATED_ROW),
        ]


@pytest.mark.parametrize(
    ("row", "occurrence"),
    [
        pytest.param({}, "I", id="not mapped"),
        pytest.param({"occurrence_ref": "GP/7"}, "GP/7", id="given"),
        pytest.param({"occurrence_ref": " "}, "I", id="blank"),
    ],
)
def test_an_occurrence_is_called_by_its_own_number_or_the_incidents(row, occurrence):
    assert cells(cleaned([incident(**row)]), "incidents", "occurrence_ref") == {"I": occurrence}


def test_some_occurrences_may_have_no_number():
    records = cleaned([incident("I", occurrence_ref="GP/7"), incident("J"), incident("K", occurrence_ref="GP/7")])
    assert cells(records, "incidents", "occurrence_ref") == {"I": "GP/7", "J": "J", "K": "GP/7"}


def test_a_forces_own_columns_are_of_the_kind_it_declares():
    how = {
        "incidents": {
            "columns": {"beat": "text", "custody": "yes/no", "bail_until": "date"},
            "values": {"custody": {"Y": "yes"}},
        }
    }
    records = cleaned([incident(beat=7, custody="Y", bail_until="2026-11-20")], how=how)
    own = [records.incidents.columns[name] for name in ("beat", "custody", "bail_until")]
    assert [column.kind for column in own] == [Kind.TEXT, Kind.YES_NO, Kind.DATE]
    assert [shown(column)[0] for column in own] == ["7", "yes", "Fri 2026-11-20"]


def test_only_what_is_mapped_or_made_of_it_is_there():
    records = cleaned([incident(area="N")], [assessment(submitted_at=AT)])
    made = {"occurrence_ref", "assessments_set_aside", "referrals_set_aside"}
    assert set(records.incidents.columns) == {"incident_ref", "reported_at", "area"} | made
    assert set(records.assessments.columns) == {"assessment_ref", "incident_ref", "submitted_at"}
    assert not records.referrals.columns


def test_tables_stand_in_order_of_key_by_code_point_and_words_too():
    records = cleaned([incident(ref, area=area) for ref, area in (("b", "é"), ("B", "z"), ("10", "Z"), ("9", "z"))])
    assert list(records.incidents.keys) == ["10", "9", "B", "b"]
    assert records.incidents.columns["area"].words == ("Z", "z", "é")


def test_words_of_rows_set_aside_are_forgotten():
    records = cleaned([incident("I", area="N"), incident("J", None, area="E")])
    assert records.incidents.columns["area"].words == ("N",)


def test_findings_stand_in_order_and_hold_no_value():
    rows = [incident("b", "secret"), incident("a", attended_at="secret"), incident(None, area="secret")]
    records = cleaned(rows, [assessment(submitted_at="secret")])
    assert found(records) == sorted(found(records))
    assert [record_set for record_set, *_ in found(records)] == ["assessments"] * 2 + ["incidents"] * 4
    assert "secret" not in records.findings.to_csv()


def test_a_pull_of_nothing_is_records_of_nothing():
    records = cleaned([], [], [], [])
    assert [len(records.table(name)) for name in ("incidents", "assessments", "referrals", "staff")] == [0] * 4
    assert list(records.findings.columns) == ["record_set", "key", "column", "finding"]
    assert "reported_at" in records.incidents
    assert records.incidents.columns["reported_at"].values.dtype == np.int64
