"""Goodwill goes with the money that had earned it: waivers that are owed again, disputes that were lost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whose waiver does not count any more is known, and which card money will not come again."""
    op.add_column("waiver", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payment_attempt", sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE payment_attempt SET lost_at = (SELECT min(task.since) FROM task WHERE task.kind = 'dispute_lost'"
        " AND task.creditor_id = payment_attempt.creditor_id AND task.subject_id = payment_attempt.id)"
    )


def downgrade() -> None:
    """What was undone counts as waived again."""
    op.drop_column("payment_attempt", "lost_at")
    op.drop_column("waiver", "undone_at")
