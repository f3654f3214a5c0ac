"""Facts as at T: the grade's timeline, the earliest referral, what had happened and what had not."""

from __future__ import annotations

import pytest

from tests.worlds import UNREADABLE, told, world

INCIDENT = {"incident_ref": "I1", "reported_at": "Mon 2026-11-02 08:00"}


def facts(as_at: str, assessments=(), referrals=(), incident=INCIDENT, staff=()):
    return world(
        as_at,
        incidents=[incident],
        assessments=[{"incident_ref": "I1", **row} for row in assessments],
        referrals=[{"incident_ref": "I1", **row} for row in referrals],
        staff=staff,
    )


def grade_facts(*rows, as_at="Sun 2026-11-08 12:00"):
    items = facts(as_at, [{"assessment_ref": f"A{n}", **row} for n, row in enumerate(rows, 1)]).incidents
    return tuple(told(items.column(name)) for name in ("grade", "grade_since", "highest_grade", "first_high_at"))


MON = "Mon 2026-11-02 10:00"
TUE = "Tue 2026-11-03 10:00"
WED = "Wed 2026-11-04 10:00"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], (None, None, None, None), id="no assessment, no grade"),
        pytest.param([{"submitted_at": MON, "risk_grade": "medium"}], ("medium", MON, "medium", None), id="one form"),
        pytest.param([{"submitted_at": MON}], (None, None, None, None), id="a form without a grade has no place"),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "medium", "signed_off_at": TUE, "final_grade": "high"}],
            ("high", TUE, "high", TUE),
            id="a regrade at sign-off starts at the sign-off",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "high", "signed_off_at": TUE, "final_grade": "high"}],
            ("high", MON, "high", MON),
            id="the same grade again is the same spell",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "high"}, {"submitted_at": TUE, "risk_grade": "standard"},
             {"submitted_at": WED, "risk_grade": "high"}],
            ("high", WED, "high", MON),
            id="high, lowered, high again: the spell is the last, the first high is the first",
        ),
        pytest.param(
            [{"submitted_at": TUE, "risk_grade": "medium", "signed_off_at": MON, "final_grade": "high"}],
            ("high", TUE, "high", TUE),
            id="a sign-off dated before its submission takes the submission's time",
        ),
        pytest.param(
            [{"submitted_at": TUE, "risk_grade": "medium", "signed_off_at": "Tue 2026-11-03", "final_grade": "high"}],
            ("high", "Tue 2026-11-03", "high", "Tue 2026-11-03"),
            id="a sign-off dated that day stands after the submission and stays a date",
        ),
        pytest.param(
            [{"submitted_at": "Wed 2026-07-01 12:00", "risk_grade": "medium", "signed_off_at": "Wed 2026-07-01", "final_grade": "high"}],
            ("high", "Wed 2026-07-01", "high", "Wed 2026-07-01"),
            id="that day is the local one, in summer too",
        ),
        pytest.param(
            [{"submitted_at": "Mon 2026-11-02", "risk_grade": "medium", "signed_off_at": "Mon 2026-11-02 00:00", "final_grade": "high"}],
            ("high", "Mon 2026-11-02 00:00", "high", "Mon 2026-11-02 00:00"),
            id="a sign-off at the moment its submission's day began is not before it, and keeps its time",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "medium", "final_grade": "high"}],
            ("high", None, "high", None),
            id="a final grade without a sign-off time counts, without a time",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "medium", "signed_off_at": UNREADABLE, "final_grade": "high"}],
            ("high", None, "high", None),
            id="a final grade with an unreadable sign-off time counts, without a time",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "medium", "final_grade": "high"}, {"submitted_at": TUE, "risk_grade": "standard"}],
            ("standard", TUE, "high", None),
            id="the untimed place still counts for the highest",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "high"}, {"submitted_at": TUE, "risk_grade": UNREADABLE}],
            (UNREADABLE,) * 4,
            id="an unreadable grade anywhere makes all four unreadable",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "medium", "signed_off_at": "Mon 2026-11-09 09:00", "final_grade": "high"}],
            ("medium", MON, "medium", None),
            id="a sign-off after the as-at has not happened, nor its grade",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "medium", "signed_off_at": "Sun 2026-11-08 12:00", "final_grade": "high"}],
            ("high", "Sun 2026-11-08 12:00", "high", "Sun 2026-11-08 12:00"),
            id="a sign-off at the as-at itself has happened",
        ),
        pytest.param(
            [{"submitted_at": "Mon 2026-11-02", "risk_grade": "high"}, {"submitted_at": "Mon 2026-11-02 00:00", "risk_grade": "medium"}],
            ("medium", "Mon 2026-11-02 00:00", "high", "Mon 2026-11-02"),
            id="a date stands before an instant of the same moment",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "high"}, {"submitted_at": MON, "risk_grade": "standard"}],
            ("standard", MON, "high", MON),
            id="of two at one time the later key is the later",
        ),
    ],
)  # fmt: skip
def test_the_grade_is_a_timeline(rows, expected):
    assert grade_facts(*rows) == expected


