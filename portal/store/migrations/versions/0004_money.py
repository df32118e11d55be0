"""Attempts to pay, the provider's events, and the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables stand, empty."""
    op.create_table(
        "provider_event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('received', 'done', 'ignored')", name=op.f("ck_provider_event_state")),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_provider_event_creditor_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_provider_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_provider_event_event_id")),
    )
    op.create_index("ix_provider_event_due", "provider_event", ["state", "next_try_at"], unique=False)
    op.create_table(
        "booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("note_code", sa.String(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_booking_amount")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_booking_creditor_id_claim_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"], name=op.f("fk_booking_creditor_id_clerk_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_booking_creditor_id_id")),
    )
    op.create_table(
        "entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause_type", sa.String(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("idem_key", sa.String(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("note_code", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('claimed', 'interest', 'payment', 'refund', 'chargeback', 'fee', 'waiver', "
            "'credit', 'rest_dropped', 'allocation', 'reversal', 'suspense')",
            name=op.f("ck_entry_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_entry_creditor_id_claim_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "reverses_id"],
            ["entry.creditor_id", "entry.id"],
            name=op.f("fk_entry_creditor_id_reverses_id"),
        ),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_entry_creditor_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_entry")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_entry_creditor_id_id")),
        sa.UniqueConstraint("creditor_id", "idem_key", name=op.f("uq_entry_creditor_id_idem_key")),
        sa.UniqueConstraint("id", name=op.f("uq_entry_id")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_entry_reverses_id")),
    )
    op.create_index("ix_entry_claim", "entry", ["creditor_id", "claim_id"], unique=False)
    op.create_table(
        "payment_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("open_flag", sa.Boolean(), nullable=True),
        sa.Column("return_ref", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("stripe_account", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("session_url", sa.String(), nullable=True),
        sa.Column("pi_id", sa.String(), nullable=True),
        sa.Column("signed_in_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("object_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('created', 'open', 'closing', 'paid', 'failed', 'expired')",
            name=op.f("ck_payment_attempt_status"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_attempt_amount")),
        sa.CheckConstraint("open_flag IS NULL OR open_flag", name=op.f("ck_payment_attempt_open_flag")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"],
            ["claim.creditor_id", "claim.id"],
            name=op.f("fk_payment_attempt_creditor_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempt")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_payment_attempt_creditor_id_id")),
        sa.UniqueConstraint("pi_id", name=op.f("uq_payment_attempt_pi_id")),
        sa.UniqueConstraint("return_ref", name=op.f("uq_payment_attempt_return_ref")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payment_attempt_session_id")),
    )
    op.create_index("ix_payment_attempt_claim", "payment_attempt", ["creditor_id", "claim_id"], unique=False)
    op.create_index(
        "uq_payment_attempt_open",
        "payment_attempt",
        ["creditor_id", "claim_id"],
        unique=True,
        sqlite_where=sa.text("open_flag IS NOT NULL"),
        postgresql_where=sa.text("open_flag IS NOT NULL"),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("position_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.CheckConstraint("(kind = 'receivable') = (position_id IS NOT NULL)", name=op.f("ck_account_receivable")),
        sa.CheckConstraint(
            "kind IN ('receivable', 'principal_income', 'fee_income', 'interest_income', "
            "'provider_clearing', 'provider_fee', 'bank_clearing', 'creditor_payable', "
            "'debtor_credit', 'dispute_hold', 'writeoff', 'suspense')",
            name=op.f("ck_account_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_account_creditor_id_claim_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "position_id"],
            ["position.creditor_id", "position.id"],
            name=op.f("fk_account_creditor_id_position_id"),
        ),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_account_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("creditor_id", "id", "currency", name=op.f("uq_account_creditor_id_id_currency")),
    )
    op.create_index("ix_account_claim", "account", ["creditor_id", "claim_id"], unique=False)
    op.create_table(
        "posting",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_posting_not_zero")),
        sa.CheckConstraint("amount_minor BETWEEN -100000000000 AND 100000000000", name=op.f("ck_posting_bounds")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "account_id", "currency"],
            ["account.creditor_id", "account.id", "account.currency"],
            name=op.f("fk_posting_creditor_id_account_id_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "entry_id"],
            ["entry.creditor_id", "entry.id"],
            name=op.f("fk_posting_creditor_id_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("entry_id", "line", name=op.f("pk_posting")),
    )
    op.create_index("ix_posting_account", "posting", ["account_id"], unique=False)


def downgrade() -> None:
    """The tables are gone, with everything in them."""
    op.drop_table("posting")
    op.drop_table("account")
    op.drop_table("payment_attempt")
    op.drop_table("entry")
    op.drop_table("booking")
    op.drop_table("provider_event")
