"""Documents that a file of claims names and that nobody has handed in yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A document that comes later finds its claims by its name, and one on many claims is copied once."""
    op.create_table(
        "import_evidence",
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"],
            ["claim.creditor_id", "claim.id"],
            name=op.f("fk_import_evidence_creditor_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(["import_id"], ["claim_import.id"], name=op.f("fk_import_evidence_import_id")),
        sa.PrimaryKeyConstraint("creditor_id", "claim_id", "key", name=op.f("pk_import_evidence")),
    )
    op.create_index("ix_import_evidence_import", "import_evidence", ["creditor_id", "import_id", "key"])
    op.create_index("ix_attachment_original", "attachment", ["creditor_id", "original_key"])


def downgrade() -> None:
    """Nobody knows which documents are missing."""
    op.drop_index("ix_attachment_original", table_name="attachment")
    op.drop_index("ix_import_evidence_import", table_name="import_evidence")
    op.drop_table("import_evidence")
