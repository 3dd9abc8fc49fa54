"""Who signs in by a provider, and the attempts to do so that are under way."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the columns and the table."""
    by_provider = sa.Column("by_provider", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("account", by_provider)
    op.add_column("account", sa.Column("subject", sa.String(64)))
    op.create_index("account_by_subject", "account", ["subject"], unique=True)
    op.create_table(
        "provider_flow",
        sa.Column("state", sa.String(64), primary_key=True),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False, index=True),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("verifier", sa.String(128), nullable=False),
        sa.Column("wanted", sa.String(500), nullable=False),
        sa.Column("expires", sa.String(32), nullable=False),
    )


def downgrade() -> None:
    """Drop the table and the columns."""
    op.drop_table("provider_flow")
    op.drop_index("account_by_subject", "account")
    op.drop_column("account", "subject")
    op.drop_column("account", "by_provider")
