"""Who may come in, what happened, and what waits to be done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables stand, empty."""
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('due', 'done', 'failed')", name=op.f("ck_job_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_job_dedupe_key")),
    )
    op.create_index("ix_job_due", "job", ["state", "run_at"], unique=False)
    op.create_table(
        "throttle",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("window", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", "window", name=op.f("pk_throttle")),
    )
    op.create_index(op.f("ix_throttle_expires_at"), "throttle", ["expires_at"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["creditor_id", "debtor_id"],
            ["debtor.creditor_id", "debtor.id"],
            name=op.f("fk_draft_creditor_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_index("ix_draft_debtor", "draft", ["creditor_id", "debtor_id"], unique=False)
    op.create_table(
        "signed_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=True),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("letters", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_out", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(audience = 'debtor' AND debtor_id IS NOT NULL AND clerk_id IS NULL) OR (audience = "
            "'desk' AND clerk_id IS NOT NULL AND debtor_id IS NULL)",
            name=op.f("ck_signed_in_audience"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"],
            ["clerk.creditor_id", "clerk.id"],
            name=op.f("fk_signed_in_creditor_id_clerk_id"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "debtor_id"],
            ["debtor.creditor_id", "debtor.id"],
            name=op.f("fk_signed_in_creditor_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_signed_in_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_signed_in_token_hash")),
    )
    op.create_index("ix_signed_in_clerk", "signed_in", ["creditor_id", "clerk_id"], unique=False)
    op.create_index("ix_signed_in_debtor", "signed_in", ["creditor_id", "debtor_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("signed_in_id", sa.Uuid(), nullable=True),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_event_creditor_id_claim_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"], name=op.f("fk_event_creditor_id_clerk_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("creditor_id", "seq", name=op.f("uq_event_creditor_id_seq")),
    )
    op.create_index("ix_event_claim", "event", ["creditor_id", "claim_id", "seq"], unique=False)
    op.create_table(
        "letter_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("lookup", sa.String(length=6), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("kdf", sa.String(), nullable=False),
        sa.Column("kid", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.String(), nullable=True),
        sa.Column("fail_code", sa.Integer(), nullable=False),
        sa.Column("fail_fact", sa.Integer(), nullable=False),
        sa.Column("last_fail_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("success_count", sa.Integer(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["creditor_id", "debtor_id"],
            ["debtor.creditor_id", "debtor.id"],
            name=op.f("fk_letter_code_creditor_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "letter_id"],
            ["letter.creditor_id", "letter.id"],
            name=op.f("fk_letter_code_creditor_id_letter_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_code")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_letter_code_creditor_id_id")),
        sa.UniqueConstraint("lookup", name=op.f("uq_letter_code_lookup")),
    )
    op.create_index("ix_letter_code_letter", "letter_code", ["creditor_id", "letter_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_task_creditor_id_claim_id")
        ),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_task_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index("ix_task_open", "task", ["creditor_id", "done_at"], unique=False)


def downgrade() -> None:
    """The tables are gone, with everything in them."""
    op.drop_table("task")
    op.drop_table("letter_code")
    op.drop_table("event")
    op.drop_table("signed_in")
    op.drop_table("draft")
    op.drop_table("throttle")
    op.drop_table("job")
