"""Events of which nobody was told, contacts, messages, and keys of calendars."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables; nobody is told of what happened before."""
    op.create_table(
        "unposted",
        sa.Column("item", sa.String(16), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("moment", sa.String(32), nullable=False, index=True),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("area", sa.String(13), nullable=False),
        sa.Column("office", sa.String(200)),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("address", sa.String(500), nullable=False),
        sa.Column("secret", sa.String(80)),
        sa.Column("made", sa.String(32), nullable=False),
        sa.Column("ended", sa.String(32)),
        sa.Column("reason", sa.String(300)),
    )
    op.create_index("contact_by_area", "contact", ["area", "role"])
    op.create_table(
        "message",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("contact", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("item", sa.String(16)),
        sa.Column("number", sa.Integer),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("made", sa.String(32), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("due", sa.String(32), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("holder", sa.String(32)),
        sa.Column("ended", sa.String(32)),
        sa.Column("reason", sa.String(300)),
    )
    op.create_index("message_by_state", "message", ["state", "due"])
    op.create_index("message_by_contact", "message", ["contact", "made"])
    op.create_table(
        "calendar_key",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(16), index=True),
        sa.Column("contact", sa.String(16), index=True),
        sa.Column("made", sa.String(32), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("calendar_key", "message", "contact", "unposted"):
        op.drop_table(table)
