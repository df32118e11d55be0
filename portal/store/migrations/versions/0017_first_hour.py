"""A firm's first hour, an account that waits for a second person, mails that came back, and a question put away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATE = "ck_notice_state"


def upgrade() -> None:
    """Nobody has put anything away yet, and no mail came back."""
    op.create_table(
        "set_up_mark",
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"],
            ["clerk.creditor_id", "clerk.id"],
            name=op.f("fk_set_up_mark_creditor_id_clerk_id"),
        ),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_set_up_mark_creditor_id")),
        sa.PrimaryKeyConstraint("creditor_id", "step", name=op.f("pk_set_up_mark")),
    )
    op.create_table(
        "account_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("qr_iban", sa.String(), nullable=True),
        sa.Column("bic", sa.String(), nullable=True),
        sa.Column("sepa", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("taken", sa.Boolean(), nullable=True),
        sa.Column("former_iban", sa.String(), nullable=True),
        sa.Column("former_qr_iban", sa.String(), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (taken IS NULL)", name=op.f("ck_account_change_decided")),
        sa.CheckConstraint(
            "taken IS NULL OR NOT taken OR decided_by <> asked_by", name=op.f("ck_account_change_second")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "asked_by"],
            ["clerk.creditor_id", "clerk.id"],
            name=op.f("fk_account_change_creditor_id_asked_by"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "decided_by"],
            ["clerk.creditor_id", "clerk.id"],
            name=op.f("fk_account_change_creditor_id_decided_by"),
        ),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_account_change_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_change")),
    )
    op.create_index("ix_account_change_asked", "account_change", ["creditor_id", "asked_at"])
    op.add_column("debtor", sa.Column("contact_put_away_at", MOMENT, nullable=True))
    with op.batch_alter_table("notice") as notice:
        notice.drop_constraint(op.f(STATE), type_="check")
        notice.create_check_constraint(op.f(STATE), "state IN ('waiting', 'sent', 'failed', 'bounced', 'dropped')")


def downgrade() -> None:
    """Mails that came back count as not delivered."""
    op.execute("UPDATE notice SET state = 'failed' WHERE state = 'bounced'")
    with op.batch_alter_table("notice") as notice:
        notice.drop_constraint(op.f(STATE), type_="check")
        notice.create_check_constraint(op.f(STATE), "state IN ('waiting', 'sent', 'failed', 'dropped')")
    op.drop_column("debtor", "contact_put_away_at")
    op.drop_index("ix_account_change_asked", table_name="account_change")
    op.drop_table("account_change")
    op.drop_table("set_up_mark")
