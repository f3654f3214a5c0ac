"""Everything config.toml says, as frozen settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PositiveInt, SecretStr

from dacompliance.config.parts import Part, Share, ZoneName
from dacompliance.config.reports import Reports
from dacompliance.config.schedule import Schedule
from dacompliance.config.source import RecordQueries, Source
from dacompliance.config.telling import Mail, Readers
from dacompliance.records.contract import Kind


class Force(Part):
    """Who the force is and how its people are shown things."""

    name: str
    time_zone: ZoneName = "Europe/London"
    marking: str = "OFFICIAL-SENSITIVE"
    record_link: str | None = None
    """An address with `{occurrence_ref}` or `{incident_ref}` in it, for the link from a row to the record."""

    @property
    def zone(self) -> ZoneInfo:
        """The force's zone: what *local* means everywhere."""
        return ZoneInfo(self.time_zone)


class Rules(Part):
    """Which rules are run. Without `folder`, the bundled pack, which is nobody's approved policy."""

    folder: Path | None = None
    completion_rule: str = "RA-01"
    destinations: tuple[str, ...] = ("MASH",)
    chase_from: dt.date | None = None
    """Exceptions are opened for incidents reported from this day on; None: from `records_from`."""


class Ledger(Part):
    """The monitor's own database."""

    url: SecretStr = SecretStr("sqlite:///ledger.db")


class Gates(Part):
    """When a record set is not to be trusted."""

    stale_hours: PositiveInt = 36
    short_share: Share = 0.9
    unreadable_share: Share = 0.2


class Exceptions(Part):
    """How exceptions are looked after.

    A rule that would open, or close other than as done, more than `hold_number` at once and more than `hold_share` of
    those it has open is held until an operator accepts it. Once a rule has gone unchecked for `unchecked_hours`, the
    operator is told what will have fallen due unseen. `escalate_after_days` is by severity; a severity that is left out
    is never escalated. A milestone first seen more than `recorded_after_hours` after a run that could have seen it was
    recorded after the event.
    """

    longest_waiver_days: PositiveInt = 28
    hold_number: PositiveInt = 100
    hold_share: Annotated[float, Field(ge=0)] = 0.5
    unchecked_hours: PositiveInt = 48
    escalate_after_days: Mapping[Literal["critical", "major", "minor"], PositiveInt] = Field(default_factory=dict)
    recorded_after_hours: PositiveInt = 24


class Settings(Part):
    """Everything config.toml says. `folder` is where the file lies; paths in it are already resolved against it."""

    folder: Path
    force: Force
    source: Source
    records: RecordQueries
    rules: Rules = Rules()
    ledger: Ledger = Ledger()
    gates: Gates = Gates()
    exceptions: Exceptions = Exceptions()
    readers: Readers
    mail: Mail
    schedule: Schedule = Schedule()
    reports: Reports = Reports()
    secrets: Mapping[str, SecretStr] = Field(default_factory=dict)
    """What the environment and files held: `source_url`, `control_url` and `mail` where they need one."""

    @property
    def zone(self) -> ZoneInfo:
        """The force's zone."""
        return self.force.zone

    @property
    def own_columns(self) -> dict[str, dict[str, Kind]]:
        """The force's own columns and their kinds, by record set."""
        return {name: dict(query.columns) for name, query in self.records.mapped()}

    @property
    def chase_from(self) -> dt.date:
        """The first day whose incidents can open exceptions."""
        return self.rules.chase_from or self.source.records_from
