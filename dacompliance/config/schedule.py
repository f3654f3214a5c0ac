"""When the jobs run, what each of them does, and how a silent monitor is told from a quiet day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, SecretStr, field_validator, model_validator

from dacompliance.config.parts import Part, TimeOfDay

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Severity = Literal["critical", "major", "minor"]
SENDER = "send"
"""The name of the job that hands over what waits: it is always there, and no other may have it."""


class Job(Part):
    """One job of the scheduler, at a local time of day: each day, or on some weekdays (`on`).

    A `check` judges by every rule in force and tells every reader; with `rules` (a severity, or rules by id) it is a
    second look at those only, and tells who has something new. A `report` writes the pages of the last whole check
    into a folder of its day.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    at: TimeOfDay
    kind: Literal["check", "report"] = "check"
    on: tuple[Weekday, ...] = ()
    rules: Severity | tuple[str, ...] = ()

    @field_validator("on", mode="before")
    @classmethod
    def _one_day_is_a_list_of_one(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _not_in_the_hour_that_repeats(self) -> Self:
        if "01:00" <= self.at < "02:00":
            raise ValueError(
                "is between 01:00 and 02:00, an hour that is missing in March and happens twice in October; "
                'write a time outside it, such as "06:30"'
            )
        return self

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        if self.name == SENDER:
            raise ValueError(f'"{SENDER}" is the job that hands over notices, which is always there; name this another')
        if self.kind == "report" and self.rules:
            raise ValueError('rules are for kind = "check": a report is of the last whole check; remove them')
        return self

    @property
    def is_second_look(self) -> bool:
        """True for a check by some of the rules."""
        return bool(self.rules)


class Schedule(Part):
    """When the jobs run. A run that failed is tried again every `retry_minutes`, until the next one is due.

    Notices are handed over every `send_minutes`, beside the jobs. `heartbeat_file` is written every minute; `ping_url`
    is asked for after each check that was kept and could check. What happens is logged in `log_format`: `auto` is text
    on a terminal and JSON anywhere else.
    """

    jobs: tuple[Job, ...] = (Job(name="morning", at="06:30"),)
    retry_minutes: PositiveInt = 15
    send_minutes: PositiveInt = 1
    heartbeat_file: Path | None = None
    ping_url: SecretStr | None = None
    log_format: Literal["auto", "text", "json"] = "auto"

    @field_validator("ping_url")
    @classmethod
    def _is_an_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("http://", "https://")):
            raise ValueError('is not an address; write "https://…"')
        return value

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        if not self.jobs:
            raise ValueError("has no job, so nothing would ever run; leave schedule out for one each morning")
        names = [job.name for job in self.jobs]
        if len(set(names)) < len(names):
            raise ValueError(
                "has two jobs of one name; a job's name is what its slots are kept under: give each its own"
            )
        return self

    @model_validator(mode="after")
    def _something_checks(self) -> Self:
        if not any(job.kind == "check" and not job.is_second_look for job in self.jobs):
            raise ValueError('has no job that checks by every rule; add one of kind "check" without rules')
        return self
