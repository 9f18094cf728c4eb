"""Promotions and the programme's numbers, as people change them while the system runs."""

from sqlalchemy import ForeignKey, Index

from central.storage.tables.columns import (
    is_flag,
    is_not_negative,
    is_one_of,
    is_positive,
    key,
    row_number,
    table,
    text,
    text_or_none,
    whole,
    whole_or_none,
)

PROMOTION = table(
    "promotion",
    key("name"),
    text("document"),
    whole("is_ended", default=0),
    whole("place", default=0),  # in the order in which they were made
    is_flag("is_ended"),
)

PROGRAMME_VALUE = table(
    "programme_value",
    key("name"),
    whole("value"),
    is_not_negative("value"),
)

# What points are exchanged for. `words`: JSON, name and about of each language. `stock`: how many there are in all; what is left is counted.
PACK = table(
    "pack",
    row_number(),
    text("name"),
    text("about"),
    text("words", default="{}"),
    whole("points"),
    whole("stock"),
    whole("is_ended", default=0),
    is_positive("points"),
    is_not_negative("stock"),
    is_flag("is_ended"),
)

PACK_ORDER = table(
    "pack_order",
    key("reference"),
    whole("pack_id", ForeignKey("pack.id")),
    text("number"),
    whole_or_none("member_id"),
    whole("points"),
    text("at"),
    text("state"),
    text_or_none("closed_at"),
    is_one_of("state", "ordered", "sent", "cancelled"),
    Index("pack_order_pack", "pack_id"),
    Index("pack_order_number", "number"),
)
