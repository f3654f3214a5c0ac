"""What people decide between runs: waivers, disputes, holds accepted; which cases a notice listed, and how it left.

A waiver or a dispute is kept at its moment; the next run notes it and makes it an event of its own.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Make the tables, and say of each message that has left how it did: until now nobody noted a rehearsal."""
    _decisions()
    op.create_table(
        "notice_case",
        sa.Column("notice_id", ROW_ID, sa.ForeignKey("notice.id", name="fk_notice_case_notice_id"), nullable=False),
        *(_text(name) for name in ("rule_id", "item_ref", "section", "incident_ref")),
        sa.PrimaryKeyConstraint("notice_id", "rule_id", "item_ref", "section", name="pk_notice_case"),
    )
    op.create_index("ix_notice_case_incident_ref", "notice_case", ["incident_ref"])
    with op.batch_alter_table("notice_recipient") as recipient:
        recipient.add_column(sa.Column("mode", sa.Text(), server_default="", nullable=False))
    op.execute("UPDATE notice_recipient SET mode = 'on' WHERE state = 'handed_over'")
    op.execute("UPDATE notice_recipient SET mode = 'off' WHERE state = 'written'")
    with op.batch_alter_table("notice_recipient") as recipient:
        recipient.alter_column("mode", server_default=None, existing_type=sa.Text(), existing_nullable=False)


def downgrade() -> None:
    """Drop them again; what was decided between runs is lost, the events of it stay."""
    with op.batch_alter_table("notice_recipient") as recipient:
        recipient.drop_column("mode")
    for table in ("notice_case", "hold", "dispute", "waiver"):
        op.drop_table(table)


def _decisions() -> None:
    op.create_table(
        "waiver",
        *_about_an_exception("waiver"),
        sa.Column("last_day", sa.String(10), nullable=False),
        _instant("ended_at", nullable=True),
        _text("ended_by"),
        _text("ending"),
        _run("waiver", "ended_run"),
        sa.CheckConstraint("ending IN ('', 'ended', 'expired', 'closed', 'breached')", name=op.f("ck_waiver_ending")),
        sa.PrimaryKeyConstraint("id", name="pk_waiver"),
    )
    op.create_index(
        "uq_waiver_open", "waiver", ["rule_id", "item_ref"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "dispute",
        *_about_an_exception("dispute"),
        _text("claim"),
        sa.CheckConstraint("claim IN ('wrong', 'done_not_recorded', 'cannot_be_done')", name=op.f("ck_dispute_claim")),
        sa.PrimaryKeyConstraint("id", name="pk_dispute"),
    )
    op.create_index("ix_dispute_rule_id", "dispute", ["rule_id", "item_ref"])
    op.create_table(
        "hold",
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("run.id", name="fk_hold_run_id"), nullable=False),
        _text("rule_id"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("opening", "closing", "standing")),
        _instant("accepted_at", nullable=True),
        _text("accepted_by"),
        _text("accepted_why"),
        _run("hold", "used_run"),
        sa.PrimaryKeyConstraint("run_id", "rule_id", name="pk_hold"),
    )


def _about_an_exception(table: str) -> list[Any]:
    """Return the columns of what someone says of an exception: who, why, when, and the run that noted it."""
    return [
        sa.Column("id", ROW_ID, nullable=False),
        *(_text(name) for name in ("rule_id", "item_ref", "author", "reason")),
        _instant("made_at"),
        _run(table, "noted_run"),
        sa.ForeignKeyConstraint(
            ["rule_id", "item_ref"], ["exception.rule_id", "exception.item_ref"], name=f"fk_{table}_rule_id"
        ),
    ]


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _run(table: str, name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey("run.id", name=f"fk_{table}_{name}"), nullable=True)
