"""The first ledger: slots, runs and their documents, histories, exceptions, notices, measures.

Instants are BIGINT microseconds since 1970 in UTC, local dates ISO text. Written out by hand and never made from
`tables.py`: what version 0001 was must not change when the tables do.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("last_run IS NULL")


def upgrade() -> None:
    """Make every table."""
    _runs()
    _histories()
    _exceptions()
    _notices()
    op.create_table(
        "measure",
        _run("measure", "run_id"),
        *(_text(name) for name in ("measure", "period", "grouping", "group_name", "category")),
        sa.Column("count", sa.Integer(), nullable=False),
        _key("measure", "run_id", "measure", "period", "grouping", "group_name", "category"),
    )


def downgrade() -> None:
    """Drop every table, children first."""
    for table in (
        "measure",
        "notice_recipient",
        "notice",
        "event",
        "exception",
        "verdict_history",
        "record_history",
        "rule_version",
        "run_document",
        "document",
        "slot",
        "run",
    ):
        op.drop_table(table)


def _runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        _text("job"),
        sa.Column("local_date", sa.String(10), nullable=True),
        _instant("as_at"),
        _instant("started_at"),
        _instant("finished_at"),
        _text("code_version"),
        sa.Column("checked", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("known_to", "gates", "rules", "counts")),
        _key("run", "id"),
    )
    op.create_table(
        "slot",
        _text("job"),
        sa.Column("local_date", sa.String(10), nullable=False),
        _text("state"),
        _text("owner"),
        _instant("claim_expires", nullable=True),
        _run("slot", "run_id", nullable=True),
        _text("why"),
        _instant("changed_at"),
        _one_of("slot", "state", "claimed", "done", "failed", "missed"),
        _key("slot", "job", "local_date"),
    )
    op.create_table("document", _digest(), _text("body"), _key("document", "digest"))
    op.create_table(
        "run_document",
        _run("run_document", "run_id"),
        _text("kind"),
        _text("name"),
        _digest(sa.ForeignKey("document.digest", name="fk_run_document_digest")),
        _key("run_document", "run_id", "kind", "name"),
    )
    op.create_table(
        "rule_version",
        _text("rule_id"),
        _text("version"),
        _digest(),
        _run("rule_version", "last_run"),
        _key("rule_version", "rule_id", "version"),
    )


def _histories() -> None:
    op.create_table(
        "record_history",
        sa.Column("id", ROW_ID, nullable=False),
        _text("record_set"),
        _text("key"),
        _text("incident_ref", nullable=True),
        _run("record_history", "first_run"),
        _run("record_history", "last_run", nullable=True),
        _text("body", nullable=True),
        _text("salt", nullable=True),
        _digest(),
        _key("record_history", "id"),
    )
    _open_once("record_history", "record_set", "key")
    op.create_index("ix_record_history_incident_ref", "record_history", ["incident_ref"])
    op.create_table(
        "verdict_history",
        sa.Column("id", ROW_ID, nullable=False),
        *(_text(name) for name in ("rule_id", "item_ref", "about", "incident_ref")),
        _run("verdict_history", "first_run"),
        _run("verdict_history", "last_run", nullable=True),
        _text("version"),
        _text("outcome"),
        _instant("due_at", nullable=True),
        _instant("done_at", nullable=True),
        _text("reason"),
        _one_of("verdict_history", "outcome", "undetermined", "pending", "met", "late", "breached"),
        _key("verdict_history", "id"),
    )
    _open_once("verdict_history", "rule_id", "item_ref")
    op.create_index("ix_verdict_history_incident_ref", "verdict_history", ["incident_ref"])


def _exceptions() -> None:
    op.create_table(
        "exception",
        *(_text(name) for name in ("rule_id", "item_ref", "about", "incident_ref", "state")),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        *(_text(name) for name in ("closing", "judged_by", "owner_then", "owner_now")),
        sa.Column("times_reopened", sa.Integer(), nullable=False),
        _run("exception", "opened_run"),
        _run("exception", "closed_run", nullable=True),
        _one_of("exception", "state", "open", "closed"),
        _key("exception", "rule_id", "item_ref"),
    )
    op.create_index("ix_exception_incident_ref", "exception", ["incident_ref"])
    op.create_index("ix_exception_state", "exception", ["state", "rule_id"])
    op.create_table(
        "event",
        sa.Column("id", ROW_ID, nullable=False),
        _run("event", "run_id"),
        *(_text(name) for name in ("rule_id", "item_ref", "about", "incident_ref", "kind", "reason")),
        sa.Column("count", sa.Integer(), nullable=False),
        _text("owner"),
        _key("event", "id"),
    )
    op.create_index("ix_event_run_id", "event", ["run_id"])
    op.create_index("ix_event_incident_ref", "event", ["incident_ref"])


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", ROW_ID, nullable=False),
        _run("notice", "run_id", nullable=True),
        _text("job"),
        sa.Column("local_date", sa.String(10), nullable=False),
        *(_text(name) for name in ("reader_key", "kind", "message_id", "subject", "text", "html", "importance")),
        _instant("made_at"),
        sa.UniqueConstraint("message_id", name="uq_notice_message_id"),
        _key("notice", "id"),
    )
    op.create_index("ix_notice_reader_key", "notice", ["reader_key", "run_id"])
    op.create_table(
        "notice_recipient",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column(
            "notice_id", ROW_ID, sa.ForeignKey("notice.id", name="fk_notice_recipient_notice_id"), nullable=False
        ),
        _text("address"),
        _text("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _instant("next_try_at", nullable=True),
        _instant("claimed_until", nullable=True),
        _text("claimed_by"),
        _text("code"),
        _instant("changed_at"),
        _one_of("notice_recipient", "state", "pending", "claimed", "handed_over", "written", "refused", "dead"),
        sa.UniqueConstraint("notice_id", "address", name="uq_notice_recipient_notice_id"),
        _key("notice_recipient", "id"),
    )
    op.create_index("ix_notice_recipient_state", "notice_recipient", ["state", "next_try_at"])


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _digest(*more: sa.ForeignKey) -> sa.Column[Any]:
    return sa.Column("digest", sa.String(64), *more, nullable=False)


def _run(table: str, name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey("run.id", name=f"fk_{table}_{name}"), nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _one_of(table: str, column: str, *words: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def _open_once(table: str, *columns: str) -> None:
    """Let the database itself refuse two rows that hold now for one key."""
    op.create_index(f"uq_{table}_open", table, list(columns), unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
