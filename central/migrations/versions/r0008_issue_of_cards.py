"""Blank cards, numbers that are dead, the last day of a card, and what points confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("card", sa.Column("expires_on", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "blank_card",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("batch", sa.Text, nullable=False),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("taken_at", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_blank_card"),
        sqlite_strict=True,
    )
    op.create_index("blank_card_batch", "blank_card", ["batch"])
    op.create_table(
        "card_successor",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("newest", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_card_successor"),
        sqlite_strict=True,
    )
    op.create_index("card_successor_newest", "card_successor", ["newest"])
    op.create_table(
        "point_list",
        sa.Column("point", sa.Text, nullable=False),
        sa.Column("version", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("point", name="pk_point_list"),
        sqlite_strict=True,
    )
