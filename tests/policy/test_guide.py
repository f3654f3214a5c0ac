"""The guide for policy owners says what the files accept, and only that."""

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from dacompliance.errors import RuleError
from dacompliance.judging.cases import case_faults
from dacompliance.policy.conditions import FORMS, Scope, read_condition
from dacompliance.policy.files import load_pack
from dacompliance.policy.parts import Part
from tests.helpers import LONDON
from tests.policy.samples import RULE, changed, pack_folder

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
GUIDE: Final = (DOCS / "rule-files.md").read_text(encoding="utf-8")
COVERAGE: Final = (DOCS / "coverage.md").read_text(encoding="utf-8")
RULES: Final = DOCS.parent / "rules"
BLOCKS: Final = [re.sub(r"^ {3}", "", block, flags=re.MULTILINE) if block.startswith("   ") else block for block in
                 re.findall(r"^ *```toml\n(.*?)^ *```", GUIDE, re.DOTALL | re.MULTILINE)]  # fmt: skip
BESIDE: Final = {
    name: (RULES / f"{file}.toml").read_text(encoding="utf-8")
    for name, file in {"calendars": "calendars", "holidays": "bank-holidays"}.items()
}


def block(start):
    (found,) = [each for each in BLOCKS if each.startswith(start)]
    return found


def test_every_example_is_toml():
    assert len(BLOCKS) == 4
    for each in BLOCKS:
        tomllib.loads(each)


def test_the_example_of_a_whole_file_is_one_and_its_case_passes(tmp_path):
    pack = load_pack(pack_folder(tmp_path, block("id "), name="REF-02-medium-to-mash.toml", **BESIDE))
    assert case_faults(pack.rules, pack, LONDON) == ()


def test_the_example_of_a_new_version_can_be_added_to_a_rule(tmp_path):
    rule = changed(RULE, "[[case]]", f"{block('[[version]]')}\n[[case]]")
    assert len(load_pack(pack_folder(tmp_path, rule)).rules[0].versions) == 2


def test_the_example_of_an_approval_can_be_added_to_a_version(tmp_path):
    rule = changed(RULE, "2020-01-01\n", f"2020-01-01\n{block('approved')}")
    (version,) = load_pack(pack_folder(tmp_path, rule)).rules[0].versions
    assert version.approved is not None


def test_the_example_of_a_condition_is_one():
    read_condition(Part("the guide", tomllib.loads(block("applies"))["applies"]), Scope("assessment"))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_test_is_in_the_guide(form):
    assert f"{form} = " in GUIDE


def test_the_refusal_it_shows_is_the_refusal_there_is(tmp_path):
    rule = changed(changed(RULE, '"24 hours"', '"0 hours"'), "2020-01-01", "2026-11-01")
    with pytest.raises(RuleError) as error:
        load_pack(pack_folder(tmp_path, rule))
    assert f"> {error.value}" in GUIDE


def test_every_bundled_rule_is_in_the_list_of_what_is_covered():
    for rule in load_pack(None).rules:
        assert f"`{rule.id}`" in COVERAGE
