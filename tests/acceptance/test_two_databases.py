"""The demonstration's records, kept by two kinds of database and mapped by two configurations, say one thing."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from dacompliance import monitor
from dacompliance.config import Settings
from dacompliance.demo import period
from dacompliance.demo.database import write_source
from dacompliance.demo.force import make_force
from dacompliance.ledger import history
from dacompliance.ledger.database import open_ledger
from dacompliance.ledger.tables import event
from dacompliance.notices.sending import send_all
from dacompliance.publishing import publish
from dacompliance.replaying import replay
from dacompliance.run.outcome import RunResult
from tests import postgres
from tests.acceptance import westmarch

pytestmark = pytest.mark.slow

MORNING = period.MORNINGS[-1]
NOW = period.run_of(MORNING)


@dataclass(frozen=True)
class Morning:
    """The last morning of the demonstration, all of it."""

    settings: Settings
    result: RunResult

    @property
    def folder(self) -> Path:
        return self.settings.folder


def run(settings: Settings) -> Morning:
    result = monitor.run(settings, now=NOW, slot=MORNING, tell=True, export=settings.folder / "verdicts.csv")
    send_all(settings, lambda: NOW)
    publish(settings)
    return Morning(settings, result)


@pytest.fixture(scope="module")
def mornings(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Morning, Morning]]:
    """Run the last morning twice: records and ledger on SQLite, and both on PostgreSQL."""
    folder = tmp_path_factory.mktemp("westmarch")
    write_source(folder / "force.db", period.load_of(MORNING), make_force())
    with postgres.fresh_database(postgres_server) as records, postgres.fresh_database(postgres_server) as ledger:
        westmarch.load(folder / "force.db", records)
        yield (
            run(westmarch.on_sqlite(folder / "sqlite", folder / "force.db")),
            run(westmarch.on_postgresql(folder / "postgresql", records, ledger)),
        )


def test_the_verdicts_are_the_same_byte_for_byte(mornings):
    ours, theirs = ((each.folder / "verdicts.csv").read_bytes() for each in mornings)
    assert ours.count(b"\n") > 60_000
    assert theirs == ours


def test_what_went_in_and_what_came_of_it_are_the_same_counts(mornings):
    ours, theirs = mornings
    assert theirs.result.counts == ours.result.counts
    assert theirs.result.notices == ours.result.notices > 5


def kept(morning: Morning) -> tuple[pd.DataFrame, list[tuple[object, ...]]]:
    """Return the findings and the events that the ledger keeps."""
    with (
        closing(open_ledger(morning.settings.ledger.url.get_secret_value(), create=False)) as ledger,
        ledger.read() as connection,
    ):
        events = sa.select(*(column for column in event.c if column.name != "id")).order_by(event.c.id)
        return history.records_at(connection, 1).findings, [tuple(row) for row in connection.execute(events)]


def test_findings_and_events_are_the_same(mornings):
    (found, events), (found_there, events_there) = map(kept, mornings)
    pd.testing.assert_frame_equal(found_there, found)
    assert len(found) > 50
    assert events_there == events
    assert len(events) > 100


def told(morning: Morning) -> dict[str, str]:
    """Return what each notice says, by the name of its file; the folder of the full list is each force's own."""
    messages = {
        path.name: email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in morning.settings.mail.folder.iterdir()
    }
    return {
        name: message.get_body(("html",)).get_content().replace(str(morning.folder), "")
        for name, message in messages.items()
    }


def pages_of(folder: Path) -> dict[str, bytes]:
    """Return every page and file of a report, by its path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_readers_and_pages_say_the_same(mornings):
    ours, theirs = map(told, mornings)
    assert theirs == ours
    pages, pages_there = (pages_of(each.folder / "pages") for each in mornings)
    assert pages_there.keys() == pages.keys()
    assert [name for name in pages if pages_there[name] != pages[name]] == []


def test_each_is_judged_again_from_its_own_ledger_to_the_same_bytes(mornings):
    for each in mornings:
        assert replay(each.settings, 1, each.folder / "again.csv").differ == ()
        assert (each.folder / "again.csv").read_bytes() == (each.folder / "verdicts.csv").read_bytes()
