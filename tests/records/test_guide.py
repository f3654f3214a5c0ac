"""The guide to mapping tells the truth: its example is a configuration, its table the contract."""

import re
import tomllib
from pathlib import Path

from dacompliance.config import RecordQueries
from dacompliance.records.contract import COUNTS, QUESTIONS, RECORD_SETS, Kind
from dacompliance.records.queries import faults

GUIDE = (Path(__file__).parents[2] / "docs" / "mapping-your-records.md").read_text(encoding="utf-8")


def test_the_example_is_without_a_fault():
    (example,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    queries = RecordQueries.model_validate(tomllib.loads(example)["records"])
    assert list(faults(queries.mapped())) == []


def test_the_table_has_every_column_of_the_contract_and_says_which_are_required():
    table = GUIDE.partition("## The columns")[2].partition("## ")[0]
    for record_set in RECORD_SETS.values():
        (row,) = (line for line in table.splitlines() if line.startswith(f"| `{record_set.name}`"))
        cell = row.split("|")[2]
        answers = {*QUESTIONS[:1], *QUESTIONS[-1:]} if record_set.name == "assessments" else set()
        names = {spec.name for spec in record_set.columns if spec.kind is not Kind.ANSWER} | answers
        said = set(re.findall(r"`([a-z0-9_]+)`", cell))
        assert names <= said
        assert set(re.findall(r"\*\*`([a-z_]+)`\*\*", cell)) == {s.name for s in record_set.columns if s.required}
    assert set(COUNTS) <= said | set(re.findall(r"`([a-z_]+)`", table))


def test_every_kind_is_named():
    assert set(Kind) <= set(re.findall(r"`([a-z/]+)`", GUIDE))
