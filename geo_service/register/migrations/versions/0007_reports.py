"""Reports of everybody, beside the log of events."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "report",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("receipt", sa.String(64), nullable=False, unique=True),
        sa.Column("kode", sa.String(13), nullable=False),
        sa.Column("layanan", sa.String(200)),
        sa.Column("complaint", sa.String(12), nullable=False),
        sa.Column("text", sa.String(1_000), nullable=False),
        sa.Column("lon", sa.Float),
        sa.Column("lat", sa.Float),
        sa.Column("moment", sa.String(32), nullable=False),
        sa.Column("decided", sa.String(32)),
        sa.Column("item", sa.String(16)),
        sa.Column("reason", sa.String(2_000)),
    )
    op.create_index("report_by_kode", "report", ["kode", "moment"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("report")
