"""The log of events, and the list of items that it makes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "event",
        sa.Column("item", sa.String(16), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("moment", sa.String(32), nullable=False),
        sa.Column("event", sa.Text, nullable=False),
    )
    op.create_table(
        "item",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kode", sa.String(13), nullable=False),
        sa.Column("layanan", sa.String(200)),
        sa.Column("ukuran", sa.String(200)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("due", sa.String(10)),
        sa.Column("met_tahun", sa.Integer),
    )
    op.create_index("item_by_place", "item", ["kode", "layanan", "ukuran"])
    op.create_index("item_by_state", "item", ["state", "due"])


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("item")
    op.drop_table("event")
