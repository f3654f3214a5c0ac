"""The invented force signs its own copy of the rule pack, and changes nothing else in it."""

from __future__ import annotations

import tomllib

import pytest

from dacompliance.demo.approval import APPROVED_BY, approved, copy_pack
from dacompliance.policy.files import load_pack
from dacompliance.resources import rules_folder

ONE = 'id = "X-01"\n\n[[version]]\nin_force_from = 2026-01-01   # a day\nwithin = "24 hours"\n'
SIGNED = '[[version]]\nin_force_from = 2027-01-01\napproved = { by = "Board", on = 2026-12-01 }\n'


def test_each_version_without_an_approval_gets_one():
    versions = tomllib.loads(approved(ONE + SIGNED + "[[version]]\nin_force_from = 2028-01-01\n"))["version"]
    assert [version["approved"]["by"] for version in versions] == [APPROVED_BY, "Board", APPROVED_BY]


def test_nothing_else_is_changed():
    lines = [line for line in approved(ONE).splitlines() if not line.startswith("approved")]
    assert lines == ONE.splitlines()


@pytest.mark.parametrize("text", ['[office]\nweekdays = ["Mon"]\n', SIGNED, ""], ids=["a calendar", "signed", "empty"])
def test_a_file_with_nothing_to_sign_stays_as_it_is(text):
    assert approved(text) == text


def test_an_approval_is_older_than_what_it_approves():
    assert str(tomllib.loads(approved(ONE))["version"][0]["approved"]["on"]) == "2025-12-11"


def test_the_force_s_pack_is_the_bundled_one_signed(tmp_path):
    copy_pack(rules_folder(), tmp_path / "rules")
    own, bundled = load_pack(tmp_path / "rules"), load_pack(None)
    assert [rule.digests for rule in own.rules] == [rule.digests for rule in bundled.rules]
    assert all(version.approved is not None for rule in own.rules for version in rule.versions)
