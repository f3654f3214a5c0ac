"""Which rules of a pack can be checked, and what is known at K rather than at T."""

import datetime as dt

import pytest

from dacompliance.judging.checking import Status, asked_by, check, statuses
from dacompliance.judging.deadlines import day_number
from dacompliance.policy.model import Calendar, Clock, Condition, Deadline, Holiday, Pack, Rule, Test, TestKind, Version
from dacompliance.records.table import mapped_columns
from tests.helpers import LONDON, micros
from tests.worlds import UNREADABLE, records

SINCE = dt.date(2026, 1, 1)
ABOUT = ("title", "action", "incident", "supervisor", "critical", "source", True)
FORM = Version(SINCE, SINCE, done="first_submitted_at", deadline=Deadline("reported_at", 24, Clock.HOURS))
CRIME = Version(SINCE, SINCE, holds=Condition((Test("crime", TestKind.PRESENT),)))
PACK = Pack((Rule("A-01", *ABOUT, (FORM,)), Rule("B-01", *ABOUT, (CRIME,))), (), {})
REPORTED, AS_AT = "Mon 2026-11-02 21:10", "Wed 2026-11-04 07:00"


def pulled(**more):
    row = {"incident_ref": "I1", "reported_at": REPORTED, **more}
    form = {"assessment_ref": "A1", "incident_ref": "I1", "submitted_at": "Tue 2026-11-03 06:00"}
    return records(incidents=[row], assessments=[form])


def test_a_set_that_was_not_read_maps_nothing_and_one_that_was_its_key_too():
    mapped = mapped_columns(pulled())
    assert mapped["incidents"] == {"incident_ref", "reported_at"}
    assert mapped["referrals"] == set()


@pytest.mark.parametrize(
    ("more", "failed", "expected"),
    [
        pytest.param({"crime": "yes"}, {}, {"A-01": Status("checked"), "B-01": Status("checked")}, id="everything there"),
        pytest.param({}, {}, {"A-01": Status("checked"), "B-01": Status("switched_off", "incidents.crime is not mapped")}, id="a column not mapped"),
        pytest.param({"crime": "yes"}, {"assessments": "is stale"}, {"A-01": Status("not_checked", "assessments is stale"), "B-01": Status("checked")}, id="a set not to be trusted"),
        pytest.param({"crime": "yes"}, {"assessments": "is short", "incidents": "is stale"}, {"A-01": Status("not_checked", "assessments is short; incidents is stale"), "B-01": Status("not_checked", "incidents is stale")}, id="two sets not to be trusted"),
        pytest.param({}, {"incidents": "is stale"}, {"A-01": Status("not_checked", "incidents is stale"), "B-01": Status("switched_off", "incidents.crime is not mapped")}, id="what is off is off whatever the copy"),
    ],
)  # fmt: skip
def test_a_rule_is_off_by_what_is_not_mapped_and_unchecked_by_what_cannot_be_trusted(more, failed, expected):
    assert statuses(PACK, mapped_columns(pulled(**more)), failed) == expected


def test_a_second_look_asks_its_own_rules_alone_whatever_else_could_be_said_of_the_others():
    expected = {"A-01": Status("checked"), "B-01": Status("not_asked", "a second look at other rules")}
    assert statuses(PACK, mapped_columns(pulled()), {}, {"A-01"}) == expected


def test_only_checked_rules_have_verdicts_and_a_held_one_has_none_any_more():
    checked = check(pulled(crime="yes"), PACK, micros(AS_AT), LONDON, {})
    told = checked.frame()[["rule_id", "about", "item_ref", "outcome"]].to_numpy().tolist()
    assert told == [["A-01", "incident", "I1", "met"], ["B-01", "incident", "I1", "met"]]
    held = checked.hold({"A-01": "would open 40 at once"})
    assert held.frame()["rule_id"].tolist() == ["B-01"]
    assert held.status == {"A-01": Status("not_checked", "would open 40 at once"), "B-01": Status("checked")}
    assert held.world is checked.world
    assert check(pulled(), PACK, micros(AS_AT), LONDON, {"assessments": "is stale"}).frame().empty
    assert (checked.world.as_at, checked.world.zone, asked_by(checked.status)) == (micros(AS_AT), LONDON, None)


def test_a_second_look_judges_the_rules_it_asks_and_no_other():
    checked = check(pulled(crime="yes"), PACK, micros(AS_AT), LONDON, {}, asked={"B-01"})
    assert checked.frame()["rule_id"].tolist() == ["B-01"]
    assert asked_by(checked.status) == {"B-01"}