@pytest.mark.parametrize(
    ("rows", "of", "expected"),
    [
        pytest.param([{"submitted_at": MON, "risk_grade": "high"}], "A1", (None, None, "no"), id="nothing to compare"),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "high"}, {"submitted_at": TUE, "risk_grade": "medium"}],
            "A2", ("high", "yes", "no"), id="below the one before",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "medium", "signed_off_at": TUE, "final_grade": "standard"}],
            "A1", (None, "yes", "no"), id="lowered at its own sign-off",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": "medium", "signed_off_at": WED, "final_grade": "high"},
             {"submitted_at": TUE, "risk_grade": "medium"}],
            "A2", ("medium", "no", "no"), id="a later sign-off of the first is not before the second",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": UNREADABLE}, {"submitted_at": TUE, "risk_grade": "medium"}],
            "A2", (UNREADABLE, UNREADABLE, "no"), id="the place before cannot be read",
        ),
        pytest.param(
            [{"submitted_at": MON, "risk_grade": UNREADABLE},
             {"submitted_at": TUE, "risk_grade": "medium", "signed_off_at": WED, "final_grade": "standard"}],
            "A2", (UNREADABLE, UNREADABLE, "no"), id="the place before cannot be read, though its own sign-off lowered it",
        ),
        pytest.param(
            [{"submitted_at": MON, "instrument": "DASH-27"}, {"submitted_at": TUE, "instrument": "DASH-27"}],
            "A1", (None, None, "yes"), id="a later form of the same instrument",
        ),
        pytest.param(
            [{"submitted_at": MON, "instrument": "DASH-27"}, {"submitted_at": TUE, "instrument": "DARA"}],
            "A1", (None, None, "no"), id="a later form of another instrument",
        ),
        pytest.param(
            [{"submitted_at": MON, "instrument": "DASH-27"}, {"submitted_at": "Mon 2026-11-09 10:00", "instrument": "DASH-27"}],
            "A1", (None, None, "no"), id="a later form not yet submitted",
        ),
        pytest.param(
            [{"submitted_at": MON, "instrument": "DASH-27"}, {"submitted_at": MON, "instrument": "DASH-27"}],
            "A1", (None, None, "yes"), id="of two at one time the later key is the later form",
        ),
        pytest.param(
            [{"submitted_at": "Mon 2026-11-02 00:00", "instrument": "DASH-27"}, {"submitted_at": "Mon 2026-11-02", "instrument": "DASH-27"}],
            "A1", (None, None, "no"), id="a date without a time stands before an instant of its first moment, whatever the keys",
        ),
        pytest.param(
            [{"submitted_at": MON}, {"submitted_at": TUE}], "A1", (None, None, "no"),
            id="forms of no stated instrument are not the same instrument",
        ),
    ],
)  # fmt: skip
def test_what_an_assessment_knows_of_the_others(rows, of, expected):
    items = facts(
        "Sun 2026-11-08 12:00", [{"assessment_ref": f"A{n}", **row} for n, row in enumerate(rows, 1)]
    ).assessments
    row = items.keys.tolist().index(of)
    assert tuple(told(items.column(name), row) for name in ("previous_grade", "lowered", "superseded")) == expected


@pytest.mark.parametrize(
    ("submitted", "signed", "expected"),
    [
        pytest.param(MON, "Mon 2026-11-02 10:59", 59, id="whole minutes"),
        pytest.param(MON, "Mon 2026-11-02 09:59", -1, id="before: negative"),
        pytest.param(MON, "Tue 2026-11-03", None, id="a date has no minutes"),
        pytest.param(MON, None, None, id="not signed off"),
        pytest.param(MON, UNREADABLE, UNREADABLE, id="unreadable"),
        pytest.param(
            "Mon 2026-11-02", UNREADABLE, UNREADABLE, id="unreadable, though the submission has no minutes either"
        ),
        pytest.param("Mon 2026-11-02", "Mon 2026-11-02 10:59", None, id="a submission without a time has no minutes"),
        pytest.param("Sun 2026-10-25 00:30", "Sun 2026-10-25 03:30", 240, id="real minutes across the clock change"),
    ],
)
def test_minutes_to_sign_off(submitted, signed, expected):
    reported = {**INCIDENT, "reported_at": "Sat 2026-10-24 08:00"}
    items = facts(
        "Sun 2026-11-08 12:00",
        [{"assessment_ref": "A1", "submitted_at": submitted, "signed_off_at": signed}],
        incident=reported,
    )
    assert told(items.assessments.column("minutes_to_sign_off")) == expected


