"""The day on which an offer begins to fix the sum, and what a creditor promises everybody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An offer from before this counts from the day of its moment; no creditor has promised anything yet."""
    op.add_column("offer", sa.Column("made_on", sa.Date(), nullable=True))
    op.execute("UPDATE offer SET made_on = date(made_at)")
    op.add_column("creditor", sa.Column("goodwill_rules", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Promises that were made are forgotten."""
    op.drop_column("creditor", "goodwill_rules")
    op.drop_column("offer", "made_on")
