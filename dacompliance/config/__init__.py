"""config.toml as frozen settings: what a force has decided about its records, readers, mail and schedule."""

from __future__ import annotations

from dacompliance.config.loading import load_settings, resolved_url
from dacompliance.config.reports import Control, Rebase, Reports
from dacompliance.config.schedule import Job, Schedule
from dacompliance.config.settings import Exceptions, Force, Gates, Ledger, Rules, Settings
from dacompliance.config.source import Query, RecordQueries, Source
from dacompliance.config.telling import Mail, Readers

__all__ = [
    "Control",
    "Exceptions",
    "Force",
    "Gates",
    "Job",
    "Ledger",
    "Mail",
    "Query",
    "Readers",
    "Rebase",
    "RecordQueries",
    "Reports",
    "Rules",
    "Schedule",
    "Settings",
    "Source",
    "load_settings",
    "resolved_url",
]
