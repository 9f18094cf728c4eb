"""Shops that sell cards."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _shop(table: str) -> sa.Column[Any]:
    key = sa.ForeignKey("shop.id", name=f"{table}_shop_id_of_shop")
    return sa.Column("shop_id", _WHOLE, key, nullable=False)


def upgrade() -> None:
    op.create_table(
        "shop",
        sa.Column("id", _WHOLE, autoincrement=True, nullable=False),
        _text("login"),
        _text("name"),
        _text("password_hash"),
        sa.Column("limit_minor", _WHOLE, nullable=False),
        _text("made_at"),
        sa.Column("left_at", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_shop"),
        sa.UniqueConstraint("login", name="shop_login_once"),
        sa.CheckConstraint("limit_minor >= 0", name=op.f("shop_limit_minor")),
        sqlite_strict=True,
    )
    op.create_table(
        "shop_session",
        _text("fingerprint"),
        _shop("shop_session"),
        _text("ends_at"),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_shop_session"),
        sqlite_strict=True,
    )
    op.create_index("shop_session_shop", "shop_session", ["shop_id"])
    op.create_table(
        "shop_sale",
        _text("reference"),
        _shop("shop_sale"),
        _text("number"),
        _text("kind"),
        sa.Column("amount_minor", _WHOLE, nullable=False),
        _text("at"),
        sa.PrimaryKeyConstraint("reference", name="pk_shop_sale"),
        sa.CheckConstraint("kind IN ('sale', 'load')", name=op.f("shop_sale_kind")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("shop_sale_amount_minor")),
        sqlite_strict=True,
    )
    op.create_index("shop_sale_shop", "shop_sale", ["shop_id"])
