"""Where pages and files are written, what they are held against, and decisions that change how they are drawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from dacompliance.config.parts import Part

Target = Annotated[float, Field(gt=0, le=1)]
Words = Annotated[str, Field(min_length=1)]


class Rebase(Part):
    """A decision to set the control limits of a measure anew from a date on: why, and who decided it.

    `measure` is "completion", "fully-compliant" or a rule's id.
    """

    measure: Words
    date: dt.date
    reason: Words
    author: Words


class Control(Part):
    """A count of the same incidents by month from another system, to stand beside ours.

    The query returns two columns, the month (`2026-10`, or a date in it) and the count, and may name `:since`. Without
    `url`, `url_env` and `url_file` the records' own database is asked.
    """

    name: Words
    query: Words
    url: SecretStr | None = None
    url_env: str | None = None
    url_file: Path | None = None

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if sum(each is not None for each in (self.url, self.url_env, self.url_file)) > 1:
            raise ValueError("has more than one of url, url_env and url_file; keep one")
        return self


class Reports(Part):
    """Where pages and CSV files are written, and whose templates are used (None: the bundled ones).

    `targets` are shares by measure, as `Rebase.measure` names it; a measure without one is held against none.
    """

    folder: Path = Path("reports-out")
    templates: Path | None = None
    targets: Mapping[str, Target] = Field(default_factory=dict)
    rebase: tuple[Rebase, ...] = ()
    control: Control | None = None
