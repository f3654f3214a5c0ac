"""A message that was lost knows in which notice the operator was told; the pace of sending is read off an index."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FOREIGN_KEY = "fk_notice_recipient_reported_in"


def upgrade() -> None:
    """Add the column and the index; what was lost before is told of by the next sender."""
    with op.batch_alter_table("notice_recipient") as recipient:
        recipient.add_column(sa.Column("reported_in", ROW_ID, nullable=True))
        recipient.create_foreign_key(FOREIGN_KEY, "notice", ["reported_in"], ["id"])
    op.create_index("ix_notice_recipient_changed_at", "notice_recipient", ["changed_at"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_notice_recipient_changed_at", "notice_recipient")
    with op.batch_alter_table("notice_recipient") as recipient:
        recipient.drop_constraint(FOREIGN_KEY, type_="foreignkey")
        recipient.drop_column("reported_in")
