"""What Stripe's own books say, how far they were compared with ours, what was found, and payouts in the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = (
    "claimed", "interest", "payment", "refund", "chargeback", "fee", "waiver", "credit", "rest_dropped", "allocation",
    "reversal", "suspense",
)  # fmt: skip
FINDINGS = (
    "foreign_money", "difference", "other_movement", "payout_sum", "payout_failed", "payout_not_seen", "ledger_rule",
    "file_missing",
)  # fmt: skip


def one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def entry_kinds(words: tuple[str, ...]) -> None:
    """SQLite builds the table anew and keeps no check by itself; PostgreSQL changes the one there is."""
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("entry") as table:
            table.create_check_constraint("kind", one_of("kind", words))
        return
    op.drop_constraint("kind", "entry", type_="check")
    op.create_check_constraint("kind", "entry", one_of("kind", words))


def upgrade() -> None:
    """Movements, payouts, cursors and findings can be kept; a payout is an entry; keys are found by their object."""
    op.create_table(
        "provider_movement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("payout_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_provider_movement_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_movement")),
    )
    op.create_index("ix_provider_movement_object", "provider_movement", ["creditor_id", "object_id"])
    op.create_index("ix_provider_movement_payout", "provider_movement", ["creditor_id", "payout_id"])
    op.create_table(
        "provider_payout",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("parts_minor", sa.BigInteger(), nullable=True),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.Column("bank_line", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_provider_payout_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_payout")),
        sa.UniqueConstraint("bank_line", name=op.f("uq_provider_payout_bank_line")),
    )
    op.create_index("ix_provider_payout_open", "provider_payout", ["creditor_id", "seen_on"])
    op.create_table(
        "reconciliation_cursor",
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("loop", sa.String(), nullable=False),
        sa.Column("reached_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_reconciliation_cursor_creditor_id")),
        sa.PrimaryKeyConstraint("creditor_id", "loop", name=op.f("pk_reconciliation_cursor")),
        sa.CheckConstraint(one_of("loop", ("events", "balance", "ledger")), name="loop"),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_finding_creditor_id")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "owner_id"], ["clerk.creditor_id", "clerk.id"], name=op.f("fk_finding_creditor_id_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "done_by"], ["clerk.creditor_id", "clerk.id"], name=op.f("fk_finding_creditor_id_done_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("creditor_id", "kind", "object_id", name=op.f("uq_finding_creditor_id_kind_object_id")),
        sa.CheckConstraint(one_of("kind", FINDINGS), name="kind"),
    )
    op.create_index("ix_finding_open", "finding", ["creditor_id", "done_at"])
    entry_kinds((*KINDS, "payout"))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("entry", "idem_key", type_=sa.String(collation="C"))


def downgrade() -> None:
    """As before; entries that are payouts stand in the way."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("entry", "idem_key", type_=sa.String())
    entry_kinds(KINDS)
    for table in ("finding", "reconciliation_cursor", "provider_payout", "provider_movement"):
        op.drop_table(table)
