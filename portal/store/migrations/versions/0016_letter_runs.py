"""Letters that are printed together, the files they stand in, and when they went to the post."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = "'draft', 'printing', 'printed', 'failed', 'posted', 'revoked'"


def upgrade() -> None:
    """A run has a row before its first letter; what was printed before belongs to none."""
    op.create_table(
        "letter_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("printed_at", MOMENT, nullable=True),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("posted_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("files_gone_at", MOMENT, nullable=True),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_letter_run_state")),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_letter_run_creditor_id")),
        sa.ForeignKeyConstraint(
            ["creditor_id", "clerk_id"],
            ["clerk.creditor_id", "clerk.id"],
            name=op.f("fk_letter_run_creditor_id_clerk_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_run")),
        sa.UniqueConstraint("creditor_id", "id", name=op.f("uq_letter_run_creditor_id_id")),
    )
    op.create_index("ix_letter_run_asked", "letter_run", ["creditor_id", "asked_at"])
    op.create_table(
        "letter_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["creditor_id", "run_id"],
            ["letter_run.creditor_id", "letter_run.id"],
            name=op.f("fk_letter_file_creditor_id_run_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_file")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_letter_file_run_id_number")),
    )
    op.create_table(
        "letter_pick",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("held", sa.String(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["creditor_id", "claim_id"],
            ["claim.creditor_id", "claim.id"],
            name=op.f("fk_letter_pick_creditor_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id", "run_id"],
            ["letter_run.creditor_id", "letter_run.id"],
            name=op.f("fk_letter_pick_creditor_id_run_id"),
        ),
        sa.PrimaryKeyConstraint("run_id", "claim_id", name=op.f("pk_letter_pick")),
    )
    op.create_index("ix_letter_pick_claim", "letter_pick", ["creditor_id", "claim_id"])
    for name, kind in (
        ("run_id", sa.Uuid()),
        ("file_id", sa.Uuid()),
        ("place", sa.Integer()),
        ("posted_on", sa.Date()),
    ):
        op.add_column("letter", sa.Column(name, kind, nullable=True))
    op.create_index(
        "ix_letter_run",
        "letter",
        ["creditor_id", "run_id"],
        sqlite_where=sa.text("run_id IS NOT NULL"),
        postgresql_where=sa.text("run_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Nobody knows which letters were printed together; the letters stay."""
    op.drop_index("ix_letter_run", table_name="letter")
    for name in ("posted_on", "place", "file_id", "run_id"):
        op.drop_column("letter", name)
    op.drop_index("ix_letter_pick_claim", table_name="letter_pick")
    op.drop_table("letter_pick")
    op.drop_table("letter_file")
    op.drop_index("ix_letter_run_asked", table_name="letter_run")
    op.drop_table("letter_run")
