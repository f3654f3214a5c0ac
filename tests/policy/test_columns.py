"""Which columns a rule may name, and what they are made from."""

import pytest

from dacompliance.policy.columns import (
    clashes,
    columns_rest_on,
    destination_fact,
    destinations_named,
    from_assessments,
    from_referrals,
    kind_of,
    names,
    questions_named,
    record_sets,
    rests_on,
    split_destination_fact,
    switched_off,
)
from dacompliance.policy.files import load_pack
from dacompliance.policy.model import (
    Clock,
    Condition,
    Deadline,
    Pack,
    Rule,
    Test,
    TestKind,
    Version,
)
from dacompliance.records.contract import COUNTS, RECORD_SETS, Kind
from tests.policy.samples import RULE, pack_folder, wall

EVERYTHING = {name: {spec.name for spec in contract.columns} for name, contract in RECORD_SETS.items()}
INCIDENT = "incidents.reported_at"
ASSESSMENT = f"{INCIDENT} assessments.submitted_at"
GRADED = f"{ASSESSMENT} assessments.risk_grade"
REFERRAL = f"{INCIDENT} referrals.referred_at"


def sources(words):
    return {tuple(word.split(".")) for word in words.split()}


def mapped(*left_out):
    return {
        name: {column for column in columns if f"{name}.{column}" not in left_out}
        for name, columns in EVERYTHING.items()
    }


@pytest.mark.parametrize(
    ("about", "column", "at_least"),
    [
        ("incident", "attended_at", f"{INCIDENT} incidents.attended_at"),
        ("incident", "assessment_count", ASSESSMENT),
        ("incident", "first_submitted_at", ASSESSMENT),
        ("incident", "grade", GRADED),
        ("incident", "grade_since", GRADED),
        ("incident", "highest_grade", GRADED),
        ("incident", "first_high_at", GRADED),
        ("incident", "mash_referred_at", f"{REFERRAL} referrals.destination"),
        ("incident", "mash_received_at", f"{INCIDENT} referrals.destination referrals.received_at"),
        ("assessment", "declined", f"{ASSESSMENT} assessments.declined"),
        ("assessment", "crime", f"{ASSESSMENT} incidents.crime"),
        ("assessment", "grade", GRADED),
        ("assessment", "previous_grade", GRADED),
        ("assessment", "lowered", GRADED),
        ("assessment", "superseded", f"{ASSESSMENT} assessments.instrument"),
        ("assessment", "signed_off_role", f"{ASSESSMENT} assessments.signed_off_by staff.role"),
        ("assessment", "minutes_to_sign_off", f"{ASSESSMENT} assessments.signed_off_at"),
        ("assessment", "question_count", f"{ASSESSMENT} assessments.instrument"),
        ("assessment", "yes_count", f"{ASSESSMENT} assessments.yes_count"),
        ("assessment", "q07", f"{ASSESSMENT} assessments.q07"),
        ("assessment", "final_grade", f"{ASSESSMENT} assessments.final_grade"),
        ("referral", "destination", f"{REFERRAL} referrals.destination"),
        ("referral", "received_at", f"{REFERRAL} referrals.received_at"),
        ("referral", "repeat_victim", f"{REFERRAL} incidents.repeat_victim"),
        ("referral", "grade", f"{GRADED} referrals.referred_at"),
    ],
)
def test_a_column_rests_on_what_must_be_mapped_for_it(about, column, at_least):
    assert columns_rest_on(about, [column]) == sources(at_least)


EXCLUDED = "incidents.excluded_reason"
SIGN_OFF = "assessments.signed_off_at assessments.final_grade"


@pytest.mark.parametrize(
    ("about", "column", "more"),
    [
        pytest.param("incident", "attended_at", EXCLUDED, id="whether the incident is excluded"),
        pytest.param("incident", "grade", f"{EXCLUDED} {SIGN_OFF}", id="the sign-off, for a grade"),
        pytest.param("assessment", "lowered", f"{EXCLUDED} {SIGN_OFF}", id="the sign-off, for a grade lowered"),
        pytest.param(
            "assessment", "final_grade", f"{EXCLUDED} assessments.signed_off_at", id="when a sign-off column is known"
        ),
        pytest.param(
            "incident",
            "mash_referred_at",
            f"{EXCLUDED} referrals.received_at referrals.cancelled",
            id="the receipt and the cancelling, for a referral",
        ),
        pytest.param(
            "referral",
            "destination",
            f"{EXCLUDED} referrals.received_at referrals.cancelled",
            id="the same for its own",
        ),
    ],
)
def test_some_columns_are_read_only_where_mapped(about, column, more):
    assert columns_rest_on(about, [column], EVERYTHING) == columns_rest_on(about, [column]) | sources(more)
    without = mapped(*more.split())
    assert columns_rest_on(about, [column], without) == columns_rest_on(about, [column])


