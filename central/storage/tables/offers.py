"""Promotions and the programme's numbers, as people change them while the system runs."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text

from central.storage.tables.columns import (
    is_flag,
    row_number,
    table,
    text,
    text_or_none,
    whole,
    whole_or_none,
)

PROMOTION = table(
    "promotion",
    Column("name", Text, primary_key=True),
    text("document"),
    whole("is_ended", default=0),
    whole("place", default=0),  # in the order in which they were made
    is_flag("is_ended"),
)

PROGRAMME_VALUE = table(
    "programme_value",
    Column("name", Text, primary_key=True),
    whole("value"),
    CheckConstraint("value >= 0", "value"),
)

# What points are exchanged for. `stock`: how many there are in all; what is left is counted.
PACK = table(
    "pack",
    row_number(),
    text("name"),
    text("about"),
    whole("points"),
    whole("stock"),
    whole("is_ended", default=0),
    CheckConstraint("points > 0", "points"),
    CheckConstraint("stock >= 0", "stock"),
    is_flag("is_ended"),
)

PACK_ORDER = table(
    "pack_order",
    Column("reference", Text, primary_key=True),
    whole("pack_id", ForeignKey("pack.id")),
    text("number"),
    whole_or_none("member_id"),
    whole("points"),
    text("at"),
    text("state"),
    text_or_none("closed_at"),
    CheckConstraint("state IN ('ordered', 'sent', 'cancelled')", "state"),
    Index("pack_order_pack", "pack_id"),
    Index("pack_order_number", "number"),
)
