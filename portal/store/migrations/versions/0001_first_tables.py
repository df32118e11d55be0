"""The first tables: the firm, its people, claims, letters, and what claims rest on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables stand, empty."""
    op.create_table(
        "creditor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("house_number", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("canton", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("hours", sa.String(), nullable=False),
        sa.Column("website", sa.String(), nullable=False),
        sa.Column("stripe_account", sa.String(), nullable=False),
        sa.Column("accent", sa.String(), nullable=False),
        sa.Column("strict", sa.Boolean(), nullable=False),
        sa.Column("health", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answer_days", sa.Integer(), nullable=False),
        sa.Column("plan_max_instalments", sa.Integer(), nullable=False),
        sa.Column("plan_at_once_instalments", sa.Integer(), nullable=False),
        sa.Column("plan_min_instalment_minor", sa.BigInteger(), nullable=False),
        sa.Column("plan_latest_start_days", sa.Integer(), nullable=False),
        sa.Column("small_claim_minor", sa.BigInteger(), nullable=False),
        sa.Column("deferral_at_once_days", sa.Integer(), nullable=False),
        sa.Column("deferral_latest_days", sa.Integer(), nullable=False),
        sa.Column("rest_drop_minor", sa.BigInteger(), nullable=False),
        sa.Column("agent_waive_minor", sa.BigInteger(), nullable=False),
        sa.Column("lead_refund_minor", sa.BigInteger(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("answer_days BETWEEN 1 AND 3", name=op.f("ck_creditor_answer_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditor")),
        sa.UniqueConstraint("number", name=op.f("uq_creditor_number")),
        sa.UniqueConstraint("slug", name=op.f("uq_creditor_slug")),
    )
    op.create_table(
        "bank_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("qr_iban", sa.String(), nullable=True),
        sa.Column("bic", sa.String(), nullable=True),
        sa.Column("sepa", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_bank_account_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("creditor_id", "currency", name=op.f("uq_bank_account_creditor_id_currency")),
    )
    op.create_table(
        "clerk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("function", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("hours", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("feminine", sa.Boolean(), nullable=False),
        sa.Column("shortcuts", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("totp_seed", sa.LargeBinary(), nullable=False),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tries_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('agent', 'lead', 'admin', 'auditor')", name=op.f("ck_clerk_role")),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_clerk_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clerk")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_clerk_creditor_id_id")),
        sa.UniqueConstraint("email", name=op.f("uq_clerk_email")),
    )
    op.create_table(
        "debtor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contact_name", sa.String(), nullable=False),
        sa.Column("salutation", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("house_number", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("canton", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("customer_number", sa.String(), nullable=True),
        sa.Column("identity", sa.LargeBinary(), nullable=True),
        sa.Column("fact_kind", sa.String(), nullable=True),
        sa.Column("fact_hash", sa.LargeBinary(), nullable=True),
        sa.Column("pin_hash", sa.String(), nullable=True),
        sa.Column("pin_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pin_invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_way", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("address_unclear", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'company')", name=op.f("ck_debtor_kind")),
        sa.CheckConstraint("(fact_kind IS NULL) = (fact_hash IS NULL)", name=op.f("ck_debtor_fact")),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_debtor_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debtor")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_debtor_creditor_id_id")),
    )
    op.create_index("ix_debtor_customer", "debtor", ["creditor_id", "customer_number"], unique=False)
    op.create_index("ix_debtor_identity", "debtor", ["creditor_id", "identity"], unique=False)
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.CheckConstraint("clerk_id <> deputy_id", name=op.f("ck_absence_deputy")),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_absence_days")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"], name=op.f("fk_absence_creditor_id_clerk_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "deputy_id"],
            ["clerk.creditor_id", "clerk.id"],
            name=op.f("fk_absence_creditor_id_deputy_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_table(
        "claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("invoice_number", sa.String(), nullable=False),
        sa.Column("invoice_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("pay_by", sa.Date(), nullable=False),
        sa.Column("next_writing_on", sa.Date(), nullable=True),
        sa.Column("qr_reference", sa.String(), nullable=False),
        sa.Column("consumer", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("debtor_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clerk_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced_until", sa.Date(), nullable=True),
        sa.Column("step_announced_for", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'open', 'settled', 'withdrawn', 'handed_over')", name=op.f("ck_claim_status")
        ),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_claim_currency")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"], name=op.f("fk_claim_creditor_id_clerk_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "debtor_id"],
            ["debtor.creditor_id", "debtor.id"],
            name=op.f("fk_claim_creditor_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_claim_creditor_id_id")),
    )
    op.create_index("ix_claim_debtor", "claim", ["creditor_id", "debtor_id"], unique=False)
    op.create_index("ix_claim_waiting", "claim", ["creditor_id", "waiting_since"], unique=False)
    op.create_index(
        "uq_claim_qr_reference",
        "claim",
        ["creditor_id", "qr_reference"],
        unique=True,
        sqlite_where=sa.text("qr_reference <> ''"),
        postgresql_where=sa.text("qr_reference <> ''"),
    )
    op.create_index(
        "uq_claim_reference",
        "claim",
        ["creditor_id", "reference"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("pay_by", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("op", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["creditor_id", "debtor_id"],
            ["debtor.creditor_id", "debtor.id"],
            name=op.f("fk_letter_creditor_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_letter_creditor_id_id")),
    )
    op.create_index("ix_letter_debtor", "letter", ["creditor_id", "debtor_id", "issued_at"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=True),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("original_key", sa.String(), nullable=True),
        sa.Column("ready_key", sa.String(), nullable=True),
        sa.Column("ready_type", sa.String(), nullable=True),
        sa.Column("ready_size", sa.BigInteger(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('draft', 'message', 'dispute', 'hardship', 'evidence', 'booking')",
            name=op.f("ck_attachment_purpose"),
        ),
        sa.CheckConstraint("state IN ('received', 'ready', 'rejected', 'damaged')", name=op.f("ck_attachment_state")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"],
            ["claim.creditor_id", "claim.id"],
            name=op.f("fk_attachment_creditor_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"],
            ["clerk.creditor_id", "clerk.id"],
            name=op.f("fk_attachment_creditor_id_clerk_id"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "debtor_id"],
            ["debtor.creditor_id", "debtor.id"],
            name=op.f("fk_attachment_creditor_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_attachment_creditor_id_id")),
    )
    op.create_index("ix_attachment_claim", "attachment", ["creditor_id", "claim_id"], unique=False)
    op.create_index("ix_attachment_subject", "attachment", ["creditor_id", "subject_id"], unique=False)
    op.create_table(
        "letter_claim",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fixed_until", sa.Date(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"],
            ["claim.creditor_id", "claim.id"],
            name=op.f("fk_letter_claim_creditor_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "letter_id"],
            ["letter.creditor_id", "letter.id"],
            name=op.f("fk_letter_claim_creditor_id_letter_id"),
        ),
        sa.PrimaryKeyConstraint("letter_id", "claim_id", name=op.f("pk_letter_claim")),
    )
    op.create_index("ix_letter_claim_claim", "letter_claim", ["creditor_id", "claim_id"], unique=False)
    op.create_table(
        "position",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("claimed_minor", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("rate_percent", sa.String(), nullable=True),
        sa.Column("interest_from", sa.Date(), nullable=True),
        sa.Column("interest_reason", sa.String(), nullable=True),
        sa.Column("day_count", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('principal', 'contract_interest', 'default_interest', 'reminder_fee', 'damage', "
            "'agency_cost', 'enforcement_cost', 'court_cost')",
            name=op.f("ck_position_kind"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('contract_interest', 'default_interest') OR (rate_percent IS NOT NULL AND "
            "interest_from IS NOT NULL AND interest_reason IS NOT NULL)",
            name=op.f("ck_position_interest"),
        ),
        sa.CheckConstraint("claimed_minor >= 0", name=op.f("ck_position_claimed")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"],
            ["claim.creditor_id", "claim.id"],
            name=op.f("fk_position_creditor_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
        sa.UniqueConstraint("claim_id", "number", name=op.f("uq_position_claim_id_number")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_position_creditor_id_id")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("with_letter", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["creditor_id", "attachment_id"],
            ["attachment.creditor_id", "attachment.id"],
            name=op.f("fk_evidence_creditor_id_attachment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"],
            ["claim.creditor_id", "claim.id"],
            name=op.f("fk_evidence_creditor_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_evidence_creditor_id_id")),
    )
    op.create_index("ix_evidence_claim", "evidence", ["creditor_id", "claim_id"], unique=False)


def downgrade() -> None:
    """The tables are gone, with everything in them."""
    op.drop_table("evidence")
    op.drop_table("position")
    op.drop_table("letter_claim")
    op.drop_table("attachment")
    op.drop_table("letter")
    op.drop_table("claim")
    op.drop_table("absence")
    op.drop_table("debtor")
    op.drop_table("clerk")
    op.drop_table("bank_account")
    op.drop_table("creditor")
