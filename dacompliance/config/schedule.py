"""When the jobs run."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dacompliance.config.parts import Part, TimeOfDay


class Job(Part):
    """One daily job of the scheduler, at a local time of day."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    at: TimeOfDay

    @model_validator(mode="after")
    def _not_in_the_hour_that_repeats(self) -> Self:
        if "01:00" <= self.at < "02:00":
            raise ValueError(
                "is between 01:00 and 02:00, an hour that is missing in March and happens twice in October; "
                'write a time outside it, such as "06:30"'
            )
        return self


class Schedule(Part):
    """When the jobs run, and how what happens is logged: `auto` is text on a terminal and JSON anywhere else."""

    jobs: tuple[Job, ...] = (Job(name="morning", at="06:30"),)
    log_format: Literal["auto", "text", "json"] = "auto"

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
