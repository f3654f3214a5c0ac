"""Who replayed or exported what, when and why (Data Protection Act 2018, section 62)."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; of what was looked at before nothing is known."""
    op.create_table(
        "access",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("who", "what", "why")),
        sa.PrimaryKeyConstraint("id", name="pk_access"),
    )


def downgrade() -> None:
    """Drop it again, and with it who looked at what."""
    op.drop_table("access")
