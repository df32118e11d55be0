"""What the division of each payment rests on, and the lines that somebody chose to pay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every payment that stands has a record; one from before this was divided in the order of Swiss law."""
    op.create_table(
        "allocation",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("declared", sa.JSON(), nullable=False),
        sa.Column("contested", sa.JSON(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("word IN ('payer', 'plan', 'decision', 'law')", name=op.f("ck_allocation_word")),
        sa.CheckConstraint("(replaced_by IS NULL) OR (replaced_at IS NOT NULL)", name=op.f("ck_allocation_replaced")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "entry_id"],
            ["entry.creditor_id", "entry.id"],
            name=op.f("fk_allocation_creditor_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "replaced_by"],
            ["entry.creditor_id", "entry.id"],
            name=op.f("fk_allocation_creditor_id_replaced_by"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"],
            ["claim.creditor_id", "claim.id"],
            name=op.f("fk_allocation_creditor_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_allocation")),
    )
    op.create_index("ix_allocation_claim", "allocation", ["creditor_id", "claim_id"], unique=False)
    op.execute(
        "INSERT INTO allocation (entry_id, creditor_id, claim_id, policy, word, declared, contested, reference) "
        "SELECT id, creditor_id, claim_id, 'CH/1', 'law', '[]', '[]', idem_key FROM entry "
        "WHERE claim_id IS NOT NULL AND kind IN ('payment', 'refund', 'chargeback', 'allocation')"
    )
    op.add_column("payment_attempt", sa.Column("declared", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Payments say no more what they rest on."""
    op.drop_column("payment_attempt", "declared")
    op.drop_table("allocation")