@pytest.mark.parametrize("count", [*COUNTS, "blank_questions"])
def test_counts_rest_on_the_answers_where_any_is_mapped(count):
    answered = {"assessments": {"instrument", "q01", "q02", *COUNTS}}
    expected = sources(f"{ASSESSMENT} assessments.q01 assessments.q02 assessments.instrument")
    assert columns_rest_on("assessment", [count], answered) == expected


def test_counts_rest_on_themselves_where_the_source_gives_them():
    counted = {"assessments": {"instrument", "answered_count"}}
    assert columns_rest_on("assessment", ["answered_count"], counted) == sources(
        f"{ASSESSMENT} assessments.answered_count"
    )


def test_blank_questions_need_the_answers():
    counted = {"assessments": {"instrument", "answered_count"}}
    assert ("assessments", "q01") in columns_rest_on("assessment", ["blank_questions"], counted)


def test_a_force_s_own_column_is_found_where_its_query_brings_it():
    own = {"incidents": {"ward"}, "assessments": {"nurse_id"}}
    expected = sources(f"{ASSESSMENT} incidents.ward assessments.nurse_id")
    assert columns_rest_on("assessment", ["ward", "nurse_id"], own) == expected


def rule(about="incident", *, done="attended_at", applies="crime", start="reported_at", rule_id="X-1", later=None):
    def version(year, applies):
        test = Condition((Test(applies, TestKind.PRESENT),))
        day = wall(f"{year}-01-01").date()
        return Version(day, day, applies=test, done=done, deadline=Deadline(start, 1, Clock.HOURS))

    versions = (version(2020, applies), *([version(2024, later)] if later else []))
    return Rule(rule_id, "t", "a", about, "supervisor", "minor", "s", True, versions)


def pack(*rules):
    return Pack(rules, (), {})


def test_a_rule_rests_on_the_columns_of_all_its_versions():
    assert rests_on(rule(later="area")) == sources(f"{INCIDENT} incidents.attended_at incidents.crime incidents.area")


def test_a_rule_rests_on_the_record_sets_of_its_columns():
    assert record_sets(rule(done="mash_referred_at", applies="grade"), EVERYTHING) == {
        "incidents",
        "assessments",
        "referrals",
    }
    assert record_sets(rule("assessment", applies="signed_off_role"), EVERYTHING) == {
        "incidents",
        "assessments",
        "staff",
    }


@pytest.mark.parametrize(
    ("made", "left_out", "reason"),
    [
        pytest.param(rule(), "incidents.crime", "incidents.crime is not mapped", id="a column it names"),
        pytest.param(
            rule(applies="grade"),
            "assessments.risk_grade",
            "assessments.risk_grade is not mapped",
            id="a fact's column",
        ),
        pytest.param(rule(applies="grade"), "assessments.final_grade", None, id="a sign-off column may be unmapped"),
        pytest.param(rule(done="mash_referred_at"), "referrals.cancelled", None, id="cancelled may be unmapped"),
        pytest.param(rule(done="mash_referred_at"), "referrals.received_at", None, id="receipt may be unmapped"),
        pytest.param(
            rule(done="mash_received_at"),
            "referrals.received_at",
            "referrals.received_at is not mapped",
            id="but not for the time of receipt",
        ),
        pytest.param(
            rule("assessment", applies="final_grade"),
            "assessments.final_grade",
            "assessments.final_grade is not mapped",
            id="a sign-off column it names itself",
        ),
    ],
)
def test_a_rule_that_rests_on_an_unmapped_column_is_off_and_says_so(made, left_out, reason):
    assert switched_off(pack(made), mapped(left_out)) == ({"X-1": reason} if reason else {})


def test_every_unmapped_column_is_in_the_reason():
    there = mapped("incidents.crime", "incidents.attended_at")
    assert switched_off(pack(rule()), there) == {
        "X-1": "incidents.attended_at is not mapped; incidents.crime is not mapped"
    }


