"""What a debtor can do besides paying, and what the desk decides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables stand, empty."""
    op.create_table(
        "deferral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("notice_version", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('proposed', 'granted', 'declined', 'withdrawn', 'replaced', 'ended')",
            name=op.f("ck_deferral_status"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"],
            ["claim.creditor_id", "claim.id"],
            name=op.f("fk_deferral_creditor_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferral")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_deferral_creditor_id_id")),
    )
    op.create_index("ix_deferral_claim", "deferral", ["creditor_id", "claim_id"], unique=False)
    op.create_table(
        "dispute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("signed_in_id", sa.Uuid(), nullable=True),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("found_minor", sa.BigInteger(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("new_sum_minor", sa.BigInteger(), nullable=True),
        sa.Column("reopened", sa.Boolean(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reason IN ('paid', 'amount', 'quality', 'returned', 'not_ordered', 'too_old', 'costs', 'other')",
            name=op.f("ck_dispute_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'asked', 'upheld', 'partly', 'rejected', 'withdrawn')", name=op.f("ck_dispute_status")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_dispute_creditor_id_claim_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_dispute_creditor_id_id")),
    )
    op.create_index("ix_dispute_claim", "dispute", ["creditor_id", "claim_id"], unique=False)
    op.create_table(
        "hardship",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("proof_accepted", sa.Boolean(), nullable=False),
        sa.Column("signed_in_id", sa.Uuid(), nullable=True),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('told', 'asked', 'accepted', 'declined', 'withdrawn', 'ended')", name=op.f("ck_hardship_status")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"],
            ["claim.creditor_id", "claim.id"],
            name=op.f("fk_hardship_creditor_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hardship")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_hardship_creditor_id_id")),
    )
    op.create_index("ix_hardship_claim", "hardship", ["creditor_id", "claim_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=True),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("signed_in_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind = 'message' OR clerk_id IS NOT NULL", name=op.f("ck_message_note")),
        sa.CheckConstraint("kind IN ('message', 'note')", name=op.f("ck_message_kind")),
        sa.CheckConstraint("(debtor_id IS NULL) <> (clerk_id IS NULL)", name=op.f("ck_message_sender")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_message_creditor_id_claim_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"], name=op.f("fk_message_creditor_id_clerk_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "debtor_id"],
            ["debtor.creditor_id", "debtor.id"],
            name=op.f("fk_message_creditor_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_message_creditor_id_id")),
    )
    op.create_index("ix_message_claim", "message", ["creditor_id", "claim_id", "sent_at"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("live_flag", sa.Boolean(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("owed_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("on_letter", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('live', 'taken', 'expired', 'withdrawn')", name=op.f("ck_offer_status")),
        sa.CheckConstraint("amount_minor > 0 AND amount_minor < owed_minor", name=op.f("ck_offer_amount")),
        sa.CheckConstraint("live_flag IS NULL OR live_flag", name=op.f("ck_offer_live_flag")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_offer_creditor_id_claim_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"], name=op.f("fk_offer_creditor_id_clerk_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_offer_creditor_id_id")),
    )
    op.create_index(
        "uq_offer_live",
        "offer",
        ["creditor_id", "claim_id"],
        unique=True,
        sqlite_where=sa.text("live_flag IS NOT NULL"),
        postgresql_where=sa.text("live_flag IS NOT NULL"),
    )
    op.create_table(
        "pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=True),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("stops_letters", sa.Boolean(), nullable=False),
        sa.Column("stops_costs", sa.Boolean(), nullable=False),
        sa.Column("stops_interest", sa.Boolean(), nullable=False),
        sa.Column("stops_steps", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_pause_creditor_id_claim_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_pause_creditor_id_id")),
    )
    op.create_index("ix_pause_claim", "pause", ["creditor_id", "claim_id"], unique=False)
    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("live_flag", sa.Boolean(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("asked_instalments", sa.Integer(), nullable=True),
        sa.Column("asked_amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("covered", sa.JSON(), nullable=False),
        sa.Column("covered_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_before_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("notice_version", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("late_since", sa.Date(), nullable=True),
        sa.Column("noticed_on", sa.Date(), nullable=True),
        sa.Column("moved_once", sa.Boolean(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "status IN ('proposed', 'countered', 'agreed', 'late', 'declined', 'withdrawn', "
            "'replaced', 'expired', 'broken', 'kept', 'ended')",
            name=op.f("ck_plan_status"),
        ),
        sa.CheckConstraint("covered_minor > 0", name=op.f("ck_plan_covered")),
        sa.CheckConstraint("live_flag IS NULL OR live_flag", name=op.f("ck_plan_live_flag")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_plan_creditor_id_claim_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_plan_creditor_id_id")),
    )
    op.create_index("ix_plan_claim", "plan", ["creditor_id", "claim_id"], unique=False)
    op.create_index(
        "uq_plan_live",
        "plan",
        ["creditor_id", "claim_id"],
        unique=True,
        sqlite_where=sa.text("live_flag IS NOT NULL"),
        postgresql_where=sa.text("live_flag IS NOT NULL"),
    )
    op.create_table(
        "dispute_line",
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("live_flag", sa.Boolean(), nullable=True),
        sa.CheckConstraint("live_flag IS NULL OR live_flag", name=op.f("ck_dispute_line_live_flag")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "dispute_id"],
            ["dispute.creditor_id", "dispute.id"],
            name=op.f("fk_dispute_line_creditor_id_dispute_id"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "position_id"],
            ["position.creditor_id", "position.id"],
            name=op.f("fk_dispute_line_creditor_id_position_id"),
        ),
        sa.PrimaryKeyConstraint("dispute_id", "position_id", name=op.f("pk_dispute_line")),
    )
    op.create_index(
        "uq_dispute_line_live",
        "dispute_line",
        ["creditor_id", "position_id"],
        unique=True,
        sqlite_where=sa.text("live_flag IS NOT NULL"),
        postgresql_where=sa.text("live_flag IS NOT NULL"),
    )
    op.create_table(
        "plan_instalment",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_plan_instalment_amount")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "plan_id"],
            ["plan.creditor_id", "plan.id"],
            name=op.f("fk_plan_instalment_creditor_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("plan_id", "round", "number", name=op.f("pk_plan_instalment")),
    )
    op.create_table(
        "waiver",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("note_code", sa.String(), nullable=False),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_waiver_amount")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_waiver_creditor_id_claim_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"], name=op.f("fk_waiver_creditor_id_clerk_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "position_id"],
            ["position.creditor_id", "position.id"],
            name=op.f("fk_waiver_creditor_id_position_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_waiver_creditor_id_id")),
    )
    op.create_index("ix_waiver_claim", "waiver", ["creditor_id", "claim_id"], unique=False)


def downgrade() -> None:
    """The tables are gone, with everything in them."""
    op.drop_table("waiver")
    op.drop_table("plan_instalment")
    op.drop_table("dispute_line")
    op.drop_table("plan")
    op.drop_table("pause")
    op.drop_table("offer")
    op.drop_table("message")
    op.drop_table("hardship")
    op.drop_table("dispute")
    op.drop_table("deferral")
