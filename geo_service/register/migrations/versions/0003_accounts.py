"""Accounts, their invitations and sessions, attempts to sign in, and the audit list."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "account",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("login", sa.String(80), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("area", sa.String(13)),
        sa.Column("office", sa.String(200)),
        sa.Column("password", sa.String(200)),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("disabled", sa.String(32)),
    )
    op.create_table(
        "invitation",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(16), nullable=False, index=True),
        sa.Column("expires", sa.String(32), nullable=False),
        sa.Column("used", sa.String(32)),
    )
    op.create_table(
        "session",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(16), nullable=False, index=True),
        sa.Column("seen", sa.String(32), nullable=False),
        sa.Column("expires", sa.String(32), nullable=False),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("moment", sa.String(32), nullable=False),
    )
    op.create_index("attempt_by_key", "attempt", ["key", "moment"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("moment", sa.String(32), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("login", sa.String(80), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("address", sa.String(64)),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("audit", "attempt", "session", "invitation", "account"):
        op.drop_table(table)
