"""Where the records are, and how each record set is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, PositiveInt, SecretStr, model_validator

from dacompliance.config.parts import Part, ZoneName
from dacompliance.records.contract import RECORD_SETS, Kind


class Source(Part):
    """Where the records are. Exactly one of `url`, `url_env` and `url_file`.

    `scratch_folder` is where a pull too large for memory lays rows by while it lasts; left out, where the system does.
    """

    url: SecretStr | None = None
    url_env: str | None = None
    url_file: Path | None = None
    records_from: dt.date
    statement_timeout_seconds: PositiveInt = 300
    slice_days: PositiveInt = 92
    scratch_folder: Path | None = None

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if sum(each is not None for each in (self.url, self.url_env, self.url_file)) != 1:
            raise ValueError("needs exactly one of url, url_env and url_file")
        return self


class Query(Part):
    """How one record set is read: a SELECT whose result columns have the contract's names.

    The query names `:since`, the start of `records_from`, and so brings the children of the incidents reported since;
    those without a report time must come too, to be set aside. If it names `:until` and `:undated` as well, it is
    asked once for each slice of `slice_days`, with `:undated` 1 in the first and 0 in the others. Staff are read whole.

    `values` maps a column's own words to the contract's (`answers` there: those of every question); `columns` declares
    a force's own columns by kind; `dates` lists columns whose times are really dates; `time_format` is a strptime
    format for times kept as text.
    `known_to` is "now" (a live database), "newest" (the newest recorded time) or "query" (then `known_to_query`).
    """

    query: str
    time_zone: ZoneName | None = None
    time_format: str | None = None
    dates: tuple[str, ...] = ()
    known_to: Literal["now", "newest", "query"] = "now"
    known_to_query: str | None = None
    values: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    columns: Mapping[str, Kind] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_to_has_its_query(self) -> Self:
        if (self.known_to == "query") != (self.known_to_query is not None):
            raise ValueError('known_to = "query" and known_to_query come together or not at all')
        return self


class RecordQueries(Part):
    """The four record sets. Only incidents must be read; a rule that needs another is then off and says so."""

    incidents: Query
    assessments: Query | None = None
    referrals: Query | None = None
    staff: Query | None = None

    def mapped(self) -> Iterator[tuple[str, Query]]:
        """Yield each record set that has a query, incidents first."""
        for name in RECORD_SETS:
            query = getattr(self, name)
            if query is not None:
                yield name, query
