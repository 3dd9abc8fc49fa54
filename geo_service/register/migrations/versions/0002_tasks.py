"""The list of tasks, of which public figures are made, and what the public sees of an item.

The register fills both from its events.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


SEEN: dict[str, sa.types.TypeEngine[Any]] = {
    "title": sa.String(200),
    "lon": sa.Float(),
    "lat": sa.Float(),
    "changed": sa.String(32),
}


def upgrade() -> None:
    """Make the table and the columns."""
    for name, kind in SEEN.items():
        op.add_column("item", sa.Column(name, kind))
    op.create_table(
        "task",
        sa.Column("item", sa.String(16), primary_key=True),
        sa.Column("jenis", sa.String(10), primary_key=True),
        sa.Column("nama", sa.String(200), primary_key=True),
        sa.Column("provinsi", sa.String(2), nullable=False),
        sa.Column("kode", sa.String(13), nullable=False),
        sa.Column("layanan", sa.String(200)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("sent", sa.String(32)),
        sa.Column("due", sa.String(10)),
        sa.Column("answered", sa.String(32)),
        sa.Column("answer", sa.String(20)),
        sa.Column("in_time", sa.Boolean),
        sa.Column("days", sa.Integer),
        sa.Column("reason", sa.Text),
        sa.Column("document", sa.String(10)),
        sa.Column("tahun", sa.Integer),
        sa.Column("amount_idr", sa.BigInteger),
    )
    op.create_index("task_by_place", "task", ["kode"])
    op.create_index("task_by_addressee", "task", ["jenis", "nama", "kode"])
    answer = ["provinsi", "answer", "in_time", "state", "document", "amount_idr"]
    op.create_index("task_by_answer", "task", answer)
    op.create_index("task_by_days", "task", ["provinsi", "days"])
    waiting = sa.text("answer IS NULL")
    op.create_index(
        "task_waiting",
        "task",
        ["provinsi", "due"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def downgrade() -> None:
    """Drop the table and the columns."""
    op.drop_table("task")
    for name in SEEN:
        op.drop_column("item", name)
