"""Files that lie beside an import at the desk until nobody needs them any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Documents, the check list and the refused rows have a row each."""
    op.create_table(
        "import_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("store_key", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('document', 'list', 'refused')", name=op.f("ck_import_file_purpose")),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_import_file_creditor_id")),
        sa.ForeignKeyConstraint(["import_id"], ["claim_import.id"], name=op.f("fk_import_file_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
    )
    op.create_index("ix_import_file_import", "import_file", ["creditor_id", "import_id", "purpose"])


def downgrade() -> None:
    """The bytes are nobody's any more, and the sweep takes them."""
    op.drop_table("import_file")