def test_a_record_set_without_a_query_is_named_as_one():
    assert switched_off(pack(rule(done="mash_referred_at")), {**EVERYTHING, "referrals": set()}) == {
        "X-1": "referrals has no query"
    }
    assert switched_off(pack(rule("assessment")), {"incidents": EVERYTHING["incidents"]}) == {
        "X-1": "assessments has no query"
    }


def test_with_everything_mapped_no_bundled_rule_is_off():
    assert switched_off(load_pack(None), EVERYTHING) == {}


MADE_FROM_ASSESSMENTS = {
    "assessment_count",
    "first_submitted_at",
    "grade",
    "grade_since",
    "highest_grade",
    "first_high_at",
    "previous_grade",
    "lowered",
    "superseded",
}


def test_facts_made_from_assessments_are_those_another_assessment_could_change():
    everything = {*names("assessment"), "mash_referred_at", "mash_received_at"}
    assert from_assessments(everything) == MADE_FROM_ASSESSMENTS
    assert not from_assessments(["risk_grade", "signed_off_role", "minutes_to_sign_off", "question_count", "declined"])


def test_facts_made_from_referrals_are_the_destinations_own():
    every = {*names("referral"), "mash_referred_at", "adults_at_risk_received_at"}
    assert from_referrals(every) == {"mash_referred_at", "adults_at_risk_received_at"}


@pytest.mark.parametrize(
    ("destination", "fact"),
    [
        ("MASH", "mash_referred_at"),
        ("Adults at Risk", "adults_at_risk_referred_at"),
        ("IDVA/2", "idva_2_referred_at"),
    ],
)
def test_a_destination_s_fact_is_named_after_it(destination, fact):
    assert destination_fact(destination, "referred_at") == fact
    assert split_destination_fact(fact) == (fact.removesuffix("_referred_at"), "referred_at")


@pytest.mark.parametrize("name", ["referred_at", "received_at", "_referred", "mash_referred", "MASH_referred_at"])
def test_another_name_is_no_destination_s_fact(name):
    assert split_destination_fact(name) is None


def test_the_destinations_and_questions_that_rules_name_are_told():
    rules = pack(
        rule(done="mash_referred_at"),
        rule(done="marac_received_at", applies="mash_referred_at", rule_id="X-2"),
        rule("assessment", applies="q07", rule_id="X-3"),
    )
    assert destinations_named(rules) == {"marac": ("X-2",), "mash": ("X-1", "X-2")}
    assert questions_named(rules) == {"q07"}


@pytest.mark.parametrize(
    ("about", "name", "kind"),
    [
        ("incident", "reported_at", Kind.INSTANT),
        ("incident", "risk_grade", None),
        ("incident", "mash_referred_at", Kind.INSTANT),
        ("incident", "assessments_set_aside", None),
        ("incident", "visits", Kind.NUMBER),
        ("assessment", "visits", Kind.NUMBER),
        ("assessment", "blank_questions", Kind.TEXT),
        ("assessment", "minutes_to_sign_off", Kind.NUMBER),
        ("assessment", "area", Kind.TEXT),
        ("referral", "declined", None),
        ("referral", "destination", Kind.ID),
        ("referral", "lowered", None),
    ],
)
def test_a_column_holds_what_the_contract_or_the_force_says(about, name, kind):
    assert kind_of(about, name, {"incidents": {"visits": Kind.NUMBER}}) is kind


@pytest.mark.parametrize(
    ("record_set", "name"),
    [
        ("incidents", "grade"),
        ("incidents", "declined"),
        ("referrals", "mash_referred_at"),
        ("assessments", "superseded"),
        ("incidents", "referrals_set_aside"),
        ("incidents", "any"),
    ],
)
def test_a_force_may_not_call_its_column_what_means_something_else(record_set, name):
    assert clashes({record_set: {name: Kind.TEXT, "ward": Kind.TEXT}}) == (f"{record_set}.{name}",)


def test_a_force_may_not_call_two_columns_of_one_item_alike():
    own = {"incidents": {"ward": Kind.TEXT}, "assessments": {"ward": Kind.TEXT}, "staff": {"ward": Kind.TEXT}}
    assert clashes(own) == ("assessments.ward", "incidents.ward")


def test_a_sample_rule_is_one_a_rule_file_could_be(tmp_path):
    (loaded,) = load_pack(pack_folder(tmp_path, RULE)).rules
    expected = f"{GRADED} referrals.destination referrals.referred_at"
    assert rests_on(loaded) == sources(expected)
