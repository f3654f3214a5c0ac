"""What a person made of verdicts drawn at random from a run."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "sample_score",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("run.id", name="fk_sample_score_run_id"), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("seed", "drawn", "answered", "agreed")),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("scored_at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sample_score"),
    )
    op.create_index("ix_sample_score_run_id", "sample_score", ["run_id"])


def downgrade() -> None:
    """Drop it again, and what people said with it."""
    op.drop_table("sample_score")
