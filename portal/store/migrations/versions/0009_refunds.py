"""Money that goes back, and what each creditor's account at the provider may do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables stand, empty."""
    op.create_table(
        "connection",
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("charges_enabled", sa.Boolean(), nullable=False),
        sa.Column("payouts_enabled", sa.Boolean(), nullable=False),
        sa.Column("details_submitted", sa.Boolean(), nullable=False),
        sa.Column("methods", sa.JSON(), nullable=False),
        sa.Column("due", sa.JSON(), nullable=False),
        sa.Column("disabled_reason", sa.String(), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.CheckConstraint("problem IN ('', 'down', 'closed')", name=op.f("ck_connection_problem")),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_connection_creditor_id")),
        sa.PrimaryKeyConstraint("creditor_id", name=op.f("pk_connection")),
    )
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=True),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(way = 'original') = (attempt_id IS NOT NULL)", name=op.f("ck_refund_attempt")),
        sa.CheckConstraint("(way = 'transfer') = (value_on IS NOT NULL)", name=op.f("ck_refund_value_on")),
        sa.CheckConstraint(
            "alone OR decided_by IS NULL OR decided_by <> requested_by OR status = 'declined'",
            name=op.f("ck_refund_second"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_amount")),
        sa.CheckConstraint(
            "reason IN ('paid_too_much', 'paid_twice', 'not_owed', 'goods_returned', 'wrong_person', 'goodwill')",
            name=op.f("ck_refund_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('requested', 'approved', 'sent', 'unknown', 'succeeded', 'failed', 'declined', 'reversed')",
            name=op.f("ck_refund_status"),
        ),
        sa.CheckConstraint("way IN ('original', 'transfer')", name=op.f("ck_refund_way")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "attempt_id"],
            ["payment_attempt.creditor_id", "payment_attempt.id"],
            name=op.f("fk_refund_creditor_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_refund_creditor_id_claim_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "decided_by"],
            ["clerk.creditor_id", "clerk.id"],
            name=op.f("fk_refund_creditor_id_decided_by"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "requested_by"],
            ["clerk.creditor_id", "clerk.id"],
            name=op.f("fk_refund_creditor_id_requested_by"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_refund_creditor_id_id")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_refund_provider_id")),
    )
    op.create_index("ix_refund_claim", "refund", ["creditor_id", "claim_id"], unique=False)
    op.create_index("ix_refund_status", "refund", ["creditor_id", "status"], unique=False)


def downgrade() -> None:
    """The tables are gone, with everything in them."""
    op.drop_table("refund")
    op.drop_table("connection")
