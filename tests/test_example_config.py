"""The example configuration: it is read as it stands, shows every key, and tells the truth of what is left out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dacompliance import config, resources

TEXT = resources.example_config().read_text(encoding="utf-8")
PARTS = {
    "force": config.Force,
    "source": config.Source,
    "records.incidents": config.Query,
    "rules": config.Rules,
    "ledger": config.Ledger,
    "gates": config.Gates,
    "exceptions": config.Exceptions,
    "readers": config.Readers,
    "mail": config.Mail,
    "schedule": config.Schedule,
    "reports": config.Reports,
}


def commented_out() -> Iterator[tuple[str, str, Any, str]]:
    """Yield section, key, value and comment of every key the example shows but does not set."""
    section = ""
    for line in TEXT.splitlines():
        if found := re.match(r"\[([\w.]+)\]", line):
            section = found[1]
        elif found := re.match(r"# (\w+ = .*)$", line):
            ((key, value),) = tomllib.loads(found[1]).items()
            yield section, key, value, found[1].rpartition(" # ")[2]


def plain(default: Any) -> Any:
    """Return a default of the settings as TOML would write it."""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, tuple):
        return [each.model_dump(exclude_defaults=True) if isinstance(each, config.Job) else each for each in default]
    return str(default) if isinstance(default, Path) else default


def test_the_example_is_read_as_it_stands(tmp_path):
    (tmp_path / "config.toml").write_text(TEXT, encoding="utf-8")
    settings = config.load_settings(tmp_path / "config.toml", {"RECORDS_URL": "sqlite:///copy.db"})
    assert [name for name, _ in settings.records.mapped()] == ["incidents", "assessments", "referrals", "staff"]
    assert settings.records.incidents.values["excluded_reason"]["OPEN"] == ""
    assert settings.mail.mode == "off"


def test_the_several_jobs_it_shows_are_a_schedule_and_show_every_key_of_a_job():
    lines = TEXT[TEXT.index("#   [[schedule.jobs]]") : TEXT.index("[reports]")].splitlines()
    shown = tomllib.loads("\n".join(line.removeprefix("#").strip() for line in lines))["schedule"]
    assert [job.name for job in config.Schedule.model_validate(shown).jobs] == ["morning", "afternoon", "weekly"]
    assert {key for job in shown["jobs"] for key in job} == set(config.Job.model_fields)


@pytest.mark.parametrize("section", PARTS)
def test_the_example_shows_every_key_of_a_section(section):
    set_here: Any = tomllib.loads(TEXT)
    for part in section.split("."):
        set_here = set_here[part]
    shown = {key for where, key, _, _ in commented_out() if where == section} | set(set_here)
    shown |= {"teams"} if "# [readers.teams]" in TEXT else set()
    assert set(PARTS[section].model_fields) <= shown


@pytest.mark.parametrize(
    ("section", "key", "value", "comment"),
    [pytest.param(*each, id=f"{each[0]}.{each[1]}") for each in commented_out()],
)
def test_a_key_that_is_commented_out_shows_its_default_or_says_what_holds(section, key, value, comment):
    default = PARTS[section].model_fields[key].get_default(call_default_factory=True)
    if "left out: " in comment:
        assert default in (None, (), "", {})
    else:
        assert plain(default) == value
