"""The invented force is mapped by an ordinary configuration, which names nobody real."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from dacompliance.config import Settings, load_settings
from dacompliance.demo import period
from dacompliance.records.contract import RECORD_SETS


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    text = (resources.files("dacompliance.demo") / "config.toml").read_text(encoding="utf-8")
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    return load_settings(tmp_path / "config.toml", {})


def test_the_configuration_is_good(settings):
    assert settings.force.time_zone == "Europe/London"
    assert settings.source.records_from == period.FIRST_DAY
    assert settings.chase_from < period.MORNINGS[0]
    assert settings.mail.mode == "off"


def test_all_four_record_sets_are_mapped(settings):
    assert [name for name, _ in settings.records.mapped()] == list(RECORD_SETS)


def test_every_address_is_reserved_for_examples(settings):
    addresses = re.findall(r"[\w.+-]+@[\w.-]+", settings.model_dump_json())
    assert addresses
    assert all(address.endswith(".example") for address in addresses)


def test_only_teams_there_are_have_a_mailbox(settings, records):
    teams = {team for (team,) in records.execute("SELECT DISTINCT team_cd FROM employee")}
    assert set(settings.readers.teams) < teams


def test_the_queries_say_what_the_load_log_knows(settings, records):
    for name, query in settings.records.mapped():
        if name != "staff":
            assert records.execute(query.known_to_query).fetchall() == [("03/11/2026 05:30",)], name


@pytest.mark.parametrize(
    ("column", "codes"),
    [
        ("incidents.area", "SELECT DISTINCT substr(stn_cd, 1, 2) FROM occurrence"),
        ("incidents.crime", "SELECT DISTINCT class_cd FROM occurrence"),
        ("incidents.excluded_reason", "SELECT DISTINCT status_cd FROM occurrence"),
        ("incidents.no_assessment_reason", "SELECT DISTINCT no_form_cd FROM occ_victim WHERE no_form_cd IS NOT NULL"),
        ("assessments.instrument", "SELECT DISTINCT form_cd FROM risk_form"),
        ("assessments.declined", "SELECT DISTINCT declined FROM risk_form"),
        ("staff.role", "SELECT DISTINCT role_cd FROM employee"),
    ],
)
def test_every_code_of_the_force_is_mapped(settings, records, column, codes):
    record_set, _, name = column.partition(".")
    mapped = getattr(settings.records, record_set).values[name]
    assert {code for (code,) in records.execute(codes)} == set(mapped)


def test_the_queries_have_their_indexes(settings, records):
    plan = [
        row[-1] for row in records.execute(f"EXPLAIN QUERY PLAN {settings.records.assessments.query}", {"since": ""})
    ]
    assert any("form_answer_by_form" in line for line in plan)
