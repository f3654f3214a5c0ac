"""The ledger's tables: what Alembic compares with. Knows their shape only; reads and writes nothing.

Every instant is a whole number of microseconds since 1970 in UTC (`Instant`), every local date an ISO text, every
digest a SHA-256 in hexadecimal. Foreign keys name the run that a row came from; a past run is never rewritten.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa

from dacompliance.localtime import instant, micros


class Instant(sa.types.TypeDecorator[dt.datetime]):
    """An aware instant, kept as microseconds since 1970 in UTC: exact, and the same on every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002
        """Give the database microseconds."""
        return None if value is None else micros(value)

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Give Python an instant."""
        return None if value is None else instant(value)


class LocalDate(sa.types.TypeDecorator[dt.date]):
    """A local date, kept as ISO text."""

    impl = sa.String(10)
    cache_ok = True

    def process_bind_param(self, value: dt.date | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """Give the database ISO text."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> dt.date | None:  # noqa: ARG002
        """Give Python a date."""
        return None if value is None else dt.date.fromisoformat(value)


metadata: Final = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_RowId: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # only INTEGER is SQLite's own row number
_Digest: Final = sa.String(64)


def _row_id() -> sa.Column[int]:
    return sa.Column("id", _RowId, primary_key=True)


def _run(name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey("run.id"), nullable=nullable, primary_key=primary_key)


def _text(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=primary_key, nullable=nullable)


