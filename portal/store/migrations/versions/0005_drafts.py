"""In which session a draft was typed, so that a letter alone shows it to nobody else."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drafts may name the session in which they were typed."""
    op.add_column("draft", sa.Column("signed_in_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Drafts belong to the person alone."""
    op.drop_column("draft", "signed_in_id")
