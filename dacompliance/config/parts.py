"""What every section of config.toml is made of: frozen, no unknown key, and no value in an error."""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError('is not a time zone this machine knows; write a name such as "Europe/London"')
    return name


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+", text):
        raise ValueError("is not an e-mail address")
    return text


def _time_of_day(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError('is not a time of day; write "06:30"')
    return text


ZoneName = Annotated[str, AfterValidator(_zone)]
Address = Annotated[str, AfterValidator(_address)]
TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A section: its keys and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
