"""A creditor's own look of the letters, and what they say in its own words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LOGO = "(logo IS NULL) = (logo_width IS NULL) AND (logo IS NULL) = (logo_height IS NULL)"


def upgrade() -> None:
    """Whoever has no row here has the letters that come with the portal."""
    op.create_table(
        "letter_look",
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_width", sa.Integer(), nullable=True),
        sa.Column("logo_height", sa.Integer(), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("\"window\" IN ('', 'right', 'left')", name=op.f("ck_letter_look_window")),
        sa.CheckConstraint(LOGO, name=op.f("ck_letter_look_logo")),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_letter_look_creditor_id")),
        sa.PrimaryKeyConstraint("creditor_id", name=op.f("pk_letter_look")),
    )
    op.create_table(
        "letter_text",
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_letter_text_creditor_id")),
        sa.PrimaryKeyConstraint("creditor_id", "language", "part", name=op.f("pk_letter_text")),
    )


def downgrade() -> None:
    """Letters say again what comes with the portal."""
    op.drop_table("letter_text")
    op.drop_table("letter_look")