def _one_of(column: str, *words: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


run: Final = sa.Table(
    "run",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    _text("job"),
    sa.Column("local_date", LocalDate, nullable=True),
    sa.Column("as_at", Instant, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("finished_at", Instant, nullable=False),
    _text("code_version"),
    sa.Column("checked", sa.Boolean, nullable=False),
    sa.Column("known_to", sa.JSON, nullable=False),
    sa.Column("gates", sa.JSON, nullable=False),
    sa.Column("rules", sa.JSON, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
)
"""One act of checking. Runs are numbered from 1 without gaps. `checked`: at least one rule was."""

slot: Final = sa.Table(
    "slot",
    metadata,
    _text("job", primary_key=True),
    sa.Column("local_date", LocalDate, primary_key=True),
    _text("state"),
    _text("owner"),
    sa.Column("claim_expires", Instant, nullable=True),
    _run("run_id", nullable=True),
    _text("why"),
    sa.Column("changed_at", Instant, nullable=False),
    _one_of("state", "claimed", "done", "failed", "missed"),
)
"""One job on one local date: who has claimed it, and what became of it."""

document: Final = sa.Table(
    "document",
    metadata,
    sa.Column("digest", _Digest, primary_key=True),
    _text("body"),
)
"""Rule files, calendars, bank holidays, instruments, settings: each text once, by the SHA-256 of its bytes in UTF-8."""

run_document: Final = sa.Table(
    "run_document",
    metadata,
    _run("run_id", primary_key=True),
    _text("kind", primary_key=True),
    _text("name", primary_key=True),
    sa.Column("digest", _Digest, sa.ForeignKey("document.digest"), nullable=False),
)
"""Which documents a run was made with, and what each of them was."""

rule_version: Final = sa.Table(
    "rule_version",
    metadata,
    _text("rule_id", primary_key=True),
    _text("version", primary_key=True),
    sa.Column("digest", _Digest, nullable=False),
    _run("last_run"),
)
"""What each rule version said when it was last run, by digest: a published version is never edited."""

record_history: Final = sa.Table(
    "record_history",
    metadata,
    _row_id(),
    _text("record_set"),
    _text("key"),
    _text("incident_ref", nullable=True),
    _run("first_run"),
    _run("last_run", nullable=True),
    _text("body", nullable=True),
    _text("salt", nullable=True),
    sa.Column("digest", _Digest, nullable=False),
)
"""What a record said, from the first run that saw it so to the last (empty: it still does).

`digest` is of salt and body together. A lawful deletion empties body and salt and leaves the digest.
"""
sa.Index(
    "uq_record_history_open",
    record_history.c.record_set,
    record_history.c.key,
    unique=True,
    sqlite_where=record_history.c.last_run.is_(None),
    postgresql_where=record_history.c.last_run.is_(None),
)
sa.Index("ix_record_history_incident_ref", record_history.c.incident_ref)

verdict_history: Final = sa.Table(
    "verdict_history",
    metadata,
    _row_id(),
    _text("rule_id"),
    _text("item_ref"),
    _text("about"),
    _text("incident_ref"),
    _run("first_run"),
    _run("last_run", nullable=True),
    _text("version"),
    _text("outcome"),
    sa.Column("due_at", sa.BigInteger, nullable=True),
    sa.Column("done_at", sa.BigInteger, nullable=True),
    _text("reason"),
    _one_of("outcome", "undetermined", "pending", "met", "late", "breached"),
)
"""What a rule said of an item, from the first run that said it to the last. No row: the rule did not apply."""
sa.Index(
    "uq_verdict_history_open",
    verdict_history.c.rule_id,
    verdict_history.c.item_ref,
    unique=True,
    sqlite_where=verdict_history.c.last_run.is_(None),
    postgresql_where=verdict_history.c.last_run.is_(None),
)
sa.Index("ix_verdict_history_incident_ref", verdict_history.c.incident_ref)

exception: Final = sa.Table(
    "exception",
    metadata,
    _text("rule_id", primary_key=True),
    _text("item_ref", primary_key=True),
    _text("about"),
    _text("incident_ref"),
    _text("state"),
    sa.Column("suspended", sa.Boolean, nullable=False),
    _text("closing"),
    _text("judged_by"),
    _text("owner_then"),
    _text("owner_now"),
    sa.Column("times_reopened", sa.Integer, nullable=False),
    _run("opened_run"),
    _run("closed_run", nullable=True),
    _one_of("state", "open", "closed"),
)
"""Each exception as it stands. Its life is in `event`; this is the sum of it."""
sa.Index("ix_exception_incident_ref", exception.c.incident_ref)
sa.Index("ix_exception_state", exception.c.state, exception.c.rule_id)

event: Final = sa.Table(
    "event",
    metadata,
    _row_id(),
    _run("run_id"),
    _text("rule_id"),
    _text("item_ref"),
    _text("about"),
    _text("incident_ref"),
    _text("kind"),
    _text("reason"),
    sa.Column("count", sa.Integer, nullable=False),
    _text("owner"),
)
"""What happened to exceptions, in order. Rows are only ever added."""
sa.Index("ix_event_run_id", event.c.run_id)
sa.Index("ix_event_incident_ref", event.c.incident_ref)


def _about_an_exception() -> tuple[Any, ...]:
    """Return the columns of what someone says of an exception: who, why, when, and the run that noted it."""
    return (
        _row_id(),
        *(_text(name) for name in ("rule_id", "item_ref", "author", "reason")),
        sa.Column("made_at", Instant, nullable=False),
        _run("noted_run", nullable=True),
        sa.ForeignKeyConstraint(["rule_id", "item_ref"], ["exception.rule_id", "exception.item_ref"]),
    )


waiver: Final = sa.Table(
    "waiver",
    metadata,
    *_about_an_exception(),
    sa.Column("last_day", LocalDate, nullable=False),
    sa.Column("ended_at", Instant, nullable=True),
    _text("ended_by"),
    _text("ending"),
    _run("ended_run", nullable=True),
    _one_of("ending", "", "ended", "expired", "closed", "breached"),
)
"""An exception not chased to the end of `last_day`, and what ended that. The runs that noted either made the events."""
sa.Index(
    "uq_waiver_open",
    waiver.c.rule_id,
    waiver.c.item_ref,
    unique=True,
    sqlite_where=waiver.c.ended_at.is_(None),
    postgresql_where=waiver.c.ended_at.is_(None),
)

dispute: Final = sa.Table(
    "dispute",
    metadata,
    *_about_an_exception(),
    _text("claim"),
    _one_of("claim", "wrong", "done_not_recorded", "cannot_be_done"),
)
"""What someone says against an exception. It closes nothing."""
sa.Index("ix_dispute_rule_id", dispute.c.rule_id, dispute.c.item_ref)

hold: Final = sa.Table(
    "hold",
    metadata,
    _run("run_id", primary_key=True),
    _text("rule_id", primary_key=True),
    sa.Column("opening", sa.Integer, nullable=False),
    sa.Column("closing", sa.Integer, nullable=False),
    sa.Column("standing", sa.Integer, nullable=False),
    sa.Column("accepted_at", Instant, nullable=True),
    _text("accepted_by"),
    _text("accepted_why"),
    _run("used_run", nullable=True),
)
"""A rule that a run held because it would have opened or closed too many at once, who accepted that, and the run
that then went by it."""

notice: Final = sa.Table(
    "notice",
    metadata,
    _row_id(),
    _run("run_id", nullable=True),
    _text("job"),
    sa.Column("local_date", LocalDate, nullable=False),
    _text("reader_key"),
    _text("kind"),
    sa.Column("message_id", sa.Text, nullable=False, unique=True),
    _text("subject"),
    _text("text"),
    _text("html"),
    _text("importance"),
    sa.Column("made_at", Instant, nullable=False),
)
"""What is to be said to one reader, once and for all. An operator's notice of a failed run belongs to no run."""
sa.Index("ix_notice_reader_key", notice.c.reader_key, notice.c.run_id)

notice_recipient: Final = sa.Table(
    "notice_recipient",
    metadata,
    _row_id(),
    sa.Column("notice_id", _RowId, sa.ForeignKey("notice.id"), nullable=False),
    _text("address"),
    _text("state"),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_try_at", Instant, nullable=True),
    sa.Column("claimed_until", Instant, nullable=True),
    _text("claimed_by"),
    _text("code"),
    _text("mode"),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("reported_in", _RowId, sa.ForeignKey("notice.id"), nullable=True),
    _one_of("state", "pending", "claimed", "handed_over", "written", "refused", "dead"),
    sa.UniqueConstraint("notice_id", "address"),
)
"""One message to one address: waiting, being sent, or what became of it. `mode` is how it left: on, shadow or off.

`reported_in` is the operator's notice that told of it, if it was lost.
"""
sa.Index("ix_notice_recipient_state", notice_recipient.c.state, notice_recipient.c.next_try_at)
sa.Index("ix_notice_recipient_changed_at", notice_recipient.c.changed_at)

notice_case: Final = sa.Table(
    "notice_case",
    metadata,
    sa.Column("notice_id", _RowId, sa.ForeignKey("notice.id"), primary_key=True),
    _text("rule_id", primary_key=True),
    _text("item_ref", primary_key=True),
    _text("section", primary_key=True),
    _text("incident_ref"),
)
"""Which cases a notice had rows for, and in which section: what was shown, not what was only counted."""
sa.Index("ix_notice_case_incident_ref", notice_case.c.incident_ref)

measure: Final = sa.Table(
    "measure",
    metadata,
    _run("run_id", primary_key=True),
    _text("measure", primary_key=True),
    _text("period", primary_key=True),
    _text("grouping", primary_key=True),
    _text("group_name", primary_key=True),
    _text("category", primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
"""Counts as a run published them; a later figure for the same period stands beside, never over."""

access: Final = sa.Table(
    "access",
    metadata,
    _row_id(),
    sa.Column("at", Instant, nullable=False),
    *(_text(name) for name in ("who", "what", "why")),
)
"""Who replayed or exported what, when and why. Rows are only ever added."""


sample_score: Final = sa.Table(
    "sample_score",
    metadata,
    _row_id(),
    _run("run_id"),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("seed", "drawn", "answered", "agreed")),
    _text("author"),
    sa.Column("scored_at", Instant, nullable=False),
    sa.Column("digest", _Digest, nullable=False),
)
"""A person's judgement of verdicts drawn at random from a run: how many they answered, and agreed with.

`digest` is of the file as it was scored; what is written in it stays there.
"""
sa.Index("ix_sample_score_run_id", sample_score.c.run_id)
