"""To whom the follow-up list proposes to send an item; the register fills it from its events."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

PROPOSED: dict[str, int] = {"for_jenis": 10, "for_nama": 200}


def upgrade() -> None:
    """Make the columns."""
    for name, length in PROPOSED.items():
        op.add_column("item", sa.Column(name, sa.String(length)))


def downgrade() -> None:
    """Drop the columns."""
    for name in PROPOSED:
        op.drop_column("item", name)
