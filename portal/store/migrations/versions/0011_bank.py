"""Bank files, and the money that came with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Files can be read, and each amount of money is kept once."""
    op.create_table(
        "bank_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booked", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("reversed", sa.Integer(), nullable=False),
        sa.Column("outgoing", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"],
            ["clerk.creditor_id", "clerk.id"],
            name=op.f("fk_bank_file_creditor_id_clerk_id"),
        ),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_bank_file_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_file")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_bank_file_creditor_id_id")),
    )
    op.create_index("ix_bank_file_taken", "bank_file", ["creditor_id", "taken_at"], unique=False)
    op.create_table(
        "bank_transaction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("credit", sa.Boolean(), nullable=False),
        sa.Column("reversal", sa.Boolean(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("servicer_ref", sa.String(), nullable=False),
        sa.Column("entry_ref", sa.String(), nullable=False),
        sa.Column("end_to_end", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("payer_iban", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("same_as", sa.Uuid(), nullable=True),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status <> 'booked' OR claim_id IS NOT NULL", name=op.f("ck_bank_transaction_claim")),
        sa.CheckConstraint(
            "status IN ('new', 'unmatched', 'booked', 'returned', 'ignored', 'reversed', 'replaced')",
            name=op.f("ck_bank_transaction_status"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_bank_transaction_amount")),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name=op.f("fk_bank_transaction_account_id")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"],
            ["claim.creditor_id", "claim.id"],
            name=op.f("fk_bank_transaction_creditor_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "decided_by"],
            ["clerk.creditor_id", "clerk.id"],
            name=op.f("fk_bank_transaction_creditor_id_decided_by"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "file_id"],
            ["bank_file.creditor_id", "bank_file.id"],
            name=op.f("fk_bank_transaction_creditor_id_file_id"),
        ),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_bank_transaction_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_transaction")),
        sa.UniqueConstraint(
            "creditor_id", "account_id", "identity", name=op.f("uq_bank_transaction_creditor_id_account_id_identity")
        ),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_bank_transaction_creditor_id_id")),
    )
    op.create_index("ix_bank_transaction_claim", "bank_transaction", ["creditor_id", "claim_id"], unique=False)
    op.create_index(
        "ix_bank_transaction_entry",
        "bank_transaction",
        ["creditor_id", "account_id", "entry_key", "place"],
        unique=False,
    )
    op.create_index("ix_bank_transaction_file", "bank_transaction", ["creditor_id", "file_id", "status"], unique=False)
    op.create_index(
        "ix_bank_transaction_state", "bank_transaction", ["creditor_id", "status", "value_on"], unique=False
    )
    op.create_index(
        "ix_bank_transaction_sum",
        "bank_transaction",
        ["creditor_id", "account_id", "kind", "amount_minor", "booked_on"],
        unique=False,
    )


def downgrade() -> None:
    """What the bank said is gone; what was booked stays in the ledger."""
    op.drop_table("bank_transaction")
    op.drop_table("bank_file")