def test_the_role_of_whoever_signed_off_comes_from_staff():
    rows = [
        {"assessment_ref": ref, "submitted_at": MON, "signed_off_at": TUE, "signed_off_by": who}
        for ref, who in (("A1", "S1"), ("A2", "S9"))
    ]
    items = facts("Sun 2026-11-08 12:00", rows, staff=[{"staff_id": "S1", "role": "sergeant"}]).assessments
    assert [told(items.column("signed_off_role"), row) for row in range(2)] == ["sergeant", None]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], (None, None), id="never referred"),
        pytest.param(
            [{"destination": "MASH", "referred_at": TUE, "received_at": WED}, {"destination": "MASH", "referred_at": MON}],
            (MON, WED), id="the earliest of each",
        ),
        pytest.param([{"destination": "MASH", "referred_at": MON, "cancelled": "yes"}], (None, None), id="cancelled counts for nothing"),
        pytest.param([{"destination": "MASH", "referred_at": MON, "cancelled": "no"}], (MON, None), id="not cancelled"),
        pytest.param([{"destination": "MARAC", "referred_at": MON}], (None, None), id="another destination"),
        pytest.param([{"destination": "MASH", "referred_at": "Mon 2026-11-09 09:00"}], (None, None), id="after the as-at"),
        pytest.param(
            [{"destination": "MASH", "referred_at": "Mon 2026-11-09 09:00", "received_at": MON}], (None, None),
            id="received, they say, before it was referred: until it is referred it is no referral",
        ),
        pytest.param([{"destination": None, "referred_at": MON}], (None, None), id="to nobody knows where"),
        pytest.param(
            [{"destination": "mash", "referred_at": TUE}, {"destination": "MASH", "referred_at": MON}], (MON, None),
            id="two destinations of one name are one",
        ),
        pytest.param(
            [{"destination": "MASH", "referred_at": MON, "received_at": UNREADABLE}, {"destination": "MASH", "referred_at": TUE, "received_at": WED}],
            (MON, UNREADABLE), id="one unreadable receipt",
        ),
        pytest.param(
            [{"destination": "MASH", "referred_at": MON}, {"destination": "MASH", "referred_at": "Mon 2026-11-02"}],
            ("Mon 2026-11-02", None), id="a date of that day is earlier",
        ),
    ],
)  # fmt: skip
def test_the_earliest_referral_to_each_destination(rows, expected):
    rows = [{"referral_ref": f"R{n}", "received_at": None, **row} for n, row in enumerate(rows)]
    items = facts("Sun 2026-11-08 12:00", referrals=rows).incidents
    assert tuple(told(items.column(name)) for name in ("mash_referred_at", "mash_received_at")) == expected


def test_what_is_dated_after_the_as_at_has_not_happened():
    made = world(
        "Mon 2026-11-02 09:00",
        incidents=[
            {**INCIDENT, "checks_completed_at": "Mon 2026-11-02 09:01"},
            {"incident_ref": "I2", "reported_at": "Mon 2026-11-02 09:01"},
        ],
        assessments=[{"assessment_ref": "A1", "incident_ref": "I1", "submitted_at": "Mon 2026-11-02 09:01"}],
    )
    assert made.incidents.keys.tolist() == ["I1"]
    assert told(made.incidents.column("checks_completed_at")) is None
    assert told(made.incidents.column("assessment_count")) == 0
    assert len(made.assessments) == 0


def test_a_child_of_no_incident_is_no_item():
    forms = [
        {"assessment_ref": f"A{n}", "incident_ref": ref, "submitted_at": MON} for n, ref in enumerate(("I9", None))
    ]
    made = world(WED, incidents=[INCIDENT, {**INCIDENT, "incident_ref": "I2"}], assessments=forms)
    assert len(made.assessments) == 0


def test_a_draft_is_no_item():
    made = world(
        WED, incidents=[INCIDENT], assessments=[{"assessment_ref": "A1", "incident_ref": "I1", "submitted_at": None}]
    )
    assert len(made.assessments) == 0
    assert told(made.incidents.column("assessment_count")) == 0


def test_a_child_reads_its_incidents_columns():
    items = facts(
        WED,
        [{"assessment_ref": "A1", "submitted_at": TUE, "risk_grade": "high"}],
        incident={**INCIDENT, "area": "North"},
    ).assessments
    assert (told(items.column("area")), told(items.column("grade")), told(items.column("reported_at"))) == (
        "North",
        "high",
        "Mon 2026-11-02 08:00",
    )


def test_the_local_day_of_report_decides_the_period():
    made = world(WED, incidents=[{"incident_ref": "I1", "reported_at": "Wed 2026-07-01 00:30"}])
    assert made.incidents.reported_day[0] == 20635  # 2026-07-01, though it was still June in UTC
