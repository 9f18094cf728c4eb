"""Shops that sell cards for us: their sign-in, and what they sold."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint

from central.storage.tables.columns import (
    is_not_negative,
    is_one_of,
    is_positive,
    key,
    row_number,
    table,
    text,
    text_or_none,
    whole,
)

# `limit_minor`: what a shop may owe us at most.
SHOP = table(
    "shop",
    row_number(),
    text("login"),
    text("name"),
    text("password_hash"),
    whole("limit_minor"),
    text("made_at"),
    text_or_none("left_at"),
    UniqueConstraint("login"),
    is_not_negative("limit_minor"),
)

SHOP_SESSION = table(
    "shop_session",
    key("fingerprint"),
    whole("shop_id", ForeignKey("shop.id")),
    text("ends_at"),
    Index("shop_session_shop", "shop_id"),
)

# Money that a shop took for a card: with `kind` sale the card was blank before. `voided_at`: when it was
# taken back.
SHOP_SALE = table(
    "shop_sale",
    key("reference"),
    whole("shop_id", ForeignKey("shop.id")),
    text("number"),
    text("kind"),
    whole("amount_minor"),
    text("at"),
    text_or_none("voided_at"),
    is_one_of("kind", "sale", "load"),
    is_positive("amount_minor"),
    Index("shop_sale_shop", "shop_id"),
)
