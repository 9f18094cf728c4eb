"""Experience packs that points are exchanged for, and who ordered which."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pack",
        sa.Column("id", _WHOLE, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("points", _WHOLE, nullable=False),
        sa.Column("stock", _WHOLE, nullable=False),
        sa.Column("is_ended", _WHOLE, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id", name="pk_pack"),
        sa.CheckConstraint("points > 0", name=op.f("pack_points")),
        sa.CheckConstraint("stock >= 0", name=op.f("pack_stock")),
        sa.CheckConstraint("is_ended IN (0, 1)", name=op.f("pack_is_ended")),
        sqlite_strict=True,
    )
    op.create_table(
        "pack_order",
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column(
            "pack_id",
            _WHOLE,
            sa.ForeignKey("pack.id", name="pack_order_pack_id_of_pack"),
            nullable=False,
        ),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("member_id", _WHOLE, nullable=True),
        sa.Column("points", _WHOLE, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("closed_at", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("reference", name="pk_pack_order"),
        sa.CheckConstraint(
            "state IN ('ordered', 'sent', 'cancelled')", name=op.f("pack_order_state")
        ),
        sqlite_strict=True,
    )
    op.create_index("pack_order_pack", "pack_order", ["pack_id"])
    op.create_index("pack_order_number", "pack_order", ["number"])
