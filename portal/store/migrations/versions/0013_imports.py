"""Files of claims that were taken in, and which of their columns says what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """An import has a row before its first claim, and a confirmed mapping is remembered."""
    op.create_table(
        "claim_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=True),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint("state IN ('given', 'writing', 'done', 'undone')", name=op.f("ck_claim_import_state")),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_claim_import_creditor_id")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"],
            ["clerk.creditor_id", "clerk.id"],
            name=op.f("fk_claim_import_creditor_id_clerk_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_import")),
    )
    op.create_index("ix_claim_import_started", "claim_import", ["creditor_id", "started_at"])
    op.create_index(
        "uq_claim_import_writing",
        "claim_import",
        ["creditor_id"],
        unique=True,
        sqlite_where=sa.text("state = 'writing'"),
        postgresql_where=sa.text("state = 'writing'"),
    )
    op.create_index(
        "ix_claim_import",
        "claim",
        ["creditor_id", "import_id"],
        sqlite_where=sa.text("import_id IS NOT NULL"),
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_table(
        "import_mapping",
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_import_mapping_creditor_id")),
        sa.PrimaryKeyConstraint("creditor_id", "header", name=op.f("pk_import_mapping")),
    )


def downgrade() -> None:
    """No file of claims is remembered; the claims stay."""
    op.drop_table("import_mapping")
    op.drop_index("ix_claim_import", table_name="claim")
    op.drop_table("claim_import")
