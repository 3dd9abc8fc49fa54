"""The list of letters: which items went out with which letter.

The register fills it from its events.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "letter",
        sa.Column("item", sa.String(16), primary_key=True),
        sa.Column("event", sa.Integer, primary_key=True),
        sa.Column("letter", sa.String(16), nullable=False),
        sa.Column("kode", sa.String(13), nullable=False),
        sa.Column("number", sa.String(200), nullable=False),
        sa.Column("jenis", sa.String(10), nullable=False),
        sa.Column("nama", sa.String(200), nullable=False),
        sa.Column("sent", sa.String(32), nullable=False),
    )
    op.create_index("letter_by_id", "letter", ["letter"])
    op.create_index("letter_by_place", "letter", ["kode", "sent"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("letter")