def test_what_is_open_or_asked_for_is_shown_and_what_applies_is_given_by_rule():
    crimes = {"1": "yes", "2": "no", "3": UNREADABLE, "4": "no"}
    incidents = [
        {"incident_ref": ref, "reported_at": "Mon 2026-11-02 21:10", "crime": crime} for ref, crime in crimes.items()
    ]
    crime = Condition((Test("crime", TestKind.IN, ("yes",)),))
    always, crimes_only = Version(SINCE, SINCE, holds=crime), Version(SINCE, SINCE, applies=crime, holds=crime)
    pack = Pack((Rule("C-01", *ABOUT, (crimes_only,)), Rule("B-01", *ABOUT, (always,))), (), {})
    checked = check(records(incidents=incidents), pack, micros(AS_AT), LONDON, {})
    whole = checked.frame()

    def shown(items: set[str]) -> list[list[str]]:
        found = checked.open_or_about(checked.are_about(items), day_number(SINCE))
        assert found.equals(whole.merge(found[["rule_id", "item_ref"]]))
        return found[["rule_id", "item_ref", "outcome"]].to_numpy().tolist()

    open_now = [
        ["C-01", "3", "undetermined"],
        ["B-01", "2", "breached"],
        ["B-01", "3", "undetermined"],
        ["B-01", "4", "breached"],
    ]
    assert shown(set()) == open_now
    assert sorted(shown({"1", "4", "9"})) == sorted(
        [*open_now, ["B-01", "1", "met"], ["C-01", "1", "met"], ["C-01", "4", "not_applicable"]]
    )
    by_rule = {rule_id: said["item_ref"].tolist() for rule_id, said in checked.applying()}
    assert list(by_rule.items()) == [("B-01", ["1", "2", "3", "4"]), ("C-01", ["1", "3"])]


@pytest.mark.parametrize(
    ("known_at", "version"),
    [
        pytest.param(None, "2026-01-01", id="left out, K is T"),
        pytest.param("Thu 2026-11-05 00:00", "2026-11-01", id="known later than judged"),
        pytest.param("Wed 2026-11-04 23:59", "2026-01-01", id="published the day after, by local date"),
    ],
)
def test_k_chooses_the_versions_published_by_then(known_at, version):
    backdated = Version(dt.date(2026, 11, 1), dt.date(2026, 11, 5), holds=CRIME.holds)
    pack = Pack((Rule("B-01", *ABOUT, (CRIME, backdated)),), (), {})
    known = None if known_at is None else micros(known_at)
    found = check(pulled(crime="yes"), pack, micros(AS_AT), LONDON, {}, known)
    assert found.frame()["version"].tolist() == [version]


@pytest.mark.parametrize(
    ("reported_at", "as_at", "version"),
    [
        pytest.param("Wed 2026-07-01 00:30", "Wed 2026-07-01 12:00", "2026-07-01", id="reported half an hour into it"),
        pytest.param("Tue 2026-06-30 23:30", "Wed 2026-07-01 12:00", "2026-01-01", id="reported the evening before"),
        pytest.param("Wed 2026-07-01 00:10", "Wed 2026-07-01 00:30", "2026-07-01", id="judged half an hour into it"),
    ],
)
def test_a_version_s_first_day_begins_at_local_midnight_in_summer(reported_at, as_at, version):
    first = dt.date(2026, 7, 1)
    pack = Pack((Rule("B-01", *ABOUT, (CRIME, Version(first, first, holds=CRIME.holds))),), (), {})
    found = check(pulled(crime="yes", reported_at=reported_at), pack, micros(as_at), LONDON, {})
    assert found.frame()["version"].tolist() == [version]


@pytest.mark.parametrize(
    ("known_at", "outcome"),
    [
        pytest.param("Mon 2026-11-02 21:10", "breached", id="due on Tuesday, while nobody knew of a bank holiday"),
        pytest.param("Tue 2026-11-03 00:00", "pending", id="due on Wednesday, once it was announced"),
    ],
)
def test_the_pack_s_bank_holidays_count_from_the_day_they_are_known(known_at, outcome):
    office = Calendar("office", (0, 1, 2, 3, 4), ((540, 1020),), "england-and-wales", 1020, 1440, 0)
    by = Version(SINCE, SINCE, done="mash_referred_at", deadline=Deadline("reported_at", 1, Clock.WORKING_DAYS, office))
    day = Holiday(dt.date(2026, 11, 3), "england-and-wales", "invented", dt.date(2026, 11, 3))
    pack = Pack((Rule("C-01", *ABOUT, (by,)),), (day,), {})
    referral = {"referral_ref": "R1", "incident_ref": "I0", "destination": "Elsewhere", "referred_at": REPORTED}
    pulled_all = records(
        incidents=[{"incident_ref": "I1", "reported_at": REPORTED}],
        referrals=[referral],
    )
    found = check(pulled_all, pack, micros(AS_AT), LONDON, {}, micros(known_at))
    assert found.frame()["outcome"].tolist() == [outcome]
