"""Lines follow a statutory table of rates or are credits; what a creditor entered itself; whose turn it was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('principal', 'contract_interest', 'default_interest', 'reminder_fee', 'damage', "
    "'agency_cost', 'enforcement_cost', 'court_cost'"
)
INTEREST = "kind NOT IN ('contract_interest', 'default_interest') OR "
BEFORE = {
    "kind": KINDS + ")",
    "claimed": "claimed_minor >= 0",
    "interest": INTEREST + "(rate_percent IS NOT NULL AND interest_from IS NOT NULL AND interest_reason IS NOT NULL)",
}
AFTER = {
    "kind": KINDS + ", 'credit')",
    "claimed": "(kind = 'credit' AND claimed_minor < 0) OR (kind <> 'credit' AND claimed_minor >= 0)",
    "interest": INTEREST + "((rate_percent IS NULL) <> (rate_table IS NULL) "
    "AND interest_from IS NOT NULL AND interest_reason IS NOT NULL)",
}


def upgrade() -> None:
    """A claim where somebody waits for the creditor waits since the day on which it began."""
    op.create_table(
        "rate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("table_key", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("percent", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("from_on < until_on", name=op.f("ck_rate_days")),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_rate_creditor_id")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"], ["clerk.creditor_id", "clerk.id"], name=op.f("fk_rate_creditor_id_clerk_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_rate_creditor_id_id")),
    )
    op.create_index("ix_rate_table", "rate", ["creditor_id", "table_key"], unique=False)
    op.create_table(
        "turn",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"], ["claim.creditor_id", "claim.id"], name=op.f("fk_turn_creditor_id_claim_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_turn_creditor_id_id")),
    )
    op.create_index("ix_turn_claim", "turn", ["creditor_id", "claim_id"], unique=False)
    op.create_index(
        "uq_turn_open",
        "turn",
        ["creditor_id", "claim_id"],
        unique=True,
        sqlite_where=sa.text("until_on IS NULL"),
        postgresql_where=sa.text("until_on IS NULL"),
    )
    op.execute(
        "INSERT INTO turn (id, creditor_id, claim_id, from_on) "
        "SELECT id, creditor_id, id, date(waiting_since) FROM claim WHERE waiting_since IS NOT NULL"
    )
    with op.batch_alter_table("position") as position:
        position.add_column(sa.Column("rate_table", sa.String(), nullable=True))
        for name, check in AFTER.items():
            position.drop_constraint(op.f(f"ck_position_{name}"), type_="check")
            position.create_check_constraint(op.f(f"ck_position_{name}"), sa.text(check))


def downgrade() -> None:
    """Refused by the database while a line follows a table or is a credit."""
    with op.batch_alter_table("position") as position:
        for name, check in BEFORE.items():
            position.drop_constraint(op.f(f"ck_position_{name}"), type_="check")
            position.create_check_constraint(op.f(f"ck_position_{name}"), sa.text(check))
        position.drop_column("rate_table")
    op.drop_table("turn")
    op.drop_table("rate")
