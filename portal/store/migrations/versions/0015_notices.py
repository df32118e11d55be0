"""E-mails that wait to go out, and addresses that wait for their code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """People can be told by e-mail, if they asked for it and the address is theirs."""
    op.add_column("debtor", sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "contact_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"],
            ["claim.creditor_id", "claim.id"],
            name=op.f("fk_contact_code_creditor_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "debtor_id"],
            ["debtor.creditor_id", "debtor.id"],
            name=op.f("fk_contact_code_creditor_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_contact_code_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_code")),
    )
    op.create_index("ix_contact_code_debtor", "contact_code", ["creditor_id", "debtor_id", "asked_at"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=True),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("once", sa.String(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed', 'dropped')", name=op.f("ck_notice_state")),
        sa.CheckConstraint("(debtor_id IS NULL) <> (clerk_id IS NULL)", name=op.f("ck_notice_whom")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_notice_creditor_id_claim_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"], name=op.f("fk_notice_creditor_id_clerk_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "debtor_id"],
            ["debtor.creditor_id", "debtor.id"],
            name=op.f("fk_notice_creditor_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_notice_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notice_message_id")),
        sa.UniqueConstraint("once", name=op.f("uq_notice_once")),
    )
    op.create_index("ix_notice_debtor", "notice", ["creditor_id", "debtor_id", "created_at"], unique=False)


def downgrade() -> None:
    """Nobody is told by e-mail any more."""
    op.drop_index("ix_notice_debtor", table_name="notice")
    op.drop_table("notice")
    op.drop_index("ix_contact_code_debtor", table_name="contact_code")
    op.drop_table("contact_code")
    op.drop_column("debtor", "email_confirmed_at")
